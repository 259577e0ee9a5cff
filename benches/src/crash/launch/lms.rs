//! What an LMS that uses the launch service sends, and what the AUs send that it launches.

use std::sync::Arc;

use cmi5::vocabulary::{MASTERY_SCORE, STATE_LAUNCH_DATA, Verb};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use uuid::Uuid;

use super::class::Task;
use super::course::{COURSES, Course, xml};
use super::{Attempt, School, What};
use crate::client::{Answer, Body, Client, Endpoint};
use crate::crash::player::{self, Failed, borrow, describe, expect, read};
use crate::generate::Rng;

pub(in crate::crash) struct Lms {
    xapi: Client,
    /// Where `/api/v1` and `/cmi5/v1` are.
    root: Client,
}

const PAGE: &str = "500";

impl Lms {
    pub(in crate::crash) fn new(endpoint: &Endpoint) -> Lms {
        Lms {
            xapi: Client::new(endpoint),
            root: Client::new(&endpoint.root()),
        }
    }

    /// A launch tenant with its token and one course of each kind.
    pub(in crate::crash) fn found(&self) -> Result<School, Failed> {
        let tenant = json!({ "code": "crash", "ifExists": "return" }).to_string();
        let tenant = self.root.post("/api/v1/tenant", &[], Body::json(&tenant));
        let tenant = read(&expect(tenant, 200)?)?["id"].clone();
        let asked = json!({ "tenantId": tenant, "audience": "crash" }).to_string();
        let issued = self.root.post("/api/v1/auth", &[], Body::json(&asked));
        let token = text(&read(&expect(issued, 200)?)?, "token")?;
        let bearer = format!("Bearer {token}");
        let courses: Result<Vec<Arc<Course>>, Failed> = (0..COURSES.len())
            .map(|kind| self.import(&bearer, kind).map(Arc::new))
            .collect();
        Ok(School {
            bearer,
            courses: courses?,
        })
    }

    pub(in crate::crash) fn import(&self, bearer: &str, kind: usize) -> Result<Course, Failed> {
        let parts = COURSES[kind];
        let body = xml(parts);
        let body = Body {
            content_type: "text/xml",
            bytes: body.as_bytes(),
        };
        let api = self.api(bearer);
        let answer = read(&expect(api.post("/api/v1/course", &[], body), 200)?)?;
        Course::read(parts, bearer, answer)
            .ok_or_else(|| Failed::Refused("the import's answer is another course".to_owned()))
    }

    /// Does what is asked for; the task keeps what the answer brings.
    pub(super) fn perform(&self, task: &mut Task) -> Result<(), Failed> {
        match &task.what {
            What::Registered => task.code = Some(self.register(task)?),
            What::Launched { au, .. } => {
                let attempt = self.launch(task, *au)?;
                task.what = What::Launched {
                    au: *au,
                    session: Some(attempt.session),
                };
                task.attempt = Some((None, attempt));
            }
            What::Waived { au } => {
                let path = format!("{}/waive-au/{au}", task.path());
                let body = json!({ "reason": "knows it" }).to_string();
                expect(
                    self.api(&task.bearer).post(&path, &[], Body::json(&body)),
                    204,
                )?;
            }
            What::Abandoned { session } => {
                let path = format!("/api/v1/session/{session}/abandon");
                expect(self.api(&task.bearer).post(&path, &[], Body::json("")), 204)?;
            }
            What::Fetched { .. }
            | What::LaunchDataRead { .. }
            | What::PreferencesRead { .. }
            | What::Said { .. } => self.go_on(task)?,
        }
        Ok(())
    }

    fn register(&self, task: &Task) -> Result<Uuid, Failed> {
        let body = json!({ "courseId": task.course.number, "actor": actor(&task.learner) });
        let body = body.to_string();
        let api = self.api(&task.bearer);
        let made = api.post("/api/v1/registration", &[], Body::json(&body));
        let code = text(&read(&expect(made, 200)?)?, "code")?;
        code.parse()
            .map_err(|_| Failed::Refused(format!("`{code}` is no code of a registration")))
    }

    fn launch(&self, task: &Task, au: usize) -> Result<Attempt, Failed> {
        let path = format!("/api/v1/course/{}/launch-url/{au}", task.course.number);
        let body = json!({
            "actor": actor(&task.learner),
            "reg": task.code,
            "returnUrl": "https://lms.example.com/return",
        });
        let body = body.to_string();
        let launched = self.api(&task.bearer).post(&path, &[], Body::json(&body));
        let answer = read(&expect(launched, 200)?)?;
        let fetch = parameter(&text(&answer, "url")?, "fetch");
        let session = answer["id"].as_u64();
        let (Some(session), Some(at)) = (session, fetch.find("/cmi5/")) else {
            return Err(Failed::Refused(format!("no launch: {answer}")));
        };
        Ok(Attempt {
            session,
            au,
            fetch: fetch[at..].to_owned(),
            token: None,
            launch_data: None,
            preferences_read: false,
            said: Vec::new(),
            clock: 0,
            is_busy: false,
            is_over: false,
        })
    }

