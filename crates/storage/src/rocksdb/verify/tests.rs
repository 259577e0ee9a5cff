use sha1::{Digest, Sha1};
use sha2::Sha256;
use tempfile::TempDir;
use uuid::Uuid;

use super::*;
use crate::batch::{RecordKey, RecordKind};
use crate::rocksdb::keys::{self, PendingKey};
use crate::rocksdb::values::{self, IdEntry};
use crate::statement::{Adds, ContentRef, Dictionaries};
use crate::term::along_chain;
use crate::{
    Batch, Document, DocumentFolder, DocumentKey, NewStatement, Op, Options, Place, PutRow, Seq,
    Sha2, Store, Table, Tenant, Term, term,
};

const AUTHORITY: &str = r#"{"mbox":"mailto:lrs@example.com"}"#;
const VOIDED: &str = "http://adlnet.gov/expapi/verbs/voided";
const ACTIVITY: &str = r#"{"id":"urn:a"}"#;

/// Statements 1 to 6: a plain one, one that refers to it, one that is voided by the next, one that refers to a
/// statement that is not there, one that voids a statement that is not there; and one of everything else.
fn store() -> (TempDir, Store) {
    let directory = TempDir::new().expect("a directory for the test");
    let store = Store::open(directory.path(), Options::default()).expect("an empty store opens");
    let plain = own_terms(1, "urn:v", ACTIVITY);
    let ops = vec![
        put(1, "urn:v", None, &[]),
        put(2, "urn:v", Some(1), &[&plain]),
        put(3, "urn:v", None, &[]),
        put(4, VOIDED, Some(3), &[&plain]),
        Op::Void {
            target: id(3),
            by: id(4),
        },
        put(5, "urn:v", Some(99), &[]),
        put(6, VOIDED, Some(98), &[]),
        Op::Void {
            target: id(98),
            by: id(6),
        },
        Op::PutDocument(document_key(), document()),
        Op::PutRecord(
            RecordKey {
                kind: RecordKind::Setting,
                key: b"key".to_vec(),
            },
            b"value".to_vec(),
        ),
        put_blob(&store, &vec![7; 300_000]),
        put_row(Table::Event, Place::Next),
        put_row(Table::Session, Place::At(Seq(u64::MAX))),
    ];
    commit(&store, ops);
    (directory, store)
}

fn document_key() -> DocumentKey {
    DocumentKey {
        folder: DocumentFolder::ActivityProfile {
            activity: "urn:a".to_owned(),
        },
        id: "profile".to_owned(),
    }
}

fn document() -> Document {
    Document {
        content_type: "text/plain".to_owned(),
        content: b"content".to_vec(),
        etag: Sha1::digest(b"content").into(),
        updated: 0,
    }
}

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn text(number: u128, verb: &str, object: &str) -> String {
    format!(
        r#"{{"id":"{}","actor":{{"mbox":"mailto:ann@example.com"}},"verb":{{"id":"{verb}"}},"object":{object}}}"#,
        id(number)
    )
}

fn own_terms(number: u128, verb: &str, object: &str) -> Vec<Term> {
    let text = text(number, verb, object);
    let limits = xapi::Limits::default();
    let statement = xapi::statement::parse_one(&text, xapi::Version::V2_0_0, &limits);
    let authority = xapi::statement::parse_actor(AUTHORITY, "/authority");
    term::terms(
        &statement.expect("a statement"),
        &authority.expect("an agent"),
    )
}

