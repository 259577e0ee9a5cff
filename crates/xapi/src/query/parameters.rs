//! What all resources have in common: a closed set of names, each at most once, and typed values.

use serde_json::value::RawValue;

use super::{Identity, IdentityKind, Pair};
use crate::Violation;
use crate::requirement::{PARAMETER_CASE, PARAMETER_REPEATED, PARAMETER_UNKNOWN};
use crate::statement::{Actor, Ifi, parse_actor};

pub(super) struct Parameters<'p> {
    pairs: &'p [Pair],
    violations: Vec<Violation>,
}

impl<'p> Parameters<'p> {
    /// Looks at the names alone.
    pub(super) fn read(pairs: &'p [Pair], known: &[&str]) -> Self {
        let mut violations = Vec::new();
        for (index, (name, value)) in pairs.iter().enumerate() {
            if !known.contains(&name.as_str()) {
                violations.push(unknown(name, known));
            } else if pairs.iter().take(index).any(|(before, _)| before == name) {
                violations.push(
                    // The specification does not say which of two values counts.
                    Violation::new(PARAMETER_REPEATED, name, "one value", value),
                );
            }
        }
        Self { pairs, violations }
    }

    /// The first value of this name.
    pub(super) fn text(&self, name: &str) -> Option<&'p str> {
        let (_, value) = self.pairs.iter().find(|(known, _)| known == name)?;
        Some(value)
    }

    pub(super) fn refuse(&mut self, violation: Violation) {
        self.violations.push(violation);
    }

    /// Notes a violation when the parameter is missing.
    pub(super) fn require(&mut self, name: &str, requirement: &'static str, expected: &str) {
        if self.text(name).is_none() {
            self.refuse(Violation::new(requirement, name, expected, "nothing"));
        }
    }

    /// The typed value; `None` when the parameter is missing, and when it is wrong, which is noted.
    pub(super) fn value<T>(
        &mut self,
        name: &str,
        requirement: &'static str,
        expected: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.text(name)?;
        let value = parse(text);
        if value.is_none() {
            self.refuse(Violation::new(requirement, name, expected, text));
        }
        value
    }

    /// The parameter `agent` where only an Agent may stand.
    pub(super) fn agent(&mut self, requirement: &'static str) -> Option<Identity> {
        let identity = self.agent_or_group(requirement)?;
        match identity.kind {
            IdentityKind::Agent => Some(identity),
            IdentityKind::Group => {
                self.refuse(Violation::new(requirement, "agent", "an Agent", "a Group"));
                None
            }
        }
    }

    /// The parameter `agent` where an Agent or an identified Group may stand.
    pub(super) fn agent_or_group(&mut self, requirement: &'static str) -> Option<Identity> {
        let text = self.text("agent")?;
        if let Err(error) = serde_json::from_str::<&RawValue>(text) {
            let violation = Violation::new(requirement, "agent", "an Agent as JSON", text);
            self.refuse(violation.with_detail(error.to_string()));
            return None;
        }
        match parse_actor(text, "agent") {
            Ok(actor) => {
                let identity = identity(actor);
                if identity.is_none() {
                    self.refuse(Violation::new(
                        requirement,
                        "agent",
                        "an Agent or an identified Group",
                        "an anonymous Group",
                    ));
                }
                identity
            }
            Err(violations) => {
                self.violations.extend(violations);
                None
            }
        }
    }

    /// The whole query, when nothing was wrong. `value` is `None` only after a violation.
    pub(super) fn finish<T>(self, value: Option<T>) -> Result<T, Vec<Violation>> {
        match value {
            Some(value) if self.violations.is_empty() => Ok(value),
            Some(_) | None => Err(self.violations),
        }
    }
}

fn unknown(name: &str, known: &[&str]) -> Violation {
    match known.iter().find(|known| known.eq_ignore_ascii_case(name)) {
        Some(known) => Violation::new(PARAMETER_CASE, name, format!("`{known}`"), name),
        None if known.is_empty() => Violation::new(PARAMETER_UNKNOWN, name, "no parameters", name),
        None => Violation::new(
            PARAMETER_UNKNOWN,
            name,
            format!("one of `{}`", known.join("`, `")),
            name,
        ),
    }
}

fn identity(actor: Actor<'_>) -> Option<Identity> {
    let (kind, name, ifi) = match actor {
        Actor::Agent(agent) => (IdentityKind::Agent, agent.name, agent.ifi),
        Actor::Group(group) => (IdentityKind::Group, group.name, group.ifi?),
    };
    Some(Identity {
        kind,
        name: name.map(Into::into),
        ifi: owned(ifi),
    })
}

fn owned(ifi: Ifi<'_>) -> Ifi<'static> {
    match ifi {
        Ifi::Mbox(text) => Ifi::Mbox(text.into_owned().into()),
        Ifi::MboxSha1sum(text) => Ifi::MboxSha1sum(text.into_owned().into()),
        Ifi::OpenId(text) => Ifi::OpenId(text.into_owned().into()),
        Ifi::Account { home_page, name } => Ifi::Account {
            home_page: home_page.into_owned().into(),
            name: name.into_owned().into(),
        },
    }
}
