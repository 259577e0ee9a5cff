//! Backups of small stores: made, damaged, restored.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use sha2::{Digest as _, Sha512};
use tempfile::TempDir;

use super::*;
use crate::batch::{RecordKey, RecordKind};
use crate::fact::Record;
use crate::{Assert, Batch, Fact, FactKey, Op, Options, Store, Tenant};

const TENANT: Tenant = Tenant(7);

struct Place {
    directory: TempDir,
}

impl Place {
    fn new() -> Place {
        let directory = tempfile::tempdir().expect("the machine has a place for temporary files");
        Place { directory }
    }

    fn below(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn open(&self) -> Store {
        open_store(&self.below("data"))
    }

    fn backups(&self) -> PathBuf {
        self.below("backups")
    }
}

fn open_store(path: &Path) -> Store {
    Store::open(path, Options::default()).expect("the store opens")
}

fn key(n: u64) -> RecordKey {
    RecordKey {
        kind: RecordKind::Setting,
        key: n.to_be_bytes().to_vec(),
    }
}

/// Each value is 64 bytes that no compression shortens.
fn put(store: &Store, n: u64) {
    let value = Sha512::digest(n.to_be_bytes()).to_vec();
    store
        .commit_blocking(Batch {
            tenant: TENANT,
            asserts: vec![Assert::RecordVersion(key(n), 0)],
            ops: vec![Op::PutRecord(key(n), value)],
        })
        .expect("the record is written");
}

fn has(store: &Store, n: u64) -> bool {
    let facts = store
        .facts(TENANT, &[FactKey::Record(key(n))])
        .expect("facts are read");
    matches!(
        facts.as_slice(),
        [Fact::Record(Some(Record { value, .. }))] if value.len() == 64
    )
}

fn back_up(store: &Store, directory: &Path) -> Made {
    store.backup(directory, None).expect("the backup is made")
}

/// Restores into a new directory and checks it there.
fn restore(backups: &Path, id: Option<u32>, target: &Path) -> Store {
    let restoring = Restoring::begin(backups, id, target).expect("it is restored");
    let report = open_store(restoring.path()).verify();
    assert_eq!(report.problems_count, 0, "{:?}", report.problems);
    restoring.finish().expect("it moves to its place");
    open_store(target)
}

fn message<T>(outcome: Result<T, Error>) -> String {
    match outcome {
        Ok(_) => panic!("it works"),
        Err(error) => error.to_string(),
    }
}

fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).expect("it is there");
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("it is read").file_name())
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// The files of a backup whose path contains `part`.
fn files(backups: &Path, id: u32, part: &str) -> Vec<PathBuf> {
    let contents = Contents::read(backups, id).expect("it is read");
    let paths = contents.files.iter().map(|file| backups.join(&file.path));
    paths
        .filter(|path| path.to_string_lossy().contains(part))
        .collect()
}

fn flip_a_byte(file: &Path) {
    let mut bytes = fs::read(file).expect("it is read");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(file, bytes).expect("it is written");
}

#[test]
fn a_backup_restores_to_what_was_there() {
    let place = Place::new();
    let store = place.open();
    (0..100).for_each(|n| put(&store, n));
    let made = back_up(&store, &place.backups());
    put(&store, 100);
    assert_eq!((made.id, made.removed), (1, vec![]));
    assert_eq!((made.new_files, made.new_bytes), (made.files, made.bytes));
    let restored = restore(&place.backups(), None, &place.below("restored"));
    assert!((0..100).all(|n| has(&restored, n)));
    assert!(!has(&restored, 100), "it came later");
    put(&restored, 100);
    drop(restored);
    assert!(has(&open_store(&place.below("restored")), 100));
    assert!(!names(&place.below("restored")).contains(&UNFINISHED.to_owned()));
}

#[test]
fn a_backup_under_load_has_all_that_was_acknowledged_before() {
    let place = Place::new();
    let store = place.open();
    let (acknowledged, stop) = ([(); 4].map(|()| AtomicU64::new(0)), AtomicBool::new(false));
    let before = std::thread::scope(|scope| {
        for (writer, done) in acknowledged.iter().enumerate() {
            let (store, stop) = (&store, &stop);
            scope.spawn(move || {
                for n in 0.. {
                    if stop.load(Ordering::SeqCst) {
                        return;
                    }
                    put(store, (writer as u64) << 32 | n);
                    done.store(n + 1, Ordering::SeqCst);
                }
            });
        }
        let mut before = Vec::new();
        for _ in 0..4 {
            before.push(acknowledged.each_ref().map(|n| n.load(Ordering::SeqCst)));
            back_up(&store, &place.backups());
        }
        stop.store(true, Ordering::SeqCst);
        before
    });
    for (id, before) in (1..).zip(before) {
        let restored = restore(
            &place.backups(),
            Some(id),
            &place.below(&format!("restored-{id}")),
        );
        for (writer, &count) in before.iter().enumerate() {
            let missing = (0..count).find(|n| !has(&restored, (writer as u64) << 32 | n));
            assert_eq!(missing, None, "backup {id}, writer {writer} of {count}");
            // What is there of later ones is there without gaps.
            let mut later = (count..).map(|n| (writer as u64) << 32 | n);
            let gap = later.find(|&n| !has(&restored, n)).unwrap_or_default();
            assert!((gap + 1..gap + 100).all(|n| !has(&restored, n)), "a gap");
        }
    }
}

