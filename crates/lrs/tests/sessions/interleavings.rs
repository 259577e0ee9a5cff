//! Random interleavings of many AUs, each with several connections, and of an LMS that abandons now and then: what is
//! stored holds the rules of cmi5, read from nothing but the statements.

use std::collections::HashMap;
use std::sync::Arc;

use lrs::{Error, abandon};
use proptest::prelude::*;
use serde_json::Value;

use crate::world::{Launched, SESSION_ID, random_id, run, statement, world};

/// What one connection of an AU does, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Send(&'static str),
    /// Several statements in one request.
    Batch([&'static str; 3]),
    Abandon,
}

fn verb() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        3 => Just("initialized"),
        4 => Just("experienced"),
        3 => Just("completed"),
        2 => Just("passed"),
        2 => Just("failed"),
        2 => Just("terminated"),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        20 => verb().prop_map(Step::Send),
        3 => [verb(), verb(), verb()].prop_map(Step::Batch),
        1 => Just(Step::Abandon),
    ]
}

/// Steps of each connection of each session.
type Plan = Vec<Vec<Vec<Step>>>;

fn plan() -> impl Strategy<Value = Plan> {
    let connection = prop::collection::vec(step(), 1..8);
    let session = prop::collection::vec(connection, 1..4);
    prop::collection::vec(session, 1..7)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn what_is_stored_breaks_no_rule(plan in plan()) {
        run(play(plan));
    }
}

async fn play(plan: Plan) {
    let world = Arc::new(world(cmi5::Policies::default()));
    let registrations = [random_id(), random_id()];
    let mut tasks = Vec::new();
    for (number, connections) in plan.into_iter().enumerate() {
        let launched = Launched {
            session: format!("session {number}"),
            registration: registrations[number % 2],
            learner: 1,
        };
        world.launch(&launched).await.expect("launch data");
        let au = world.au(&launched).await;
        for steps in connections {
            let (world, launched, au) = (Arc::clone(&world), launched.clone(), au.clone());
            tasks.push(tokio::spawn(async move {
                for step in steps {
                    let mut made = |verb| statement(&launched, verb, &world.later(1));
                    let outcome = match step {
                        Step::Send(verb) => {
                            let body = made(verb);
                            world.post(&au, &body).await
                        }
                        Step::Batch(verbs) => {
                            let body: Vec<Value> = verbs.into_iter().map(&mut made).collect();
                            world.post(&au, &body.into()).await
                        }
                        Step::Abandon => {
                            abandon::abandon(&world.lrs, &world.lms, &launched.session)
                                .await
                                .map(|_| Vec::new())
                        }
                    };
                    match outcome {
                        Ok(_) | Err(Error::Forbidden(_) | Error::Conflict { .. }) => {}
                        Err(error) => panic!("neither taken nor refused: {error:?}"),
                    }
                }
            }));
        }
    }
    for task in tasks {
        task.await.expect("no task panics");
    }
    let stored = world.stored();
    let mut sessions: HashMap<&str, Vec<&Value>> = HashMap::new();
    let mut registrations: HashMap<&str, Vec<&str>> = HashMap::new();
    for one in &stored {
        let context = &one["context"];
        let session = context["extensions"][SESSION_ID]
            .as_str()
            .expect("a session");
        sessions.entry(session).or_default().push(one);
        let registration = context["registration"].as_str().expect("a registration");
        registrations
            .entry(registration)
            .or_default()
            .push(verb_of(one));
    }
    for (id, statements) in sessions {
        holds_in_session(&statements);
        holds_in_record(&world.session(id), &statements);
    }
    for verbs in registrations.values() {
        holds_in_registration(verbs);
    }
}

fn verb_of(one: &Value) -> &str {
    let iri = one["verb"]["id"].as_str().expect("a verb");
    iri.rsplit('/').next().unwrap_or_default()
}

/// Statements in the order of `stored`.
fn holds_in_session(statements: &[&Value]) {
    let verbs: Vec<&str> = statements.iter().map(|one| verb_of(one)).collect();
    let count = |wanted: &str| verbs.iter().filter(|verb| **verb == wanted).count();
    for verb in [
        "initialized",
        "completed",
        "passed",
        "failed",
        "terminated",
        "abandoned",
    ] {
        assert!(count(verb) <= 1, "{verb} twice in {verbs:?}");
    }
    assert!(count("passed") + count("failed") <= 1, "{verbs:?}");
    assert!(count("terminated") + count("abandoned") <= 1, "{verbs:?}");
    let end = verbs
        .iter()
        .position(|verb| *verb == "terminated" || *verb == "abandoned");
    assert!(
        end.is_none_or(|end| end + 1 == verbs.len()),
        "after the end: {verbs:?}"
    );
    let of_au: Vec<&&Value> = statements
        .iter()
        .filter(|one| verb_of(one) != "abandoned")
        .collect();
    let Some(first) = of_au.first() else {
        return;
    };
    assert_eq!(verb_of(first), "initialized", "{verbs:?}");
    let time = |one: &Value| one["timestamp"].as_str().expect("a timestamp").to_owned();
    let last = of_au.iter().find(|one| verb_of(one) == "terminated");
    for one in &of_au {
        assert!(time(first) <= time(one), "before initialized by timestamp");
        assert!(
            last.is_none_or(|last| time(one) <= time(last)),
            "after terminated by timestamp"
        );
    }
}

/// The session's record says what its statements say.
fn holds_in_record(session: &cmi5::Session, statements: &[&Value]) {
    let has = |wanted: &str| statements.iter().any(|one| verb_of(one) == wanted);
    let state = if has("abandoned") {
        cmi5::State::Abandoned
    } else if has("terminated") {
        cmi5::State::Terminated
    } else if has("initialized") {
        cmi5::State::Initialized
    } else {
        cmi5::State::Created
    };
    assert_eq!(session.state, state);
    assert_eq!(!session.completed.is_empty(), has("completed"));
    assert_eq!(!session.passed.is_empty(), has("passed"));
    assert_eq!(!session.failed.is_empty(), has("failed"));
}

/// Verbs of one learner and AU in the order of `stored`.
fn holds_in_registration(verbs: &[&str]) {
    let count = |wanted: &str| verbs.iter().filter(|verb| **verb == wanted).count();
    assert!(
        count("completed") <= 1,
        "completed twice in a registration: {verbs:?}"
    );
    assert!(
        count("passed") <= 1,
        "passed twice in a registration: {verbs:?}"
    );
    let passed = verbs.iter().position(|verb| *verb == "passed");
    let failed = verbs.iter().rposition(|verb| *verb == "failed");
    if let (Some(passed), Some(failed)) = (passed, failed) {
        assert!(failed < passed, "failed after passed: {verbs:?}");
    }
}
