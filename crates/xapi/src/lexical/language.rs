//! Language tags (RFC 5646): the shape of a tag, not whether its subtags are registered.

use oxilangtag::LanguageTag;

#[must_use]
pub fn is_tag(text: &str) -> bool {
    is_plain(text) || LanguageTag::parse(text).is_ok()
}

/// `en` and `en-US` are what statements hold; a `false` decides nothing.
fn is_plain(text: &str) -> bool {
    match text.as_bytes() {
        [a, b] => a.is_ascii_alphabetic() && b.is_ascii_alphabetic(),
        [a, b, b'-', c, d] => [a, b, c, d].iter().all(|b| b.is_ascii_alphabetic()),
        _ => false,
    }
}
