//! Launch tenants: each is an LMS that launches here, with courses, registrations and tokens of its own. What it writes
//! lies in the store tenant of the key that made it, and no key of another store tenant learns of it. Its code is
//! unique among those of its store tenant, so that nobody learns of another's codes either.

use serde::{Deserialize, Serialize};
use storage::batch::RecordKind;
use storage::{Assert, Batch, FactKey, Op, Tenant};
use xapi::Violation;

use super::numbers::SERVER;
use super::{Page, deletion, keys, numbers, tokens};
use crate::commit::{Decision, decide_and_commit};
use crate::credential::Permission;
use crate::queue::QueueKey;
use crate::reports::Part;
use crate::reports::link::{Filters, rows_max};
use crate::sessions::{decode, put, records};
use crate::{Caller, Error, Lrs, requirement};

const CODE_BYTES_MAX: usize = 255;
/// Records looked at in one go.
const PAGE: usize = 500;

/// As it stands in the store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaunchTenant {
    pub number: u64,
    pub code: String,
    /// The store tenant: that of the key that made it.
    pub tenant: u32,
    /// Name of that key.
    pub made_by: String,
    /// That key's authority becomes that of the statements.
    pub authority: String,
    /// Microseconds since 1970.
    pub created_at: i64,
    /// Gone for everybody; what belongs to it is being removed.
    #[serde(default)]
    pub deleted: bool,
}

/// What happens when there is a launch tenant with the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum IfExists {
    #[default]
    Refuse,
    Return,
}

/// Makes a launch tenant for the caller's store tenant.
///
/// # Errors
/// [`Error::Forbidden`] without the scope `admin`, [`Error::Violations`] for a code that is none, [`Error::Exists`].
pub async fn create(
    lrs: &Lrs,
    caller: &Caller,
    code: &str,
    if_exists: IfExists,
) -> Result<LaunchTenant, Error> {
    caller.needs(Permission::Administer)?;
    check_code(code)?;
    let tenant = caller.tenant();
    if let Some(existing) = with_code(lrs, tenant, code)? {
        return exists(existing, if_exists);
    }
    let made = LaunchTenant {
        number: numbers::take(lrs).await?,
        code: code.to_owned(),
        tenant: tenant.0,
        made_by: caller.credential.name.clone(),
        authority: caller.credential.authority.clone(),
        created_at: lrs.now(),
        deleted: false,
    };
    let code_key = keys::launch_tenant_code(tenant, code);
    let turn = QueueKey::Record(SERVER, code_key.clone());
    let (launch_tenant, _) = decide_and_commit(lrs, vec![turn], || {
        if let Some(existing) = with_code(lrs, tenant, code)? {
            return Ok(Decision {
                batch: None,
                answer: exists(existing, if_exists)?,
            });
        }
        Ok(Decision {
            batch: Some(Batch {
                tenant: SERVER,
                asserts: vec![Assert::RecordVersion(code_key.clone(), 0)],
                ops: vec![
                    put(keys::launch_tenant(made.number), &made),
                    put(code_key.clone(), &made.number),
                ],
            }),
            answer: made.clone(),
        })
    })
    .await?;
    Ok(launch_tenant)
}

/// Deletes a launch tenant: none of its tokens counts from now on, and its code is free. Statements and documents stay.
/// What is unknown, or another store tenant's, counts as deleted.
///
/// # Errors
/// [`Error::Forbidden`] without the scope `admin`. When it fails later, the tenant is gone, and [`resume`] goes on
/// with what belonged to it.
pub async fn delete(lrs: &Lrs, caller: &Caller, number: u64) -> Result<(), Error> {
    match begin_deletion(lrs, caller, number).await? {
        Some(gone) => finish_deletion(lrs, &gone).await,
        None => Ok(()),
    }
}

/// From here on the launch tenant is gone for everybody, whatever happens to [`finish_deletion`]. Answers what is to be
/// finished.
///
/// # Errors
/// [`Error::Forbidden`] without the scope `admin`; when the store cannot be read or written.
pub async fn begin_deletion(
    lrs: &Lrs,
    caller: &Caller,
    number: u64,
) -> Result<Option<LaunchTenant>, Error> {
    caller.needs(Permission::Administer)?;
    let key = keys::launch_tenant(number);
    let turn = QueueKey::Record(SERVER, key.clone());
    let (found, _) = decide_and_commit(lrs, vec![turn], || {
        let found = read(lrs, number)?.filter(|(_, found)| found.tenant == caller.tenant().0);
        let batch = match &found {
            Some((version, found)) if !found.deleted => {
                let gone = LaunchTenant {
                    deleted: true,
                    ..found.clone()
                };
                let code = keys::launch_tenant_code(caller.tenant(), &found.code);
                Some(Batch {
                    tenant: SERVER,
                    asserts: vec![Assert::RecordVersion(key.clone(), *version)],
                    ops: vec![put(key.clone(), &gone), Op::DeleteRecord(code)],
                })
            }
            Some(_) | None => None,
        };
        Ok(Decision {
            batch,
            answer: found.map(|(_, found)| found),
        })
    })
    .await?;
    Ok(found)
}

