//! The statements that an LMS writes for what it launches: launched, satisfied, waived (sections 9.3.1, 9.3.9, 9.3.7).

use cmi5::vocabulary::{
    CATEGORY_CMI5, CATEGORY_MOVE_ON, LAUNCH_MODE, LAUNCH_PARAMETERS, LAUNCH_URL, MASTERY_SCORE,
    MOVE_ON, REASON, SESSION_ID, TYPE_BLOCK, TYPE_COURSE,
};
use cmi5::{Launch, LaunchMode, MoveOn, Verb};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use xapi::lexical::timestamp;

use super::records::{CourseAu, Node, Registration};
use crate::enforce::Generated;
use crate::statements::new_id;

/// Who writes, and when (microseconds since 1970).
#[derive(Debug, Clone, Copy)]
pub(super) struct Hand<'h> {
    /// JSON.
    pub(super) authority: &'h str,
    pub(super) now: i64,
}

/// A block or the course is satisfied.
pub(super) fn satisfied(
    hand: Hand<'_>,
    registration: &Registration,
    node: &Node,
    session: &str,
) -> Generated {
    let kind = if node.index == 0 {
        TYPE_COURSE
    } else {
        TYPE_BLOCK
    };
    let object = json!({
        "objectType": "Activity",
        "id": node.lms_id,
        "definition": { "type": kind },
    });
    write(
        hand,
        registration,
        Verb::Satisfied,
        object,
        None,
        &Frame {
            publisher: &node.publisher_id,
            session,
            counts: false,
            extensions: Map::new(),
        },
    )
}

/// An AU counts as satisfied because somebody says so (9.3.7).
pub(super) fn waived(
    hand: Hand<'_>,
    registration: &Registration,
    au: &CourseAu,
    session: &str,
    reason: &str,
) -> Generated {
    let result = json!({
        "completion": true,
        "success": true,
        "extensions": { REASON: reason },
    });
    write(
        hand,
        registration,
        Verb::Waived,
        activity(&au.lms_id),
        Some(result),
        &Frame {
            publisher: &au.publisher_id,
            session,
            counts: true,
            extensions: Map::new(),
        },
    )
}

/// What an AU is launched with, as `launched` tells it (9.6.3).
pub(super) struct Launched<'l> {
    pub(super) mode: LaunchMode,
    pub(super) move_on: MoveOn,
    /// Where the AU lies, without the five parameters of a launch (9.6.3.4).
    pub(super) url: &'l str,
    pub(super) parameters: Option<&'l str>,
    /// A JSON number.
    pub(super) mastery_score: Option<&'l str>,
}

/// The learner is being sent to the AU.
pub(super) fn launched(
    hand: Hand<'_>,
    registration: &Registration,
    au: &CourseAu,
    launch: &Launch,
    with: &Launched<'_>,
) -> Generated {
    let mut extensions = Map::new();
    extensions.insert(LAUNCH_MODE.to_owned(), with.mode.as_str().into());
    extensions.insert(MOVE_ON.to_owned(), with.move_on.as_str().into());
    extensions.insert(LAUNCH_URL.to_owned(), with.url.into());
    if let Some(parameters) = with.parameters {
        extensions.insert(LAUNCH_PARAMETERS.to_owned(), parameters.into());
    }
    let statement = write(
        hand,
        registration,
        Verb::Launched,
        activity(&au.lms_id),
        None,
        &Frame {
            publisher: &au.publisher_id,
            session: &launch.session,
            counts: false,
            extensions,
        },
    );
    match with.mastery_score {
        None => statement,
        Some(score) => with_mastery_score(statement, score),
    }
}

/// The number's own digits go into the text: a JSON value would keep them as a float.
fn with_mastery_score(mut statement: Generated, score: &str) -> Generated {
    let digits: Result<&RawValue, _> = serde_json::from_str(score);
    let mark = format!("{}:", Value::from(LAUNCH_MODE));
    if let (Ok(digits), Some(at)) = (digits, statement.text.find(&mark)) {
        let member = format!("{}:{digits},", Value::from(MASTERY_SCORE));
        statement.text.insert_str(at, &member);
    }
    statement
}

fn activity(id: &str) -> Value {
    json!({ "objectType": "Activity", "id": id })
}

struct Frame<'f> {
    /// The publisher's id of what the statement is about (9.6.2.3).
    publisher: &'f str,
    session: &'f str,
    /// It has the category moveOn.
    counts: bool,
    /// Those besides the session id.
    extensions: Map<String, Value>,
}

fn write(
    hand: Hand<'_>,
    registration: &Registration,
    verb: Verb,
    object: Value,
    result: Option<Value>,
    frame: &Frame<'_>,
) -> Generated {
    let id = new_id();
    let mut category = vec![activity(CATEGORY_CMI5)];
    if frame.counts {
        category.push(activity(CATEGORY_MOVE_ON));
    }
    let mut extensions = frame.extensions.clone();
    extensions.insert(SESSION_ID.to_owned(), frame.session.into());
    let mut statement = json!({
        "id": id,
        "actor": actor(&registration.actor),
        "verb": { "id": verb.iri(), "display": { "en": name(verb) } },
        "object": object,
        "context": {
            "registration": registration.id,
            "contextActivities": {
                "category": category,
                "grouping": [activity(frame.publisher)],
            },
            "extensions": extensions,
        },
        "timestamp": timestamp::render(hand.now),
    });
    if let (Some(result), Some(members)) = (result, statement.as_object_mut()) {
        members.insert("result".to_owned(), result);
    }
    Generated {
        id,
        text: statement.to_string(),
        authority: hand.authority.to_owned(),
        behind: None,
    }
}

/// The learner as given, and that it is an Agent.
fn actor(given: &str) -> Value {
    let mut actor: Value = serde_json::from_str(given).unwrap_or_default();
    if let Some(members) = actor.as_object_mut() {
        members.insert("objectType".to_owned(), "Agent".into());
    }
    actor
}

fn name(verb: Verb) -> &'static str {
    verb.iri().rsplit('/').next().unwrap_or_default()
}

/// A session id that no launch has.
pub(super) fn own_session() -> String {
    new_id().to_string()
}
