//! IRIs (RFC 3987), compared and kept byte for byte: never normalised, never resolved.

use oxiri::Iri;

/// Whether the text is an absolute IRI, scheme included.
#[must_use]
pub fn is_iri(text: &str) -> bool {
    is_plain_http(text) || Iri::parse(text).is_ok()
}

/// Whether the text begins with a scheme by RFC 3986 section 3.1, whatever follows it.
#[must_use]
pub fn has_scheme(text: &str) -> bool {
    let Some((scheme, _)) = text.split_once(':') else {
        return false;
    };
    scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
}

/// Nearly every IRI in statements is `http(s)://host/path#fragment` in plain ASCII: this sees so in one pass.
/// A `false` decides nothing.
fn is_plain_http(text: &str) -> bool {
    let Some(rest) = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"))
    else {
        return false;
    };
    let (before, fragment) = rest.split_once('#').unwrap_or((rest, ""));
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~' | b'/');
    !before.is_empty() && before.bytes().all(plain) && fragment.bytes().all(plain)
}
