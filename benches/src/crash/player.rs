//! What an LMS and an AU do in a cmi5 session, one request at a time: an LMS with the key, an AU with its token.

use std::time::{SystemTime, UNIX_EPOCH};

use cmi5::vocabulary::{
    CATEGORY_CMI5, CATEGORY_MOVE_ON, LAUNCH_MODE, LAUNCH_URL, MASTERY_SCORE, MOVE_ON, SESSION_ID,
    Verb,
};
use serde_json::{Value, json};

use super::ledger::Known;
use super::session::{Said, Session, Step};
use crate::client::{Answer, Body, Client, Endpoint};
use crate::generate::Rng;

/// Sends for sessions.
pub(super) struct Player {
    xapi: Client,
    /// Where `/cmi5/v1` is.
    api: Client,
}

/// What a request came to when it was no success.
pub(super) enum Failed {
    /// The connection is gone.
    Gone(ureq::Error),
    Refused(String),
    /// The server failed, with a 5xx: the request may have done its work.
    Broke(String),
}

impl Failed {
    pub(super) fn why(self) -> String {
        match self {
            Failed::Gone(error) => error.to_string(),
            Failed::Refused(why) | Failed::Broke(why) => why,
        }
    }
}

const PUBLISHER: &str = "https://publisher.example.com/courses/crash/au/1";
const ACTIVITY: &str = "https://lms.example.com/crash/au/1";

impl Player {
    pub(super) fn new(endpoint: &Endpoint) -> Player {
        Player {
            xapi: Client::new(endpoint),
            api: Client::new(&endpoint.root()),
        }
    }

    /// Does what comes next in the session. The session knows the step as in flight until it is answered.
    pub(super) fn advance(&self, session: &mut Session, rng: &mut Rng) -> Result<(), Failed> {
        if session.token.is_some() && rng.below(8) == 0 {
            return self.break_a_rule(session, rng);
        }
        let step = next(session, rng);
        session.in_flight = Some(step.clone());
        let done = self.perform(session, &step, rng);
        match done {
            Ok(step) => {
                session.in_flight = None;
                session.done.push(step);
                Ok(())
            }
            Err(failed) => {
                match failed {
                    Failed::Gone(_) | Failed::Broke(_) => {}
                    // Nothing of it may be there.
                    Failed::Refused(_) => session.in_flight = None,
                }
                Err(failed)
            }
        }
    }

    /// The step as it was done.
    fn perform(&self, session: &mut Session, step: &Step, rng: &mut Rng) -> Result<Step, Failed> {
        match step {
            Step::LaunchData => {
                let body = launch_data(session).to_string();
                let query = state(session);
                let put = self
                    .xapi
                    .put("/activities/state", &borrow(&query), Body::json(&body));
                expect(put, 204)?;
            }
            Step::Launched(_) => {
                let statement = launched(session, rng);
                let known = self.say(
                    session,
                    &self.xapi,
                    &[(Some(Verb::Launched), statement)],
                    |known| Step::Launched(known[0].1),
                )?;
                return Ok(known);
            }
            Step::Asked => {
                let path = format!("/cmi5/v1/sessions/{}/fetch", session.id);
                let answer = read(&expect(self.api.post(&path, &[], Body::json("")), 200)?)?;
                let url = answer["fetch"].as_str().unwrap_or_default();
                let at = url.find("/cmi5/").unwrap_or(0);
                session
                    .replaced
                    .extend(session.fetch.replace(url[at..].to_owned()));
            }
            Step::Fetched => {
                let path = session.fetch.clone().unwrap_or_default();
                let answer = read(&expect(self.api.post(&path, &[], Body::json("")), 200)?)?;
                session.token = Some(token(&answer)?);
            }
            Step::LaunchDataRead => {
                let query = state(session);
                let read = self.au(session).get("/activities/state", &borrow(&query));
                expect(read, 200)?;
            }
            Step::PreferencesRead => {
                let agent = agent(session).to_string();
                let query = [("profileId", "cmi5LearnerPreferences"), ("agent", &*agent)];
                expect(self.au(session).get("/agents/profile", &query), 404)?;
            }
            Step::Said(wanted) => {
                let verbs: Vec<Option<Verb>> = wanted.iter().map(|(verb, _)| *verb).collect();
                let statements: Vec<(Option<Verb>, Value)> = verbs
                    .into_iter()
                    .map(|verb| (verb, statement(session, verb, rng)))
                    .collect();
                let au = self.au(session);
                return self.say(session, &au, &statements, |known| {
                    Step::Said(known.to_vec())
                });
            }
            Step::Abandoned(_) => {
                let path = format!("/cmi5/v1/sessions/{}/abandon", session.id);
                let answer = read(&expect(self.api.post(&path, &[], Body::json("")), 200)?)?;
                let id = answer["statement"].as_str().and_then(|id| id.parse().ok());
                return Ok(Step::Abandoned(id));
            }
        }
        Ok(step.clone())
    }

