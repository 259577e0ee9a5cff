//! Random sequences of statements: what is accepted keeps the rules of order, and a batch is what its statements are
//! one by one.

use proptest::prelude::*;

use super::fixture::{World, initialized, statement, world};
use crate::policy::Policy;
use crate::rule::Side;
use crate::seen::Seen;
use crate::session::State;
use crate::vocabulary::Verb;

const VERBS: [&str; 6] = [
    "initialized",
    "completed",
    "passed",
    "failed",
    "terminated",
    "allowed",
];

/// A verb, a second of its timestamp, and whether something else is wrong with it.
type Step = (usize, i64, bool);

fn steps(count: usize) -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(
        (0..VERBS.len(), 0..20_i64, prop::bool::weighted(0.1)),
        0..count,
    )
}

fn text(number: usize, (verb, second, wrong): Step) -> String {
    let timestamp = format!("\"2026-11-21T10:00:{second:02}Z\"");
    let registration = if wrong {
        "\"00000000-0000-4000-8000-000000000000\""
    } else {
        "\"5c1d2f3e-0a4b-4c6d-8e7f-901234567890\""
    };
    let changes = [
        ("/timestamp", timestamp.as_str()),
        ("/context/registration", registration),
    ];
    statement(number, VERBS[verb], &changes)
}

fn texts(steps: &[Step]) -> Vec<String> {
    steps
        .iter()
        .enumerate()
        .map(|(number, step)| text(number, *step))
        .collect()
}

fn a_world(policy: Policy) -> World {
    let mut world = world(&[]);
    world.policies.au = policy;
    world
}

fn judge(world: &World, texts: &[String]) -> crate::judge::Judged {
    let seen: Vec<Seen<'_>> = texts
        .iter()
        .map(|text| Seen::lenient(text).unwrap())
        .collect();
    world.judge_seen(&seen)
}

/// The rules of order and repetition, said once more and in another way, of statements in the order of arrival.
fn assert_order(accepted: &[Step]) {
    let count = |verb| {
        accepted
            .iter()
            .filter(|(given, _, _)| VERBS[*given] == verb)
            .count()
    };
    let times = || accepted.iter().map(|(_, second, _)| *second);
    for verb in ["initialized", "completed", "passed", "failed", "terminated"] {
        assert!(count(verb) <= 1, "{verb} twice in {accepted:?}");
    }
    assert!(count("passed") + count("failed") <= 1, "{accepted:?}");
    assert!(accepted.iter().all(|(_, _, wrong)| !wrong));
    if let Some((verb, second, _)) = accepted.first() {
        assert_eq!(VERBS[*verb], "initialized");
        assert!(times().all(|other| other >= *second), "{accepted:?}");
    }
    if let Some(at) = accepted
        .iter()
        .position(|(verb, _, _)| VERBS[*verb] == "terminated")
    {
        assert_eq!(at, accepted.len() - 1, "{accepted:?}");
        assert!(times().all(|other| other <= accepted[at].1), "{accepted:?}");
    }
}

proptest! {
    #[test]
    fn what_is_accepted_one_by_one_is_in_order(steps in steps(24)) {
        let mut world = a_world(Policy::Reject);
        let mut accepted = Vec::new();
        for (step, text) in steps.iter().zip(texts(&steps)) {
            let judged = judge(&world, &[text]);
            if !judged.is_rejected() {
                world.accept(judged);
                accepted.push(*step);
            }
        }
        assert_order(&accepted);
    }

    #[test]
    fn what_is_accepted_in_batches_is_in_order(batches in prop::collection::vec(steps(5), 1..8)) {
        let mut world = a_world(Policy::Reject);
        let mut accepted = Vec::new();
        for batch in batches {
            let judged = judge(&world, &texts(&batch));
            if !judged.is_rejected() {
                world.accept(judged);
                let mut batch = batch;
                batch.sort_by_key(|(_, second, _)| *second);
                accepted.extend(batch);
            }
        }
        assert_order(&accepted);
    }

    #[test]
    fn a_batch_is_what_its_statements_are_one_by_one(mut steps in steps(12), flag in any::<bool>()) {
        steps.sort_by_key(|(_, second, _)| *second);
        let policy = if flag { Policy::Flag } else { Policy::Reject };
        let whole = judge(&a_world(policy), &texts(&steps));
        let mut world = a_world(policy);
        let mut decisions = Vec::new();
        for text in texts(&steps) {
            let judged = judge(&world, &[text]);
            decisions.extend(judged.findings.iter().map(|f| (f.violation.requirement, f.decision)));
            if judged.is_rejected() {
                break;
            }
            world.accept(judged);
        }
        let of_whole: Vec<_> =
            whole.findings.iter().map(|f| (f.violation.requirement, f.decision)).collect();
        if whole.is_rejected() {
            prop_assert!(of_whole.starts_with(&decisions));
        } else {
            prop_assert_eq!(of_whole, decisions);
            prop_assert_eq!(whole.session, world.session);
            prop_assert_eq!(whole.registration, world.registration);
            prop_assert_eq!(whole.latest, world.latest);
        }
    }

    #[test]
    fn sessions_of_one_registration_reach_a_thing_once(sessions in prop::collection::vec(steps(10), 1..6)) {
        let mut world = a_world(Policy::Reject);
        let mut verbs = Vec::new();
        for steps in sessions {
            let fresh = super::fixture::world(&[initialized]);
            (world.session, world.latest) = (fresh.session, fresh.latest);
            for (step, text) in steps.iter().zip(texts(&steps)) {
                let judged = judge(&world, &[text]);
                if !judged.is_rejected() {
                    world.accept(judged);
                    verbs.push(VERBS[step.0]);
                }
            }
        }
        let count = |verb: &str| verbs.iter().filter(|given| **given == verb).count();
        prop_assert!(count("completed") <= 1);
        prop_assert!(count("passed") <= 1);
        if let Some(at) = verbs.iter().position(|verb| *verb == "passed") {
            prop_assert!(!verbs[at..].contains(&"failed"));
        }
        prop_assert_eq!(world.registration.completed.len(), count("completed"));
        prop_assert_eq!(world.registration.passed.len(), count("passed"));
    }

    /// In flag mode everything is stored, and the facts are still never doubled.
    #[test]
    fn flagged_sessions_reach_a_thing_once(steps in steps(24)) {
        let judged = judge(&a_world(Policy::Flag), &texts(&steps));
        prop_assert!(!judged.is_rejected());
        let session = &judged.session;
        for set in [&session.completed, &session.passed, &session.failed] {
            prop_assert!(set.len() <= 1);
        }
        prop_assert!(session.passed.len() + session.failed.len() <= 1);
        let said = |verb| judged.outcomes.iter().filter(|outcome| outcome.verb == verb).count();
        prop_assert!(said(Verb::Initialized) <= 1);
        prop_assert!(said(Verb::Terminated) <= 1);
        prop_assert_eq!(said(Verb::Terminated) == 1, session.state == State::Terminated);
        prop_assert!(judged.findings.iter().all(|finding| finding.side == Side::Au));
    }
}
