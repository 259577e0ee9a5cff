use super::*;

const PLACES: [u64; 3] = [7, 8, 9];

/// What a store writes for three statements in one group: the terms last, sorted by their keys.
fn store(path: &Path) {
    let db = storage::rocksdb::open_bare(path, &storage::Options::default())
        .expect("a fresh directory takes a store");
    let family = |name| db.cf_handle(name).expect("the store has this family");
    let mut write = WriteBatch::new();
    write.put_cf(family("records"), b"before any statement", b"x");
    for place in PLACES {
        let id = [place as u8; 16];
        write.put_cf(family("ids"), id, b"");
        write.put_cf(family("statements"), place.to_be_bytes(), b"record");
        write.put_cf(family("records"), [b"of ", &id[..]].concat(), b"x");
    }
    for term in *b"ab" {
        for place in PLACES {
            let key = [&[term][..], &place.to_be_bytes()].concat();
            write.put_cf(family("terms"), key, [1]);
        }
    }
    write.put(LAST_SEQ, 9_u64.to_be_bytes());
    db.write(write).expect("the store takes a write");
}

#[derive(Default)]
struct Keys(Vec<Vec<u8>>);

impl WriteBatchIteratorCf for Keys {
    fn put_cf(&mut self, _: u32, key: &[u8], _: &[u8]) {
        self.0.push(key.to_vec());
    }

    fn delete_cf(&mut self, _: u32, _: &[u8]) {}

    fn merge_cf(&mut self, _: u32, _: &[u8], _: &[u8]) {}
}

fn written(recorded: &Recorded, db: &DB, order: Order, group: Range<usize>) -> Vec<Vec<u8>> {
    let mut write = WriteBatch::new();
    let handles = recorded.handles(db, order);
    recorded
        .write(&handles, group, &mut write)
        .expect("the statements are there");
    let mut keys = Keys::default();
    write.iterate_cf(&mut keys);
    keys.0
}

#[test]
fn a_group_is_taken_apart_into_its_statements() {
    let directory = tempfile::tempdir().expect("there is room for a directory");
    let source = directory.path().join("source");
    store(&source);
    let recorded = Recorded::read(&source, usize::MAX).expect("the log is there");
    assert_eq!(recorded.statements(), PLACES.len());
    let db =
        storage::rocksdb::open_bare(&directory.path().join("copy"), &storage::Options::default())
            .expect("a fresh directory takes a store");
    let place = 8_u64.to_be_bytes();
    let own = written(&recorded, &db, Order::Given, 1..2);
    let term = |name: u8, place: u64| [&[name][..], &place.to_be_bytes()].concat();
    assert_eq!(
        own,
        [
            vec![8; 16],
            place.to_vec(),
            [b"of ", &[8; 16][..]].concat(),
            term(b'a', 8),
            term(b'b', 8),
        ]
    );
    let sorted = written(&recorded, &db, Order::Sorted, 1..3);
    let terms = &sorted[sorted.len() - 4..];
    assert_eq!(
        terms,
        [term(b'a', 8), term(b'a', 9), term(b'b', 8), term(b'b', 9)]
    );
    let handles = recorded.handles(&db, Order::Given);
    let beyond = recorded.write(&handles, 2..4, &mut WriteBatch::new());
    assert!(beyond.is_none(), "there are three statements");
}
