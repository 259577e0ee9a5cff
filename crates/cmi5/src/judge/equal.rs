//! Whether two JSON texts say the same: objects in any order, numbers by value.

use xapi::json::Node;
use xapi::lexical::decimal;

use crate::seen::DEPTH_MAX;

pub(super) fn json(one: &str, other: &str) -> bool {
    if one == other {
        return true;
    }
    match (Node::parse(one, DEPTH_MAX), Node::parse(other, DEPTH_MAX)) {
        (Ok(one), Ok(other)) => nodes(&one, &other),
        (Err(_), _) | (_, Err(_)) => false,
    }
}

pub(super) fn nodes(one: &Node<'_>, other: &Node<'_>) -> bool {
    match (one, other) {
        (Node::Null, Node::Null) => true,
        (Node::Bool(one), Node::Bool(other)) => one == other,
        (Node::Number(one), Node::Number(other)) => decimal::compare(one, other).is_eq(),
        (Node::String(one), Node::String(other)) => one == other,
        (Node::Array(one), Node::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| nodes(one, other))
        }
        (Node::Object(members), Node::Object(others)) => {
            members.len() == others.len()
                && members
                    .iter()
                    .all(|(name, value)| other.get(name).is_some_and(|other| nodes(value, other)))
        }
        (
            Node::Null
            | Node::Bool(_)
            | Node::Number(_)
            | Node::String(_)
            | Node::Array(_)
            | Node::Object(_),
            _,
        ) => false,
    }
}

/// Whether a JSON text is this string.
pub(super) fn is_string(json: &str, text: &str) -> bool {
    let inner = json
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    match inner {
        Some(plain) if !plain.contains('\\') => plain == text,
        Some(_) => serde_json::from_str::<String>(json).is_ok_and(|string| string == text),
        None => false,
    }
}

/// The text of a JSON value, if that is a number.
pub(super) fn number(json: &str) -> Option<&str> {
    json.starts_with(|first: char| first == '-' || first.is_ascii_digit())
        .then_some(json)
}

/// Whether a JSON text is a number equal to this one.
pub(super) fn is_number(json: &str, expected: &str) -> bool {
    number(json).is_some_and(|number| decimal::compare(number, expected).is_eq())
}
