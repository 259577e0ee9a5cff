//! `LMS.LaunchData` of a launch (section 10): its context template, with what the caller adds to it.

use cmi5::launch_data::{self, Address};
use cmi5::vocabulary::{CATEGORY_MOVE_ON, SESSION_ID};
use cmi5::{Launch, LaunchMode, MoveOn, Verb};
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use uuid::Uuid;
use xapi::json::pointer;
use xapi::statement::parse_one;
use xapi::{Limits, Version, Violation};

use crate::{Error, requirement};

/// Where a request has them.
const ADDITIONS: &str = "/contextTemplateAdditions";

/// The document; members that are absent are not written.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LaunchData<'d> {
    #[serde(serialize_with = "mode")]
    pub(super) launch_mode: LaunchMode,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) mastery_score: Option<&'d RawValue>,
    #[serde(serialize_with = "move_on")]
    pub(super) move_on: MoveOn,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) launch_parameters: Option<&'d str>,
    pub(super) context_template: &'d Value,
    #[serde(skip_serializing_if = "EntitlementKey::is_empty")]
    pub(super) entitlement_key: EntitlementKey<'d>,
    #[serde(rename = "returnURL", skip_serializing_if = "Option::is_none")]
    pub(super) return_url: Option<&'d str>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct EntitlementKey<'d> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) course_structure: Option<&'d str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) alternate: Option<&'d str>,
}

impl EntitlementKey<'_> {
    fn is_empty(&self) -> bool {
        self.course_structure.is_none() && self.alternate.is_none()
    }
}

fn mode<S: serde::Serializer>(mode: &LaunchMode, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(mode.as_str())
}

fn move_on<S: serde::Serializer>(move_on: &MoveOn, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(move_on.as_str())
}

impl LaunchData<'_> {
    /// The document, and the launch that it makes of a session.
    ///
    /// # Errors
    /// [`Error::Violations`] when what the caller added makes it wrong.
    pub(super) fn check(
        &self,
        registration: Uuid,
        learner: &str,
        activity: &str,
    ) -> Result<(Vec<u8>, Launch), Error> {
        let document = serde_json::to_vec(self).expect("it is texts and JSON");
        let address = Address {
            activity,
            actor: learner,
            registration: Some(registration),
        };
        let checked = launch_data::check(&document, &address);
        if !checked.violations.is_empty() {
            let broken = checked.violations.into_iter();
            return Err(Error::Violations(broken.map(|(_, what)| what).collect()));
        }
        let launch = checked.launch.ok_or_else(|| {
            Error::damaged("launch data", activity, "no launch can be made of it")
        })?;
        Ok((document, launch))
    }
}

/// The template with the publisher's id and the session's, and what the caller adds: lists grow, objects are merged.
///
/// # Errors
/// [`Error::Violations`] when an addition is not of the kind of what is there, or would change it.
pub(super) fn context(
    publisher_id: &str,
    session: &str,
    additions: Option<&Map<String, Value>>,
) -> Result<Value, Error> {
    let mut template = Map::new();
    template.insert(
        "contextActivities".to_owned(),
        json!({ "grouping": [{ "objectType": "Activity", "id": publisher_id }] }),
    );
    template.insert("extensions".to_owned(), json!({ SESSION_ID: session }));
    if let Some(additions) = additions {
        let mut violations = Vec::new();
        merge(&mut template, additions, ADDITIONS, &mut violations);
        violations.extend(unusable(&template));
        if !violations.is_empty() {
            return Err(Error::Violations(violations));
        }
    }
    Ok(Value::Object(template))
}

