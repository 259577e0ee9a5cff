//! Documents, records and attachments.

use sha1::{Digest, Sha1};
use storage::batch::{RecordKey, RecordKind};
use storage::fact::Record;
use storage::{
    Assert, Batch, CommitError, Committed, Document, DocumentFolder, DocumentKey, Fact, FactKey,
    Op, Sha2, Store, Tenant,
};
use uuid::Uuid;

use crate::client::commit_deciding;

const TENANT: Tenant = Tenant::DEFAULT;

fn commit(store: &Store, asserts: Vec<Assert>, ops: Vec<Op>) -> Result<Committed, CommitError> {
    store.commit_blocking(Batch {
        tenant: TENANT,
        asserts,
        ops,
    })
}

fn document(content: &[u8]) -> Document {
    Document {
        content_type: "application/json".to_owned(),
        content: content.to_vec(),
        etag: Sha1::digest(content).into(),
        updated: 0,
    }
}

fn key(folder: DocumentFolder, id: &str) -> DocumentKey {
    DocumentKey {
        folder,
        id: id.to_owned(),
    }
}

fn state(agent: &str, registration: Option<u128>) -> DocumentFolder {
    DocumentFolder::State {
        activity: "urn:a".to_owned(),
        agent: agent.to_owned(),
        registration: registration.map(Uuid::from_u128),
    }
}

fn read(store: &Store, key: &DocumentKey) -> Option<Document> {
    let facts = store.facts(TENANT, &[FactKey::Document(key.clone())]);
    match facts.expect("the store can be read").pop() {
        Some(Fact::Document(document)) => document,
        other => panic!("a document was asked for: {other:?}"),
    }
}

fn read_record(store: &Store, key: &RecordKey) -> Option<Record> {
    let facts = store.facts(TENANT, &[FactKey::Record(key.clone())]);
    match facts.expect("the store can be read").pop() {
        Some(Fact::Record(record)) => record,
        other => panic!("a record was asked for: {other:?}"),
    }
}

#[test]
fn a_document_is_written_if_its_etag_is_the_one_asserted() {
    let opened = crate::open();
    let store = &opened.store;
    let key = key(state("ann", None), "bookmark");
    let (old, new) = (document(b"1"), document(b"2"));
    let put = |document: &Document| vec![Op::PutDocument(key.clone(), document.clone())];
    let has = |etag| vec![Assert::DocumentEtag(key.clone(), etag)];

    assert!(matches!(
        commit(store, has(Some(old.etag)), put(&new)),
        Err(CommitError::Stale(_))
    ));
    assert_eq!(read(store, &key), None);
    let committed = commit(store, has(None), put(&old)).expect("there is none");
    let stored = read(store, &key).expect("it was put");
    assert_eq!(
        stored,
        Document {
            updated: committed.at,
            ..old.clone()
        }
    );
    assert!(matches!(
        commit(store, has(None), put(&new)),
        Err(CommitError::Stale(_))
    ));
    assert!(matches!(
        commit(store, has(Some(new.etag)), put(&new)),
        Err(CommitError::Stale(_))
    ));
    commit(store, has(Some(old.etag)), put(&new)).expect("it is the old one");
    commit(
        store,
        has(Some(new.etag)),
        vec![Op::DeleteDocument(key.clone())],
    )
    .expect("the new");
    assert_eq!(read(store, &key), None);
}

#[test]
fn folders_are_listed_apart_with_what_changed_since() {
    let opened = crate::open();
    let store = &opened.store;
    let profile = |agent: &str| DocumentFolder::AgentProfile {
        agent: agent.to_owned(),
    };
    let activity = DocumentFolder::ActivityProfile {
        activity: "urn:a".to_owned(),
    };
    let folders = [
        state("ann", None),
        state("ann", Some(0)),
        state("ann", Some(1)),
        state("bob", None),
        profile("ann"),
        profile("bob"),
        activity,
    ];
    for (number, folder) in folders.iter().enumerate() {
        for id in ["b", "", "a/ü"].iter().take(number % 3 + 1) {
            let put = Op::PutDocument(key(folder.clone(), id), document(id.as_bytes()));
            commit(store, Vec::new(), vec![put]).expect("nothing is asserted");
        }
    }
    let check = |store: &Store| {
        for (number, folder) in folders.iter().enumerate() {
            let listed = store
                .documents(TENANT, folder, None)
                .expect("the store can be read");
            let ids: Vec<&str> = listed.iter().map(|(id, _)| &**id).collect();
            let expected = [&["b"][..], &["", "b"], &["", "a/ü", "b"]];
            assert_eq!(Some(&&*ids), expected.get(number % 3), "{folder:?}");
            for (_, since) in &listed {
                let later = store.documents(TENANT, folder, Some(*since));
                let mut expected = listed.clone();
                expected.retain(|(_, updated)| updated > since);
                assert_eq!(later.expect("the store can be read"), expected);
            }
        }
        assert_eq!(
            store
                .documents(Tenant(2), &folders[0], None)
                .expect("it can be read"),
            []
        );
        assert_eq!(store.verify().problems, []);
    };
    check(store);
    store.flush().expect("the disk takes it");
    check(store);
    check(&opened.reopen().store);
}