#[test]
fn a_second_backup_copies_only_what_is_new() {
    let place = Place::new();
    let store = place.open();
    (0..5_000).for_each(|n| put(&store, n));
    let first = back_up(&store, &place.backups());
    put(&store, 5_000);
    let second = back_up(&store, &place.backups());
    assert!(second.bytes > first.bytes);
    assert!(second.new_bytes * 4 < first.bytes, "{first:?} {second:?}");
    assert!(second.new_files < second.files, "{second:?}");
    let listed = list(&place.backups()).expect("they are listed");
    let ids: Vec<u32> = listed.iter().map(|backup| backup.id).collect();
    assert_eq!(ids, [1, 2]);
    assert!(listed.iter().all(|backup| backup.state == State::Whole));
    assert!(listed.iter().all(|b| b.created > Some(1_700_000_000)));
    assert!(!has(
        &restore(&place.backups(), Some(1), &place.below("one")),
        5_000
    ));
    assert!(has(
        &restore(&place.backups(), None, &place.below("two")),
        5_000
    ));
}

#[test]
fn old_backups_go_and_their_shared_files_stay() {
    let place = Place::new();
    let store = place.open();
    put(&store, 0);
    for _ in 0..3 {
        back_up(&store, &place.backups());
    }
    put(&store, 1);
    let made = store
        .backup(&place.backups(), NonZeroU32::new(2))
        .expect("the backup is made");
    assert_eq!((made.id, made.removed), (4, vec![1, 2]));
    let ids: Vec<u32> = contents::ids(&place.backups()).expect("they are read");
    assert_eq!(ids, [3, 4]);
    assert_eq!(names(&place.backups().join("private")), ["3", "4"]);
    let third = restore(&place.backups(), Some(3), &place.below("third"));
    assert!(has(&third, 0) && !has(&third, 1));
    assert_eq!(
        message(Restoring::begin(&place.backups(), Some(1), &place.below("first")).map(drop)),
        format!("there is no backup 1 in `{}`", place.backups().display())
    );
}

#[test]
fn damage_is_named_and_never_restored() {
    for part in ["shared_checksum", "MANIFEST", "CURRENT", "OPTIONS"] {
        let place = Place::new();
        let store = place.open();
        (0..100).for_each(|n| put(&store, n));
        let made = back_up(&store, &place.backups());
        let file = files(&place.backups(), made.id, part).remove(0);
        assert_eq!(check(&place.backups(), None), Ok((made.id, made.bytes)));
        flip_a_byte(&file);
        let damaged = |outcome: Result<(), Error>| {
            assert!(
                matches!(&outcome, Err(Error::Damaged { file: named, .. }) if *named == file),
                "{part}: {outcome:?}"
            );
        };
        damaged(check(&place.backups(), None).map(drop));
        damaged(Restoring::begin(&place.backups(), None, &place.below("to")).map(drop));
        assert!(!place.below("to").exists(), "nothing half restored stays");
        if part == "shared_checksum" {
            // The next one shares the damaged file, and must not count as a backup.
            damaged(store.backup(&place.backups(), NonZeroU32::new(1)).map(drop));
            assert_eq!(
                contents::ids(&place.backups()),
                Ok(vec![1, 2]),
                "none was removed"
            );
            fs::remove_file(&file).expect("it is removed");
            let states: Vec<_> = list(&place.backups()).expect("they are listed");
            let missing = |listed: &Listed| matches!(&listed.state, State::Damaged { file: named, .. } if *named == file);
            assert!(states.iter().all(missing), "{states:?}");
        }
        // Without it the next one copies it again.
        back_up(&store, &place.backups());
        assert!(has(
            &restore(&place.backups(), None, &place.below("to")),
            99
        ));
    }
}

#[test]
fn a_lost_or_cut_file_is_damage() {
    let place = Place::new();
    let store = place.open();
    put(&store, 0);
    back_up(&store, &place.backups());
    let meta = place.backups().join("meta/1");
    let text = fs::read_to_string(&meta).expect("it is text");
    for broken in [
        "",
        "1\n2\n",
        "x",
        &text[..text.len() / 2],
        &text.replace("crc32", "sum"),
    ] {
        fs::write(&meta, broken).expect("it is written");
        assert!(message(check(&place.backups(), None)).contains("meta/1"));
        let listed = list(&place.backups()).expect("they are listed");
        assert!(matches!(&listed[0].state, State::Damaged { file, .. } if *file == meta));
    }
    let outside = text.replace("private/1/CURRENT", "../../etc/CURRENT");
    fs::write(&meta, outside).expect("it is written");
    assert!(
        message(check(&place.backups(), None)).contains("meta/1"),
        "a path out of it"
    );
    fs::write(&meta, &text).expect("it is written");
    let table = files(&place.backups(), 1, "shared_checksum").remove(0);
    fs::remove_file(&table).expect("it is removed");
    let outcome = message(check(&place.backups(), None));
    assert!(outcome.contains("it is missing") && outcome.contains(&table.display().to_string()));
}

