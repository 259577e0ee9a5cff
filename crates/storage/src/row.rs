//! Tables of rows that are found by terms, beside the statements: what happened, and what can be listed.

use crate::query::Order;
use crate::{Seq, Tenant, Term};

/// A table of rows. Numbers stand on disk and are never used again for another table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Table {
    Event = 1,
    Session = 2,
    Course = 3,
    CourseRegistration = 4,
}

impl Table {
    pub const ALL: [Table; 4] = [
        Table::Event,
        Table::Session,
        Table::Course,
        Table::CourseRegistration,
    ];
}

/// Where a row stands in its table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Given by the commit, in the one order of all places (as a statement's), strictly increasing in the order of the
    /// batch's ops.
    Next,
    /// Chosen by the caller, who asserts what makes it unique: a row that is there is replaced.
    At(Seq),
}

/// Writes a row.
#[derive(Debug, Clone)]
pub struct PutRow {
    pub table: Table,
    pub place: Place,
    /// What the row is found by ([`Term::row`] of the same table).
    pub terms: Vec<Term>,
    pub value: Vec<u8>,
    /// All terms under which the row stood before, when it replaces one. The commit takes the caller's word for it:
    /// assert the version of the record that guards the row.
    pub replaces: Vec<Term>,
}

/// Rows of a table in the order of their places that have a term of every group.
#[derive(Debug, Clone)]
pub struct RowsQuery {
    pub tenant: Tenant,
    pub table: Table,
    /// Groups are intersected; the terms of a group are alternatives. None: all rows of the table.
    pub groups: Vec<Vec<Term>>,
    /// Only places above this one (exclusive).
    pub after: Option<Seq>,
    /// Only places up to this one (inclusive).
    pub up_to: Option<Seq>,
    pub order: Order,
    /// Where a page before this one ended: go on behind it.
    pub cursor: Option<Seq>,
    pub rows_max: usize,
    /// As [`crate::Query::keys_max`].
    pub keys_max: usize,
}

/// One page of rows: places and values.
#[derive(Debug, Clone, Default)]
pub struct RowsPage {
    pub rows: Vec<(Seq, Vec<u8>)>,
    /// As [`crate::Page::next`], for [`RowsQuery::cursor`].
    pub next: Option<Seq>,
    /// Index keys touched to find the rows, seeks and steps alike.
    pub keys_touched: usize,
}