/// Each merge adds its member to what it read, as a POST of a document does.
#[test]
fn parallel_merges_of_one_document_lose_nothing() {
    const MERGES: usize = 100;
    let opened = crate::open();
    let store = &opened.store;
    let key = &key(state("ann", None), "merged");
    std::thread::scope(|threads| {
        for number in 0..MERGES {
            threads.spawn(move || {
                let decide = || {
                    let before = read(store, key);
                    let mut members = before.as_ref().map_or(Vec::new(), members);
                    members.push(number);
                    let content = members
                        .iter()
                        .map(usize::to_string)
                        .collect::<Vec<_>>()
                        .join(",");
                    let etag = before.map(|document| document.etag);
                    Batch {
                        tenant: TENANT,
                        asserts: vec![Assert::DocumentEtag(key.clone(), etag)],
                        ops: vec![Op::PutDocument(key.clone(), document(content.as_bytes()))],
                    }
                };
                commit_deciding(store, TENANT, decide).expect("the store takes it");
            });
        }
    });
    let mut merged = members(&read(store, key).expect("it was merged"));
    merged.sort_unstable();
    assert!(merged.into_iter().eq(0..MERGES));
}

fn members(document: &Document) -> Vec<usize> {
    let text = std::str::from_utf8(&document.content).expect("it was text");
    text.split(',')
        .map(|number| number.parse().expect("it was a number"))
        .collect()
}

#[test]
fn a_record_counts_its_writes() {
    let opened = crate::open();
    let store = &opened.store;
    let key = RecordKey {
        kind: RecordKind::Session,
        key: b"session".to_vec(),
    };
    let put = |value: &[u8]| vec![Op::PutRecord(key.clone(), value.to_vec())];
    let has = |version| vec![Assert::RecordVersion(key.clone(), version)];
    let record = |version, value: &[u8]| {
        Some(Record {
            version,
            value: value.to_vec(),
        })
    };

    assert!(matches!(
        commit(store, has(1), put(b"a")),
        Err(CommitError::Stale(_))
    ));
    assert_eq!(read_record(store, &key), None);
    commit(store, has(0), put(b"a")).expect("there is none");
    assert_eq!(read_record(store, &key), record(1, b"a"));
    assert!(matches!(
        commit(store, has(0), put(b"b")),
        Err(CommitError::Stale(_))
    ));
    let twice = [put(b"b"), put(b"c")].concat();
    commit(store, has(1), twice).expect("it was written once");
    assert_eq!(read_record(store, &key), record(3, b"c"));
    commit(store, has(3), vec![Op::DeleteRecord(key.clone())]).expect("it was written thrice");
    assert_eq!(read_record(store, &key), None);
    commit(store, has(0), put(b"d")).expect("there is none again");
}

#[test]
fn records_are_listed_by_kind_in_the_order_of_their_keys() {
    let opened = crate::open();
    let store = &opened.store;
    let key = |kind, key: &[u8]| RecordKey {
        kind,
        key: key.to_vec(),
    };
    let keys = [&b""[..], b"a", b"a\0", b"ab", b"b", &[0xff, 0xff]];
    let mut ops = Vec::new();
    for kind in RecordKind::ALL {
        ops.extend(
            keys.iter()
                .rev()
                .map(|name| Op::PutRecord(key(kind, name), name.to_vec())),
        );
    }
    commit(store, Vec::new(), ops).expect("nothing is asserted");
    for kind in RecordKind::ALL {
        let listed = store.records(TENANT, kind).expect("the store can be read");
        let expected = keys.map(|name| {
            (
                key(kind, name),
                Record {
                    version: 1,
                    value: name.to_vec(),
                },
            )
        });
        assert_eq!(listed, expected);
        assert_eq!(
            store
                .records(Tenant(2), kind)
                .expect("the store can be read"),
            []
        );
    }
}

