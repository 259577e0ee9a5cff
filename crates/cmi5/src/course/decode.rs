//! From bytes to text: UTF-8 and UTF-16, with a byte order mark or without.

use std::borrow::Cow;

use xapi::Violation;

use super::requirement;

/// The text of a document without its byte order mark.
pub(super) fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, Box<Violation>> {
    match bytes {
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0, b'<', ..] => utf16(bytes, u16::from_be_bytes),
        [b'<', 0, ..] => utf16(bytes, u16::from_le_bytes),
        [0xEF, 0xBB, 0xBF, rest @ ..] => utf8(rest),
        _ => utf8(bytes),
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<Cow<'_, str>, Box<Violation>> {
    let pairs = bytes.chunks_exact(2);
    let is_whole = pairs.remainder().is_empty();
    let units = pairs.map(|pair| match *pair {
        [first, second] => unit([first, second]),
        _ => 0,
    });
    let text: Result<String, _> = char::decode_utf16(units).collect();
    match text {
        Ok(text) if is_whole => Ok(Cow::Owned(text)),
        _ => Err(Box::new(violation("UTF-16", "text that is not UTF-16"))),
    }
}

fn utf8(bytes: &[u8]) -> Result<Cow<'_, str>, Box<Violation>> {
    let declared = declared_encoding(bytes);
    let is_known = declared.as_ref().is_none_or(|name| {
        let name = name.to_ascii_lowercase();
        name == "utf-8" || (bytes.is_ascii() && is_ascii_superset(&name))
    });
    if !is_known {
        let got = declared.unwrap_or_default();
        return Err(Box::new(violation("UTF-8 or UTF-16", got)));
    }
    std::str::from_utf8(bytes)
        .map(Cow::Borrowed)
        .map_err(|e| Box::new(violation("UTF-8 or UTF-16", "neither").with_detail(e.to_string())))
}

/// Encodings that a document in plain ASCII may name.
fn is_ascii_superset(name: &str) -> bool {
    name == "us-ascii"
        || name == "ascii"
        || name.starts_with("iso-8859-")
        || name.starts_with("windows-125")
}

/// What the XML declaration says, if there is one and it says anything.
fn declared_encoding(bytes: &[u8]) -> Option<String> {
    let rest = bytes.strip_prefix(b"<?xml")?;
    let end = rest.windows(2).position(|pair| pair == b"?>")?;
    let declaration = String::from_utf8_lossy(rest.get(..end)?).into_owned();
    let (_, after) = declaration.split_once("encoding")?;
    let value = after.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let (name, _) = value.get(1..)?.split_once(quote)?;
    Some(name.to_owned())
}

fn violation(expected: &str, got: impl Into<String>) -> Violation {
    Violation::new(requirement::SCHEMA, "", expected, got)
}
