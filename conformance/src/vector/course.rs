//! Vectors of courses as types: packages that are imported or refused.

use std::collections::BTreeMap;

use serde::Deserialize;
use xapi::Version;

use super::versions;

/// A course package: a structure of `bases.toml` with changes, alone or in a zip.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Package {
    /// `old => new`, each of a text that is there: all of its places change. A name alone is a structure.
    pub set: Vec<String>,
    /// The other files of a zip, by their names. Without them it is a structure alone.
    pub files: Option<BTreeMap<String, String>>,
    /// The structure's name in the zip, if it is another.
    pub structure_name: Option<String>,
    /// So many AUs more.
    pub more_aus: usize,
    /// Octets in hex that are no package.
    pub octets: Option<String>,
}

/// Packages that differ by one text each, and whether they are imported.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CourseCase {
    pub name: String,
    pub ids: Vec<String>,
    #[serde(default = "versions::both", deserialize_with = "versions::read")]
    pub versions: Vec<Version>,
    #[serde(default)]
    pub package: Package,
    /// The text for which each value is put. Without it each trial is a change, `old => new`.
    pub replace: Option<String>,
    #[serde(default)]
    pub accept: Vec<String>,
    #[serde(default)]
    pub refuse: Vec<String>,
    /// What a refusal names, or a warning; the first of `ids` if it is left out.
    pub requirement: Option<String>,
    /// What is refused here is accepted with a warning.
    #[serde(default)]
    pub warns: bool,
}
