//! The statements of one session, in the order in which they were stored.

use std::collections::{BTreeMap, HashMap, HashSet};

use cmi5::{Seen, Verb};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::query::Order;
use storage::statement::parsed;
use storage::{Fact, FactKey, Query, Seq, StatementFact, StoredStatement, Tenant, Term};
use uuid::Uuid;
use xapi::Statement;
use xapi::statement::ResultOf;

use super::time_of;
use crate::sessions::Known;
use crate::{Error, Lrs};

/// Statements of the learner's registration that are looked at for those of one session.
const LOOKED_AT_MAX: usize = 5_000;
/// Rows of one scan.
const PAGE: usize = 500;
/// A launch may have been stored in the request before the one that made the session.
const BEFORE_CREATION_MICROS: i64 = 60 * 1_000_000;

/// A statement in a few words.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Told {
    pub id: String,
    /// The verb's id.
    pub verb: String,
    /// Its sender's time.
    pub timestamp: String,
    pub stored: String,
    /// It has the category of cmi5 defined statements; otherwise it is cmi5 allowed.
    pub cmi5_defined: bool,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub result: Option<Result>,
    /// It was voided and counts no more.
    pub voided: bool,
    /// The rules that it breaks although it is stored.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub flagged: Vec<String>,
}

/// What matters of a result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Result {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub success: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub completion: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub duration: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub score: Option<Score>,
}

/// Numbers as they were written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Score {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub scaled: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub raw: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub min: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub max: Option<String>,
}

impl Told {
    /// The last part of the verb's id, which is its name in cmi5.
    #[must_use]
    pub fn verb_name(&self) -> &str {
        self.verb.rsplit('/').next().unwrap_or(&self.verb)
    }

    /// Whether it is a cmi5 defined statement with this verb.
    #[must_use]
    pub fn is(&self, verb: Verb) -> bool {
        self.verb == verb.iri() && self.cmi5_defined
    }
}

/// The statements of a session. `more`: there may be others, which were out of reach.
pub(super) struct Found {
    pub(super) statements: Vec<Told>,
    pub(super) more: bool,
}

/// `flagged` has the rules that stored statements break; `others` are ids that the session's events name, which a list
/// does not show when they are voided or have another actor.
pub(super) fn find(
    lrs: &Lrs,
    tenant: Tenant,
    known: &Known,
    flagged: &HashMap<Uuid, Vec<String>>,
    others: &HashSet<Uuid>,
) -> std::result::Result<Found, Error> {
    let (listed, more) = listed(lrs, tenant, known)?;
    let mut rows: BTreeMap<Seq, StoredStatement> = BTreeMap::new();
    let mut missing = others.clone();
    for row in listed {
        missing.remove(&row.content.id);
        rows.insert(row.seq, row);
    }
    let keys: Vec<FactKey> = missing.into_iter().map(FactKey::Statement).collect();
    for fact in lrs.store.facts(tenant, &keys)? {
        if let Fact::Statement(StatementFact::Stored(row)) = fact {
            rows.insert(row.seq, *row);
        }
    }
    let told = rows.values().filter_map(|row| {
        let (statement, _) = parsed(&row.content)?;
        tell(&statement, row, &known.launch.session, flagged)
    });
    Ok(Found {
        statements: told.collect(),
        more,
    })
}

/// Statements of the session's learner and registration since it was made, oldest first.
fn listed(
    lrs: &Lrs,
    tenant: Tenant,
    known: &Known,
) -> std::result::Result<(Vec<StoredStatement>, bool), Error> {
    let begin = known.session.created_at - BEFORE_CREATION_MICROS;
    let mut query = Query {
        tenant,
        groups: vec![
            vec![Term::registration(known.launch.registration)],
            vec![Term::agent(&known.launch.actor)],
        ],
        scope: Vec::new(),
        after: super::after(Some(begin)),
        up_to: None,
        order: Order::OldestFirst,
        cursor: None,
        rows_max: PAGE,
        keys_max: lrs.settings.scan_keys_max,
    };
    let (mut rows, mut keys_touched) = (Vec::new(), 0);
    loop {
        let page = lrs.store.scan(&query)?;
        rows.extend(page.rows);
        keys_touched += page.keys_touched;
        if page.next.is_none() {
            return Ok((rows, false));
        }
        if rows.len() >= LOOKED_AT_MAX || keys_touched >= lrs.settings.scan_keys_max {
            return Ok((rows, true));
        }
        query.cursor = page.next;
    }
}

fn tell(
    statement: &Statement<'_>,
    row: &StoredStatement,
    session: &str,
    flagged: &HashMap<Uuid, Vec<String>>,
) -> Option<Told> {
    let seen = Seen::of(statement);
    if seen.session().as_deref() != Some(session) {
        return None;
    }
    let stored = time_of(row.seq);
    let id = row.content.id;
    Some(Told {
        id: id.to_string(),
        verb: statement.verb.id.to_string(),
        timestamp: match statement.timestamp.as_deref() {
            Some(sent) => sent.to_owned(),
            None => stored.clone(),
        },
        stored,
        cmi5_defined: seen.is_defined(),
        result: statement.result.as_ref().map(result),
        voided: row.voided_by.is_some(),
        flagged: flagged.get(&id).cloned().unwrap_or_default(),
    })
}

fn result(result: &ResultOf<'_>) -> Result {
    let number = |text: Option<&str>| text.map(str::to_owned);
    Result {
        success: result.success,
        completion: result.completion,
        duration: result.duration.as_deref().map(str::to_owned),
        score: result.score.as_ref().map(|score| Score {
            scaled: number(score.scaled),
            raw: number(score.raw),
            min: number(score.min),
            max: number(score.max),
        }),
    }
}
