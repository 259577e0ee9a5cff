//! IRIs (RFC 3987), compared and kept byte for byte: never normalised, never resolved.

use oxiri::{Iri, IriRef};

/// Whether the text is an absolute IRI, scheme included.
#[must_use]
pub fn is_iri(text: &str) -> bool {
    is_plain_http(text) || Iri::parse(text).is_ok()
}

/// Whether the text is an IRI or a relative reference. The empty text is one.
#[must_use]
pub fn is_reference(text: &str) -> bool {
    is_plain_http(text) || IriRef::parse(text).is_ok()
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

/// Nearly every IRI in statements is `http(s)://host/path?query#fragment` in plain ASCII: this sees so in one pass.
/// A `false` decides nothing.
fn is_plain_http(text: &str) -> bool {
    let Some(rest) = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"))
    else {
        return false;
    };
    // At most one `#` and nothing that is not plain: no branches, for this runs over half of every statement.
    rest.bytes()
        .map(|byte| u64::from(COST[usize::from(byte)]))
        .sum::<u64>()
        <= 1
}

/// 0 for what RFC 3986 allows in hosts, paths, queries and fragments alike, 1 for `#`, 2 for the rest.
const COST: [u8; 256] = {
    let mut cost = [2; 256];
    let plain = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/?!$&'()*+,;=";
    let mut at = 0;
    while at < plain.len() {
        cost[plain[at] as usize] = 0;
        at += 1;
    }
    cost[b'#' as usize] = 1;
    cost
};
