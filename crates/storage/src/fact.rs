//! What a decision reads. All facts of one call are read from one snapshot.

use uuid::Uuid;

use crate::batch::RecordKey;
use crate::{Document, DocumentKey, Sha2, StoredStatement};

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum FactKey {
    Statement(Uuid),
    Document(DocumentKey),
    Record(RecordKey),
    Blob(Sha2),
}

/// In the order and of the kinds of the keys asked for.
#[derive(Debug, Clone)]
pub enum Fact {
    Statement(StatementFact),
    Document(Option<Document>),
    Record(Option<Record>),
    /// Length in bytes.
    Blob(Option<u64>),
}

#[derive(Debug, Clone)]
pub enum StatementFact {
    /// Nothing is known of this id.
    Absent,
    /// Not stored; others refer to it or void it. `waiting` grows with each of them.
    Awaited {
        waiting: u64,
        voided_by: Option<Uuid>,
    },
    Stored(Box<StoredStatement>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Counts the writes of this key, from 1.
    pub version: u64,
    pub value: Vec<u8>,
}
