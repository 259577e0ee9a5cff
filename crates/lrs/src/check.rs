//! Judging without storing: for authors of content who want to know what would happen.

use std::borrow::Cow;

use cmi5::judge::Writer;
use cmi5::launch_data::{self, Address};
use cmi5::{AuRegistration, Decision, Facts, Incoming, Launch, Seen, Session, State, judge};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use uuid::Uuid;
use xapi::Violation;
use xapi::statement::{Actor, parse_actor, parse_batch};

use crate::sessions::{self, keys};
use crate::{Caller, Error, Lrs, policies, requirement};

/// What is to be judged, and against what: a session that the store knows, or launch data.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Question<'q> {
    /// A session id.
    #[serde(default)]
    pub session: Option<String>,
    /// A launch, instead of a session.
    #[serde(borrow, default)]
    pub launch: Option<Launching<'q>>,
    /// One statement, or an array of them.
    #[serde(borrow)]
    #[schemars(with = "serde_json::Value")]
    pub statements: &'q RawValue,
}

/// A launch as an LMS would write it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Launching<'q> {
    /// The AU's activity id.
    pub activity_id: String,
    /// The learner.
    #[serde(borrow)]
    #[schemars(with = "serde_json::Value")]
    pub agent: &'q RawValue,
    #[schemars(with = "String")]
    pub registration: Uuid,
    /// The `LMS.LaunchData` document.
    #[serde(borrow)]
    #[schemars(with = "serde_json::Value")]
    pub launch_data: &'q RawValue,
}

/// What would happen if the AU sent the statements with its session's token.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Answer {
    /// They would be stored.
    pub accepted: bool,
    /// The session's state before and after.
    pub state: [&'static str; 2],
    pub violations: Vec<Found>,
}

/// A violation, and what it leads to.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Found {
    /// `rejected`: the request is refused for it. `flagged`: it is stored and recorded.
    pub decision: &'static str,
    pub requirement: String,
    /// Index in the statements.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statement: Option<usize>,
    /// JSON pointer into the statement.
    pub pointer: String,
    pub expected: String,
    pub got: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<&'static str>,
}

/// The session as it is, or as a launch would begin it.
struct Against {
    launch: std::sync::Arc<Launch>,
    session: Session,
    registration: AuRegistration,
    latest: Option<i64>,
    /// What is wrong with the launch itself.
    violations: Vec<Found>,
}

/// # Errors
/// [`Error::Forbidden`] for an AU, [`Error::NotFound`] for an unknown session, [`Error::Violations`] when the question
/// itself is wrong.
pub fn check(lrs: &Lrs, caller: &Caller, body: &str) -> Result<Answer, Error> {
    caller.needs_lms()?;
    let question: Question<'_> = serde_json::from_str(body)
        .map_err(|error| wrong("", "`statements` with a `session` or a `launch`", error))?;
    let policies = policies::of(lrs, caller.tenant())?;
    let against = match (&question.session, &question.launch) {
        (Some(id), None) => of_session(lrs, caller, id)?,
        (None, Some(launching)) => of_launch(lrs, &policies, launching)?,
        (Some(_), Some(_)) | (None, None) => {
            return Err(wrong("", "either a `session` or a `launch`", "both or neither").into());
        }
    };
    let text = question.statements.get();
    let parsed = parse_batch(text, caller.version, &lrs.settings.limits);
    let (seen, invalid) = match &parsed {
        Ok(statements) => (statements.iter().map(Seen::of).collect(), Vec::new()),
        Err(violations) => (
            Seen::lenient_batch(text).unwrap_or_default(),
            violations.clone(),
        ),
    };
    Ok(answer(lrs, &policies, against, &seen, invalid))
}

