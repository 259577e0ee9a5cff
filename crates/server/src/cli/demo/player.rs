//! The two who speak to the server: an LMS with its key, and an AU with its session's token.

use std::collections::HashMap;

use lrs::reports::{RuleInForce, Rules};
use serde_json::Value;

use super::client::{Answer, Authorization, Client, encode, query};
use super::launch::Launch;
use super::table::Row;

pub(super) struct Lms {
    client: Client,
    /// Where xAPI is, without a slash at the end.
    endpoint: String,
    /// Where `/cmi5/v1` is, the same.
    api: String,
    authorization: Authorization,
    /// What the server does about each rule.
    rules: HashMap<String, RuleInForce>,
}

/// An AU with a token.
pub(super) struct Au<'l> {
    lms: &'l Lms,
    launch: &'l Launch,
    authorization: Authorization,
}

impl Lms {
    /// Looks for the server and asks it for its rules.
    ///
    /// # Errors
    /// When there is no server, or the key opens nothing.
    pub(super) fn connect(endpoint: &str, key: &str, secret: &str) -> Result<Self, String> {
        let client = Client::new();
        let endpoint = endpoint.trim_end_matches('/').to_owned();
        let api = find_api(&client, &endpoint)?;
        let authorization = Authorization::of_key(key, secret);
        let url = format!("{api}/rules");
        let answer = client.send("GET", &url, Some(&authorization), None)?;
        if !answer.is_well() {
            let why = answer.text("error").unwrap_or("no reason given").to_owned();
            return Err(format!("{url} answers {}: {why}", answer.status));
        }
        let rules: Rules = serde_json::from_value(answer.body)
            .map_err(|error| format!("{url} answers something else than rules: {error}"))?;
        let rules = rules.rules.into_iter();
        Ok(Self {
            client,
            endpoint,
            api,
            authorization,
            rules: rules.map(|rule| (rule.id.clone(), rule)).collect(),
        })
    }

    pub(super) fn put_launch_data(&self, launch: &Launch) -> Result<Answer, String> {
        let url = self.state(launch);
        self.send("PUT", &url, Some(&launch.data()))
    }

    pub(super) fn post_launched(&self, launch: &Launch) -> Result<Answer, String> {
        let url = format!("{}/statements", self.endpoint);
        self.send("POST", &url, Some(&launch.launched()))
    }

    pub(super) fn ask_fetch_url(&self, launch: &Launch) -> Result<Answer, String> {
        self.send("POST", &self.session(launch, "/fetch"), None)
    }

    pub(super) fn abandon(&self, launch: &Launch) -> Result<Answer, String> {
        self.send("POST", &self.session(launch, "/abandon"), None)
    }

    pub(super) fn story(&self, launch: &Launch) -> Result<Answer, String> {
        self.send("GET", &self.session(launch, ""), None)
    }

    /// What an AU does first, without credentials.
    pub(super) fn fetch(&self, url: &str) -> Result<Answer, String> {
        self.client.send("POST", url, None, None)
    }

    /// Launches, and lets the AU do what comes before `initialized`.
    pub(super) fn launch<'l>(&'l self, launch: &'l Launch) -> Result<Au<'l>, String> {
        self.put_launch_data(launch)?;
        self.post_launched(launch)?;
        let asked = self.ask_fetch_url(launch)?;
        let fetched = self.fetch(asked.text("fetch").unwrap_or_default())?;
        let au = Au::with(self, launch, &fetched)?;
        au.launch_data()?;
        au.preferences()?;
        Ok(au)
    }

    /// The line of an answer that should name this rule, or be what the tenant's policy makes of it.
    pub(super) fn refused(&self, what: &str, rule: &str, answer: &Answer) -> Row {
        let policy = self.rules.get(rule).and_then(|rule| rule.au);
        row(what, rule, answer, policy.unwrap_or(cmi5::Policy::Reject))
    }

    /// The line of an answer that no policy opens.
    pub(super) fn closed(&self, what: &str, rule: &str, answer: &Answer) -> Row {
        row(what, rule, answer, cmi5::Policy::Reject)
    }

