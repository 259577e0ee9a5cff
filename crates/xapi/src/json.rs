//! JSON as a tree that loses nothing: order and duplicates of members, and the exact text of numbers.
//!
//! For the cold paths (listing violations, comparing, rendering `ids` and `canonical`). The hot path reads
//! statements with serde and never builds a tree.

use std::borrow::Cow;
use std::fmt;

use serde_json::value::RawValue;

#[cfg(test)]
pub(crate) mod tests;

/// A JSON value. Strings are borrowed from the text unless they hold escapes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node<'a> {
    Null,
    Bool(bool),
    /// The number as it was written.
    Number(&'a str),
    String(Cow<'a, str>),
    Array(Vec<Node<'a>>),
    /// Members in the order written; a name may occur more than once.
    Object(Vec<(Cow<'a, str>, Node<'a>)>),
}

/// Why a text is not JSON, and where. Line and column count from 1; a column counts bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    pub line: usize,
    pub column: usize,
    pub message: String,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            line,
            column,
            message,
        } = self;
        write!(f, "{message} at line {line} column {column}")
    }
}

impl std::error::Error for Error {}

impl<'a> Node<'a> {
    /// Reads a whole JSON text. An array or object inside `depth_max` others is refused.
    ///
    /// # Errors
    /// When `text` is not exactly one JSON value, is nested too deeply, or a string is no Unicode text.
    pub fn parse(text: &'a str, depth_max: usize) -> Result<Self, Error> {
        // serde_json checks the grammar without recursion; the walk below relies on it.
        let checked: &'a RawValue = serde_json::from_str(text).map_err(|e| syntax_error(&e))?;
        let mut walk = Walk {
            text: checked.get(),
            at: 0,
        };
        walk.value(depth_max).map_err(|(at, message)| {
            let start = checked.get().as_ptr() as usize - text.as_ptr() as usize;
            error_at(text, start + at, message)
        })
    }

    /// Writes the value without white space, numbers as they were written.
    pub fn write(&self, out: &mut String) {
        match self {
            Node::Null => out.push_str("null"),
            Node::Bool(true) => out.push_str("true"),
            Node::Bool(false) => out.push_str("false"),
            Node::Number(text) => out.push_str(text),
            Node::String(text) => write_string(text, out),
            Node::Array(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    item.write(out);
                }
                out.push(']');
            }
            Node::Object(members) => {
                out.push('{');
                for (index, (name, value)) in members.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    write_string(name, out);
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }

    #[must_use]
    pub fn to_text(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    /// The first member of this name; `None` too when this is no object.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Node<'a>> {
        self.as_object()?
            .iter()
            .find(|(member, _)| member == name)
            .map(|(_, value)| value)
    }

    #[must_use]
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Node<'a>> {
        match self {
            Node::Object(members) => members
                .iter_mut()
                .find(|(member, _)| member == name)
                .map(|(_, value)| value),
            Node::Null | Node::Bool(_) | Node::Number(_) | Node::String(_) | Node::Array(_) => None,
        }
    }

    /// Takes out every member of this name; the first one is returned.
    pub fn remove(&mut self, name: &str) -> Option<Node<'a>> {
        let Node::Object(members) = self else {
            return None;
        };
        let mut removed = None;
        while let Some(index) = members.iter().position(|(member, _)| member == name) {
            let (_, value) = members.remove(index);
            removed.get_or_insert(value);
        }
        removed
    }

    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Node::String(text) => Some(text),
            Node::Null | Node::Bool(_) | Node::Number(_) | Node::Array(_) | Node::Object(_) => None,
        }
    }

    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Node::Bool(value) => Some(*value),
            Node::Null | Node::Number(_) | Node::String(_) | Node::Array(_) | Node::Object(_) => {
                None
            }
        }
    }

    /// The text of a number.
    #[must_use]
    pub fn as_number(&self) -> Option<&'a str> {
        match self {
            Node::Number(text) => Some(text),
            Node::Null | Node::Bool(_) | Node::String(_) | Node::Array(_) | Node::Object(_) => None,
        }
    }

    #[must_use]
    pub fn as_array(&self) -> Option<&[Node<'a>]> {
        match self {
            Node::Array(items) => Some(items),
            Node::Null | Node::Bool(_) | Node::Number(_) | Node::String(_) | Node::Object(_) => {
                None
            }
        }
    }

    #[must_use]
    pub fn as_object(&self) -> Option<&[(Cow<'a, str>, Node<'a>)]> {
        match self {
            Node::Object(members) => Some(members),
            Node::Null | Node::Bool(_) | Node::Number(_) | Node::String(_) | Node::Array(_) => None,
        }
    }

    /// What kind of value this is, for messages: `null`, `boolean`, `number`, `string`, `array`, `object`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Node::Null => "null",
            Node::Bool(_) => "boolean",
            Node::Number(_) => "number",
            Node::String(_) => "string",
            Node::Array(_) => "array",
            Node::Object(_) => "object",
        }
    }
}

