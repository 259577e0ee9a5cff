//! A commit as data: assertions on what was read, and operations. No operation depends on another's result.

use uuid::Uuid;

use crate::row::{PutRow, Table};
use crate::{Document, DocumentKey, Etag, NewStatement, Seq, Sha2, Tenant};

/// One atomic write.
#[derive(Debug, Clone)]
pub struct Batch {
    pub tenant: Tenant,
    pub asserts: Vec<Assert>,
    /// Statements and rows get their places in the order in which they stand here.
    pub ops: Vec<Op>,
}

/// A fact on which the decision relied. Each names exactly one record, so that any engine can lock it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Assert {
    /// No statement with this id is stored, and what waits for it has this version (0: nothing does).
    StatementAbsent { id: Uuid, waiting: u64 },
    /// The document has this content; `None`: there is none.
    DocumentEtag(DocumentKey, Option<Etag>),
    /// The record has this version; 0: there is none.
    RecordVersion(RecordKey, u64),
    /// The content is stored whole.
    BlobPresent(Sha2),
}

#[derive(Debug, Clone)]
pub enum Op {
    PutStatement(NewStatement),
    /// Takes the target out of every list. Idempotent. A target that is not stored yet is voided when it comes:
    /// the commit that brings it sees [`crate::StatementFact::Awaited`].
    Void {
        target: Uuid,
        by: Uuid,
    },
    /// The commit sets `updated`.
    PutDocument(DocumentKey, Document),
    DeleteDocument(DocumentKey),
    /// The commit sets the version to the one before plus 1.
    PutRecord(RecordKey, Vec<u8>),
    DeleteRecord(RecordKey),
    /// Raises a record of the shape [`crate::Touched`] to this number, and its time to the place that the batch gave
    /// last before this op, or else to the time of the commit. Touches commute, so that none needs an assertion; each
    /// counts as a write of the record. A record of another shape is [`crate::Error::Corrupt`].
    Touch {
        key: RecordKey,
        highest: u64,
    },
    PutRow(PutRow),
    /// Removes its terms too. A row that is not there is none.
    DeleteRow {
        table: Table,
        row: Seq,
    },
    /// Makes an upload's chunks the content of this hash (a hash that is there already keeps its first upload).
    PutBlob {
        sha2: Sha2,
        upload: Uuid,
        length: u64,
    },
}

/// A small versioned record: credentials, definitions, settings …
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordKey {
    pub kind: RecordKind,
    /// At most 512 bytes; a longer key is the caller's to hash.
    pub key: Vec<u8>,
}

/// Numbers stand on disk and are never used again for another kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum RecordKind {
    /// Per tenant: settings such as the key that signs cursors.
    Setting = 1,
    /// Tenant 0: credentials of all tenants, by key name.
    Credential = 2,
    /// Tenant 0: tenants by number.
    Tenant = 3,
    /// Merged activity definition, by hash of the activity id.
    Definition = 4,
    /// Names known for an agent, by hash of its identifier.
    Person = 5,
    Session = 6,
    Registration = 7,
    Violation = 8,
    /// How a session was launched.
    Launch = 9,
    /// What [`Op::Touch`] keeps.
    Touch = 10,
    /// Something to do at a time: the key begins with it.
    Timer = 11,
    /// A session's token.
    Token = 12,
    /// A URL at which a session's token is fetched.
    Fetch = 13,
    /// Tenant 0: an LMS that launches here.
    LaunchTenant = 14,
    /// Tenant 0: a token of an LMS that launches here, by its id.
    LaunchToken = 15,
    /// A course and its parts: the key begins with its id.
    Course = 16,
    /// The id of what a client calls by a number.
    Number = 17,
    /// A learner's registration for a course, and what counts in it: the key begins with its id.
    CourseRegistration = 18,
    /// What only sessions have that were launched here.
    LaunchedSession = 19,
}

impl RecordKind {
    pub const ALL: [RecordKind; 19] = [
        RecordKind::Setting,
        RecordKind::Credential,
        RecordKind::Tenant,
        RecordKind::Definition,
        RecordKind::Person,
        RecordKind::Session,
        RecordKind::Registration,
        RecordKind::Violation,
        RecordKind::Launch,
        RecordKind::Touch,
        RecordKind::Timer,
        RecordKind::Token,
        RecordKind::Fetch,
        RecordKind::LaunchTenant,
        RecordKind::LaunchToken,
        RecordKind::Course,
        RecordKind::Number,
        RecordKind::CourseRegistration,
        RecordKind::LaunchedSession,
    ];
}

/// What a commit answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    /// Places of the batch's statements in its order; those of its rows are not among them.
    pub seqs: Vec<Seq>,
    /// `updated` of the batch's documents, and the time of the commit: microseconds since 1970.
    pub at: u64,
}
