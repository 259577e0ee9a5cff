//! Finding rows: intersecting terms by leapfrogging over cursors on one snapshot.
//!
//! Whichever cursor lags is sent to the place of the one that leads, so the keys touched are bounded by the rarest
//! group, not by the commonest. Nothing is filtered that a seek could skip, nothing counted, nothing sorted.

use std::ops::RangeInclusive;

use rocksdb::{ColumnFamily, DB, ReadOptions, SnapshotWithThreadMode};

use super::keys::{self, Family};
use super::{Engine, read};
use crate::query::{Order, Page, Query, Row};
use crate::{Error, Seq, Tenant};

mod cursor;
mod group;
mod place;
#[cfg(test)]
mod tests;

use cursor::{TermCursor, Touched, above};
use group::{Asks, Group};
use place::{Rank, places};

/// What all cursors of a scan share.
struct Source<'d> {
    snapshot: &'d SnapshotWithThreadMode<'d, DB>,
    terms: &'d ColumnFamily,
    tenant: Tenant,
    order: Order,
    touched: Touched,
}

/// Places found in the index, and where to go on.
struct Found {
    seqs: Vec<Seq>,
    next: Option<Seq>,
}

impl Engine {
    /// One page of rows, read from one snapshot. Blocks.
    ///
    /// # Errors
    /// When the disk fails, a record cannot be read, or the index names a statement that is not there.
    pub(crate) fn scan(&self, query: &Query) -> Result<Page, Error> {
        let Some(places) = places(query) else {
            return Ok(Page::default());
        };
        let snapshot = self.db.snapshot();
        if query.groups.is_empty() && query.scope.is_empty() {
            return self.list(query, &snapshot, &places);
        }
        let source = Source {
            snapshot: &snapshot,
            terms: self.family(Family::Terms),
            tenant: query.tenant,
            order: query.order,
            touched: Touched::default(),
        };
        let found = intersect(query, &source, &places)?;
        Ok(Page {
            rows: self.rows(query.tenant, &found.seqs, &snapshot)?,
            next: found.next,
            keys_touched: source.touched.get(),
        })
    }

    /// All statements in their own order, which is that of the records.
    fn list(
        &self,
        query: &Query,
        snapshot: &SnapshotWithThreadMode<'_, DB>,
        places: &RangeInclusive<Seq>,
    ) -> Result<Page, Error> {
        let mut options = ReadOptions::default();
        options.set_iterate_lower_bound(keys::statement(query.tenant, *places.end()));
        options.set_iterate_upper_bound(above(keys::statement(query.tenant, *places.start())));
        let statements = self.family(Family::Statements);
        let mut iterator = snapshot.raw_iterator_cf_opt(statements, options);
        match query.order {
            Order::NewestFirst => iterator.seek_to_first(),
            Order::OldestFirst => iterator.seek_to_last(),
        }
        let mut page = Page::default();
        // One key more than the rows tells whether there are more.
        let rows_max = query.rows_max.min(query.keys_max.saturating_sub(1).max(1));
        while let Some((key, record)) = iterator.item() {
            page.keys_touched += 1;
            let seq = seq_of(key)?;
            if page.rows.len() >= rows_max {
                page.next = Some(ended_at(&page.rows, seq, query.order));
                return Ok(page);
            }
            page.rows
                .push(read::row(Family::Statements, seq, key, record, None)?);
            match query.order {
                Order::NewestFirst => iterator.next(),
                Order::OldestFirst => iterator.prev(),
            }
        }
        iterator.status().map_err(failed)?;
        Ok(page)
    }

    /// The records at these places, in this order.
    fn rows(
        &self,
        tenant: Tenant,
        seqs: &[Seq],
        snapshot: &SnapshotWithThreadMode<'_, DB>,
    ) -> Result<Vec<Row>, Error> {
        let keys: Vec<_> = seqs
            .iter()
            .map(|seq| keys::statement(tenant, *seq))
            .collect();
        let mut options = ReadOptions::default();
        options.set_snapshot(snapshot);
        let sorted = keys.is_sorted();
        let statements = self.family(Family::Statements);
        let records = self
            .db
            .batched_multi_get_cf_opt(statements, &keys, sorted, &options);
        let mut rows = Vec::with_capacity(seqs.len());
        for ((key, seq), record) in keys.iter().zip(seqs).zip(records) {
            let record = record.map_err(failed)?.ok_or_else(|| {
                let detail = "the index names a statement that is not there";
                Error::corrupt(Family::Statements.name(), key, detail)
            })?;
            rows.push(read::row(Family::Statements, *seq, key, &record, None)?);
        }
        Ok(rows)
    }
}

