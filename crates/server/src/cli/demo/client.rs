//! HTTP as an LMS and an AU speak it to the server.

use std::fmt::Display;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use ureq::Agent;
use ureq::http::Request;

const SECONDS_MAX: u64 = 30;
const BODY_BYTES_MAX: u64 = 16 * 1024 * 1024;

pub(super) struct Client {
    agent: Agent,
}

/// What came back.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    /// Rules in the header of a flagged answer.
    pub(super) flagged: Vec<String>,
    /// `Null` when the body is no JSON.
    pub(super) body: Value,
}

/// A rule that an answer says is broken, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Broken {
    pub(super) rule: String,
    pub(super) pointer: String,
    pub(super) detail: Option<String>,
}

/// `Authorization` of a request.
#[derive(Debug, Clone)]
pub(super) struct Authorization(String);

impl Authorization {
    pub(super) fn of_key(key: &str, secret: &str) -> Self {
        Self::of_token(&STANDARD.encode(format!("{key}:{secret}")))
    }

    /// The token is base64 already.
    pub(super) fn of_token(token: &str) -> Self {
        Self(format!("Basic {token}"))
    }
}

impl Client {
    pub(super) fn new() -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(Duration::from_secs(SECONDS_MAX)))
            .build();
        Self {
            agent: Agent::new_with_config(config),
        }
    }

    /// # Errors
    /// When there is no answer.
    pub(super) fn send(
        &self,
        method: &str,
        url: &str,
        authorization: Option<&Authorization>,
        body: Option<&Value>,
    ) -> Result<Answer, String> {
        let failed =
            |error: &dyn Display| format!("no answer from {}: {error}", without_secret(url));
        let mut request = Request::builder()
            .method(method)
            .uri(url)
            .header("X-Experience-API-Version", "1.0.3");
        if let Some(Authorization(value)) = authorization {
            request = request.header("Authorization", value);
        }
        let answer = match body {
            Some(body) => {
                let request = request.header("Content-Type", "application/json");
                let request = request.body(body.to_string()).map_err(|e| failed(&e))?;
                self.agent.run(request)
            }
            None => self.agent.run(request.body(()).map_err(|e| failed(&e))?),
        };
        let mut answer = answer.map_err(|e| failed(&e))?;
        let flagged = answer
            .headers()
            .get("x-tessera-violations")
            .and_then(|value| value.to_str().ok())
            .map(|ids| ids.split(',').map(str::to_owned).collect());
        let status = answer.status().as_u16();
        let body = answer.body_mut().with_config().limit(BODY_BYTES_MAX);
        let bytes = body.read_to_vec().map_err(|e| failed(&e))?;
        Ok(Answer {
            status,
            flagged: flagged.unwrap_or_default(),
            body: serde_json::from_slice(&bytes).unwrap_or_default(),
        })
    }
}

impl Answer {
    pub(super) fn is_well(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Refused or flagged.
    pub(super) fn broken(&self) -> Vec<Broken> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let listed = self.body["violations"].as_array().into_iter().flatten();
        let refused = listed.map(|one| Broken {
            rule: text(&one["requirement"]).unwrap_or_default(),
            pointer: text(&one["pointer"]).unwrap_or_default(),
            detail: text(&one["detail"]),
        });
        let flagged = self.flagged.iter().map(|rule| Broken {
            rule: rule.clone(),
            pointer: "(flagged)".to_owned(),
            detail: None,
        });
        refused.chain(flagged).collect()
    }

    pub(super) fn text(&self, member: &str) -> Option<&str> {
        self.body[member].as_str()
    }
}

/// Names and values behind a question mark.
pub(super) fn query(parameters: &[(&str, &str)]) -> String {
    let pairs: Vec<String> = parameters
        .iter()
        .map(|(name, value)| format!("{name}={}", encode(value)))
        .collect();
    pairs.join("&")
}

pub(super) fn encode(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

/// A fetch URL is a secret.
fn without_secret(url: &str) -> &str {
    match url.split_once("/fetch/") {
        Some((before, _)) => before,
        None => url.split('?').next().unwrap_or(url),
    }
}
