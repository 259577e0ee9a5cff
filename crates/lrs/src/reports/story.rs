//! One session on one page: everything that is needed to say why it is as it is.

use std::collections::{HashMap, HashSet};

use cmi5::session::Fetch;
use cmi5::{AuRegistration, Decision, Launch, Template};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value};
use storage::query::Order;
use storage::row::{RowsQuery, Table};
use storage::{Tenant, Term};
use uuid::Uuid;

use super::facts::Reached;
use super::list::Overview;
use super::statements::{self, Told};
use super::violations::{Violated, event};
use super::{needs_reports, summary, time};
use crate::event::{Event, Kind};
use crate::sessions::{self, Known, keys};
use crate::{Caller, Error, Lrs};

/// Events of one session that are told: of a session that goes on and on, the first.
const EVENTS_MAX: usize = 1_000;

/// The whole story of a session.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Story {
    #[serde(flatten)]
    pub overview: Overview,
    /// What there is to know, in plain words, one line each.
    pub summary: Vec<String>,
    /// What the session was launched with, as it is in force.
    pub launch_data: LaunchData,
    pub flags: Flags,
    /// What happened, in order.
    pub history: Vec<Happening>,
    /// Statements of the session in the order of `stored`.
    pub statements: Vec<Told>,
    /// There may be more statements than are listed.
    pub statements_more: bool,
    /// What was refused and what was flagged, in order.
    pub violations: Vec<Violated>,
    /// There are more events (history, violations) than are listed.
    pub events_more: bool,
    /// What counts for the learner in this AU and registration, from all sessions.
    pub registration_facts: RegistrationFacts,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LaunchData {
    pub launch_mode: String,
    /// Absent: there is none, which is not 0.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub mastery_score: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub move_on: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub launch_parameters: Option<String>,
    /// Ids of the template's grouping activities; the publisher's id of the AU is among them.
    pub publisher_ids: Vec<String>,
    /// What the context of every statement must hold.
    pub context_template: Value,
    /// There is an `LMS.LaunchData` document, not a `launched` statement alone.
    pub has_document: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Flags {
    /// `none`: nobody asked for a fetch URL. `open`: there is one, unused. `used`: the token was fetched.
    pub fetch_url: String,
    /// The token asked for the learner's preferences.
    pub preferences_read: bool,
    /// The token read the launch data.
    pub launch_data_read: bool,
}

/// Something that happened to the session.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Happening {
    pub at: String,
    /// `created`, `launched`, `fetched`, `initialized`, `completed`, `passed`, `failed`, `terminated`, `abandoned`,
    /// `waived` or `voided`.
    pub what: String,
    /// The statement that did it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub statement: Option<String>,
}

/// Statements that count for a learner in one AU of a registration.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct RegistrationFacts {
    pub completed: Vec<Reached>,
    pub passed: Vec<Reached>,
    pub failed: Vec<Reached>,
    pub waived: Vec<Reached>,
}

/// # Errors
/// As [`super::sessions`]; [`Error::NotFound`] for an unknown session.
pub fn session(lrs: &Lrs, caller: &Caller, id: &str) -> Result<Story, Error> {
    needs_reports(caller)?;
    story(lrs, caller.tenant(), id)
}

/// For those who run the server and have asked no credential.
///
/// # Errors
/// [`Error::NotFound`] for an unknown session, and when the store cannot be read.
pub fn story(lrs: &Lrs, tenant: Tenant, id: &str) -> Result<Story, Error> {
    let known =
        sessions::read(lrs, tenant, id)?.ok_or(Error::NotFound("there is no such session"))?;
    let launch = &known.launch;
    let key = keys::au_registration(launch.registration, &launch.actor, &launch.activity);
    let reached = sessions::reached(lrs, tenant, &key)?.registration;
    let (events, events_more) = events(lrs, tenant, id)?;
    let (flagged, named) = named(&events);
    let found = statements::find(lrs, tenant, &known, &flagged, &named)?;
    let mut story = Story {
        overview: Overview::of(&known),
        summary: Vec::new(),
        launch_data: launch_data(launch),
        flags: flags(&known),
        history: events.iter().filter_map(happening).collect(),
        statements: found.statements,
        statements_more: found.more,
        violations: events.into_iter().filter_map(Violated::of).collect(),
        events_more,
        registration_facts: RegistrationFacts::of(&reached),
    };
    for violated in &mut story.violations {
        let of_it = |told: &&Told| Some(&told.id) == violated.statement.as_ref();
        let told = story.statements.iter().find(of_it);
        violated.verb = violated.verb.take().or(told.map(|told| told.verb.clone()));
    }
    story.summary = summary::of(&story);
    Ok(story)
}

