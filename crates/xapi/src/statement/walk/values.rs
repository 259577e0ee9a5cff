//! What the walk asks of any value: is it an object with these keys, a string in this form, a list.

use super::Walk;
use super::path::Path;
use crate::json::Node;
use crate::lexical::{iri, language};
use crate::{Violation, requirement};

/// The members of a closed object that are known and not `null`, each once.
pub(super) struct Members<'n, 'a> {
    known: Vec<(&'n str, &'n Node<'a>)>,
    /// Those that were `null`: reported already, and not missing.
    null: Vec<&'n str>,
}

impl<'n, 'a> Members<'n, 'a> {
    pub(super) fn get(&self, key: &str) -> Option<&'n Node<'a>> {
        self.known
            .iter()
            .find(|(known, _)| *known == key)
            .map(|(_, value)| *value)
    }

    /// A member's number, if it is one.
    pub(super) fn number(&self, key: &str) -> Option<&'a str> {
        self.get(key).and_then(Node::as_number)
    }
}

impl Walk<'_> {
    pub(super) fn refuse(
        &mut self,
        requirement: &'static str,
        at: &Path<'_>,
        expected: impl Into<String>,
        got: &Node<'_>,
    ) {
        self.report(requirement, at, expected, describe(got));
    }

    pub(super) fn report(
        &mut self,
        requirement: &'static str,
        at: &Path<'_>,
        expected: impl Into<String>,
        got: impl Into<String>,
    ) {
        self.add(Violation::new(requirement, at.pointer(), expected, got));
    }

    /// An object of which every key is known; `requirement` is broken when it is no object.
    pub(super) fn object<'n, 'a>(
        &mut self,
        node: &'n Node<'a>,
        at: &Path<'_>,
        requirement: &'static str,
        keys: &[&str],
    ) -> Option<Members<'n, 'a>> {
        self.object_of(node, at, [requirement, requirement::ONLY_KNOWN], keys)
    }

    /// The same where unknown keys break a requirement of their own.
    pub(super) fn object_of<'n, 'a>(
        &mut self,
        node: &'n Node<'a>,
        at: &Path<'_>,
        [requirement, only_known]: [&'static str; 2],
        keys: &[&str],
    ) -> Option<Members<'n, 'a>> {
        let Some(members) = node.as_object() else {
            self.refuse(requirement, at, "an object", node);
            return None;
        };
        self.duplicates(node, at);
        let mut found = Members {
            known: Vec::with_capacity(members.len()),
            null: Vec::new(),
        };
        for (key, value) in members {
            if !keys.contains(&&**key) {
                self.unknown(only_known, (key, value), at, keys);
            } else if *value == Node::Null {
                found.null.push(key);
                let detail = "leave the member out";
                let at = at.key(key).pointer();
                let violation = Violation::new(requirement::NO_NULL, at, "a value", "null");
                self.add(violation.with_detail(detail));
            } else if found.get(key).is_none() {
                found.known.push((key, value));
            }
        }
        Some(found)
    }

    /// The value of a member that must be there.
    pub(super) fn required<'n, 'a>(
        &mut self,
        members: &Members<'n, 'a>,
        key: &str,
        at: &Path<'_>,
        requirement: &'static str,
    ) -> Option<&'n Node<'a>> {
        let found = members.get(key);
        if found.is_none() && !members.null.contains(&key) {
            self.report(requirement, &at.key(key), format!("`{key}`"), "nothing");
        }
        found
    }

    fn unknown(
        &mut self,
        requirement: &'static str,
        (key, value): (&str, &Node<'_>),
        at: &Path<'_>,
        keys: &[&str],
    ) {
        let meant = keys.iter().find(|known| known.eq_ignore_ascii_case(key));
        let (requirement, detail) = match meant {
            Some(meant) => (
                requirement::KEY_CASE,
                Some(format!("did you mean `{meant}`")),
            ),
            None => (requirement, self.hint(key)),
        };
        let expected = format!("only {}", enumerate(keys));
        let got = format!("`{key}`: {}", describe(value));
        let violation = Violation::new(requirement, at.key(key).pointer(), expected, got);
        self.add(match detail {
            Some(detail) => violation.with_detail(detail),
            None => violation,
        });
    }

    fn hint(&self, key: &str) -> Option<String> {
        let later = ["contextAgents", "contextGroups"].contains(&key)
            && !self.rules.context_agents_and_groups;
        later.then(|| format!("`{key}` is known from xAPI 2.0 on"))
    }

    /// Each key of an object that occurs a second time.
    pub(super) fn duplicates(&mut self, object: &Node<'_>, at: &Path<'_>) {
        let mut keys: Vec<&str> = object
            .as_object()
            .unwrap_or_default()
            .iter()
            .map(|(key, _)| &**key)
            .collect();
        keys.sort_unstable();
        let mut repeated: Vec<&str> = keys
            .windows(2)
            .filter_map(|pair| match pair {
                [one, two] if one == two => Some(*one),
                _ => None,
            })
            .collect();
        repeated.dedup();
        for key in repeated {
            let got = format!("`{key}` more than once");
            self.report(
                requirement::DUPLICATE_KEY,
                &at.key(key),
                "each key once",
                got,
            );
        }
    }

    pub(super) fn string<'n>(
        &mut self,
        node: &'n Node<'_>,
        at: &Path<'_>,
        requirement: &'static str,
    ) -> Option<&'n str> {
        let text = node.as_str();
        if text.is_none() {
            self.refuse(requirement, at, "a string", node);
        }
        text
    }

    /// A string in a form.
    pub(super) fn formatted(
        &mut self,
        node: &Node<'_>,
        at: &Path<'_>,
        requirement: &'static str,
        expected: &str,
        is_valid: impl FnOnce(&str) -> bool,
    ) {
        if !node.as_str().is_some_and(is_valid) {
            self.refuse(requirement, at, expected, node);
        }
    }

    pub(super) fn iri(&mut self, node: &Node<'_>, at: &Path<'_>, requirement: &'static str) {
        match node.as_str() {
            Some(text) if iri::is_iri(text) => {}
            Some(text) if !iri::has_scheme(text) => {
                let expected = "an IRI with a scheme";
                self.refuse(requirement::IRI_SCHEME, at, expected, node);
            }
            Some(_) | None => self.refuse(requirement, at, "an IRI", node),
        }
    }

    /// A string that is one of a few.
    pub(super) fn one_of(
        &mut self,
        node: &Node<'_>,
        at: &Path<'_>,
        requirement: &'static str,
        values: &[&str],
    ) {
        let Some(text) = node.as_str() else {
            self.refuse(requirement, at, enumerate(values), node);
            return;
        };
        if values.contains(&text) {
            return;
        }
        match values.iter().find(|value| value.eq_ignore_ascii_case(text)) {
            Some(meant) => self.refuse(requirement::VALUE_CASE, at, format!("`{meant}`"), node),
            None => self.refuse(requirement, at, enumerate(values), node),
        }
    }

    pub(super) fn list<'n, 'a>(
        &mut self,
        node: &'n Node<'a>,
        at: &Path<'_>,
        requirement: &'static str,
    ) -> &'n [Node<'a>] {
        node.as_array().unwrap_or_else(|| {
            self.refuse(requirement, at, "an array", node);
            &[]
        })
    }

    pub(super) fn language_map(
        &mut self,
        node: &Node<'_>,
        at: &Path<'_>,
        requirement: &'static str,
    ) {
        let Some(members) = node.as_object() else {
            self.refuse(requirement, at, "a language map", node);
            return;
        };
        self.duplicates(node, at);
        for (tag, text) in members {
            let at = at.key(tag);
            if !language::is_tag(tag) {
                let got = format!("`{tag}`");
                self.report(requirement::LANGUAGE_TAG, &at, "a language tag", got);
            }
            if *text == Node::Null {
                self.refuse(requirement::NO_NULL, &at, "a string", text);
            } else {
                self.string(text, &at, requirement);
            }
        }
    }

    pub(super) fn extensions(&mut self, node: &Node<'_>, at: &Path<'_>, requirement: &'static str) {
        let Some(members) = node.as_object() else {
            self.refuse(requirement, at, "an object", node);
            return;
        };
        self.duplicates(node, at);
        for (key, value) in members {
            let at = at.key(key);
            if !iri::is_iri(key) {
                let got = format!("`{key}`");
                self.report(requirement::EXTENSION_KEY, &at, "an IRI as key", got);
            }
            self.free_value(value, &at, self.limits.json_depth_max);
        }
    }

    /// Any JSON, but no key twice in an object, and not too deep.
    fn free_value(&mut self, node: &Node<'_>, at: &Path<'_>, depth_left: usize) {
        if matches!(node, Node::Array(_) | Node::Object(_)) && depth_left == 0 {
            let expected = format!("nesting of at most {}", self.limits.json_depth_max);
            self.report(requirement::DEPTH_MAX, at, expected, "deeper nesting");
            return;
        }
        match node {
            Node::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.free_value(item, &at.index(index), depth_left - 1);
                }
            }
            Node::Object(members) => {
                self.duplicates(node, at);
                for (key, value) in members {
                    self.free_value(value, &at.key(key), depth_left - 1);
                }
            }
            Node::Null | Node::Bool(_) | Node::Number(_) | Node::String(_) => {}
        }
    }
}

/// Scalars as written; of the rest only what it is.
pub(super) fn describe(node: &Node<'_>) -> String {
    match node {
        Node::Array(_) => "an array".to_owned(),
        Node::Object(_) => "an object".to_owned(),
        Node::Null | Node::Bool(_) | Node::Number(_) | Node::String(_) => node.to_text(),
    }
}

/// `a`, `b` or `c`, each in backticks.
fn enumerate(values: &[&str]) -> String {
    match values {
        [] => "nothing".to_owned(),
        [one] => format!("`{one}`"),
        [most @ .., last] => format!("`{}` or `{last}`", most.join("`, `")),
    }
}
