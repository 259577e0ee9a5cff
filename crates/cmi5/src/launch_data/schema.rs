//! The shape of launch data: a JSON Schema, and which rule an error at which place breaks.

use std::borrow::Cow;
use std::sync::LazyLock;

use jsonschema::Validator;
use jsonschema::error::{ValidationError, ValidationErrorKind};
use serde_json::{Map, Value};
use xapi::Violation;
use xapi::json::{Node, pointer};
use xapi::lexical::{iri, language};

use super::{SESSION_ID_BYTES_MAX, is_absolute_url, is_session_id};
use crate::rule::{self, Rule};
use crate::vocabulary::SESSION_ID;

pub(super) const GROUPING: &str = "/contextTemplate/contextActivities/grouping";

/// Where the session id stands.
pub(super) fn session_id_pointer() -> String {
    pointer("/contextTemplate/extensions", SESSION_ID)
}

static SCHEMA: LazyLock<Validator> = LazyLock::new(|| {
    let schema: Value =
        serde_json::from_str(include_str!("schema.json")).expect("the schema is our own JSON");
    jsonschema::options()
        .should_validate_formats(true)
        .with_format("session-id", is_session_id)
        .with_format("absolute-url", is_absolute_url)
        .with_format("iri", iri::is_iri)
        .with_format("language", language::is_tag)
        .build(&schema)
        .expect("the schema is our own, and a test builds it")
});

/// Everything in which the document's shape is wrong.
pub(super) fn check(document: &Node<'_>) -> Vec<(&'static Rule, Violation)> {
    let instance = value(document);
    SCHEMA
        .iter_errors(&instance)
        .flat_map(|error| places(&error))
        .flat_map(|place| place.violations(document))
        .collect()
}

/// Where something is wrong.
struct Place {
    pointer: String,
    /// Member names and indexes down to it.
    path: Vec<String>,
}

/// An error about members of an object is an error at each of them.
fn places(error: &ValidationError<'_>) -> Vec<Place> {
    let parent = Place {
        pointer: error.instance_path().as_str().to_owned(),
        path: error
            .instance_path()
            .segments()
            .map(|segment| segment.to_string())
            .collect(),
    };
    match error.kind() {
        ValidationErrorKind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            vec![parent.member(name)]
        }
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            unexpected.iter().map(|name| parent.member(name)).collect()
        }
        _ => vec![parent],
    }
}

impl Place {
    fn member(&self, name: &str) -> Place {
        let mut path = self.path.clone();
        path.push(name.to_owned());
        Place {
            pointer: pointer(&self.pointer, name),
            path,
        }
    }

    fn violations(&self, document: &Node<'_>) -> Vec<(&'static Rule, Violation)> {
        let path: Vec<&str> = self.path.iter().map(String::as_str).collect();
        let got = path
            .iter()
            .try_fold(document, |node, segment| at(node, segment))
            .map_or_else(|| "nothing".to_owned(), describe);
        rules(&path)
            .into_iter()
            .map(|rule| {
                let violation = Violation::new(rule.id, &*self.pointer, expected(&path), &*got);
                match path[..] {
                    ["contextTemplate", "contextAgents" | "contextGroups"] => (
                        rule,
                        violation.with_detail("an AU that speaks xAPI 1.0.3 cannot send it"),
                    ),
                    _ => (rule, violation),
                }
            })
            .collect()
    }
}

fn at<'n, 'a>(node: &'n Node<'a>, segment: &str) -> Option<&'n Node<'a>> {
    match node {
        Node::Array(items) => items.get(segment.parse::<usize>().ok()?),
        Node::Null | Node::Bool(_) | Node::Number(_) | Node::String(_) | Node::Object(_) => {
            node.get(segment)
        }
    }
}

fn describe(node: &Node<'_>) -> String {
    match node {
        Node::Array(_) => "an array".to_owned(),
        Node::Object(_) => "an object".to_owned(),
        Node::Null | Node::Bool(_) | Node::Number(_) | Node::String(_) => node.to_text(),
    }
}

