//! What can be asked of the list of statements.

use crate::{Seq, StoredStatement, Tenant, Term};

/// Rows in the order of their places that carry, on one statement of their chain, a term of every group.
#[derive(Debug, Clone)]
pub struct Query {
    pub tenant: Tenant,
    /// Groups are intersected; the terms of a group are alternatives. None: all statements.
    pub groups: Vec<Vec<Term>>,
    /// Groups that the row itself must carry (bit 0 of its chain), apart from `groups`: what a caller may see.
    pub scope: Vec<Vec<Term>>,
    /// Only places above this one (exclusive): `since`.
    pub after: Option<Seq>,
    /// Only places up to this one (inclusive): `until`.
    pub up_to: Option<Seq>,
    pub order: Order,
    /// Where a page before this one ended: go on behind it.
    pub cursor: Option<Seq>,
    pub rows_max: usize,
    /// A page ends before touching more index keys than this, with a cursor, however few rows it has. It always gets
    /// on: one round of all cursors (two keys a term) is made whatever the number.
    pub keys_max: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    NewestFirst,
    OldestFirst,
}

#[derive(Debug, Clone, Default)]
pub struct Page {
    pub rows: Vec<Row>,
    /// Set when there may be more rows: the place at which this page ended, for [`Query::cursor`]. A page that came to
    /// the end of the rows has none, also when it is full.
    pub next: Option<Seq>,
    /// Index keys touched to find the rows, seeks and steps alike.
    pub keys_touched: usize,
}

pub type Row = StoredStatement;
