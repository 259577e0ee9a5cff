//! A broken rule with what became of it.

use serde::{Deserialize, Serialize};
use xapi::Violation;

use crate::policy::Policy;
use crate::rule::Side;

/// What became of a statement or document that broke a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// It was stored nevertheless.
    Flagged,
    /// It was refused.
    Rejected,
}

impl Decision {
    /// `None` when the rule is off.
    #[must_use]
    pub fn of(policy: Policy) -> Option<Self> {
        match policy {
            Policy::Reject => Some(Decision::Rejected),
            Policy::Flag => Some(Decision::Flagged),
            Policy::Off => None,
        }
    }

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Decision::Flagged => "flagged",
            Decision::Rejected => "rejected",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// `requirement` is the rule's id; `statement` the index in the request, if it is about a statement.
    pub violation: Violation,
    pub side: Side,
    pub decision: Decision,
}

/// Whether what broke these rules must not be stored.
#[must_use]
pub fn is_rejected(findings: &[Finding]) -> bool {
    findings
        .iter()
        .any(|finding| finding.decision == Decision::Rejected)
}
