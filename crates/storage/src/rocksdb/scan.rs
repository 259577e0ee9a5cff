//! Finding rows: intersecting terms by leapfrogging over cursors on one snapshot.
//!
//! Whichever cursor lags is sent to the place of the one that leads, so the keys touched are bounded by the rarest
//! group, not by the commonest. Nothing is filtered that a seek could skip, nothing counted, nothing sorted.

use std::ops::RangeInclusive;

use rocksdb::{DB, ReadOptions, SnapshotWithThreadMode};

use super::keys::{self, Family};
use super::{Engine, values};
use crate::query::{Order, Page, Query};
use crate::row::{RowsPage, RowsQuery};
use crate::{Error, Seq, StoredStatement, Tenant, Term};

mod cursor;
mod group;
mod place;
#[cfg(test)]
mod tests;

use cursor::{TermCursor, Touched, above};
use group::{Asks, Group};
use place::{Rank, places};

/// Rows that are read from the disk at once: what a page may exceed its bytes by while it is made.
const READ_TOGETHER: usize = 64;

/// What is asked of an index, whatever its rows are.
struct Asked<'q> {
    tenant: Tenant,
    groups: &'q [Vec<Term>],
    /// Groups that the row itself must carry (bit 0 of its chain).
    scope: &'q [Vec<Term>],
    places: RangeInclusive<Seq>,
    order: Order,
    rows_max: usize,
    keys_max: usize,
}

/// A row from its place, key and value in this store.
type Read<T> = fn(&Engine, Seq, &[u8], &[u8]) -> Result<T, Error>;

/// Where rows lie, and how one is read.
struct Shelf<'q, T> {
    rows: Family,
    terms: Family,
    /// What their keys begin with; `!place` follows.
    prefix: &'q [u8],
    read: Read<T>,
    /// Bytes of a row.
    size: fn(&T) -> usize,
}

struct Listed<T> {
    rows: Vec<T>,
    next: Option<Seq>,
    keys_touched: usize,
}

/// What all cursors of a scan share.
struct Source<'d> {
    engine: &'d Engine,
    snapshot: &'d SnapshotWithThreadMode<'d, DB>,
    terms: Family,
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
    /// One page of statements, read from one snapshot. Blocks.
    ///
    /// # Errors
    /// When the disk fails, a record cannot be read, or the index names a statement that is not there.
    pub(crate) fn scan(&self, query: &Query) -> Result<Page, Error> {
        let Some(places) = places(query.after, query.up_to, query.order, query.cursor) else {
            return Ok(Page::default());
        };
        let asked = Asked {
            tenant: query.tenant,
            groups: &query.groups,
            scope: &query.scope,
            places,
            order: query.order,
            rows_max: query.rows_max,
            keys_max: query.keys_max,
        };
        let shelf = Shelf {
            rows: Family::Statements,
            terms: Family::Terms,
            prefix: &query.tenant.0.to_be_bytes(),
            read: statement,
            size: |row| row.content.text.len(),
        };
        let listed = self.find(&asked, &shelf)?;
        Ok(Page {
            rows: listed.rows,
            next: listed.next,
            keys_touched: listed.keys_touched,
        })
    }

    /// One page of a table's rows; otherwise as [`Engine::scan`].
    pub(crate) fn rows(&self, query: &RowsQuery) -> Result<RowsPage, Error> {
        let Some(places) = places(query.after, query.up_to, query.order, query.cursor) else {
            return Ok(RowsPage::default());
        };
        let asked = Asked {
            tenant: query.tenant,
            groups: &query.groups,
            scope: &[],
            places,
            order: query.order,
            rows_max: query.rows_max,
            keys_max: query.keys_max,
        };
        let shelf = Shelf {
            rows: Family::Rows,
            terms: Family::RowTerms,
            prefix: &keys::row_prefix(query.tenant, query.table),
            read: row,
            size: |(_, value)| value.len(),
        };
        let listed = self.find(&asked, &shelf)?;
        Ok(RowsPage {
            rows: listed.rows,
            next: listed.next,
            keys_touched: listed.keys_touched,
        })
    }

    fn find<T>(&self, asked: &Asked<'_>, shelf: &Shelf<'_, T>) -> Result<Listed<T>, Error> {
        let snapshot = self.db.snapshot();
        if asked.groups.is_empty() && asked.scope.is_empty() {
            return self.list(asked, shelf, &snapshot);
        }
        let source = Source {
            engine: self,
            snapshot: &snapshot,
            terms: shelf.terms,
            tenant: asked.tenant,
            order: asked.order,
            touched: Touched::default(),
        };
        let found = intersect(asked, &source)?;
        let rows = self.load(shelf, &found.seqs, &snapshot)?;
        let is_cut = rows.len() < found.seqs.len();
        let last = rows.len().checked_sub(1).and_then(|at| found.seqs.get(at));
        Ok(Listed {
            next: if is_cut { last.copied() } else { found.next },
            rows,
            keys_touched: source.touched.get(),
        })
    }

    /// All rows in their own order, which is that of their keys.
    fn list<T>(
        &self,
        asked: &Asked<'_>,
        shelf: &Shelf<'_, T>,
        snapshot: &SnapshotWithThreadMode<'_, DB>,
    ) -> Result<Listed<T>, Error> {
        let mut options = ReadOptions::default();
        options.set_iterate_lower_bound(shelf.key(*asked.places.end()));
        options.set_iterate_upper_bound(above(shelf.key(*asked.places.start())));
        let mut iterator = snapshot.raw_iterator_cf_opt(self.family(shelf.rows), options);
        match asked.order {
            Order::NewestFirst => iterator.seek_to_first(),
            Order::OldestFirst => iterator.seek_to_last(),
        }
        let mut listed = Listed {
            rows: Vec::new(),
            next: None,
            keys_touched: 0,
        };
        let mut last = None;
        let mut bytes = 0;
        // One key more than the rows tells whether there are more.
        let rows_max = asked.rows_max.min(asked.keys_max.saturating_sub(1).max(1));
        while let Some((key, value)) = iterator.item() {
            listed.keys_touched += 1;
            let seq = shelf.seq_of(key)?;
            if listed.rows.len() >= rows_max || bytes >= self.options.page_bytes_max {
                // The last row's place, or the one before the place where the next row stands.
                let before = || Rank::of(seq, asked.order).before().seq(asked.order);
                listed.next = Some(last.unwrap_or_else(before));
                return Ok(listed);
            }
            let row = (shelf.read)(self, seq, key, value)?;
            bytes += (shelf.size)(&row);
            listed.rows.push(row);
            last = Some(seq);
            match asked.order {
                Order::NewestFirst => iterator.next(),
                Order::OldestFirst => iterator.prev(),
            }
        }
        iterator.status().map_err(failed)?;
        Ok(listed)
    }

    /// The rows at these places, in this order; fewer when they are too large for a page.
    fn load<T>(
        &self,
        shelf: &Shelf<'_, T>,
        seqs: &[Seq],
        snapshot: &SnapshotWithThreadMode<'_, DB>,
    ) -> Result<Vec<T>, Error> {
        let mut options = ReadOptions::default();
        options.set_snapshot(snapshot);
        let mut rows = Vec::with_capacity(seqs.len());
        let mut bytes = 0;
        for seqs in seqs.chunks(READ_TOGETHER) {
            let keys: Vec<_> = seqs.iter().map(|seq| shelf.key(*seq)).collect();
            let family = self.family(shelf.rows);
            let values =
                self.db
                    .batched_multi_get_cf_opt(family, &keys, keys.is_sorted(), &options);
            for ((key, seq), value) in keys.iter().zip(seqs).zip(values) {
                if bytes >= self.options.page_bytes_max {
                    return Ok(rows);
                }
                let value = value.map_err(failed)?.ok_or_else(|| {
                    let detail = "the index names a row that is not there";
                    Error::corrupt(shelf.rows.name(), key, detail)
                })?;
                let row = (shelf.read)(self, *seq, key, &value)?;
                bytes += (shelf.size)(&row);
                rows.push(row);
            }
        }
        Ok(rows)
    }
}

