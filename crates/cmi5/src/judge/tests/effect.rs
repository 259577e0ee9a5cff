//! How statements move the session under each policy, and what they set.

use super::fixture::{
    Change, Given, World, by_lms, created, grace, id, initialized, mark, statement, terminated,
    told, world,
};
use crate::finding::{Decision, is_rejected};
use crate::policy::Policy;
use crate::rule::{RULES, Side, find};
use crate::session::State;

fn flag(w: &mut World) {
    w.policies.au = Policy::Flag;
    w.policies.lms = Policy::Flag;
}

fn off(w: &mut World) {
    w.policies.au = Policy::Off;
    w.policies.lms = Policy::Off;
}

/// Whether it would be stored, the state, and what has been reached: c, p, f, w for the session's and the
/// registration's completed, passed, failed, and the registration's waived.
fn outcome(given: &[Given], verb: &str, changes: &[Change]) -> (bool, State, String) {
    let judged = world(given).judge(&[statement(5, verb, changes)]);
    let mut reached = String::new();
    let (session, registration) = (&judged.session, &judged.registration);
    for (letter, of_session, of_registration) in [
        ('c', &session.completed, &registration.completed),
        ('p', &session.passed, &registration.passed),
        ('f', &session.failed, &registration.failed),
    ] {
        reached.extend(of_session.iter().map(|_| letter));
        assert_eq!(of_session.len(), of_registration.len());
        assert!(of_session.iter().all(|statement| *statement == id(5)));
    }
    reached.extend(registration.waived.iter().map(|_| 'w'));
    (!judged.is_rejected(), session.state, reached)
}

/// What is given, the statement, and its outcome.
type Moves<'m> = (&'m [Given], &'m str, &'m [Change], bool, State, &'m str);

const OTHER: Change = ("/actor/account/name", "\"mario\"");
const NO_DURATION: Change = ("/result/duration", "");
const NO_SESSION: Change = ("{sessionid}", "");
const NO_GROUPING: Change = ("/context/contextActivities/grouping", "");

#[test]
fn policies() {
    use State::{Abandoned, Created, Initialized, Launched, Terminated};
    let rows: &[Moves] = &[
        // What is right moves.
        (&[], "initialized", &[], true, Initialized, ""),
        (&[initialized], "terminated", &[], true, Terminated, ""),
        (&[initialized], "completed", &[], true, Initialized, "c"),
        (&[initialized], "passed", &[], true, Initialized, "p"),
        (&[initialized], "failed", &[], true, Initialized, "f"),
        (&[initialized], "allowed", &[], true, Initialized, ""),
        (&[created, by_lms], "launched", &[], true, Launched, ""),
        (
            &[initialized, by_lms],
            "abandoned",
            &[],
            true,
            Abandoned,
            "",
        ),
        // What is refused is told.
        (
            &[initialized],
            "completed",
            &[NO_DURATION],
            false,
            Initialized,
            "",
        ),
        (&[], "completed", &[], false, Launched, ""),
        // Flagged: completed, passed and failed count for nothing.
        (
            &[initialized, flag],
            "completed",
            &[NO_DURATION],
            true,
            Initialized,
            "",
        ),
        (
            &[initialized, flag],
            "passed",
            &[NO_SESSION],
            true,
            Initialized,
            "",
        ),
        (
            &[initialized, flag],
            "failed",
            &[NO_GROUPING],
            true,
            Initialized,
            "",
        ),
        (&[terminated, flag], "completed", &[], true, Terminated, ""),
        // Flagged: initialized and terminated move, but for duplicates, out of order or by another actor.
        (&[flag], "initialized", &[NO_SESSION], true, Initialized, ""),
        (&[flag], "initialized", &[OTHER], true, Launched, ""),
        (
            &[initialized, flag],
            "terminated",
            &[NO_DURATION],
            true,
            Terminated,
            "",
        ),
        (
            &[initialized, flag],
            "terminated",
            &[OTHER],
            true,
            Initialized,
            "",
        ),
        (&[flag], "terminated", &[], true, Launched, ""),
        (
            &[initialized, flag],
            "terminated",
            &[("/timestamp", "\"2026-11-21T10:00:01Z\"")],
            true,
            Initialized,
            "",
        ),
        (
            &[initialized, by_lms, flag],
            "abandoned",
            &[NO_DURATION],
            true,
            Abandoned,
            "",
        ),
        (
            &[initialized, by_lms, flag],
            "abandoned",
            &[OTHER],
            true,
            Initialized,
            "",
        ),
        (
            &[created, by_lms, flag],
            "launched",
            &[OTHER],
            true,
            Created,
            "",
        ),
        (
            &[created, by_lms, flag],
            "launched",
            &[NO_GROUPING],
            true,
            Launched,
            "",
        ),
        // Off: nothing is checked, and everything moves.
        (
            &[initialized, off],
            "completed",
            &[NO_DURATION, OTHER],
            true,
            Initialized,
            "c",
        ),
        (&[off], "terminated", &[], true, Terminated, ""),
        (&[off], "passed", &[], true, Launched, "p"),
        (&[off], "initialized", &[OTHER], true, Initialized, ""),
        (&[terminated, off], "failed", &[], true, Terminated, "f"),
        (&[terminated, off], "initialized", &[], true, Terminated, ""),
        // What is only allowed moves nothing, whatever its verb.
        (
            &[initialized],
            "allowed",
            &[("/verb/id", "\"http://adlnet.gov/expapi/verbs/terminated\"")],
            true,
            Initialized,
            "",
        ),
        // Within the grace what was done before terminated still counts.
        (
            &[terminated, grace],
            "completed",
            &[],
            true,
            Terminated,
            "c",
        ),
        // Waived in somebody's session is flagged, and waives; not for another learner or AU.
        (
            &[initialized, by_lms, flag],
            "waived",
            &[],
            true,
            Initialized,
            "w",
        ),
        (
            &[initialized, by_lms, flag],
            "waived",
            &[OTHER],
            true,
            Initialized,
            "",
        ),
        (
            &[initialized, by_lms, flag],
            "waived",
            &[("/object/id", "\"https://lms.example/activity/8\"")],
            true,
            Initialized,
            "",
        ),
    ];
    for (given, verb, changes, stored, state, reached) in rows {
        let expected = (*stored, *state, (*reached).to_owned());
        assert_eq!(
            outcome(given, verb, changes),
            expected,
            "{verb} {changes:?}"
        );
    }
}