/// Goes on with what a crash has left of deleted launch tenants: nothing, mostly.
///
/// # Errors
/// When the store cannot be read or written.
pub async fn resume(lrs: &Lrs) -> Result<(), Error> {
    let kind = RecordKind::LaunchTenant;
    let mut after: Option<Vec<u8>> = None;
    loop {
        let store = &lrs.store;
        let page =
            store.records_page(SERVER, kind, keys::LAUNCH_TENANTS, after.as_deref(), PAGE)?;
        for (key, record) in &page {
            let found: LaunchTenant = decode(record, "launch tenant", &hex::encode(&key.key))?;
            if found.deleted {
                finish_deletion(lrs, &found).await?;
            }
        }
        match page.last() {
            Some((key, _)) if page.len() == PAGE => after = Some(key.key.clone()),
            Some(_) | None => return Ok(()),
        }
    }
}

/// Removes the tokens and courses of a launch tenant that has been deleted, what hangs on them, and its record last.
/// Done again after a failure, it goes on where it was.
///
/// # Errors
/// When the store cannot be read or written.
pub async fn finish_deletion(lrs: &Lrs, gone: &LaunchTenant) -> Result<(), Error> {
    tokens::remove_all(lrs, gone.number).await?;
    deletion::delete_all(lrs, &tokens::owner(gone)).await?;
    decide_and_commit(lrs, Vec::new(), || {
        Ok(Decision {
            batch: Some(Batch {
                tenant: SERVER,
                asserts: Vec::new(),
                ops: vec![Op::DeleteRecord(keys::launch_tenant(gone.number))],
            }),
            answer: (),
        })
    })
    .await?;
    Ok(())
}

/// # Errors
/// [`Error::Forbidden`] without the scope `admin`, [`Error::NotFound`] also for another store tenant's.
pub fn get(lrs: &Lrs, caller: &Caller, number: u64) -> Result<LaunchTenant, Error> {
    Ok(versioned(lrs, caller, number)?.1)
}

/// Those of the caller's store tenant, in the order of their codes.
///
/// # Errors
/// [`Error::Forbidden`] without the scope `admin`, [`Error::Violations`] for a cursor of another list.
pub fn list(lrs: &Lrs, caller: &Caller, part: &Part) -> Result<Page<LaunchTenant>, Error> {
    caller.needs(Permission::Administer)?;
    let tenant = caller.tenant();
    let filters = Filters::of("launch-tenants").and("tenant", Some(&tenant.0.to_string()));
    let after = filters.key(lrs, part)?;
    let rows_max = rows_max(lrs, part);
    let prefix = keys::launch_tenant_codes(tenant);
    let codes = lrs.store.records_page(
        SERVER,
        RecordKind::LaunchTenant,
        &prefix,
        after.as_deref(),
        rows_max,
    )?;
    let more = (codes.len() == rows_max)
        .then(|| codes.last())
        .flatten()
        .map(|(key, _)| filters.more_behind(lrs, &key.key));
    let mut launch_tenants = Vec::with_capacity(codes.len());
    for (key, record) in codes {
        let number = decode(&record, "launch tenant", &hex::encode(&key.key))?;
        // It may have been deleted after the codes were read.
        launch_tenants.extend(known(lrs, number)?);
    }
    Ok(Page {
        entries: launch_tenants,
        more,
    })
}

/// What the caller may change, and the version of its record.
pub(super) fn versioned(
    lrs: &Lrs,
    caller: &Caller,
    number: u64,
) -> Result<(u64, LaunchTenant), Error> {
    caller.needs(Permission::Administer)?;
    read(lrs, number)?
        .filter(|(_, found)| !found.deleted && found.tenant == caller.tenant().0)
        .ok_or(Error::NotFound("there is no such launch tenant"))
}

fn with_code(lrs: &Lrs, tenant: Tenant, code: &str) -> Result<Option<LaunchTenant>, Error> {
    let key = keys::launch_tenant_code(tenant, code);
    let found = records(lrs, SERVER, &[FactKey::Record(key)])?;
    match found.into_iter().next().flatten() {
        None => Ok(None),
        Some(record) => known(lrs, decode(&record, "launch tenant", code)?),
    }
}

/// # Errors
/// [`Error::NotFound`] when it was deleted, and when the store cannot be read.
pub(super) fn is_there(lrs: &Lrs, number: u64) -> Result<(), Error> {
    let found = known(lrs, number)?;
    found
        .map(drop)
        .ok_or(Error::NotFound("there is no such launch tenant"))
}

fn known(lrs: &Lrs, number: u64) -> Result<Option<LaunchTenant>, Error> {
    let found = read(lrs, number)?.map(|(_, found)| found);
    Ok(found.filter(|found| !found.deleted))
}

fn read(lrs: &Lrs, number: u64) -> Result<Option<(u64, LaunchTenant)>, Error> {
    let key = FactKey::Record(keys::launch_tenant(number));
    match records(lrs, SERVER, &[key])?.into_iter().next().flatten() {
        None => Ok(None),
        Some(record) => {
            let found = decode(&record, "launch tenant", &number.to_string())?;
            Ok(Some((record.version, found)))
        }
    }
}

fn exists(existing: LaunchTenant, if_exists: IfExists) -> Result<LaunchTenant, Error> {
    match if_exists {
        IfExists::Return => Ok(existing),
        IfExists::Refuse => Err(Error::Exists {
            message: format!("there is a launch tenant with the code `{}`", existing.code),
            number: existing.number,
        }),
    }
}

/// Logs show it, so that it is one line.
fn check_code(code: &str) -> Result<(), Error> {
    if (1..=CODE_BYTES_MAX).contains(&code.len()) && !code.contains(char::is_control) {
        return Ok(());
    }
    Err(Violation::new(
        requirement::LAUNCH,
        "/code",
        format!("1 to {CODE_BYTES_MAX} bytes of text without control characters"),
        code,
    )
    .into())
}
