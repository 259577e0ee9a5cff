//! What is judged of an extension's value: that its strings are text, that no object in it has a member twice, and
//! how deep it nests.

use std::borrow::Cow;

/// Whether no two items have the same key.
pub(super) fn all_distinct<T>(items: &[T], key: for<'k> fn(&'k T) -> &'k str) -> bool {
    match items {
        [] | [_] => true,
        [one, two] => key(one) != key(two),
        many => {
            let mut keys: Vec<&str> = many.iter().map(key).collect();
            keys.sort_unstable();
            keys.is_sorted_by(|one, two| one < two)
        }
    }
}

/// Judges JSON text that a parser has accepted before. Linear in its length (but for sorting an object's keys).
pub(super) fn is_sound(text: &str, depth_max: usize) -> bool {
    match text.as_bytes() {
        [b'{' | b'[', ..] => {}
        [b'"', inside @ .., b'"'] if !inside.contains(&b'\\') => return true,
        [b'"', ..] => {}
        _ => return true,
    }
    // The keys of each object that is open; an array's list stays empty.
    let mut open: Vec<Vec<Cow<'_, str>>> = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '[', '"', '}', ']']) {
        let (sign, tail) = rest.split_at(at).1.split_at(1);
        rest = tail;
        match sign {
            "{" | "[" if open.len() == depth_max => return false,
            "{" | "[" => open.push(Vec::new()),
            "\"" => {
                let (string, tail) = split_string(rest);
                let Some(string) = unescape(string) else {
                    return false;
                };
                rest = tail;
                if let Some(keys) = open.last_mut()
                    && is_key(rest)
                {
                    keys.push(string);
                }
            }
            _ => {
                let keys = open.pop().unwrap_or_default();
                if !all_distinct(&keys, |key| key) {
                    return false;
                }
            }
        }
    }
    true
}

/// The inside of a string that has just begun, escapes kept, and what follows its closing quote.
fn split_string(text: &str) -> (&str, &str) {
    let mut escaped = false;
    let end = text.bytes().position(|b| {
        let closes = b == b'"' && !escaped;
        escaped = b == b'\\' && !escaped;
        closes
    });
    end.and_then(|end| Some((text.get(..end)?, text.get(end + 1..)?)))
        .unwrap_or((text, ""))
}

fn is_key(after: &str) -> bool {
    after
        .trim_start_matches([' ', '\t', '\n', '\r'])
        .starts_with(':')
}

/// `None` when an escape is half of a surrogate pair, which is no text.
fn unescape(string: &str) -> Option<Cow<'_, str>> {
    if string.contains('\\') {
        serde_json::from_str(&format!("\"{string}\""))
            .ok()
            .map(Cow::Owned)
    } else {
        Some(Cow::Borrowed(string))
    }
}
