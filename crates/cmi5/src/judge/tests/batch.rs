//! Several statements in one request: judged in the order of their timestamps, told in the order of the request.

use super::fixture::{Given, by_lms, created, grace, initialized, statement, told, world};
use crate::finding::Decision;
use crate::policy::Policy;
use crate::rule::Side;
use crate::session::State;
use crate::vocabulary::Verb;

/// Each statement as its verb and the time of its timestamp; what is wrong, as `index id`; the state afterwards.
fn check(given: &[Given], batch: &[(&str, &str)], broken: &[&str], state: State) {
    let texts: Vec<String> = batch
        .iter()
        .enumerate()
        .map(|(index, (verb, time))| {
            let timestamp = format!("\"2026-11-21T{time}Z\"");
            statement(index, verb, &[("/timestamp", &timestamp)])
        })
        .collect();
    let judged = world(given).judge(&texts);
    let found: Vec<String> = judged
        .findings
        .iter()
        .map(|finding| {
            let index = finding.violation.statement.unwrap();
            format!("{index} {}", finding.violation.requirement)
        })
        .collect();
    assert_eq!(found, broken, "{batch:?}");
    assert_eq!(judged.session.state, state, "{batch:?}");
}

#[test]
fn a_whole_session_in_one_request() {
    check(
        &[],
        &[
            ("initialized", "10:00:00"),
            ("allowed", "10:01:00"),
            ("completed", "10:02:00"),
            ("passed", "10:03:00"),
            ("terminated", "10:04:00"),
        ],
        &[],
        State::Terminated,
    );
}

#[test]
fn out_of_order_in_the_request_and_right_by_timestamp() {
    check(
        &[],
        &[
            ("terminated", "10:04:00"),
            ("passed", "10:03:00"),
            ("allowed", "10:00:01"),
            ("initialized", "10:00:00"),
        ],
        &[],
        State::Terminated,
    );
}

#[test]
fn after_terminated_in_the_same_request() {
    let broken = ["1 9.3.0.0-5", "1 7.1.3.0-1", "1 9.3.8.0-4"];
    let batch = [("terminated", "10:04:00"), ("allowed", "10:05:00")];
    check(&[initialized], &batch, &broken, State::Terminated);
    let broken = ["0 9.3.0.0-5", "0 7.1.3.0-1", "0 9.3.8.0-4"];
    let batch = [("allowed", "10:05:00"), ("terminated", "10:04:00")];
    check(&[initialized], &batch, &broken, State::Terminated);
}

#[test]
fn equal_timestamps_keep_the_order_of_the_request() {
    let ordered = [
        ("initialized", "10:00:00"),
        ("allowed", "10:00:00"),
        ("terminated", "10:00:00"),
    ];
    check(&[], &ordered, &[], State::Terminated);
    let reversed = [("allowed", "10:00:00"), ("initialized", "10:00:00")];
    let broken = ["0 7.1.1.0-1", "0 7.1.3.0-1", "0 9.3.0.0-4"];
    check(&[], &reversed, &broken, State::Initialized);
    let late = [("terminated", "10:09:00"), ("allowed", "10:09:00")];
    check(&[initialized, grace], &late, &[], State::Terminated);
}

#[test]
fn each_sees_the_effect_of_those_before() {
    check(
        &[initialized],
        &[
            ("completed", "10:03:00"),
            ("completed", "10:02:00"),
            ("failed", "10:05:00"),
            ("passed", "10:04:00"),
        ],
        &["0 9.3.0.0-2", "0 9.3.0.0-6", "2 9.3.0.0-3", "2 9.3.0.0-8"],
        State::Initialized,
    );
}

/// Two clocks: between an LMS's statements and an AU's, arrival decides.
#[test]
fn statements_of_an_lms_keep_their_place() {
    check(
        &[created, by_lms],
        &[
            ("launched", "11:00:00"),
            ("completed", "10:01:00"),
            ("initialized", "10:00:00"),
            ("abandoned", "09:00:00"),
        ],
        &[],
        State::Abandoned,
    );
    check(
        &[created, by_lms],
        &[("initialized", "10:00:00"), ("launched", "09:00:00")],
        &["0 9.3.1.0-1", "1 9.3.1.0-1"],
        State::Initialized,
    );
}

#[test]
fn a_missing_launched_is_reported_once_and_refuses_nothing() {
    let texts = [statement(0, "initialized", &[])];
    let judged = world(&[created]).judge(&texts);
    assert_eq!(told(&judged.findings), ["9.3.1.0-1 "]);
    let found = &judged.findings[0];
    assert_eq!((found.side, found.decision), (Side::Lms, Decision::Flagged));
    assert!(!judged.is_rejected());
    assert!(judged.session.unlaunched_reported);

    let mut strict = world(&[created]);
    strict.policies.lms = Policy::Reject;
    assert!(!strict.judge(&texts).is_rejected());
    strict.policies.lms = Policy::Off;
    assert_eq!(strict.judge(&texts).findings, []);
}

#[test]
fn the_preferences_are_asked_for_once_in_a_request() {
    let mut world = world(&[]);
    world.session.preferences_read = false;
    let texts = [
        statement(0, "allowed", &[]),
        statement(1, "initialized", &[]),
    ];
    let judged = world.judge(&texts);
    assert_eq!(told(&judged.findings), ["11.0.0.0-3 "]);
    assert_eq!(judged.findings[0].violation.statement, Some(1));
}

#[test]
fn outcomes_are_told_in_the_order_of_judgement() {
    let texts = [
        statement(
            0,
            "terminated",
            &[("/timestamp", "\"2026-11-21T10:20:00Z\"")],
        ),
        statement(1, "allowed", &[]),
        statement(2, "passed", &[]),
        statement(3, "initialized", &[]),
    ];
    let judged = world(&[]).judge(&texts);
    let outcomes: Vec<(usize, Verb)> = judged
        .outcomes
        .iter()
        .map(|outcome| (outcome.index, outcome.verb))
        .collect();
    let expected = [
        (3, Verb::Initialized),
        (2, Verb::Passed),
        (0, Verb::Terminated),
    ];
    assert_eq!(outcomes, expected);
    assert_eq!(judged.registration.passed[0].scaled.as_deref(), Some("0.9"));
}
