//! A group of a query: the union of its terms' cursors, as one cursor.

use super::cursor::TermCursor;
use super::place::Rank;
use crate::{Chain, Error};

/// Which statement of a row's chain a group asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asks {
    /// Any, but the same for all groups that ask so.
    OneOfTheChain,
    TheRowItself,
}

pub(super) struct Group<'d> {
    pub(super) asks: Asks,
    pub(super) cursors: Vec<TermCursor<'d>>,
}

impl Group<'_> {
    /// Goes to the first row at or behind `target` that any term has. `None`: there is none.
    pub(super) fn seek(&mut self, target: Rank) -> Result<Option<Rank>, Error> {
        let mut head = None;
        for cursor in &mut self.cursors {
            if let Some(rank) = cursor.seek(target)? {
                head = Some(head.map_or(rank, |head: Rank| head.min(rank)));
            }
        }
        Ok(head)
    }

    /// Statements of the chain at `rank` that have a term of the group.
    pub(super) fn chain_at(&self, rank: Rank) -> Chain {
        let mut union = Chain::default();
        for cursor in &self.cursors {
            union.0 |= cursor.chain_at(rank).0;
        }
        union
    }
}
