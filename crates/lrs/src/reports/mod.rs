//! What can be asked about sessions, registrations and violations: read from records and rows, nothing is written.
//!
//! The types here are the answers of `/cmi5/v1` and what `tessera session show` prints, so their members are named as
//! JSON names them there. Times are RFC 3339 in UTC.

mod counts;
mod events;
mod facts;
pub(crate) mod link;
mod list;
mod registration;
mod rules;
mod statements;
mod story;
mod summary;
#[cfg(test)]
mod tests;
mod violations;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::Seq;
use xapi::lexical::timestamp;
use xapi::statement::Ifi;

use crate::credential::Permission;
use crate::{Caller, Error};

pub use counts::{ActivityCount, Count, Counts, CountsQuery, counts};
pub use events::{Events, Happened, events};
pub use facts::Reached;
pub use list::{Overview, Sessions, SessionsQuery, sessions};
pub use registration::{Au, AuSession, Registration, Satisfied, registration};
pub use rules::{RuleInForce, Rules, rules};
pub use statements::{Result, Score, Told};
pub use story::{Flags, Happening, LaunchData, RegistrationFacts, Story, session, story};
pub use violations::{Violated, Violations, ViolationsQuery, violations};

/// The part of a list that is wanted.
#[derive(Debug, Clone, Default)]
pub struct Part {
    /// At most so many entries; as many as the server gives when it is absent, or larger than that.
    pub limit: Option<usize>,
    /// Goes on behind a page before this one.
    pub cursor: Option<String>,
}

/// A learner by the one identifier that counts, as xAPI writes it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Learner {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub mbox: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub mbox_sha1sum: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub openid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub account: Option<Account>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    pub home_page: String,
    pub name: String,
}

impl Learner {
    /// By `xapi::statement::Ifi::canonical`.
    #[must_use]
    pub fn of(identity: &str) -> Self {
        let mut learner = Self::default();
        match Ifi::from_canonical(identity) {
            Some(Ifi::Mbox(mbox)) => learner.mbox = Some(mbox.into_owned()),
            Some(Ifi::MboxSha1sum(sha1)) => learner.mbox_sha1sum = Some(sha1.into_owned()),
            Some(Ifi::OpenId(openid)) => learner.openid = Some(openid.into_owned()),
            Some(Ifi::Account { home_page, name }) => {
                learner.account = Some(Account {
                    home_page: home_page.into_owned(),
                    name: name.into_owned(),
                });
            }
            None => {}
        }
        learner
    }
}

/// Who may read reports: an LMS that may read statements, and those who run the server.
pub(crate) fn needs_reports(caller: &Caller) -> std::result::Result<(), Error> {
    caller.needs_lms()?;
    if caller.credential.scopes.permits(Permission::Administer) {
        return Ok(());
    }
    caller.needs(Permission::ReadStatements)
}

/// Microseconds since 1970 as text.
fn time(micros: i64) -> String {
    timestamp::render(micros)
}

fn time_of(seq: Seq) -> String {
    time(i64::try_from(seq.0).unwrap_or(i64::MAX))
}

/// The bound for rows that came after an instant.
fn after(since: Option<i64>) -> Option<Seq> {
    since.map(|micros| Seq(u64::try_from(micros).unwrap_or(0)))
}