/// What would make a statement wrong that has the template, as every statement of the AU must.
fn unusable(template: &Map<String, Value>) -> Vec<Violation> {
    let statement = json!({
        "actor": { "mbox": "mailto:learner@example.com" },
        "verb": { "id": Verb::Initialized.iri() },
        "object": { "id": "https://example.com/au" },
        "context": template,
    });
    let text = statement.to_string();
    let parsed = parse_one(&text, Version::V1_0_3, &Limits::default());
    let mut violations = parsed.err().unwrap_or_default();
    for violation in &mut violations {
        let rest = violation.pointer.strip_prefix("/context");
        violation.pointer = format!("{ADDITIONS}{}", rest.unwrap_or_default());
        violation.statement = None;
    }
    let categories = &statement["context"]["contextActivities"]["category"];
    let listed = categories.as_array().map_or(&[][..], Vec::as_slice);
    if listed.iter().any(|one| one["id"] == CATEGORY_MOVE_ON) {
        violations.push(Violation::new(
            requirement::LAUNCH,
            format!("{ADDITIONS}/contextActivities/category"),
            "categories that all statements of an AU may have",
            CATEGORY_MOVE_ON,
        ));
    }
    violations
}

fn merge(
    into: &mut Map<String, Value>,
    additions: &Map<String, Value>,
    at: &str,
    violations: &mut Vec<Violation>,
) {
    for (name, addition) in additions {
        let Some(there) = into.get_mut(name) else {
            into.insert(name.clone(), addition.clone());
            continue;
        };
        let at = pointer(at, name);
        match (there, addition) {
            (Value::Object(there), Value::Object(addition)) => {
                merge(there, addition, &at, violations);
            }
            (Value::Array(there), Value::Array(addition)) => there.extend(addition.iter().cloned()),
            // A single activity is a list of one.
            (Value::Array(there), Value::Object(_)) => there.push(addition.clone()),
            (there, addition) if there == addition => {}
            (there, addition) => violations.push(Violation::new(
                requirement::LAUNCH,
                at,
                format!("what the launch service sets, `{there}`, or nothing"),
                addition.to_string(),
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn additions_are_merged_and_change_nothing() {
        let additions = json!({
            "contextActivities": {
                "grouping": { "id": "http://x.org/more" },
                "category": [{ "id": "http://x.org/c" }],
            },
            "extensions": { "http://x.org/e": [1] },
            "language": "de",
        });
        let template = context("http://x.org/au", "s", additions.as_object()).expect("it fits");
        let grouping = &template["contextActivities"]["grouping"];
        assert_eq!(grouping[0]["id"], "http://x.org/au");
        assert_eq!(grouping[1]["id"], "http://x.org/more");
        assert_eq!(
            template["contextActivities"]["category"][0]["id"],
            "http://x.org/c"
        );
        assert_eq!(template["extensions"][SESSION_ID], "s");
        assert_eq!(template["extensions"]["http://x.org/e"], json!([1]));
        assert_eq!(template["language"], "de");
        for wrong in [
            json!({ "extensions": { SESSION_ID: "other" } }),
            json!({ "extensions": 1 }),
            json!({ "contextActivities": { "grouping": 1 } }),
        ] {
            let refused = context("http://x.org/au", "s", wrong.as_object());
            assert!(
                matches!(refused, Err(Error::Violations(found)) if found.len() == 1),
                "{wrong}"
            );
        }
    }

    #[test]
    fn what_no_statement_can_have_is_refused() {
        for (wrong, pointer) in [
            (json!({ "extensions": { "noiri": 1 } }), "/extensions"),
            (json!({ "team": { "mbox": "x" } }), "/team"),
            (json!({ "instructor": { "name": "x" } }), "/instructor"),
            (
                json!({ "statement": { "objectType": "StatementRef", "id": "x" } }),
                "/statement",
            ),
            (
                json!({ "contextActivities": { "parent": [{ "id": "https://x.org", "bogus": 1 }] } }),
                "/contextActivities/parent",
            ),
            (
                json!({ "contextActivities": { "category": [{ "id": CATEGORY_MOVE_ON }] } }),
                "/contextActivities/category",
            ),
        ] {
            let refused = context("http://x.org/au", "s", wrong.as_object());
            let Err(Error::Violations(found)) = refused else {
                panic!("{wrong}: {refused:?}");
            };
            let expected = format!("{ADDITIONS}{pointer}");
            assert!(
                found.iter().all(|one| one.pointer.starts_with(&expected)),
                "{found:?}"
            );
        }
    }
}