#[test]
fn what_a_broken_off_backup_left_is_in_nobodys_way() {
    let place = Place::new();
    let store = place.open();
    put(&store, 0);
    // Broken off before the first one was there, and behind it.
    for id in ["1", "2"] {
        let private = place.backups().join("private").join(id);
        let shared = place.backups().join("shared_checksum");
        for directory in [&private, &shared] {
            fs::create_dir_all(directory).expect("it is made");
        }
        fs::write(private.join("MANIFEST-000005"), b"half").expect("it is written");
        fs::write(shared.join("000099.sst.tmp"), b"half").expect("it is written");
        if id == "2" {
            fs::write(place.backups().join("meta/2.tmp"), b"half").expect("it is written");
        }
        let made = back_up(&store, &place.backups());
        assert_eq!(made.id.to_string(), id);
        assert!(!shared.join("000099.sst.tmp").exists());
    }
    assert!(has(
        &restore(&place.backups(), Some(1), &place.below("one")),
        0
    ));
    assert!(has(
        &restore(&place.backups(), Some(2), &place.below("two")),
        0
    ));
}

#[test]
fn only_one_at_a_time() {
    let place = Place::new();
    let store = place.open();
    back_up(&store, &place.backups());
    let writing = lock_exclusive(&place.backups()).expect("nobody has it");
    let busy = Error::Busy(place.backups());
    assert_eq!(store.backup(&place.backups(), None), Err(busy.clone()));
    assert_eq!(check(&place.backups(), None), Err(busy.clone()));
    let outcome = Restoring::begin(&place.backups(), None, &place.below("to"));
    assert_eq!(outcome.map(drop), Err(busy));
    drop(writing);
    let _reading = lock_shared(&place.backups()).expect("nobody has it");
    assert!(check(&place.backups(), None).is_ok(), "readers are many");
    assert_eq!(
        store.backup(&place.backups(), None),
        Err(Error::Busy(place.backups()))
    );
}

#[test]
fn directories_are_refused_before_anything_is_written() {
    let place = Place::new();
    let store = place.open();
    let refused = |directory: &Path, why: &str| {
        let said = message(store.backup(directory, None));
        assert!(said.contains(why), "`{said}` lacks `{why}`");
    };
    refused(Path::new("backups"), "absolute");
    refused(&place.below("data"), "in the data directory");
    refused(&place.below("data/backups"), "in the data directory");
    let link = place.below("link");
    std::os::unix::fs::symlink(place.below("data"), &link).expect("it is made");
    refused(&link.join("backups"), "in the data directory");
    fs::create_dir(place.below("full")).expect("it is made");
    fs::write(place.below("full/thesis.txt"), b"words").expect("it is written");
    refused(&place.below("full"), "something else than backups");
    assert_eq!(names(&place.below("full")), ["thesis.txt"]);
    refused(&place.below("full/thesis.txt"), "could not read");
    for directory in ["absent", "full"] {
        assert_eq!(
            message(list(&place.below(directory))),
            format!(
                "there are no backups in `{}`",
                place.below(directory).display()
            )
        );
    }
    assert!(!place.below("absent").exists());
    assert!(!place.below("data/backups").exists());
}

#[test]
fn a_restore_needs_an_empty_directory_and_takes_it_whole() {
    let place = Place::new();
    let store = place.open();
    put(&store, 0);
    back_up(&store, &place.backups());
    let begin = |target: &Path| Restoring::begin(&place.backups(), None, target);
    let target = place.below("to");
    fs::create_dir(&target).expect("it is made");
    fs::write(target.join("thesis.txt"), b"words").expect("it is written");
    assert!(message(begin(&target).map(drop)).contains("it is not empty (`thesis.txt`"));
    assert!(message(begin(&place.below("data")).map(drop)).contains("it is not empty"));
    fs::remove_file(target.join("thesis.txt")).expect("it is removed");

    // While it goes on nobody restores there, and no store is made there.
    let restoring = begin(&target).expect("it is restored");
    assert_eq!(begin(&target).map(drop), Err(Error::Busy(target.clone())));
    let opened = Store::open(&target, Options::default());
    assert!(
        opened
            .err()
            .is_some_and(|error| error.to_string().contains("restore"))
    );
    // It came in between: it stays, and the restore goes.
    fs::write(target.join("thesis.txt"), b"words").expect("it is written");
    assert!(message(restoring.finish()).contains("it is not empty"));
    assert_eq!(names(&target), ["thesis.txt"]);
    fs::remove_file(target.join("thesis.txt")).expect("it is removed");

    // A killed one leaves this.
    fs::create_dir(target.join(UNFINISHED)).expect("it is made");
    fs::write(target.join(UNFINISHED).join("CURRENT"), b"half").expect("it is written");
    assert!(has(&restore(&place.backups(), None, &target), 0));
    assert!(!names(&target).contains(&UNFINISHED.to_owned()));
}
