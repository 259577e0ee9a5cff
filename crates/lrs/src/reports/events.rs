//! The feed of everything that happened, oldest first: whoever follows it misses nothing and sees nothing twice.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::Seq;
use storage::query::Order;
use storage::row::{RowsQuery, Table};

use super::link::{Filters, rows_max};
use super::violations::{Violated, event};
use super::{Learner, Part, needs_reports, time};
use crate::event::{Event, Kind};
use crate::sessions;
use crate::{Caller, Error, Lrs};

/// One page of the feed.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Events {
    pub events: Vec<Happened>,
    /// Give this as `after` the next time; also when there was nothing new. It stays good for ever.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub next: Option<String>,
    /// There is more at once.
    pub more: bool,
}

/// One thing that happened.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Happened {
    /// Unlike that of any other event, and greater than those of all before it.
    pub id: u64,
    pub at: String,
    /// `created`, `launched`, `fetched`, `initialized`, `completed`, `passed`, `failed`, `terminated`, `abandoned`,
    /// `waived`, `satisfied`, `voided` or `violation`.
    pub kind: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub session: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub registration: Option<String>,
    /// The learner.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub actor: Option<Learner>,
    /// Activity id of the AU, or of the block or course that is satisfied.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub activity: Option<String>,
    /// The statement that brought it about.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub statement: Option<String>,
    /// Of a violation alone.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub violation: Option<Violated>,
}

/// The events behind a place, by their order in the store. What is being written is not told before all that comes
/// before it can be.
///
/// # Errors
/// As [`super::sessions`].
pub fn events(lrs: &Lrs, caller: &Caller, part: &Part) -> Result<Events, Error> {
    needs_reports(caller)?;
    let filters = Filters::of("events");
    let after = filters.place(lrs, part)?;
    let tenant = caller.tenant();
    let up_to = Seq(lrs.store.consistent_through());
    let found = lrs.store.rows(&RowsQuery {
        tenant,
        table: Table::Event,
        groups: Vec::new(),
        after,
        up_to: Some(up_to),
        order: Order::OldestFirst,
        cursor: None,
        rows_max: rows_max(lrs, part),
        keys_max: lrs.settings.scan_keys_max,
    })?;
    let mut events = Vec::with_capacity(found.rows.len());
    for (place, value) in &found.rows {
        events.push(happened(lrs, caller, *place, event(*place, value)?)?);
    }
    let last = found.rows.last().map(|(place, _)| *place);
    Ok(Events {
        events,
        next: filters.more(lrs, found.next.or(last).or(after)),
        more: found.next.is_some(),
    })
}

fn happened(lrs: &Lrs, caller: &Caller, place: Seq, event: Event) -> Result<Happened, Error> {
    let mut told = Happened {
        id: place.0,
        at: time(event.at),
        kind: event.kind.as_str().to_owned(),
        session: event.session.clone(),
        registration: event.registration.map(|id| id.to_string()),
        actor: event.actor.as_deref().map(Learner::of),
        activity: event.activity.clone(),
        statement: event.statement.map(|id| id.to_string()),
        violation: None,
    };
    match (event.kind, &event.session) {
        (Kind::Violation, _) => told.violation = Violated::of(event),
        // Whose it is stands with the session.
        (_, Some(session)) if event.registration.is_none() => {
            if let Some(known) = sessions::read(lrs, caller.tenant(), session)? {
                let launch = &known.launch;
                told.registration = Some(launch.registration.to_string());
                told.actor = Some(Learner::of(&launch.actor));
                told.activity = Some(launch.activity.clone());
            }
        }
        _ => {}
    }
    Ok(told)
}
