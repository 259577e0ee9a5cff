//! Vectors of cmi5 as types: what a session was launched with, what is sent to it by whom, and what is expected.

use std::collections::BTreeMap;

use serde::Deserialize;
use xapi::Version;

use super::{Account, versions};

/// One session, or two, and what becomes of statements that are sent to it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionCase {
    pub name: String,
    pub ids: Vec<String>,
    #[serde(default = "versions::both", deserialize_with = "versions::read")]
    pub versions: Vec<Version>,
    /// Who sends what is tried.
    #[serde(default)]
    pub by: By,
    /// What the session is launched with, as in [`Launching`].
    #[serde(default)]
    pub data: Vec<String>,
    pub agent: Option<String>,
    #[serde(default)]
    pub without: Vec<Preparation>,
    #[serde(default)]
    pub launched: Vec<String>,
    /// Statements of an earlier session, accepted one by one.
    #[serde(default)]
    pub earlier: Vec<Sent>,
    /// What is another in the earlier session: `registration`, `activity`, `agent`. By default nothing is.
    #[serde(default)]
    pub earlier_of: Vec<Part>,
    /// Statements of the session that are accepted one by one before the trial.
    #[serde(default)]
    pub before: Vec<Sent>,
    /// The request that is tried.
    #[serde(default)]
    pub send: Vec<Sent>,
    /// Index of the statement in `send` that trials change; the last one if it is left out.
    pub change: Option<usize>,
    /// Pointers at which each value is tried. Without any, the trials are changes of their own.
    pub at: Option<Vec<String>>,
    /// Values at `at`, as JSON, `-` for none at all; or changes; the empty one changes nothing.
    #[serde(default)]
    pub accept: Vec<String>,
    #[serde(default)]
    pub refuse: Vec<String>,
    /// Whole requests instead of `send`.
    #[serde(default)]
    pub accept_batches: Vec<Vec<Sent>>,
    #[serde(default)]
    pub refuse_batches: Vec<Vec<Sent>>,
    /// What a refusal names; the first of `ids` if it is left out.
    pub requirement: Option<String>,
    /// Where a refusal says that it is; what was changed if it is left out; `*` anywhere.
    pub pointer: Option<String>,
    /// The statement's index in the request that a refusal names; by default that of the changed statement.
    pub index: Option<usize>,
    /// What a refusal names besides, as `requirement pointer`.
    #[serde(default)]
    pub also: Vec<String>,
    /// A refusal names nothing else.
    #[serde(default)]
    pub only: bool,
    /// What is merely recorded of an accepted request, as `requirement pointer`.
    #[serde(default)]
    pub warns: Vec<String>,
    /// The session's state after an accepted request, and after a refused one.
    pub state: Option<String>,
    pub state_refused: Option<String>,
    /// How far policy reaches.
    #[serde(default)]
    pub force: Force,
    /// A policy of its own, as JSON; without, the trials run with everything rejected and with everything flagged.
    pub policy: Option<String>,
    /// It does not show in the pure crate: credentials, and statements whose session is not known.
    #[serde(default)]
    pub server_only: bool,
}

impl SessionCase {
    #[must_use]
    pub fn launching(&self) -> Launching {
        Launching {
            data: self.data.clone(),
            agent: self.agent.clone(),
            without: self.without.clone(),
            launched: self.launched.clone(),
        }
    }
}

/// What a session is launched with.
#[derive(Debug, Clone, Default)]
pub struct Launching {
    /// Changes of the launch data of `bases.toml`.
    pub data: Vec<String>,
    /// The learner, as JSON, instead of one with an account.
    pub agent: Option<String>,
    /// What does not happen before.
    pub without: Vec<Preparation>,
    /// Changes of the `launched` statement.
    pub launched: Vec<String>,
}

/// What happens before a session's statements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Preparation {
    /// The LMS stores the launch data.
    Data,
    /// The LMS says `launched`.
    Launched,
    /// The AU fetches its token.
    Fetch,
    /// The AU asks for the learner's preferences.
    Preferences,
}

/// What two sessions can have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    Registration,
    Activity,
    Agent,
}

/// Whose credentials statements are sent with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum By {
    #[default]
    Token,
    Au,
    Lms,
    LmsAu,
}

impl By {
    #[must_use]
    pub fn account(self) -> Account {
        match self {
            By::Token => Account::Token,
            By::Au => Account::Au,
            By::Lms => Account::Lms,
            By::LmsAu => Account::LmsAu,
        }
    }
}

/// How far policy reaches for what a case refuses.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Force {
    /// 403; with `flag` it is stored and recorded.
    #[default]
    Policy,
    /// 403; with `flag` it is 400, since it breaks xAPI.
    Xapi,
    /// 403 whatever the policy.
    Always,
    /// 401 whatever the policy.
    Credential,
}

/// A statement of `bases.toml`, who sends it if that is not who sends the rest (`abandoned by lms`), and changes.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "Written")]
pub struct Sent {
    pub base: String,
    pub by: Option<By>,
    pub changes: Vec<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Base(String),
    Changed(Vec<String>),
}

impl TryFrom<Written> for Sent {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let (head, changes) = match written {
            Written::Base(head) => (head, Vec::new()),
            Written::Changed(mut lines) if !lines.is_empty() => {
                let changes = lines.split_off(1);
                (lines.concat(), changes)
            }
            Written::Changed(_) => return Err("a statement has no base".to_owned()),
        };
        let (base, by) = match head.split_once(" by ") {
            None => (head.as_str(), None),
            Some((base, "token")) => (base, Some(By::Token)),
            Some((base, "au")) => (base, Some(By::Au)),
            Some((base, "lms")) => (base, Some(By::Lms)),
            Some((base, "lmsau")) => (base, Some(By::LmsAu)),
            Some((_, who)) => return Err(format!("`{who}` sends nothing")),
        };
        Ok(Self {
            base: base.to_owned(),
            by,
            changes,
        })
    }
}

/// A launch within an exchange: `$NAME_session`, `$NAME_registration` and the like are bound.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Launched {
    pub name: String,
    /// It has the learner, registration and activity of this one …
    pub like: Option<String>,
    /// … but for these.
    #[serde(default)]
    pub but: Vec<Part>,
    #[serde(default)]
    pub data: Vec<String>,
    pub agent: Option<String>,
    #[serde(default)]
    pub without: Vec<Preparation>,
    #[serde(default)]
    pub launched: Vec<String>,
}

impl Launched {
    #[must_use]
    pub fn launching(&self) -> Launching {
        Launching {
            data: self.data.clone(),
            agent: self.agent.clone(),
            without: self.without.clone(),
            launched: self.launched.clone(),
        }
    }
}

/// A launch that the server made, by its launch URL: bound as a [`Launched`] is.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Adopted {
    pub name: String,
    pub url: String,
}

/// Launch data, statements and course structures of cmi5 to begin with.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bases {
    pub structures: BTreeMap<String, String>,
    /// The launch data document.
    pub data: String,
    pub statements: BTreeMap<String, String>,
}
