//! What one learner has reached in one AU of one registration (section 9.3: "per registration").

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Marks beyond this many are not kept. More than one of a kind comes only where a rule is off.
pub const MARKS_MAX: usize = 16;

/// Facts of one registration, learner and AU. A fact is there while a statement that set it is not voided.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AuRegistration {
    pub completed: Vec<Mark>,
    pub passed: Vec<Mark>,
    pub failed: Vec<Mark>,
    pub waived: Vec<Mark>,
}

/// A statement that set a fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    pub statement: Uuid,
    pub session: String,
    /// Its timestamp, microseconds since 1970.
    pub timestamp: i64,
    /// `result.score.scaled` as it was written.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub scaled: Option<String>,
}

impl AuRegistration {
    /// Takes back what a statement set, which has been voided. Answers whether it had set anything.
    pub fn forget(&mut self, statement: Uuid) -> bool {
        let mut forgot = false;
        for marks in [
            &mut self.completed,
            &mut self.passed,
            &mut self.failed,
            &mut self.waived,
        ] {
            let before = marks.len();
            marks.retain(|mark| mark.statement != statement);
            forgot |= marks.len() != before;
        }
        forgot
    }
}

/// Remembers one more, unless there are very many.
pub(crate) fn mark(marks: &mut Vec<Mark>, new: Mark) {
    if marks.len() < MARKS_MAX {
        marks.push(new);
    }
}
