//! Attachment content and its sweep.

use std::time::Duration;

use super::*;
use crate::rocksdb::blobs::CHUNK_BYTES;

fn bytes(length: usize) -> Vec<u8> {
    (0..length).map(|n| (n % 251) as u8).collect()
}

fn upload(store: &Store, content: &[u8]) -> (Uuid, u64) {
    let mut upload = store.upload(TENANT).expect("an upload begins");
    for part in content.chunks(100_000) {
        upload.write(part).expect("the part is written");
    }
    upload.finish().expect("the upload ends")
}

fn name(sha2: u8, (upload, length): (Uuid, u64)) -> Batch {
    batch(
        vec![],
        vec![Op::PutBlob {
            sha2: Sha2(vec![sha2; 32]),
            upload,
            length,
        }],
    )
}

fn read(store: &Store, sha2: u8) -> Option<Vec<u8>> {
    let blob = store
        .blob(TENANT, &Sha2(vec![sha2; 32]))
        .expect("the store is read")?;
    let length = blob.length;
    let content: Vec<u8> = blob
        .flat_map(|chunk| chunk.expect("the chunk is there"))
        .collect();
    assert_eq!(content.len() as u64, length);
    Some(content)
}

fn chunks(store: &Store) -> usize {
    let mut count = 0;
    for family in [Family::BlobChunks, Family::Uploads] {
        let walked = store.engine.each_with_prefix(family, &[], |_, _| {
            count += 1;
            Ok(())
        });
        walked.expect("the store is read");
    }
    count
}

#[test]
fn content_comes_back_whole() {
    for length in [
        0,
        1,
        CHUNK_BYTES - 1,
        CHUNK_BYTES,
        CHUNK_BYTES + 1,
        3 * CHUNK_BYTES + 7,
    ] {
        let place = Place::new();
        let store = place.open();
        let content = bytes(length);
        let uploaded = upload(&store, &content);
        assert_eq!(uploaded.1, length as u64);
        assert_eq!(read(&store, 1), None);
        store
            .commit_blocking(name(1, uploaded))
            .expect("the blob is named");
        assert_eq!(read(&store, 1), Some(content.clone()));
        drop(store);
        let store = place.open();
        assert_eq!(
            read(&store, 1),
            Some(content),
            "after opening again, {length} bytes"
        );
        let known = batch(vec![Assert::BlobPresent(Sha2(vec![1; 32]))], vec![]);
        store.commit_blocking(known).expect("the blob is there");
        let unknown = batch(vec![Assert::BlobPresent(Sha2(vec![2; 32]))], vec![]);
        assert!(matches!(
            store.commit_blocking(unknown),
            Err(CommitError::Stale(_))
        ));
    }
}

#[test]
fn a_hash_keeps_its_first_upload() {
    let place = Place::new();
    let store = place.open();
    let content = bytes(2 * CHUNK_BYTES);
    store
        .commit_blocking(name(1, upload(&store, &content)))
        .expect("the blob is named");
    assert_eq!(chunks(&store), 2);
    store
        .commit_blocking(name(1, upload(&store, &content)))
        .expect("the blob is named again");
    assert_eq!(chunks(&store), 2);
    assert_eq!(read(&store, 1), Some(content));
}

#[test]
fn what_no_commit_names_is_swept() {
    let place = Place::new();
    let store = place.open();
    let kept = bytes(CHUNK_BYTES + 1);
    store
        .commit_blocking(name(1, upload(&store, &kept)))
        .expect("the blob is named");

    let mut dropped = store.upload(TENANT).expect("an upload begins");
    dropped
        .write(&bytes(2 * CHUNK_BYTES))
        .expect("the part is written");
    drop(dropped);
    assert_eq!(chunks(&store), 2, "a dropped upload leaves nothing");

    let unnamed = upload(&store, &bytes(10));
    let mut running = store.upload(TENANT).expect("an upload begins");
    running
        .write(&bytes(CHUNK_BYTES))
        .expect("the part is written");
    place.time.fetch_add(59_000_000, Ordering::SeqCst);
    assert_eq!(
        store
            .sweep_uploads(Duration::from_secs(60))
            .expect("the sweep works"),
        0
    );
    place.time.fetch_add(2_000_000, Ordering::SeqCst);
    assert_eq!(
        store
            .sweep_uploads(Duration::from_secs(60))
            .expect("the sweep works"),
        1
    );
    assert!(matches!(
        store.commit_blocking(name(2, unnamed)),
        Err(CommitError::Failed(_))
    ));
    assert_eq!(
        chunks(&store),
        4,
        "the blob's two and what is being written"
    );
    drop(running);
    assert_eq!(chunks(&store), 2);
}

#[test]
fn opening_sweeps_what_a_crash_left() {
    let place = Place::new();
    let store = place.open();
    upload(&store, &bytes(CHUNK_BYTES * 2));
    assert_eq!(chunks(&store), 3);
    drop(store);
    let store = place.open();
    assert_eq!(chunks(&store), 0);
}
