//! Where the members of a JSON object stand in its text. For text that a parser has accepted already: nothing is
//! checked again, and text that is no JSON gives spans that mean nothing.

use std::borrow::Cow;
use std::ops::Range;

/// A member of an object, as byte ranges of the whole text.
#[derive(Debug, Clone)]
pub(super) struct Member<'a> {
    pub(super) name: Cow<'a, str>,
    /// From the quote of the name to the end of the value.
    pub(super) whole: Range<usize>,
    pub(super) value: Range<usize>,
}

/// The members of the object that begins at `start`; none when no object begins there.
pub(super) fn members(text: &str, start: usize) -> Vec<Member<'_>> {
    let bytes = text.as_bytes();
    let mut members = Vec::new();
    if bytes.get(start) != Some(&b'{') {
        return members;
    }
    let mut at = skip_space(bytes, start + 1);
    while bytes.get(at) == Some(&b'"') {
        let name = at..skip_string(bytes, at);
        let colon = skip_space(bytes, name.end);
        let value_start = skip_space(bytes, colon + 1);
        let value = value_start..skip_value(bytes, value_start);
        members.push(Member {
            name: decode(text.get(name.clone()).unwrap_or_default()),
            whole: name.start..value.end,
            value: value.clone(),
        });
        at = skip_space(bytes, value.end);
        if bytes.get(at) == Some(&b',') {
            at = skip_space(bytes, at + 1);
        }
    }
    members
}

/// The first byte at or after `at` that is no white space.
fn skip_space(bytes: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\n' | b'\r' | b'\t') = bytes.get(at) {
        at += 1;
    }
    at
}

/// The end of the innermost object or array that is open at `at`, which stands outside any string.
fn skip_to_close(bytes: &[u8], mut at: usize) -> usize {
    let mut open = 1usize;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => {
                at = skip_string(bytes, at);
                continue;
            }
            b'{' | b'[' => open += 1,
            b'}' | b']' => open -= 1,
            _ => {}
        }
        at += 1;
        if open == 0 {
            break;
        }
    }
    at
}

/// The end of the string whose opening quote stands at `at`.
fn skip_string(bytes: &[u8], at: usize) -> usize {
    let mut at = at + 1;
    while let Some(rest) = bytes.get(at..) {
        let Some(stop) = rest.iter().position(|b| matches!(b, b'"' | b'\\')) else {
            break;
        };
        at += stop + 1;
        match rest.get(stop) {
            Some(b'\\') => at += 1,
            Some(_) | None => return at,
        }
    }
    bytes.len()
}

fn skip_value(bytes: &[u8], at: usize) -> usize {
    match bytes.get(at) {
        Some(b'"') => skip_string(bytes, at),
        Some(b'{' | b'[') => skip_to_close(bytes, at + 1),
        Some(_) | None => {
            let rest = bytes.get(at..).unwrap_or_default();
            let length = rest
                .iter()
                .position(|b| matches!(b, b',' | b'}' | b']' | b' ' | b'\n' | b'\r' | b'\t'));
            at + length.unwrap_or(rest.len())
        }
    }
}

fn decode(quoted: &str) -> Cow<'_, str> {
    if quoted.contains('\\') {
        return Cow::Owned(serde_json::from_str(quoted).unwrap_or_default());
    }
    Cow::Borrowed(
        quoted
            .strip_prefix('"')
            .and_then(|name| name.strip_suffix('"'))
            .unwrap_or_default(),
    )
}
