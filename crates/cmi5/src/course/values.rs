//! The simple types of the schema: what a value may be, and what it means without white space around it.

use xapi::lexical::decimal;

use super::any_uri::is_any_uri;
use super::structure::LaunchMethod;
use crate::launch::MoveOn;

/// The type of an attribute's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Value {
    AnyUri,
    Language,
    /// A decimal from 0 to 1.
    Score,
    MoveOn,
    LaunchMethod,
    String,
}

impl Value {
    /// Whether the schema takes the value as it is written.
    pub(super) fn takes(self, text: &str) -> bool {
        match self {
            Value::AnyUri => is_any_uri(&collapse(text)),
            Value::Language => is_language(&collapse(text)),
            Value::Score => score(text).is_some(),
            // An enumeration of strings: white space is part of the value.
            Value::MoveOn => MoveOn::parse(text).is_some(),
            Value::LaunchMethod => LaunchMethod::parse(text).is_some(),
            Value::String => true,
        }
    }

    pub(super) fn expected(self) -> String {
        match self {
            Value::AnyUri => "a URI (xs:anyURI)".to_owned(),
            Value::Language => "a language tag (xs:language)".to_owned(),
            Value::Score => "a decimal number from 0 to 1".to_owned(),
            Value::MoveOn => one_of(&MoveOn::ALL.map(MoveOn::as_str)),
            Value::LaunchMethod => one_of(&LaunchMethod::ALL.map(LaunchMethod::as_str)),
            Value::String => "a string".to_owned(),
        }
    }
}

fn one_of(names: &[&str]) -> String {
    format!("one of `{}`", names.join("`, `"))
}

/// White space as XML knows it; a no-break space is text.
pub(super) fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
}

pub(super) fn trim(text: &str) -> &str {
    text.trim_matches(is_space)
}

/// Trims, and leaves one space for each run of white space.
pub(super) fn collapse(text: &str) -> String {
    let words: Vec<&str> = text
        .split(is_space)
        .filter(|word| !word.is_empty())
        .collect();
    words.join(" ")
}

/// The shape of `xs:language`: one to eight letters, then parts of one to eight letters or digits.
fn is_language(text: &str) -> bool {
    let mut parts = text.split('-');
    let first = parts.next().unwrap_or_default();
    let is_part = |part: &str, is_known: fn(&u8) -> bool| {
        (1..=8).contains(&part.len()) && part.as_bytes().iter().all(is_known)
    };
    is_part(first, u8::is_ascii_alphabetic)
        && parts.all(|part| is_part(part, u8::is_ascii_alphanumeric))
}

/// An `xs:decimal` from 0 to 1 as a JSON number: `+1`, `.5`, `1.` and `-0` are `1`, `0.5`, `1` and `0`. The digits
/// after the point stay as they are.
pub(super) fn score(text: &str) -> Option<String> {
    let text = trim(text);
    let (is_negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, text.get(1..)?),
        b'+' => (false, text.get(1..)?),
        _ => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let is_number = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len() + fraction.len() == 0 || !is_number(whole) || !is_number(fraction) {
        return None;
    }
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        whole => whole,
    };
    let number = match fraction {
        "" => whole.to_owned(),
        _ => format!("{whole}.{fraction}"),
    };
    let is_zero = decimal::compare(&number, "0").is_eq();
    (decimal::compare(&number, "1").is_le() && (is_zero || !is_negative)).then_some(number)
}
