//! Statements of the LRS's own: generated ones that are stored as if they had been sent.

use storage::{Assert, Op, Store, Tenant};
use uuid::Uuid;
use xapi::statement::{Actor, parse_actor, parse_one};
use xapi::{Limits, Statement, Version};

use super::decide::{Looked, Own, write};
use super::prepare::prepare;
use crate::enforce::Generated;
use crate::{Error, Lrs};

/// A new id, random.
pub(crate) fn new_id() -> Uuid {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}

/// A generated statement as it is parsed, and its authority.
type Parsed<'a> = (Statement<'a>, Actor<'a>, &'a Generated);

/// Generated statements as they are parsed.
///
/// # Errors
/// When one is no valid statement: what it was made of is not what it should be.
pub(super) fn parsed(generated: &[Generated]) -> Result<Vec<Parsed<'_>>, Error> {
    generated
        .iter()
        .map(|one| {
            let statement = parse_one(&one.text, Version::V1_0_3, &Limits::default());
            let authority = parse_actor(&one.authority, "/authority");
            match (statement, authority) {
                (Ok(statement), Ok(authority)) => Ok((statement, authority, one)),
                (Err(wrong), _) | (_, Err(wrong)) => Err(Error::damaged(
                    "a statement of our own",
                    one.id,
                    format!("{wrong:?}"),
                )),
            }
        })
        .collect()
}

/// Generated statements ready to be stored.
pub(super) fn prepared<'a>(store: &Store, parsed: &'a [Parsed<'a>]) -> Vec<Own<'a>> {
    parsed
        .iter()
        .map(|(statement, actor, one)| Own {
            prepared: prepare(
                store,
                statement,
                one.id,
                &one.authority,
                actor,
                Version::V1_0_3,
                &[],
            ),
            behind: one.behind,
        })
        .collect()
}

/// What stores generated statements with which no others come, in their order.
///
/// # Errors
/// When the store cannot be read.
pub(crate) fn generated(
    lrs: &Lrs,
    tenant: Tenant,
    statements: &[Generated],
) -> Result<(Vec<Assert>, Vec<Op>), Error> {
    let parsed = parsed(statements)?;
    let own = prepared(&lrs.store, &parsed);
    write(&lrs.store, tenant, Looked::assume_new(&[]), &[], &own)
}
