//! What happened, as rows of the store in the one order of all places: outcomes of sessions, and violations.

use cmi5::{Decision, Finding, Launch, Side, Verb};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use storage::batch::{RecordKey, RecordKind};
use storage::row::{Place, PutRow, Table};
use storage::{Op, Term};
use uuid::Uuid;

/// One event as it is stored, JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    pub kind: Kind,
    /// Microseconds since 1970, by the server's clock.
    pub at: i64,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub session: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub registration: Option<Uuid>,
    /// Identity of the learner (`xapi::statement::Ifi::canonical`).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub actor: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub activity: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub statement: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub violation: Option<Recorded>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A session became known.
    Created,
    Launched,
    /// The session's token was fetched.
    Fetched,
    Initialized,
    Completed,
    Passed,
    Failed,
    Terminated,
    Abandoned,
    Waived,
    /// A block or course: `activity` is its id.
    Satisfied,
    /// A completed, passed, failed or waived was voided and no longer counts.
    Voided,
    Violation,
}

/// A broken rule, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    pub requirement: String,
    pub pointer: String,
    pub expected: String,
    pub got: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub detail: Option<String>,
    pub side: Side,
    pub decision: Decision,
    /// The refused statement or document, cut at a limit.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub text: Option<String>,
    /// Name of the credential that sent it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub credential: Option<String>,
}

impl Kind {
    pub const ALL: [Kind; 13] = [
        Kind::Created,
        Kind::Launched,
        Kind::Fetched,
        Kind::Initialized,
        Kind::Completed,
        Kind::Passed,
        Kind::Failed,
        Kind::Terminated,
        Kind::Abandoned,
        Kind::Waived,
        Kind::Satisfied,
        Kind::Voided,
        Kind::Violation,
    ];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Created => "created",
            Kind::Launched => "launched",
            Kind::Fetched => "fetched",
            Kind::Initialized => "initialized",
            Kind::Completed => "completed",
            Kind::Passed => "passed",
            Kind::Failed => "failed",
            Kind::Terminated => "terminated",
            Kind::Abandoned => "abandoned",
            Kind::Waived => "waived",
            Kind::Satisfied => "satisfied",
            Kind::Voided => "voided",
            Kind::Violation => "violation",
        }
    }

    /// What a verb brings about.
    #[must_use]
    pub fn of(verb: Verb) -> Self {
        match verb {
            Verb::Launched => Kind::Launched,
            Verb::Initialized => Kind::Initialized,
            Verb::Completed => Kind::Completed,
            Verb::Passed => Kind::Passed,
            Verb::Failed => Kind::Failed,
            Verb::Terminated => Kind::Terminated,
            Verb::Abandoned => Kind::Abandoned,
            Verb::Waived => Kind::Waived,
            Verb::Satisfied => Kind::Satisfied,
        }
    }
}

impl Event {
    /// Something that happened in a session. Its learner, registration and activity are those of the session's launch,
    /// which is never deleted: they are not written again with each event.
    #[must_use]
    pub fn of_session(kind: Kind, at: i64, launch: &Launch, statement: Option<Uuid>) -> Self {
        Self {
            kind,
            at,
            session: Some(launch.session.clone()),
            registration: None,
            actor: None,
            activity: None,
            statement,
            violation: None,
        }
    }

    /// A violation in a session, or in none that is known.
    #[must_use]
    pub fn of_finding(
        finding: &Finding,
        at: i64,
        launch: Option<&Launch>,
        statement: Option<Uuid>,
        credential: &str,
    ) -> Self {
        let violation = &finding.violation;
        Self {
            kind: Kind::Violation,
            at,
            session: launch.map(|launch| launch.session.clone()),
            registration: launch.map(|launch| launch.registration),
            actor: launch.map(|launch| launch.actor.clone()),
            activity: launch.map(|launch| launch.activity.clone()),
            statement,
            violation: Some(Recorded {
                requirement: violation.requirement.to_owned(),
                pointer: violation.pointer.clone(),
                expected: violation.expected.clone(),
                got: violation.got.clone(),
                detail: violation.detail.clone(),
                side: finding.side,
                decision: finding.decision,
                text: None,
                credential: Some(credential.to_owned()),
            }),
        }
    }

    /// What writes it: its row, and the tallies of a violation.
    pub fn write(&self, ops: &mut Vec<Op>) {
        ops.push(Op::PutRow(PutRow {
            table: Table::Event,
            place: Place::Next,
            terms: self.terms(),
            value: serde_json::to_vec(self).expect("events are strings and numbers"),
            replaces: Vec::new(),
        }));
        if let Some(violation) = &self.violation {
            let activity = self.activity.as_deref().unwrap_or_default();
            for key in [
                tally(&violation.requirement, None),
                tally(&violation.requirement, Some(activity)),
            ] {
                ops.push(Op::Touch { key, highest: 0 });
            }
        }
    }

    /// Outcomes are asked for by session, violations by everything that a report filters by.
    fn terms(&self) -> Vec<Term> {
        let term = |name, value: &[u8]| Term::row(Table::Event, name, value);
        let session = self.session.iter();
        let mut terms: Vec<Term> = session.map(|id| term("session", id.as_bytes())).collect();
        let Some(violation) = &self.violation else {
            return terms;
        };
        terms.push(term("kind", self.kind.as_str().as_bytes()));
        terms.push(term("requirement", violation.requirement.as_bytes()));
        terms.push(term("decision", violation.decision.as_str().as_bytes()));
        let registration = self.registration.iter();
        terms.extend(registration.map(|id| term("registration", id.as_bytes())));
        let activity = self.activity.iter();
        terms.extend(activity.map(|id| term("activity", id.as_bytes())));
        terms.sort_unstable();
        terms
    }
}

/// What finds the violations with this decision.
#[must_use]
pub fn decision_term(decision: Decision) -> Term {
    Term::row(Table::Event, "decision", decision.as_str().as_bytes())
}

/// All tallies begin with this.
pub const TALLIES: &[u8] = b"violations/";
const ACTIVITY_BYTES_MAX: usize = 400;

/// A touch whose version counts the violations of a rule, of all activities or of one: `violations/`, requirement,
/// and with an activity a zero byte and its id. A very long id is cut and gets its hash.
#[must_use]
pub fn tally(requirement: &str, activity: Option<&str>) -> RecordKey {
    let mut key = TALLIES.to_vec();
    key.extend(requirement.as_bytes());
    if let Some(activity) = activity {
        key.push(0);
        if activity.len() > ACTIVITY_BYTES_MAX {
            let end = activity.floor_char_boundary(ACTIVITY_BYTES_MAX);
            key.extend(activity.as_bytes().get(..end).unwrap_or_default());
            key.extend("…".as_bytes());
            key.extend(hex::encode(Sha256::digest(activity)).as_bytes());
        } else {
            key.extend(activity.as_bytes());
        }
    }
    RecordKey {
        kind: RecordKind::Touch,
        key,
    }
}
