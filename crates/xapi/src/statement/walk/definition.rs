//! The walk over Activity Definitions and their interactions (Data 2.4.4.1).

use std::collections::BTreeSet;

use super::super::definition::INTERACTION_TYPES;
use super::Walk;
use super::path::Path;
use crate::json::Node;
use crate::requirement;

const KEYS: [&str; 12] = [
    "name",
    "description",
    "type",
    "moreInfo",
    "extensions",
    "interactionType",
    "correctResponsesPattern",
    "choices",
    "scale",
    "source",
    "target",
    "steps",
];
const COMPONENT_LISTS: [(&str, &str); 5] = [
    ("choices", requirement::CHOICES),
    ("scale", requirement::SCALE),
    ("source", requirement::SOURCE),
    ("target", requirement::TARGET),
    ("steps", requirement::STEPS),
];
const PATTERN: &str = "correctResponsesPattern";

impl Walk<'_> {
    pub(super) fn definition(&mut self, node: &Node<'_>, at: &Path<'_>) {
        let Some(definition) = self.object(node, at, requirement::DEFINITION, &KEYS) else {
            return;
        };
        for (key, requirement) in [
            ("name", requirement::DEFINITION_NAME),
            ("description", requirement::DEFINITION_DESCRIPTION),
        ] {
            if let Some(map) = definition.get(key) {
                self.language_map(map, &at.key(key), requirement);
            }
        }
        for (key, requirement) in [
            ("type", requirement::DEFINITION_TYPE),
            ("moreInfo", requirement::DEFINITION_MORE_INFO),
        ] {
            if let Some(iri) = definition.get(key) {
                self.iri(iri, &at.key(key), requirement);
            }
        }
        if let Some(map) = definition.get("extensions") {
            let requirement = requirement::DEFINITION_EXTENSIONS;
            self.extensions(map, &at.key("extensions"), requirement);
        }
        let kind = definition.get("interactionType");
        if let Some(kind) = kind {
            let requirement = requirement::INTERACTION_TYPE;
            self.one_of(
                kind,
                &at.key("interactionType"),
                requirement,
                &INTERACTION_TYPES,
            );
        }
        if let Some(pattern) = definition.get(PATTERN) {
            let at = at.key(PATTERN);
            let requirement = requirement::CORRECT_RESPONSES;
            for (index, response) in self.list(pattern, &at, requirement).iter().enumerate() {
                self.string(response, &at.index(index), requirement);
            }
        }
        for (key, requirement) in COMPONENT_LISTS {
            if let Some(list) = definition.get(key) {
                self.components(list, &at.key(key), requirement);
            }
        }
        let needing = [PATTERN]
            .into_iter()
            .chain(COMPONENT_LISTS.map(|(key, _)| key))
            .find(|key| definition.get(key).is_some());
        if let (None, Some(key)) = (kind, needing) {
            let requirement = requirement::INTERACTION_TYPE_PRESENT;
            let expected = format!("`interactionType` beside `{key}`");
            self.report(requirement, &at.key("interactionType"), expected, "nothing");
        }
    }

    /// `requirement` is broken when it is no array.
    fn components(&mut self, node: &Node<'_>, at: &Path<'_>, requirement: &'static str) {
        let mut ids = BTreeSet::new();
        for (index, component) in self.list(node, at, requirement).iter().enumerate() {
            let at = at.index(index);
            let keys = ["id", "description"];
            let Some(component) = self.object(component, &at, requirement::COMPONENT, &keys) else {
                continue;
            };
            if let Some(description) = component.get("description") {
                let requirement = requirement::COMPONENT_DESCRIPTION;
                self.language_map(description, &at.key("description"), requirement);
            }
            let requirement = requirement::COMPONENT_ID;
            let id = self.required(&component, "id", &at, requirement);
            let at = at.key("id");
            let Some(id) = id.and_then(|id| self.string(id, &at, requirement)) else {
                continue;
            };
            if !ids.insert(id) {
                let got = format!("`{id}` again");
                self.report(requirement, &at, "an id that no other component has", got);
            }
        }
    }
}
