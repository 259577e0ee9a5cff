//! What must hold when many write at once: nothing lost, nothing twice, nobody refused for another's sake.

use std::sync::Arc;

use lrs::credential::{Credential, Credentials, Role, Scope, Scopes};
use lrs::documents::{self, Preconditions, Sent};
use lrs::statements::get::{self, ById};
use lrs::statements::post::{self, Incoming};
use lrs::{Caller, Error, Lrs, Settings};
use storage::{DocumentFolder, DocumentKey, Options, Store, Tenant};
use tempfile::TempDir;
use uuid::Uuid;
use xapi::Version;
use xapi::query::Filters;

struct Bench {
    lrs: Arc<Lrs>,
    caller: Caller,
    _directory: TempDir,
}

fn open() -> Bench {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let store = Store::open(directory.path(), Options::default()).expect("the store opens");
    let store = Arc::new(store);
    let credentials = Credentials::new(
        Arc::clone(&store),
        lrs::credential::Settings::default(),
        storage::Clock::System,
    );
    let lrs = Lrs::new(store, Settings::default(), credentials).expect("the signing key is made");
    Bench {
        lrs: Arc::new(lrs),
        caller: Caller {
            credential: Arc::new(credential()),
            version: Version::V1_0_3,
            session: None,
        },
        _directory: directory,
    }
}

fn credential() -> Credential {
    Credential {
        key: "key".to_owned(),
        name: "test".to_owned(),
        tenant: Tenant::DEFAULT,
        role: Role::LmsAu,
        scopes: Scopes::of(&[Scope::All]),
        assume_version: None,
        authority:
            r#"{"objectType":"Agent","account":{"homePage":"https://lrs.example","name":"key"}}"#
                .to_owned(),
        secrets: Vec::new(),
        created: 0,
        revoked: None,
    }
}

/// Runs `count` tasks at once and returns what they answered, in their order.
fn at_once<T, F>(count: u32, task: impl Fn(u32) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(4)
        .enable_time()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let tasks: Vec<_> = (0..count).map(|n| tokio::spawn(task(n))).collect();
        let mut answers = Vec::new();
        for task in tasks {
            answers.push(task.await.expect("no task panics"));
        }
        answers
    })
}

fn statement(id: Uuid, verb: &str, object: &str) -> String {
    format!(
        r#"{{"id":"{id}","actor":{{"mbox":"mailto:ada@example.org","name":"Ada"}},
            "verb":{{"id":"https://example.org/{verb}"}},"object":{object}}}"#
    )
}

const ACTIVITY: &str =
    r#"{"id":"https://example.org/course","definition":{"name":{"en":"A course"}}}"#;

