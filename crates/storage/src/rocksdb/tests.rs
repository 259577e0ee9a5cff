//! The engine alone: groups driven directly, with the batches a test chooses, and stores opened again.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tempfile::TempDir;
use uuid::Uuid;

use super::keys::{self, Family};
use super::{Clock, Durability, Engine, Options};
use crate::batch::{RecordKey, RecordKind};
use crate::fact::Record;
use crate::statement::{self, Adds, Content, Dictionaries};
use crate::{
    Assert, Batch, Chain, CommitError, Committed, Document, DocumentFolder, DocumentKey, Error,
    Fact, FactKey, NewStatement, Op, Place as RowPlace, PutRow, Seq, Sha2, StatementFact, Store,
    Table, Tenant, Term, Touched,
};

mod blobs;
mod groups;
mod layout;
mod references;
mod restart;
mod rows;

const TENANT: Tenant = Tenant(7);
const START: u64 = 1_700_000_000_000_000;

/// A store in a directory of its own, with a clock that a test moves.
struct Place {
    directory: TempDir,
    time: Arc<AtomicU64>,
}

impl Place {
    fn new() -> Place {
        let directory = tempfile::tempdir().expect("the machine has a place for temporary files");
        Place {
            directory,
            time: Arc::new(AtomicU64::new(START)),
        }
    }

    fn options(&self) -> Options {
        Options {
            clock: Clock::Manual(Arc::clone(&self.time)),
            ..Options::default()
        }
    }

    fn open(&self) -> Store {
        Store::open(self.directory.path(), self.options()).expect("the store opens")
    }

    /// Without a commit thread.
    fn open_engine(&self) -> Engine {
        Engine::open(self.directory.path(), self.options()).expect("the store opens")
    }
}

fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

/// A statement whose verb is its number, so that its own terms are known; it refers to another if asked.
fn put(n: u128, reference: Option<u128>) -> NewStatement {
    let object = match reference {
        Some(target) => format!(r#"{{"objectType":"StatementRef","id":"{}"}}"#, id(target)),
        None => format!(r#"{{"id":"http://example.com/activity/{n}"}}"#),
    };
    let content = Content {
        id: id(n),
        text: format!(
            r#"{{"id":"{}","actor":{{"mbox":"mailto:a@example.com"}},"verb":{{"id":"{}"}},"object":{object}}}"#,
            id(n),
            verb(n),
        ),
        authority: r#"{"mbox":"mailto:lrs@example.com"}"#.to_owned(),
        adds: Adds::default(),
        linked_contents: false,
    };
    let terms = statement::own_terms(&content);
    assert!(
        terms.contains(&Term::verb(&verb(n))),
        "the statement parses"
    );
    NewStatement {
        id: id(n),
        record: Dictionaries::shipped().encode(&content.as_ref()).into(),
        terms: terms.into_iter().map(|term| (term, Chain::OWN)).collect(),
        reference: reference.map(id),
        voiding: false,
        voided_by: None,
    }
}

fn verb(n: u128) -> String {
    format!("http://example.com/verb/{n}")
}

fn batch(asserts: Vec<Assert>, ops: Vec<Op>) -> Batch {
    Batch {
        tenant: TENANT,
        asserts,
        ops,
    }
}

fn put_batch(n: u128, reference: Option<u128>) -> Batch {
    batch(
        vec![Assert::StatementAbsent {
            id: id(n),
            waiting: 0,
        }],
        vec![Op::PutStatement(put(n, reference))],
    )
}

/// One group of these batches.
fn commit(engine: &Engine, batches: &[Batch]) -> Vec<Result<Committed, CommitError>> {
    engine.commit_batches(&batches.iter().collect::<Vec<_>>(), Durability::Synced)
}

fn commit_all(engine: &Engine, batches: &[Batch]) -> Vec<Committed> {
    commit(engine, batches)
        .into_iter()
        .map(|answer| answer.expect("the batch is committed"))
        .collect()
}

fn propagate_all(engine: &Engine) {
    while let Some((seq, (tenant, arrived))) = engine.clock.oldest_propagating() {
        engine
            .propagate(seq, tenant, arrived)
            .expect("propagation works");
    }
}

fn statement_fact(engine: &Engine, n: u128) -> StatementFact {
    match engine
        .facts(TENANT, &[FactKey::Statement(id(n))])
        .expect("facts are read")
        .pop()
    {
        Some(Fact::Statement(fact)) => fact,
        other => panic!("{other:?}"),
    }
}

/// Depth bits under which the statement can be found by another's verb; 0: it cannot.
fn bits(engine: &Engine, found: Seq, by_verb_of: u128) -> u8 {
    let key = keys::term(TENANT, Term::verb(&verb(by_verb_of)), found);
    let bits = engine
        .read(Family::Terms, &key, |value| Ok(value[0]))
        .expect("the index is read");
    bits.unwrap_or(0)
}