fn answer(
    lrs: &Lrs,
    policies: &cmi5::Policies,
    against: Against,
    seen: &[Seen<'_>],
    invalid: Vec<Violation>,
) -> Answer {
    let incoming: Vec<Incoming<'_>> = seen
        .iter()
        .enumerate()
        .map(|(index, seen)| Incoming {
            seen,
            index,
            id: seen.id.unwrap_or_default(),
            id_given: seen.id.is_some(),
            writer: Writer::Token,
            voided: false,
        })
        .collect();
    let before = against.session.state;
    let facts = Facts {
        launch: &against.launch,
        session: &against.session,
        registration: &against.registration,
        latest: against.latest,
        policies,
        now: lrs.now(),
    };
    let judged = judge::judge(&facts, &incoming);
    let mut violations = against.violations;
    violations.extend(incoming.iter().filter_map(judge::closed).map(Found::from));
    violations.extend(judged.findings.into_iter().map(Found::from));
    violations.extend(
        invalid
            .into_iter()
            .map(|violation| found(violation, Decision::Rejected)),
    );
    let accepted = violations.iter().all(|one| one.decision != "rejected");
    let after = if accepted {
        judged.session.state
    } else {
        before
    };
    Answer {
        accepted,
        state: [before.as_str(), after.as_str()],
        violations,
    }
}

fn of_session(lrs: &Lrs, caller: &Caller, id: &str) -> Result<Against, Error> {
    let tenant = caller.tenant();
    let known =
        sessions::read(lrs, tenant, id)?.ok_or(Error::NotFound("there is no such session"))?;
    let launch = &known.launch;
    let key = keys::au_registration(launch.registration, &launch.actor, &launch.activity);
    let reached = sessions::reached(lrs, tenant, &key)?;
    Ok(Against {
        latest: known.latest(),
        launch: known.launch,
        session: known.session,
        registration: reached.registration,
        violations: Vec::new(),
    })
}

fn of_launch(
    lrs: &Lrs,
    policies: &cmi5::Policies,
    launching: &Launching<'_>,
) -> Result<Against, Error> {
    let actor = match parse_actor(launching.agent.get(), "/launch/agent")? {
        Actor::Agent(agent) => agent.ifi.canonical(),
        Actor::Group(_) => {
            return Err(wrong("/launch/agent", "an Agent", "a Group").into());
        }
    };
    let address = Address {
        activity: &launching.activity_id,
        actor: &actor,
        registration: Some(launching.registration),
    };
    let checked = launch_data::check(launching.launch_data.get().as_bytes(), &address);
    let violations: Vec<Found> = checked
        .violations
        .into_iter()
        .filter_map(|(rule, violation)| {
            let decision = Decision::of(policies.of(cmi5::Side::Lms, rule))?;
            let pointer = format!("/launch/launchData{}", violation.pointer);
            Some(found(
                Violation {
                    pointer,
                    ..violation
                },
                decision,
            ))
        })
        .collect();
    let Some(launch) = checked.launch else {
        return Err(wrong(
            "/launch/launchData",
            "launch data with a session id",
            violations.first().map_or(Cow::Borrowed("none"), |one| {
                Cow::Owned(one.expected.clone())
            }),
        )
        .into());
    };
    let mut session = Session::new(lrs.now(), 0);
    session.state = State::Launched;
    session.launched = Some(Uuid::nil());
    // What the AU asks for besides its statements is not part of the question.
    session.preferences_read = true;
    Ok(Against {
        launch: std::sync::Arc::new(launch),
        session,
        registration: AuRegistration::default(),
        latest: None,
        violations,
    })
}

fn wrong(pointer: &str, expected: &str, got: impl std::fmt::Display) -> Violation {
    Violation::new(requirement::CHECK, pointer, expected, got.to_string())
}

impl From<cmi5::Finding> for Found {
    fn from(finding: cmi5::Finding) -> Self {
        found(finding.violation, finding.decision)
    }
}

fn found(violation: Violation, decision: Decision) -> Found {
    Found {
        decision: decision.as_str(),
        hint: cmi5::rule::find(violation.requirement).map(|rule| rule.hint),
        requirement: violation.requirement.to_owned(),
        statement: violation.statement,
        pointer: violation.pointer,
        expected: violation.expected,
        got: violation.got,
        detail: violation.detail,
    }
}
