//! How strict each tenant is: the configuration's policies, or those that the API has set.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use cmi5::Policies;
use parking_lot::Mutex;
use storage::batch::{RecordKey, RecordKind};
use storage::fact::Record;
use storage::{Assert, Batch, FactKey, Op, Tenant};
use xapi::Violation;

use crate::commit::{Decision, decide_and_commit};
use crate::credential::Permission;
use crate::queue::QueueKey;
use crate::sessions::{decode, records};
use crate::{Caller, Error, Lrs, requirement};

/// How long another node's change may go unseen here.
const BELIEVED: Duration = Duration::from_secs(2);

/// Policies read before, by tenant.
#[derive(Default)]
pub struct Known(Mutex<HashMap<Tenant, (Instant, Arc<Policies>)>>);

/// The policies in force for a tenant.
///
/// # Errors
/// When the store cannot be read.
pub fn of(lrs: &Lrs, tenant: Tenant) -> Result<Arc<Policies>, Error> {
    if let Some((read, policies)) = lrs.policies.0.lock().get(&tenant)
        && read.elapsed() < BELIEVED
    {
        return Ok(Arc::clone(policies));
    }
    let policies = match read(lrs, tenant)? {
        Some(record) => Arc::new(decode(&record, "setting", "cmi5-policies")?),
        None => Arc::clone(&lrs.settings.cmi5),
    };
    remember(lrs, tenant, &policies);
    Ok(policies)
}

/// # Errors
/// [`Error::Forbidden`] for an AU, and when the store cannot be read.
pub fn get(lrs: &Lrs, caller: &Caller) -> Result<Arc<Policies>, Error> {
    caller.needs_lms()?;
    of(lrs, caller.tenant())
}

/// Sets the policies of the caller's tenant.
///
/// # Errors
/// [`Error::Forbidden`] without the scope `admin`, [`Error::Violations`] for rules that do not exist.
pub async fn put(lrs: &Lrs, caller: &Caller, policies: Policies) -> Result<Arc<Policies>, Error> {
    caller.needs(Permission::Administer)?;
    let unknown: Vec<Violation> = policies
        .unknown_rules()
        .into_iter()
        .map(|id| {
            Violation::new(
                requirement::POLICIES,
                format!("/rules/{id}"),
                "the id of a rule, as `GET /cmi5/v1/rules` lists them",
                id,
            )
        })
        .collect();
    if !unknown.is_empty() {
        return Err(Error::Violations(unknown));
    }
    let tenant = caller.tenant();
    let bytes = serde_json::to_vec(&policies).expect("policies are words and numbers");
    decide_and_commit(lrs, vec![QueueKey::Record(tenant, key())], || {
        let version = read(lrs, tenant)?.map_or(0, |record| record.version);
        Ok(Decision {
            batch: Some(Batch {
                tenant,
                asserts: vec![Assert::RecordVersion(key(), version)],
                ops: vec![Op::PutRecord(key(), bytes.clone())],
            }),
            answer: (),
        })
    })
    .await?;
    let policies = Arc::new(policies);
    remember(lrs, tenant, &policies);
    Ok(policies)
}

fn remember(lrs: &Lrs, tenant: Tenant, policies: &Arc<Policies>) {
    let entry = (Instant::now(), Arc::clone(policies));
    lrs.policies.0.lock().insert(tenant, entry);
}

fn read(lrs: &Lrs, tenant: Tenant) -> Result<Option<Record>, Error> {
    let found = records(lrs, tenant, &[FactKey::Record(key())])?;
    Ok(found.into_iter().next().flatten())
}

fn key() -> RecordKey {
    RecordKey {
        kind: RecordKind::Setting,
        key: b"cmi5-policies".to_vec(),
    }
}
