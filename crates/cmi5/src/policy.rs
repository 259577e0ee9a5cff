//! How strict a tenant is: reject, flag or off, for each side, with exceptions for single rules.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::rule::{Force, Rule, Side};

/// What happens to a statement or document that breaks a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Policy {
    /// It is refused with 403, and the refusal is recorded.
    Reject,
    /// It is stored, and the violation is recorded.
    Flag,
    /// The rule is not checked.
    Off,
}

/// Everything that a tenant may set about cmi5.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Policies {
    /// What an AU writes: by a session token, by a key of role `au`, or relayed by an LMS: `reject`, `flag` or `off`.
    pub au: Policy,
    /// What an LMS writes for itself: launch data, launched, abandoned, waived, satisfied.
    pub lms: Policy,
    /// Statements that speak of a session which the store does not know, by the role of the key that writes them.
    pub unknown_session: UnknownSession,
    /// Seconds after `terminated` in which statements with an earlier timestamp are still taken.
    pub terminated_grace_seconds: u32,
    /// A launch by an LMS abandons the open session of the same registration, instead of only reporting it.
    pub abandon_on_relaunch: bool,
    /// Seconds without a statement of the AU after which an open session is abandoned; 0: never.
    pub abandon_after_idle_seconds: u64,
    /// A session token must have asked for the learner's preferences before its first statement (11.0.0.0-3).
    pub require_preferences_read: bool,
    /// A session token may write the learner's preferences; otherwise it gets the 403 that cmi5 lets it ignore.
    pub au_may_write_preferences: bool,
    /// Statements that are stored although they break a rule are voided at once (6.3.0.0-2).
    pub void_flagged: bool,
    /// Exceptions for single rules, by requirement id: `"9.3.0.0-2" = "flag"`.
    pub rules: BTreeMap<String, Policy>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct UnknownSession {
    /// By a key of role `au`.
    pub au: Policy,
    /// By a key of role `lms` or `lms+au`.
    pub lms: Policy,
}

impl Default for Policies {
    fn default() -> Self {
        Self {
            au: Policy::Reject,
            lms: Policy::Flag,
            unknown_session: UnknownSession::default(),
            terminated_grace_seconds: 0,
            abandon_on_relaunch: false,
            abandon_after_idle_seconds: 0,
            require_preferences_read: true,
            au_may_write_preferences: false,
            void_flagged: false,
            rules: BTreeMap::new(),
        }
    }
}

impl Default for UnknownSession {
    fn default() -> Self {
        Self {
            au: Policy::Reject,
            lms: Policy::Flag,
        }
    }
}

impl Policies {
    /// What holds for a rule when this side breaks it.
    #[must_use]
    pub fn of(&self, side: Side, rule: &Rule) -> Policy {
        let configured = || {
            self.rules.get(rule.id).copied().unwrap_or(match side {
                Side::Au => self.au,
                Side::Lms => self.lms,
            })
        };
        match rule.force {
            Force::Always => Policy::Reject,
            Force::ByPolicy => configured(),
        }
    }

    /// Ids in `rules` that no rule has.
    #[must_use]
    pub fn unknown_rules(&self) -> Vec<&str> {
        self.rules
            .keys()
            .map(String::as_str)
            .filter(|id| crate::rule::find(id).is_none())
            .collect()
    }
}
