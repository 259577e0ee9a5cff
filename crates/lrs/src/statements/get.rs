//! Finding statements: by id, and by filters page by page (xAPI 1.0.3 Communication 2.1.3).

use storage::query::Order;
use storage::{Fact, FactKey, Query, Seq, StatementFact, StoredStatement, Term};
use uuid::Uuid;
use xapi::Violation;
use xapi::query::Filters;
use xapi::statement::{Actor, parse_actor};

use super::narrow::{self, Narrow};
use crate::caller::Reach;
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
    let in_session = Narrow::of(caller).is_none_or(|narrow| narrow.shows(&found));
    if !visible(reach, caller, &found) || !in_session {
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
    let mut narrow: Vec<Narrow> = Narrow::of(caller).into_iter().collect();
    let mut cursor = None;
    if let Some(token) = filters.cursor.as_deref() {
        let (seq, of_link) = narrow::open(lrs, token, &text).ok_or_else(|| {
            Violation::new(
                requirement::MORE_TOKEN,
                "cursor",
                "a token from a `more` link of this query",
                token,
            )
        })?;
        cursor = Some(seq);
        narrow.extend(of_link.filter(|of_link| !narrow.contains(of_link)));
    }
    let query = plan(lrs, caller, (reach, &narrow), filters, cursor);
    let mut found = lrs.store.scan(&query)?;
    found
        .rows
        .retain(|row| visible(reach, caller, row) && narrow.iter().all(|narrow| narrow.shows(row)));
    Ok(Listing {
        more: found
            .next
            .map(|seq| narrow::sign(lrs, seq, &text, narrow.first())),
        rows: found.rows,
    })
}

fn plan(
    lrs: &Lrs,
    caller: &Caller,
    (reach, narrow): (Reach, &[Narrow]),
    filters: &Filters,
    cursor: Option<Seq>,
) -> Query {
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
    let mut scope = match reach {
        Reach::All => Vec::new(),
        Reach::Mine => authority_terms(&caller.credential.authority),
    };
    for narrow in narrow {
        // As scope they hold on the row itself, as filters on the statement of its chain that the others hold on: a
        // reference out of the registration must not tell what is there.
        scope.extend(narrow.terms());
        groups.extend(narrow.terms());
    }
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
    match reach {
        Reach::All => true,
        Reach::Mine => row.content.authority == caller.credential.authority,
    }
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
