//! `cmi5LearnerPreferences`, the agent profile document of a learner's preferences (section 11).

use serde_json::Value;
use xapi::Violation;
use xapi::lexical::language;

use crate::rule::{self, Rule};

#[cfg(test)]
mod tests;

/// Everything that is wrong with the document as it will be stored. An empty preference says that there is none.
#[must_use]
pub fn check(document: &[u8], content_type: &str) -> Vec<(&'static Rule, Violation)> {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        return vec![shape("Content-Type", "`application/json`", content_type)];
    }
    let members = match serde_json::from_slice(document) {
        Ok(Value::Object(members)) => members,
        Ok(
            other @ (Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_)),
        ) => return vec![shape("", "a JSON object", &other.to_string())],
        Err(reason) => {
            let (rule, violation) = shape("", "a JSON object", &String::from_utf8_lossy(document));
            return vec![(rule, violation.with_detail(reason.to_string()))];
        }
    };
    let preference = |name: &str| members.get(name).filter(|value| !value.is_null());
    let mut found = Vec::new();
    match preference("languagePreference") {
        None => found.push(missing("languagePreference")),
        Some(value) if value.as_str().is_some_and(is_language_list) => {}
        Some(other) => found.push(wrong(
            &rule::LANGUAGE_PREFERENCE,
            "/languagePreference",
            "language tags of RFC 5646, separated by commas alone",
            other,
        )),
    }
    match preference("audioPreference") {
        None => found.push(missing("audioPreference")),
        Some(value) if matches!(value.as_str(), Some("on" | "off" | "")) => {}
        Some(other) => found.push(wrong(
            &rule::AUDIO_PREFERENCE,
            "/audioPreference",
            "`on`, `off` or an empty string",
            other,
        )),
    }
    found
}

fn is_language_list(text: &str) -> bool {
    text.is_empty() || text.split(',').all(language::is_tag)
}

fn shape(pointer: &str, expected: &str, got: &str) -> (&'static Rule, Violation) {
    let rule = &rule::PREFERENCES_OBJECT;
    (rule, Violation::new(rule.id, pointer, expected, got))
}

fn missing(name: &str) -> (&'static Rule, Violation) {
    shape(&format!("/{name}"), &format!("`{name}`"), "nothing")
}

fn wrong(
    rule: &'static Rule,
    pointer: &str,
    expected: &str,
    got: &Value,
) -> (&'static Rule, Violation) {
    let violation = Violation::new(rule.id, pointer, expected, got.to_string());
    (rule, violation)
}
