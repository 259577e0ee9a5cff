use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use tempfile::TempDir;

use super::recording::{Event, parse, read};
use super::{Loss, Shim, Watch};
use crate::generate::Rng;

/// Compiled once; lives as long as its directory.
static SHIM: OnceLock<(TempDir, Shim)> = OnceLock::new();

/// Runs a shell script under the library in a directory that has `old`, then cuts the power; compares the files
/// left and their content. `sync` is coreutils': it syncs the file or directory that it is given.
fn check(script: &str, loss: Loss, seed: u64, expected: &[(&str, &str)]) {
    let beside = tempfile::tempdir().expect("a temporary directory");
    let root = beside.path().join("data");
    fs::create_dir(&root).expect("the data directory");
    fs::write(root.join("old"), "old").expect("a file");
    let (_, shim) = SHIM.get_or_init(|| {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let shim = Shim::build(directory.path()).expect("the library");
        (directory, shim)
    });
    let watch = Watch::start(&root, beside.path()).expect("a watch");
    let status = Command::new("sh")
        .args(["-ec", script])
        .current_dir(&root)
        .envs(watch.environment(shim))
        .status()
        .expect("the script runs");
    assert!(status.success(), "{script}");
    watch.lose(loss, &mut Rng::new(seed)).expect("the loss");
    let mut left = Vec::new();
    list(&root, "", &mut left);
    left.sort();
    let left: Vec<(&str, &str)> = left
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    assert_eq!(left, expected, "{script}");
}

fn list(directory: &Path, prefix: &str, left: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(directory).expect("a directory") {
        let entry = entry.expect("an entry");
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            list(&entry.path(), &format!("{name}/"), left);
        } else {
            left.push((name, fs::read_to_string(entry.path()).expect("text")));
        }
    }
}

#[test]
fn only_what_was_synced_survives() {
    let cases: &[(&str, &[(&str, &str)])] = &[
        ("true", &[("old", "old")]),
        ("printf new > a", &[("old", "old")]),
        ("printf new > a; sync a", &[("old", "old")]),
        ("printf new > a; sync .", &[("a", ""), ("old", "old")]),
        (
            "printf new > a; sync a; sync .",
            &[("a", "new"), ("old", "old")],
        ),
        (
            "printf new > a; sync -d a; sync .; printf more >> a",
            &[("a", "new"), ("old", "old")],
        ),
        ("printf more >> old", &[("old", "old")]),
        ("printf more >> old; sync old", &[("old", "oldmore")]),
        ("printf n > old", &[("old", "")]),
    ];
    for (script, expected) in cases {
        check(script, Loss::Exact, 1, expected);
    }
}

#[test]
fn names_count_once_their_directory_was_synced() {
    let cases: &[(&str, &[(&str, &str)])] = &[
        ("rm old", &[("old", "old")]),
        ("rm old; sync .", &[]),
        ("mv old new", &[("old", "old")]),
        ("mv old new; sync .", &[("new", "old")]),
        ("printf n > tmp; sync tmp; mv tmp old", &[("old", "old")]),
        (
            "printf n > tmp; sync tmp; mv tmp old; sync .",
            &[("old", "n")],
        ),
        ("printf n > tmp; mv tmp old; sync .", &[("old", "")]),
        (
            "mkdir d; printf n > d/a; sync d/a; sync d",
            &[("old", "old")],
        ),
        (
            "mkdir d; printf n > d/a; sync d/a; sync .",
            &[("old", "old")],
        ),
        (
            "mkdir d; printf n > d/a; sync d/a; sync d; sync .",
            &[("d/a", "n"), ("old", "old")],
        ),
        ("rm old; sync .; printf n > old; sync old", &[]),
    ];
    for (script, expected) in cases {
        check(script, Loss::Exact, 1, expected);
    }
}

#[test]
fn a_part_of_what_was_not_synced_may_survive() {
    let script = "printf 0123456789 >> old";
    check(script, Loss::Torn, 1, &[("old", "old01")]);
    check(script, Loss::Zeroed, 1, &[("old", "old\0\0")]);
}

#[test]
fn a_process_that_was_killed_before_it_did_anything_has_no_log() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let events = read(&directory.path().join("synced.log")).expect("that is no error");
    assert_eq!(events, []);
}

#[test]
fn a_line_of_an_unknown_kind_is_an_error() {
    assert_eq!(
        parse("S\t12\t4096").ok(),
        Some(Event::Synced {
            inode: 12,
            length: 4096
        })
    );
    for line in ["", "S\t12", "X\t1\t2", "S\ttwelve\t1"] {
        assert!(parse(line).is_err(), "{line}");
    }
}