/// Walks all groups to their common places.
///
/// A round asks every group for one place; the first that has nothing there names the next place to ask for, and is
/// asked first from then on: the rarest group comes to lead by itself, without estimates.
fn intersect<'d>(
    query: &Query,
    source: &'d Source<'d>,
    places: &RangeInclusive<Seq>,
) -> Result<Found, Error> {
    let order = query.order;
    let mut groups = open(query, source, places);
    // A cursor is stepped once and then sent.
    let round_max = 2 * groups
        .iter()
        .map(|group| group.cursors.len())
        .sum::<usize>();
    let mut found = Found {
        seqs: Vec::new(),
        next: None,
    };
    let mut target = match order {
        Order::NewestFirst => Rank::of(*places.end(), order),
        Order::OldestFirst => Rank::of(*places.start(), order),
    };
    loop {
        let touched = source.touched.get();
        if touched > 0 && touched + round_max > query.keys_max {
            found.next = Some(target.before().seq(order));
            return Ok(found);
        }
        match meet(&mut groups, target)? {
            Round::Over => return Ok(found),
            Round::Ahead(rank) => {
                target = rank;
                continue;
            }
            Round::Met if !is_row(&groups, target) => {}
            Round::Met if found.seqs.len() >= query.rows_max => {
                let before = target.before().seq(order);
                found.next = Some(found.seqs.last().copied().unwrap_or(before));
                return Ok(found);
            }
            Round::Met => found.seqs.push(target.seq(order)),
        }
        match target.next() {
            Some(next) => target = next,
            None => return Ok(found),
        }
    }
}

fn open<'d>(query: &Query, source: &'d Source<'d>, places: &RangeInclusive<Seq>) -> Vec<Group<'d>> {
    let groups = query
        .groups
        .iter()
        .map(|terms| (Asks::OneOfTheChain, terms));
    let scope = query.scope.iter().map(|terms| (Asks::TheRowItself, terms));
    scope
        .chain(groups)
        .map(|(asks, terms)| {
            let cursors = terms
                .iter()
                .map(|term| TermCursor::open(source, *term, places));
            Group {
                asks,
                cursors: cursors.collect(),
            }
        })
        .collect()
}

enum Round {
    /// Every group has something at the place asked for.
    Met,
    /// The first place behind it at which all groups could meet.
    Ahead(Rank),
    /// A group has nothing more.
    Over,
}

fn meet(groups: &mut [Group<'_>], target: Rank) -> Result<Round, Error> {
    for (index, group) in groups.iter_mut().enumerate() {
        match group.seek(target)? {
            None => return Ok(Round::Over),
            Some(rank) if rank > target => {
                groups.get_mut(..=index).unwrap_or_default().rotate_right(1);
                return Ok(Round::Ahead(rank));
            }
            Some(_) => {}
        }
    }
    Ok(Round::Met)
}

/// Whether one statement of the chain satisfies all filters, and the row itself its scope.
fn is_row(groups: &[Group<'_>], rank: Rank) -> bool {
    let mut common = u8::MAX;
    for group in groups {
        let chain = group.chain_at(rank);
        match group.asks {
            Asks::OneOfTheChain => common &= chain.0,
            Asks::TheRowItself if chain.0 & 1 == 0 => return false,
            Asks::TheRowItself => {}
        }
    }
    common != 0
}

/// The last row's place, or the one before `seq`, where the next row stands.
fn ended_at(rows: &[Row], seq: Seq, order: Order) -> Seq {
    rows.last()
        .map_or_else(|| Rank::of(seq, order).before().seq(order), |row| row.seq)
}

fn seq_of(key: &[u8]) -> Result<Seq, Error> {
    let (_, seq) = keys::parse_statement(key)
        .ok_or_else(|| Error::corrupt(Family::Statements.name(), key, "not a statement's key"))?;
    Ok(seq)
}

fn failed(error: rocksdb::Error) -> Error {
    Error::engine("scan the statements", error)
}
