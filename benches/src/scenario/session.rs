//! cmi5 sessions by token, for Tessera alone: it gives fetch URLs by an API of its own. Sessions are launched before
//! the clock starts; then the AU reads the preferences and the launch data and sends its statements one by one.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use uuid::Uuid;

use super::post::Posts;
use crate::client::Body;
use crate::drive::Work;
use crate::generate::{Rng, Sample};
use crate::wire::{Answer, Target};

const CATEGORY_CMI5: &str = "https://w3id.org/xapi/cmi5/context/categories/cmi5";
const CATEGORY_MOVE_ON: &str = "https://w3id.org/xapi/cmi5/context/categories/moveon";
const SESSION_ID: &str = "https://w3id.org/xapi/cmi5/context/extensions/sessionid";
const MASTERY_SCORE: &str = "https://w3id.org/xapi/cmi5/context/extensions/masteryscore";
const PUBLISHER: &str = "https://publisher.example/courses/geology/au/quiz";
const ACTIVITY: &str = "https://lms.example/activities/0f1c/au/7";
const EXPERIENCED: &str = "experienced";
/// Statements of a session, in order.
const VERBS: [&str; 5] = [
    "initialized",
    EXPERIENCED,
    "passed",
    "completed",
    "terminated",
];
const LAUNCHING_CONNECTIONS: usize = 16;

/// A learner who has launched an AU.
#[derive(Debug, Clone)]
pub struct Learner {
    number: usize,
    session: Uuid,
    registration: Uuid,
    /// What the AU sends as `Authorization`.
    authorization: String,
}

/// Launches as an LMS does: launch data, a fetch URL, a token.
///
/// # Errors
/// When the other side is no Tessera, or refuses.
pub fn launch(target: &Target, sessions: usize) -> Result<Vec<Learner>, String> {
    let launched = Rc::new(RefCell::new(Vec::with_capacity(sessions)));
    let works = (0..LAUNCHING_CONNECTIONS).map(|connection| -> Box<dyn Work> {
        let numbers = (connection..sessions).step_by(LAUNCHING_CONNECTIONS);
        Box::new(Launching {
            target: target.clone(),
            waiting: numbers.map(Learner::new).collect(),
            at: Step::LaunchData,
            request: Vec::new(),
            launched: Rc::clone(&launched),
        })
    });
    super::finish(target, works.collect())
        .map_err(|failure| format!("a session could not be launched: {failure}"))?;
    Ok(launched.take())
}

struct Launching {
    target: Target,
    waiting: Vec<Learner>,
    at: Step,
    request: Vec<u8>,
    launched: Rc<RefCell<Vec<Learner>>>,
}

enum Step {
    LaunchData,
    /// Ask for a fetch URL.
    Ask,
    /// Its path.
    Fetch(String),
}

impl Work for Launching {
    fn next(&mut self) -> Option<&[u8]> {
        let learner = self.waiting.last()?;
        self.request = match &self.at {
            Step::LaunchData => learner.launch_data(&self.target),
            Step::Ask => {
                let path = format!("/cmi5/v1/sessions/{}/fetch", learner.session);
                let path = self.target.beside(&path);
                self.target.request_for("POST", &path, Some(Body::json("")))
            }
            Step::Fetch(path) => self.target.request_for("POST", path, Some(Body::json(""))),
        };
        Some(&self.request)
    }

    fn take(&mut self, answer: &Answer<'_>) -> Result<(), String> {
        let missing = |what: &str| format!("the answer has no {what}");
        match &self.at {
            Step::LaunchData => {
                super::expect(answer, 204)?;
                self.at = Step::Ask;
            }
            Step::Ask => {
                super::expect(answer, 200)?;
                let read: Value = read(answer)?;
                let url = read["fetch"].as_str().and_then(|url| url.split_once("://"));
                let path = url.and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..]));
                self.at = Step::Fetch(path.ok_or_else(|| missing("fetch URL"))?.to_owned());
            }
            Step::Fetch(_) => {
                super::expect(answer, 200)?;
                let read: Value = read(answer)?;
                let token = read["auth-token"]
                    .as_str()
                    .ok_or_else(|| missing("token"))?;
                if let Some(mut learner) = self.waiting.pop() {
                    learner.authorization = format!("Basic {token}");
                    self.launched.borrow_mut().push(learner);
                }
                self.at = Step::LaunchData;
            }
        }
        Ok(())
    }
}

fn read(answer: &Answer<'_>) -> Result<Value, String> {
    serde_json::from_slice(answer.body).map_err(|error| error.to_string())
}

/// Requests in their order, each with the status that its answer has.
pub struct Sequence {
    requests: Vec<(Vec<u8>, u16)>,
    next: usize,
}

impl Sequence {
    pub fn new(requests: Vec<(Vec<u8>, u16)>) -> Sequence {
        Sequence { requests, next: 0 }
    }
}

/// Whole sessions, one after another.
pub fn whole(target: &Target, learners: &[Learner]) -> Sequence {
    let requests = learners.iter().flat_map(|learner| {
        let target = target.with_authorization(&learner.authorization);
        let mut requests = learner.reads(&target);
        for verb in VERBS {
            let text = learner.statement(verb, 0).text;
            let request = target.request("POST", "/statements", &[], Some(Body::json(&text)));
            requests.push((request, 200));
        }
        requests
    });
    Sequence::new(requests.collect())
}

