//! What a store remembers, refuses and survives.

use super::*;

fn commit_one(store: &Store, batch: Batch) -> Committed {
    store
        .commit_blocking(batch)
        .expect("the batch is committed")
}

#[test]
fn a_store_remembers() {
    let place = Place::new();
    let store = place.open();
    let seq = commit_one(&store, put_batch(1, None)).seqs[0];
    drop(store);
    let store = place.open();
    let StatementFact::Stored(stored) = statement_fact(&store.engine, 1) else {
        panic!("it is stored")
    };
    assert_eq!(stored.seq, seq);
    assert_eq!(bits(&store.engine, seq, 1), 1);
}

#[test]
fn places_grow_when_the_clock_is_set_back() {
    let place = Place::new();
    let store = place.open();
    let first = commit_one(&store, put_batch(1, None)).seqs[0];
    place.time.fetch_sub(3_600_000_000, Ordering::SeqCst);
    let second = commit_one(&store, put_batch(2, None)).seqs[0];
    assert_eq!(second, Seq(first.0 + 1));
    // Also after a start, and although what was last is voided.
    let last = commit_one(
        &store,
        batch(
            vec![],
            vec![Op::Void {
                target: id(2),
                by: id(9),
            }],
        ),
    )
    .at;
    place.time.store(START + 77, Ordering::SeqCst);
    let told = store.consistent_through();
    assert!(told >= last);
    place.time.fetch_sub(3_600_000_000, Ordering::SeqCst);
    drop(store);
    let store = place.open();
    assert_eq!(
        commit_one(&store, put_batch(3, None)).seqs[0],
        Seq(told + 1)
    );
}

#[test]
fn places_grow_over_a_crash() {
    let place = Place::new();
    let engine = place.open_engine();
    commit_all(&engine, &[put_batch(1, None)]);
    let last = commit_all(
        &engine,
        &[batch(
            vec![],
            vec![Op::Void {
                target: id(1),
                by: id(9),
            }],
        )],
    )[0]
    .at;
    // Dropped without being closed: nothing was written at the end.
    drop(engine);
    place.time.fetch_sub(3_600_000_000, Ordering::SeqCst);
    let engine = place.open_engine();
    assert_eq!(
        commit_all(&engine, &[put_batch(2, None)])[0].seqs,
        [Seq(last + 1)]
    );
}

#[test]
fn propagation_goes_on_after_a_start() {
    let place = Place::new();
    let engine = place.open_engine();
    let seq = commit_all(&engine, &[put_batch(2, Some(1))])[0].seqs[0];
    let arrived = commit_all(
        &engine,
        &[batch(vec![], vec![Op::PutStatement(put(1, None))])],
    )[0]
    .seqs[0];
    drop(engine);
    let engine = place.open_engine();
    assert_eq!(engine.consistent_through(), arrived.0 - 1);
    assert_eq!(bits(&engine, seq, 1), 0);
    propagate_all(&engine);
    assert_eq!(bits(&engine, seq, 1), 0b10);
    drop(engine);
    let engine = place.open_engine();
    assert!(engine.consistent_through() >= arrived.0);
}

#[test]
fn the_commit_thread_propagates() {
    let place = Place::new();
    let store = place.open();
    let seq = commit_one(&store, put_batch(2, Some(1))).seqs[0];
    let arrived = commit_one(&store, batch(vec![], vec![Op::PutStatement(put(1, None))])).seqs[0];
    let begun = std::time::Instant::now();
    while store.consistent_through() < arrived.0 {
        assert!(begun.elapsed().as_secs() < 60, "the work is never done");
        std::thread::yield_now();
    }
    assert_eq!(bits(&store.engine, seq, 1), 0b10);
}

#[test]
fn one_process_has_a_store() {
    let place = Place::new();
    let _store = place.open();
    let second = Store::open(place.directory.path(), place.options());
    assert!(matches!(second.err(), Some(Error::InUse { .. })));
}

#[test]
fn a_newer_format_is_refused() {
    let place = Place::new();
    let engine = place.open_engine();
    engine
        .db
        .put(keys::META_FORMAT, 9u32.to_be_bytes())
        .expect("the format is written");
    drop(engine);
    let refuse = || Store::open(place.directory.path(), place.options()).err();
    assert!(
        matches!(
            refuse(),
            Some(Error::NewerFormat {
                found: 9,
                known: 1,
                ..
            })
        ),
        "{:?}",
        refuse()
    );

    // One that brings families this program does not know is not even recovered.
    let names = Family::ALL
        .iter()
        .map(|family| family.name())
        .collect::<Vec<_>>();
    let options = crate::rocksdb::tuning::database(&place.options());
    let mut families = crate::rocksdb::tuning::families(&place.options());
    families.push(rocksdb::ColumnFamilyDescriptor::new(
        "newer",
        rocksdb::Options::default(),
    ));
    drop(
        rocksdb::DB::open_cf_descriptors(&options, place.directory.path(), families)
            .expect("it opens"),
    );
    assert!(!names.contains(&"newer"));
    assert!(
        matches!(
            refuse(),
            Some(Error::NewerFormat {
                found: 9,
                known: 1,
                ..
            })
        ),
        "{:?}",
        refuse()
    );
}

