//! An LRS on a store of its own, an LMS that launches, and AUs with their tokens.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use lrs::credential::{Credential, Credentials, Role, Scope, Scopes};
use lrs::documents::{self, Preconditions, Sent};
use lrs::statements::get;
use lrs::statements::post::{self, Incoming};
use lrs::token::{self, Fetched};
use lrs::{Caller, Error, Lrs, Settings};
use serde_json::{Value, json};
use storage::{Clock, DocumentFolder, DocumentKey, Options, Store, Tenant};
use tempfile::TempDir;
use uuid::Uuid;
use xapi::Version;
use xapi::query::Filters;

pub const CMI5: &str = "https://w3id.org/xapi/cmi5/context/categories/cmi5";
pub const MOVE_ON: &str = "https://w3id.org/xapi/cmi5/context/categories/moveon";
pub const SESSION_ID: &str = "https://w3id.org/xapi/cmi5/context/extensions/sessionid";
pub const PUBLISHER: &str = "https://publisher.example/au";
pub const ACTIVITY: &str = "https://lms.example/au/1";
/// 2026-11-21T12:00:00Z.
const BEGAN: u64 = 1_795_262_400_000_000;

pub struct World {
    pub lrs: Arc<Lrs>,
    pub lms: Caller,
    pub clock: Arc<AtomicU64>,
    _directory: TempDir,
}

/// One launch of an AU.
#[derive(Debug, Clone)]
pub struct Launched {
    pub session: String,
    pub registration: Uuid,
    pub learner: u32,
}

pub fn world(policies: cmi5::Policies) -> World {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let clock = Arc::new(AtomicU64::new(BEGAN));
    let options = Options {
        clock: Clock::Manual(Arc::clone(&clock)),
        durability: storage::Durability::Unsynced,
        ..Options::default()
    };
    let store = Arc::new(Store::open(directory.path(), options).expect("the store opens"));
    let credentials = Credentials::new(
        Arc::clone(&store),
        lrs::credential::Settings::default(),
        Clock::Manual(Arc::clone(&clock)),
    );
    let settings = Settings {
        cmi5: Arc::new(policies),
        ..Settings::default()
    };
    // Its first commit blocks, which a thread that drives tasks must not.
    let lrs = std::thread::spawn(move || Lrs::new(store, settings, credentials))
        .join()
        .expect("no thread panics")
        .expect("the signing key is made");
    World {
        lrs: Arc::new(lrs),
        lms: Caller {
            credential: Arc::new(credential()),
            version: Version::V1_0_3,
            session: None,
        },
        clock,
        _directory: directory,
    }
}

pub fn credential() -> Credential {
    Credential {
        key: "lms".to_owned(),
        name: "lms".to_owned(),
        tenant: Tenant::DEFAULT,
        role: Role::Lms,
        scopes: Scopes::of(&[Scope::All, Scope::Admin]),
        assume_version: None,
        authority:
            r#"{"objectType":"Agent","account":{"homePage":"https://lms.example","name":"lms"}}"#
                .to_owned(),
        secrets: Vec::new(),
        created: 0,
        revoked: None,
    }
}

pub fn actor(learner: u32) -> Value {
    json!({"objectType": "Agent", "account": {
        "homePage": "https://lms.example", "name": format!("learner {learner}")}})
}

impl World {
    /// Moves the clock on by so many milliseconds and answers the time, as a timestamp.
    pub fn later(&self, millis: u64) -> String {
        let now = self.clock.fetch_add(millis * 1_000, Ordering::SeqCst) + millis * 1_000;
        xapi::lexical::timestamp::render(i64::try_from(now).expect("it is this century"))
    }

    /// Launch data, written by the LMS.
    pub async fn launch(&self, launched: &Launched) -> Result<(), Error> {
        self.launch_with(launched, json!([{"id": PUBLISHER}])).await
    }

    /// Launch data with this grouping.
    pub async fn launch_with(&self, launched: &Launched, grouping: Value) -> Result<(), Error> {
        let document = json!({
            "contextTemplate": {
                "contextActivities": {"grouping": grouping},
                "extensions": {SESSION_ID: launched.session},
            },
            "launchMode": "Normal",
            "moveOn": "CompletedAndPassed",
            "masteryScore": 0.5,
        });
        let sent = Sent {
            content_type: "application/json".to_owned(),
            content: document.to_string().into_bytes(),
        };
        let key = state(launched, "LMS.LaunchData");
        documents::put(&self.lrs, &self.lms, key, sent, &Preconditions::default()).await?;
        Ok(())
    }

