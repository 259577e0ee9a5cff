//! An LMS that launches an AU for a learner, and the statements that both write. Ids are fresh each time.

use std::time::{SystemTime, UNIX_EPOCH};

use cmi5::vocabulary::{
    CATEGORY_CMI5, CATEGORY_MOVE_ON, LAUNCH_MODE, LAUNCH_URL, MASTERY_SCORE, MOVE_ON, SESSION_ID,
    Verb,
};
use serde_json::{Value, json};
use uuid::Uuid;
use xapi::lexical::timestamp;

/// What one session is launched with.
#[derive(Debug, Clone)]
pub(super) struct Launch {
    pub(super) session: String,
    pub(super) registration: Uuid,
    /// An Agent.
    pub(super) learner: Value,
    pub(super) activity: String,
    publisher: String,
    mode: &'static str,
}

/// Of every AU here.
const MASTERY: f64 = 0.8;

impl Launch {
    /// A learner who begins a course.
    pub(super) fn fresh(mode: &'static str) -> Self {
        let course = random_id();
        Self {
            session: random_id().to_string(),
            registration: random_id(),
            learner: json!({
                "objectType": "Agent",
                "account": { "homePage": "https://lms.example.com", "name": format!("ada-{course}") },
            }),
            activity: format!("https://lms.example.com/au/{course}"),
            publisher: "https://publisher.example.com/course/1/au/1".to_owned(),
            mode,
        }
    }

    /// The same learner begins again.
    pub(super) fn again(&self) -> Self {
        Self {
            session: random_id().to_string(),
            ..self.clone()
        }
    }

    /// The same learner in another run of the course.
    pub(super) fn in_another_registration(&self) -> Self {
        Self {
            registration: random_id(),
            ..self.again()
        }
    }

    /// The State document.
    pub(super) fn data(&self) -> Value {
        json!({
            "contextTemplate": {
                "contextActivities": { "grouping": [{ "id": self.publisher }] },
                "extensions": { SESSION_ID: self.session },
            },
            "launchMode": self.mode,
            "masteryScore": MASTERY,
            "moveOn": "CompletedAndPassed",
            "returnURL": "https://lms.example.com/return",
        })
    }

    /// What the LMS writes when it launches.
    pub(super) fn launched(&self) -> Value {
        let mut statement = self.bare(Verb::Launched.iri());
        statement["context"]["extensions"] = json!({
            SESSION_ID: self.session,
            LAUNCH_MODE: self.mode,
            LAUNCH_URL: "https://content.example.com/index.html",
            MOVE_ON: "CompletedAndPassed",
            MASTERY_SCORE: MASTERY,
        });
        statement
    }

    /// A statement of the AU as it should be.
    pub(super) fn statement(&self, verb: Verb) -> Value {
        let mut statement = self.bare(verb.iri());
        let result = match verb {
            Verb::Completed => json!({ "completion": true, "duration": "PT10M" }),
            Verb::Passed => {
                json!({ "success": true, "duration": "PT10M", "score": { "scaled": 0.9 } })
            }
            Verb::Failed => {
                json!({ "success": false, "duration": "PT10M", "score": { "scaled": 0.5 } })
            }
            Verb::Terminated => json!({ "duration": "PT12M" }),
            Verb::Launched
            | Verb::Initialized
            | Verb::Abandoned
            | Verb::Waived
            | Verb::Satisfied => Value::Null,
        };
        if !result.is_null() {
            statement["result"] = result;
        }
        match verb {
            Verb::Completed | Verb::Passed | Verb::Failed => {
                let category = json!([{ "id": CATEGORY_CMI5 }, { "id": CATEGORY_MOVE_ON }]);
                statement["context"]["contextActivities"]["category"] = category;
            }
            Verb::Launched
            | Verb::Initialized
            | Verb::Abandoned
            | Verb::Waived
            | Verb::Terminated
            | Verb::Satisfied => {}
        }
        match verb {
            Verb::Passed | Verb::Failed => {
                statement["context"]["extensions"][MASTERY_SCORE] = json!(MASTERY);
            }
            Verb::Launched
            | Verb::Initialized
            | Verb::Completed
            | Verb::Abandoned
            | Verb::Waived
            | Verb::Terminated
            | Verb::Satisfied => {}
        }
        statement
    }

    fn bare(&self, verb: &str) -> Value {
        json!({
            "id": random_id().to_string(),
            "actor": self.learner,
            "verb": { "id": verb },
            "object": { "objectType": "Activity", "id": self.activity },
            "timestamp": timestamp::render(now()),
            "context": {
                "registration": self.registration.to_string(),
                "contextActivities": {
                    "grouping": [{ "id": self.publisher }],
                    "category": [{ "id": CATEGORY_CMI5 }],
                },
                "extensions": { SESSION_ID: self.session },
            },
        })
    }
}

pub(super) fn random_id() -> Uuid {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}

/// Microseconds since 1970.
pub(super) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
    })
}
