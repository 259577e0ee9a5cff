//! What reads say of a registration, and what they must say by its statements.

use cmi5::vocabulary::{SESSION_ID, Verb};
use serde_json::Value;

use super::course::{Child, Course};
use super::history::{Reached, Story, Told};
use crate::crash::ledger::{Known, digest};

/// Everything that reads say of a registration.
#[derive(Debug, Clone, Default)]
pub(in crate::crash) struct Seen {
    /// The first stored first.
    pub history: Vec<Told>,
    /// `None` if the server does not know it.
    pub view: Option<View>,
    /// Those that `launched` tells of.
    pub sessions: Vec<SessionView>,
    /// The session in the launch data of each AU, as far as there are any.
    pub launch_data: Vec<(usize, String)>,
    /// Sessions, and whether their tokens open anything.
    pub tokens: Vec<(u64, bool)>,
}

/// What `GET /api/v1/registration/{code}` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::crash) struct View {
    pub is_satisfied: bool,
    /// Id and whether it is satisfied: the course, and each part before what is inside of it.
    pub tree: Vec<(String, bool)>,
    pub aus: Vec<(Reached, bool)>,
}

/// What `GET /api/v1/session/{id}` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::crash) struct SessionView {
    pub number: u64,
    pub session: String,
    /// In the order of `VERBS`.
    pub said: Vec<Verb>,
    pub has_fetched: bool,
    pub launch_data_read: bool,
    pub preferences_read: bool,
}

/// Members of a session's answer, and what they stand for.
pub(super) const VERBS: [(&str, Verb); 7] = [
    ("isLaunched", Verb::Launched),
    ("isInitialized", Verb::Initialized),
    ("isCompleted", Verb::Completed),
    ("isPassed", Verb::Passed),
    ("isFailed", Verb::Failed),
    ("isTerminated", Verb::Terminated),
    ("isAbandoned", Verb::Abandoned),
];

impl Told {
    /// From a statement; what is missing in it is empty, and wrong in the end.
    pub(in crate::crash) fn read(statement: &Value) -> Told {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let stored = xapi::lexical::timestamp::parse(&text(&statement["stored"]));
        Told {
            known: Known {
                id: text(&statement["id"]).parse().unwrap_or_default(),
                digest: digest(statement.clone()),
            },
            verb: Verb::parse(&text(&statement["verb"]["id"])),
            object: text(&statement["object"]["id"]),
            session: text(&statement["context"]["extensions"][SESSION_ID]),
            stored: stored.map_or(i64::MIN, |stored| stored.micros),
        }
    }
}

impl View {
    pub(in crate::crash) fn read(answer: &Value) -> View {
        let is = |value: &Value| *value == 1;
        let mut tree = Vec::new();
        flatten(&answer["metadata"]["moveOn"], &mut tree);
        let aus = answer["aus"].as_array().into_iter().flatten();
        View {
            is_satisfied: is(&answer["isSatisfied"]),
            tree,
            aus: aus
                .map(|au| {
                    let reached = Reached {
                        completed: is(&au["isCompleted"]),
                        passed: is(&au["isPassed"]),
                        waived: is(&au["isWaived"]),
                    };
                    (reached, is(&au["isSatisfied"]))
                })
                .collect(),
        }
    }

    /// What it says otherwise than the statements do.
    pub(super) fn differs(&self, told: &View) -> Option<String> {
        if self == told {
            return None;
        }
        let tree = self.tree.iter().filter(|part| !told.tree.contains(part));
        let aus = self.aus.iter().zip(&told.aus).enumerate();
        let aus = aus.filter(|(_, (au, told))| au != told);
        Some(format!(
            "satisfied it says {}, its statements {}; other parts: {:?}; AUs, and as its statements have them: {:?}",
            self.is_satisfied,
            told.is_satisfied,
            tree.collect::<Vec<_>>(),
            aus.collect::<Vec<_>>(),
        ))
    }

    /// What follows from the statements.
    pub(super) fn after(course: &Course, story: &Story<'_>) -> View {
        let mut tree = Vec::new();
        expected(course, story, 0, &mut tree);
        let reached = story.reached.iter().enumerate();
        View {
            is_satisfied: story.satisfied[0],
            tree,
            aus: reached
                .map(|(au, reached)| (reached.clone(), story.meets(au)))
                .collect(),
        }
    }
}

/// Recursion as deep as blocks nest.
fn flatten(node: &Value, tree: &mut Vec<(String, bool)>) {
    let id = node["lmsId"].as_str().unwrap_or_default();
    tree.push((id.to_owned(), node["satisfied"] == true));
    for child in node["children"].as_array().into_iter().flatten() {
        flatten(child, tree);
    }
}

/// Recursion as deep as blocks nest.
fn expected(course: &Course, story: &Story<'_>, node: usize, tree: &mut Vec<(String, bool)>) {
    tree.push((course.nodes[node].id.clone(), story.satisfied[node]));
    for child in &course.nodes[node].children {
        match child {
            Child::Node(inner) => expected(course, story, *inner, tree),
            Child::Au(au) => tree.push((course.aus[*au].id.clone(), story.meets(*au))),
        }
    }
}

impl SessionView {
    pub(in crate::crash) fn read(answer: &Value) -> SessionView {
        let is = |member: &str| answer[member] == 1;
        SessionView {
            number: answer["id"].as_u64().unwrap_or_default(),
            session: answer["code"].as_str().unwrap_or_default().to_owned(),
            said: VERBS
                .iter()
                .filter(|(member, _)| is(member))
                .map(|(_, verb)| *verb)
                .collect(),
            has_fetched: is("launchTokenFetched"),
            launch_data_read: is("launchDataFetched"),
            preferences_read: is("learnerPrefsFetched"),
        }
    }
}
