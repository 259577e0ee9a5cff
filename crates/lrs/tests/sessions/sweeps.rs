//! Idle sessions end, once, also when several look for them, and not while their AU is active.

use std::sync::Arc;

use lrs::{abandon, refusals};
use serde_json::{Value, json};
use storage::Tenant;

use crate::world::{Launched, PUBLISHER, World, random_id, run, statement, world};

const IDLE: u64 = 60;

fn idle_world() -> Arc<World> {
    Arc::new(world(cmi5::Policies {
        abandon_after_idle_seconds: IDLE,
        ..cmi5::Policies::default()
    }))
}

fn launched() -> Launched {
    Launched {
        session: random_id().to_string(),
        registration: random_id(),
        learner: 7,
    }
}

fn abandonments(world: &World) -> Vec<Value> {
    let mut stored = world.stored();
    stored.retain(|one| one["verb"]["id"] == "https://w3id.org/xapi/adl/verbs/abandoned");
    stored
}

#[test]
fn an_idle_session_ends_once_whoever_looks() {
    run(async {
        let (world, launched) = (idle_world(), launched());
        world.launch(&launched).await.expect("launch data");
        let au = world.au(&launched).await;
        world.later(5_000);
        let begin = statement(&launched, "initialized", &world.later(0));
        world.post(&au, &begin).await.expect("initialized");

        world.later((IDLE - 1) * 1_000);
        assert_eq!(sweep(&world).await, 0, "it is not idle for long enough");
        world.later(2_000);
        let sweeps: Vec<_> = (0..8)
            .map(|_| {
                let world = Arc::clone(&world);
                tokio::spawn(async move { sweep(&world).await })
            })
            .collect();
        let mut ended = 0;
        for sweep in sweeps {
            ended += sweep.await.expect("no task panics");
        }
        assert_eq!(ended, 1);
        assert_eq!(
            world.session(&launched.session).state,
            cmi5::State::Abandoned
        );
        let [abandoned] = <[Value; 1]>::try_from(abandonments(&world)).expect("exactly one");
        // From when the session became known to the last statement of the AU.
        let duration = abandoned["result"]["duration"].as_str().unwrap_or_default();
        assert!(duration.starts_with("PT5"), "{duration}");
        assert_eq!(sweep(&world).await, 0);
        assert_eq!(abandonments(&world).len(), 1);

        let late = statement(&launched, "completed", &world.later(1));
        assert!(world.post(&au, &late).await.is_err());
    });
}

#[test]
fn a_session_with_flagged_launch_data_ends_as_any_other() {
    run(async {
        let world = idle_world();
        let many: Vec<Value> = (0..2_000)
            .map(|n| json!({"id": format!("https://publisher.example/{n}")}))
            .collect();
        let groupings = [
            json!([{"id": PUBLISHER}, {"id": "not an iri"}]),
            json!(many),
        ];
        let mut sessions = Vec::new();
        for grouping in groupings {
            let launched = launched();
            world
                .launch_with(&launched, grouping)
                .await
                .expect("it is flagged alone");
            sessions.push(launched.session);
        }
        let by_request = abandon::abandon(&world.lrs, &world.lms, &sessions[0]).await;
        assert!(by_request.is_ok(), "{by_request:?}");
        world.later((IDLE + 1) * 1_000);
        assert_eq!(sweep(&world).await, 1);
        assert_eq!(abandonments(&world).len(), 2);
    });
}

#[test]
fn an_active_session_goes_on() {
    run(async {
        let (world, launched) = (idle_world(), launched());
        world.launch(&launched).await.expect("launch data");
        let au = world.au(&launched).await;
        let begin = statement(&launched, "initialized", &world.later(1));
        world.post(&au, &begin).await.expect("initialized");
        for _ in 0..5 {
            world.later((IDLE - 10) * 1_000);
            let page = statement(&launched, "experienced", &world.later(0));
            world.post(&au, &page).await.expect("a page");
            assert_eq!(sweep(&world).await, 0);
        }
        assert_eq!(
            world.session(&launched.session).state,
            cmi5::State::Initialized
        );
        let end = statement(&launched, "terminated", &world.later(1));
        world.post(&au, &end).await.expect("terminated");
        world.later(10 * IDLE * 1_000);
        assert_eq!(sweep(&world).await, 0, "a session that ended has no timer");
        assert!(abandonments(&world).is_empty());
    });
}

#[test]
fn old_refusals_go_and_younger_ones_stay() {
    run(async {
        let (world, launched) = (idle_world(), launched());
        world.launch(&launched).await.expect("launch data");
        let au = world.au(&launched).await;
        for _ in 0..2 {
            let mut wrong = statement(&launched, "terminated", &world.later(1));
            wrong["result"] = json!({});
            assert!(world.post(&au, &wrong).await.is_err());
            // What nobody waits for is there once something is acknowledged after it.
            let begin = statement(&launched, "initialized", "2026-11-21T12:00:00Z");
            drop(world.post(&au, &begin).await);
            world.later(50 * 86_400 * 1_000);
        }
        let deleted = refusals::sweep(&world.lrs, Tenant::DEFAULT)
            .await
            .expect("it sweeps");
        assert!(deleted >= 1, "the first is 100 days old");
        let kept = refusals::sweep(&world.lrs, Tenant::DEFAULT)
            .await
            .expect("it sweeps");
        assert_eq!(kept, 0);
    });
}

async fn sweep(world: &World) -> usize {
    abandon::sweep(&world.lrs, Tenant::DEFAULT)
        .await
        .expect("it sweeps")
}
