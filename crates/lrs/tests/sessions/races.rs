//! The same thing by many at once: exactly one has it.

use std::sync::Arc;

use lrs::credential::{Credential, Scope, Scopes};
use lrs::token::{self, Fetched};
use lrs::{Caller, Error, abandon};
use serde_json::json;

use crate::world::{Launched, World, credential, random_id, run, statement, world};

fn launched(learner: u32) -> Launched {
    Launched {
        session: random_id().to_string(),
        registration: random_id(),
        learner,
    }
}

/// What so many tasks answered.
async fn at_once<T, F>(count: usize, task: impl Fn(usize) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let tasks: Vec<_> = (0..count).map(|n| tokio::spawn(task(n))).collect();
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.expect("no task panics"));
    }
    answers
}

async fn open() -> (Arc<World>, Launched) {
    let (world, launched) = (Arc::new(world(cmi5::Policies::default())), launched(1));
    world.launch(&launched).await.expect("launch data");
    (world, launched)
}

#[test]
fn of_16_fetches_exactly_one_gets_the_token() {
    run(async {
        let (world, launched) = open().await;
        let secret = token::ask(&world.lrs, &world.lms, &launched.session)
            .await
            .expect("the session is open");
        let answers = at_once(16, |_| {
            let (world, secret) = (Arc::clone(&world), secret.clone());
            async move { token::fetch(&world.lrs, &secret).await }
        })
        .await;
        let tokens = answers
            .iter()
            .filter(|answer| matches!(answer, Ok(Fetched::Token(_))))
            .count();
        let used = answers
            .iter()
            .filter(|answer| matches!(answer, Ok(Fetched::UsedOrExpired)))
            .count();
        assert_eq!((tokens, used), (1, 15));
    });
}

#[test]
fn a_key_that_writes_nothing_gets_nobody_a_token() {
    run(async {
        let (world, launched) = open().await;
        for (scopes, may) in [
            (vec![Scope::AllRead], false),
            (vec![Scope::StatementsRead, Scope::State], false),
            (vec![Scope::StatementsWrite], true),
            (vec![Scope::Admin], true),
        ] {
            let key = Caller {
                credential: Arc::new(Credential {
                    scopes: Scopes::of(&scopes),
                    ..credential()
                }),
                ..world.lms.clone()
            };
            let asked = token::ask(&world.lrs, &key, &launched.session).await;
            assert_eq!(asked.is_ok(), may, "{scopes:?}: {asked:?}");
            if !may {
                let ended = abandon::abandon(&world.lrs, &key, &launched.session).await;
                assert!(
                    matches!(ended, Err(Error::Forbidden(_))),
                    "{scopes:?}: {ended:?}"
                );
            }
        }
    });
}

#[test]
fn of_16_completed_exactly_one_is_stored() {
    run(async {
        let (world, launched) = open().await;
        let au = world.au(&launched).await;
        let begin = statement(&launched, "initialized", &world.later(1));
        world.post(&au, &begin).await.expect("initialized");
        let at = world.later(1);
        let answers = at_once(16, |_| {
            let (world, au) = (Arc::clone(&world), au.clone());
            let completed = statement(&launched, "completed", &at);
            async move { world.post(&au, &completed).await }
        })
        .await;
        let taken = answers.iter().filter(|answer| answer.is_ok()).count();
        assert_eq!(taken, 1);
        for answer in answers {
            match answer {
                Ok(flagged) => assert!(flagged.is_empty()),
                Err(Error::Forbidden(violations)) => {
                    assert_eq!(violations[0].requirement, "9.3.0.0-2");
                }
                Err(other) => panic!("not a refusal by a rule: {other:?}"),
            }
        }
        let stored = world.stored();
        let completed = |one: &&serde_json::Value| {
            one["verb"]["id"] == "http://adlnet.gov/expapi/verbs/completed"
        };
        assert_eq!(stored.iter().filter(completed).count(), 1);
    });
}

