//! What holds for every statement of a session, cmi5 defined or allowed. Some of it holds for an LMS's own too.

use xapi::json::pointer;

use super::case::{self, NOTHING};
use super::{Case, Findings, Writer, closed, equal, template};
use crate::rule::{self, Rule};
use crate::seen::{Member, Seen, Who};
use crate::session::State;
use crate::vocabulary::{CATEGORY_MOVE_ON, SESSION_ID};

pub(super) fn check(case: &Case<'_>, findings: &mut Findings<'_>) {
    preferences_read(case, findings);
    if !case.incoming.id_given {
        findings.broken(&rule::ID_GIVEN, "/id", "a UUID given by the AU", NOTHING);
    }
    closed::check(case.incoming, findings);
    timestamp(case.statement, findings);
    if case.statement.context.is_none() {
        findings.broken(&rule::CONTEXT_PRESENT, "/context", "a context", NOTHING);
    }
    actor(case, findings);
    registration(case, findings);
    session_id(case, &rule::SESSION_ID_OF_AU, findings);
    template::check(case, findings);
    move_on_elsewhere(case.statement, findings);
}

/// Asked of a token alone, before the first statement of the session.
fn preferences_read(case: &Case<'_>, findings: &mut Findings<'_>) {
    let is_asked = case.policies.require_preferences_read && case.incoming.writer == Writer::Token;
    let begins = match case.session.state {
        State::Created | State::Launched => case.latest.is_none(),
        State::Initialized | State::Terminated | State::Abandoned => false,
    };
    if is_asked && begins && !case.session.preferences_read {
        findings.broken(
            &rule::PREFERENCES_READ,
            "",
            "a GET of the agent profile `cmi5LearnerPreferences` before the first statement",
            "no such request in this session",
        );
    }
}

pub(super) fn timestamp(statement: &Seen<'_>, findings: &mut Findings<'_>) {
    let at = "/timestamp";
    match &statement.timestamp {
        Member::Is(timestamp) if timestamp.utc => {}
        Member::Is(_) => findings.broken(
            &rule::TIMESTAMP_IN_UTC,
            at,
            "a timestamp in UTC",
            statement.timestamp_text().unwrap_or_default(),
        ),
        Member::Absent => {
            findings.broken(&rule::TIMESTAMP_PRESENT, at, "a timestamp in UTC", NOTHING);
        }
        Member::Wrong(sent) => {
            findings.broken(
                &rule::TIMESTAMP_PRESENT,
                at,
                "a timestamp in UTC",
                sent.as_ref(),
            );
        }
    }
}

pub(super) fn actor(case: &Case<'_>, findings: &mut Findings<'_>) {
    let got = match &case.statement.actor {
        Who::Agent { identity, .. } if *identity == case.launch.actor => return,
        Who::Agent { identity, .. } => identity,
        Who::Group => "a Group",
        Who::Unknown => "no valid Agent",
    };
    let expected = case.launch.actor.as_str();
    findings.broken(&rule::ACTOR_IS_LAUNCHED, "/actor", expected, got);
}

pub(super) fn registration(case: &Case<'_>, findings: &mut Findings<'_>) {
    let got = match &case.context().registration {
        Member::Is(registration) if *registration == case.launch.registration => return,
        Member::Is(other) => other.to_string(),
        Member::Absent => NOTHING.to_owned(),
        Member::Wrong(sent) => sent.to_string(),
    };
    findings.broken(
        &rule::REGISTRATION_IS_LAUNCHED,
        "/context/registration",
        case.launch.registration.to_string(),
        got,
    );
}

pub(super) fn session_id(case: &Case<'_>, rule: &'static Rule, findings: &mut Findings<'_>) {
    let given = case.context().extension(SESSION_ID);
    if given.is_some_and(|given| equal::is_string(given, &case.launch.session)) {
        return;
    }
    findings.broken(
        rule,
        session_id_pointer(),
        case.launch.session.as_str(),
        given.unwrap_or(NOTHING),
    );
}

pub(super) fn session_id_pointer() -> String {
    pointer("/context/extensions", SESSION_ID)
}

/// The moveOn category stands nowhere but in cmi5 defined statements with success or completion (9.6.2.2-2).
pub(super) fn move_on_elsewhere(statement: &Seen<'_>, findings: &mut Findings<'_>) {
    for (list, ids) in case::context(statement).lists() {
        if ids.iter().any(|id| id == CATEGORY_MOVE_ON)
            && !(statement.is_defined() && statement.has_success_or_completion())
        {
            findings.broken(
                &rule::MOVE_ON_ONLY_WITH_RESULT,
                format!("/context/contextActivities/{list}"),
                "no moveOn category in a statement without success and completion",
                CATEGORY_MOVE_ON,
            );
        }
    }
}
