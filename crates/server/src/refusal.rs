//! Why a request gets no answer of its own, and the one table of statuses.

use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, HttpResponseBuilder};
use cmi5::course::requirement as course;
use lrs::credential::Refused;
use serde::Serialize;
use xapi::Violation;

/// What the operations refuse, and what HTTP alone can refuse.
#[derive(Debug)]
pub enum Refusal {
    Lrs(lrs::Error),
    /// No credentials, or none that are known. Says what is missing.
    Unauthorized(&'static str),
    NoSuchPath,
    /// What the request names by a number or id is unknown. Says which.
    Unknown(String),
    /// The body is not of the form that the player API takes.
    Payload(Vec<Violation>),
    MethodNotAllowed(&'static [&'static str]),
    TooLarge {
        what: &'static str,
        bytes_max: u64,
    },
    /// The client stopped sending.
    BrokenOff,
    /// The body did not come in time.
    TooSlow,
    Overloaded,
    /// A defect of ours; the log has it under the request's id.
    Panicked,
}

impl From<lrs::Error> for Refusal {
    fn from(error: lrs::Error) -> Self {
        Refusal::Lrs(error)
    }
}

impl From<Refused> for Refusal {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Unknown => Refusal::Unauthorized("no such key and secret"),
            Refused::Overloaded => Refusal::Overloaded,
            Refused::Failed(error) => Refusal::Lrs(lrs::Error::Storage(error)),
        }
    }
}

impl From<Violation> for Refusal {
    fn from(violation: Violation) -> Self {
        Refusal::Lrs(lrs::Error::Violations(vec![violation]))
    }
}

impl From<Vec<Violation>> for Refusal {
    fn from(violations: Vec<Violation>) -> Self {
        Refusal::Lrs(lrs::Error::Violations(violations))
    }
}

/// The body of every refusal but those of the player API.
#[derive(Serialize)]
struct Explanation<'a> {
    error: &'a str,
    #[serde(skip_serializing_if = "<[Violation]>::is_empty")]
    violations: &'a [Violation],
    /// The number of what is there already.
    #[serde(skip_serializing_if = "Option::is_none")]
    existing: Option<u64>,
    request: &'a str,
}

/// The same below `/api/v1`, as clients of the player API read it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PlayerExplanation<'a> {
    status_code: u16,
    /// The status in words.
    error: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    violated_req_id: Option<&'a str>,
    #[serde(skip_serializing_if = "<[Violation]>::is_empty")]
    violations: &'a [Violation],
    /// The number of what is there already.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<u64>,
    request: &'a str,
}

/// Whose clients read the refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// xAPI's and those of `/cmi5/v1`.
    Own,
    /// The player API's.
    Player,
}

/// Where clients are told to look when a path is wrong.
pub struct Place<'a> {
    pub request_id: &'a str,
    /// Path of the xAPI endpoint.
    pub endpoint: &'a str,
    /// How to authenticate, where saying so does no harm: in a browser it would open a login dialog.
    pub challenge: Option<&'static str>,
    pub shape: Shape,
}