impl<T> Shelf<'_, T> {
    fn key(&self, seq: Seq) -> Vec<u8> {
        [self.prefix, &(!seq.0).to_be_bytes()].concat()
    }

    fn seq_of(&self, key: &[u8]) -> Result<Seq, Error> {
        key.strip_prefix(self.prefix)
            .and_then(|place| place.try_into().ok())
            .map(|place| Seq(!u64::from_be_bytes(place)))
            .ok_or_else(|| Error::corrupt(self.rows.name(), key, "not a key of this family"))
    }
}

fn statement(
    engine: &Engine,
    seq: Seq,
    key: &[u8],
    value: &[u8],
) -> Result<StoredStatement, Error> {
    engine.statement_of(Family::Statements, seq, key, value, None)
}

fn row(_: &Engine, seq: Seq, key: &[u8], value: &[u8]) -> Result<(Seq, Vec<u8>), Error> {
    let row = values::decode_row(value)
        .map_err(|detail| Error::corrupt(Family::Rows.name(), key, detail))?;
    Ok((seq, row.value.to_vec()))
}

/// Walks all groups to their common places.
///
/// A round asks every group for one place; the first that has nothing there names the next place to ask for, and is
/// asked first from then on: the rarest group comes to lead by itself, without estimates.
fn intersect<'d>(asked: &Asked<'_>, source: &'d Source<'d>) -> Result<Found, Error> {
    let order = asked.order;
    let mut groups = open(asked, source);
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
        Order::NewestFirst => Rank::of(*asked.places.end(), order),
        Order::OldestFirst => Rank::of(*asked.places.start(), order),
    };
    loop {
        let touched = source.touched.get();
        if touched > 0 && touched + round_max > asked.keys_max {
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
            Round::Met if found.seqs.len() >= asked.rows_max => {
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

fn open<'d>(asked: &Asked<'_>, source: &'d Source<'d>) -> Vec<Group<'d>> {
    let groups = asked
        .groups
        .iter()
        .map(|terms| (Asks::OneOfTheChain, terms));
    let scope = asked.scope.iter().map(|terms| (Asks::TheRowItself, terms));
    scope
        .chain(groups)
        .map(|(asks, terms)| {
            let cursors = terms
                .iter()
                .map(|term| TermCursor::open(source, *term, &asked.places));
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

fn failed(error: rocksdb::Error) -> Error {
    Error::engine("scan an index", error)
}
