//! Rows, touches and unsynced batches in the groups that a test chooses; stores made before there were rows.

use tokio::sync::oneshot;

use super::*;
use crate::query::Order;
use crate::rocksdb::commit::{Reply, Request};
use crate::{RowsQuery, Touched};

fn term(name: &'static str) -> Term {
    Term::row(Table::Session, name, b"")
}

fn row(place: RowPlace, terms: &[&'static str], replaces: &[&'static str]) -> Op {
    Op::PutRow(PutRow {
        table: Table::Session,
        place,
        terms: terms.iter().map(|name| term(name)).collect(),
        value: terms.concat().into_bytes(),
        replaces: replaces.iter().map(|name| term(name)).collect(),
    })
}

fn query() -> RowsQuery {
    RowsQuery {
        tenant: TENANT,
        table: Table::Session,
        groups: Vec::new(),
        after: None,
        up_to: None,
        order: Order::OldestFirst,
        cursor: None,
        rows_max: 100,
        keys_max: 10_000,
    }
}

/// The rows, places and values, in a store that is sound.
fn listed(engine: &Engine) -> Vec<(Seq, String)> {
    assert_eq!(engine.verify().problems, []);
    let page = engine.rows(&query()).expect("the rows are read");
    let text = |value| String::from_utf8(value).expect("values are text here");
    page.rows
        .into_iter()
        .map(|(seq, value)| (seq, text(value)))
        .collect()
}

/// What a group of these batches leaves of rows whose places are chosen: the same as groups of one each.
fn check(batches: &[Vec<Op>], expected: &[(u64, &str)]) {
    let batches: Vec<Batch> = batches
        .iter()
        .map(|ops| batch(vec![], ops.clone()))
        .collect();
    let expected: Vec<_> = expected
        .iter()
        .map(|(place, value)| (Seq(*place), (*value).to_owned()))
        .collect();
    for group_size in [1, batches.len()] {
        let place = Place::new();
        let engine = place.open_engine();
        for group in batches.chunks(group_size) {
            commit_all(&engine, group);
        }
        assert_eq!(listed(&engine), expected, "in groups of {group_size}");
    }
}

#[test]
fn a_group_sees_the_rows_that_it_wrote() {
    let at = |seq| RowPlace::At(Seq(seq));
    let delete = |seq| Op::DeleteRow {
        table: Table::Session,
        row: Seq(seq),
    };
    check(&[vec![row(at(5), &["a", "b"], &[])], vec![delete(5)]], &[]);
    check(&[vec![row(at(5), &["a"], &[]), delete(5)]], &[]);
    check(
        &[
            vec![row(at(5), &["a", "b"], &[]), row(at(6), &["a"], &[])],
            vec![row(at(5), &["b", "c"], &["a", "b"])],
            vec![delete(6), delete(7)],
        ],
        &[(5, "bc")],
    );
    check(
        &[
            vec![row(at(5), &["a", "b"], &[])],
            vec![row(at(5), &["c"], &["a", "b"])],
            vec![delete(5), delete(5)],
            vec![row(at(5), &["b"], &[])],
        ],
        &[(5, "b")],
    );
    check(&[vec![row(at(5), &[], &[])], vec![delete(5)]], &[]);
}

#[test]
fn rows_and_statements_have_places_of_one_order() {
    let place = Place::new();
    let engine = place.open_engine();
    let statement = |n| Op::PutStatement(put(n, None));
    let next = || row(RowPlace::Next, &["a"], &[]);
    let ops = vec![
        next(),
        statement(1),
        next(),
        row(RowPlace::At(Seq(9)), &[], &[]),
        statement(2),
    ];
    let group = [batch(vec![], ops), batch(vec![], vec![next(), next()])];
    let committed = commit_all(&engine, &group);
    assert_eq!(committed[0].seqs, [Seq(START + 1), Seq(START + 3)]);
    assert_eq!(committed[1].seqs, []);
    let places: Vec<u64> = listed(&engine).iter().map(|(seq, _)| seq.0).collect();
    assert_eq!(places, [9, START, START + 2, START + 4, START + 5]);
    place.time.fetch_sub(3_600_000_000, Ordering::SeqCst);
    assert_eq!(engine.consistent_through(), START + 5);
    // The last one was a row; a crash makes no difference.
    drop(engine);
    let engine = place.open_engine();
    assert_eq!(engine.consistent_through(), START + 5);
    let group = [batch(vec![], vec![next(), statement(3)])];
    assert_eq!(commit_all(&engine, &group)[0].seqs, [Seq(START + 7)]);
    assert_eq!(
        listed(&engine).last().map(|(seq, _)| seq.0),
        Some(START + 6)
    );
}

