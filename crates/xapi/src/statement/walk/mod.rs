//! The slow path: a tolerant walk over a refused request that lists all its violations.
//!
//! It must agree with `check` on what is right, and a property test holds it. It never accepts: when it finds nothing
//! wrong, it says so.

mod actor;
mod context;
mod definition;
mod object;
mod path;
mod result;
mod values;

use std::collections::BTreeMap;

use serde_json::value::RawValue;
use uuid::Uuid;

use super::VERB_VOIDED;
use crate::json::Node;
use crate::lexical::{identifier, timestamp};
use crate::version::VersionRules;
use crate::{Limits, Version, Violation, requirement};
use actor::Place;
use object::{Kind, Level};
use path::Path;

/// More violations than this are not listed.
pub const VIOLATIONS_MAX: usize = 100;

const KEYS: [&str; 11] = [
    "id",
    "actor",
    "verb",
    "object",
    "result",
    "context",
    "timestamp",
    "stored",
    "authority",
    "version",
    "attachments",
];
const SUB_STATEMENT_KEYS: [&str; 8] = [
    "objectType",
    "actor",
    "verb",
    "object",
    "result",
    "context",
    "timestamp",
    "attachments",
];
const NOT_IN_SUB_STATEMENT: [(&str, &str); 4] = [
    ("id", requirement::SUB_STATEMENT_ID),
    ("stored", requirement::SUB_STATEMENT_STORED),
    ("version", requirement::SUB_STATEMENT_VERSION),
    ("authority", requirement::SUB_STATEMENT_AUTHORITY),
];

pub(super) fn batch(body: &str, version: Version, limits: &Limits) -> Vec<Violation> {
    let mut walk = Walk::new(version, limits);
    let body = body.trim_matches(super::WHITE_SPACE);
    if body.starts_with('[') {
        walk.statements(body);
    } else {
        walk.only_statement(body);
    }
    walk.finish(body)
}

pub(super) fn one(body: &str, version: Version, limits: &Limits) -> Vec<Violation> {
    let mut walk = Walk::new(version, limits);
    let body = body.trim_matches(super::WHITE_SPACE);
    if body.starts_with('[') {
        let expected = "one statement, an object";
        walk.report(
            requirement::SINGLE_STATEMENT,
            &Path::Root(""),
            expected,
            "an array",
        );
    } else {
        walk.only_statement(body);
    }
    walk.finish(body)
}

pub(super) fn actor(text: &str, pointer: &str, limits: &Limits) -> Vec<Violation> {
    let mut walk = Walk::new(Version::V2_0_0, limits);
    let at = Path::Root(pointer);
    if let Some(node) = walk.tree(text, &at) {
        walk.actor(&node, &at, Place::Any, requirement::JSON_TYPE);
    }
    walk.judge_references(&at);
    walk.finish(text)
}

struct Walk<'r> {
    rules: &'static VersionRules,
    limits: &'r Limits,
    /// Which statement of the request this is.
    statement: Option<usize>,
    /// Members and context activities of this statement so far.
    references: usize,
    violations: Vec<Violation>,
}

impl<'r> Walk<'r> {
    fn new(version: Version, limits: &'r Limits) -> Self {
        Self {
            rules: version.rules(),
            limits,
            statement: None,
            references: 0,
            violations: Vec::new(),
        }
    }

    fn add(&mut self, violation: Violation) {
        if self.violations.len() < VIOLATIONS_MAX {
            self.violations.push(match self.statement {
                Some(index) => violation.in_statement(index),
                None => violation,
            });
        }
    }

    /// A request that was refused has a violation, whatever the walk has found.
    fn finish(mut self, body: &str) -> Vec<Violation> {
        if self.violations.is_empty() {
            let expected = "what the specification allows";
            self.report(requirement::UNEXPLAINED, &Path::Root(""), expected, body);
        }
        self.violations
    }

    fn statements(&mut self, body: &str) {
        let statements: Vec<&RawValue> = match serde_json::from_str(body) {
            Ok(statements) => statements,
            Err(_) => {
                self.tree(body, &Path::Root(""));
                return;
            }
        };
        let most = self.limits.statements_per_request_max;
        if statements.len() > most {
            let expected = format!("at most {most} statements");
            let got = statements.len().to_string();
            self.report(requirement::STATEMENTS_MAX, &Path::Root(""), expected, got);
            return;
        }
        let mut ids: BTreeMap<Uuid, usize> = BTreeMap::new();
        for (index, text) in statements.into_iter().enumerate() {
            let Some(id) = self.statement_text(text.get(), index) else {
                continue;
            };
            if let Some(first) = ids.insert(id, index) {
                let expected = "an id that no other statement of the request has";
                let got = format!("{id}, as in statement {first}");
                let at = Path::Root("/id");
                self.report(requirement::DUPLICATE_STATEMENT_ID, &at, expected, got);
            }
        }
    }

    fn only_statement(&mut self, body: &str) {
        self.statement_text(body, 0);
    }

    /// Returns the statement's id, if it has a valid one.
    fn statement_text(&mut self, text: &str, index: usize) -> Option<Uuid> {
        self.statement = Some(index);
        self.references = 0;
        let at = Path::Root("");
        let most = self.limits.statement_bytes_max;
        if text.len() > most {
            let got = text.len().to_string();
            let expected = format!("at most {most} bytes");
            self.report(requirement::STATEMENT_BYTES_MAX, &at, expected, got);
            return None;
        }
        let node = self.tree(text, &at)?;
        self.whole_statement(&node, &at);
        self.judge_references(&at);
        node.get("id")
            .and_then(Node::as_str)
            .and_then(identifier::uuid)
    }

