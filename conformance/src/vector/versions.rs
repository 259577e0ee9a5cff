//! How vectors and the catalogue name versions of xAPI.

use serde::de::Error;
use serde::{Deserialize, Deserializer};
use xapi::Version;

#[must_use]
pub fn both() -> Vec<Version> {
    Version::ALL.to_vec()
}

/// # Errors
/// A version that is not `1.0.3` or `2.0.0`.
pub fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Version>, D::Error> {
    let names = Vec::<String>::deserialize(deserializer)?;
    let versions = names.iter().map(|name| {
        by_name(name).ok_or_else(|| D::Error::custom(format!("`{name}` is no version")))
    });
    versions.collect()
}

#[must_use]
pub fn by_name(name: &str) -> Option<Version> {
    Version::ALL
        .into_iter()
        .find(|version| version.announced() == name)
}
