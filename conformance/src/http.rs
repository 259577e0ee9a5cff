//! A server somewhere, over HTTP.

use std::fmt::Display;
use std::time::Duration;

use ureq::Agent;
use ureq::http::{Method, Request as HttpRequest};

use crate::transport::{Answer, Request};

const SECONDS_MAX: u64 = 60;
const BODY_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// A client with its pool of connections.
pub struct Http {
    agent: Agent,
    /// Scheme, host and port.
    origin: String,
}

impl Http {
    #[must_use]
    pub fn new(origin: String) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .allow_non_standard_methods(true)
            .max_redirects(0)
            .timeout_global(Some(Duration::from_secs(SECONDS_MAX)))
            .build();
        Self {
            agent: Agent::new_with_config(config),
            origin,
        }
    }

    pub(crate) fn send(&self, request: &Request) -> Result<Answer, String> {
        let method = Method::from_bytes(request.method.as_bytes()).map_err(failed)?;
        let url = format!("{}{}", self.origin, request.target);
        let answer = match &request.body {
            // The client sends no body with DELETE unless it is made to.
            Some(body) if method == Method::DELETE => {
                let mut deletion = self.agent.delete(&url).force_send_body();
                for (name, value) in &request.headers {
                    deletion = deletion.header(name, value);
                }
                deletion.send(&body[..])
            }
            body => {
                let mut builder = HttpRequest::builder().method(method).uri(url);
                for (name, value) in &request.headers {
                    builder = builder.header(name, value);
                }
                match body {
                    Some(body) => self.agent.run(builder.body(&body[..]).map_err(failed)?),
                    None => self.agent.run(builder.body(()).map_err(failed)?),
                }
            }
        };
        let mut answer = answer.map_err(failed)?;
        let headers = answer.headers().iter().map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.as_str().to_owned(), value)
        });
        let headers = headers.collect();
        let body = answer.body_mut().with_config().limit(BODY_BYTES_MAX);
        Ok(Answer {
            headers,
            body: body.read_to_vec().map_err(failed)?,
            status: answer.status().as_u16(),
        })
    }
}

fn failed(error: impl Display) -> String {
    format!("no answer: {error}")
}
