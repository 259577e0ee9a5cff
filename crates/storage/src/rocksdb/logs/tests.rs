//! Logs that RocksDB wrote, damaged in each way.

use rocksdb::{DB, Options};
use tempfile::TempDir;

use super::*;

/// A log with records of all sizes, some of several blocks, and where each begins.
fn written() -> (TempDir, PathBuf, Vec<u8>) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let mut options = Options::default();
    options.create_if_missing(true);
    let db = DB::open(&options, directory.path()).expect("it opens");
    for n in 0..40_usize {
        let value = vec![n as u8; n * 397 % 5_000 + usize::from(n % 13 == 5) * 40_000];
        db.put(n.to_be_bytes(), value).expect("it is written");
    }
    db.flush_wal(true).expect("it is synced");
    let path = write_ahead(directory.path()).expect("they are listed")[0].clone();
    // Before the store is closed, which empties the log.
    let log = fs::read(&path).expect("it can be read");
    (directory, path, log)
}

fn records(log: &[u8]) -> Vec<(usize, u8)> {
    let (mut at, mut found) = (0, Vec::new());
    while at + HEADER <= log.len() {
        if BLOCK - at % BLOCK < HEADER {
            at += BLOCK - at % BLOCK;
            continue;
        }
        let header = log[at..at + HEADER]
            .try_into()
            .expect("it is of this length");
        let Header { length, kind, .. } = Header::parse(&header);
        found.push((at, kind));
        at += HEADER + length;
    }
    found
}

#[test]
fn a_whole_log_is_whole() {
    let (_directory, _, log) = written();
    assert!(records(&log).len() > 43, "some records are in fragments");
    assert_eq!(walk(&log), None);
}

#[test]
fn a_log_may_be_cut_anywhere_and_end_in_zeros() {
    let (_directory, _, log) = written();
    let mut cuts: Vec<usize> = (0..log.len()).step_by(997).collect();
    cuts.extend(
        records(&log)
            .iter()
            .flat_map(|(at, _)| [*at, at + 3, at + 9]),
    );
    for cut in cuts {
        let mut cut_off = log[..cut].to_vec();
        assert_eq!(find_damage(&cut_off, Holds::Batches), None, "cut at {cut}");
        if records(&log).iter().any(|(at, _)| *at == cut) {
            cut_off.resize(cut + 50_000, 0);
            assert_eq!(
                find_damage(&cut_off, Holds::Batches),
                None,
                "zeros at {cut}"
            );
        }
    }
}

#[test]
fn every_flipped_byte_is_damage() {
    let (_directory, _, log) = written();
    let records = records(&log);
    let mut places: Vec<usize> = (0..log.len()).step_by(1_009).collect();
    places.extend(records.iter().flat_map(|(at, _)| *at..at + HEADER));
    for at in places {
        // What fills a block up says nothing.
        if records
            .iter()
            .all(|(begin, _)| at < *begin || at >= BLOCK * (begin / BLOCK + 1) - 6)
        {
            continue;
        }
        for bits in [0xff, 0x01, 0x80] {
            let mut damaged = log.clone();
            damaged[at] ^= bits;
            assert!(
                find_damage(&damaged, Holds::Batches).is_some(),
                "{bits:#x} at {at} of {}",
                log.len()
            );
        }
    }
}

#[test]
fn zeros_with_something_behind_are_damage() {
    let (_directory, _, log) = written();
    let begins: Vec<usize> = records(&log)
        .iter()
        .filter(|(_, kind)| *kind == FULL)
        .map(|(at, _)| *at)
        .collect();
    for pair in begins.windows(2) {
        let mut damaged = log.clone();
        damaged[pair[0]..pair[1]].fill(0);
        assert!(
            find_damage(&damaged, Holds::Batches).is_some(),
            "zeros at {}",
            pair[0]
        );
    }
}

#[test]
fn the_file_is_named() {
    let (directory, path, mut log) = written();
    log[40_000] ^= 1;
    fs::write(&path, log).expect("it is written");
    let error = check(directory.path())
        .expect_err("it is damaged")
        .to_string();
    let name = path.file_name().expect("it has a name").to_string_lossy();
    assert!(error.contains(&*name) && error.contains("byte"), "{error}");
}

/// A manifest of some records, closed.
fn manifest_written() -> (TempDir, PathBuf, Vec<u8>) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let mut options = Options::default();
    options.create_if_missing(true);
    let db = DB::open(&options, directory.path()).expect("it opens");
    for n in 0..5_u8 {
        db.put([n], [n; 100]).expect("it is written");
        db.flush().expect("it is flushed");
    }
    drop(db);
    let path = manifest(directory.path())
        .expect("it can be asked for")
        .expect("there is one");
    let edits = fs::read(&path).expect("it can be read");
    (directory, path, edits)
}

#[test]
fn a_flipped_byte_of_the_manifest_is_named() {
    let (directory, path, edits) = manifest_written();
    check(directory.path()).expect("it is whole");
    for at in 0..edits.len() {
        for bits in [0xff, 0x01, 0x80] {
            let mut damaged = edits.clone();
            damaged[at] ^= bits;
            fs::write(&path, &damaged).expect("it is written");
            let error = check(directory.path())
                .expect_err("it is damaged")
                .to_string();
            assert!(error.contains("MANIFEST-"), "{bits:#x} at {at}: {error}");
        }
    }
}

#[test]
fn a_manifest_may_end_in_a_torn_record_which_is_told_when_asked() {
    let (directory, path, edits) = manifest_written();
    assert_eq!(torn_manifest(directory.path()), None);
    let (last, _) = *records(&edits).last().expect("there are records");
    fs::write(&path, &edits[..edits.len() - 1]).expect("it is written");
    check(directory.path()).expect("a crash may leave it");
    let told = torn_manifest(directory.path()).expect("it is told");
    assert!(
        told.contains("MANIFEST-") && told.ends_with(&format!("at byte {last}")),
        "{told}"
    );
}
