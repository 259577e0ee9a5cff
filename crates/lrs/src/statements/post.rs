//! Storing statements: POST and PUT, with the contents that came along (xAPI 1.0.3 Communication 2.1).

use storage::{Batch, Op};
use uuid::Uuid;
use xapi::statement::parse_actor;
use xapi::{Statement, Violation};

use super::decide::decide;
use super::prepare::{Prepared, prepare};
use crate::attachment::{self, Part};
use crate::commit::{Decision, decide_and_commit};
use crate::credential::Permission;
use crate::known::{learn, lessons};
use crate::queue::QueueKey;
use crate::{Caller, Error, Lrs, requirement};

/// A request's statements as received.
pub struct Incoming<'a> {
    /// JSON text.
    pub body: &'a str,
    /// Contents of a multipart request.
    pub parts: &'a [Part],
}

/// Stores one statement or many, all or none. Answers their ids in the request's order; a statement that is
/// stored already counts as stored.
///
/// # Errors
/// All rules that the request breaks, in one answer; nothing is stored then.
pub async fn post(lrs: &Lrs, caller: &Caller, incoming: Incoming<'_>) -> Result<Vec<Uuid>, Error> {
    caller.needs(Permission::WriteStatements)?;
    let limits = &lrs.settings.limits;
    let statements = xapi::statement::parse_batch(incoming.body, caller.version, limits)?;
    store(lrs, caller, &statements, incoming.parts, None).await
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
) -> Result<(), Error> {
    caller.needs(Permission::WriteStatements)?;
    let limits = &lrs.settings.limits;
    let statement = xapi::statement::parse_one(incoming.body, caller.version, limits)?;
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
    store(lrs, caller, &[statement], incoming.parts, Some(id)).await?;
    Ok(())
}

async fn store(
    lrs: &Lrs,
    caller: &Caller,
    statements: &[Statement<'_>],
    parts: &[Part],
    put_id: Option<Uuid>,
) -> Result<Vec<Uuid>, Error> {
    attachment::check(statements, parts)?;
    let authority_text = &caller.credential.authority;
    let authority_actor = parse_actor(authority_text, "/authority")
        .expect("a credential's authority is an agent, it was made so when the key was added");
    let prepared: Vec<Prepared<'_>> = statements
        .iter()
        .map(|statement| {
            let id = put_id.or(statement.id).unwrap_or_else(new_id);
            prepare(
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
    commit(lrs, caller, &prepared, parts).await?;
    Ok(ids)
}

async fn commit(
    lrs: &Lrs,
    caller: &Caller,
    prepared: &[Prepared<'_>],
    parts: &[Part],
) -> Result<(), Error> {
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
    decide_and_commit(lrs, records.chain(targets).collect(), || {
        let mut decided = decide(&lrs.store, tenant, prepared)?;
        if decided.new.is_empty() {
            return Ok(Decision {
                batch: None,
                answer: (),
            });
        }
        if !news.is_empty() {
            let (asserts, ops) = learn(&lrs.store, tenant, &news)?;
            decided.asserts.extend(asserts);
            decided.ops.extend(ops);
        }
        decided.ops.extend(parts.iter().filter_map(|part| {
            Some(Op::PutBlob {
                sha2: attachment::sha2(&part.sha2)?,
                upload: part.upload,
                length: part.length,
            })
        }));
        Ok(Decision {
            batch: Some(Batch {
                tenant,
                asserts: decided.asserts,
                ops: decided.ops,
            }),
            answer: (),
        })
    })
    .await?;
    lrs.known.remember(tenant, &news);
    Ok(())
}

fn new_id() -> Uuid {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}
