//! The requests of an LMS and an AU around a session, and what is expected of their answers.

use serde_json::Value;
use xapi::Version;

use super::Expected;
use crate::body::encoded;
use crate::expect::parameter_of;
use crate::launch::Launch;
use crate::names::Names;
use crate::subject::Subject;
use crate::transport::{Answer, Request};
use crate::vector::Account;
use crate::vector::session::{Bases, Launching, Preparation, Sent};

/// Who asks, and how.
pub struct Client<'c> {
    pub subject: &'c Subject,
    pub version: Version,
}

/// An answer about a session.
pub struct Answered(Answer);

impl Client<'_> {
    /// Launches a session: launch data, `launched`, token, and the look at the learner's preferences.
    ///
    /// # Errors
    /// What was not answered as it should be.
    pub fn prepare(
        &self,
        launching: &Launching,
        launch: &mut Launch,
        bases: &Bases,
        names: &mut Names,
    ) -> Result<(), String> {
        let does = |what| !launching.without.contains(&what);
        launch.bind("", names);
        if does(Preparation::Data) {
            self.launch_data(launch)?.expect("launch data", &[204])?;
        }
        if does(Preparation::Launched) {
            let sent = Sent {
                base: "launched".to_owned(),
                by: None,
                changes: launching.launched.clone(),
            };
            // It is none of the AU's statements, whose count begins after it.
            let text = launch.clone().statement(&sent, bases, names)?;
            let answer = self.post(Account::Lms, launch, text)?;
            answer.expect("launched", &[200])?;
        }
        if does(Preparation::Fetch) {
            let token = self.fetch(launch)?;
            launch.set("auth", token);
        }
        if does(Preparation::Fetch) && does(Preparation::Preferences) {
            self.preferences(launch)?;
        }
        launch.bind("", names);
        Ok(())
    }

    /// What the AU of a launch URL does first: it fetches its token, reads its launch data, and asks for the learner's
    /// preferences.
    ///
    /// # Errors
    /// What was not answered as it should be.
    pub fn adopt(&self, url: &str) -> Result<Launch, String> {
        let parameter = |name: &str| {
            parameter_of(url, name).ok_or_else(|| format!("the launch URL lacks `{name}`: {url}"))
        };
        let agent = parameter("actor")?;
        let fetched = self.plain("POST", path_of(&parameter("fetch")?), None)?;
        fetched.expect("fetch", &[200])?;
        let token = fetched.text("/auth-token")?;
        let query = query_text(&[
            ("activityId", &parameter("activityId")?),
            ("agent", &agent),
            ("registration", &parameter("registration")?),
            ("stateId", "LMS.LaunchData"),
        ]);
        let target = self.xapi(&format!("/activities/state?{query}"));
        let data = self.plain("GET", &target, Some(&token))?;
        data.expect("launch data", &[200])?;
        let mut launch = Launch::adopted(url, &String::from_utf8_lossy(&data.0.body))?;
        launch.set("auth", token);
        self.preferences(&launch)?;
        Ok(launch)
    }

    fn plain(&self, method: &str, target: &str, token: Option<&str>) -> Result<Answered, String> {
        let version = self.version.announced().to_owned();
        let mut headers = vec![("X-Experience-API-Version".to_owned(), version)];
        let authorization = token.map(|token| format!("Basic {token}"));
        headers.extend(authorization.map(|value| ("Authorization".to_owned(), value)));
        let request = Request {
            method: method.to_owned(),
            target: target.to_owned(),
            headers,
            body: None,
        };
        Ok(Answered(self.subject.transport.send(&request)?))
    }

    fn preferences(&self, launch: &Launch) -> Result<(), String> {
        let query = query_text(&[
            ("agent", &launch.agent.to_text()),
            ("profileId", "cmi5LearnerPreferences"),
        ]);
        let target = self.xapi(&format!("/agents/profile?{query}"));
        let answer = self.send("GET", &target, Account::Token, launch, None)?;
        answer.expect("preferences", &[200, 404])
    }

    /// Over an earlier one of the same registration: an LMS of cmi5 speaks 1.0.3, where that needs no ETag.
    fn launch_data(&self, launch: &Launch) -> Result<Answered, String> {
        let value = |name: &str| launch.value(name).unwrap_or_default();
        let query = query_text(&[
            ("activityId", value("activity")),
            ("agent", &launch.agent.to_text()),
            ("registration", value("registration")),
            ("stateId", "LMS.LaunchData"),
        ]);
        let target = self.xapi(&format!("/activities/state?{query}"));
        let body = Some(launch.data.to_text());
        let lms = Client {
            subject: self.subject,
            version: Version::V1_0_3,
        };
        lms.send("PUT", &target, Account::Lms, launch, body)
    }

    /// A token, as it is put behind `Basic`.
    fn fetch(&self, launch: &Launch) -> Result<String, String> {
        let target = format!("{}/fetch", session_path(launch));
        let made = self.send("POST", &target, Account::Lms, launch, None)?;
        made.expect("the call for a fetch URL", &[200])?;
        let url = made.text("/fetch")?;
        let fetched = self.send("POST", path_of(&url), Account::Nobody, launch, None)?;
        fetched.expect("fetch", &[200])?;
        fetched.text("/auth-token")
    }

    /// # Errors
    /// When no answer comes.
    pub fn post(&self, by: Account, launch: &Launch, body: String) -> Result<Answered, String> {
        self.send("POST", &self.xapi("/statements"), by, launch, Some(body))
    }

    fn xapi(&self, target: &str) -> String {
        format!("{}{target}", self.subject.base_path)
    }

    fn send(
        &self,
        method: &str,
        target: &str,
        by: Account,
        launch: &Launch,
        body: Option<String>,
    ) -> Result<Answered, String> {
        let version = self.version.announced().to_owned();
        let mut headers = vec![("X-Experience-API-Version".to_owned(), version)];
        let authorization = match launch.value("auth") {
            Some(token) if by == Account::Token => Some(format!("Basic {token}")),
            Some(_) | None => self.subject.authorization(by),
        };
        headers.extend(authorization.map(|value| ("Authorization".to_owned(), value)));
        if body.is_some() {
            headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
        }
        let request = Request {
            method: method.to_owned(),
            target: target.to_owned(),
            headers,
            body: body.map(String::into_bytes),
        };
        Ok(Answered(self.subject.transport.send(&request)?))
    }

    /// Whether the session is in this state.
    ///
    /// # Errors
    /// The state that it is in.
    pub fn state(&self, launch: &Launch, expected: &str) -> Result<(), String> {
        let answer = self.send("GET", &session_path(launch), Account::Lms, launch, None)?;
        answer.expect("the session", &[200])?;
        let state = answer.text("/state")?;
        if state == expected {
            return Ok(());
        }
        Err(format!(
            "expected the session to be {expected}, it is {state}"
        ))
    }

    /// Whether these are among the registration's violations, as flagged; if there are none, whether it has none.
    ///
    /// Each is of one of these sessions: a waiver has an id of its own, and what lacks one has none.
    ///
    /// # Errors
    /// What it has instead.
    pub fn recorded(
        &self,
        launch: &Launch,
        expected: &[Expected],
        sessions: &[Option<&str>],
    ) -> Result<(), String> {
        let registration = launch.value("registration").unwrap_or_default();
        let query = query_text(&[("registration", registration)]);
        let target = format!("/cmi5/v1/violations?{query}");
        let answer = self.send("GET", &target, Account::Lms, launch, None)?;
        answer.expect("the violations", &[200])?;
        let json = answer.json()?;
        let recorded = list(&json["violations"]);
        if expected.is_empty() && !recorded.is_empty() {
            return Err(format!("expected no recorded violations, got {json}"));
        }
        for one in expected {
            let is_it = |violation: &Value| {
                one.is(violation)
                    && violation["decision"] == "flagged"
                    && sessions.contains(&violation["session"].as_str())
            };
            if !recorded.iter().any(is_it) {
                return Err(format!("expected {one} to be recorded, got {json}"));
            }
        }
        Ok(())
    }
}