#[test]
fn what_is_in_flight_is_not_told_as_consistent() {
    let place = Place::new();
    let engine = place.open_engine();
    commit_all(
        &engine,
        &[batch(vec![], vec![row(RowPlace::Next, &[], &[])])],
    );
    place.time.store(START + 10, Ordering::SeqCst);
    let first = engine.clock.begin();
    assert_eq!(engine.consistent_through(), first.0 - 1);
    engine.clock.end(first, []);
    assert_eq!(engine.consistent_through(), first.0);
}

fn touched_key() -> RecordKey {
    RecordKey {
        kind: RecordKind::Touch,
        key: b"s".to_vec(),
    }
}

fn touch(highest: u64) -> Op {
    Op::Touch {
        key: touched_key(),
        highest,
    }
}

fn version(version: u64) -> Assert {
    Assert::RecordVersion(touched_key(), version)
}

/// The record after one group of these batches, none of which is refused.
fn check_touched(group: &[Batch], expected: (u64, u64, u64)) {
    let place = Place::new();
    let engine = place.open_engine();
    commit_all(&engine, group);
    assert_eq!(touched(&engine), expected);
}

/// Version, highest, at; the time counts from the start.
fn touched(engine: &Engine) -> (u64, u64, u64) {
    let facts = engine.facts(TENANT, &[FactKey::Record(touched_key())]);
    let Some(Fact::Record(Some(record))) = facts.expect("facts are read").pop() else {
        panic!("it was touched")
    };
    let touched = Touched::decode(&record.value).expect("it was touched");
    (record.version, touched.highest, touched.at - START)
}

#[test]
fn a_touch_takes_the_place_before_it() {
    let statement = |n| Op::PutStatement(put(n, None));
    let one = |ops| [batch(vec![], ops)];
    check_touched(&one(vec![touch(5)]), (1, 5, 0));
    check_touched(&one(vec![touch(5), statement(1), statement(2)]), (1, 5, 0));
    check_touched(
        &one(vec![statement(1), statement(2), touch(5), statement(3)]),
        (1, 5, 1),
    );
    let next = || row(RowPlace::Next, &[], &[]);
    check_touched(&one(vec![statement(1), next(), touch(5)]), (1, 5, 1));
    // A place that was chosen is no time at which something happened.
    let chosen = || row(RowPlace::At(Seq(77)), &[], &[]);
    check_touched(&one(vec![chosen(), touch(5)]), (1, 5, 0));
    check_touched(&one(vec![next(), next(), chosen(), touch(5)]), (1, 5, 1));
    // That of the batch, not of the group; and never back.
    let before = batch(vec![], vec![statement(1), statement(2), statement(3)]);
    check_touched(&[before.clone(), batch(vec![], vec![touch(5)])], (1, 5, 0));
    let with_touch = batch(vec![], vec![statement(1), statement(2), touch(5)]);
    check_touched(&[with_touch, batch(vec![], vec![touch(6)])], (2, 6, 1));
}

#[test]
fn touches_of_a_group_count_and_keep_the_highest() {
    let touching = |asserts, highest| batch(asserts, vec![touch(highest)]);
    check_touched(&[touching(vec![], 5), touching(vec![], 3)], (2, 5, 0));
    check_touched(
        &[
            touching(vec![version(0)], 3),
            touching(vec![version(1)], 5),
            touching(vec![version(2)], 4),
        ],
        (3, 5, 0),
    );
    // Over what else the group wrote.
    let value = Touched {
        highest: 8,
        at: START + 1_000,
    };
    let written = batch(
        vec![],
        vec![Op::PutRecord(touched_key(), value.encode().to_vec())],
    );
    check_touched(
        &[written.clone(), touching(vec![version(1)], 5)],
        (2, 8, 1_000),
    );
    let gone = batch(vec![], vec![Op::DeleteRecord(touched_key())]);
    check_touched(&[written, gone, touching(vec![version(0)], 5)], (1, 5, 0));
    // And over what is stored.
    let place = Place::new();
    let engine = place.open_engine();
    commit_all(&engine, &[touching(vec![], 9)]);
    place.time.store(START + 10, Ordering::SeqCst);
    let answers = commit(
        &engine,
        &[
            touching(vec![version(1)], 4),
            touching(vec![version(1)], 99),
            touching(vec![version(2)], 5),
        ],
    );
    assert!(answers[0].is_ok() && answers[2].is_ok());
    assert!(matches!(&answers[1], Err(CommitError::Stale(stale)) if *stale == version(1)));
    assert_eq!(touched(&engine), (3, 9, 10));
}

