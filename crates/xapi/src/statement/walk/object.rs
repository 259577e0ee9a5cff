//! The walk over a statement's object (Data 2.4.4) of any kind.

use super::Walk;
use super::actor::{IFI_KEYS, Place};
use super::path::Path;
use crate::json::Node;
use crate::lexical::identifier;
use crate::requirement;

const OBJECT_TYPES: [&str; 5] = ["Activity", "Agent", "Group", "SubStatement", "StatementRef"];

/// What an object is, or is taken for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Activity,
    Actor,
    StatementRef,
    SubStatement,
}

/// Whether this object is in a SubStatement already.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    Statement,
    SubStatement,
}

impl Walk<'_> {
    /// Returns what the object is, `None` when that cannot be told.
    pub(super) fn statement_object(
        &mut self,
        node: &Node<'_>,
        at: &Path<'_>,
        level: Level,
    ) -> Option<Kind> {
        if node.as_object().is_none() {
            self.refuse(requirement::JSON_TYPE, at, "an object", node);
            return None;
        }
        let kind = self.object_kind(node, at)?;
        match kind {
            Kind::Activity => self.activity(node, at),
            Kind::Actor => self.actor(node, at, Place::Any, requirement::OBJECT_TYPE),
            Kind::StatementRef => self.statement_ref(node, at, requirement::STATEMENT_REF_ID),
            Kind::SubStatement => match level {
                Level::Statement => self.sub_statement(node, at),
                Level::SubStatement => {
                    let requirement = requirement::SUB_STATEMENT_NESTED;
                    self.report(
                        requirement,
                        at,
                        "no SubStatement in another",
                        "SubStatement",
                    );
                }
            },
        }
        Some(kind)
    }

    fn object_kind(&mut self, node: &Node<'_>, at: &Path<'_>) -> Option<Kind> {
        let Some(object_type) = node.get("objectType") else {
            return Some(self.untold_kind(node, at));
        };
        match object_type.as_str() {
            Some("Activity") => Some(Kind::Activity),
            Some("Agent" | "Group") => Some(Kind::Actor),
            Some("StatementRef") => Some(Kind::StatementRef),
            Some("SubStatement") => Some(Kind::SubStatement),
            Some(_) | None => {
                let requirement = if *object_type == Node::Null {
                    requirement::NO_NULL
                } else {
                    requirement::OBJECT_TYPE
                };
                self.one_of(
                    object_type,
                    &at.key("objectType"),
                    requirement,
                    &OBJECT_TYPES,
                );
                None
            }
        }
    }

    /// Without `objectType` it is an Activity; but what looks like something else is better told so.
    fn untold_kind(&mut self, node: &Node<'_>, at: &Path<'_>) -> Kind {
        let has = |key: &str| node.get(key).is_some();
        if has("id") {
            return Kind::Activity;
        }
        let at = at.key("objectType");
        if IFI_KEYS.into_iter().any(has) || has("member") {
            let expected = "`Agent` or `Group`";
            self.report(requirement::OBJECT_ACTOR_TYPE, &at, expected, "nothing");
            Kind::Actor
        } else if has("actor") || has("verb") || has("object") {
            let expected = "`SubStatement`";
            self.report(requirement::OBJECT_STATEMENT_TYPE, &at, expected, "nothing");
            Kind::SubStatement
        } else {
            Kind::Activity
        }
    }

    pub(super) fn activity(&mut self, node: &Node<'_>, at: &Path<'_>) {
        let keys = ["objectType", "id", "definition"];
        let Some(activity) = self.object(node, at, requirement::JSON_TYPE, &keys) else {
            return;
        };
        if let Some(object_type) = activity.get("objectType") {
            let requirement = requirement::OBJECT_TYPE;
            self.one_of(
                object_type,
                &at.key("objectType"),
                requirement,
                &["Activity"],
            );
        }
        if let Some(id) = self.required(&activity, "id", at, requirement::ACTIVITY_ID) {
            self.iri(id, &at.key("id"), requirement::ACTIVITY_ID);
        }
        if let Some(definition) = activity.get("definition") {
            self.definition(definition, &at.key("definition"));
        }
    }

    /// `requirement` is broken when it is no reference.
    pub(super) fn statement_ref(
        &mut self,
        node: &Node<'_>,
        at: &Path<'_>,
        requirement: &'static str,
    ) {
        let Some(reference) = self.object(node, at, requirement, &["objectType", "id"]) else {
            return;
        };
        if let Some(object_type) = self.required(&reference, "objectType", at, requirement) {
            self.one_of(
                object_type,
                &at.key("objectType"),
                requirement,
                &["StatementRef"],
            );
        }
        if let Some(id) = self.required(&reference, "id", at, requirement) {
            self.uuid(id, &at.key("id"), requirement::STATEMENT_REF_ID);
        }
    }

    pub(super) fn uuid(&mut self, node: &Node<'_>, at: &Path<'_>, requirement: &'static str) {
        let expected = "a UUID of 36 characters";
        let is_uuid = |text: &str| identifier::uuid(text).is_some();
        self.formatted(node, at, requirement, expected, is_uuid);
    }
}