    /// A step of the AU.
    fn go_on(&self, task: &mut Task) -> Result<(), Failed> {
        let Some((_, attempt)) = &mut task.attempt else {
            return Ok(());
        };
        let au = self.au(attempt);
        match &task.what {
            What::Fetched { .. } => {
                let answer = self.root.post(&attempt.fetch, &[], Body::json(""));
                attempt.token = Some(player::token(&read(&expect(answer, 200)?)?)?);
            }
            What::LaunchDataRead { .. } => {
                let query = state(&task.course.aus[attempt.au].id, &task.learner, task.code);
                let answer = au.get("/activities/state", &borrow(&query));
                attempt.launch_data = Some(read(&expect(answer, 200)?)?);
            }
            What::PreferencesRead { .. } => {
                let agent = actor(&task.learner).to_string();
                let query = [("profileId", "cmi5LearnerPreferences"), ("agent", &*agent)];
                expect(au.get("/agents/profile", &query), 404)?;
                attempt.preferences_read = true;
            }
            What::Said { statements, .. } => {
                let body = Body::json(&task.body);
                expect(au.post("/statements", &[], body), 200)?;
                attempt
                    .said
                    .extend(statements.iter().filter_map(|(verb, _)| *verb));
            }
            // Not of an AU.
            What::Registered
            | What::Launched { .. }
            | What::Waived { .. }
            | What::Abandoned { .. } => {}
        }
        Ok(())
    }

    fn au(&self, attempt: &Attempt) -> Client {
        let token = attempt.token.as_deref().unwrap_or_default();
        self.xapi.with_authorization(&format!("Basic {token}"))
    }

    fn api(&self, bearer: &str) -> Client {
        self.root.with_authorization(bearer)
    }

    /// What is below `/api/v1`; `None` if the server does not know it.
    pub(in crate::crash) fn see(&self, bearer: &str, path: &str) -> Result<Option<Value>, Failed> {
        let path = format!("/api/v1/{path}");
        found(&self.api(bearer).get(&path, &[]).map_err(Failed::Gone)?)
    }

    /// Statements by a filter, the first stored first.
    pub(in crate::crash) fn statements(&self, filter: (&str, &str)) -> Result<Vec<Value>, Failed> {
        let query = [filter, ("ascending", "true"), ("limit", PAGE)];
        let mut answer = self.xapi.get("/statements", &query);
        let mut statements = Vec::new();
        loop {
            let mut page = read(&expect(answer, 200)?)?;
            if let Some(more) = page["statements"].as_array_mut() {
                statements.append(more);
            }
            match page["more"].as_str() {
                None | Some("") => return Ok(statements),
                Some(more) => answer = self.xapi.follow(more),
            }
        }
    }

    /// The launch data of an AU.
    pub(in crate::crash) fn launch_data(
        &self,
        activity: &str,
        learner: &str,
        registration: Uuid,
    ) -> Result<Option<Value>, Failed> {
        let query = state(activity, learner, Some(registration));
        let answer = self.xapi.get("/activities/state", &borrow(&query));
        found(&answer.map_err(Failed::Gone)?)
    }

    /// Whether the session's token opens the AU's things.
    pub(in crate::crash) fn opens(&self, attempt: &Attempt) -> Result<bool, Failed> {
        let answer = self.au(attempt).get("/statements", &[("limit", "1")]);
        player::is_opened(&answer.map_err(Failed::Gone)?)
    }
}

/// A statement of the AU by its launch data; `None` makes a cmi5 allowed one.
pub(super) fn statement(
    task: &Task,
    attempt: &mut Attempt,
    verb: Option<Verb>,
    rng: &mut Rng,
) -> Value {
    attempt.clock = player::now().max(attempt.clock + 1_000);
    let iri = verb.map_or("http://adlnet.gov/expapi/verbs/experienced", Verb::iri);
    let template = attempt.launch_data.as_ref();
    let mut context = template.map_or(Value::Null, |data| data["contextTemplate"].clone());
    context["registration"] = json!(task.code);
    let (result, category) = player::result(verb);
    context["contextActivities"]["category"] = category;
    if matches!(verb, Some(Verb::Passed | Verb::Failed)) {
        let mastery = template.map_or(Value::Null, |data| data["masteryScore"].clone());
        context["extensions"][MASTERY_SCORE] = mastery;
    }
    let mut statement = json!({
        "id": rng.uuid(),
        "actor": actor(&task.learner),
        "verb": { "id": iri },
        "object": { "objectType": "Activity", "id": task.course.aus[attempt.au].id },
        "timestamp": xapi::lexical::timestamp::render(attempt.clock),
        "context": context,
    });
    if !result.is_null() {
        statement["result"] = result;
    }
    statement
}

pub(in crate::crash) fn actor(learner: &str) -> Value {
    json!({ "objectType": "Agent", "account": {
        "homePage": "https://lms.example.com", "name": learner } })
}

fn state(activity: &str, learner: &str, registration: Option<Uuid>) -> [(&'static str, String); 4] {
    [
        ("stateId", STATE_LAUNCH_DATA.to_owned()),
        ("activityId", activity.to_owned()),
        ("agent", actor(learner).to_string()),
        ("registration", registration.unwrap_or_default().to_string()),
    ]
}

fn found(answer: &Answer) -> Result<Option<Value>, Failed> {
    match answer.status {
        200 => read(answer).map(Some),
        404 => Ok(None),
        _ => Err(Failed::Refused(describe(answer))),
    }
}

fn text(answer: &Value, member: &str) -> Result<String, Failed> {
    let text = answer[member].as_str().map(str::to_owned);
    text.ok_or_else(|| Failed::Refused(format!("no `{member}`: {answer}")))
}

/// Empty if the URL has no such parameter.
fn parameter(url: &str, name: &str) -> String {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let value = pairs
        .find(|(key, _)| *key == name)
        .map_or("", |(_, value)| value);
    percent_decode_str(value).decode_utf8_lossy().into_owned()
}
