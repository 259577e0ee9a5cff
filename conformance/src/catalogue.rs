//! The catalogues of requirements: `requirements/xapi.toml` and `requirements/cmi5.toml` as types.

use serde::Deserialize;
use xapi::Version;

use crate::vector::versions;

const XAPI: &str = include_str!("../requirements/xapi.toml");
const CMI5: &str = include_str!("../requirements/cmi5.toml");

/// One requirement.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// ADL's id, or one of ours: `xapi/…`, or `9.5.1/scaled` and the like.
    pub id: String,
    /// What ADL's list derives from it for an LMS, as `d`, `d1` …: the same id with that in brackets.
    #[serde(default)]
    pub derived: Vec<String>,
    pub level: Level,
    /// Section of the specification, of 1.0.3 unless it says otherwise.
    pub section: String,
    /// Whose duty it is; of an LRS unless it says otherwise.
    #[serde(default = "of_an_lrs")]
    pub binds: Vec<Party>,
    #[serde(default = "versions::both", deserialize_with = "versions::read")]
    pub versions: Vec<Version>,
    /// What it demands, in one line of our own.
    pub summary: String,
    /// The module that holds the rule.
    #[serde(rename = "where")]
    pub module: Option<String>,
    /// Why no code enforces it, or no vector tries it.
    pub exception: Option<String>,
}

fn of_an_lrs() -> Vec<Party> {
    vec![Party::Lrs]
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Party {
    #[serde(rename = "AU")]
    Au,
    #[serde(rename = "LMS")]
    Lms,
    #[serde(rename = "LRS")]
    Lrs,
    #[serde(rename = "designer")]
    Designer,
}

impl Party {
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Party::Au => "AU",
            Party::Lms => "LMS",
            Party::Lrs => "LRS",
            Party::Designer => "course designer",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Level {
    Must,
    Should,
    May,
}

impl Level {
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Level::Must => "MUST",
            Level::Should => "SHOULD",
            Level::May => "MAY",
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    requirement: Vec<Requirement>,
}

/// What xAPI demands, in the order of the file.
///
/// # Panics
/// When the file that is compiled in is broken.
#[must_use]
pub fn xapi() -> Vec<Requirement> {
    read("xapi.toml", XAPI)
}

/// What cmi5 demands, in the order of the file.
///
/// # Panics
/// When the file that is compiled in is broken.
#[must_use]
pub fn cmi5() -> Vec<Requirement> {
    read("cmi5.toml", CMI5)
}

/// What both demand.
///
/// # Panics
/// When a file that is compiled in is broken.
#[must_use]
pub fn all() -> Vec<Requirement> {
    let mut requirements = xapi();
    requirements.extend(cmi5());
    requirements
}

fn read(name: &str, text: &str) -> Vec<Requirement> {
    let file: File = toml::from_str(text)
        .unwrap_or_else(|error| panic!("requirements/{name} is broken: {error}"));
    file.requirement
}