    fn send(&self, method: &str, url: &str, body: Option<&Value>) -> Result<Answer, String> {
        self.client
            .send(method, url, Some(&self.authorization), body)
    }

    fn session(&self, launch: &Launch, below: &str) -> String {
        format!("{}/sessions/{}{below}", self.api, encode(&launch.session))
    }

    /// Of the launch data.
    fn state(&self, launch: &Launch) -> String {
        let parameters = query(&[
            ("activityId", &launch.activity),
            ("agent", &launch.learner.to_string()),
            ("registration", &launch.registration.to_string()),
            ("stateId", "LMS.LaunchData"),
        ]);
        format!("{}/activities/state?{parameters}", self.endpoint)
    }
}

fn row(what: &str, rule: &str, answer: &Answer, policy: cmi5::Policy) -> Row {
    let mut broken = answer.broken();
    broken.sort_by_key(|one| one.rule != rule);
    let names_it = broken.first().is_some_and(|one| one.rule == rule);
    // What is no valid xAPI cannot be stored, whatever the policy.
    let is_stored_or_invalid = answer.status == 400 || (answer.is_well() && names_it);
    let unexpected = match policy {
        cmi5::Policy::Reject => {
            (answer.status != 403 || !names_it).then(|| format!("403 for {rule} was expected"))
        }
        cmi5::Policy::Flag => (!is_stored_or_invalid)
            .then(|| format!("the policy flags {rule}: it should be stored and flagged")),
        cmi5::Policy::Off => None,
    };
    Row {
        what: what.to_owned(),
        status: answer.status,
        broken,
        unexpected,
    }
}

impl<'l> Au<'l> {
    /// With the token that a fetch URL gave.
    ///
    /// # Errors
    /// When it gave none.
    pub(super) fn with(lms: &'l Lms, launch: &'l Launch, fetched: &Answer) -> Result<Self, String> {
        let token = fetched.text("auth-token");
        let token =
            token.ok_or_else(|| format!("the fetch URL gave no token: {}", fetched.body))?;
        Ok(Self {
            lms,
            launch,
            authorization: Authorization::of_token(token),
        })
    }

    pub(super) fn launch_data(&self) -> Result<Answer, String> {
        self.state_of(self.launch)
    }

    pub(super) fn state_of(&self, launch: &Launch) -> Result<Answer, String> {
        self.send("GET", &self.lms.state(launch), None)
    }

    pub(super) fn put_launch_data(&self, launch: &Launch) -> Result<Answer, String> {
        self.send("PUT", &self.lms.state(launch), Some(&launch.data()))
    }

    pub(super) fn preferences(&self) -> Result<Answer, String> {
        let parameters = query(&[
            ("agent", &self.launch.learner.to_string()),
            ("profileId", "cmi5LearnerPreferences"),
        ]);
        let url = format!("{}/agents/profile?{parameters}", self.lms.endpoint);
        self.send("GET", &url, None)
    }

    /// One statement or an array of them.
    pub(super) fn post(&self, statements: &Value) -> Result<Answer, String> {
        let url = format!("{}/statements", self.lms.endpoint);
        self.send("POST", &url, Some(statements))
    }

    fn send(&self, method: &str, url: &str, body: Option<&Value>) -> Result<Answer, String> {
        let client = &self.lms.client;
        client.send(method, url, Some(&self.authorization), body)
    }
}

/// `/cmi5/v1` lies beside the xAPI endpoint, whose path the configuration chooses.
fn find_api(client: &Client, endpoint: &str) -> Result<String, String> {
    let host = endpoint.find("://").map_or(0, |at| at + 3);
    let mut end = endpoint.len();
    while let Some(at) = endpoint.get(host..end).and_then(|rest| rest.rfind('/')) {
        end = host + at;
        let api = format!("{}/cmi5/v1", endpoint.get(..end).unwrap_or_default());
        let answer = client.send("GET", &format!("{api}/openapi.json"), None, None)?;
        if answer.is_well() && answer.body["openapi"].is_string() {
            return Ok(api);
        }
    }
    Err(format!(
        "there is no /cmi5/v1 beside {endpoint}: is it the xAPI endpoint of a Tessera, such as \
         http://127.0.0.1:8080/xapi?"
    ))
}