    /// Posts the statements, in flight as the step that is made of them.
    fn say(
        &self,
        session: &mut Session,
        client: &Client,
        statements: &[(Option<Verb>, Value)],
        step: fn(&[Said]) -> Step,
    ) -> Result<Step, Failed> {
        let texts: Vec<String> = statements.iter().map(|(_, one)| one.to_string()).collect();
        let known: Vec<Said> = statements
            .iter()
            .zip(&texts)
            .map(|((verb, one), text)| {
                let id = one["id"].as_str().and_then(|id| id.parse().ok());
                (*verb, Known::of(id.unwrap_or_default(), text))
            })
            .collect();
        let step = step(&known);
        session.in_flight = Some(step.clone());
        let body = match texts.as_slice() {
            [one] => one.clone(),
            many => format!("[{}]", many.join(",")),
        };
        expect(client.post("/statements", &[], Body::json(&body)), 200)?;
        Ok(step)
    }

    /// A statement that is refused, and recorded as that without a sync: neither it nor its record may harm anything.
    fn break_a_rule(&self, session: &mut Session, rng: &mut Rng) -> Result<(), Failed> {
        let mut broken = statement(session, Some(Verb::Completed), rng);
        broken["result"]["completion"] = false.into();
        let body = broken.to_string();
        let answer = self.au(session).post("/statements", &[], Body::json(&body));
        expect(answer, 403).map(|_| ())
    }

    /// Whether a fetch URL that was used or replaced still says so.
    pub(super) fn is_used_up(&self, path: &str) -> Result<bool, Failed> {
        let answer = read(&expect(self.api.post(path, &[], Body::json("")), 200)?)?;
        Ok(answer["error-code"] == "1")
    }

    /// Whether the token opens the AU's things; the read changes nothing in the session.
    pub(super) fn opens(&self, session: &Session) -> Result<bool, Failed> {
        let answer = self.au(session).get("/statements", &[("limit", "1")]);
        is_opened(&answer.map_err(Failed::Gone)?)
    }

    /// What the server says of the session; `None` if it does not know it.
    pub(super) fn story(&self, session: &Session) -> Result<Option<Value>, Failed> {
        let path = format!("/cmi5/v1/sessions/{}", session.id);
        let answer = self.api.get(&path, &[]).map_err(Failed::Gone)?;
        match answer.status {
            200 => read(&answer).map(Some),
            404 => Ok(None),
            _ => Err(Failed::Refused(describe(&answer))),
        }
    }

    fn au(&self, session: &Session) -> Client {
        let token = session.token.as_deref().unwrap_or_default();
        self.xapi.with_authorization(&format!("Basic {token}"))
    }
}