impl Refusal {
    /// The one table of statuses.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Refusal::Lrs(error) => match error {
                lrs::Error::Violations(_) => StatusCode::BAD_REQUEST,
                lrs::Error::Forbidden(_) => StatusCode::FORBIDDEN,
                lrs::Error::NotFound(_) => StatusCode::NOT_FOUND,
                lrs::Error::Conflict { .. } | lrs::Error::Exists { .. } => StatusCode::CONFLICT,
                lrs::Error::PreconditionFailed(_) => StatusCode::PRECONDITION_FAILED,
                lrs::Error::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
                lrs::Error::Overloaded | lrs::Error::ReadOnly => StatusCode::SERVICE_UNAVAILABLE,
                lrs::Error::Storage(_) => StatusCode::INTERNAL_SERVER_ERROR,
            },
            Refusal::Unauthorized(_) => StatusCode::UNAUTHORIZED,
            Refusal::NoSuchPath | Refusal::Unknown(_) => StatusCode::NOT_FOUND,
            Refusal::Payload(_) => StatusCode::BAD_REQUEST,
            Refusal::MethodNotAllowed(_) => StatusCode::METHOD_NOT_ALLOWED,
            Refusal::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Refusal::BrokenOff => StatusCode::BAD_REQUEST,
            Refusal::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Refusal::Overloaded => StatusCode::SERVICE_UNAVAILABLE,
            Refusal::Panicked => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    #[must_use]
    pub fn answer(&self, place: &Place<'_>) -> HttpResponse {
        let mut answer = HttpResponseBuilder::new(self.status());
        match self {
            Refusal::Unauthorized(_) => {
                if let Some(challenge) = place.challenge {
                    answer.insert_header((WWW_AUTHENTICATE, challenge));
                }
            }
            Refusal::MethodNotAllowed(methods) => {
                answer.insert_header((ALLOW, methods.join(", ")));
            }
            Refusal::Overloaded | Refusal::Lrs(lrs::Error::Overloaded) => {
                answer.insert_header((RETRY_AFTER, "1"));
            }
            Refusal::Lrs(lrs::Error::ReadOnly) => {
                answer.insert_header((RETRY_AFTER, "60"));
            }
            _ => {}
        }
        let message = self.message(place.endpoint);
        match place.shape {
            Shape::Own => answer.json(Explanation {
                error: &message,
                violations: self.violations(),
                existing: self.existing(),
                request: place.request_id,
            }),
            Shape::Player => answer.json(PlayerExplanation {
                status_code: self.status().as_u16(),
                error: self.status().canonical_reason().unwrap_or_default(),
                message: &message,
                violated_req_id: self.violated_requirement(),
                violations: self.violations(),
                id: self.existing(),
                request: place.request_id,
            }),
        }
    }

    fn message(&self, endpoint: &str) -> String {
        match self {
            Refusal::Lrs(error) => match error {
                lrs::Error::Violations(violations) => match violations.as_slice() {
                    [only] => difference(only),
                    many => format!("the request breaks {} rules", many.len()),
                },
                lrs::Error::Forbidden(violations) => match violations.as_slice() {
                    [only] => format!("{} forbids it: {}", only.requirement, difference(only)),
                    many => format!("the request breaks {} rules", many.len()),
                },
                lrs::Error::NotFound(what) => (*what).to_owned(),
                lrs::Error::Conflict { message, .. }
                | lrs::Error::Exists { message, .. }
                | lrs::Error::PreconditionFailed(message) => message.clone(),
                lrs::Error::TooLarge { what, bytes_max } => {
                    format!("{what} is larger than {bytes_max} bytes")
                }
                lrs::Error::ReadOnly => {
                    "the store takes no writes until it is looked after; reads go on".to_owned()
                }
                lrs::Error::Overloaded => "too much to do at the moment: try again".to_owned(),
                lrs::Error::Storage(_) => "the server failed".to_owned(),
            },
            Refusal::Unauthorized(what) => (*what).to_owned(),
            Refusal::NoSuchPath => {
                format!("there is nothing at this path; the xAPI endpoint is {endpoint}")
            }
            Refusal::Unknown(what) => what.clone(),
            Refusal::Payload(_) => "Invalid request payload input".to_owned(),
            Refusal::MethodNotAllowed(methods) => {
                format!("this resource knows {} alone", methods.join(", "))
            }
            Refusal::TooLarge { what, bytes_max } => {
                format!("{what} is larger than {bytes_max} bytes")
            }
            Refusal::BrokenOff => "the request's body broke off".to_owned(),
            Refusal::TooSlow => "the request's body did not come in time".to_owned(),
            Refusal::Overloaded => "too much to do at the moment: try again".to_owned(),
            Refusal::Panicked => "the server failed".to_owned(),
        }
    }

    fn violations(&self) -> &[Violation] {
        match self {
            Refusal::Lrs(
                lrs::Error::Violations(violations)
                | lrs::Error::Forbidden(violations)
                | lrs::Error::Conflict { violations, .. },
            )
            | Refusal::Payload(violations) => violations,
            _ => &[],
        }
    }

    /// The number of what is there already.
    fn existing(&self) -> Option<u64> {
        match self {
            Refusal::Lrs(lrs::Error::Exists { number, .. }) => Some(*number),
            _ => None,
        }
    }

    /// The first rule that is broken of those that ADL has an id for, or of what ADL has nearest to one of ours.
    fn violated_requirement(&self) -> Option<&'static str> {
        let mut ids = self.violations().iter().map(|one| one.requirement);
        ids.clone()
            .find(|id| !id.contains('/'))
            .or_else(|| ids.find_map(nearest))
    }
}

/// Where something is wrong, what was expected and what was there.
fn difference(violation: &Violation) -> String {
    let Violation {
        pointer,
        expected,
        got,
        ..
    } = violation;
    match pointer.as_str() {
        "" => format!("expected {expected}, got {got}"),
        pointer => format!("{pointer}: expected {expected}, got {got}"),
    }
}

/// Clients look for an id of ADL's in what refuses a package.
fn nearest(own: &'static str) -> Option<&'static str> {
    match own {
        "14.1/limit" => Some(course::ARCHIVE),
        "13.2/limit" | "13.1.4/text" => Some(course::SCHEMA),
        "13.1.3/idref" => Some(course::OBJECTIVE_ID),
        _ => None,
    }
}
