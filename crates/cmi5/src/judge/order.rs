//! What comes when: initialized first, terminated last, nothing after abandoned (sections 7.1 and 9.3). For every
//! statement of an AU, cmi5 defined or allowed.

use xapi::lexical::timestamp::render;

use super::{Case, Findings};
use crate::rule;
use crate::session::{Admits, State};
use crate::vocabulary::Verb;

/// Where something is wrong by its arrival.
const VERB: &str = "/verb/id";
/// Where something is wrong by its time.
const TIMESTAMP: &str = "/timestamp";

pub(super) fn check(case: &Case<'_>, findings: &mut Findings<'_>) {
    match case.session.state {
        State::Created | State::Launched => before_initialized(case, findings),
        State::Initialized => {
            before_initialized_by_time(case, findings);
            before_others(case, findings);
        }
        State::Terminated => {
            before_initialized_by_time(case, findings);
            after_terminated(case, findings);
        }
        State::Abandoned => findings.broken(
            &rule::NOTHING_AFTER_ABANDONED,
            VERB,
            "nothing after abandoned",
            case.statement.verb.as_ref(),
        ),
    }
}

fn before_initialized(case: &Case<'_>, findings: &mut Findings<'_>) {
    if !case.says(Verb::Initialized) {
        let verb = case.statement.verb.as_ref();
        too_early(case, VERB, "initialized first", verb, findings);
    }
}

fn before_initialized_by_time(case: &Case<'_>, findings: &mut Findings<'_>) {
    let Some(initialized) = case.session.initialized else {
        return;
    };
    if case.timestamp < initialized && !case.says(Verb::Initialized) {
        let expected = format!("not before initialized, {}", render(initialized));
        let got = render(case.timestamp);
        too_early(case, TIMESTAMP, &expected, &got, findings);
    }
}

fn too_early(
    case: &Case<'_>,
    pointer: &str,
    expected: &str,
    got: &str,
    findings: &mut Findings<'_>,
) {
    findings.broken(&rule::NOTHING_BEFORE_INITIALIZED, pointer, expected, got);
    if !case.is_defined {
        findings.broken(&rule::ALLOWED_IN_BETWEEN, pointer, expected, got);
    }
    findings.broken(&rule::INITIALIZED_FIRST, pointer, expected, got);
}

/// Terminated is the last by its timestamp too.
fn before_others(case: &Case<'_>, findings: &mut Findings<'_>) {
    if !case.says(Verb::Terminated) {
        return;
    }
    if let Some(latest) = case.latest.filter(|latest| case.timestamp < *latest) {
        findings.broken(
            &rule::TERMINATED_LAST,
            TIMESTAMP,
            format!(
                "not before the session's other statements, {}",
                render(latest)
            ),
            render(case.timestamp),
        );
    }
}

fn after_terminated(case: &Case<'_>, findings: &mut Findings<'_>) {
    let verb = case.statement.verb.as_ref();
    let grace = case.policies.terminated_grace_seconds;
    let terminated = case.session.terminated.unwrap_or(i64::MIN);
    match case.session.admits(case.now, grace) {
        Admits::Everything => {}
        Admits::Statements if case.timestamp <= terminated => {}
        Admits::Statements => {
            let expected = format!("not after terminated, {}", render(terminated));
            let got = render(case.timestamp);
            too_late(case, TIMESTAMP, &expected, &got, findings);
        }
        Admits::Nothing => {
            let expected = "nothing after terminated";
            too_late(case, VERB, expected, verb, findings);
            findings.broken(&rule::REFUSED_AFTER_TERMINATED, VERB, expected, verb);
        }
    }
}

fn too_late(
    case: &Case<'_>,
    pointer: &str,
    expected: &str,
    got: &str,
    findings: &mut Findings<'_>,
) {
    findings.broken(&rule::TERMINATED_LAST, pointer, expected, got);
    if !case.is_defined {
        findings.broken(&rule::ALLOWED_IN_BETWEEN, pointer, expected, got);
    }
}
