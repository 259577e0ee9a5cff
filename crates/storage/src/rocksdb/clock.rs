//! Hands out places, which are times: strictly increasing, above every Consistent-Through that was ever told.

use std::collections::BTreeMap;

use parking_lot::Mutex;
use uuid::Uuid;

use super::Clock;
use crate::{Seq, Tenant};

pub(crate) struct SeqClock {
    clock: Clock,
    state: Mutex<State>,
}

struct State {
    /// The highest place assigned or told as Consistent-Through. The next place lies above it.
    highest: u64,
    /// The first place of the group that is being written.
    in_flight: Option<u64>,
    /// Arrived statements that their referrers cannot be found by yet.
    propagating: BTreeMap<Seq, (Tenant, Uuid)>,
}

impl SeqClock {
    pub(crate) fn new(clock: Clock, highest: u64) -> SeqClock {
        SeqClock {
            clock,
            state: Mutex::new(State {
                highest,
                in_flight: None,
                propagating: BTreeMap::new(),
            }),
        }
    }

    /// The first place of a new group.
    pub(crate) fn begin(&self) -> Seq {
        let mut state = self.state.lock();
        let first = self.clock.now().max(state.highest + 1);
        state.in_flight = Some(first);
        Seq(first)
    }

    /// The group is visible, or failed. Its places are used up in both cases.
    pub(crate) fn end(
        &self,
        last: Seq,
        propagating: impl IntoIterator<Item = (Seq, (Tenant, Uuid))>,
    ) {
        let mut state = self.state.lock();
        state.highest = state.highest.max(last.0);
        state.in_flight = None;
        state.propagating.extend(propagating);
    }

    pub(crate) fn propagated(&self, arrived: Seq) {
        self.state.lock().propagating.remove(&arrived);
    }

    pub(crate) fn oldest_propagating(&self) -> Option<(Seq, (Tenant, Uuid))> {
        let state = self.state.lock();
        state
            .propagating
            .first_key_value()
            .map(|(seq, arrived)| (*seq, *arrived))
    }

    /// Nothing at or below this time will change any more.
    pub(crate) fn consistent_through(&self) -> u64 {
        let mut state = self.state.lock();
        if state.in_flight.is_none() {
            state.highest = state.highest.max(self.clock.now());
        }
        let written = state.in_flight.map_or(state.highest, |first| first - 1);
        state
            .propagating
            .first_key_value()
            .map_or(written, |(arrived, _)| written.min(arrived.0 - 1))
    }

    /// The highest place that must never be assigned again.
    pub(crate) fn highest(&self) -> u64 {
        self.state.lock().highest
    }
}