/// The rules that are broken when something is wrong there.
fn rules(path: &[&str]) -> Vec<&'static Rule> {
    match path {
        ["contextTemplate", "registration"] => vec![&rule::LAUNCH_DATA_REGISTRATION],
        ["contextTemplate", "extensions"] | ["contextTemplate", "extensions", SESSION_ID] => {
            vec![&rule::LAUNCH_SESSION_ID, &rule::LAUNCH_SESSION_IS_RECORDED]
        }
        ["contextTemplate", "contextActivities"]
        | ["contextTemplate", "contextActivities", "grouping", ..] => {
            vec![&rule::LAUNCH_PUBLISHER, &rule::LAUNCH_PUBLISHER_IN_GROUPING]
        }
        ["contextTemplate", ..] => vec![&rule::LAUNCH_TEMPLATE],
        ["launchMode", ..] => vec![&rule::LAUNCH_MODE_GIVEN],
        ["launchParameters", ..] => vec![&rule::LAUNCH_PARAMETERS_TEXT],
        ["masteryScore", ..] => vec![&rule::LAUNCH_MASTERY_SCORE],
        ["moveOn", ..] => vec![&rule::LAUNCH_MOVE_ON],
        ["returnURL", ..] => vec![&rule::LAUNCH_RETURN_URL],
        ["entitlementKey", ..] => vec![&rule::LAUNCH_ENTITLEMENT_KEY],
        _ => vec![&rule::LAUNCH_DATA_IS_JSON],
    }
}

/// What has to be there.
pub(super) fn expected(path: &[&str]) -> Cow<'static, str> {
    Cow::Borrowed(match path {
        ["contextTemplate"] => "`contextTemplate`, an object",
        ["contextTemplate", "registration"] => "the registration of the document",
        ["contextTemplate", "extensions"] => "`extensions`, an object with the session id",
        ["contextTemplate", "extensions", SESSION_ID] => {
            return Cow::Owned(format!(
                "the session id, a string of 1 to {SESSION_ID_BYTES_MAX} bytes"
            ));
        }
        ["contextTemplate", "contextActivities"] => {
            "`contextActivities`, an object with the publisher id in `grouping`"
        }
        ["contextTemplate", "contextActivities", "grouping"] => {
            "`grouping` with the publisher id, an activity with an IRI as `id`"
        }
        ["contextTemplate", "contextActivities", _, .., "id"] => "`id`, an IRI",
        [
            "contextTemplate",
            "contextActivities",
            "parent" | "category" | "other" | "grouping",
            ..,
        ] => "an activity with an IRI as `id`",
        ["contextTemplate", "contextActivities", _] => "`parent`, `grouping`, `category`, `other`",
        ["contextTemplate", "instructor" | "team" | "statement"] => "an object",
        ["contextTemplate", "revision" | "platform"] => "a string",
        ["contextTemplate", "language"] => "a language tag of RFC 5646",
        ["contextTemplate", ..] => "a member that the context has in xAPI 1.0.3",
        ["launchMode", ..] => "`Normal`, `Browse` or `Review`",
        ["launchParameters", ..] => "a string",
        ["masteryScore", ..] => "a number from 0 to 1 with at most 4 decimals",
        ["moveOn", ..] => {
            "`Passed`, `Completed`, `CompletedAndPassed`, `CompletedOrPassed` or `NotApplicable`"
        }
        ["returnURL", ..] => "an absolute URL",
        ["entitlementKey"] => "an object",
        ["entitlementKey", ..] => "a string",
        _ => "a JSON object",
    })
}

/// The tree as the schema's crate reads it. Numbers are looked at for their type alone, so their digits do not matter.
fn value(node: &Node<'_>) -> Value {
    match node {
        Node::Null => Value::Null,
        Node::Bool(value) => Value::Bool(*value),
        Node::Number(_) => Value::from(0),
        Node::String(text) => Value::String(text.to_string()),
        Node::Array(items) => Value::Array(items.iter().map(value).collect()),
        Node::Object(members) => {
            let members = members
                .iter()
                .map(|(name, member)| (name.to_string(), value(member)));
            Value::Object(members.collect::<Map<_, _>>())
        }
    }
}
