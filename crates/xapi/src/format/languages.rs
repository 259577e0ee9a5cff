//! Which language of a map a reader wants: `Accept-Language` applied to one language map at a time
//! (Communication 2.1.3, RFC 4647 section 3).

use crate::json::Node;

/// What a reader accepts, the most wanted first. Empty when nothing was said.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Languages {
    ranges: Vec<Range>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Range {
    /// A language tag or a beginning of one in lower case, or `*`.
    tag: String,
    /// Thousandths; 0 is "not this one".
    quality: u16,
}

impl Languages {
    /// Reads the value of `Accept-Language`. What cannot be read in it is passed over: a header that only states
    /// a wish is no reason to refuse a request.
    #[must_use]
    pub fn parse(accept_language: &str) -> Self {
        let mut ranges: Vec<Range> = accept_language
            .split(',')
            .filter_map(Range::parse)
            .collect();
        // Stable: of equals the one named first.
        ranges.sort_by_key(|range| std::cmp::Reverse(range.quality));
        Self { ranges }
    }

    /// Leaves only the best entry in a language map. An empty map stays empty.
    pub(super) fn choose(&self, map: &mut Node<'_>) {
        let Node::Object(entries) = map else {
            return;
        };
        let tags: Vec<&str> = entries.iter().map(|(tag, _)| &**tag).collect();
        if let Some(best) = self.best(&tags) {
            let entry = entries.swap_remove(best);
            *entries = vec![entry];
        }
    }

    /// The index of the tag to show; `None` only when there is no tag.
    fn best(&self, tags: &[&str]) -> Option<usize> {
        let lower: Vec<String> = tags.iter().map(|tag| tag.to_ascii_lowercase()).collect();
        let position = |wanted: &dyn Fn(&str) -> bool| {
            lower
                .iter()
                .position(|tag| wanted(tag) && !self.excludes(tag))
        };
        let wanted = self.ranges.iter().filter(|range| range.quality > 0);
        wanted
            .clone()
            .find_map(|range| {
                if range.tag == "*" {
                    return position(&|tag| !self.names(tag));
                }
                position(&|tag| tag == range.tag)
                    .or_else(|| position(&|tag| begins_with(tag, &range.tag)))
                    .or_else(|| shorter(&range.tag).find_map(|cut| position(&|tag| tag == cut)))
            })
            .or_else(|| {
                // Another region's variety is better than another language.
                wanted
                    .filter(|range| range.tag != "*")
                    .find_map(|range| position(&|tag| primary(tag) == primary(&range.tag)))
            })
            .or_else(|| position(&|tag| tag == "und"))
            .or_else(|| position(&|_| true))
            .or(if tags.is_empty() { None } else { Some(0) })
    }

    /// Whether the range that says most about this tag says no.
    fn excludes(&self, tag: &str) -> bool {
        self.ranges
            .iter()
            .filter(|range| range.tag == "*" || begins_with(tag, &range.tag))
            .max_by_key(|range| if range.tag == "*" { 0 } else { range.tag.len() })
            .is_some_and(|range| range.quality == 0)
    }

    fn names(&self, tag: &str) -> bool {
        self.ranges
            .iter()
            .any(|range| range.tag != "*" && begins_with(tag, &range.tag))
    }
}

impl Range {
    fn parse(element: &str) -> Option<Self> {
        let mut parts = element.split(';');
        let tag = parts.next()?.trim().to_ascii_lowercase();
        let mut quality = 1000;
        for parameter in parts {
            if let Some((name, value)) = parameter.split_once('=')
                && name.trim().eq_ignore_ascii_case("q")
            {
                quality = thousandths(value.trim())?;
            }
        }
        let plain = tag.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        (tag == "*" || (plain && !tag.is_empty())).then_some(Self { tag, quality })
    }
}

/// A quality value of RFC 9110 section 12.4.2, `0` to `1` with at most three decimals.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    if decimals.len() > 3 || !decimals.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let part: u16 = format!("{decimals:0<3}").parse().ok()?;
    match whole {
        "0" => Some(part),
        "1" if part == 0 => Some(1000),
        _ => None,
    }
}

/// Whether the range is the tag or ends at one of its hyphens (basic filtering).
fn begins_with(tag: &str, range: &str) -> bool {
    tag.strip_prefix(range)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

/// The range without its last subtag, again and again; a single-letter subtag goes with what follows it (lookup).
fn shorter(range: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(cut(range), |range| cut(range))
}

fn cut(range: &str) -> Option<&str> {
    let (rest, _) = range.rsplit_once('-')?;
    match rest.rsplit_once('-') {
        Some((before, single)) if single.len() == 1 => Some(before),
        Some(_) | None => Some(rest),
    }
}

fn primary(tag: &str) -> &str {
    tag.split_once('-').map_or(tag, |(language, _)| language)
}
