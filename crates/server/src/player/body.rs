//! What requests to the player API bring: JSON bodies, and the numbers that clients write as text at times.

use lrs::launch::request as wanted;
use lrs::requirement;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use xapi::Violation;

use crate::app::Server;
use crate::path::digits;
use crate::refusal::Refusal;
use crate::request::Request;

/// The number of something, also as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Written")]
pub struct Number(pub u64);

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a number")]
enum Written {
    Number(u64),
    Text(String),
}

impl TryFrom<Written> for Number {
    type Error = &'static str;

    fn try_from(written: Written) -> Result<Self, Self::Error> {
        match written {
            Written::Number(number) => Ok(Self(number)),
            Written::Text(text) => digits(&text).map(Self).ok_or("expected a number"),
        }
    }
}

/// The body, whatever its content type says: clients are not to be relied upon there.
///
/// # Errors
/// [`Refusal::Payload`] when it is no JSON of this form; when it is too large or too slow, or breaks off.
pub async fn read<T: DeserializeOwned>(server: &Server, request: Request) -> Result<T, Refusal> {
    let text = text(server, request).await?;
    wanted::read(&text, "the JSON that this operation takes").map_err(payload)
}

/// The body as text, for what is read from it elsewhere.
///
/// # Errors
/// [`Refusal::Payload`] when it is no UTF-8; when it is too large or too slow, or breaks off.
pub async fn text(server: &Server, request: Request) -> Result<String, Refusal> {
    let bytes = Request::bytes(request.body, server.body_limits).await?;
    String::from_utf8(bytes.into()).map_err(|_| {
        Refusal::Payload(vec![Violation::new(
            requirement::LAUNCH,
            "",
            "JSON in UTF-8",
            "other bytes",
        )])
    })
}

/// What breaks the form of a body; a rule of cmi5 that is broken keeps its own message.
pub fn payload(error: lrs::Error) -> Refusal {
    match error {
        lrs::Error::Violations(violations)
            if violations
                .iter()
                .all(|one| one.requirement == requirement::LAUNCH) =>
        {
            Refusal::Payload(violations)
        }
        other => Refusal::Lrs(other),
    }
}

/// What is not there is told in the client's words; that it cannot be read is told as ever.
pub fn unknown(error: lrs::Error, message: String) -> Refusal {
    match error {
        lrs::Error::NotFound(_) => Refusal::Unknown(message),
        other => Refusal::Lrs(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_numbers_or_digits() {
        for (json, expected) in [
            ("7", Some(7)),
            ("\"7\"", Some(7)),
            ("\"18446744073709551615\"", Some(u64::MAX)),
            ("\"18446744073709551616\"", None),
            ("-7", None),
            ("7.5", None),
            ("\"+7\"", None),
            ("\" 7\"", None),
            ("\"\"", None),
            ("null", None),
            ("[7]", None),
        ] {
            let read = serde_json::from_str::<Number>(json).ok();
            assert_eq!(read, expected.map(Number), "{json}");
        }
    }
}
