//! The catalogue of requirements: `requirements/xapi.toml` as types.

use serde::Deserialize;
use xapi::Version;

use crate::vector::versions;

const TEXT: &str = include_str!("../requirements/xapi.toml");

/// One requirement.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// ADL's id, or one of ours that begins with `xapi/`.
    pub id: String,
    pub level: Level,
    /// Section of the specification, of 1.0.3 unless it says otherwise.
    pub section: String,
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

/// All requirements, in the order of the file.
///
/// # Panics
/// When the file that is compiled in is broken.
#[must_use]
pub fn load() -> Vec<Requirement> {
    let file: File = toml::from_str(TEXT)
        .unwrap_or_else(|error| panic!("requirements/xapi.toml is broken: {error}"));
    file.requirement
}
