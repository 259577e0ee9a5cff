//! Vectors as types: one file for each area of behaviour, with cases of statements (accepted or refused, wherever they
//! go), exchanges (requests in order, with what is expected of each answer), and sessions of cmi5 (`session`).

use std::collections::BTreeMap;

use serde::Deserialize;
use xapi::Version;

use course::{CourseCase, Package};
use session::{Adopted, Launched, Sent, SessionCase};

pub mod course;
mod files;
pub mod session;
pub mod versions;

/// A file of vectors.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// What the file is about.
    pub about: String,
    #[serde(default, rename = "case")]
    pub cases: Vec<StatementCase>,
    #[serde(default, rename = "exchange")]
    pub exchanges: Vec<Exchange>,
    #[serde(default, rename = "session")]
    pub sessions: Vec<SessionCase>,
    #[serde(default, rename = "course")]
    pub courses: Vec<CourseCase>,
}

/// Statements that differ from a base by one value each, and whether they are accepted.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatementCase {
    pub name: String,
    pub ids: Vec<String>,
    #[serde(default = "versions::both", deserialize_with = "versions::read")]
    pub versions: Vec<Version>,
    /// A statement of `bases.toml`.
    #[serde(default = "minimal")]
    pub base: String,
    /// Changes of the base in all trials (`patch`).
    #[serde(default)]
    pub set: Vec<String>,
    /// Places of `bases.toml`; `at` is below each of them, and `base` comes from there.
    #[serde(rename = "in")]
    pub places: Option<String>,
    /// Pointers at which each value is tried. Without any, the trials are changes of their own.
    pub at: Option<Vec<String>>,
    /// Values at `at`, as JSON; `-` for none at all.
    #[serde(default)]
    pub accept: Vec<String>,
    #[serde(default)]
    pub refuse: Vec<String>,
    /// Whole texts, where a change of a base cannot say it.
    #[serde(default)]
    pub accept_text: Vec<String>,
    #[serde(default)]
    pub refuse_text: Vec<String>,
    /// What a refusal names; the first of `ids` if it is left out.
    pub requirement: Option<String>,
    /// Where a refusal says that it is, relative to `at` (`^`: what is around it); `at` itself if it is left out.
    pub pointer: Option<String>,
}

fn minimal() -> String {
    "minimal".to_owned()
}

