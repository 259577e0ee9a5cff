//! A cursor over the rows of one term, in the order of the scan, on a snapshot.

use std::cell::Cell;
use std::ops::RangeInclusive;

use rocksdb::{DB, DBRawIteratorWithThreadMode, ReadOptions};

use super::place::Rank;
use super::{Source, failed};
use crate::query::Order;
use crate::rocksdb::keys;
use crate::{Chain, Error, Seq, Term};

/// Counts index keys touched: every step and every seek of every cursor of a scan.
#[derive(Default)]
pub(super) struct Touched(Cell<usize>);

impl Touched {
    pub(super) fn get(&self) -> usize {
        self.0.get()
    }

    fn add_one(&self) {
        self.0.set(self.0.get() + 1);
    }
}

pub(super) struct TermCursor<'d> {
    source: &'d Source<'d>,
    iterator: DBRawIteratorWithThreadMode<'d, DB>,
    term: Term,
    head: Head,
}

#[derive(Debug, Clone, Copy)]
enum Head {
    NotStarted,
    At(Rank, Chain),
    Ended,
}

impl<'d> TermCursor<'d> {
    /// Rows of `term` at `places`; the bounds are the iterator's own.
    pub(super) fn open(source: &'d Source<'d>, term: Term, places: &RangeInclusive<Seq>) -> Self {
        let tenant = source.tenant;
        let family = source.engine.family(source.terms);
        let mut options = ReadOptions::default();
        options.set_iterate_lower_bound(keys::term(tenant, term, *places.end()));
        options.set_iterate_upper_bound(above(keys::term(tenant, term, *places.start())));
        Self {
            source,
            iterator: source.snapshot.raw_iterator_cf_opt(family, options),
            term,
            head: Head::NotStarted,
        }
    }

    /// Goes to the first row at or behind `target`; never back. `None`: there is none.
    pub(super) fn seek(&mut self, target: Rank) -> Result<Option<Rank>, Error> {
        if let Head::At(rank, _) = self.head
            && rank < target
        {
            // Rows of an intersection often lie side by side, and a step costs a fraction of a seek.
            self.step()?;
        }
        match self.head {
            Head::At(rank, _) if rank >= target => {}
            Head::Ended => {}
            Head::At(..) | Head::NotStarted => self.jump(target)?,
        }
        match self.head {
            Head::At(rank, _) => Ok(Some(rank)),
            Head::NotStarted | Head::Ended => Ok(None),
        }
    }

    /// Empty unless the cursor stands at `rank`.
    pub(super) fn chain_at(&self, rank: Rank) -> Chain {
        match self.head {
            Head::At(at, chain) if at == rank => chain,
            Head::At(..) | Head::NotStarted | Head::Ended => Chain::default(),
        }
    }

    fn step(&mut self) -> Result<(), Error> {
        match self.source.order {
            Order::NewestFirst => self.iterator.next(),
            Order::OldestFirst => self.iterator.prev(),
        }
        self.read()
    }

    fn jump(&mut self, target: Rank) -> Result<(), Error> {
        let order = self.source.order;
        let key = keys::term(self.source.tenant, self.term, target.seq(order));
        match order {
            Order::NewestFirst => self.iterator.seek(key),
            Order::OldestFirst => self.iterator.seek_for_prev(key),
        }
        self.read()
    }

    fn read(&mut self) -> Result<(), Error> {
        self.source.touched.add_one();
        let Some((key, value)) = self.iterator.item() else {
            self.iterator.status().map_err(failed)?;
            self.head = Head::Ended;
            return Ok(());
        };
        self.head = match (keys::parse_term(key), value) {
            (Some((_, _, seq)), &[bits]) => Head::At(Rank::of(seq, self.source.order), Chain(bits)),
            _ => {
                return Err(Error::corrupt(
                    self.source.terms.name(),
                    key,
                    "not a term's key and bits",
                ));
            }
        };
        Ok(())
    }
}

/// The smallest key above this one: iterators exclude their upper bound.
pub(super) fn above(key: impl Into<Vec<u8>>) -> Vec<u8> {
    let mut key = key.into();
    key.push(0);
    key
}
