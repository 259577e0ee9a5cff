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
const COMPONENT_LISTS: [&str; 5] = ["choices", "scale", "source", "target", "steps"];
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
            let requirement = requirement::INTERACTION_COMPONENTS;
            for (index, response) in self.list(pattern, &at, requirement).iter().enumerate() {
                self.string(response, &at.index(index), requirement);
            }
        }
        for key in COMPONENT_LISTS {
            if let Some(list) = definition.get(key) {
                self.components(list, &at.key(key));
            }
        }
        let needing = [PATTERN]
            .into_iter()
            .chain(COMPONENT_LISTS)
            .find(|key| definition.get(key).is_some());
        if let (None, Some(key)) = (kind, needing) {
            let requirement = requirement::INTERACTION_TYPE_PRESENT;
            let expected = format!("`interactionType` beside `{key}`");
            self.report(requirement, &at.key("interactionType"), expected, "nothing");
        }
    }

    fn components(&mut self, node: &Node<'_>, at: &Path<'_>) {
        let requirement = requirement::INTERACTION_COMPONENTS;
        let mut ids = BTreeSet::new();
        for (index, component) in self.list(node, at, requirement).iter().enumerate() {
            let at = at.index(index);
            let keys = ["id", "description"];
            let Some(component) = self.object(component, &at, requirement, &keys) else {
                continue;
            };
            if let Some(description) = component.get("description") {
                self.language_map(description, &at.key("description"), requirement);
            }
            let id = self.required(&component, "id", &at, requirement);
            let at = at.key("id");
            let Some(id) = id.and_then(|id| self.string(id, &at, requirement)) else {
                continue;
            };
            if !ids.insert(id) {
                let requirement = requirement::COMPONENT_IDS_DISTINCT;
                let got = format!("`{id}` again");
                self.report(requirement, &at, "an id that no other component has", got);
            }
        }
    }
}
