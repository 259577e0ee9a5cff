//! Walks every index against the statements and rows and back, on one snapshot and in bounded memory.
//!
//! Forward: for each statement every key that it must have is looked up and counted. Back: when a family holds as
//! many keys as were found, there is none too many; only when the counts differ are its keys checked one by one.

use rocksdb::{DB, DBPinnableSlice, ReadOptions, SnapshotWithThreadMode};

use super::Engine;
use super::keys::{self, Family};
use crate::Seq;
use crate::error::hex;
use crate::verify::{Problem, Report};

mod blobs;
mod documents;
mod orphans;
mod pending;
mod rows;
mod statements;
#[cfg(test)]
mod tests;

impl Engine {
    /// Checks everything that is stored. Blocks, for minutes on a large store.
    pub(crate) fn verify(&self) -> Report {
        let snapshot = self.db.snapshot();
        let source = Source {
            engine: self,
            snapshot: &snapshot,
        };
        let mut report = Report::default();
        let last = statements::check(&source, &mut report);
        let last = last.max(rows::check(&source, &mut report));
        check_last_seq(&source, last, &mut report);
        pending::check(&source, &mut report);
        documents::check(&source, &mut report);
        documents::check_records(&source, &mut report);
        blobs::check(&source, &mut report);
        report
    }
}

/// What [`Family::Meta`] keeps so that no place is assigned twice.
fn check_last_seq(source: &Source<'_>, last: Seq, report: &mut Report) {
    let kept = source
        .get(Family::Meta, keys::META_LAST_SEQ, report)
        .and_then(|value| <[u8; 8]>::try_from(&*value).ok())
        .map_or(0, u64::from_be_bytes);
    if kept < last.0 {
        let detail = format!("the last place is kept as {kept}, and {} is taken", last.0);
        problem(report, Family::Meta, keys::META_LAST_SEQ, detail);
    }
}

/// The store as it was when the check began.
struct Source<'e> {
    engine: &'e Engine,
    snapshot: &'e SnapshotWithThreadMode<'e, DB>,
}

impl Source<'_> {
    /// Visits all keys of a family that begin with `prefix`. What cannot be read is a problem, and ends the walk.
    fn each(
        &self,
        family: Family,
        prefix: &[u8],
        report: &mut Report,
        mut visit: impl FnMut(&mut Report, &[u8], &[u8]),
    ) {
        let mut options = ReadOptions::default();
        options.set_total_order_seek(true);
        // A check must not drive out of the cache what requests need.
        options.fill_cache(false);
        if let Some(end) = keys::prefix_end(prefix) {
            options.set_iterate_upper_bound(end);
        }
        let mut iterator = self
            .snapshot
            .raw_iterator_cf_opt(self.engine.family(family), options);
        iterator.seek(prefix);
        while let Some((key, value)) = iterator.item() {
            visit(report, key, value);
            iterator.next();
        }
        if let Err(error) = iterator.status() {
            problem(report, family, &[], format!("cannot be read: {error}"));
        }
    }

    fn count(&self, family: Family, prefix: &[u8], report: &mut Report) -> u64 {
        let mut count = 0;
        self.each(family, prefix, report, |_, _, _| count += 1);
        count
    }

    fn get(&self, family: Family, key: &[u8], report: &mut Report) -> Option<DBPinnableSlice<'_>> {
        // Unlike walks, look-ups use the cache: without its index and filter in it, each would read and check both again,
        // which takes minutes for what takes seconds in a store that was just opened.
        let options = ReadOptions::default();
        let found = self
            .snapshot
            .get_pinned_cf_opt(self.engine.family(family), key, options);
        found.unwrap_or_else(|error| {
            problem(report, family, key, format!("cannot be read: {error}"));
            None
        })
    }
}

fn problem(report: &mut Report, family: Family, key: &[u8], detail: impl Into<String>) {
    report.add(Problem {
        family: family.name(),
        key: hex(key),
        detail: detail.into(),
    });
}
