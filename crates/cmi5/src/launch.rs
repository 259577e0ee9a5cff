//! What a session was launched with: fixed from its launch data on (section 10.2).

use serde::{Deserialize, Serialize};
use uuid::Uuid;
use xapi::lexical::decimal;

/// The launch of one session. Made from `LMS.LaunchData`, or from a `launched` statement alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Launch {
    /// Session id, any text.
    pub session: String,
    pub registration: Uuid,
    /// Identity of the learner (`xapi::statement::Ifi::canonical`).
    pub actor: String,
    /// The AU's activity id in this launch, which is not its publisher id.
    pub activity: String,
    /// Ids of the template's grouping activities; the publisher id is among them.
    pub publisher: Vec<String>,
    pub mode: LaunchMode,
    /// The number as it was written. None and 0 differ.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub mastery_score: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub move_on: Option<MoveOn>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub launch_parameters: Option<String>,
    pub template: Template,
    /// There is a launch data document; otherwise only a `launched` statement, and no token is given.
    pub has_document: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum LaunchMode {
    Normal,
    Browse,
    Review,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum MoveOn {
    Passed,
    Completed,
    CompletedAndPassed,
    CompletedOrPassed,
    NotApplicable,
}

/// What every statement's context must hold (10.2.1.0-6). The session id and the registration have rules of their own
/// and are not here.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Template {
    /// Activity ids of each list.
    pub parent: Vec<String>,
    pub grouping: Vec<String>,
    pub category: Vec<String>,
    pub other: Vec<String>,
    /// Extensions by IRI, values as JSON text.
    pub extensions: Vec<(String, String)>,
    /// `revision`, `platform`, `language`, `statement`, `instructor`, `team` …, values as JSON text.
    pub members: Vec<(String, String)>,
}

impl LaunchMode {
    pub const ALL: [LaunchMode; 3] = [LaunchMode::Normal, LaunchMode::Browse, LaunchMode::Review];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            LaunchMode::Normal => "Normal",
            LaunchMode::Browse => "Browse",
            LaunchMode::Review => "Review",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        LaunchMode::ALL
            .into_iter()
            .find(|mode| mode.as_str() == text)
    }
}

impl MoveOn {
    pub const ALL: [MoveOn; 5] = [
        MoveOn::Passed,
        MoveOn::Completed,
        MoveOn::CompletedAndPassed,
        MoveOn::CompletedOrPassed,
        MoveOn::NotApplicable,
    ];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            MoveOn::Passed => "Passed",
            MoveOn::Completed => "Completed",
            MoveOn::CompletedAndPassed => "CompletedAndPassed",
            MoveOn::CompletedOrPassed => "CompletedOrPassed",
            MoveOn::NotApplicable => "NotApplicable",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        MoveOn::ALL
            .into_iter()
            .find(|move_on| move_on.as_str() == text)
    }
}

/// Decimals that a mastery score may have (10.2.4.0-1).
const MASTERY_SCORE_DECIMALS_MAX: usize = 4;

/// Whether a JSON text is a mastery score: a number from 0 to 1 with at most 4 decimals. Zeros at the end of a number
/// say nothing and do not count.
pub(crate) fn is_mastery_score(text: &str) -> bool {
    let is_number = matches!(
        serde_json::from_str::<&serde_json::value::RawValue>(text),
        Ok(raw) if raw.get().starts_with(|c: char| c == '-' || c.is_ascii_digit())
    );
    is_number
        && decimal::compare(text, "0").is_ge()
        && decimal::compare(text, "1").is_le()
        && has_few_decimals(text)
}

fn has_few_decimals(text: &str) -> bool {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = [whole.trim_start_matches('-'), fraction].concat();
    let significant = digits.trim_end_matches('0');
    if significant.is_empty() {
        return true;
    }
    let zeros = digits.len() - significant.len();
    // Between 0 and 1, an exponent that no i64 holds goes with as many digits: not in a text that fits in memory.
    let Ok(exponent) = exponent.parse::<i64>() else {
        return false;
    };
    let count = |length: usize| i128::try_from(length).unwrap_or(i128::MAX);
    count(fraction.len()) - count(zeros) - i128::from(exponent) <= count(MASTERY_SCORE_DECIMALS_MAX)
}
