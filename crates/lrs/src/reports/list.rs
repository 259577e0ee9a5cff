//! The list of sessions, newest first.

use cmi5::State;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::query::Order;
use storage::row::{RowsQuery, Table};
use storage::{Seq, Term};
use uuid::Uuid;

use super::link::{Filters, rows_max};
use super::{Learner, Part, after, needs_reports, time};
use crate::sessions::{self, Known};
use crate::{Caller, Error, Lrs};

/// Which sessions are wanted; all that are given must hold.
#[derive(Debug, Clone, Default)]
pub struct SessionsQuery {
    pub registration: Option<Uuid>,
    /// Identity of the learner (`xapi::statement::Ifi::canonical`).
    pub actor: Option<String>,
    /// The AU's activity id.
    pub activity: Option<String>,
    pub state: Option<State>,
    /// Made after this instant: microseconds since 1970.
    pub since: Option<i64>,
    pub part: Part,
}

/// One page of sessions.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Sessions {
    pub sessions: Vec<Overview>,
    /// Where the list goes on: a path with a query. Absent at its end. A page can be short and have it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub more: Option<String>,
}

/// A session in a few words. Times ending in `At` are the server's, the others are timestamps of statements.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Overview {
    /// The session id.
    pub id: String,
    pub registration: String,
    /// The AU's activity id in this launch.
    pub activity: String,
    /// The learner.
    pub actor: Learner,
    /// `Normal`, `Browse` or `Review`.
    pub launch_mode: String,
    /// `Created`, `Launched`, `Initialized`, `Terminated` or `Abandoned`.
    pub state: String,
    pub created_at: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub initialized_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ended_at: Option<String>,
    /// When the AU's last statement was stored.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub last_activity_at: Option<String>,
    /// A `completed` of this session counts.
    pub completed: bool,
    /// A `passed` of this session counts.
    pub passed: bool,
    /// A `failed` of this session counts.
    pub failed: bool,
}

impl Overview {
    pub(super) fn of(known: &Known) -> Self {
        let (launch, session) = (&known.launch, &known.session);
        let touched = known.touched.map(|touched| touched.at);
        Self {
            id: launch.session.clone(),
            registration: launch.registration.to_string(),
            activity: launch.activity.clone(),
            actor: Learner::of(&launch.actor),
            launch_mode: launch.mode.as_str().to_owned(),
            state: session.state.as_str().to_owned(),
            created_at: time(session.created_at),
            initialized_at: session.initialized_at.map(time),
            ended_at: session.ended_at.map(time),
            last_activity_at: touched.map(|at| super::time_of(Seq(at))),
            completed: !session.completed.is_empty(),
            passed: !session.passed.is_empty(),
            failed: !session.failed.is_empty(),
        }
    }
}

/// # Errors
/// [`Error::Forbidden`] for an AU or without the scope to read statements, [`Error::Violations`] for a cursor of
/// another list.
pub fn sessions(lrs: &Lrs, caller: &Caller, query: &SessionsQuery) -> Result<Sessions, Error> {
    needs_reports(caller)?;
    let filters = filters(query);
    let found = lrs.store.rows(&RowsQuery {
        tenant: caller.tenant(),
        table: Table::Session,
        groups: terms(query).into_iter().map(|term| vec![term]).collect(),
        after: after(query.since),
        up_to: None,
        order: Order::NewestFirst,
        cursor: filters.place(lrs, &query.part)?,
        rows_max: rows_max(lrs, &query.part),
        keys_max: lrs.settings.scan_keys_max,
    })?;
    let mut sessions = Vec::with_capacity(found.rows.len());
    for (place, value) in &found.rows {
        let id = std::str::from_utf8(value)
            .map_err(|_| Error::damaged("session", place.0, "a row that is no session id"))?;
        if let Some(known) = sessions::read(lrs, caller.tenant(), id)? {
            sessions.push(Overview::of(&known));
        }
    }
    Ok(Sessions {
        sessions,
        more: filters.more(lrs, found.next),
    })
}

fn terms(query: &SessionsQuery) -> Vec<Term> {
    let term = |name, value: &[u8]| Term::row(Table::Session, name, value);
    let registration = query.registration.as_ref();
    let wanted = [
        registration.map(|id| term("registration", id.as_bytes())),
        query.actor.as_ref().map(|id| term("actor", id.as_bytes())),
        query
            .activity
            .as_ref()
            .map(|id| term("activity", id.as_bytes())),
        query
            .state
            .map(|state| term("state", state.as_str().as_bytes())),
    ];
    wanted.into_iter().flatten().collect()
}

fn filters(query: &SessionsQuery) -> Filters {
    let registration = query.registration.map(|id| id.to_string());
    let since = query.since.map(|micros| micros.to_string());
    Filters::of("sessions")
        .and("registration", registration.as_deref())
        .and("actor", query.actor.as_deref())
        .and("activity", query.activity.as_deref())
        .and("state", query.state.map(State::as_str))
        .and("since", since.as_deref())
}
