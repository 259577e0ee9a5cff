//! A cmi5 session as its writer knows it: what was done, in order, and what the server must therefore say of it.

use cmi5::vocabulary::Verb;
use serde_json::Value;
use uuid::Uuid;

use super::ledger::Known;

#[derive(Debug, Clone)]
pub(super) struct Session {
    pub id: Uuid,
    pub registration: Uuid,
    pub learner: String,
    /// Steps that were acknowledged.
    pub done: Vec<Step>,
    /// The step without an answer when the server was killed: there whole, or not at all.
    pub in_flight: Option<Step>,
    /// How many of the steps an earlier round has counted and seen after a restart.
    pub settled: usize,
    /// Path of the fetch URL that works, or that worked last.
    pub fetch: Option<String>,
    /// Paths of fetch URLs that another one replaced before they were used.
    pub replaced: Vec<String>,
    pub token: Option<String>,
    /// The latest timestamp that was sent.
    pub clock: i64,
}

/// A statement of an AU; one without a verb is cmi5 allowed.
pub(super) type Said = (Option<Verb>, Known);

/// One request; atomic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    LaunchData,
    Launched(Known),
    /// The LMS asked for a fetch URL.
    Asked,
    /// The AU got its token.
    Fetched,
    LaunchDataRead,
    PreferencesRead,
    /// By the AU, with the token.
    Said(Vec<Said>),
    /// By the LMS; the id of the statement that the server wrote is known from its answer.
    Abandoned(Option<Uuid>),
}

/// What the server says of a session, reduced to what follows from its steps. The id of `abandoned` is the server's
/// choice, so that the word stands in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct View {
    pub state: String,
    pub fetch_url: String,
    has_document: bool,
    launch_data_read: bool,
    preferences_read: bool,
    /// Events and their statements, in order.
    history: Vec<(String, String)>,
    /// Statements in the order of the store.
    statements: Vec<String>,
    completed: Vec<String>,
    passed: Vec<String>,
    failed: Vec<String>,
}

const ABANDONED: &str = "abandoned";

impl Session {
    /// The steps as they were if the one in flight was done.
    pub(super) fn with_in_flight(&self) -> Vec<Step> {
        self.done.iter().chain(&self.in_flight).cloned().collect()
    }

    pub(super) fn has_ended(&self) -> bool {
        self.done.iter().any(Step::ends)
    }

    /// Ids of the statements that are there, as far as they are known.
    pub(super) fn statements(&self) -> Vec<Uuid> {
        let of = |step: &Step| match step {
            Step::Abandoned(id) => id.iter().copied().collect(),
            other => other.sent().iter().map(|known| known.id).collect(),
        };
        self.done
            .iter()
            .flat_map(|step| -> Vec<Uuid> { of(step) })
            .collect()
    }
}

impl Step {
    /// The statements that were sent.
    pub(super) fn sent(&self) -> Vec<Known> {
        match self {
            Step::Launched(known) => vec![*known],
            Step::Said(statements) => statements.iter().map(|(_, known)| *known).collect(),
            Step::LaunchData
            | Step::Asked
            | Step::Fetched
            | Step::LaunchDataRead
            | Step::PreferencesRead
            | Step::Abandoned(_) => Vec::new(),
        }
    }

    fn ends(&self) -> bool {
        match self {
            Step::Abandoned(_) => true,
            Step::Said(statements) => statements
                .iter()
                .any(|(verb, _)| *verb == Some(Verb::Terminated)),
            Step::LaunchData
            | Step::Launched(_)
            | Step::Asked
            | Step::Fetched
            | Step::LaunchDataRead
            | Step::PreferencesRead => false,
        }
    }
}

impl View {
    /// What follows from the steps; `None` when the session is not known yet.
    pub(super) fn after(steps: &[Step]) -> Option<View> {
        if steps.is_empty() {
            return None;
        }
        let mut view = View {
            state: "Created".to_owned(),
            fetch_url: "none".to_owned(),
            has_document: false,
            launch_data_read: false,
            preferences_read: false,
            history: vec![("created".to_owned(), String::new())],
            statements: Vec::new(),
            completed: Vec::new(),
            passed: Vec::new(),
            failed: Vec::new(),
        };
        for step in steps {
            view.step(step);
        }
        Some(view)
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::LaunchData => self.has_document = true,
            Step::Launched(known) => {
                self.statements.push(known.id.to_string());
                self.happened("launched", known.id.to_string());
                self.state = "Launched".to_owned();
            }
            Step::Asked => self.fetch_url = "open".to_owned(),
            Step::Fetched => {
                self.fetch_url = "used".to_owned();
                self.happened("fetched", String::new());
            }
            Step::LaunchDataRead => self.launch_data_read = true,
            Step::PreferencesRead => self.preferences_read = true,
            Step::Said(statements) => {
                for (verb, known) in statements {
                    self.said(*verb, known.id.to_string());
                }
            }
            Step::Abandoned(_) => {
                self.statements.push(ABANDONED.to_owned());
                self.happened(ABANDONED, ABANDONED.to_owned());
                self.state = "Abandoned".to_owned();
            }
        }
    }

    fn said(&mut self, verb: Option<Verb>, id: String) {
        self.statements.push(id.clone());
        let Some(verb) = verb else { return };
        match verb {
            Verb::Initialized => {
                self.state = "Initialized".to_owned();
                self.happened("initialized", id);
            }
            Verb::Terminated => {
                self.state = "Terminated".to_owned();
                self.happened("terminated", id);
            }
            Verb::Completed => {
                self.completed.push(id.clone());
                self.happened("completed", id);
            }
            Verb::Passed => {
                self.passed.push(id.clone());
                self.happened("passed", id);
            }
            Verb::Failed => {
                self.failed.push(id.clone());
                self.happened("failed", id);
            }
            // No AU says these.
            Verb::Launched | Verb::Abandoned | Verb::Waived | Verb::Satisfied => {}
        }
    }

    fn happened(&mut self, what: &str, statement: String) {
        self.history.push((what.to_owned(), statement));
    }

    /// From the answer of `GET /cmi5/v1/sessions/{id}`, with the id of `abandoned`.
    pub(super) fn read(story: &Value) -> (View, Option<Uuid>) {
        let list = |value: &Value| -> Vec<Value> { value.as_array().cloned().unwrap_or_default() };
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let statements = list(&story["statements"]);
        let abandoned = statements
            .iter()
            .find(|told| told["verb"].as_str() == Some(Verb::Abandoned.iri()))
            .map(|told| text(&told["id"]));
        let named = |id: &Value| match abandoned.as_deref() == id.as_str() && !id.is_null() {
            true => ABANDONED.to_owned(),
            false => text(id),
        };
        let counted = |name: &str| -> Vec<String> {
            let facts = &story["registrationFacts"][name];
            let ids = list(facts);
            ids.iter().map(|fact| text(&fact["statement"])).collect()
        };
        let view = View {
            state: text(&story["state"]),
            fetch_url: text(&story["flags"]["fetchUrl"]),
            has_document: story["launchData"]["hasDocument"] == true,
            launch_data_read: story["flags"]["launchDataRead"] == true,
            preferences_read: story["flags"]["preferencesRead"] == true,
            history: list(&story["history"])
                .iter()
                .map(|event| (text(&event["what"]), named(&event["statement"])))
                .collect(),
            statements: statements.iter().map(|told| named(&told["id"])).collect(),
            completed: counted("completed"),
            passed: counted("passed"),
            failed: counted("failed"),
        };
        (view, abandoned.and_then(|id| id.parse().ok()))
    }
}
