//! A server on a store of its own, the keys to it, and what an LMS and an AU do before anything can be tried.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use actix_web::dev::ServerHandle;
use actix_web::rt::System;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lrs::Lrs;
use lrs::credential::{Credentials, New, Role, Scope, Scopes};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use server::app::{self, Server};
use server::config::Config;
use storage::{Clock, Durability, Options, Store, Tenant};
use tempfile::TempDir;
use ureq::Agent;
use ureq::http::Request;
use uuid::Uuid;

use crate::document::Document;

pub const PUBLISHER: &str = "https://publisher.example/au/1";
pub const ACTIVITY: &str = "https://lms.example/au/1";
const SESSION_ID: &str = "https://w3id.org/xapi/cmi5/context/extensions/sessionid";
const CATEGORY: &str = "https://w3id.org/xapi/cmi5/context/categories/";

pub struct Bench {
    address: SocketAddr,
    /// Authorizations.
    pub lms: String,
    pub au: String,
    pub admin: String,
    pub writer: String,
    agent: Agent,
    document: Mutex<Document>,
    handle: ServerHandle,
    thread: Option<JoinHandle<()>>,
    store: Arc<Store>,
    _directory: TempDir,
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    headers: Vec<(String, String)>,
    /// Null when it is no JSON.
    pub body: Value,
    pub bytes: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Ids of the rules that it says are broken.
    pub fn rules(&self) -> Vec<&str> {
        let listed = self.body["violations"].as_array().into_iter().flatten();
        listed
            .filter_map(|one| one["requirement"].as_str())
            .collect()
    }
}

impl Bench {
    pub fn start() -> Self {
        Self::with(|_| {})
    }