#[test]
fn a_store_without_its_current_is_refused() {
    let place = Place::new();
    commit_one(&place.open(), put_batch(1, None));
    let current = place.directory.path().join("CURRENT");
    let content = std::fs::read(&current).expect("it is there");
    std::fs::remove_file(&current).expect("it is removed");
    let error = Store::open(place.directory.path(), place.options())
        .err()
        .expect("it is refused");
    assert!(
        error.to_string().contains("`CURRENT` is missing"),
        "{error}"
    );
    std::fs::write(&current, content).expect("it is put back");
    let store = place.open();
    assert!(matches!(
        statement_fact(&store.engine, 1),
        StatementFact::Stored(_)
    ));
}

#[test]
fn an_upload_that_fails_makes_the_store_read_only() {
    let place = Place::new();
    let store = place.open();
    store.engine.writes_to_fail.store(1, Ordering::SeqCst);
    assert!(store.upload(TENANT).is_err());
    assert!(!store.is_ready());
}

#[test]
fn a_failed_write_makes_the_store_read_only() {
    let place = Place::new();
    let store = place.open();
    commit_one(&store, put_batch(1, None));
    assert!(store.is_ready());
    store.engine.writes_to_fail.store(1, Ordering::SeqCst);
    assert!(matches!(
        store.commit_blocking(put_batch(2, None)),
        Err(CommitError::Failed(_))
    ));
    assert!(!store.is_ready());
    assert!(matches!(
        store.commit_blocking(put_batch(3, None)),
        Err(CommitError::ReadOnly)
    ));
    assert!(
        matches!(statement_fact(&store.engine, 1), StatementFact::Stored(_)),
        "reads go on"
    );
    drop(store);
    let store = place.open();
    assert!(store.is_ready());
    commit_one(&store, put_batch(2, None));
}

#[test]
fn damage_names_its_record_and_fails_its_batch_alone() {
    let place = Place::new();
    let engine = place.open_engine();
    let key = keys::id(TENANT, id(1));
    engine
        .db
        .put_cf(engine.family(Family::Ids), key, [1, 99, 0])
        .expect("it is written");
    let answers = commit(
        &engine,
        &[put_batch(2, None), put_batch(1, None), put_batch(3, None)],
    );
    let Err(CommitError::Failed(Error::Corrupt {
        family, key: named, ..
    })) = &answers[1]
    else {
        panic!("{answers:?}");
    };
    assert_eq!(
        (*family, named.as_str()),
        ("ids", "0000000700000000000000000000000000000001")
    );
    assert!(answers[0].is_ok() && answers[2].is_ok() && engine.is_ready());
    assert!(engine.facts(TENANT, &[FactKey::Statement(id(1))]).is_err());
}

#[test]
fn a_closed_store_takes_nothing() {
    let place = Place::new();
    let store = place.open();
    store.close().expect("it closes");
    store.close().expect("twice does nothing");
    assert!(!store.is_ready());
    assert!(matches!(
        store.commit_blocking(put_batch(1, None)),
        Err(CommitError::Failed(Error::Closed))
    ));
}

#[test]
fn many_threads_commit_at_once() {
    let place = Place::new();
    let store = place.open();
    std::thread::scope(|scope| {
        for thread in 0..8u128 {
            let store = &store;
            scope.spawn(move || {
                for n in 0..50 {
                    let ops = (0..(1 + n % 3 * 20)).map(|k| put(thread << 64 | n << 32 | k, None));
                    commit_one(store, batch(vec![], ops.map(Op::PutStatement).collect()));
                }
            });
        }
    });
    let mut count = 0;
    let mut before = u64::MAX;
    let walked =
        store
            .engine
            .each_with_prefix(Family::Statements, &TENANT.0.to_be_bytes(), |key, _| {
                let (_, seq) = keys::parse_statement(key).ok_or("not a key")?;
                assert!(seq.0 < before);
                before = seq.0;
                count += 1;
                Ok(())
            });
    walked.expect("the store is read");
    assert_eq!(count, 8 * (17 + 17 * 21 + 16 * 41));
}
