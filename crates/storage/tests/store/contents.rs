//! Contents: what was uploaded comes back, whole or from any byte on, and what nobody names goes.

use storage::{Batch, CommitError, Op, Sha2, Store, Tenant};
use uuid::Uuid;

const TENANT: Tenant = Tenant::DEFAULT;

fn content(length: usize) -> Vec<u8> {
    (0..length).map(|n| (n % 251) as u8).collect()
}

fn upload(store: &Store, content: &[u8]) -> (Uuid, u64) {
    let mut upload = store.upload(TENANT).expect("an upload begins");
    upload.write(content).expect("it is written");
    upload.finish().expect("it ends")
}

fn name(store: &Store, sha2: &Sha2, (upload, length): (Uuid, u64)) -> Result<(), CommitError> {
    let put = Op::PutBlob {
        sha2: sha2.clone(),
        upload,
        length,
    };
    let batch = Batch {
        tenant: TENANT,
        asserts: Vec::new(),
        ops: vec![put],
    };
    store.commit_blocking(batch).map(drop)
}

fn read_from(store: &Store, sha2: &Sha2, offset: u64) -> Vec<u8> {
    let blob = store.blob(TENANT, sha2).expect("the store can be read");
    let blob = blob.expect("it was named").starting_at(offset);
    let chunks = blob.map(|chunk| chunk.expect("the chunk is there"));
    chunks
        .inspect(|chunk| assert!(!chunk.is_empty(), "a chunk has bytes"))
        .flatten()
        .collect()
}

#[test]
fn a_content_is_read_from_any_byte_on() {
    let opened = crate::open();
    let store = &opened.store;
    // Around the borders of chunks, whatever power of two they are.
    let borders: Vec<usize> = (16..21).map(|bits| 1 << bits).collect();
    for (id, length) in [(1, 0), (2, 1), (3, 1 << 20), (4, (1 << 20) + 7)] {
        let (sha2, content) = (Sha2(vec![id; 32]), content(length));
        name(store, &sha2, upload(store, &content)).expect("it is named");
        let around = borders.iter().flat_map(|at| [at - 1, *at, at + 1]);
        for offset in around.chain([0, 1, length, length + 1, usize::MAX]) {
            let expected = content.get(offset..).unwrap_or_default();
            let read = read_from(store, &sha2, offset as u64);
            assert!(read == expected, "{length} bytes from {offset} on");
        }
    }
}

#[test]
fn an_upload_is_discarded_unless_a_commit_names_it() {
    let opened = crate::open();
    let store = &opened.store;
    let (sha2, content) = (Sha2(vec![1; 32]), content(300_000));
    let (kept, gone) = (upload(store, &content), upload(store, &content));
    name(store, &sha2, kept).expect("it is named");
    for (upload, _) in [kept, gone] {
        store
            .discard_upload(TENANT, upload)
            .expect("the store can be written");
    }
    assert!(read_from(store, &sha2, 0) == content);
    let refused = name(store, &Sha2(vec![2; 32]), gone);
    assert!(
        matches!(refused, Err(CommitError::Failed(_))),
        "{refused:?}"
    );
}