    /// The AU of a launch: its token, with the learner's preferences asked for.
    pub async fn au(&self, launched: &Launched) -> Caller {
        let secret = token::ask(&self.lrs, &self.lms, &launched.session)
            .await
            .expect("the session is open");
        let fetched = token::fetch(&self.lrs, &secret).await;
        let Ok(Fetched::Token(token)) = fetched else {
            panic!("no token: {fetched:?}");
        };
        let au = self.caller(&token);
        let preferences = DocumentKey {
            folder: DocumentFolder::AgentProfile {
                agent: canonical(launched.learner),
            },
            id: "cmi5LearnerPreferences".to_owned(),
        };
        let none = documents::get(&self.lrs, &au, preferences).await;
        assert!(matches!(none, Err(Error::NotFound(_))), "{none:?}");
        au
    }

    pub fn caller(&self, token: &str) -> Caller {
        let (user, password) = token.split_once(':').expect("user and password");
        let (credential, session) = token::authenticate(&self.lrs, user, password)
            .expect("the store can be read")
            .expect("the token is known");
        Caller {
            credential,
            version: Version::V1_0_3,
            session: Some(session),
        }
    }

    /// A token's session as it is by now.
    pub fn caller_again(&self, caller: &Caller) -> Option<Arc<lrs::caller::SessionOfToken>> {
        let id = caller.session.as_ref()?.id.clone();
        let known = lrs::sessions::read(&self.lrs, caller.credential.tenant, &id)
            .expect("the store can be read")
            .expect("the session is known");
        Some(Arc::new(lrs::caller::SessionOfToken { id, known }))
    }

    pub async fn post(&self, caller: &Caller, body: &Value) -> Result<Vec<&'static str>, Error> {
        let body = body.to_string();
        let incoming = Incoming {
            body: &body,
            parts: &[],
        };
        let stored = post::post(&self.lrs, caller, incoming).await?;
        Ok(stored.flagged)
    }

    /// Everything stored, the oldest first.
    pub fn stored(&self) -> Vec<Value> {
        let mut all = Vec::new();
        let mut filters = Filters {
            ascending: true,
            limit: 1_000,
            ..Filters::default()
        };
        loop {
            let page = get::page(&self.lrs, &self.lms, &filters).expect("a page");
            all.extend(page.rows.iter().map(|row| -> Value {
                serde_json::from_str(&row.content.text).expect("a stored statement is JSON")
            }));
            match page.more {
                Some(cursor) => filters.cursor = Some(cursor),
                None => return all,
            }
        }
    }

    pub fn session(&self, id: &str) -> cmi5::Session {
        lrs::sessions::read(&self.lrs, Tenant::DEFAULT, id)
            .expect("the store can be read")
            .expect("the session is known")
            .session
    }
}

fn canonical(learner: u32) -> String {
    format!("account:https://lms.example|learner {learner}")
}

pub fn state(launched: &Launched, id: &str) -> DocumentKey {
    DocumentKey {
        folder: DocumentFolder::State {
            activity: ACTIVITY.to_owned(),
            agent: canonical(launched.learner),
            registration: Some(launched.registration),
        },
        id: id.to_owned(),
    }
}

/// A right statement of the AU with this verb; `experienced` is cmi5 allowed.
pub fn statement(launched: &Launched, verb: &str, timestamp: &str) -> Value {
    let mut category = vec![json!({"id": CMI5})];
    let mut result = json!({"duration": "PT1S"});
    match verb {
        "completed" => result["completion"] = true.into(),
        "passed" | "failed" => {
            result["success"] = (verb == "passed").into();
            category.push(json!({"id": MOVE_ON}));
        }
        _ => {}
    }
    if verb == "completed" {
        category.push(json!({"id": MOVE_ON}));
    }
    let mut made = json!({
        "id": random_id(),
        "actor": actor(launched.learner),
        "verb": {"id": format!("http://adlnet.gov/expapi/verbs/{verb}")},
        "object": {"id": ACTIVITY},
        "result": result,
        "context": {
            "registration": launched.registration,
            "contextActivities": {"category": category, "grouping": [{"id": PUBLISHER}]},
            "extensions": {SESSION_ID: launched.session},
        },
        "timestamp": timestamp,
    });
    if verb == "experienced" {
        made["object"]["id"] = "https://publisher.example/au/page".into();
        made["context"]["contextActivities"] = json!({"grouping": [{"id": PUBLISHER}]});
        made.as_object_mut().expect("it is one").remove("result");
    }
    made
}

pub fn random_id() -> Uuid {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("random bytes");
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}

/// Runs something on a runtime with several threads.
pub fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(4)
        .enable_time()
        .build()
        .expect("a runtime")
        .block_on(future)
}
