//! Batches of one group see each other; a failed assertion drops its batch alone.

use super::*;

fn document(folder: DocumentFolder, name: &str) -> DocumentKey {
    DocumentKey {
        folder,
        id: name.to_owned(),
    }
}

fn profile(name: &str) -> DocumentKey {
    document(
        DocumentFolder::ActivityProfile {
            activity: "http://example.com/a".to_owned(),
        },
        name,
    )
}

fn content(text: &str, etag: u8) -> Document {
    Document {
        content_type: "text/plain".to_owned(),
        content: text.as_bytes().to_vec(),
        etag: [etag; 20],
        updated: 0,
    }
}

fn session(key: &str) -> RecordKey {
    RecordKey {
        kind: RecordKind::Session,
        key: key.as_bytes().to_vec(),
    }
}

/// Which batches of one group are refused, and for what: `None` is a commit.
fn check(before: &[Batch], group: &[Batch], expected: &[Option<Assert>]) {
    let place = Place::new();
    let engine = place.open_engine();
    for batch in before {
        commit_all(&engine, std::slice::from_ref(batch));
    }
    let refused: Vec<Option<Assert>> = commit(&engine, group)
        .into_iter()
        .map(|answer| match answer {
            Ok(_) => None,
            Err(CommitError::Stale(assert)) => Some(assert),
            Err(error) => panic!("{error}"),
        })
        .collect();
    assert_eq!(refused, expected);
}

#[test]
fn one_id_is_stored_once() {
    let absent = Assert::StatementAbsent {
        id: id(1),
        waiting: 0,
    };
    check(
        &[],
        &[put_batch(1, None), put_batch(1, None), put_batch(2, None)],
        &[None, Some(absent.clone()), None],
    );
    check(
        &[put_batch(1, None)],
        &[put_batch(1, None)],
        &[Some(absent.clone())],
    );
    // Also when nothing was asserted, and within a batch.
    let unasserted = batch(vec![], vec![Op::PutStatement(put(1, None))]);
    check(
        &[put_batch(1, None)],
        &[unasserted],
        &[Some(absent.clone())],
    );
    let twice = batch(
        vec![],
        vec![
            Op::PutStatement(put(1, None)),
            Op::PutStatement(put(1, None)),
        ],
    );
    check(&[], &[twice], &[Some(absent)]);
}

#[test]
fn what_waits_has_a_version() {
    let expects = |waiting| {
        let assert = Assert::StatementAbsent { id: id(1), waiting };
        (
            batch(vec![assert.clone()], vec![Op::PutStatement(put(1, None))]),
            assert,
        )
    };
    let (unaware, assert) = expects(0);
    let (aware, _) = expects(2);
    let void = batch(
        vec![],
        vec![Op::Void {
            target: id(1),
            by: id(9),
        }],
    );
    check(
        &[put_batch(2, Some(1))],
        &[void.clone(), unaware, aware],
        &[None, Some(assert), None],
    );
    check(
        &[],
        &[put_batch(2, Some(1)), void, expects(2).0],
        &[None, None, None],
    );
}

#[test]
fn a_document_changes_once_per_etag() {
    let write = |expected: Option<u8>, new: u8| {
        let assert = Assert::DocumentEtag(profile("p"), expected.map(|byte| [byte; 20]));
        (
            batch(
                vec![assert.clone()],
                vec![Op::PutDocument(profile("p"), content("x", new))],
            ),
            assert,
        )
    };
    let (first, _) = write(None, 1);
    let (second, _) = write(Some(1), 2);
    let (late, stale) = write(Some(1), 3);
    check(
        &[],
        &[first.clone(), second.clone(), late.clone()],
        &[None, None, Some(stale.clone())],
    );
    check(
        std::slice::from_ref(&first),
        &[second, late],
        &[None, Some(stale)],
    );
    let delete = batch(vec![], vec![Op::DeleteDocument(profile("p"))]);
    check(
        std::slice::from_ref(&first),
        &[delete, first.clone()],
        &[None, None],
    );
}

#[test]
fn a_record_counts_its_writes() {
    let write = |expected| {
        let assert = Assert::RecordVersion(session("s"), expected);
        (
            batch(
                vec![assert.clone()],
                vec![Op::PutRecord(session("s"), vec![1])],
            ),
            assert,
        )
    };
    let (first, stale) = write(0);
    let (second, _) = write(1);
    check(
        &[],
        &[first.clone(), first.clone(), second.clone()],
        &[None, Some(stale.clone()), None],
    );
    check(
        std::slice::from_ref(&first),
        &[first.clone(), second],
        &[Some(stale), None],
    );
    let delete = batch(vec![], vec![Op::DeleteRecord(session("s"))]);
    check(
        std::slice::from_ref(&first),
        &[delete, first.clone()],
        &[None, None],
    );
}

#[test]
fn a_refused_batch_leaves_nothing() {
    let place = Place::new();
    let engine = place.open_engine();
    let mut refused = put_batch(1, None);
    refused.asserts.push(Assert::RecordVersion(session("s"), 5));
    refused.ops.push(Op::PutRecord(session("s"), vec![1]));
    assert!(matches!(
        commit(&engine, &[refused])[..],
        [Err(CommitError::Stale(_))]
    ));
    assert!(matches!(statement_fact(&engine, 1), StatementFact::Absent));
    let facts = engine
        .facts(TENANT, &[FactKey::Record(session("s"))])
        .expect("facts are read");
    assert!(matches!(facts[..], [Fact::Record(None)]));
}