/// The session's events in order, and whether there are more.
fn events(lrs: &Lrs, tenant: Tenant, id: &str) -> Result<(Vec<Event>, bool), Error> {
    let page = lrs.store.rows(&RowsQuery {
        tenant,
        table: Table::Event,
        groups: vec![vec![Term::row(Table::Event, "session", id.as_bytes())]],
        after: None,
        up_to: None,
        order: Order::OldestFirst,
        cursor: None,
        rows_max: EVENTS_MAX,
        keys_max: lrs.settings.scan_keys_max,
    })?;
    let mut events = Vec::with_capacity(page.rows.len());
    for (place, value) in &page.rows {
        events.push(event(*place, value)?);
    }
    Ok((events, page.next.is_some()))
}

/// Statements that events name: the rules that stored ones break, and all ids of what may be stored.
fn named(events: &[Event]) -> (HashMap<Uuid, Vec<String>>, HashSet<Uuid>) {
    let mut flagged: HashMap<Uuid, Vec<String>> = HashMap::new();
    let mut named = HashSet::new();
    for event in events {
        let Some(id) = event.statement else {
            continue;
        };
        match &event.violation {
            None => {
                named.insert(id);
            }
            Some(violation) => match violation.decision {
                Decision::Flagged => {
                    named.insert(id);
                    let rules = flagged.entry(id).or_default();
                    if !rules.contains(&violation.requirement) {
                        rules.push(violation.requirement.clone());
                    }
                }
                Decision::Rejected => {}
            },
        }
    }
    (flagged, named)
}

fn happening(event: &Event) -> Option<Happening> {
    let what = match event.kind {
        Kind::Violation => return None,
        Kind::Created
        | Kind::Launched
        | Kind::Fetched
        | Kind::Initialized
        | Kind::Completed
        | Kind::Passed
        | Kind::Failed
        | Kind::Terminated
        | Kind::Abandoned
        | Kind::Waived
        | Kind::Satisfied
        | Kind::Voided => event.kind.as_str(),
    };
    Some(Happening {
        at: time(event.at),
        what: what.to_owned(),
        statement: event.statement.map(|id| id.to_string()),
    })
}

fn flags(known: &Known) -> Flags {
    let session = &known.session;
    Flags {
        fetch_url: match session.fetch {
            Fetch::None => "none",
            Fetch::Open(_) => "open",
            Fetch::Used => "used",
        }
        .to_owned(),
        preferences_read: session.preferences_read,
        launch_data_read: session.launch_data_read,
    }
}

fn launch_data(launch: &Launch) -> LaunchData {
    let mastery = launch.mastery_score.as_deref();
    LaunchData {
        launch_mode: launch.mode.as_str().to_owned(),
        mastery_score: mastery.and_then(|text| serde_json::from_str(text).ok()),
        move_on: launch.move_on.map(|move_on| move_on.as_str().to_owned()),
        launch_parameters: launch.launch_parameters.clone(),
        publisher_ids: launch.publisher.clone(),
        context_template: template(&launch.template),
        has_document: launch.has_document,
    }
}

/// As a context is written.
fn template(template: &Template) -> Value {
    let json = |text: &String| serde_json::from_str::<Value>(text).unwrap_or_default();
    let members = template.members.iter();
    let mut context: Map<String, Value> = members
        .map(|(name, value)| (name.clone(), json(value)))
        .collect();
    let lists = [
        ("parent", &template.parent),
        ("grouping", &template.grouping),
        ("category", &template.category),
        ("other", &template.other),
    ];
    let lists = lists.into_iter().filter(|(_, ids)| !ids.is_empty());
    let lists: Map<String, Value> = lists
        .map(|(name, ids)| {
            let ids = ids.iter().map(|id| serde_json::json!({ "id": id }));
            (name.to_owned(), ids.collect())
        })
        .collect();
    if !lists.is_empty() {
        context.insert("contextActivities".to_owned(), Value::Object(lists));
    }
    let extensions = template.extensions.iter();
    let extensions: Map<String, Value> = extensions
        .map(|(iri, value)| (iri.clone(), json(value)))
        .collect();
    if !extensions.is_empty() {
        context.insert("extensions".to_owned(), Value::Object(extensions));
    }
    Value::Object(context)
}

impl RegistrationFacts {
    fn of(reached: &AuRegistration) -> Self {
        Self {
            completed: Reached::all(&reached.completed),
            passed: Reached::all(&reached.passed),
            failed: Reached::all(&reached.failed),
            waived: Reached::all(&reached.waived),
        }
    }
}