fn reference(target: Uuid) -> String {
    format!(r#"{{"objectType":"StatementRef","id":"{target}"}}"#)
}

fn post(bench: &Bench, body: String) -> impl Future<Output = Result<Vec<Uuid>, Error>> + use<> {
    let (lrs, caller) = (Arc::clone(&bench.lrs), bench.caller.clone());
    async move {
        let incoming = Incoming {
            body: &body,
            parts: &[],
        };
        post::post(&lrs, &caller, incoming)
            .await
            .map(|stored| stored.ids)
    }
}

fn found_by_verb(bench: &Bench, verb: &str) -> Vec<Uuid> {
    let filters = Filters {
        verb: Some(format!("https://example.org/{verb}")),
        ..Filters::default()
    };
    let page = get::page(&bench.lrs, &bench.caller, &filters).expect("the page is read");
    page.rows.iter().map(|row| row.content.id).collect()
}

#[test]
fn a_hundred_merges_of_one_document_are_all_in_it() {
    let bench = open();
    let key = DocumentKey {
        folder: DocumentFolder::State {
            activity: "https://example.org/course".to_owned(),
            agent: "mbox:ada@example.org".to_owned(),
            registration: None,
        },
        id: "progress".to_owned(),
    };
    let answers = at_once(100, |n| {
        let (lrs, caller, key) = (Arc::clone(&bench.lrs), bench.caller.clone(), key.clone());
        async move {
            let sent = Sent {
                content_type: "application/json".to_owned(),
                content: format!(r#"{{"page{n}":{n}.0}}"#).into_bytes(),
            };
            documents::post(&lrs, &caller, key, sent, &Preconditions::default()).await
        }
    });
    for answer in answers {
        answer.expect("every merge is taken");
    }
    let stored = at_once(1, |_| {
        let (lrs, caller, key) = (Arc::clone(&bench.lrs), bench.caller.clone(), key.clone());
        async move { documents::get(&lrs, &caller, key).await }
    })
    .pop()
    .expect("it ran once")
    .expect("the document is there");
    let text = String::from_utf8(stored.content).expect("it is text");
    for n in 0..100 {
        assert!(
            text.contains(&format!(r#""page{n}":{n}.0"#)),
            "page {n} is lost: {text}"
        );
    }
}

#[test]
fn of_many_who_create_a_document_one_does() {
    let bench = open();
    let key = DocumentKey {
        folder: DocumentFolder::ActivityProfile {
            activity: "https://example.org/course".to_owned(),
        },
        id: "settings".to_owned(),
    };
    let only_new = Preconditions {
        if_match: None,
        if_none_match: Some(documents::EtagCondition::Any),
    };
    let answers = at_once(32, |n| {
        let (lrs, caller, key) = (Arc::clone(&bench.lrs), bench.caller.clone(), key.clone());
        let only_new = only_new.clone();
        async move {
            let sent = Sent {
                content_type: "text/plain".to_owned(),
                content: n.to_string().into_bytes(),
            };
            documents::put(&lrs, &caller, key, sent, &only_new).await
        }
    });
    let taken = answers.iter().filter(|answer| answer.is_ok()).count();
    let refused = answers
        .iter()
        .filter(|answer| matches!(answer, Err(Error::PreconditionFailed(_))));
    assert_eq!((taken, refused.count()), (1, 31));
}

#[test]
fn one_statement_sent_by_many_is_stored_once_and_acknowledged_to_all() {
    let bench = open();
    let id = Uuid::from_u128(1);
    let answers = at_once(64, |_| post(&bench, statement(id, "attempted", ACTIVITY)));
    for answer in answers {
        assert_eq!(answer.expect("an equal statement is no conflict"), [id]);
    }
    assert_eq!(found_by_verb(&bench, "attempted"), [id]);
}

#[test]
fn of_many_different_statements_with_one_id_one_is_stored() {
    let bench = open();
    let id = Uuid::from_u128(1);
    let answers = at_once(32, |n| {
        post(&bench, statement(id, &format!("verb{n}"), ACTIVITY))
    });
    let stored: Vec<usize> = answers
        .iter()
        .enumerate()
        .filter(|(_, answer)| answer.is_ok())
        .map(|(n, _)| n)
        .collect();
    let conflicts = answers
        .iter()
        .filter(|answer| matches!(answer, Err(Error::Conflict { violations, .. }) if !violations.is_empty()))
        .count();
    assert_eq!((stored.len(), conflicts), (1, 31));
    let winner = stored.first().expect("there is one");
    assert_eq!(found_by_verb(&bench, &format!("verb{winner}")), [id]);
}

#[test]
fn referrers_and_their_target_arrive_in_any_order() {
    let bench = open();
    let target = Uuid::from_u128(1000);
    let answers = at_once(40, |n| {
        let body = if n == 20 {
            statement(target, "finished", ACTIVITY)
        } else {
            statement(
                Uuid::from_u128(u128::from(n)),
                "commented",
                &reference(target),
            )
        };
        post(&bench, body)
    });
    for answer in answers {
        answer.expect("every statement is taken");
    }
    wait_until_consistent(&bench);
    let mut found = found_by_verb(&bench, "finished");
    found.sort_unstable();
    let mut all: Vec<Uuid> = (0..40).filter(|&n| n != 20).map(Uuid::from_u128).collect();
    all.push(target);
    assert_eq!(found, all);
}

#[test]
fn a_target_is_voided_whichever_comes_first() {
    for _ in 0..10 {
        let bench = open();
        let target = Uuid::from_u128(1);
        let voiding = statement(Uuid::from_u128(2), "unused", &reference(target)).replace(
            "https://example.org/unused",
            "http://adlnet.gov/expapi/verbs/voided",
        );
        let bodies = [statement(target, "finished", ACTIVITY), voiding];
        let answers = at_once(2, |n| post(&bench, bodies[n as usize].clone()));
        for answer in answers {
            answer.expect("both are taken");
        }
        assert!(get::by_id(&bench.lrs, &bench.caller, ById::Current(target)).is_err());
        get::by_id(&bench.lrs, &bench.caller, ById::Voided(target)).expect("it is voided");
        wait_until_consistent(&bench);
        assert_eq!(
            found_by_verb(&bench, "finished"),
            [Uuid::from_u128(2)],
            "the voiding one alone"
        );
    }
}

#[test]
fn definitions_learned_at_once_are_all_known() {
    let bench = open();
    let answers = at_once(32, |n| {
        let object = format!(
            r#"{{"id":"https://example.org/course","definition":{{"name":{{"x-lang{n}":"name {n}"}}}}}}"#
        );
        post(
            &bench,
            statement(Uuid::from_u128(u128::from(n)), "attempted", &object),
        )
    });
    for answer in answers {
        answer.expect("every statement is taken");
    }
    let activity = lrs::activities::get(&bench.lrs, &bench.caller, "https://example.org/course")
        .expect("the activity is known");
    for n in 0..32 {
        assert!(
            activity.contains(&format!("name {n}")),
            "name {n} is lost: {activity}"
        );
    }
}

/// Late references are worked off behind the answers; Consistent-Through tells when they are done.
fn wait_until_consistent(bench: &Bench) {
    let now = storage::Clock::System.now();
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
    while bench.lrs.store.consistent_through() < now {
        assert!(
            std::time::Instant::now() < deadline,
            "consistency never comes"
        );
        std::thread::yield_now();
    }
}
