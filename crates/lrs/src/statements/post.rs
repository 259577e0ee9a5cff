//! Storing statements: POST and PUT, with the contents that came along (xAPI 1.0.3 Communication 2.1).

use cmi5::Seen;
use storage::{Batch, Op};
use uuid::Uuid;
use xapi::statement::parse_actor;
use xapi::{Statement, Violation};

use super::decide::{Looked, look, write};
use super::prepare::{Prepared, prepare};
use super::{judge, new_id, own};
use crate::attachment::{self, Part};
use crate::commit::{Decision, decide_and_commit};
use crate::credential::Permission;
use crate::enforce::{self, Reading, Ruling};
use crate::known::{learn, lessons};
use crate::queue::QueueKey;
use crate::{Caller, Error, Lrs, refusals, requirement};

/// A request's statements as received.
pub struct Incoming<'a> {
    /// JSON text.
    pub body: &'a str,
    /// Contents of a multipart request.
    pub parts: &'a [Part],
}

/// What was stored, or was stored already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// In the request's order.
    pub ids: Vec<Uuid>,
    /// Rules that were broken and did not keep it from being stored, each once.
    pub flagged: Vec<&'static str>,
}

/// Stores one statement or many, all or none. A statement that is stored already counts as stored.
///
/// # Errors
/// All rules that the request breaks, in one answer; nothing is stored then.
pub async fn post(lrs: &Lrs, caller: &Caller, incoming: Incoming<'_>) -> Result<Stored, Error> {
    caller.needs(Permission::WriteStatements)?;
    let limits = &lrs.settings.limits;
    let body = incoming.body;
    let statements = xapi::statement::parse_batch(body, caller.version, limits)
        .map_err(|violations| judge::refusal(lrs, caller, body, None, violations))?;
    store(lrs, caller, &statements, incoming, None).await
}

/// Stores one statement under the id of the request's `statementId`.
///
/// # Errors
/// As [`post`], and when the statement names another id.
pub async fn put(
    lrs: &Lrs,
    caller: &Caller,
    id: Uuid,
    incoming: Incoming<'_>,
) -> Result<Stored, Error> {
    caller.needs(Permission::WriteStatements)?;
    let limits = &lrs.settings.limits;
    let body = incoming.body;
    let statement = xapi::statement::parse_one(body, caller.version, limits)
        .map_err(|violations| judge::refusal(lrs, caller, body, Some(id), violations))?;
    if let Some(own) = statement.id.filter(|&own| own != id) {
        return Err(Violation::new(
            requirement::PUT_ID_MISMATCH,
            "/id",
            format!("the request's statementId `{id}`, or no id"),
            own.to_string(),
        )
        .in_statement(0)
        .into());
    }
    store(lrs, caller, &[statement], incoming, Some(id)).await
}

async fn store(
    lrs: &Lrs,
    caller: &Caller,
    statements: &[Statement<'_>],
    incoming: Incoming<'_>,
    put_id: Option<Uuid>,
) -> Result<Stored, Error> {
    let parts = incoming.parts;
    attachment::check(statements, parts).map_err(|error| match error {
        Error::Violations(found) => judge::refusal(lrs, caller, incoming.body, put_id, found),
        other => other,
    })?;
    let authority_text = &caller.credential.authority;
    let authority_actor = parse_actor(authority_text, "/authority")
        .expect("a credential's authority is an agent, it was made so when the key was added");
    let prepared: Vec<Prepared<'_>> = statements
        .iter()
        .map(|statement| {
            let id = put_id.or(statement.id).unwrap_or_else(new_id);
            prepare(
                &lrs.store,
                statement,
                id,
                authority_text,
                &authority_actor,
                caller.version,
                parts,
            )
        })
        .collect();
    let ids = prepared.iter().map(|prepared| prepared.id).collect();
    let seen = judge::seen(caller, statements);
    let ruling = commit(lrs, caller, &prepared, &seen, parts, put_id).await?;
    if ruling.is_rejected() {
        return Err(refusals::reject(lrs, caller, ruling));
    }
    let flagged = ruling.requirements();
    Ok(Stored { ids, flagged })
}

async fn commit(
    lrs: &Lrs,
    caller: &Caller,
    prepared: &[Prepared<'_>],
    seen: &[Option<Seen<'_>>],
    parts: &[Part],
    put_id: Option<Uuid>,
) -> Result<Ruling, Error> {
    let tenant = caller.tenant();
    let news = if caller.may_define() {
        let all = prepared
            .iter()
            .flat_map(|prepared| lessons(prepared.statement))
            .collect();
        lrs.known.news(tenant, all)
    } else {
        Vec::new()
    };
    let records = news
        .iter()
        .map(|lesson| QueueKey::Record(tenant, lesson.record()));
    let targets = prepared
        .iter()
        .filter_map(|prepared| prepared.reference)
        .map(|target| QueueKey::Statement(tenant, target));
    let mut turns: Vec<QueueKey> = records.chain(targets).collect();
    turns.extend(enforce::turns(caller, seen));
    let mut assumed = Some(Looked::assume_new(prepared));
    let (ruling, committed) = decide_and_commit(lrs, turns, || {
        let judge = |looked: &Looked, reading| {
            judge::rule(lrs, caller, prepared, seen, looked, put_id, reading)
        };
        let first = match assumed.take() {
            Some(looked) => Some((judge(&looked, Reading::OfToken)?, looked)),
            None => None,
        };
        // Nothing is found wrong but by what the store says.
        let (mut ruling, looked) = match first.filter(|(ruling, _)| ruling.findings.is_empty()) {
            Some(judged) => judged,
            None => {
                let looked = look(&lrs.store, tenant, prepared)?;
                (judge(&looked, Reading::Fresh)?, looked)
            }
        };
        let refused = ruling.is_rejected();
        if !refused {
            looked.agree()?;
        }
        if refused || looked.new.is_empty() {
            return Ok(Decision {
                batch: None,
                answer: ruling,
            });
        }
        let generated = std::mem::take(&mut ruling.generated);
        let parsed = own::parsed(&generated)?;
        let (mut asserts, mut ops) = write(
            &lrs.store,
            tenant,
            looked,
            prepared,
            &own::prepared(&lrs.store, &parsed),
        )?;
        asserts.append(&mut ruling.asserts);
        ops.append(&mut ruling.ops);
        if !news.is_empty() {
            let (learned, lessons) = learn(&lrs.store, tenant, &news)?;
            asserts.extend(learned);
            ops.extend(lessons);
        }
        ops.extend(parts.iter().filter_map(|part| {
            Some(Op::PutBlob {
                sha2: attachment::sha2(&part.sha2)?,
                upload: part.upload,
                length: part.length,
            })
        }));
        Ok(Decision {
            batch: Some(Batch {
                tenant,
                asserts,
                ops,
            }),
            answer: ruling,
        })
    })
    .await?;
    if committed.is_some() {
        lrs.known.remember(tenant, &news);
    }
    Ok(ruling)
}
