//! Sessions that were launched here, as their owner sees them.

use storage::{FactKey, Tenant};
use uuid::Uuid;

use super::records::LaunchedSession;
use super::{Owner, keys};
use crate::sessions::{self, Known, decode, records};
use crate::{Error, Lrs, abandon};

/// A session, and what only launched ones have.
#[derive(Debug, Clone)]
pub struct Launched {
    pub known: Known,
    pub beside: LaunchedSession,
}

/// The session id behind a number.
///
/// # Errors
/// [`Error::NotFound`], and when the store cannot be read.
pub fn by_number(lrs: &Lrs, owner: &Owner, number: u64) -> Result<String, Error> {
    super::by_number(lrs, owner, keys::Numbered::Session, number)?
        .ok_or(Error::NotFound("there is no such session"))
}

/// # Errors
/// [`Error::NotFound`] for one that was not launched here or is another's.
pub fn read(lrs: &Lrs, owner: &Owner, id: &str) -> Result<Launched, Error> {
    let tenant = owner.caller.tenant();
    let unknown = || Error::NotFound("there is no such session");
    let beside = beside(lrs, tenant, id)?
        .filter(|beside| owner.sees(beside.launch_tenant))
        .ok_or_else(unknown)?;
    let known = sessions::read(lrs, tenant, id)?.ok_or_else(unknown)?;
    Ok(Launched { known, beside })
}

/// What only launched sessions have.
///
/// # Errors
/// When the store cannot be read or is damaged.
pub(super) fn beside(
    lrs: &Lrs,
    tenant: Tenant,
    id: &str,
) -> Result<Option<LaunchedSession>, Error> {
    if !sessions::keys::is_usable(id) {
        return Ok(None);
    }
    let wanted = FactKey::Record(keys::launched_session(id));
    let record = records(lrs, tenant, &[wanted])?
        .into_iter()
        .next()
        .flatten();
    record
        .map(|record| decode(&record, "launched session", id))
        .transpose()
}

/// Ends a session for its AU. One that has ended stays as it is.
///
/// # Errors
/// [`Error::NotFound`], and when the store cannot be read or written.
pub async fn abandon(lrs: &Lrs, owner: &Owner, id: &str) -> Result<(), Error> {
    read(lrs, owner, id)?;
    match abandon::abandon(lrs, &owner.caller, id).await {
        Ok(_) | Err(Error::Conflict { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Ends a session if it is open.
pub(super) async fn abandon_open(lrs: &Lrs, owner: &Owner, id: &str) -> Result<(), Error> {
    match abandon::abandon(lrs, &owner.caller, id).await {
        Ok(_) | Err(Error::Conflict { .. } | Error::NotFound(_)) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Whether what is known of a registration, if anything is, was launched for this owner.
///
/// # Errors
/// When the store cannot be read or is damaged.
pub(super) fn is_own(lrs: &Lrs, owner: &Owner, registration: Uuid) -> Result<bool, Error> {
    let tenant = owner.caller.tenant();
    let Some(newest) = crate::enforce::newest_session(lrs, tenant, registration)? else {
        return Ok(true);
    };
    let beside = beside(lrs, tenant, &newest)?;
    Ok(beside.is_some_and(|beside| owner.sees(beside.launch_tenant)))
}
