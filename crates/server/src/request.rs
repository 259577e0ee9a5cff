//! A request as the operations see it: parameters decoded, the alternate request syntax of 1.0.x undone
//! (xAPI 1.0.3 Communication 1.3).

use actix_web::HttpRequest;
use bytes::Bytes;
use lrs::requirement;
use percent_encoding::percent_decode_str;
use xapi::{Version, Violation};

use crate::body::{self, BodyLimits, Incoming};
use crate::refusal::Refusal;

/// One request, whichever way it was written.
pub struct Request {
    pub method: Method,
    /// Decoded, in order, `method` of the alternate syntax left out.
    pub parameters: Vec<(String, String)>,
    pub authorization: Option<String>,
    pub version: Option<String>,
    pub content_type: Option<String>,
    pub if_match: Option<String>,
    pub if_none_match: Option<String>,
    pub accept_language: Option<String>,
    pub body: Body,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Get,
    Head,
    Put,
    Post,
    Delete,
    Options,
}

pub enum Body {
    /// Still on its way.
    Streaming(Incoming),
    /// The `content` of a form; `None` when the form has none.
    Form(Option<String>),
}

impl Method {
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "GET" => Some(Method::Get),
            "HEAD" => Some(Method::Head),
            "PUT" => Some(Method::Put),
            "POST" => Some(Method::Post),
            "DELETE" => Some(Method::Delete),
            "OPTIONS" => Some(Method::Options),
            _ => None,
        }
    }

    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Head => "HEAD",
            Method::Put => "PUT",
            Method::Post => "POST",
            Method::Delete => "DELETE",
            Method::Options => "OPTIONS",
        }
    }
}

impl Request {
    /// # Errors
    /// When the query or the form cannot be read, or the body of a form is too large.
    pub async fn read(
        http: &HttpRequest,
        incoming: Incoming,
        method: Method,
        limits: BodyLimits,
    ) -> Result<Self, Refusal> {
        let mut request = Self::read_plain(http, incoming, method)?;
        if request.is_alternate() {
            let body = std::mem::replace(&mut request.body, Body::Form(None));
            let form = Self::bytes(body, limits).await?;
            request.apply_form(&form)?;
        }
        request.repair_timestamps();
        Ok(request)
    }

    /// A request to a resource that is none of xAPI's and has no alternate syntax.
    ///
    /// # Errors
    /// When the query cannot be read.
    pub fn read_plain(
        http: &HttpRequest,
        incoming: Incoming,
        method: Method,
    ) -> Result<Self, Refusal> {
        let header = |name: &str| {
            http.headers()
                .get(name)
                .and_then(|value| std::str::from_utf8(value.as_bytes()).ok())
                .map(str::to_owned)
        };
        let mut request = Self {
            method,
            parameters: decode(http.query_string())?,
            authorization: header("authorization"),
            version: header("x-experience-api-version"),
            content_type: header("content-type"),
            if_match: header("if-match"),
            if_none_match: header("if-none-match"),
            accept_language: header("accept-language"),
            body: Body::Streaming(incoming),
        };
        request.repair_timestamps();
        Ok(request)
    }

    /// A POST with `method` in its query. Under 2.0 that is a parameter that nobody knows.
    fn is_alternate(&self) -> bool {
        let version = self.version.as_deref().map(Version::parse);
        self.method == Method::Post
            && version != Some(Some(Version::V2_0_0))
            && self.parameters.iter().any(|(name, _)| name == "method")
    }

    fn apply_form(&mut self, form: &Bytes) -> Result<(), Refusal> {
        let wrong = |pointer: &str, expected: &str, got: &str| {
            Refusal::from(Violation::new(
                requirement::ALTERNATE_SYNTAX,
                pointer,
                expected,
                got,
            ))
        };
        if let [(_, method)] = self.parameters.as_slice() {
            self.method = match Method::parse(method) {
                Some(Method::Options) | None => {
                    return Err(wrong(
                        "method",
                        "`GET`, `HEAD`, `PUT`, `POST` or `DELETE`",
                        method,
                    ));
                }
                Some(method) => method,
            };
        } else {
            let names: Vec<&str> = self
                .parameters
                .iter()
                .map(|(name, _)| name.as_str())
                .collect();
            return Err(wrong(
                "",
                "`method` alone in the query, all else in the form",
                &names.join(", "),
            ));
        }
        let content_type = self.content_type.take().unwrap_or_default();
        // A page that is being closed can send text/plain or a form without a preflight, nothing else.
        let essence = content_type
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase();
        if essence != "application/x-www-form-urlencoded" && essence != "text/plain" {
            return Err(wrong(
                "Content-Type",
                "`application/x-www-form-urlencoded`",
                &content_type,
            ));
        }
        let text =
            std::str::from_utf8(form).map_err(|_| wrong("", "a form in UTF-8", "other bytes"))?;
        self.parameters.clear();
        let mut content = None;
        for (name, value) in decode(text)? {
            match name.to_ascii_lowercase().as_str() {
                "content" => content = Some(value),
                "authorization" => self.authorization = Some(value),
                "x-experience-api-version" => self.version = Some(value),
                "content-type" => self.content_type = Some(value),
                "if-match" => self.if_match = Some(value),
                "if-none-match" => self.if_none_match = Some(value),
                "accept-language" => self.accept_language = Some(value),
                "content-length" | "accept" | "user-agent" | "date" => {}
                _ => self.parameters.push((name, value)),
            }
        }
        if self.version.as_deref().map(Version::parse) == Some(Some(Version::V2_0_0)) {
            return Err(wrong(
                "method",
                "no `method`: xAPI 2.0 has no alternate request syntax",
                "method",
            ));
        }
        if content.is_none() && matches!(self.method, Method::Put | Method::Post) {
            return Err(wrong(
                "content",
                "the body of the request in the field `content`",
                "no such field",
            ));
        }
        self.content_type
            .get_or_insert_with(|| "application/json".to_owned());
        self.body = Body::Form(content);
        Ok(())
    }

    /// Clients put timestamps into queries as they are, and the plus of an offset then reads as a space.
    fn repair_timestamps(&mut self) {
        for (name, value) in &mut self.parameters {
            if (name == "since" || name == "until") && value.contains(' ') {
                *value = value.replace(' ', "+");
            }
        }
    }

    /// The whole body, read into memory.
    ///
    /// # Errors
    /// When it is too large or too slow, or breaks off.
    pub async fn bytes(body: Body, limits: BodyLimits) -> Result<Bytes, Refusal> {
        match body {
            Body::Streaming(incoming) => body::read(incoming, limits).await,
            Body::Form(content) => Ok(Bytes::from(content.unwrap_or_default())),
        }
    }
}

/// Names and values of a query or form, percent-decoded, plus as space.
fn decode(text: &str) -> Result<Vec<(String, String)>, Refusal> {
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Ok((decode_part(name)?, decode_part(value)?))
        })
        .collect()
}

fn decode_part(text: &str) -> Result<String, Refusal> {
    let spaced = text.replace('+', " ");
    match percent_decode_str(&spaced).decode_utf8() {
        Ok(decoded) => Ok(decoded.into_owned()),
        Err(_) => Err(Refusal::from(Violation::new(
            requirement::PARAMETER_ENCODING,
            "",
            "names and values that are percent-encoded UTF-8",
            text,
        ))),
    }
}
