//! Query parameters of `/cmi5/v1`: names from the operation's table, each once, and typed values. All that is wrong is
//! listed.

use cmi5::{Decision, State};
use uuid::Uuid;
use xapi::Violation;
use xapi::lexical::{identifier, iri, timestamp};
use xapi::requirement::{PARAMETER_REPEATED, PARAMETER_UNKNOWN, PARAMETER_VALUE};
use xapi::statement::{Actor, parse_actor};

use lrs::reports::Part;

use super::Operation;
use crate::refusal::Refusal;

/// The parameters of one request.
pub(super) struct Query<'q> {
    pairs: &'q [(String, String)],
    violations: Vec<Violation>,
}

impl<'q> Query<'q> {
    /// Looks at the names alone.
    pub(super) fn read(operation: &Operation, pairs: &'q [(String, String)]) -> Self {
        let known: Vec<&str> = operation.query.iter().map(|one| one.name).collect();
        let mut violations = Vec::new();
        for (index, (name, value)) in pairs.iter().enumerate() {
            if !known.contains(&name.as_str()) {
                let expected = match known.as_slice() {
                    [] => "no parameters".to_owned(),
                    known => format!("one of `{}`", known.join("`, `")),
                };
                violations.push(Violation::new(PARAMETER_UNKNOWN, name, expected, name));
            } else if pairs.iter().take(index).any(|(before, _)| before == name) {
                violations.push(Violation::new(PARAMETER_REPEATED, name, "one value", value));
            }
        }
        Self { pairs, violations }
    }

    pub(super) fn text(&self, name: &str) -> Option<String> {
        let found = self.pairs.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.clone())
    }

    pub(super) fn uuid(&mut self, name: &str) -> Option<Uuid> {
        self.value(name, "a UUID", identifier::uuid)
    }

    pub(super) fn iri(&mut self, name: &str) -> Option<String> {
        let parse = |text: &str| iri::is_iri(text).then(|| text.to_owned());
        self.value(name, "an IRI with a scheme", parse)
    }

    /// From 1 on.
    pub(super) fn number(&mut self, name: &str) -> Option<u64> {
        self.value(name, "a number from 1 on", |text| {
            text.parse().ok().filter(|number| *number > 0)
        })
    }

    /// Microseconds since 1970.
    pub(super) fn timestamp(&mut self, name: &str) -> Option<i64> {
        self.value(name, "a timestamp such as `2026-11-21T12:00:00Z`", |text| {
            timestamp::parse(text).map(|at| at.micros)
        })
    }

    pub(super) fn state(&mut self, name: &str) -> Option<State> {
        let expected = format!("`{}`", State::ALL.map(State::as_str).join("`, `"));
        self.value(name, &expected, State::parse)
    }

    pub(super) fn decision(&mut self, name: &str) -> Option<Decision> {
        let all = [Decision::Flagged, Decision::Rejected];
        self.value(name, "`flagged` or `rejected`", |text| {
            all.into_iter().find(|one| one.as_str() == text)
        })
    }

    /// Identity of an Agent.
    pub(super) fn agent(&mut self, name: &str) -> Option<String> {
        let text = self.text(name)?;
        match parse_actor(&text, name) {
            Ok(Actor::Agent(agent)) => Some(agent.ifi.canonical()),
            Ok(Actor::Group(_)) => {
                self.violations
                    .push(Violation::new(PARAMETER_VALUE, name, "an Agent", "a Group"));
                None
            }
            Err(violations) => {
                self.violations.extend(violations);
                None
            }
        }
    }

    /// `limit` and `cursor`.
    pub(super) fn part(&mut self) -> Part {
        self.part_behind("cursor")
    }

    /// `limit`, and where the page begins under this name.
    pub(super) fn part_behind(&mut self, name: &str) -> Part {
        Part {
            limit: self.value("limit", "a number from 1 on", |text| {
                text.parse().ok().filter(|limit| *limit > 0)
            }),
            cursor: self.text(name),
        }
    }

    fn value<T>(
        &mut self,
        name: &str,
        expected: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.text(name)?;
        let value = parse(&text);
        if value.is_none() {
            self.violations
                .push(Violation::new(PARAMETER_VALUE, name, expected, text));
        }
        value
    }

    /// # Errors
    /// Everything that was wrong.
    pub(super) fn finish(self) -> Result<(), Refusal> {
        if self.violations.is_empty() {
            Ok(())
        } else {
            Err(self.violations.into())
        }
    }
}