#[test]
fn a_blob_is_kept_once_and_read_back() {
    let opened = crate::open();
    let store = &opened.store;
    for length in [0, 1, 262_144, 262_145, 1_000_000] {
        let content: Vec<u8> = (0..length).map(|n: u32| (n % 251) as u8).collect();
        let sha2 = Sha2(sha2::Sha256::digest(&content).to_vec());
        let present = vec![Assert::BlobPresent(sha2.clone())];
        assert!(matches!(
            commit(store, present.clone(), Vec::new()),
            Err(CommitError::Stale(_))
        ));
        for _ in 0..2 {
            let mut upload = store.upload(TENANT).expect("an upload begins");
            for part in content.chunks(100_000) {
                upload.write(part).expect("the disk takes it");
            }
            let (upload, length) = upload.finish().expect("the disk takes it");
            assert_eq!(length, content.len() as u64);
            let put = Op::PutBlob {
                sha2: sha2.clone(),
                upload,
                length,
            };
            commit(store, Vec::new(), vec![put]).expect("nothing is asserted");
        }
        commit(store, present, Vec::new()).expect("it is there");
        let blob = store.blob(TENANT, &sha2).expect("the store can be read");
        let blob = blob.expect("it is there");
        let chunks: Result<Vec<Vec<u8>>, _> = blob.collect();
        assert_eq!(chunks.expect("all chunks are there").concat(), content);
        assert!(
            store
                .blob(Tenant(2), &sha2)
                .expect("the store can be read")
                .is_none()
        );
    }
    assert_eq!(store.verify().problems, []);
    assert_eq!(store.verify().blobs, 5);
}

#[test]
fn records_come_in_pages_by_the_beginning_of_their_keys() {
    let opened = crate::open();
    let store = &opened.store;
    let of = |kind, key: &[u8]| RecordKey {
        kind,
        key: key.to_vec(),
    };
    let names: [&[u8]; 8] = [b"", b"a", b"aa", b"ab", b"b", b"\xfe", b"\xff", b"\xff\xff"];
    let kinds = [RecordKind::Launch, RecordKind::Timer, RecordKind::Token];
    let put = |kind| names.map(|name| Op::PutRecord(of(kind, name), name.to_vec()));
    let ops = kinds.into_iter().flat_map(put).collect();
    commit(store, vec![], ops).expect("nothing is asserted");
    let check = |prefix: &[u8], after: Option<&[u8]>, rows_max, expected: &[&[u8]]| {
        let page = store
            .records_page(TENANT, RecordKind::Timer, prefix, after, rows_max)
            .expect("the store can be read");
        let expected: Vec<_> = expected
            .iter()
            .map(|name| {
                let value = name.to_vec();
                (of(RecordKind::Timer, name), Record { version: 1, value })
            })
            .collect();
        assert_eq!(page, expected, "{prefix:?} behind {after:?}");
    };
    check(b"", None, 100, &names);
    check(b"", None, 3, &names[..3]);
    check(b"", None, 0, &[]);
    check(b"", Some(b""), 100, &names[1..]);
    check(b"", Some(b"a"), 2, &names[2..4]);
    check(b"", Some(b"\xff\xff"), 100, &[]);
    check(b"a", None, 100, &names[1..4]);
    check(b"a", Some(b"aa"), 100, &names[3..4]);
    // Also behind a key that is not there, before the prefix, and behind all that have it.
    check(b"a", Some(b"a0"), 100, &names[2..4]);
    check(b"a", Some(b""), 100, &names[1..4]);
    check(b"a", Some(b"b"), 100, &[]);
    check(b"\xff", None, 100, &names[6..]);
    check(b"\xff\xff", Some(b"\xff"), 100, &names[7..]);
    check(b"x", None, 100, &[]);
    let other = store.records_page(Tenant(9), RecordKind::Timer, b"", None, 100);
    assert_eq!(other.expect("the store can be read"), []);
}
