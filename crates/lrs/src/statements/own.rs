//! Statements of the LRS's own: generated ones that are stored as if they had been sent.

use storage::{Assert, Op, Tenant};
use uuid::Uuid;
use xapi::statement::{Actor, parse_actor, parse_one};
use xapi::{Limits, Statement, Version};

use super::decide::{look, write};
use super::prepare::{Prepared, prepare};
use crate::enforce::Generated;
use crate::{Error, Lrs};

/// A new id, random.
pub(crate) fn new_id() -> Uuid {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}

/// Generated statements as they are parsed.
pub(super) fn parsed(generated: &[Generated]) -> Vec<(Statement<'_>, Actor<'_>, &Generated)> {
    generated
        .iter()
        .map(|one| {
            let statement = parse_one(&one.text, Version::V1_0_3, &Limits::default())
                .expect("a statement that is made here is a valid one");
            let authority = parse_actor(&one.authority, "/authority")
                .expect("an authority is an agent, it was made so");
            (statement, authority, one)
        })
        .collect()
}

/// Generated statements ready to be stored.
pub(super) fn prepared<'a>(
    parsed: &'a [(Statement<'a>, Actor<'a>, &'a Generated)],
) -> Vec<Prepared<'a>> {
    parsed
        .iter()
        .map(|(statement, actor, one)| {
            prepare(
                statement,
                one.id,
                &one.authority,
                actor,
                Version::V1_0_3,
                &[],
            )
        })
        .collect()
}

/// What stores generated statements with which no others come.
///
/// # Errors
/// When the store cannot be read.
pub(crate) fn generated(
    lrs: &Lrs,
    tenant: Tenant,
    statements: &[Generated],
) -> Result<(Vec<Assert>, Vec<Op>), Error> {
    let parsed = parsed(statements);
    let prepared = prepared(&parsed);
    let looked = look(&lrs.store, tenant, &prepared)?;
    write(&lrs.store, tenant, looked, &prepared, &[])
}