/// Requests in order.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    pub name: String,
    pub ids: Vec<String>,
    #[serde(default = "versions::both", deserialize_with = "versions::read")]
    pub versions: Vec<Version>,
    /// Who must behave so.
    #[serde(default)]
    pub of: Of,
    /// Parameters of every step that has no other value for them.
    #[serde(default)]
    pub query: BTreeMap<String, String>,
    /// Names bound to the SHA-256 of these contents.
    #[serde(default)]
    pub hash: BTreeMap<String, String>,
    /// Names bound to JWSs; `$name_sha2` is the hash of each.
    #[serde(default)]
    pub jws: BTreeMap<String, Jws>,
    /// What the tenant's policy is, as JSON; the default one if it is left out.
    pub policy: Option<String>,
    #[serde(rename = "step")]
    pub steps: Vec<Step>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Of {
    /// The specification demands it.
    #[default]
    Everyone,
    /// We promise it beyond the specification.
    Tessera,
    /// It shows with the small limits of the tests' own server.
    Own,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Jws {
    pub alg: String,
    /// Changes of the minimal statement.
    pub payload: Option<Vec<String>>,
    /// Or any text.
    pub text: Option<String>,
}

/// One request, or the same one several times at once, and what is expected.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Step {
    /// Method and path below the endpoint, with a query of its own if it must be written just so.
    pub send: Option<String>,
    /// Path and query from the host on, or a whole URL: GETs a `more` link.
    pub follow: Option<String>,
    #[serde(rename = "as")]
    pub account: Account,
    /// Instead of a request: a launch of cmi5.
    pub launch: Option<Launched>,
    /// Instead of a request: the AU of a launch URL begins, with its token, launch data and preferences.
    pub adopt: Option<Adopted>,
    /// The launch whose names and token this and the following steps use; the last one at first.
    pub session: Option<String>,
    /// The body: statements of that launch; one that is alone is no list.
    pub cmi5: Option<Vec<Sent>>,
    /// The body: the launch data of `bases.toml` with these changes.
    pub data: Option<Vec<String>>,
    /// Names bound to the texts of statements of that launch.
    pub make: BTreeMap<String, Sent>,
    /// Parameters; `-` takes one of the exchange's away.
    pub query: BTreeMap<String, String>,
    /// Headers; `-` takes one of the runner's away.
    pub headers: BTreeMap<String, String>,
    /// The body: changes of the minimal statement, or of several, or a text, or the fields of a form, or parts.
    pub statement: Option<Vec<String>>,
    pub statements: Option<Vec<Vec<String>>>,
    pub body: Option<String>,
    /// Octets in hex, for what is no text.
    pub octets: Option<String>,
    pub form: Option<BTreeMap<String, String>>,
    pub parts: Option<Vec<Part>>,
    /// The body: a course package.
    pub package: Option<Package>,
    /// How often it is sent, all at once.
    pub times: Option<usize>,
    /// It is sent again until the answer is consistent with what was stored before: an LRS may take its time.
    pub consistent: bool,
    /// It is sent again, for a little while, until the answer is as expected: what is told may come after the answer
    /// that it tells of.
    pub soon: bool,

    pub status: Option<u16>,
    /// Any status from 400 to 499, where the specification leaves it open.
    pub refused: bool,
    /// How many of the answers have which status, and in how many bodies texts occur.
    pub statuses: BTreeMap<String, usize>,
    pub counts: BTreeMap<String, usize>,
    /// Headers of the answer: a value, `*` for any, `…*` for a beginning, `!` for none.
    pub has: BTreeMap<String, String>,
    /// JSON that the body must contain: of objects the named members, of arrays all items.
    pub json: Option<String>,
    /// The body, character by character.
    pub content: Option<String>,
    /// Texts that occur in the body, and texts that do not.
    pub contains: Vec<String>,
    pub lacks: Vec<String>,
    /// Ids of the statements of a list, in order.
    pub found: Option<Vec<String>>,
    /// Violations that the refusal names, as `requirement pointer`: Tessera's own form.
    pub violations: Vec<String>,
    /// Names bound to a header, or to what is at a pointer of the JSON; `/url?name` is a parameter of the URL there.
    pub bind: BTreeMap<String, String>,
}

/// A part of a multipart body.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Part {
    pub headers: BTreeMap<String, String>,
    pub statement: Option<Vec<String>>,
    pub body: Option<String>,
}

/// Whose credentials a request has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Account {
    /// May do everything.
    #[default]
    Owner,
    /// A second one that may do everything, with another authority.
    Other,
    /// Reads statements.
    Reader,
    /// Writes statements and reads those it wrote.
    Writer,
    /// Keys with the roles of cmi5.
    Lms,
    Au,
    LmsAu,
    /// The token of the session at hand.
    Token,
    /// Administers the server.
    Admin,
    /// The owner's key with a wrong secret.
    Wrong,
    /// None at all.
    Nobody,
}

/// Statements to begin with, and places in them that the same rules hold for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bases {
    pub statements: BTreeMap<String, String>,
    /// Each `base pointer`.
    pub places: BTreeMap<String, Vec<String>>,
}

/// All vectors, by the names of their files.
///
/// # Panics
/// When a file that is compiled in is broken.
#[must_use]
pub fn load() -> Vec<(&'static str, File)> {
    files::FILES
        .iter()
        .map(|&(name, text)| {
            let file = toml::from_str(text)
                .unwrap_or_else(|error| panic!("vectors/{name} is broken: {error}"));
            (name, file)
        })
        .collect()
}

/// # Panics
/// When the file that is compiled in is broken.
#[must_use]
pub fn bases() -> Bases {
    toml::from_str(files::BASES)
        .unwrap_or_else(|error| panic!("vectors/bases.toml is broken: {error}"))
}

/// # Panics
/// When the file that is compiled in is broken.
#[must_use]
pub fn cmi5_bases() -> session::Bases {
    toml::from_str(files::CMI5_BASES)
        .unwrap_or_else(|error| panic!("vectors/cmi5/bases.toml is broken: {error}"))
}
