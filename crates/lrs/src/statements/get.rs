//! Finding statements: by id, and by filters page by page (xAPI 1.0.3 Communication 2.1.3).

use storage::query::Order;
use storage::statement::parsed;
use storage::{Fact, FactKey, Query, Seq, StatementFact, StoredStatement, Term};
use uuid::Uuid;
use xapi::Violation;
use xapi::query::Filters;
use xapi::statement::{Actor, parse_actor};

use crate::caller::{Reach, SessionOfToken};
use crate::{Caller, Error, Lrs, requirement};

/// A page of the list.
pub struct Listing {
    pub rows: Vec<StoredStatement>,
    /// Goes on behind this page, for the same filters.
    pub more: Option<String>,
}

/// Which statement is meant by an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ById {
    /// `statementId`: one that is not voided.
    Current(Uuid),
    /// `voidedStatementId`: one that is.
    Voided(Uuid),
}

/// # Errors
/// [`Error::NotFound`] also for what the caller may not see.
pub fn by_id(lrs: &Lrs, caller: &Caller, by: ById) -> Result<StoredStatement, Error> {
    let reach = caller.reach()?;
    let (ById::Current(id) | ById::Voided(id)) = by;
    let facts = lrs
        .store
        .facts(caller.tenant(), &[FactKey::Statement(id)])?;
    let Some(Fact::Statement(StatementFact::Stored(found))) = facts.into_iter().next() else {
        return Err(Error::NotFound("no statement has this id"));
    };
    let voided = found.voided_by.is_some();
    let fits = match by {
        ById::Current(_) => !voided,
        ById::Voided(_) => voided,
    };
    if !visible(reach, caller, &found) {
        return Err(Error::NotFound("no statement has this id"));
    }
    if fits {
        Ok(*found)
    } else if voided {
        Err(Error::NotFound(
            "the statement is voided: ask by voidedStatementId",
        ))
    } else {
        Err(Error::NotFound(
            "the statement is not voided: ask by statementId",
        ))
    }
}

/// One page, from the filters' cursor on when there is one.
///
/// # Errors
/// [`Error::Violations`] when the cursor is not ours or belongs to other filters.
pub fn page(lrs: &Lrs, caller: &Caller, filters: &Filters) -> Result<Listing, Error> {
    let reach = caller.reach()?;
    let text = filters.canonical_text();
    let cursor = match filters.cursor.as_deref() {
        None => None,
        Some(token) => Some(lrs.cursors.open_token(token, &text).ok_or_else(|| {
            Violation::new(
                requirement::MORE_TOKEN,
                "cursor",
                "a token from a `more` link of this query",
                token,
            )
        })?),
    };
    let query = plan(lrs, caller, reach, filters, cursor);
    let mut found = lrs.store.scan(&query)?;
    found.rows.retain(|row| visible(reach, caller, row));
    Ok(Listing {
        more: found.next.map(|seq| lrs.cursors.sign(seq, &text)),
        rows: found.rows,
    })
}

fn plan(lrs: &Lrs, caller: &Caller, reach: Reach, filters: &Filters, cursor: Option<Seq>) -> Query {
    let settings = &lrs.settings;
    let mut groups = Vec::new();
    if let Some(agent) = &filters.agent {
        let canonical = agent.canonical();
        let mut group = vec![Term::agent(&canonical)];
        if filters.related_agents {
            group.push(Term::related_agent(&canonical));
        }
        groups.push(group);
    }
    groups.extend(filters.verb.as_deref().map(|verb| vec![Term::verb(verb)]));
    if let Some(activity) = &filters.activity {
        let mut group = vec![Term::activity(activity)];
        if filters.related_activities {
            group.push(Term::related_activity(activity));
        }
        groups.push(group);
    }
    groups.extend(filters.registration.map(|id| vec![Term::registration(id)]));
    let scope = match (&caller.session, reach) {
        (Some(token), _) => vec![
            vec![Term::registration(token.launch.registration)],
            vec![Term::agent(&token.launch.actor)],
        ],
        (None, Reach::All) => Vec::new(),
        (None, Reach::Mine) => authority_terms(&caller.credential.authority),
    };
    Query {
        tenant: caller.tenant(),
        groups,
        scope,
        after: filters.since.map(seq),
        up_to: filters.until.map(seq),
        order: if filters.ascending {
            Order::OldestFirst
        } else {
            Order::NewestFirst
        },
        cursor,
        rows_max: match filters.limit {
            0 => settings.page_rows_default,
            limit => limit.min(settings.page_rows_max),
        },
        keys_max: settings.scan_keys_max,
    }
}

/// Instants before 1970 are before every statement.
fn seq(micros: i64) -> Seq {
    Seq(u64::try_from(micros).unwrap_or(0))
}

fn visible(reach: Reach, caller: &Caller, row: &StoredStatement) -> bool {
    match (&caller.session, reach) {
        (Some(token), _) => is_of_learner(token, row),
        (None, Reach::All) => true,
        (None, Reach::Mine) => row.content.authority == caller.credential.authority,
    }
}

/// Of the session's registration and learner, as actor: a term of the index also finds the learner as object.
fn is_of_learner(token: &SessionOfToken, row: &StoredStatement) -> bool {
    let Some((statement, _)) = parsed(&row.content) else {
        return false;
    };
    let registration = statement
        .context
        .as_ref()
        .and_then(|context| context.registration);
    let is_actor = match &statement.actor {
        Actor::Agent(agent) => agent.ifi.canonical() == token.launch.actor,
        Actor::Group(_) => false,
    };
    is_actor && registration == Some(token.launch.registration)
}

/// What every statement with this authority can be found by.
fn authority_terms(authority: &str) -> Vec<Vec<Term>> {
    let ifi = match parse_actor(authority, "/authority") {
        Ok(Actor::Agent(agent)) => Some(agent.ifi),
        Ok(Actor::Group(group)) => group.ifi,
        Err(_) => None,
    };
    let group = ifi.map(|ifi| {
        let canonical = ifi.canonical();
        vec![Term::agent(&canonical), Term::related_agent(&canonical)]
    });
    group.into_iter().collect()
}