#[test]
fn of_two_sessions_of_a_registration_one_completes_it() {
    run(async {
        let (world, first) = open().await;
        let second = Launched {
            session: random_id().to_string(),
            ..first.clone()
        };
        world.launch(&second).await.expect("launch data");
        let mut aus = Vec::new();
        for launched in [&first, &second] {
            let au = world.au(launched).await;
            let begin = statement(launched, "initialized", &world.later(1));
            world.post(&au, &begin).await.expect("initialized");
            aus.push((au, launched.clone()));
        }
        let at = world.later(1);
        let answers = at_once(16, |n| {
            let (world, (au, launched)) = (Arc::clone(&world), aus[n % 2].clone());
            let completed = statement(&launched, "completed", &at);
            async move { world.post(&au, &completed).await }
        })
        .await;
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
        let refused = answers
            .iter()
            .filter(|answer| matches!(answer, Err(Error::Forbidden(found)) if !found.is_empty()));
        assert_eq!(refused.count(), 15);
    });
}

#[test]
fn one_request_may_speak_of_two_sessions_of_a_registration() {
    run(async {
        let (world, first) = open().await;
        let second = Launched {
            session: random_id().to_string(),
            ..first.clone()
        };
        world.launch(&second).await.expect("launch data");
        let batch = json!([
            statement(&first, "initialized", &world.later(1)),
            statement(&first, "completed", &world.later(1)),
            statement(&second, "initialized", &world.later(1)),
        ]);
        world
            .post(&world.lms, &batch)
            .await
            .expect("relayed by the LMS");
        let again = statement(&second, "completed", &world.later(1));
        match world.post(&world.lms, &again).await {
            Err(Error::Forbidden(violations)) => {
                assert_eq!(violations[0].requirement, "9.3.0.0-6");
            }
            other => panic!("it was completed in the first session: {other:?}"),
        }
    });
}

#[test]
fn nothing_slips_in_beside_terminated() {
    run(async {
        for _ in 0..10 {
            let (world, launched) = open().await;
            let au = world.au(&launched).await;
            let begin = statement(&launched, "initialized", &world.later(1));
            world.post(&au, &begin).await.expect("initialized");
            let at = world.later(1);
            let answers = at_once(12, |n| {
                let (world, au) = (Arc::clone(&world), au.clone());
                let verb = if n == 5 { "terminated" } else { "experienced" };
                let sent = statement(&launched, verb, &at);
                async move { world.post(&au, &json!([sent])).await.is_ok() }
            })
            .await;
            assert!(answers[5], "terminated is taken");
            let verbs: Vec<String> = world
                .stored()
                .iter()
                .map(|one| one["verb"]["id"].as_str().unwrap_or_default().to_owned())
                .collect();
            assert!(
                verbs
                    .last()
                    .is_some_and(|last| last.ends_with("terminated")),
                "{verbs:?}"
            );
            let taken = answers.iter().filter(|taken| **taken).count();
            assert_eq!(verbs.len(), taken + 1);
        }
    });
}

#[test]
fn sessions_that_one_request_makes_have_places_of_their_own_in_the_list() {
    run(async {
        let world = world(cmi5::Policies::default());
        let all: Vec<Launched> = (1..4).map(launched).collect();
        let batch: Vec<_> = all
            .iter()
            .map(|one| {
                let mut made = statement(one, "launched", &world.later(0));
                made.as_object_mut().expect("it is one").remove("result");
                let extensions = &mut made["context"]["extensions"];
                extensions["https://w3id.org/xapi/cmi5/context/extensions/launchmode"] =
                    "Normal".into();
                extensions["https://w3id.org/xapi/cmi5/context/extensions/moveon"] =
                    "Completed".into();
                extensions["https://w3id.org/xapi/cmi5/context/extensions/launchurl"] =
                    "https://publisher.example/au".into();
                made
            })
            .collect();
        world
            .post(&world.lms, &json!(batch))
            .await
            .expect("nothing is refused");
        let mut rows: Vec<u64> = all
            .iter()
            .map(|one| world.session(&one.session).row)
            .collect();
        rows.dedup();
        assert_eq!(rows.len(), 3, "{rows:?}");
    });
}
