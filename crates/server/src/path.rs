//! Paths of our own APIs: matched whole against templates whose segments in braces stand for any text.

use lrs::requirement;
use percent_encoding::percent_decode_str;
use xapi::Violation;

use crate::refusal::Refusal;

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

/// A number in a path. `name` is what stands in the braces there.
///
/// # Errors
/// When it is none.
pub fn number(name: &str, text: &str) -> Result<u64, Refusal> {
    digits(text).ok_or_else(|| Violation::new(requirement::LAUNCH, name, "a number", text).into())
}

/// Digits alone: the standard library takes a plus as well.
#[must_use]
pub fn digits(text: &str) -> Option<u64> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}