fn reference_to(target: u128) -> String {
    format!(r#"{{"objectType":"StatementRef","id":"{}"}}"#, id(target))
}

fn put(number: u128, verb: &str, reference: Option<u128>, behind: &[&[Term]]) -> Op {
    let object = match reference {
        None => ACTIVITY.to_owned(),
        Some(target) => reference_to(target),
    };
    let own = own_terms(number, verb, &object);
    Op::PutStatement(NewStatement {
        id: id(number),
        record: Dictionaries::shipped()
            .encode(&ContentRef {
                id: id(number),
                text: &text(number, verb, &object),
                authority: AUTHORITY,
                adds: Adds::default(),
                linked_contents: false,
            })
            .into(),
        terms: along_chain([&*own].into_iter().chain(behind.iter().copied())),
        reference: reference.map(id),
        voiding: verb == VOIDED,
        voided_by: None,
    })
}

fn put_row(table: Table, place: Place) -> Op {
    let term = |name| Term::row(table, name, b"value");
    Op::PutRow(PutRow {
        table,
        place,
        // One that comes twice counts once.
        terms: vec![term("one"), term("one"), term("other")],
        value: b"row".to_vec(),
        replaces: Vec::new(),
    })
}

fn put_blob(store: &Store, content: &[u8]) -> Op {
    let mut upload = store.upload(Tenant::DEFAULT).expect("an upload begins");
    upload.write(content).expect("the disk takes it");
    let (upload, length) = upload.finish().expect("the disk takes it");
    let sha2 = Sha2(Sha256::digest(content).to_vec());
    Op::PutBlob {
        sha2,
        upload,
        length,
    }
}

fn commit(store: &Store, ops: Vec<Op>) {
    let batch = Batch {
        tenant: Tenant::DEFAULT,
        asserts: Vec::new(),
        ops,
    };
    store.commit_blocking(batch).expect("nothing is asserted");
}

/// Keys and values of a family as they are.
fn contents(store: &Store, family: Family) -> Vec<(Vec<u8>, Vec<u8>)> {
    let engine = &store.engine;
    let mode = rocksdb::IteratorMode::Start;
    let mut options = ReadOptions::default();
    options.set_total_order_seek(true);
    engine
        .db
        .iterator_cf_opt(engine.family(family), options, mode)
        .map(|item| item.expect("the test's disk can be read"))
        .map(|(key, value)| (key.to_vec(), value.to_vec()))
        .collect()
}

fn set(store: &Store, family: Family, key: &[u8], value: Option<&[u8]>) {
    let engine = &store.engine;
    let family = engine.family(family);
    match value {
        Some(value) => engine.db.put_cf(family, key, value),
        None => engine.db.delete_cf(family, key),
    }
    .expect("the test's disk takes a write");
}

/// The store with this damage is not clean, and is clean again once it is repaired.
fn check(
    store: &Store,
    family: Family,
    key: &[u8],
    damaged: Option<&[u8]>,
    repaired: Option<&[u8]>,
) {
    set(store, family, key, damaged);
    let report = store.verify();
    assert!(
        !report.is_clean(),
        "{family:?} {}: {damaged:?} was {repaired:?}",
        hex(key)
    );
    assert_eq!(report.problems_count, report.problems.len() as u64);
    set(store, family, key, repaired);
}

const INDEXED: [Family; 10] = [
    Family::Statements,
    Family::Voided,
    Family::Ids,
    Family::Terms,
    Family::Referrers,
    Family::Blobs,
    Family::BlobChunks,
    Family::Documents,
    Family::Rows,
    Family::RowTerms,
];

#[test]
fn a_sound_store_is_clean_and_counted() {
    let (_directory, store) = store();
    let report = store.verify();
    let expected = Report {
        statements: 5,
        voided: 1,
        documents: 1,
        records: 1,
        rows: 2,
        blobs: 1,
        problems: Vec::new(),
        problems_count: 0,
    };
    assert_eq!(report, expected);
}

#[test]
fn a_lost_key_is_found() {
    let (_directory, store) = store();
    for family in INDEXED {
        let all = contents(&store, family);
        assert!(!all.is_empty(), "{family:?} is tried");
        // Nothing else says that a document is there.
        for (key, value) in all.iter().filter(|_| family != Family::Documents) {
            check(&store, family, key, None, Some(value));
        }
    }
    assert_eq!(store.verify().problems, []);
}

#[test]
fn a_key_too_many_is_found() {
    let (_directory, store) = store();
    for family in INDEXED {
        for (key, value) in contents(&store, family) {
            // Another document may have the same content, and a blob's chunks may be shared.
            for place in [0, key.len() / 2, key.len() - 1] {
                let mut other = key.clone();
                *other.get_mut(place).expect("inside the key") ^= 1;
                let is_there = contents(&store, family)
                    .iter()
                    .any(|(key, _)| *key == other);
                if !is_there && family != Family::Documents {
                    check(&store, family, &other, Some(&value), None);
                }
            }
        }
        check(&store, family, b"xyz", Some(&[1]), None);
    }
    assert_eq!(store.verify().problems, []);
}

#[test]
fn a_flipped_byte_of_a_value_is_found() {
    let (_directory, store) = store();
    for family in INDEXED {
        for (key, value) in contents(&store, family) {
            for place in places_that_count(family, &value) {
                let mut flipped = value.clone();
                *flipped.get_mut(place).expect("inside the value") ^= 1;
                check(&store, family, &key, Some(&flipped), Some(&value));
            }
        }
    }
    assert_eq!(store.verify().problems, []);
}

/// Bytes of a value whose damage the rest of the store can tell. (RocksDB's checksums guard all of them on disk.)
fn places_that_count(family: Family, value: &[u8]) -> Vec<usize> {
    let all = 0..value.len();
    match family {
        // Version, marks, the record's version, dictionary and id.
        Family::Statements | Family::Voided => (0..4).chain(5..21).collect(),
        // Marks mean nothing here, and how many wait has no other witness as long as it is enough.
        Family::Ids if matches!(IdEntry::decode(value), Ok(IdEntry::Awaited { .. })) => {
            all.filter(|place| !(2..11).contains(place)).collect()
        }
        // The time and the content type have no other witness.
        Family::Documents => all.filter(|place| !(21..43).contains(place)).collect(),
        Family::BlobChunks => all.step_by(50_000).collect(),
        Family::Ids | Family::Terms | Family::Referrers | Family::Blobs => all.collect(),
        // Where its place comes from has no other witness, and its content none.
        Family::Rows => (0..1).chain(2..54).collect(),
        Family::RowTerms => all.collect(),
        Family::Meta | Family::Pending | Family::Records | Family::Uploads => Vec::new(),
    }
}

#[test]
fn a_place_that_could_be_assigned_again_is_found() {
    let (_directory, store) = store();
    let last = contents(&store, Family::Meta)
        .into_iter()
        .find(|(key, _)| key == keys::META_LAST_SEQ)
        .expect("the last place is kept");
    check(&store, Family::Meta, &last.0, Some(&[0; 8]), Some(&last.1));
}

#[test]
fn an_upload_that_nobody_names_yet_is_no_problem_and_its_chunks_alone_are() {
    let (_directory, store) = store();
    let unnamed = put_blob(&store, &[1, 2, 3]);
    assert_eq!(store.verify().problems, []);
    let (key, value) = contents(&store, Family::Uploads).remove(0);
    check(&store, Family::Uploads, &key, None, Some(&value));
    commit(&store, vec![unnamed]);
    assert_eq!(store.verify().problems, []);
}

#[test]
fn work_that_is_still_to_do_is_no_problem() {
    let (_directory, store) = store();
    // What late propagation added to statement 2 is not there yet.
    let arrived = PendingKey {
        tenant: Tenant::DEFAULT,
        arrived: id(1),
        via: id(1),
        distance: 1,
    };
    let cursor = values::encode_cursor(Seq(0));
    set(&store, Family::Pending, &arrived.encode(), Some(&cursor));
    let referring = contents(&store, Family::Statements)
        .into_iter()
        .filter_map(|(key, _)| keys::parse_statement(&key))
        .map(|(_, seq)| seq)
        .min_by_key(|seq| seq.0)
        .map(|first| Seq(first.0 + 1))
        .expect("there are statements");
    for term in own_terms(1, "urn:v", ACTIVITY) {
        let key = keys::term(Tenant::DEFAULT, term, referring);
        let own = own_terms(2, "urn:v", &reference_to(1)).contains(&term);
        set(&store, Family::Terms, &key, own.then_some(&[1]));
    }
    assert_eq!(store.verify().problems, []);
    set(&store, Family::Pending, &arrived.encode(), None);
    assert!(!store.verify().is_clean());
    // Work for a statement that is not there.
    let nobody = PendingKey {
        arrived: id(97),
        ..arrived
    };
    check(
        &store,
        Family::Pending,
        &nobody.encode(),
        Some(&cursor),
        None,
    );
}

#[test]
fn many_problems_are_counted_and_the_first_are_listed() {
    let (_directory, store) = store();
    for n in 0..150u32 {
        set(&store, Family::Blobs, &n.to_be_bytes(), Some(&[1]));
    }
    let report = store.verify();
    assert_eq!(report.problems.len(), crate::verify::PROBLEMS_MAX);
    assert!(report.problems_count >= 150);
}