/// The step after those that were done; statements in it are made when they are sent.
fn next(session: &Session, rng: &mut Rng) -> Step {
    let done = |wanted: fn(&Step) -> bool| session.done.iter().any(wanted);
    let said = |verb: Verb| {
        let says = |statements: &[Said]| statements.iter().any(|(said, _)| *said == Some(verb));
        let steps = &session.done;
        steps
            .iter()
            .any(|step| matches!(step, Step::Said(statements) if says(statements)))
    };
    let to_say = |verbs: &[Option<Verb>]| {
        Step::Said(verbs.iter().map(|verb| (*verb, Known::NONE)).collect())
    };
    let (has_data, has_launch) = (
        done(|step| matches!(step, Step::LaunchData)),
        done(|step| matches!(step, Step::Launched(_))),
    );
    match (has_data, has_launch) {
        (false, false) if rng.below(4) == 0 => return Step::Launched(Known::NONE),
        (false, _) => return Step::LaunchData,
        (true, false) => return Step::Launched(Known::NONE),
        (true, true) => {}
    }
    let has_fetched = done(|step| matches!(step, Step::Fetched));
    // A token that went down with the answer is lost to the AU.
    let is_stuck = has_fetched && session.token.is_none();
    if is_stuck || rng.below(15) == 0 {
        return Step::Abandoned(None);
    }
    if !has_fetched {
        let ask_again = session.fetch.is_none() || rng.below(5) == 0;
        return if ask_again {
            Step::Asked
        } else {
            Step::Fetched
        };
    }
    if !done(|step| matches!(step, Step::LaunchDataRead)) {
        return Step::LaunchDataRead;
    }
    if !done(|step| matches!(step, Step::PreferencesRead)) {
        return Step::PreferencesRead;
    }
    if !said(Verb::Initialized) {
        return match rng.below(3) {
            0 => to_say(&[Some(Verb::Initialized), None, Some(Verb::Completed)]),
            _ => to_say(&[Some(Verb::Initialized)]),
        };
    }
    if rng.below(3) == 0 {
        return to_say(&vec![None; 1 + rng.below(3)]);
    }
    if !said(Verb::Passed) && !said(Verb::Failed) {
        return to_say(&[Some(rng.pick(&[Verb::Passed, Verb::Failed]))]);
    }
    if !said(Verb::Completed) {
        return to_say(&[Some(Verb::Completed)]);
    }
    to_say(&[Some(Verb::Terminated)])
}

fn launch_data(session: &Session) -> Value {
    json!({
        "contextTemplate": {
            "contextActivities": { "grouping": [{ "id": PUBLISHER }] },
            "extensions": { SESSION_ID: session.id },
        },
        "launchMode": "Normal",
        "masteryScore": 0.8,
        "moveOn": "CompletedAndPassed",
        "returnURL": "https://lms.example.com/return",
    })
}

fn launched(session: &mut Session, rng: &mut Rng) -> Value {
    let mut launched = bare(session, Verb::Launched.iri(), rng);
    launched["context"]["extensions"] = json!({
        SESSION_ID: session.id,
        LAUNCH_MODE: "Normal",
        LAUNCH_URL: "https://content.example.com/index.html",
        MOVE_ON: "CompletedAndPassed",
        MASTERY_SCORE: 0.8,
    });
    launched
}

/// A statement of the AU as it should be; `None` makes a cmi5 allowed one.
fn statement(session: &mut Session, verb: Option<Verb>, rng: &mut Rng) -> Value {
    let iri = verb.map_or("http://adlnet.gov/expapi/verbs/experienced", Verb::iri);
    let mut statement = bare(session, iri, rng);
    let (result, category) = result(verb);
    if !result.is_null() {
        statement["result"] = result;
    }
    statement["context"]["contextActivities"]["category"] = category;
    if matches!(verb, Some(Verb::Passed | Verb::Failed)) {
        statement["context"]["extensions"][MASTERY_SCORE] = json!(0.8);
    }
    statement
}