    fn judge_references(&mut self, at: &Path<'_>) {
        let most = self.limits.references_max;
        if self.references > most {
            let expected = format!("at most {most} group members and context activities");
            let got = self.references.to_string();
            self.report(requirement::REFERENCES_MAX, at, expected, got);
        }
    }

    fn tree<'a>(&mut self, text: &'a str, at: &Path<'_>) -> Option<Node<'a>> {
        let depth_max = self.limits.tree_depth_max();
        match Node::parse(text, depth_max) {
            Ok(node) => Some(node),
            Err(error) => {
                let expected = format!("JSON, nested at most {depth_max} deep");
                let got = error.to_string();
                self.report(requirement::JSON, at, expected, got);
                None
            }
        }
    }

    fn whole_statement(&mut self, node: &Node<'_>, at: &Path<'_>) {
        let Some(statement) = self.object(node, at, requirement::JSON_TYPE, &KEYS) else {
            return;
        };
        if let Some(id) = statement.get("id") {
            let at = at.key("id");
            if self
                .string(id, &at, requirement::STATEMENT_ID_STRING)
                .is_some()
            {
                self.uuid(id, &at, requirement::STATEMENT_ID);
            }
        }
        self.shared(&statement, at, Level::Statement);
        if let Some(stored) = statement.get("stored") {
            self.moment(stored, &at.key("stored"), requirement::STORED);
        }
        if let Some(authority) = statement.get("authority") {
            let requirement = requirement::AUTHORITY;
            self.actor(
                authority,
                &at.key("authority"),
                Place::Authority,
                requirement,
            );
        }
        if let Some(version) = statement.get("version") {
            let rules = self.rules;
            let expected = if rules.statement_version_2 {
                "`1.0`, `1.0.x`, `2.0` or `2.0.x`"
            } else {
                "`1.0` or `1.0.x`"
            };
            let allowed = |text: &str| rules.allows_statement_version(text);
            let at = at.key("version");
            self.formatted(
                version,
                &at,
                requirement::STATEMENT_VERSION,
                expected,
                allowed,
            );
        }
    }

    fn sub_statement(&mut self, node: &Node<'_>, at: &Path<'_>) {
        let forbidden = NOT_IN_SUB_STATEMENT.map(|(key, _)| key);
        let keys = [&SUB_STATEMENT_KEYS[..], &forbidden[..]].concat();
        let Some(statement) = self.object(node, at, requirement::SUB_STATEMENT, &keys) else {
            return;
        };
        for (key, requirement) in NOT_IN_SUB_STATEMENT {
            if let Some(value) = statement.get(key) {
                let expected = format!("no `{key}` in a SubStatement");
                self.refuse(requirement, &at.key(key), expected, value);
            }
        }
        self.shared(&statement, at, Level::SubStatement);
    }

    /// What statements and SubStatements have in common.
    fn shared(&mut self, statement: &values::Members<'_, '_>, at: &Path<'_>, level: Level) {
        if let Some(actor) = self.required(statement, "actor", at, requirement::ACTOR_PRESENT) {
            let requirement = requirement::JSON_TYPE;
            self.actor(actor, &at.key("actor"), Place::Any, requirement);
        }
        let verb = self.required(statement, "verb", at, requirement::VERB_PRESENT);
        if let Some(verb) = verb {
            self.verb(verb, &at.key("verb"));
        }
        let object = self
            .required(statement, "object", at, requirement::OBJECT_PRESENT)
            .and_then(|object| self.statement_object(object, &at.key("object"), level));
        let verb_id = verb.and_then(|verb| verb.get("id")).and_then(Node::as_str);
        if verb_id == Some(VERB_VOIDED) && object.is_some_and(|kind| kind != Kind::StatementRef) {
            let expected = "a StatementRef as object of a voiding statement";
            let requirement = requirement::VOIDING_OBJECT;
            self.report(requirement, &at.key("object"), expected, "another object");
        }
        if let Some(result) = statement.get("result") {
            self.result(result, &at.key("result"));
        }
        if let Some(context) = statement.get("context") {
            self.context(context, &at.key("context"), object);
        }
        if let Some(timestamp) = statement.get("timestamp") {
            self.moment(timestamp, &at.key("timestamp"), requirement::TIMESTAMP);
        }
        if let Some(attachments) = statement.get("attachments") {
            self.attachments(attachments, &at.key("attachments"));
        }
    }

    fn verb(&mut self, node: &Node<'_>, at: &Path<'_>) {
        let keys = ["id", "display"];
        let Some(verb) = self.object(node, at, requirement::JSON_TYPE, &keys) else {
            return;
        };
        if let Some(id) = self.required(&verb, "id", at, requirement::VERB_ID) {
            self.iri(id, &at.key("id"), requirement::VERB_ID);
        }
        if let Some(display) = verb.get("display") {
            self.language_map(display, &at.key("display"), requirement::VERB_DISPLAY);
        }
    }

    /// `requirement` is broken when it is no string.
    fn moment(&mut self, node: &Node<'_>, at: &Path<'_>, requirement: &'static str) {
        if let Some(text) = self.string(node, at, requirement)
            && timestamp::parse(text).is_none()
        {
            let expected = "a timestamp with a zone, such as `2026-11-21T18:30:52.123Z`";
            self.refuse(requirement::TIMESTAMP_FORMAT, at, expected, node);
        }
    }
}