#[test]
fn places_follow_the_order_and_the_clock() {
    let place = Place::new();
    let engine = place.open_engine();
    let first = batch(
        vec![],
        vec![
            Op::PutStatement(put(1, None)),
            Op::PutStatement(put(2, None)),
        ],
    );
    let committed = commit_all(&engine, &[first, put_batch(3, None)]);
    assert_eq!(committed[0].seqs, [Seq(START), Seq(START + 1)]);
    assert_eq!(committed[1].seqs, [Seq(START + 2)]);
    assert_eq!(committed[0].at, START);
    // What was told as consistent stays so.
    place.time.store(START + 500, Ordering::SeqCst);
    assert_eq!(engine.consistent_through(), START + 500);
    place.time.store(START + 400, Ordering::SeqCst);
    assert_eq!(
        commit_all(&engine, &[put_batch(4, None)])[0].seqs,
        [Seq(START + 501)]
    );
    assert_eq!(engine.consistent_through(), START + 501);
}

#[test]
fn facts_answer_in_the_order_of_their_keys() {
    let place = Place::new();
    let engine = place.open_engine();
    let ops = vec![
        Op::PutStatement(put(1, None)),
        Op::PutDocument(profile("p"), content("x", 1)),
        Op::PutRecord(session("s"), b"value".to_vec()),
    ];
    commit_all(&engine, &[batch(vec![], ops)]);
    let asked = [
        FactKey::Record(session("s")),
        FactKey::Statement(id(2)),
        FactKey::Document(profile("p")),
        FactKey::Statement(id(1)),
        FactKey::Blob(Sha2(vec![1; 32])),
        FactKey::Document(profile("q")),
    ];
    let facts = engine.facts(TENANT, &asked).expect("facts are read");
    let [
        Fact::Record(Some(record)),
        Fact::Statement(StatementFact::Absent),
        Fact::Document(Some(found)),
        Fact::Statement(StatementFact::Stored(stored)),
        Fact::Blob(None),
        Fact::Document(None),
    ] = &facts[..]
    else {
        panic!("{facts:?}");
    };
    assert_eq!(
        *record,
        Record {
            version: 1,
            value: b"value".to_vec()
        }
    );
    assert_eq!(
        *found,
        Document {
            updated: START,
            ..content("x", 1)
        }
    );
    assert_eq!(
        (stored.seq, stored.content.id, stored.voided_by),
        (Seq(START), id(1), None)
    );
    // Another tenant has none of it.
    let other = engine.facts(Tenant(8), &asked).expect("facts are read");
    assert!(matches!(
        &other[..2],
        [Fact::Record(None), Fact::Statement(StatementFact::Absent)]
    ));
}

#[test]
fn a_folder_lists_its_own_documents() {
    let state = |registration| DocumentFolder::State {
        activity: "http://example.com/a".to_owned(),
        agent: "mbox:a".to_owned(),
        registration,
    };
    let agent = DocumentFolder::AgentProfile {
        agent: "mbox:a".to_owned(),
    };
    let place = Place::new();
    let engine = place.open_engine();
    let folders = [
        state(None),
        state(Some(id(5))),
        state(Some(Uuid::nil())),
        agent,
    ];
    for (n, folder) in folders.iter().enumerate() {
        place.time.store(START + 10 * n as u64, Ordering::SeqCst);
        let put = |name: &str| Op::PutDocument(document(folder.clone(), name), content("x", 1));
        commit_all(
            &engine,
            &[batch(
                vec![],
                vec![put(&format!("b{n}")), put(&format!("a{n}"))],
            )],
        );
    }
    for (n, folder) in folders.iter().enumerate() {
        let updated = START + 10 * n as u64;
        let listed = |since| {
            engine
                .documents(TENANT, folder, since)
                .expect("the folder is read")
        };
        assert_eq!(
            listed(None),
            [(format!("a{n}"), updated), (format!("b{n}"), updated)]
        );
        assert_eq!(listed(Some(updated - 1)).len(), 2);
        assert_eq!(listed(Some(updated)), []);
    }
    let other = DocumentFolder::ActivityProfile {
        activity: "http://example.com/a".to_owned(),
    };
    assert_eq!(
        engine
            .documents(TENANT, &other, None)
            .expect("the folder is read"),
        []
    );
}

#[test]
fn records_of_a_kind_are_listed() {
    let place = Place::new();
    let engine = place.open_engine();
    let other = RecordKey {
        kind: RecordKind::Registration,
        key: b"c".to_vec(),
    };
    let ops = vec![
        Op::PutRecord(session("b"), vec![2]),
        Op::PutRecord(session("a"), vec![1]),
        Op::PutRecord(other, vec![3]),
    ];
    commit_all(&engine, &[batch(vec![], ops)]);
    let record = |key: &str, value| {
        (
            session(key),
            Record {
                version: 1,
                value: vec![value],
            },
        )
    };
    let listed = engine
        .records(TENANT, RecordKind::Session)
        .expect("the records are read");
    assert_eq!(listed, [record("a", 1), record("b", 2)]);
}
