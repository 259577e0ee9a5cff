//! Broken statements, each with the rule that it breaks. A case is a line of data: what comes before in its session,
//! and what is wrong.

use cmi5::Verb;
use cmi5::vocabulary::{CATEGORY_CMI5, MASTERY_SCORE, SESSION_ID};
use serde_json::{Value, json};
use xapi::lexical::timestamp;

use super::launch::{Launch, now, random_id};

pub(super) struct Case {
    /// What the AU sends.
    pub(super) what: &'static str,
    /// The rule that it breaks.
    pub(super) rule: &'static str,
    pub(super) mode: &'static str,
    /// Statements as they should be, sent before in the same session.
    pub(super) before: &'static [Verb],
    pub(super) broken: fn(&Launch) -> Value,
}

const INITIALIZED: &[Verb] = &[Verb::Initialized];

const fn case(what: &'static str, rule: &'static str, broken: fn(&Launch) -> Value) -> Case {
    Case {
        what,
        rule,
        mode: "Normal",
        before: INITIALIZED,
        broken,
    }
}

pub(super) static CASES: &[Case] = &[
    Case {
        before: &[],
        ..case("completed before initialized", "9.3.0.0-4", |launch| {
            launch.statement(Verb::Completed)
        })
    },
    case("initialized a second time", "9.3.0.0-2", |launch| {
        launch.statement(Verb::Initialized)
    }),
    case("passed with 0.75, mastery is 0.8", "9.3.4.0-2", |launch| {
        with(
            launch.statement(Verb::Passed),
            "/result/score",
            json!({ "scaled": 0.75 }),
        )
    }),
    case("failed with 0.8, mastery is 0.8", "9.3.5.0-2", |launch| {
        with(
            launch.statement(Verb::Failed),
            "/result/score",
            json!({ "scaled": 0.8 }),
        )
    }),
    case("passed without the mastery score", "9.6.3.2-2", |launch| {
        without(
            launch.statement(Verb::Passed),
            "/context/extensions",
            MASTERY_SCORE,
        )
    }),
    Case {
        before: &[Verb::Initialized, Verb::Passed],
        ..case("failed after passed", "9.3.0.0-3", |launch| {
            launch.statement(Verb::Failed)
        })
    },
    case("completed without a duration", "9.5.4.1-2", |launch| {
        without(launch.statement(Verb::Completed), "/result", "duration")
    }),
    case("terminated, duration \"banana\"", "9.5.4.1-1", |launch| {
        with(
            launch.statement(Verb::Terminated),
            "/result/duration",
            json!("banana"),
        )
    }),
    case(
        "completed without its category moveOn",
        "9.6.2.2-1",
        |launch| {
            let category = json!([{ "id": CATEGORY_CMI5 }]);
            with(
                launch.statement(Verb::Completed),
                "/context/contextActivities/category",
                category,
            )
        },
    ),
    case("completed with a score", "9.5.1.0-2", |launch| {
        with(
            launch.statement(Verb::Completed),
            "/result",
            json!({
                "completion": true, "duration": "PT10M", "score": { "scaled": 1 }
            }),
        )
    }),
    case(
        "passed, raw score without min and max",
        "9.5.1.0-3",
        |launch| {
            let score = json!({ "scaled": 0.9, "raw": 0 });
            with(launch.statement(Verb::Passed), "/result/score", score)
        },
    ),
    case("passed with success false", "9.5.2.0-1", |launch| {
        with(
            launch.statement(Verb::Passed),
            "/result/success",
            json!(false),
        )
    }),
    case("passed, spelt https://", "9.3.0.0-1", |launch| {
        let verb = json!("https://adlnet.gov/expapi/verbs/passed");
        with(launch.statement(Verb::Passed), "/verb/id", verb)
    }),
    case("waived, which is the LMS's verb", "9.3.0.0-1", |launch| {
        let verb = json!(Verb::Waived.iri());
        with(launch.statement(Verb::Completed), "/verb/id", verb)
    }),
    case("completed by another learner", "8.1.3.0-3", |launch| {
        with(
            launch.statement(Verb::Completed),
            "/actor/account/name",
            json!("somebody else"),
        )
    }),
    case("completed of another activity", "9.4.0.0-1", |launch| {
        let id = json!("https://lms.example.com/au/another");
        with(launch.statement(Verb::Completed), "/object/id", id)
    }),
    case(
        "completed with another session's id",
        "9.6.3.1-4",
        |launch| {
            let extensions = json!({ SESSION_ID: random_id().to_string() });
            with(
                launch.statement(Verb::Completed),
                "/context/extensions",
                extensions,
            )
        },
    ),
    case("completed without a registration", "9.6.1.0-1", |launch| {
        without(
            launch.statement(Verb::Completed),
            "/context",
            "registration",
        )
    }),
    case(
        "completed without the template's grouping",
        "10.2.1.0-6",
        |launch| {
            without(
                launch.statement(Verb::Completed),
                "/context/contextActivities",
                "grouping",
            )
        },
    ),
    case("completed with a local timestamp", "9.7.0.0-2", |launch| {
        let local = timestamp::render(now() + 2 * 3_600 * 1_000_000).replace('Z', "+02:00");
        with(
            launch.statement(Verb::Completed),
            "/timestamp",
            json!(local),
        )
    }),
    case("completed without an id", "9.1.0.0-1", |launch| {
        without(launch.statement(Verb::Completed), "", "id")
    }),
    case("voided", "6.3.0.0-1", |launch| {
        let verb = json!("http://adlnet.gov/expapi/verbs/voided");
        let object = json!({ "objectType": "StatementRef", "id": random_id().to_string() });
        with(
            with(launch.statement(Verb::Initialized), "/verb/id", verb),
            "/object",
            object,
        )
    }),
    Case {
        mode: "Browse",
        ..case("completed in mode Browse", "10.2.2.0-2", |launch| {
            launch.statement(Verb::Completed)
        })
    },
];

/// With another value at a place that is there.
fn with(mut statement: Value, pointer: &str, value: Value) -> Value {
    if let Some(place) = statement.pointer_mut(pointer) {
        *place = value;
    }
    statement
}

/// Without a member of the object at this place.
fn without(mut statement: Value, pointer: &str, member: &str) -> Value {
    let object = statement
        .pointer_mut(pointer)
        .and_then(Value::as_object_mut);
    object.and_then(|object| object.remove(member));
    statement
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_case_breaks_something_that_is_a_rule() {
        assert!(CASES.len() >= 12, "a dozen at least");
        for case in CASES {
            assert!(cmi5::rule::find(case.rule).is_some(), "{}", case.rule);
            let launch = Launch::fresh(case.mode);
            let broken = (case.broken)(&launch);
            assert!(broken["verb"]["id"].is_string(), "{}", case.what);
        }
    }
}