impl Answered {
    /// # Errors
    /// When its status is none of these.
    pub fn expect(&self, what: &str, statuses: &[u16]) -> Result<(), String> {
        if statuses.contains(&self.0.status) {
            return Ok(());
        }
        let body = String::from_utf8_lossy(&self.0.body);
        let got = self.0.status;
        Err(format!(
            "{what}: expected status {statuses:?}, got {got}: {body}"
        ))
    }

    fn json(&self) -> Result<Value, String> {
        serde_json::from_slice(&self.0.body).map_err(|error| format!("no JSON: {error}"))
    }

    fn text(&self, pointer: &str) -> Result<String, String> {
        let json = self.json()?;
        let text = json.pointer(pointer).and_then(Value::as_str);
        text.map(str::to_owned)
            .ok_or_else(|| format!("expected a text at {pointer}, got {json}"))
    }

    /// Whether the refusal names these violations.
    ///
    /// # Errors
    /// What it names instead.
    pub fn names(&self, expected: &[Expected], only: bool) -> Result<(), String> {
        let json = self.json()?;
        let named = list(&json["violations"]);
        for one in expected {
            let is_it = |violation: &Value| {
                let index = violation["statement"].as_u64();
                one.is(violation)
                    && one
                        .index
                        .is_none_or(|expected| index == u64::try_from(expected).ok())
            };
            if !named.iter().any(is_it) {
                return Err(format!("expected {one}, got {json}"));
            }
        }
        let other = |violation: &&Value| !expected.iter().any(|one| one.is(violation));
        match named.iter().find(other) {
            Some(other) if only => Err(format!("expected nothing more, got {other}")),
            Some(_) | None => Ok(()),
        }
    }

