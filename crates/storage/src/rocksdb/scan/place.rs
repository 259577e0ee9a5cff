//! Places in the order of a scan: a scan in either direction walks ranks upwards.

use std::ops::RangeInclusive;

use crate::Seq;
use crate::query::Order;

/// Distance along the scan: the smaller, the sooner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank(u64);

impl Rank {
    pub(super) fn of(seq: Seq, order: Order) -> Self {
        match order {
            Order::NewestFirst => Rank(!seq.0),
            Order::OldestFirst => Rank(seq.0),
        }
    }

    pub(super) fn seq(self, order: Order) -> Seq {
        match order {
            Order::NewestFirst => Seq(!self.0),
            Order::OldestFirst => Seq(self.0),
        }
    }

    pub(super) fn next(self) -> Option<Self> {
        self.0.checked_add(1).map(Rank)
    }

    pub(super) fn before(self) -> Self {
        Rank(self.0.saturating_sub(1))
    }
}

/// The places that a query lets through, its cursor included. `None`: not one.
pub(super) fn places(
    after: Option<Seq>,
    up_to: Option<Seq>,
    order: Order,
    cursor: Option<Seq>,
) -> Option<RangeInclusive<Seq>> {
    let mut low = match after {
        Some(after) => after.0.checked_add(1)?,
        None => 0,
    };
    let mut high = up_to.map_or(u64::MAX, |up_to| up_to.0);
    match (order, cursor) {
        (_, None) => {}
        (Order::NewestFirst, Some(cursor)) => high = high.min(cursor.0.checked_sub(1)?),
        (Order::OldestFirst, Some(cursor)) => low = low.max(cursor.0.checked_add(1)?),
    }
    (low <= high).then_some(Seq(low)..=Seq(high))
}
