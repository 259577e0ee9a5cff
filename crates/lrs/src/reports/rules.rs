//! The catalogue of rules with the policy in force.

use cmi5::rule::{Applies, Force, RULES};
use cmi5::{Policies, Policy, Rule, Side};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Caller, Error, Lrs, policies};

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Rules {
    pub rules: Vec<RuleInForce>,
}

/// A rule, and what happens to whoever breaks it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct RuleInForce {
    /// ADL's requirement id without `(d…)`, or one of Tessera's own.
    pub id: String,
    /// Requirements that ADL derives from it and that are enforced with it, such as `9.3.0.0-2 (d)`.
    pub derived: Vec<String>,
    /// What must hold.
    pub summary: String,
    /// What to do about it.
    pub hint: String,
    /// What it is about: `statement` (all of a session), `cmi5_defined`, `lms_statement`, `launch_data`,
    /// `preferences` or `access`.
    pub applies: String,
    /// No policy switches it off.
    pub always: bool,
    /// What happens when an AU breaks it: `reject`, `flag` or `off`. Absent: an AU cannot.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub au: Option<Policy>,
    /// What happens when an LMS breaks it. Absent: an LMS cannot.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub lms: Option<Policy>,
}

/// # Errors
/// [`Error::Forbidden`] for an AU, and when the store cannot be read.
pub fn rules(lrs: &Lrs, caller: &Caller) -> Result<Rules, Error> {
    let policies = policies::get(lrs, caller)?;
    let rules = RULES.iter().map(|rule| in_force(&policies, rule));
    Ok(Rules {
        rules: rules.collect(),
    })
}

fn in_force(policies: &Policies, rule: &Rule) -> RuleInForce {
    let policy = |side| rule.sides.contains(&side).then(|| policies.of(side, rule));
    let derived = rule.derived.iter();
    RuleInForce {
        id: rule.id.to_owned(),
        derived: derived
            .map(|name| format!("{} ({name})", rule.id))
            .collect(),
        summary: rule.summary.to_owned(),
        hint: rule.hint.to_owned(),
        applies: match rule.applies {
            Applies::Statement => "statement",
            Applies::Cmi5Defined => "cmi5_defined",
            Applies::LmsStatement => "lms_statement",
            Applies::LaunchData => "launch_data",
            Applies::Preferences => "preferences",
            Applies::Access => "access",
        }
        .to_owned(),
        always: match rule.force {
            Force::Always => true,
            Force::ByPolicy => false,
        },
        au: policy(Side::Au),
        lms: policy(Side::Lms),
    }
}