/// What comes before the first statement that is not defined by cmi5.
pub fn opening(target: &Target, learner: &Learner) -> Sequence {
    let target = target.with_authorization(&learner.authorization);
    let mut requests = learner.reads(&target);
    let text = learner.statement("initialized", 0).text;
    let request = target.request("POST", "/statements", &[], Some(Body::json(&text)));
    requests.push((request, 200));
    Sequence::new(requests)
}

/// Statements that cmi5 allows in an open session, without end.
pub fn allowed(target: &Target, learner: &Learner, statements: usize) -> Posts {
    let target = target.with_authorization(&learner.authorization);
    let samples: Vec<Sample> = (0..statements)
        .map(|page| learner.statement(EXPERIENCED, page))
        .collect();
    Posts::of_statements(&target, &samples, learner.number as u64)
}

impl Work for Sequence {
    fn next(&mut self) -> Option<&[u8]> {
        let (request, _) = self.requests.get(self.next)?;
        self.next += 1;
        Some(request)
    }

    fn take(&mut self, answer: &Answer<'_>) -> Result<(), String> {
        let sent = self
            .next
            .checked_sub(1)
            .and_then(|at| self.requests.get(at));
        sent.map_or(Ok(()), |(_, status)| super::expect(answer, *status))
    }
}

impl Learner {
    fn new(number: usize) -> Learner {
        let mut random = [0; 8];
        getrandom::fill(&mut random).expect("the operating system gives random bytes");
        let mut rng = Rng::new(u64::from_le_bytes(random));
        Learner {
            number,
            session: rng.uuid(),
            registration: rng.uuid(),
            authorization: String::new(),
        }
    }

    fn agent(&self) -> Value {
        json!({ "objectType": "Agent", "account": {
            "homePage": "https://lms.example", "name": format!("learner-{}", self.number) } })
    }

    fn state(&self, target: &Target, method: &str, body: Option<Body<'_>>) -> Vec<u8> {
        let query = [
            ("stateId", "LMS.LaunchData"),
            ("activityId", ACTIVITY),
            ("agent", &self.agent().to_string()),
            ("registration", &self.registration.to_string()),
        ];
        target.request(method, "/activities/state", &query, body)
    }

    fn launch_data(&self, target: &Target) -> Vec<u8> {
        let data = json!({
            "contextTemplate": {
                "contextActivities": { "grouping": [{ "id": PUBLISHER }] },
                "extensions": { SESSION_ID: self.session },
            },
            "launchMode": "Normal",
            "moveOn": "CompletedAndPassed",
            "masteryScore": 0.8,
        });
        self.state(target, "PUT", Some(Body::json(&data.to_string())))
    }

    /// Preferences, of which there are none, and launch data.
    fn reads(&self, target: &Target) -> Vec<(Vec<u8>, u16)> {
        let agent = self.agent().to_string();
        let query = [("profileId", "cmi5LearnerPreferences"), ("agent", &*agent)];
        let preferences = target.request("GET", "/agents/profile", &query, None);
        vec![(preferences, 404), (self.state(target, "GET", None), 200)]
    }

    fn statement(&self, verb: &str, page: usize) -> Sample {
        let mut id = [0; 16];
        getrandom::fill(&mut id).expect("the operating system gives random bytes");
        let id = uuid::Builder::from_random_bytes(id).into_uuid();
        let (category, result) = outcome(verb);
        let mut extensions = json!({ SESSION_ID: self.session });
        if verb == "passed" {
            extensions[MASTERY_SCORE] = json!(0.8);
        }
        let activity = match verb {
            EXPERIENCED => format!("{ACTIVITY}/page/{page}"),
            _ => ACTIVITY.to_owned(),
        };
        let text = json!({
            "id": id,
            "actor": self.agent(),
            "verb": { "id": format!("http://adlnet.gov/expapi/verbs/{verb}"), "display": { "en-US": verb } },
            "object": { "objectType": "Activity", "id": activity, "definition": {
                "name": { "en-US": "The quiz of the course: rocks, minerals and how to tell them apart" },
                "description": { "en-US": "Twenty questions about what was shown on the pages before, with pictures" },
                "type": "http://adlnet.gov/expapi/activities/assessment" } },
            "result": result,
            "context": {
                "registration": self.registration,
                "contextActivities": { "category": category, "grouping": [{ "id": PUBLISHER }] },
                "extensions": extensions,
                "language": "en-US",
            },
            "timestamp": now(),
        });
        Sample {
            id: Some(id),
            text: text.to_string(),
            actor: self.agent().to_string(),
            verb: "",
            activity,
            related: Some(PUBLISHER.to_owned()),
            registration: Some(self.registration),
        }
    }
}

fn outcome(verb: &str) -> (Vec<Value>, Value) {
    let cmi5 = || json!({ "id": CATEGORY_CMI5 });
    let move_on = || json!({ "id": CATEGORY_MOVE_ON });
    let duration = "PT12M4S";
    match verb {
        EXPERIENCED => (
            Vec::new(),
            json!({ "duration": duration, "response": "seen to its end" }),
        ),
        "completed" => (
            vec![cmi5(), move_on()],
            json!({ "duration": duration, "completion": true }),
        ),
        "passed" => (
            vec![cmi5(), move_on()],
            json!({ "duration": duration, "success": true,
                "score": { "scaled": 0.85, "raw": 17, "min": 0, "max": 20 } }),
        ),
        _ => (vec![cmi5()], json!({ "duration": duration })),
    }
}

/// The time as a timestamp.
pub fn now() -> String {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    xapi::lexical::timestamp::render(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}