/// Result and categories of an AU's statement; the score is judged by a mastery score of 0.8.
pub(super) fn result(verb: Option<Verb>) -> (Value, Value) {
    let move_on = json!([{ "id": CATEGORY_CMI5 }, { "id": CATEGORY_MOVE_ON }]);
    match verb {
        None => (Value::Null, json!([])),
        Some(Verb::Completed) => (json!({ "completion": true, "duration": "PT10M" }), move_on),
        Some(Verb::Passed) => (
            json!({ "success": true, "duration": "PT10M", "score": { "scaled": 0.9 } }),
            move_on,
        ),
        Some(Verb::Failed) => (
            json!({ "success": false, "duration": "PT10M", "score": { "scaled": 0.5 } }),
            move_on,
        ),
        Some(Verb::Terminated) => (
            json!({ "duration": "PT12M" }),
            json!([{ "id": CATEGORY_CMI5 }]),
        ),
        Some(
            Verb::Launched | Verb::Initialized | Verb::Abandoned | Verb::Waived | Verb::Satisfied,
        ) => (Value::Null, json!([{ "id": CATEGORY_CMI5 }])),
    }
}

fn bare(session: &mut Session, verb: &str, rng: &mut Rng) -> Value {
    session.clock = now().max(session.clock + 1_000);
    json!({
        "id": rng.uuid(),
        "actor": agent(session),
        "verb": { "id": verb },
        "object": { "objectType": "Activity", "id": ACTIVITY },
        "timestamp": xapi::lexical::timestamp::render(session.clock),
        "context": {
            "registration": session.registration,
            "contextActivities": {
                "grouping": [{ "id": PUBLISHER }],
                "category": [{ "id": CATEGORY_CMI5 }],
            },
            "extensions": { SESSION_ID: session.id },
        },
    })
}

fn agent(session: &Session) -> Value {
    json!({ "objectType": "Agent", "account": {
        "homePage": "https://lms.example.com", "name": session.learner } })
}

/// Where the launch data are.
fn state(session: &Session) -> [(&'static str, String); 4] {
    [
        ("stateId", "LMS.LaunchData".to_owned()),
        ("activityId", ACTIVITY.to_owned()),
        ("agent", agent(session).to_string()),
        ("registration", session.registration.to_string()),
    ]
}

pub(super) fn borrow<'a>(query: &'a [(&'static str, String)]) -> Vec<(&'static str, &'a str)> {
    query
        .iter()
        .map(|(name, value)| (*name, &**value))
        .collect()
}

pub(super) fn expect(answer: Result<Answer, ureq::Error>, status: u16) -> Result<Answer, Failed> {
    let answer = answer.map_err(Failed::Gone)?;
    match answer.status {
        answered if answered == status => Ok(answer),
        500.. => Err(Failed::Broke(describe(&answer))),
        _ => Err(Failed::Refused(describe(&answer))),
    }
}

/// The token of a fetch URL's answer, which is always 200: error 3 is a failure of the server.
pub(super) fn token(answer: &Value) -> Result<String, Failed> {
    if let Some(token) = answer["auth-token"].as_str() {
        return Ok(token.to_owned());
    }
    let why = format!("no token: {answer}");
    Err(match answer["error-code"] == "3" {
        true => Failed::Broke(why),
        false => Failed::Refused(why),
    })
}

/// Whether a token opened what it was shown for.
pub(super) fn is_opened(answer: &Answer) -> Result<bool, Failed> {
    match answer.status {
        200 => Ok(true),
        403 => Ok(false),
        _ => Err(Failed::Refused(describe(answer))),
    }
}

pub(super) fn read(answer: &Answer) -> Result<Value, Failed> {
    serde_json::from_slice(&answer.body)
        .map_err(|error| Failed::Refused(format!("an answer is no JSON: {error}")))
}

/// Status and the beginning of the body.
pub(super) fn describe(answer: &Answer) -> String {
    let body: String = String::from_utf8_lossy(&answer.body)
        .chars()
        .take(300)
        .collect();
    format!("{} {body}", answer.status)
}

/// Microseconds since 1970.
pub(super) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
    })
}