    pub fn with(change: impl FnOnce(&mut Config)) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let options = Options {
            durability: Durability::Unsynced,
            ..Options::default()
        };
        let store = Arc::new(Store::open(directory.path(), options).expect("a store"));
        let settings = lrs::credential::Settings::default();
        let credentials = Credentials::new(Arc::clone(&store), settings, Clock::System);
        let add = |name: &str, role, scope| {
            let made = credentials.add(&New {
                name: name.to_owned(),
                tenant: Tenant::DEFAULT,
                role,
                scopes: Scopes::of(&[scope]),
                assume_version: None,
                authority_home_page: "https://lrs.example".to_owned(),
            });
            let made = made.expect("a key");
            let pair = format!("{}:{}", made.key, made.secret);
            format!("Basic {}", STANDARD.encode(pair))
        };
        let lms = add("lms", Role::Lms, Scope::All);
        let au = add("au", Role::Au, Scope::All);
        let admin = add("admin", Role::Au, Scope::Admin);
        let writer = add("writer", Role::Lms, Scope::StatementsWrite);
        let mut config = Config::default();
        config.http.bind = SocketAddr::from(([127, 0, 0, 1], 0));
        config.http.workers = 2;
        config.launch.spool_path = Some(directory.path().to_owned());
        change(&mut config);
        let lrs = Lrs::new(Arc::clone(&store), config.lrs(), credentials).expect("it can be read");
        let server = Arc::new(Server::new(Arc::new(lrs), &config));
        let (thread, handle, address) = serve(server, config);
        let document = format!("http://{address}/cmi5/v1/openapi.json");
        let mut document = agent().get(document).call().expect("a document");
        let document = document.body_mut().read_to_vec().expect("a body");
        let document = serde_json::from_slice(&document).expect("JSON");
        Self {
            document: Mutex::new(Document::new(document)),
            address,
            lms,
            au,
            admin,
            writer,
            agent: agent(),
            handle,
            thread: Some(thread),
            store,
            _directory: directory,
        }
    }

    /// `authorization` may be empty: then there is none.
    pub fn send(&self, method: &str, path: &str, authorization: &str, body: Value) -> Answer {
        self.send_with(method, path, authorization, body, &[])
    }

    pub fn send_with(
        &self,
        method: &str,
        path: &str,
        authorization: &str,
        body: Value,
        headers: &[(&str, &str)],
    ) -> Answer {
        let bytes = match body {
            Value::Null => Vec::new(),
            body => body.to_string().into_bytes(),
        };
        let json = ("Content-Type", "application/json");
        let headers = [&[json], headers].concat();
        self.send_raw(method, path, authorization, bytes, &headers)
    }

    /// Posts what is no JSON.
    pub fn send_bytes(
        &self,
        path: &str,
        authorization: &str,
        content_type: &str,
        bytes: Vec<u8>,
        headers: &[(&str, &str)],
    ) -> Answer {
        let headers = [&[("Content-Type", content_type)], headers].concat();
        self.send_raw("POST", path, authorization, bytes, &headers)
    }

    fn send_raw(
        &self,
        method: &str,
        path: &str,
        authorization: &str,
        bytes: Vec<u8>,
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("http://{}{path}", self.address));
        if path.starts_with("/xapi") {
            request = request.header("X-Experience-API-Version", "1.0.3");
        }
        if !authorization.is_empty() {
            request = request.header("Authorization", authorization);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = if bytes.is_empty() {
            self.agent.run(request.body(()).expect("a request"))
        } else {
            self.agent.run(request.body(bytes).expect("a request"))
        };
        let mut answer = answer.expect("an answer");
        let headers = answer.headers().iter().map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.as_str().to_owned(), value)
        });
        let headers = headers.collect();
        let bytes = answer.body_mut().read_to_vec().expect("a body");
        let status = answer.status().as_u16();
        let body = serde_json::from_slice(&bytes).unwrap_or_default();
        let document = self.document.lock();
        let mut document = document.unwrap_or_else(PoisonError::into_inner);
        document.check((method, path), (status, &body));
        Answer {
            headers,
            status,
            body,
            bytes,
        }
    }

    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &self.lms, Value::Null)
    }

    pub fn post(&self, path: &str, body: Value) -> Answer {
        self.send("POST", path, &self.lms, body)
    }

    /// Launch data and `launched`.
    #[track_caller]
    pub fn launch(&self, launch: &Launch) {
        let put = self.send("PUT", &launch.state_path(), &self.lms, launch.data());
        assert_eq!(put.status, 204, "{put:?}");
        let mut launched = launch.statement("launched", Value::Null);
        let extensions = &mut launched["context"]["extensions"];
        for (name, value) in [
            ("launchmode", "Normal"),
            ("moveon", "CompletedOrPassed"),
            ("launchurl", "https://a.example/"),
        ] {
            extensions[format!("https://w3id.org/xapi/cmi5/context/extensions/{name}")] =
                json!(value);
        }
        extensions["https://w3id.org/xapi/cmi5/context/extensions/masteryscore"] = json!(0.8);
        let posted = self.post("/xapi/statements", launched);
        assert_eq!(posted.status, 200, "{posted:?}");
        assert_eq!(posted.header("x-tessera-violations"), None);
    }

    pub fn fetch_url(&self, launch: &Launch) -> Answer {
        self.post(&format!("{}/fetch", launch.path()), Value::Null)
    }

    /// The path of a URL that leads here.
    pub fn path_of(&self, url: &Value) -> String {
        let url = url.as_str().expect("a URL");
        let origin = format!("http://{}", self.address);
        url.strip_prefix(&origin).expect("it leads here").to_owned()
    }

    /// The token's authorization, after what an AU asks for first.
    #[track_caller]
    pub fn token(&self, launch: &Launch) -> String {
        let asked = self.fetch_url(launch);
        assert_eq!(asked.status, 200, "{asked:?}");
        let path = self.path_of(&asked.body["fetch"]);
        let fetched = self.send("POST", &path, "", Value::Null);
        let token = fetched.body["auth-token"].as_str().expect("a token");
        let token = format!("Basic {token}");
        let read = self.send("GET", &launch.state_path(), &token, Value::Null);
        assert_eq!(read.status, 200, "{read:?}");
        let agent = encode(&launch.agent().to_string());
        let path = format!("/xapi/agents/profile?profileId=cmi5LearnerPreferences&agent={agent}");
        assert_eq!(self.send("GET", &path, &token, Value::Null).status, 404);
        token
    }

    #[track_caller]
    pub fn accepts(&self, token: &str, statement: Value) {
        let answer = self.send("POST", "/xapi/statements", token, statement);
        assert_eq!(answer.status, 200, "{answer:?}");
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        // Sent at once; the thread then ends.
        drop(self.handle.stop(false));
        let _ = self.thread.take().map(JoinHandle::join);
        // The server's workers end after it. A store that one of them closes while the process exits can abort it, so
        // the last to hold it is this thread.
        let until = Instant::now() + Duration::from_secs(10);
        while Arc::strong_count(&self.store) > 1 && Instant::now() < until {
            thread::yield_now();
        }
    }
}

