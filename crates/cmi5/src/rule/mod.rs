//! The rules as data: ids, what each asks, of whom, and how far policy reaches. Checks cite these constants, and the
//! lists that people read are made from them.

mod catalogue;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use catalogue::*;

/// Who broke a rule: whose policy holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    Au,
    Lms,
}

/// What a rule is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Applies {
    /// Every statement of a session, cmi5 defined or allowed.
    Statement,
    /// Statements with the cmi5 category.
    Cmi5Defined,
    /// Statements that an LMS writes for itself.
    LmsStatement,
    /// The `LMS.LaunchData` document.
    LaunchData,
    /// The `cmi5LearnerPreferences` document.
    Preferences,
    /// What a session token may reach at all.
    Access,
}

/// How far policy reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Force {
    ByPolicy,
    /// Credentials and closures: always refused.
    Always,
}

/// One rule.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// ADL's requirement id without `(d…)`, or one of Tessera's own.
    pub id: &'static str,
    /// ADL's derived ids that it enforces: `d`, `d1` …
    pub derived: &'static [&'static str],
    /// What must hold, in one line.
    pub summary: &'static str,
    /// What to do about it, for the author of the content or of the LMS.
    pub hint: &'static str,
    pub applies: Applies,
    /// Who can break it.
    pub sides: &'static [Side],
    pub force: Force,
}

/// The rule with this id.
#[must_use]
pub fn find(id: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|rule| rule.id == id)
}
