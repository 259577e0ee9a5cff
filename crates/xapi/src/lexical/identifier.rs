//! What identifies statements, people and files: UUIDs, mailboxes, hashes.

use uuid::Uuid;

use super::iri;

/// Reads a UUID in standard string form: 36 characters, hyphens included (Data 4.4). Any version and any variant:
/// the specification only recommends RFC 4122's, and its own examples hold others.
#[must_use]
pub fn uuid(text: &str) -> Option<Uuid> {
    if text.len() == 36 {
        Uuid::try_parse(text).ok()
    } else {
        None
    }
}

/// Whether the text is `mailto:` and an address with something on both sides of an `@`, and an IRI (XAPI-00038).
#[must_use]
pub fn is_mbox(text: &str) -> bool {
    text.strip_prefix("mailto:")
        .and_then(|address| address.rsplit_once('@'))
        .is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty())
        && iri::is_iri(text)
}

/// Whether the text is a SHA-1 in hex, in either case.
#[must_use]
pub fn is_sha1(text: &str) -> bool {
    text.len() == 40 && is_hex(text)
}

/// Whether the text is a SHA-224, SHA-256, SHA-384 or SHA-512 in hex, in either case.
#[must_use]
pub fn is_sha2(text: &str) -> bool {
    matches!(text.len(), 56 | 64 | 96 | 128) && is_hex(text)
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_hexdigit())
}
