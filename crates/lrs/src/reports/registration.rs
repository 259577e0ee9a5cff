//! One registration: for each learner and AU its sessions and what counts.

use std::collections::BTreeMap;

use cmi5::{AuRegistration, Verb};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::batch::RecordKind;
use storage::query::Order;
use storage::row::{RowsQuery, Table};
use storage::statement::parsed;
use storage::{Query, StoredStatement, Tenant, Term};
use uuid::Uuid;
use xapi::statement::{Actor, Object};

use super::facts::Reached;
use super::{Learner, needs_reports, time, time_of};
use crate::sessions::{self, StoredRegistration, decode};
use crate::{Caller, Error, Lrs};

/// Sessions, facts and `satisfied` of one registration that are told, of each kind.
const TOLD_MAX: usize = 1_000;

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Registration {
    pub registration: String,
    /// By learner and activity id.
    pub aus: Vec<Au>,
    /// Every `satisfied` of the registration, in the order of `stored`.
    pub satisfied: Vec<Satisfied>,
    /// There are more sessions, AUs or `satisfied` than are listed.
    pub more: bool,
}

/// What one learner has done in one AU.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct Au {
    /// The AU's activity id.
    pub activity: String,
    /// The learner.
    pub actor: Learner,
    /// Oldest first.
    pub sessions: Vec<AuSession>,
    pub completed: Vec<Reached>,
    pub passed: Vec<Reached>,
    pub failed: Vec<Reached>,
    pub waived: Vec<Reached>,
    /// `result.score.scaled` of the `passed` that counts, or else of the last `failed`, as it was written.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub score: Option<String>,
    /// It has met its moveOn in a course that was registered here, or a `satisfied` has it as its object.
    pub satisfied: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuSession {
    pub id: String,
    pub state: String,
    pub created_at: String,
}

/// A `satisfied` statement.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Satisfied {
    pub statement: String,
    pub stored: String,
    /// Of what: the activity id of a block or course.
    pub object: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub actor: Option<Learner>,
}

/// # Errors
/// As [`super::sessions`]; [`Error::NotFound`] when nothing is known of the registration.
pub fn registration(lrs: &Lrs, caller: &Caller, id: Uuid) -> Result<Registration, Error> {
    needs_reports(caller)?;
    let tenant = caller.tenant();
    let mut aus: BTreeMap<(String, String), Au> = BTreeMap::new();
    let sessions_more = add_sessions(lrs, tenant, id, &mut aus)?;
    let facts_more = add_facts(lrs, tenant, id, &mut aus)?;
    let (satisfied, satisfied_more) = satisfied(lrs, tenant, id)?;
    if aus.is_empty() && satisfied.is_empty() {
        return Err(Error::NotFound("no session has this registration"));
    }
    for au in aus.values_mut() {
        au.satisfied |= satisfied
            .iter()
            .any(|one| one.object == au.activity && one.actor.as_ref() == Some(&au.actor));
    }
    Ok(Registration {
        registration: id.to_string(),
        aus: aus.into_values().collect(),
        satisfied,
        more: sessions_more || facts_more || satisfied_more,
    })
}

fn au<'a>(aus: &'a mut BTreeMap<(String, String), Au>, actor: &str, activity: &str) -> &'a mut Au {
    let key = (actor.to_owned(), activity.to_owned());
    aus.entry(key).or_insert_with(|| Au {
        activity: activity.to_owned(),
        actor: Learner::of(actor),
        ..Au::default()
    })
}

fn add_sessions(
    lrs: &Lrs,
    tenant: Tenant,
    id: Uuid,
    aus: &mut BTreeMap<(String, String), Au>,
) -> Result<bool, Error> {
    let term = Term::row(Table::Session, "registration", id.as_bytes());
    let page = lrs.store.rows(&RowsQuery {
        tenant,
        table: Table::Session,
        groups: vec![vec![term]],
        after: None,
        up_to: None,
        order: Order::OldestFirst,
        cursor: None,
        rows_max: TOLD_MAX,
        keys_max: lrs.settings.scan_keys_max,
    })?;
    for (place, value) in &page.rows {
        let session = std::str::from_utf8(value)
            .map_err(|_| Error::damaged("session", place.0, "a row that is no session id"))?;
        let Some(known) = sessions::read(lrs, tenant, session)? else {
            continue;
        };
        let launch = &known.launch;
        au(aus, &launch.actor, &launch.activity)
            .sessions
            .push(AuSession {
                id: session.to_owned(),
                state: known.session.state.as_str().to_owned(),
                created_at: time(known.session.created_at),
            });
    }
    Ok(page.next.is_some())
}

fn add_facts(
    lrs: &Lrs,
    tenant: Tenant,
    id: Uuid,
    aus: &mut BTreeMap<(String, String), Au>,
) -> Result<bool, Error> {
    let kind = RecordKind::Registration;
    let page = lrs
        .store
        .records_page(tenant, kind, id.as_bytes(), None, TOLD_MAX)?;
    for (key, record) in &page {
        // The registration's own record has no more of a key than its id.
        if key.key.len() == id.as_bytes().len() {
            continue;
        }
        let stored: StoredRegistration = decode(record, "registration", &id.to_string())?;
        let reached = &stored.reached;
        let au = au(aus, &stored.actor, &stored.activity);
        au.completed = Reached::all(&reached.completed);
        au.passed = Reached::all(&reached.passed);
        au.failed = Reached::all(&reached.failed);
        au.waived = Reached::all(&reached.waived);
        au.score = score(reached);
        au.satisfied = stored.in_course.satisfied;
    }
    Ok(page.len() == TOLD_MAX)
}

fn score(reached: &AuRegistration) -> Option<String> {
    let passed = reached.passed.iter().rev();
    let failed = reached.failed.iter().rev();
    passed.chain(failed).find_map(|mark| mark.scaled.clone())
}

fn satisfied(lrs: &Lrs, tenant: Tenant, id: Uuid) -> Result<(Vec<Satisfied>, bool), Error> {
    let page = lrs.store.scan(&Query {
        tenant,
        groups: vec![
            vec![Term::registration(id)],
            vec![Term::verb(Verb::Satisfied.iri())],
        ],
        scope: Vec::new(),
        after: None,
        up_to: None,
        order: Order::OldestFirst,
        cursor: None,
        rows_max: TOLD_MAX,
        keys_max: lrs.settings.scan_keys_max,
    })?;
    let satisfied = page.rows.iter().filter_map(told).collect();
    Ok((satisfied, page.next.is_some()))
}

/// A statement that refers to a `satisfied` is found with it and is none.
fn told(row: &StoredStatement) -> Option<Satisfied> {
    let (statement, _) = parsed(&row.content)?;
    let Object::Activity(object) = &statement.object else {
        return None;
    };
    (statement.verb.id == Verb::Satisfied.iri()).then(|| Satisfied {
        statement: row.content.id.to_string(),
        stored: time_of(row.seq),
        object: object.id.to_string(),
        actor: match &statement.actor {
            Actor::Agent(agent) => Some(Learner::of(&agent.ifi.canonical())),
            Actor::Group(_) => None,
        },
    })
}
