//! A store with a vocabulary that the program's dictionary does not know.

use tempfile::TempDir;
use uuid::Uuid;

use super::*;
use crate::rocksdb::Options;
use crate::statement::{Adds, ContentRef};
use crate::{Assert, Batch, Fact, FactKey, StatementFact, Store, Tenant};

const TENANT: Tenant = Tenant(0);

/// Place of the dictionary's number in a record.
const NUMBER: usize = 1;
/// Of the first that a store makes.
const OWN_FIRST: u8 = 128;

fn open(directory: &TempDir) -> Result<Store, Error> {
    Store::open(directory.path(), Options::default())
}

fn text(n: u64) -> String {
    let random = Uuid::from_u128(u128::from(xxh3_64(&n.to_le_bytes())) << 64 | u128::from(n));
    format!(
        r#"{{"actor":{{"mbox":"mailto:learner{}@werft.example"}},"verb":{{"id":"https://werft.example/verben/geschweisst","display":{{"de":"hat geschweißt"}}}},"object":{{"id":"https://werft.example/bauteile/{}","definition":{{"name":{{"de":"Längsspant der Backbordseite"}},"type":"https://werft.example/arten/bauteil"}}}},"context":{{"registration":"{random}"}}}}"#,
        n % 700,
        n % 90,
    )
}

fn record(store: &Store, id: Uuid, text: &str) -> Bytes {
    let content = ContentRef {
        id,
        text,
        authority: r#"{"mbox":"mailto:lrs@werft.example"}"#,
        adds: Adds::default(),
        linked_contents: false,
    };
    store.encode(&content).into()
}

/// Stores the statements of these numbers, a hundred in a batch. Answers their records.
fn fill(store: &Store, numbers: std::ops::Range<u64>) -> Vec<Bytes> {
    let (mut records, mut batch) = (Vec::new(), empty());
    for n in numbers {
        let id = Uuid::from_u128(u128::from(n) + 1);
        let record = record(store, id, &text(n));
        records.push(record.clone());
        batch
            .asserts
            .push(Assert::StatementAbsent { id, waiting: 0 });
        batch.ops.push(Op::PutStatement(NewStatement {
            id,
            record,
            terms: Vec::new(),
            reference: None,
            voiding: false,
            voided_by: None,
        }));
        if batch.ops.len() == 100 {
            let full = std::mem::replace(&mut batch, empty());
            store.commit_blocking(full).expect("it is committed");
        }
    }
    store.commit_blocking(batch).expect("it is committed");
    records
}

fn empty() -> Batch {
    Batch {
        tenant: TENANT,
        asserts: Vec::new(),
        ops: Vec::new(),
    }
}

/// A store that has made its first dictionary, closed.
fn taught() -> TempDir {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let store = open(&directory).expect("it opens");
    fill(&store, 0..FIRST_AFTER);
    store.close().expect("it closes");
    assert_eq!(store.engine.dictionaries.own_count(), 1);
    directory
}

#[test]
fn a_store_learns_its_vocabulary_and_reads_what_it_wrote_before_and_after() {
    let directory = taught();
    let store = open(&directory).expect("it opens again");
    let with_own = record(&store, Uuid::nil(), &text(9_999_999));
    assert_eq!(with_own[NUMBER], OWN_FIRST);
    let with_shipped: Bytes = Dictionaries::shipped()
        .encode(&ContentRef {
            id: Uuid::nil(),
            text: &text(9_999_999),
            authority: r#"{"mbox":"mailto:lrs@werft.example"}"#,
            adds: Adds::default(),
            linked_contents: false,
        })
        .into();
    assert!(
        with_own.len() * 2 < with_shipped.len(),
        "{} of {}",
        with_own.len(),
        with_shipped.len()
    );

    fill(&store, FIRST_AFTER..FIRST_AFTER + 50);
    for n in 0..FIRST_AFTER + 50 {
        let id = Uuid::from_u128(u128::from(n) + 1);
        let facts = store
            .facts(TENANT, &[FactKey::Statement(id)])
            .expect("it can be read");
        let [Fact::Statement(StatementFact::Stored(stored))] = &facts[..] else {
            panic!("{n} is not stored: {facts:?}");
        };
        assert_eq!(stored.content.text, text(n));
    }
}

#[test]
fn a_damaged_dictionary_keeps_the_store_from_opening_and_is_named() {
    let directory = taught();
    let store = open(&directory).expect("it opens again");
    let key = keys::dictionary(OWN_FIRST);
    let mut value = store
        .engine
        .db
        .get(&key)
        .expect("it can be read")
        .expect("it is there");
    value[1_000] ^= 1;
    store.engine.db.put(&key, &value).expect("it is written");
    drop(store);
    let error = open(&directory).err().expect("it does not open");
    assert!(error.to_string().contains("dictionary 128"), "{error}");
}

#[test]
fn a_dictionary_that_gains_nothing_is_not_kept() {
    let directory = taught();
    let store = open(&directory).expect("it opens again");
    // What the first one was made of.
    let records: Vec<Bytes> = (0..FIRST_AFTER)
        .map(|n| record(&store, Uuid::nil(), &text(n)))
        .collect();
    store.engine.learn(&records, 0).expect("it can be tried");
    assert_eq!(store.engine.dictionaries.own_count(), 1);
    assert!(
        store
            .engine
            .db
            .get(keys::dictionary(OWN_FIRST + 1))
            .expect("it can be read")
            .is_none()
    );
}

#[test]
fn each_dictionary_takes_more_statements_than_the_last_and_there_are_few() {
    let dictionaries = Dictionaries::shipped();
    let mut before = 0;
    while let Some(number) = dictionaries.next_own() {
        let due = due_after(&dictionaries, 0);
        assert!(due >= before * LATER_TIMES && due < u64::MAX, "{number}");
        before = due;
        dictionaries.add_own(number, b"not looked into here");
    }
    assert_eq!(dictionaries.own_count(), 6);
    assert_eq!(due_after(&dictionaries, 0), u64::MAX);
}

#[test]
fn a_store_that_has_nothing_to_learn_tries_less_and_less() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let engine = Arc::new(Engine::open(directory.path(), Options::default()).expect("it opens"));
    let mut learner = Learner::default();
    let (mut attempts, mut tried_at) = (0, Vec::new());
    for n in 0..40 * FIRST_AFTER {
        // No records: nothing can be made of them.
        learner.sample.see(&Bytes::new());
        learner.step(&engine);
        learner.end();
        if learner.attempts > attempts {
            attempts = learner.attempts;
            tried_at.push(n + 1);
        }
    }
    assert_eq!(tried_at, [FIRST_AFTER, FIRST_AFTER * (1 + LATER_TIMES)]);
    assert_eq!(engine.dictionaries.own_count(), 0);
}

#[test]
fn a_sample_is_bounded_and_of_everything() {
    let mut sample = Sample::default();
    let many = 40 * SAMPLE_MAX as u64;
    for n in 0..many {
        sample.see(&Bytes::copy_from_slice(&n.to_le_bytes()));
    }
    sample.see(&Bytes::from(vec![0; SAMPLED_RECORD_BYTES_MAX + 1]));
    assert_eq!(sample.records.len(), SAMPLE_MAX);
    assert_eq!(sample.seen, many + 1);
    let number = |record: &Bytes| u64::from_le_bytes(record[..].try_into().expect("8 bytes"));
    let early = sample
        .records
        .iter()
        .filter(|record| number(record) < many / 2)
        .count();
    assert!(
        (SAMPLE_MAX * 2 / 5..SAMPLE_MAX * 3 / 5).contains(&early),
        "{early}"
    );
}
