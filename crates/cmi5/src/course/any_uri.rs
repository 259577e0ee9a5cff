//! `xs:anyURI`: a reference of RFC 3986 once the characters that a URI cannot hold are escaped.

use std::fmt::Write;

use xapi::lexical::iri;

/// Whether a collapsed text is an `xs:anyURI`. An empty text is one.
pub(super) fn is_any_uri(text: &str) -> bool {
    iri::is_reference(&escape(text))
}

/// The text with everything escaped that a URI cannot hold: what is not ASCII, control characters, the space and
/// ``<>"{}|\^` ``. Percent signs stay.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        let is_plain = c.is_ascii_graphic()
            && !matches!(c, '<' | '>' | '"' | '{' | '}' | '|' | '\\' | '^' | '`');
        if is_plain {
            escaped.push(c);
        } else {
            for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                // Writing to a String cannot fail.
                let _ = write!(escaped, "%{byte:02X}");
            }
        }
    }
    escaped
}
