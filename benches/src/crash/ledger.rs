//! What the clients sent and what of it was acknowledged.

use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::Value;
use uuid::Uuid;

#[derive(Debug, Default)]
pub(super) struct Ledger {
    pub writes: Vec<Write>,
    pub documents: Vec<Document>,
    /// Answers that no correct request should get.
    pub refused: Vec<String>,
}

/// One request; atomic.
#[derive(Debug, Clone)]
pub(super) struct Write {
    pub what: What,
    pub state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// No answer came: all of it may be there, or nothing.
    InFlight,
    Acknowledged,
}

#[derive(Debug, Clone)]
pub(super) enum What {
    Statements(Vec<Known>),
    /// A voiding statement; its target, another write of the same client, was acknowledged before.
    Void {
        by: Known,
        target: Uuid,
    },
    /// A statement with one attachment: `content(seed, length)`.
    Attachment {
        statement: Known,
        seed: u64,
        length: usize,
    },
}

/// A statement by its id and what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Known {
    pub id: Uuid,
    pub digest: u64,
}

/// A State document that one client writes again and again.
#[derive(Debug, Clone)]
pub(super) struct Document {
    pub id: String,
    pub kind: DocumentKind,
    /// Writes that were acknowledged, and that were sent: at most one more.
    pub acknowledged: u64,
    pub sent: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DocumentKind {
    /// The n-th PUT replaces the content with `{"n": n, "pad": …}`.
    Put,
    /// The n-th POST adds the member `"k<n>": n`.
    Merge,
}

impl Ledger {
    pub(super) fn extend(&mut self, other: Ledger) {
        self.writes.extend(other.writes);
        self.documents.extend(other.documents);
        self.refused.extend(other.refused);
    }

    /// Writes, documents' too, and statements that were acknowledged.
    pub(super) fn acknowledged(&self) -> (usize, usize) {
        let acknowledged = self
            .writes
            .iter()
            .filter(|write| write.state == State::Acknowledged);
        let (writes, statements) = acknowledged.fold((0, 0), |(writes, statements), write| {
            (writes + 1, statements + write.statements().len())
        });
        let documents: u64 = self
            .documents
            .iter()
            .map(|document| document.acknowledged)
            .sum();
        (writes + documents as usize, statements)
    }

    pub(super) fn in_flight(&self) -> usize {
        let writes = self
            .writes
            .iter()
            .filter(|write| write.state == State::InFlight)
            .count();
        let documents = self
            .documents
            .iter()
            .filter(|document| document.sent > document.acknowledged)
            .count();
        writes + documents
    }
}

impl Write {
    /// One line for a report.
    pub(super) fn describe(&self) -> String {
        match &self.what {
            What::Statements(statements) => match statements.as_slice() {
                [one] => format!("statement {}", one.id),
                [first, ..] => format!("a batch of {} from {}", statements.len(), first.id),
                [] => "an empty batch".to_owned(),
            },
            What::Void { by, target } => format!("{} that voids {target}", by.id),
            What::Attachment {
                statement, length, ..
            } => {
                format!(
                    "statement {} with an attachment of {length} bytes",
                    statement.id
                )
            }
        }
    }

    pub(super) fn statements(&self) -> Vec<Known> {
        match &self.what {
            What::Statements(statements) => statements.clone(),
            What::Void { by, .. } => vec![*by],
            What::Attachment { statement, .. } => vec![*statement],
        }
    }
}

impl Known {
    pub(super) fn of(id: Uuid, text: &str) -> Known {
        Known {
            id,
            digest: serde_json::from_str(text).map_or(0, digest),
        }
    }
}

/// Of what the sender said: without what a store adds.
pub(super) fn digest(mut statement: Value) -> u64 {
    if let Value::Object(members) = &mut statement {
        for added in ["stored", "authority", "version"] {
            members.remove(added);
        }
    }
    let mut hasher = DefaultHasher::new();
    // Members are sorted, so equal statements have equal texts.
    statement.to_string().hash(&mut hasher);
    hasher.finish()
}

/// Padding of the n-th PUT of a document.
pub(super) fn pad(n: u64) -> String {
    "p".repeat((n * 37 % 2_000) as usize)
}

/// Bytes of an attachment.
pub(super) fn content(seed: u64, length: usize) -> Vec<u8> {
    let mut rng = crate::generate::Rng::new(seed);
    let mut bytes: Vec<u8> = (0..length.div_ceil(8))
        .flat_map(|_| rng.next_u64().to_be_bytes())
        .collect();
    bytes.truncate(length);
    bytes
}
