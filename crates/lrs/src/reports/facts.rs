//! What a learner has reached in an AU, as the reports tell it.

use cmi5::registration::Mark;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::time;

/// A statement that counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reached {
    pub statement: String,
    /// The id of the session that it belongs to.
    pub session: String,
    /// Its timestamp.
    pub timestamp: String,
    /// `result.score.scaled` as it was written.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub scaled: Option<String>,
}

impl Reached {
    pub(super) fn of(mark: &Mark) -> Self {
        Self {
            statement: mark.statement.to_string(),
            session: mark.session.clone(),
            timestamp: time(mark.timestamp),
            scaled: mark.scaled.clone(),
        }
    }

    pub(super) fn all(marks: &[Mark]) -> Vec<Self> {
        marks.iter().map(Self::of).collect()
    }
}