fn agent() -> Agent {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .allow_non_standard_methods(true)
        .build();
    Agent::new_with_config(config)
}

fn serve(server: Arc<Server>, config: Config) -> (JoinHandle<()>, ServerHandle, SocketAddr) {
    let (tell, told) = mpsc::channel();
    let thread = thread::spawn(move || {
        System::new().block_on(async move {
            let (serving, addresses) = app::bind(server, &config).expect("a free port");
            tell.send((serving.handle(), addresses))
                .expect("somebody waits");
            serving.await.expect("it serves");
        });
    });
    let (handle, addresses) = told.recv().expect("the server starts");
    (thread, handle, addresses[0])
}

/// One launch of the AU.
#[derive(Clone)]
pub struct Launch {
    pub session: String,
    pub registration: Uuid,
    pub learner: String,
}

impl Launch {
    pub fn new(session: &str, registration: u128, learner: &str) -> Self {
        Self {
            session: session.to_owned(),
            registration: Uuid::from_u128(registration),
            learner: learner.to_owned(),
        }
    }

    pub fn agent(&self) -> Value {
        json!({ "account": { "homePage": "https://lms.example", "name": self.learner } })
    }

    pub fn path(&self) -> String {
        format!("/cmi5/v1/sessions/{}", encode(&self.session))
    }

    pub fn state_path(&self) -> String {
        format!(
            "/xapi/activities/state?stateId=LMS.LaunchData&activityId={}&agent={}&registration={}",
            encode(ACTIVITY),
            encode(&self.agent().to_string()),
            self.registration
        )
    }

    pub fn data(&self) -> Value {
        json!({
            "contextTemplate": {
                "contextActivities": { "grouping": [{ "id": PUBLISHER }] },
                "extensions": { SESSION_ID: self.session },
            },
            "launchMode": "Normal",
            "masteryScore": 0.8,
            "moveOn": "CompletedOrPassed",
            "returnURL": "https://lms.example/return",
        })
    }

    pub fn statement(&self, verb: &str, result: Value) -> Value {
        let mut category = vec![json!({ "id": format!("{CATEGORY}cmi5") })];
        if result["completion"].is_boolean() || result["success"].is_boolean() {
            category.push(json!({ "id": format!("{CATEGORY}moveon") }));
        }
        let mut statement = json!({
            "id": random_id(),
            "actor": self.agent(),
            "verb": { "id": format!("http://adlnet.gov/expapi/verbs/{verb}") },
            "object": { "id": ACTIVITY },
            "timestamp": now(),
            "context": {
                "registration": self.registration,
                "contextActivities": { "grouping": [{ "id": PUBLISHER }], "category": category },
                "extensions": { SESSION_ID: self.session },
            },
        });
        if !result.is_null() {
            statement["result"] = result;
        }
        statement
    }
}

fn random_id() -> String {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("random bytes");
    uuid::Builder::from_random_bytes(bytes)
        .into_uuid()
        .to_string()
}

fn now() -> String {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let micros = since.expect("it is later than 1970").as_micros();
    xapi::lexical::timestamp::render(i64::try_from(micros).expect("it is small"))
}

pub fn encode(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}
