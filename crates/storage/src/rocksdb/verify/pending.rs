//! Work of late propagation that is still to do.

use uuid::Uuid;

use super::{Source, problem};
use crate::Tenant;
use crate::rocksdb::keys::{self, Family, PendingKey};
use crate::rocksdb::values::{self, IdEntry};
use crate::verify::Report;

/// Every piece of work is for a statement that is stored.
pub(super) fn check(source: &Source<'_>, report: &mut Report) {
    source.each(Family::Pending, &[], report, |report, key, value| {
        let Some(pending) = PendingKey::parse(key) else {
            return problem(report, Family::Pending, key, "not a key of this family");
        };
        if let Err(detail) = values::decode_cursor(value) {
            problem(report, Family::Pending, key, detail);
        }
        let id = keys::id(pending.tenant, pending.arrived);
        let entry = source.get(Family::Ids, &id, report);
        let entry = entry.map(|value| IdEntry::decode(&value));
        if !matches!(entry, Some(Ok(IdEntry::Stored(_)))) {
            let detail = format!("{} is not stored", pending.arrived);
            problem(report, Family::Pending, key, detail);
        }
    });
}

/// Whether statements that refer to this one do not have its terms yet.
pub(super) fn is_pending(
    source: &Source<'_>,
    tenant: Tenant,
    arrived: Uuid,
    report: &mut Report,
) -> bool {
    source.count(Family::Pending, &keys::id(tenant, arrived), report) > 0
}
