//! `LMS.LaunchData`, the State document of a launch (section 10): what is wrong with it, and the launch that it makes.
//!
//! `schema` judges the shape, `read` takes out what a session remembers, `change` compares a later document.

mod change;
mod read;
mod schema;
#[cfg(test)]
mod tests;

use uuid::Uuid;
use xapi::Violation;
use xapi::json::Node;
use xapi::lexical::iri;

pub use change::{changes, differs, is_same_launch};
pub use read::of_launched;

use crate::launch::{Launch, is_mastery_score};
use crate::rule::{self, Rule};

/// Longer session ids are refused: they become keys of the store.
pub const SESSION_ID_BYTES_MAX: usize = 480;

/// JSON nests at most this deep.
const DEPTH_MAX: usize = 64;

/// Where the document lies: parameters of the State resource.
#[derive(Debug, Clone, Copy)]
pub struct Address<'a> {
    pub activity: &'a str,
    /// Identity of the agent (`xapi::statement::Ifi::canonical`), which is not a Group.
    pub actor: &'a str,
    pub registration: Option<Uuid>,
}

/// What a document comes to.
#[derive(Debug, Clone)]
pub struct Checked {
    /// The launch, when there are a session id and a registration. A launch mode that is wrong counts as Normal, a
    /// mastery score or moveOn that is wrong as absent.
    pub launch: Option<Launch>,
    /// Everything that is wrong, in the order of the rules.
    pub violations: Vec<(&'static Rule, Violation)>,
}

/// Judges a document as it will be stored. A member that is null counts as absent; of two of the same name the last
/// one counts, as it does for the AU that reads them.
#[must_use]
pub fn check(document: &[u8], address: &Address<'_>) -> Checked {
    let parsed = std::str::from_utf8(document)
        .map_err(|e| e.to_string())
        .and_then(|text| Node::parse(text, DEPTH_MAX).map_err(|e| e.to_string()));
    let (launch, mut violations) = match parsed.map(read::without_nulls) {
        Ok(document) => (
            read::launch(&document, address),
            violations(&document, address),
        ),
        Err(reason) => {
            let violation = Violation::new(
                rule::LAUNCH_DATA_IS_JSON.id,
                "",
                "a JSON object",
                String::from_utf8_lossy(document),
            );
            let violation = violation.with_detail(reason);
            (None, vec![(&rule::LAUNCH_DATA_IS_JSON, violation)])
        }
    };
    if address.registration.is_none() {
        let rule = &rule::LAUNCH_DATA_REGISTRATION;
        let violation = Violation::new(rule.id, "registration", "a registration", "nothing");
        violations.push((rule, violation));
    }
    violations.sort_by_key(|(rule, _)| rule::RULES.iter().position(|known| known == rule));
    Checked { launch, violations }
}

fn violations(document: &Node<'_>, address: &Address<'_>) -> Vec<(&'static Rule, Violation)> {
    let mut found = schema::check(document);
    found.extend(mastery_score(document));
    found.extend(registration(document, address));
    found.extend(publisher(document, address));
    found
}

/// 10.2.4.0-1, on the number's own digits.
fn mastery_score(document: &Node<'_>) -> Option<(&'static Rule, Violation)> {
    let text = document.get("masteryScore")?.as_number()?;
    let rule = &rule::LAUNCH_MASTERY_SCORE;
    (!is_mastery_score(text)).then(|| {
        let expected = schema::expected(&["masteryScore"]);
        (
            rule,
            Violation::new(rule.id, "/masteryScore", expected, text),
        )
    })
}

/// 10.1.0.0-5: a registration in the template is the one under which the document lies.
fn registration(document: &Node<'_>, address: &Address<'_>) -> Option<(&'static Rule, Violation)> {
    let text = document
        .get("contextTemplate")?
        .get("registration")?
        .as_str()?;
    let expected = address.registration?;
    let rule = &rule::LAUNCH_DATA_REGISTRATION;
    (Uuid::parse_str(text) != Ok(expected)).then(|| {
        let violation = Violation::new(
            rule.id,
            "/contextTemplate/registration",
            format!("`{expected}`, the registration of the document"),
            text,
        );
        (rule, violation)
    })
}

/// 8.1.5.0-3: an id that is the launch's activity id is not the publisher's.
fn publisher(document: &Node<'_>, address: &Address<'_>) -> Option<(&'static Rule, Violation)> {
    let grouping = read::activities(document.get("contextTemplate")?, "grouping");
    let mut others = grouping.iter().filter(|id| *id != address.activity);
    if grouping.is_empty() || others.next().is_some() {
        return None;
    }
    let rule = &rule::LAUNCH_ACTIVITY_IS_NOT_PUBLISHER;
    let violation = Violation::new(
        rule.id,
        schema::GROUPING,
        "the publisher id, which differs from the launch's activity id",
        address.activity,
    );
    Some((rule, violation))
}

/// Whether a text can be a session id.
fn is_session_id(text: &str) -> bool {
    !text.is_empty() && text.len() <= SESSION_ID_BYTES_MAX
}

/// Whether a browser can be sent there: a scheme, and a host behind it.
fn is_absolute_url(text: &str) -> bool {
    iri::is_iri(text)
        && text
            .split_once("://")
            .is_some_and(|(scheme, rest)| !scheme.contains(['/', '?', '#']) && !rest.is_empty())
}
