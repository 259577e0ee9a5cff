//! The examples as `examples.json` has them: each a whole statement or document, made from a base by small changes.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

/// Names of the bases that are no statements.
pub const LAUNCH_DATA: &str = "LMS.LaunchData";
pub const PREFERENCES: &str = "cmi5LearnerPreferences";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Examples {
    /// What the statements have in common.
    common: Value,
    /// By the name of the verb or document: what each adds.
    bases: BTreeMap<String, Value>,
    #[serde(rename = "examples")]
    pub list: Vec<Example>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    pub rule: String,
    base: String,
    /// Statements of the session that came before it.
    #[serde(default)]
    after: Vec<String>,
    /// Changes to the launch data.
    #[serde(default)]
    pub launch: Value,
    /// What the learner reached in an earlier session of the registration.
    #[serde(default)]
    earlier: Vec<String>,
    #[serde(default)]
    pub note: Option<String>,
    /// JSON pointers to the parts that matter.
    pub show: Vec<String>,
    #[serde(default)]
    pub wrong: Variant,
    #[serde(default)]
    pub right: Variant,
}

/// Where the wrong or the right one differs from what both have in common.
#[derive(Debug, Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    #[serde(default)]
    base: Option<String>,
    #[serde(default)]
    after: Option<Vec<String>>,
    #[serde(default)]
    earlier: Option<Vec<String>>,
    /// A merge patch (RFC 7396).
    #[serde(default)]
    patch: Option<Value>,
    /// The AU asked for the learner preferences first, unless this is false.
    #[serde(default)]
    pub preferences_read: Option<bool>,
}

impl Examples {
    pub fn load() -> Self {
        serde_json::from_str(include_str!("examples.json")).expect("examples.json is as above")
    }

    pub fn base(&self, name: &str) -> Value {
        let own = self.bases.get(name).expect("a base of examples.json");
        match name {
            LAUNCH_DATA | PREFERENCES => own.clone(),
            _ => {
                let mut statement = self.common.clone();
                merge(&mut statement, own);
                statement
            }
        }
    }
}

impl Example {
    pub fn base<'e>(&'e self, variant: &'e Variant) -> &'e str {
        variant.base.as_deref().unwrap_or(&self.base)
    }

    pub fn after<'e>(&'e self, variant: &'e Variant) -> &'e [String] {
        variant.after.as_ref().unwrap_or(&self.after)
    }

    /// The wrong one's alone when it says so, else both's.
    pub fn earlier<'e>(&'e self, variant: &'e Variant) -> &'e [String] {
        variant.earlier.as_ref().unwrap_or(&self.earlier)
    }

    /// Whether the wrong and the right one differ in what came before them.
    pub fn is_first_or_not(&self) -> bool {
        self.after(&self.wrong).is_empty() != self.after(&self.right).is_empty()
    }

    /// The whole statement or document.
    pub fn json(&self, examples: &Examples, variant: &Variant) -> Value {
        let mut json = examples.base(self.base(variant));
        if let Some(patch) = &variant.patch {
            merge(&mut json, patch);
        }
        json
    }
}

/// RFC 7396.
pub fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(members) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(target) = target else {
        return;
    };
    for (name, value) in members {
        if value.is_null() {
            target.remove(name);
        } else {
            merge(target.entry(name.clone()).or_insert(Value::Null), value);
        }
    }
}
