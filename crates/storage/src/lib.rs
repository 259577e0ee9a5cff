//! The store: the only crate that knows RocksDB. It keeps records and finds them; it never sees a rule.
//!
//! A write is one [`Batch`]: what the decision relied on ([`Assert`]) and what follows from it ([`Op`]). It is
//! atomic, and on disk when [`Store::commit`] returns.

pub mod batch;
pub mod document;
pub mod error;
pub mod fact;
pub mod query;
pub mod record;
pub mod rocksdb;
pub mod row;
pub mod statement;
mod store;
pub mod term;
pub mod verify;

pub use batch::{Assert, Batch, Committed, Op};
pub use document::{Document, DocumentFolder, DocumentKey, Etag};
pub use error::{CommitError, Error};
pub use fact::{Fact, FactKey, StatementFact};
pub use query::{Page, Query, Row};
pub use record::Touched;
pub use rocksdb::{Blob, Clock, Durability, Options, Upload, backup};
pub use row::{Place, PutRow, RowsPage, RowsQuery, Table};
pub use statement::{NewStatement, StoredStatement};
pub use store::Store;
pub use term::{Chain, Term};

/// Every key begins with one. Tenant 1 exists from the first start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tenant(pub u32);

impl Tenant {
    pub const DEFAULT: Tenant = Tenant(1);
}

/// Place of a statement in the one global order, and its `stored` (of a row, see [`Place`]): microseconds since 1970. Strictly increasing
/// in the order of commits, whatever the clock does (`docs/adr/0002-seq-is-stored.md`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seq(pub u64);

/// SHA-2 of some content in the length in which its sender named it (28, 32, 48 or 64 bytes).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sha2(pub Vec<u8>);