/// Writes a JSON string with its quotes.
pub fn write_string(text: &str, out: &mut String) {
    if text.bytes().any(|b| b < 0x20 || b == b'"' || b == b'\\') {
        out.push_str(&serde_json::to_string(text).expect("a string always has a JSON form"));
        return;
    }
    out.push('"');
    out.push_str(text);
    out.push('"');
}

/// Appends `/name` to a JSON pointer (RFC 6901).
#[must_use]
pub fn pointer(parent: &str, name: &str) -> String {
    let mut pointer = String::with_capacity(parent.len() + name.len() + 1);
    pointer.push_str(parent);
    pointer.push('/');
    for c in name.chars() {
        match c {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            c => pointer.push(c),
        }
    }
    pointer
}

/// A cursor over text that is known to be one valid JSON value.
struct Walk<'a> {
    text: &'a str,
    at: usize,
}

/// Offset and message.
type Refusal = (usize, String);

impl<'a> Walk<'a> {
    /// The next byte that is no white space; 0 at the end.
    fn peek(&mut self) -> u8 {
        let bytes = self.text.as_bytes();
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = bytes.get(self.at) {
            self.at += 1;
        }
        bytes.get(self.at).copied().unwrap_or_default()
    }

    fn value(&mut self, depth_left: usize) -> Result<Node<'a>, Refusal> {
        match self.peek() {
            b'{' => self.object(depth_left),
            b'[' => self.array(depth_left),
            b'"' => self.string().map(Node::String),
            b'n' => Ok(self.literal(4, Node::Null)),
            b't' => Ok(self.literal(4, Node::Bool(true))),
            b'f' => Ok(self.literal(5, Node::Bool(false))),
            _ => Ok(Node::Number(self.number())),
        }
    }

    fn literal(&mut self, length: usize, node: Node<'a>) -> Node<'a> {
        self.at += length;
        node
    }

    fn number(&mut self) -> &'a str {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let end = rest
            .find(|c: char| !matches!(c, '0'..='9' | '+' | '-' | '.' | 'e' | 'E'))
            .unwrap_or(rest.len());
        self.at += end;
        rest.get(..end).unwrap_or_default()
    }

    fn string(&mut self) -> Result<Cow<'a, str>, Refusal> {
        let start = self.at;
        let bytes = self.text.as_bytes();
        let mut escaped = false;
        let mut end = start + 1;
        while let Some(&byte) = bytes.get(end) {
            match byte {
                b'"' => break,
                b'\\' => {
                    escaped = true;
                    end += 2;
                }
                _ => end += 1,
            }
        }
        self.at = end + 1;
        if !escaped {
            return Ok(Cow::Borrowed(
                self.text.get(start + 1..end).unwrap_or_default(),
            ));
        }
        let quoted = self.text.get(start..self.at).unwrap_or_default();
        serde_json::from_str(quoted)
            .map(Cow::Owned)
            .map_err(|e| (start, syntax_error(&e).message))
    }

    fn array(&mut self, depth_left: usize) -> Result<Node<'a>, Refusal> {
        let depth_left = self.enter(depth_left)?;
        let mut items = Vec::new();
        while self.peek() != b']' {
            items.push(self.value(depth_left)?);
            self.skip(b',');
        }
        self.at += 1;
        Ok(Node::Array(items))
    }

    fn object(&mut self, depth_left: usize) -> Result<Node<'a>, Refusal> {
        let depth_left = self.enter(depth_left)?;
        let mut members = Vec::new();
        while self.peek() != b'}' {
            let name = self.string()?;
            self.skip(b':');
            members.push((name, self.value(depth_left)?));
            self.skip(b',');
        }
        self.at += 1;
        Ok(Node::Object(members))
    }

    fn enter(&mut self, depth_left: usize) -> Result<usize, Refusal> {
        let left = depth_left
            .checked_sub(1)
            .ok_or_else(|| (self.at, "nested too deeply".to_owned()))?;
        self.at += 1;
        Ok(left)
    }

    fn skip(&mut self, byte: u8) {
        if self.peek() == byte {
            self.at += 1;
        }
    }
}

fn syntax_error(e: &serde_json::Error) -> Error {
    let text = e.to_string();
    // serde_json appends the position to its message; here it stands in fields of its own.
    let message = text.rsplit_once(" at line ").map_or(&*text, |(m, _)| m);
    Error {
        line: e.line(),
        column: e.column(),
        message: message.to_owned(),
    }
}

fn error_at(text: &str, at: usize, message: String) -> Error {
    let before = text.get(..at).unwrap_or(text);
    Error {
        line: before.matches('\n').count() + 1,
        column: at - before.rfind('\n').map_or(0, |newline| newline + 1) + 1,
        message,
    }
}
