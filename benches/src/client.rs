//! An xAPI client for loads and checks: one agent with its own kept connections, no retries, no redirects.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use ureq::Agent;
use ureq::http::Request;

/// Where to send, and as whom.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// `http://127.0.0.1:8080/xapi`, without a slash at its end.
    pub url: String,
    pub key: String,
    pub secret: String,
}

impl Endpoint {
    /// The server itself, where its other interfaces are.
    #[must_use]
    pub fn root(&self) -> Endpoint {
        Endpoint {
            url: self.url.trim_end_matches("/xapi").to_owned(),
            ..self.clone()
        }
    }
}

#[derive(Clone)]
pub struct Client {
    agent: Agent,
    url: String,
    authorization: String,
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
    /// The header, quotes and all.
    pub etag: Option<String>,
    pub consistent_through: Option<String>,
}

const ANSWER_BYTES_MAX: u64 = 64 << 20;

impl Client {
    pub fn new(endpoint: &Endpoint) -> Client {
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_global(Some(Duration::from_secs(300)))
            .build()
            .new_agent();
        let credentials = format!("{}:{}", endpoint.key, endpoint.secret);
        Client {
            agent,
            url: endpoint.url.trim_end_matches('/').to_owned(),
            authorization: format!("Basic {}", STANDARD.encode(credentials)),
        }
    }

    /// The same connections with other credentials: the value of `Authorization`.
    #[must_use]
    pub fn with_authorization(&self, authorization: &str) -> Client {
        Client {
            agent: self.agent.clone(),
            url: self.url.clone(),
            authorization: authorization.to_owned(),
        }
    }

    /// `path` begins with a slash and is below the endpoint.
    pub fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<Answer, ureq::Error> {
        self.send("GET", path, query, &[], None)
    }

    pub fn put(
        &self,
        path: &str,
        query: &[(&str, &str)],
        body: Body<'_>,
    ) -> Result<Answer, ureq::Error> {
        self.send("PUT", path, query, &[], Some(body))
    }

    pub fn post(
        &self,
        path: &str,
        query: &[(&str, &str)],
        body: Body<'_>,
    ) -> Result<Answer, ureq::Error> {
        self.send("POST", path, query, &[], Some(body))
    }

    /// A PUT with one header more, such as `("If-Match", …)`.
    pub fn put_under(
        &self,
        path: &str,
        query: &[(&str, &str)],
        condition: (&str, &str),
        body: Body<'_>,
    ) -> Result<Answer, ureq::Error> {
        self.send("PUT", path, query, &[condition], Some(body))
    }

    pub fn delete(&self, path: &str, query: &[(&str, &str)]) -> Result<Answer, ureq::Error> {
        self.send("DELETE", path, query, &[], None)
    }

    /// A relative or absolute `more` link.
    pub fn follow(&self, link: &str) -> Result<Answer, ureq::Error> {
        let whole = match link.strip_prefix('/') {
            None => link.to_owned(),
            Some(rest) => {
                let host_end = self.url.find("://").map_or(0, |at| at + 3);
                let end = self.url[host_end..]
                    .find('/')
                    .map_or(self.url.len(), |at| host_end + at);
                format!("{}/{rest}", &self.url[..end])
            }
        };
        self.request("GET", &whole, &[], None)
    }

    fn send(
        &self,
        method: &str,
        path: &str,
        query: &[(&str, &str)],
        headers: &[(&str, &str)],
        body: Option<Body<'_>>,
    ) -> Result<Answer, ureq::Error> {
        let mut url = format!("{}{path}", self.url);
        for (at, (name, value)) in query.iter().enumerate() {
            url.push(if at == 0 { '?' } else { '&' });
            url.extend([name, "="]);
            url.extend(utf8_percent_encode(value, NON_ALPHANUMERIC));
        }
        self.request(method, &url, headers, body)
    }

    fn request(
        &self,
        method: &str,
        url: &str,
        headers: &[(&str, &str)],
        body: Option<Body<'_>>,
    ) -> Result<Answer, ureq::Error> {
        let mut request = Request::builder()
            .method(method)
            .uri(url)
            .header("Authorization", &self.authorization)
            .header("X-Experience-API-Version", "1.0.3");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut response = match body {
            None => self.agent.run(request.body(())?)?,
            Some(body) => self.agent.run(
                request
                    .header("Content-Type", body.content_type)
                    .body(body.bytes)?,
            )?,
        };
        let header = |name: &str| {
            let value = response.headers().get(name)?;
            value.to_str().ok().map(str::to_owned)
        };
        let etag = header("ETag");
        let consistent_through = header("X-Experience-API-Consistent-Through");
        Ok(Answer {
            status: response.status().as_u16(),
            etag,
            consistent_through,
            body: response
                .body_mut()
                .with_config()
                .limit(ANSWER_BYTES_MAX)
                .read_to_vec()?,
        })
    }
}

/// What is sent, and of which type.
#[derive(Debug, Clone, Copy)]
pub struct Body<'a> {
    pub content_type: &'a str,
    pub bytes: &'a [u8],
}

impl<'a> Body<'a> {
    pub fn json(text: &'a str) -> Body<'a> {
        Body {
            content_type: "application/json",
            bytes: text.as_bytes(),
        }
    }
}
