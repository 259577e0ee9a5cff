//! What the clients sent and what of it was acknowledged.

use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::Value;
use uuid::Uuid;

use super::document::Document;
use super::launch::{Registration, School};
use super::session::Session;

#[derive(Debug, Clone, Default)]
pub(super) struct Ledger {
    pub writes: Vec<Write>,
    pub documents: Vec<Document>,
    pub sessions: Vec<Session>,
    /// Those that the server launches, and where.
    pub registrations: Vec<Registration>,
    pub school: Option<School>,
    /// Answers that no correct request should get.
    pub refused: Vec<String>,
    /// Answers of a server that could not do its work: 5xx.
    pub failed: Vec<String>,
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

impl Ledger {
    pub(super) fn extend(&mut self, other: Ledger) {
        self.writes.extend(other.writes);
        self.documents.extend(other.documents);
        self.sessions.extend(other.sessions);
        self.registrations.extend(other.registrations);
        self.school = other.school.or(self.school.take());
        self.refused.extend(other.refused);
        self.failed.extend(other.failed);
    }

    /// Takes sessions that can go on out of the ledger.
    pub(super) fn take_open_sessions(&mut self, most: usize) -> Vec<Session> {
        let (mut open, ended): (Vec<Session>, Vec<Session>) = self
            .sessions
            .drain(..)
            .partition(|session| !session.has_ended());
        self.sessions = ended;
        self.sessions.extend(open.drain(most.min(open.len())..));
        open
    }

    /// Takes registrations that can go on out of the ledger.
    pub(super) fn take_open_registrations(&mut self, most: usize) -> Vec<Registration> {
        let mut open = Vec::new();
        for registration in std::mem::take(&mut self.registrations) {
            match registration.is_done() || open.len() == most {
                true => self.registrations.push(registration),
                false => open.push(registration),
            }
        }
        open
    }

    /// Writes of all kinds, and statements that were acknowledged.
    pub(super) fn acknowledged(&self) -> Acknowledged {
        let writes = self
            .writes
            .iter()
            .filter(|write| write.state == State::Acknowledged);
        let (requests, statements) = writes.fold((0, 0), |(writes, statements), write| {
            (writes + 1, statements + write.statements().len())
        });
        let documents = self.documents.iter().map(|document| document.acknowledged);
        let steps = self
            .sessions
            .iter()
            .flat_map(|session| &session.done[session.settled..]);
        let (steps, said) = steps.fold((0, 0), |(steps, said), step| {
            (steps + 1, said + step.sent().len())
        });
        let deeds = self.registrations.iter().flat_map(Registration::fresh);
        let (deeds, told) = deeds.fold((0, 0), |(deeds, told), deed| {
            (deeds + 1, told + deed.what.sent().len())
        });
        Acknowledged {
            requests,
            statements: statements + said + told,
            documents: documents.sum::<u64>() as usize,
            steps,
            deeds,
        }
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
        let steps = self
            .sessions
            .iter()
            .filter(|session| session.in_flight.is_some())
            .count();
        let deeds: usize = self.registrations.iter().map(Registration::in_flight).sum();
        writes + documents + steps + deeds
    }
}

/// Counts of what was answered well.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Acknowledged {
    /// Of statements outside of sessions.
    pub requests: usize,
    pub statements: usize,
    /// Writes and deletes of documents.
    pub documents: usize,
    /// Of sessions.
    pub steps: usize,
    /// Of launched registrations.
    pub deeds: usize,
}

impl Acknowledged {
    pub(super) fn writes(&self) -> usize {
        self.requests + self.documents + self.steps + self.deeds
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
    /// Of a statement that is not made yet.
    pub(super) const NONE: Known = Known {
        id: Uuid::nil(),
        digest: 0,
    };

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

/// Bytes of an attachment.
pub(super) fn content(seed: u64, length: usize) -> Vec<u8> {
    let mut rng = crate::generate::Rng::new(seed);
    let mut bytes: Vec<u8> = (0..length.div_ceil(8))
        .flat_map(|_| rng.next_u64().to_be_bytes())
        .collect();
    bytes.truncate(length);
    bytes
}
