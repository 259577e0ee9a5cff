//! Paths of our own APIs: matched whole against templates whose segments in braces stand for any text.

use percent_encoding::percent_decode_str;

/// The route of a path that is still encoded, and what stands in its braces, decoded. Segments are told apart before
/// they are decoded, once: an id may hold slashes, and no encoding makes another path of one.
pub fn find<R: Copy>(
    path: &str,
    routes: &[R],
    template: fn(R) -> &'static str,
) -> Option<(R, Vec<String>)> {
    let segments: Vec<String> = path
        .strip_prefix('/')?
        .split('/')
        .map(segment)
        .collect::<Option<_>>()?;
    routes
        .iter()
        .find_map(|route| Some((*route, fit(template(*route), &segments)?)))
}

/// What stands in the braces, in their order.
fn fit(template: &str, segments: &[String]) -> Option<Vec<String>> {
    let template = template.split('/').skip(1);
    if template.clone().count() != segments.len() {
        return None;
    }
    let mut filled = Vec::new();
    for (wanted, got) in template.zip(segments) {
        if wanted.starts_with('{') {
            filled.push(got.clone());
        } else if wanted != got {
            return None;
        }
    }
    Some(filled)
}

fn segment(encoded: &str) -> Option<String> {
    let decoded = percent_decode_str(encoded).decode_utf8().ok()?;
    match &*decoded {
        "" | "." | ".." => None,
        text => Some(text.to_owned()),
    }
}