    /// Whether the answer says that these were flagged; if there are none, that nothing was.
    ///
    /// # Errors
    /// What it says instead.
    pub fn flags(&self, expected: &[Expected]) -> Result<(), String> {
        let header = self.0.header("X-Tessera-Violations").unwrap_or_default();
        let flagged: Vec<&str> = header.split(',').map(str::trim).collect();
        if expected.is_empty() && !header.is_empty() {
            return Err(format!("expected nothing to be flagged, got {header}"));
        }
        let is_missing = |one: &&Expected| !flagged.contains(&one.requirement.as_str());
        match expected.iter().find(is_missing) {
            Some(one) => Err(format!(
                "expected {} in X-Tessera-Violations, got `{header}`",
                one.requirement
            )),
            None => Ok(()),
        }
    }
}

impl Expected {
    fn is(&self, violation: &Value) -> bool {
        let is_there = |pointer: &String| violation["pointer"] == **pointer;
        violation["requirement"] == *self.requirement && self.pointer.as_ref().is_none_or(is_there)
    }
}

fn list(json: &Value) -> &[Value] {
    json.as_array().map_or(&[], Vec::as_slice)
}

fn session_path(launch: &Launch) -> String {
    let session = encoded(launch.value("session").unwrap_or_default());
    format!("/cmi5/v1/sessions/{session}")
}

fn query_text(pairs: &[(&str, &str)]) -> String {
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{name}={}", encoded(value)))
        .collect();
    pairs.join("&")
}

/// Path and query of a URL, or of what begins with a path.
#[must_use]
pub fn path_of(url: &str) -> &str {
    match url.split_once("://") {
        Some((_, rest)) if !url.starts_with('/') => rest.find('/').map_or("/", |at| &rest[at..]),
        Some(_) | None => url,
    }
}
