//! Late propagation: a statement that arrives after statements that refer to it is found by its terms through them
//! too. The work stands in `pending`, so that it survives a restart, and is done in bounded writes between groups.

use rocksdb::{Direction, IteratorMode, ReadOptions};
use uuid::Uuid;

use super::group::Group;
use super::keys::{self, Family, PendingKey};
use super::values::{self, IdEntry};
use super::{Durability, Engine};
use crate::term::CHAIN_DEPTH_MAX;
use crate::{Chain, Error, Seq, Tenant, Term};

/// Bounds how long commits wait behind one step.
const REFERRERS_PER_STEP_MAX: usize = 128;

#[derive(Default)]
pub(super) struct Propagation {
    /// A step failed. It is tried again when the store is opened again; until then Consistent-Through stands still.
    failed: bool,
}

impl Propagation {
    pub(super) fn has_work(&self, engine: &Engine) -> bool {
        !self.failed && engine.clock.oldest_propagating().is_some()
    }

    pub(super) fn step(&mut self, engine: &Engine) {
        if self.failed {
            return;
        }
        if let Some((seq, (tenant, arrived))) = engine.clock.oldest_propagating()
            && let Err(error) = engine.propagate(seq, tenant, arrived)
        {
            tracing::error!(%error, "late propagation failed");
            self.failed = true;
        }
    }
}

impl Engine {
    /// One bounded piece of the work for a statement that arrived.
    pub(super) fn propagate(&self, seq: Seq, tenant: Tenant, arrived: Uuid) -> Result<(), Error> {
        let Some((item, cursor)) = self.next_pending(tenant, arrived)? else {
            self.clock.propagated(seq);
            return Ok(());
        };
        let referrers = self.referrers_after(&item, cursor)?;
        let mut group = Group::new(self, seq);
        let chain = group.chain(tenant, item.via)?;
        let mut last = cursor;
        for (seq, id) in &referrers {
            group.add_late_terms(&item, &chain, *seq, *id)?;
            last = *seq;
        }
        let pending = self.family(Family::Pending);
        if referrers.len() < REFERRERS_PER_STEP_MAX {
            group.write.delete_cf(pending, item.encode());
        } else {
            group
                .write
                .put_cf(pending, item.encode(), values::encode_cursor(last));
        }
        // A crash of the machine may lose this write, and then the item stands in the log before it: done again.
        self.write(group.write, Durability::Unsynced)
    }

    fn next_pending(
        &self,
        tenant: Tenant,
        arrived: Uuid,
    ) -> Result<Option<(PendingKey, Seq)>, Error> {
        let prefix = keys::id(tenant, arrived);
        let mut options = ReadOptions::default();
        if let Some(end) = keys::prefix_end(&prefix) {
            options.set_iterate_upper_bound(end);
        }
        let mode = IteratorMode::From(&prefix, Direction::Forward);
        let Some(item) = self
            .db
            .iterator_cf_opt(self.family(Family::Pending), options, mode)
            .next()
        else {
            return Ok(None);
        };
        let (key, value) =
            item.map_err(|error| Error::engine("read pending propagation", error))?;
        let corrupt = |detail: &str| Error::corrupt(Family::Pending.name(), &key, detail);
        let item = PendingKey::parse(&key).ok_or_else(|| corrupt("not a key of this family"))?;
        let cursor = values::decode_cursor(&value).map_err(|detail| corrupt(&detail))?;
        Ok(Some((item, cursor)))
    }

    /// The next statements that name `via`, above the cursor: places and ids.
    fn referrers_after(&self, item: &PendingKey, cursor: Seq) -> Result<Vec<(Seq, Uuid)>, Error> {
        let mut options = ReadOptions::default();
        if let Some(end) = keys::prefix_end(&keys::referrer_prefix(item.tenant, item.via)) {
            options.set_iterate_upper_bound(end);
        }
        let start = keys::referrer(item.tenant, item.via, Seq(cursor.0 + 1));
        let mode = IteratorMode::From(&start, Direction::Forward);
        self.db
            .iterator_cf_opt(self.family(Family::Referrers), options, mode)
            .take(REFERRERS_PER_STEP_MAX)
            .map(|item| {
                let (key, value) = item.map_err(|error| Error::engine("read referrers", error))?;
                let corrupt = |detail: &str| Error::corrupt(Family::Referrers.name(), &key, detail);
                let (_, _, seq) = keys::parse_referrer(&key)
                    .ok_or_else(|| corrupt("not a key of this family"))?;
                let id = values::decode_referrer(&value).map_err(|detail| corrupt(&detail))?;
                Ok((seq, id))
            })
            .collect()
    }

    fn has_referrers(&self, tenant: Tenant, target: Uuid) -> Result<bool, Error> {
        let item = PendingKey {
            tenant,
            arrived: target,
            via: target,
            distance: 1,
        };
        Ok(!self.referrers_after(&item, Seq(0))?.is_empty())
    }
}

impl Group<'_> {
    /// A statement that names `via` gets the terms of what arrived and of the chain behind it; those who refer to the
    /// statement come next. `chain` begins with `via`, and holds what arrived at `distance - 1`.
    fn add_late_terms(
        &mut self,
        item: &PendingKey,
        chain: &[(Uuid, Vec<Term>)],
        seq: Seq,
        id: Uuid,
    ) -> Result<(), Error> {
        let Some((nearer, late)) = chain.split_at_checked(usize::from(item.distance) - 1) else {
            return Ok(());
        };
        // A statement is never part of its own chain twice, so a cycle ends here.
        if id == item.arrived || nearer.iter().any(|(member, _)| *member == id) {
            return Ok(());
        }
        let Some(IdEntry::Stored(stored)) = self.id_entry(item.tenant, id)? else {
            return Ok(());
        };
        if stored.voided_by.is_none() {
            let family = self.engine.family(Family::Terms);
            for (depth, (member, terms)) in (u32::from(item.distance)..CHAIN_DEPTH_MAX).zip(late) {
                if *member == id {
                    break;
                }
                let Some(Chain(bit)) = Chain::at(depth) else {
                    break;
                };
                for term in terms {
                    self.write
                        .merge_cf(family, keys::term(item.tenant, *term, seq), [bit]);
                }
            }
        }
        let next = PendingKey {
            via: id,
            distance: item.distance + 1,
            ..*item
        };
        if u32::from(next.distance) < CHAIN_DEPTH_MAX
            && self.engine.has_referrers(item.tenant, id)?
        {
            let family = self.engine.family(Family::Pending);
            self.write
                .put_cf(family, next.encode(), values::encode_cursor(Seq(0)));
        }
        Ok(())
    }
}