#[test]
fn a_touch_of_something_else_fails_alone() {
    for in_group in [true, false] {
        let place = Place::new();
        let engine = place.open_engine();
        let other = batch(
            vec![],
            vec![Op::PutRecord(touched_key(), b"other".to_vec())],
        );
        let batches = [other, batch(vec![], vec![touch(1)]), put_batch(1, None)];
        let group_size = if in_group { 3 } else { 1 };
        let answers: Vec<_> = batches
            .chunks(group_size)
            .flat_map(|group| commit(&engine, group))
            .collect();
        assert!(answers[0].is_ok() && answers[2].is_ok());
        let corrupt = CommitError::Failed(Error::corrupt("records", b"", ""));
        let Err(failed) = &answers[1] else {
            panic!("{answers:?}")
        };
        assert_eq!(
            std::mem::discriminant(failed),
            std::mem::discriminant(&corrupt)
        );
        assert!(engine.is_ready());
    }
}

#[test]
fn a_group_in_which_nobody_waits_is_not_synced() {
    let place = Place::new();
    let engine = place.open_engine();
    let synced = || engine.writes_synced.load(Ordering::SeqCst);
    let waits = |n| {
        let (reply, answer) = oneshot::channel();
        let request = Request {
            batch: put_batch(n, None),
            reply: Reply::To(reply),
        };
        (request, answer)
    };
    let unsynced = |n| Request {
        batch: put_batch(n, None),
        reply: Reply::ToNobody,
    };
    engine.commit_group(vec![unsynced(1), unsynced(2)]);
    assert_eq!(synced(), 0);
    let (request, answer) = waits(3);
    engine.commit_group(vec![unsynced(4), request, unsynced(5)]);
    assert_eq!(synced(), 1);
    assert!(matches!(answer.blocking_recv(), Ok(Ok(_))));
    let (request, _) = waits(6);
    engine.commit_group(vec![request]);
    assert_eq!(synced(), 2);
    for n in 1..=6 {
        assert!(matches!(
            statement_fact(&engine, n),
            StatementFact::Stored(_)
        ));
    }
    // What is stale hurts nobody.
    engine.commit_group(vec![unsynced(1), unsynced(7)]);
    assert!(matches!(
        statement_fact(&engine, 7),
        StatementFact::Stored(_)
    ));
    assert_eq!(synced(), 2);
}

#[test]
fn a_full_queue_takes_nothing_that_nobody_waits_for() {
    let place = Place::new();
    let options = Options {
        queue_batches_max: 2,
        ..place.options()
    };
    let store = Store::open(place.directory.path(), options).expect("the store opens");
    let upload = store.upload(TENANT).expect("an upload begins");
    let (upload, length) = upload.finish().expect("the upload ends");
    let sha2 = Sha2(vec![1; 32]);
    let names_upload = Op::PutBlob {
        sha2,
        upload,
        length,
    };
    let held = store.engine.uploads.sweeping.lock();
    std::thread::scope(|scope| {
        // The commit thread takes this one and waits for the lock.
        scope.spawn(|| store.commit_blocking(batch(vec![], vec![names_upload])));
        let refusal = loop {
            if let Err(refusal) = store.submit_unsynced(put_batch(1, None)) {
                break refusal;
            }
        };
        assert!(matches!(refusal, CommitError::Overloaded), "{refusal}");
        drop(held);
    });
    store.close().expect("it closes");
    assert!(matches!(
        statement_fact(&store.engine, 1),
        StatementFact::Stored(_)
    ));
}

#[test]
fn a_store_that_was_made_before_there_were_rows_opens() {
    let place = Place::new();
    let store = place.open();
    store
        .commit_blocking(put_batch(1, None))
        .expect("the batch is committed");
    drop(store);
    let newer = [Family::Rows, Family::RowTerms].map(Family::name);
    let families = crate::rocksdb::tuning::families(&place.options());
    let options = crate::rocksdb::tuning::database(&place.options());
    let path = place.directory.path();
    let mut db = rocksdb::DB::open_cf_descriptors(&options, path, families).expect("it opens");
    for name in newer {
        db.drop_cf(name).expect("the family goes");
    }
    drop(db);
    let names = rocksdb::DB::list_cf(&options, path).expect("families are listed");
    assert!(!names.iter().any(|name| newer.contains(&&**name)));

    let store = place.open();
    assert!(matches!(
        statement_fact(&store.engine, 1),
        StatementFact::Stored(_)
    ));
    assert_eq!(listed(&store.engine), []);
    let ops = vec![row(RowPlace::At(Seq(5)), &["a"], &[])];
    store
        .commit_blocking(batch(vec![], ops))
        .expect("the batch is committed");
    drop(store);
    assert_eq!(listed(&place.open().engine), [(Seq(5), "a".to_owned())]);
}
