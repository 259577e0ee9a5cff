//! The walk over contexts (Data 2.4.6).

use super::Walk;
use super::actor::Place;
use super::object::Kind;
use super::path::Path;
use crate::json::Node;
use crate::lexical::language;
use crate::requirement;

/// The last two only in xAPI 2.0.
const KEYS: [&str; 11] = [
    "registration",
    "instructor",
    "team",
    "contextActivities",
    "revision",
    "platform",
    "language",
    "statement",
    "extensions",
    "contextAgents",
    "contextGroups",
];
const KEYS_OF_1_0: usize = 9;
const ACTIVITY_KEYS: [&str; 4] = ["parent", "grouping", "category", "other"];

impl Walk<'_> {
    /// `object` is what the statement is about, if that is known.
    pub(super) fn context(&mut self, node: &Node<'_>, at: &Path<'_>, object: Option<Kind>) {
        let known = if self.rules.context_agents_and_groups {
            KEYS.len()
        } else {
            KEYS_OF_1_0
        };
        let keys: Vec<&str> = KEYS.into_iter().take(known).collect();
        let Some(context) = self.object(node, at, requirement::JSON_TYPE, &keys) else {
            return;
        };
        if let Some(id) = context.get("registration") {
            self.uuid(id, &at.key("registration"), requirement::REGISTRATION);
        }
        for (key, place, requirement) in [
            ("instructor", Place::Any, requirement::INSTRUCTOR),
            ("team", Place::Group, requirement::TEAM),
        ] {
            if let Some(actor) = context.get(key) {
                self.actor(actor, &at.key(key), place, requirement);
            }
        }
        if let Some(lists) = context.get("contextActivities") {
            self.context_activities(lists, &at.key("contextActivities"));
        }
        for (key, string, beside) in [
            (
                "revision",
                requirement::REVISION,
                requirement::REVISION_OF_ACTIVITY,
            ),
            (
                "platform",
                requirement::PLATFORM,
                requirement::PLATFORM_OF_ACTIVITY,
            ),
        ] {
            let Some(value) = context.get(key) else {
                continue;
            };
            let at = at.key(key);
            self.string(value, &at, string);
            if object.is_some_and(|kind| kind != Kind::Activity) {
                let expected = "only where the object is an Activity";
                self.refuse(beside, &at, expected, value);
            }
        }
        if let Some(tag) = context.get("language") {
            let at = at.key("language");
            let requirement = requirement::LANGUAGE;
            self.formatted(tag, &at, requirement, "a language tag", language::is_tag);
        }
        if let Some(reference) = context.get("statement") {
            let requirement = requirement::CONTEXT_STATEMENT;
            self.statement_ref(reference, &at.key("statement"), requirement);
        }
        if let Some(map) = context.get("extensions") {
            self.extensions(map, &at.key("extensions"), requirement::EXTENSIONS);
        }
        for participant in [&AGENTS, &GROUPS] {
            if let Some(list) = context.get(participant.list) {
                self.participants(list, &at.key(participant.list), participant);
            }
        }
    }

    fn context_activities(&mut self, node: &Node<'_>, at: &Path<'_>) {
        let requirements = [
            requirement::CONTEXT_ACTIVITIES,
            requirement::CONTEXT_ACTIVITIES_KEY,
        ];
        let Some(lists) = self.object_of(node, at, requirements, &ACTIVITY_KEYS) else {
            return;
        };
        for key in ACTIVITY_KEYS {
            let at = at.key(key);
            match lists.get(key) {
                None => {}
                Some(Node::Array(activities)) => {
                    self.references += activities.len();
                    for (index, activity) in activities.iter().enumerate() {
                        self.activity(activity, &at.index(index));
                    }
                }
                Some(single @ Node::Object(_)) => {
                    self.references += 1;
                    self.activity(single, &at);
                }
                Some(other) => {
                    let requirement = requirement::CONTEXT_ACTIVITIES_VALUE;
                    self.refuse(requirement, &at, "an array of Activities", other);
                }
            }
        }
    }

    fn participants(&mut self, node: &Node<'_>, at: &Path<'_>, kind: &Participant) {
        let list = self.list(node, at, kind.requirement);
        self.references += list.len();
        for (index, item) in list.iter().enumerate() {
            let at = at.index(index);
            let keys = ["objectType", kind.actor, "relevantTypes"];
            let Some(item) = self.object(item, &at, kind.requirement, &keys) else {
                continue;
            };
            if let Some(name) = self.required(&item, "objectType", &at, kind.requirement) {
                let values = [kind.object_type];
                self.one_of(name, &at.key("objectType"), kind.requirement, &values);
            }
            if let Some(actor) = self.required(&item, kind.actor, &at, kind.requirement) {
                self.actor(actor, &at.key(kind.actor), kind.place, kind.requirement);
            }
            if let Some(types) = item.get("relevantTypes") {
                self.relevant_types(types, &at.key("relevantTypes"));
            }
        }
    }

    fn relevant_types(&mut self, node: &Node<'_>, at: &Path<'_>) {
        let requirement = requirement::RELEVANT_TYPES;
        if node.as_array().is_some_and(<[Node<'_>]>::is_empty) {
            self.report(requirement, at, "at least one IRI", "an empty array");
        }
        for (index, iri) in self.list(node, at, requirement).iter().enumerate() {
            self.iri(iri, &at.index(index), requirement);
        }
    }
}

/// `contextAgents` or `contextGroups`.
struct Participant {
    list: &'static str,
    object_type: &'static str,
    actor: &'static str,
    place: Place,
    requirement: &'static str,
}

const AGENTS: Participant = Participant {
    list: "contextAgents",
    object_type: "contextAgent",
    actor: "agent",
    place: Place::Agent,
    requirement: requirement::CONTEXT_AGENTS,
};
const GROUPS: Participant = Participant {
    list: "contextGroups",
    object_type: "contextGroup",
    actor: "group",
    place: Place::Group,
    requirement: requirement::CONTEXT_GROUPS,
};
