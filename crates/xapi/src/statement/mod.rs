//! The Statement as typed, borrowed data. `parse` makes it; everything else only reads it.
//!
//! Text is borrowed from the request where it needs no unescaping. Whatever has no meaning for a rule or an index
//! stays JSON text (`&RawValue`): it is checked once, kept, and never written again.

mod check;
mod definition;
mod ifi;
mod mentions;
mod nested;
mod parse;
mod raw;
#[cfg(test)]
mod tests;
mod walk;

use std::borrow::Cow;

use serde_json::value::RawValue;
use uuid::Uuid;

pub use parse::{parse_actor, parse_batch, parse_one};
pub use walk::VIOLATIONS_MAX;

/// The reserved verb that voids another statement (Data 2.3.2).
pub const VERB_VOIDED: &str = "http://adlnet.gov/expapi/verbs/voided";

/// What JSON allows around a value.
const WHITE_SPACE: [char; 4] = [' ', '\t', '\n', '\r'];

/// One statement (xAPI 1.0.3 Data 2).
#[derive(Debug, Clone)]
pub struct Statement<'a> {
    /// The JSON text as received, from `{` to `}`.
    pub text: &'a str,
    pub id: Option<Uuid>,
    pub actor: Actor<'a>,
    pub verb: Verb<'a>,
    pub object: Object<'a>,
    pub result: Option<ResultOf<'a>>,
    pub context: Option<Context<'a>>,
    /// As sent; its syntax has been checked.
    pub timestamp: Option<Cow<'a, str>>,
    /// As sent by the client; an LRS replaces it.
    pub stored: Option<Cow<'a, str>>,
    /// As sent by the client; an LRS replaces it.
    pub authority: Option<Actor<'a>>,
    pub version: Option<Cow<'a, str>>,
    pub attachments: Vec<Attachment<'a>>,
}

/// An Agent or a Group, wherever either may stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor<'a> {
    Agent(Agent<'a>),
    Group(Group<'a>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agent<'a> {
    pub name: Option<Cow<'a, str>>,
    pub ifi: Ifi<'a>,
}

/// Identified when `ifi` is there, anonymous otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group<'a> {
    pub name: Option<Cow<'a, str>>,
    pub ifi: Option<Ifi<'a>>,
    pub members: Vec<Agent<'a>>,
}

/// Inverse functional identifier (Data 2.4.2.3): what makes two agents the same agent.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Ifi<'a> {
    /// With its `mailto:`.
    Mbox(Cow<'a, str>),
    MboxSha1sum(Cow<'a, str>),
    OpenId(Cow<'a, str>),
    Account {
        home_page: Cow<'a, str>,
        name: Cow<'a, str>,
    },
}

#[derive(Debug, Clone)]
pub struct Verb<'a> {
    pub id: Cow<'a, str>,
    /// A language map.
    pub display: Option<&'a RawValue>,
}

#[derive(Debug, Clone)]
pub enum Object<'a> {
    Activity(Activity<'a>),
    Agent(Agent<'a>),
    Group(Group<'a>),
    StatementRef(Uuid),
    SubStatement(Box<SubStatement<'a>>),
}

#[derive(Debug, Clone)]
pub struct Activity<'a> {
    pub id: Cow<'a, str>,
    /// An activity definition, checked.
    pub definition: Option<&'a RawValue>,
}

#[derive(Debug, Clone)]
pub struct SubStatement<'a> {
    pub actor: Actor<'a>,
    pub verb: Verb<'a>,
    /// Never a `SubStatement`.
    pub object: Object<'a>,
    pub result: Option<ResultOf<'a>>,
    pub context: Option<Context<'a>>,
    pub timestamp: Option<Cow<'a, str>>,
    pub attachments: Vec<Attachment<'a>>,
}

/// A statement's result. Not named `Result`, which Rust has taken.
#[derive(Debug, Clone)]
pub struct ResultOf<'a> {
    pub score: Option<Score<'a>>,
    pub success: Option<bool>,
    pub completion: Option<bool>,
    pub response: Option<Cow<'a, str>>,
    /// ISO 8601, checked.
    pub duration: Option<Cow<'a, str>>,
    pub extensions: Option<Extensions<'a>>,
}

/// Numbers as JSON text, exactly as sent.
#[derive(Debug, Clone)]
pub struct Score<'a> {
    pub scaled: Option<&'a str>,
    pub raw: Option<&'a str>,
    pub min: Option<&'a str>,
    pub max: Option<&'a str>,
}

#[derive(Debug, Clone)]
pub struct Context<'a> {
    pub registration: Option<Uuid>,
    pub instructor: Option<Actor<'a>>,
    pub team: Option<Group<'a>>,
    pub activities: ContextActivities<'a>,
    pub revision: Option<Cow<'a, str>>,
    pub platform: Option<Cow<'a, str>>,
    pub language: Option<Cow<'a, str>>,
    pub statement: Option<Uuid>,
    pub extensions: Option<Extensions<'a>>,
    /// xAPI 2.0: the agent of each `contextAgent`.
    pub agents: Vec<Agent<'a>>,
    /// xAPI 2.0: the group of each `contextGroup`.
    pub groups: Vec<Group<'a>>,
}

/// A single activity in place of a list counts as a list of one.
#[derive(Debug, Clone, Default)]
pub struct ContextActivities<'a> {
    pub parent: Vec<Activity<'a>>,
    pub grouping: Vec<Activity<'a>>,
    pub category: Vec<Activity<'a>>,
    pub other: Vec<Activity<'a>>,
    /// Somewhere there was a single activity; `format::normalise` puts it into a list.
    pub single: bool,
}

/// Keys in the order sent, each an IRI, none twice; values any JSON.
#[derive(Debug, Clone)]
pub struct Extensions<'a>(pub Vec<(Cow<'a, str>, &'a RawValue)>);

#[derive(Debug, Clone)]
pub struct Attachment<'a> {
    pub usage_type: Cow<'a, str>,
    pub content_type: Cow<'a, str>,
    pub length: u64,
    /// Hex, as sent.
    pub sha2: Cow<'a, str>,
    pub file_url: Option<Cow<'a, str>>,
}
