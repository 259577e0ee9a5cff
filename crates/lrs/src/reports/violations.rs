//! The list of violations, newest first: what was flagged and what was refused.

use cmi5::Decision;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use storage::query::Order;
use storage::row::{RowsQuery, Table};
use storage::{Seq, Term};
use uuid::Uuid;

use super::link::{Filters, rows_max};
use super::{Learner, Part, after, needs_reports, time};
use crate::event::{Event, Kind, Recorded};
use crate::{Caller, Error, Lrs};

/// Which violations are wanted; all that are given must hold.
#[derive(Debug, Clone, Default)]
pub struct ViolationsQuery {
    pub session: Option<String>,
    pub registration: Option<Uuid>,
    /// The id of a rule.
    pub requirement: Option<String>,
    /// The AU's activity id.
    pub activity: Option<String>,
    pub decision: Option<Decision>,
    /// Recorded after this instant: microseconds since 1970.
    pub since: Option<i64>,
    pub part: Part,
}

/// One page of violations.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Violations {
    pub violations: Vec<Violated>,
    /// Where the list goes on: a path with a query. Absent at its end. A page can be short and have it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub more: Option<String>,
}

/// A broken rule, when it was broken, and what became of it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Violated {
    /// When the request came.
    pub at: String,
    /// The id of the rule.
    pub requirement: String,
    /// What the rule demands.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub summary: Option<String>,
    /// `rejected`: the request was refused. `flagged`: it was stored nevertheless.
    pub decision: String,
    /// Who broke it: `au` or `lms`.
    pub side: String,
    /// JSON pointer into the statement or document.
    pub pointer: String,
    pub expected: String,
    pub got: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub detail: Option<String>,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub hint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub session: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub registration: Option<String>,
    /// The learner of the session.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub actor: Option<Learner>,
    /// The AU's activity id.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub activity: Option<String>,
    /// The id of the statement.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub statement: Option<String>,
    /// The statement's verb, where its text is at hand.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub verb: Option<String>,
    /// Name of the key that sent it, or that asked for the token that did.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub credential: Option<String>,
    /// What was refused, as it came, cut when it is long.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub text: Option<String>,
}

impl Violated {
    /// `None` for an event that is no violation.
    pub(super) fn of(event: Event) -> Option<Self> {
        let Recorded {
            requirement,
            pointer,
            expected,
            got,
            detail,
            side,
            decision,
            text,
            credential,
        } = event.violation?;
        let rule = cmi5::rule::find(&requirement);
        Some(Self {
            at: time(event.at),
            summary: rule.map(|rule| rule.summary.to_owned()),
            hint: rule.map(|rule| rule.hint.to_owned()),
            requirement,
            decision: decision.as_str().to_owned(),
            side: match side {
                cmi5::Side::Au => "au",
                cmi5::Side::Lms => "lms",
            }
            .to_owned(),
            pointer,
            expected,
            got,
            detail,
            session: event.session,
            registration: event.registration.map(|id| id.to_string()),
            actor: event.actor.as_deref().map(Learner::of),
            activity: event.activity,
            statement: event.statement.map(|id| id.to_string()),
            verb: text.as_deref().and_then(verb_of),
            credential,
            text,
        })
    }
}

/// # Errors
/// As [`super::sessions`].
pub fn violations(
    lrs: &Lrs,
    caller: &Caller,
    query: &ViolationsQuery,
) -> Result<Violations, Error> {
    needs_reports(caller)?;
    let filters = filters(query);
    let found = lrs.store.rows(&RowsQuery {
        tenant: caller.tenant(),
        table: Table::Event,
        groups: terms(query).into_iter().map(|term| vec![term]).collect(),
        after: after(query.since),
        up_to: None,
        order: Order::NewestFirst,
        cursor: filters.place(lrs, &query.part)?,
        rows_max: rows_max(lrs, &query.part),
        keys_max: lrs.settings.scan_keys_max,
    })?;
    let mut violations = Vec::with_capacity(found.rows.len());
    for (place, value) in &found.rows {
        violations.extend(Violated::of(event(*place, value)?));
    }
    Ok(Violations {
        violations,
        more: filters.more(lrs, found.next),
    })
}

/// An event's row.
pub(super) fn event(place: Seq, value: &[u8]) -> Result<Event, Error> {
    serde_json::from_slice(value).map_err(|error| {
        let detail = format!("column {}: no event", error.column());
        Error::damaged("event", place.0, detail)
    })
}

/// The verb of a statement's text; of one that was cut off, the first verb of cmi5 in it.
fn verb_of(text: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Statement<'s> {
        #[serde(borrow)]
        verb: &'s RawValue,
    }
    #[derive(Deserialize)]
    struct Id {
        id: String,
    }
    if let Ok(statement) = serde_json::from_str::<Statement<'_>>(text) {
        let verb: Id = serde_json::from_str(statement.verb.get()).ok()?;
        return Some(verb.id);
    }
    let verbs = cmi5::Verb::ALL.into_iter().map(cmi5::Verb::iri);
    verbs
        .filter_map(|verb| Some((text.find(verb)?, verb)))
        .min()
        .map(|(_, verb)| verb.to_owned())
}

fn terms(query: &ViolationsQuery) -> Vec<Term> {
    let term = |name, value: &[u8]| Term::row(Table::Event, name, value);
    let text = |name, value: &Option<String>| value.as_ref().map(|v| term(name, v.as_bytes()));
    let registration = query.registration.as_ref();
    let wanted = [
        text("session", &query.session),
        registration.map(|id| term("registration", id.as_bytes())),
        text("requirement", &query.requirement),
        text("activity", &query.activity),
        query.decision.map(crate::event::decision_term),
        Some(term("kind", Kind::Violation.as_str().as_bytes())),
    ];
    wanted.into_iter().flatten().collect()
}

fn filters(query: &ViolationsQuery) -> Filters {
    let registration = query.registration.map(|id| id.to_string());
    let since = query.since.map(|micros| micros.to_string());
    Filters::of("violations")
        .and("session", query.session.as_deref())
        .and("registration", registration.as_deref())
        .and("requirement", query.requirement.as_deref())
        .and("activity", query.activity.as_deref())
        .and("decision", query.decision.map(Decision::as_str))
        .and("since", since.as_deref())
}
