//! Touches that race, and commits that nobody waits for.

use storage::batch::{RecordKey, RecordKind};
use storage::{Assert, Batch, CommitError, Fact, FactKey, Op, Seq, Store, Tenant, Touched};

use crate::client::decide;
use crate::made::Made;

const TENANT: Tenant = Tenant::DEFAULT;

fn key() -> RecordKey {
    RecordKey {
        kind: RecordKind::Touch,
        key: b"touched by all".to_vec(),
    }
}

fn touched(store: &Store) -> (u64, Touched) {
    read_touched(store).expect("it was touched")
}

/// Version and value.
fn read_touched(store: &Store) -> Option<(u64, Touched)> {
    let facts = store.facts(TENANT, &[FactKey::Record(key())]);
    match facts.expect("the store can be read").pop() {
        Some(Fact::Record(record)) => record.map(|record| {
            let touched = Touched::decode(&record.value);
            (record.version, touched.expect("nothing else is kept here"))
        }),
        other => panic!("a touched record was asked for: {other:?}"),
    }
}

fn touch(highest: u64) -> Op {
    Op::Touch {
        key: key(),
        highest,
    }
}

/// None waits for another or is lost, whatever the order in which they come.
#[test]
fn touches_that_race_all_count() {
    const THREADS: u8 = 6;
    const STATEMENTS: u8 = 30;
    let opened = crate::open();
    let store = &opened.store;
    let highest = |thread: u8, n: u8| u64::from(n) * 100 + u64::from(thread);
    let tell = |thread: u8| -> Vec<Seq> {
        let tell = |n: u8| {
            let mut batch = decide(store, TENANT, &[Made::plain(thread * STATEMENTS + n)]);
            batch.ops.push(touch(highest(thread, n)));
            let committed = store.commit_blocking(batch).expect("no touch is stale");
            let (_, touched) = touched(store);
            assert!(touched.highest >= highest(thread, n));
            assert!(touched.at >= committed.seqs.iter().map(|seq| seq.0).max().unwrap_or(0));
            committed.seqs
        };
        // Backwards, so that most of them raise nothing.
        (0..STATEMENTS).rev().flat_map(tell).collect()
    };
    let places: Vec<Seq> = std::thread::scope(|threads| {
        let tellers: Vec<_> = (0..THREADS)
            .map(|thread| threads.spawn(move || tell(thread)))
            .collect();
        let told = tellers
            .into_iter()
            .map(|teller| teller.join().expect("no teller fails"));
        told.flatten().collect()
    });
    let expected = Touched {
        highest: highest(THREADS - 1, STATEMENTS - 1),
        at: places.iter().map(|seq| seq.0).max().unwrap_or(0),
    };
    let count = u64::from(THREADS) * u64::from(STATEMENTS);
    assert_eq!(touched(store), (count, expected));
    let opened = opened.reopen();
    assert_eq!(touched(&opened.store), (count, expected));
    assert_eq!(opened.store.verify().problems, []);
}

#[test]
fn commits_that_nobody_waits_for_are_written() {
    let opened = crate::open();
    let store = &opened.store;
    let batch = |asserts, highest| Batch {
        tenant: TENANT,
        asserts,
        ops: vec![touch(highest)],
    };
    for highest in 1..=20 {
        store
            .submit_unsynced(batch(vec![], highest))
            .expect("the queue has room");
    }
    while read_touched(store).is_none_or(|(version, _)| version < 20) {
        std::thread::yield_now();
    }
    // One whose assertion does not hold is dropped alone.
    let stale = vec![Assert::RecordVersion(key(), 99)];
    store
        .submit_unsynced(batch(stale, 1_000))
        .expect("the queue has room");
    store
        .commit_blocking(batch(vec![Assert::RecordVersion(key(), 20)], 2))
        .expect("the twenty are there");
    let (version, found) = touched(store);
    assert_eq!((version, found.highest), (21, 20));
    let opened = opened.reopen();
    assert_eq!(touched(&opened.store), (version, found));
    opened.store.close().expect("a sound store closes");
    let late = opened.store.submit_unsynced(batch(vec![], 1));
    assert!(matches!(late, Err(CommitError::ReadOnly)), "{late:?}");
}