#[test]
fn what_is_set_is_remembered() {
    let terminated = world(&[initialized]).judge(&[statement(5, "terminated", &[])]);
    assert_eq!(
        terminated.session.terminated,
        Some(super::fixture::at("10:10:00"))
    );
    assert_eq!(terminated.session.ended_at, Some(world(&[]).now));
    assert_eq!(terminated.latest, Some(super::fixture::at("10:10:00")));

    let begun = world(&[]).judge(&[statement(5, "initialized", &[])]);
    assert_eq!(
        begun.session.initialized,
        Some(super::fixture::at("10:00:00"))
    );
    assert_eq!(begun.session.initialized_at, Some(world(&[]).now));

    let launched = world(&[created, by_lms]).judge(&[statement(5, "launched", &[])]);
    assert_eq!(launched.session.launched, Some(id(5)));
    assert_eq!(launched.latest, None);

    let abandoned = world(&[initialized, by_lms]).judge(&[statement(5, "abandoned", &[])]);
    assert_eq!(abandoned.session.abandoned, Some(id(5)));
    assert_eq!(abandoned.session.ended_at, Some(world(&[]).now));
}

#[test]
fn what_is_voided_already_sets_nothing() {
    let world = world(&[initialized]);
    let text = statement(5, "completed", &[]);
    let seen = crate::seen::Seen::lenient(&text).unwrap();
    let mut incoming = world.incoming(0, &seen);
    incoming.voided = true;
    let judged = crate::judge::judge(&world.facts(), &[incoming]);
    assert_eq!(judged.findings, []);
    assert_eq!(judged.session, world.session);
    assert_eq!(judged.registration, world.registration);
}

/// Rules by policy follow it, one by one; the others are refused always.
#[test]
fn every_rule_follows_its_policy() {
    for row in super::rows().filter(|row| !row.broken.is_empty()) {
        let text = statement(0, row.verb, row.changes);
        let before = world(row.given).findings(&text);
        let mut world = world(row.given);
        world.policies.unknown_session.au = Policy::Off;
        world.policies.unknown_session.lms = Policy::Off;
        for rule in RULES {
            world.policies.rules.insert(rule.id.to_owned(), Policy::Off);
        }
        let after = world.findings(&text);
        for finding in &after {
            let is_closed = finding.violation.requirement == "6.3.0.0-1"
                || (finding.violation.requirement == "9.3.0.0-1" && finding.side == Side::Au);
            assert!(is_closed, "{:?} {:?}", told(&after), row.changes);
            assert_eq!(finding.decision, Decision::Rejected);
        }
        for policy in world.policies.rules.values_mut() {
            *policy = Policy::Flag;
        }
        let flagged = world.findings(&text);
        assert_eq!(
            is_rejected(&flagged),
            is_rejected(&after),
            "{:?}",
            row.changes
        );
        assert!(
            told(&before)
                .iter()
                .all(|told| { find(told.split(' ').next().unwrap_or_default()).is_some() })
        );
    }
}

#[test]
fn marks_are_bounded() {
    let mut world = world(&[initialized, off]);
    world.registration.completed = vec![mark(); crate::registration::MARKS_MAX];
    world.session.completed = vec![id(1); crate::registration::MARKS_MAX];
    let judged = world.judge(&[statement(5, "completed", &[])]);
    assert_eq!(judged.session, world.session);
    assert_eq!(judged.registration, world.registration);
}
