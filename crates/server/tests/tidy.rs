//! What the project's text must look like, where neither rustfmt nor clippy can say it: length of files, the
//! lines a module opens with, what a pure crate may mention, what no file may.

use std::fs;
use std::path::{Path, PathBuf};

/// Lines of a source file, its tests aside.
const FILE_LINES_MAX: usize = 600;
/// Lines of the doc comment that a module opens with.
const OPENING_LINES_MAX: usize = 5;

/// What a pure crate would need to know the time, the machine or a runtime.
const IMPURE: &[&str] = &[
    "SystemTime::now",
    "Instant::now",
    "Utc::now",
    "Local::now",
    "Uuid::new_v",
    "std::env",
    "std::fs",
    "std::net",
    "std::thread",
    "std::process",
    "std::sync::Mutex",
    "std::sync::RwLock",
    "async fn",
    "tokio",
    "tracing",
    "println!",
    "getrandom",
];

/// In pieces, so that this file does not name them either: hosts of package registries (whoever builds chooses
/// those) and paths of the machines that the project was written on.
const NOWHERE: &[(&str, &str)] = &[
    ("crates", ".io"),
    ("npmjs", ".org"),
    ("npmjs", ".com"),
    ("pypi", ".org"),
    ("pythonhosted", ".org"),
    ("/work", "/shared"),
    ("/work", "/main"),
    ("/work", "/suite"),
    ("/root", "/"),
];

const SKIPPED_DIRECTORIES: &[&str] = &["target", ".git", "node_modules", ".venv", "__pycache__"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .expect("the crate lies in the workspace")
}

/// Every text file of the project with its path from the root. Cargo.lock is cargo's.
fn files() -> Vec<(String, String)> {
    let root = root();
    let mut waiting = vec![root.clone()];
    let mut found = Vec::new();
    while let Some(directory) = waiting.pop() {
        for entry in fs::read_dir(&directory).expect("a directory of the project can be read") {
            let path = entry.expect("an entry of the project can be read").path();
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            if path.is_dir() && !path.is_symlink() && !SKIPPED_DIRECTORIES.contains(&name.as_str())
            {
                waiting.push(path);
            } else if path.is_file() && name != "Cargo.lock" {
                let place = path
                    .strip_prefix(&root)
                    .expect("the walk began at the root")
                    .display()
                    .to_string();
                found.extend(fs::read_to_string(&path).ok().map(|text| (place, text)));
            }
        }
    }
    found.sort();
    assert!(found.len() > 20, "the walk found the project");
    found
}

fn is_test(place: &str) -> bool {
    place
        .split('/')
        .any(|part| part == "tests" || part == "tests.rs" || part.ends_with("_tests.rs"))
}

/// The Rust sources, each cut off where its tests begin.
fn sources() -> Vec<(String, String)> {
    let rust = files()
        .into_iter()
        .filter(|(place, _)| place.ends_with(".rs") && !is_test(place));
    rust.map(|(place, text)| {
        let tests = text.find("#[cfg(test)]\nmod tests {").unwrap_or(text.len());
        let own = text[..tests].to_string();
        (place, own)
    })
    .collect()
}

/// One area, one check: every finding of every file at once.
fn check(files: Vec<(String, String)>, broken: impl Fn(&str, &str) -> Option<String>) {
    let findings: Vec<String> = files
        .iter()
        .filter_map(|(place, text)| {
            broken(place, text).map(|finding| format!("{place}: {finding}"))
        })
        .collect();
    assert!(findings.is_empty(), "untidy:\n  {}", findings.join("\n  "));
}

#[test]
fn files_are_short() {
    check(sources(), |_, text| {
        let lines = text.lines().count();
        (lines > FILE_LINES_MAX).then(|| format!("{lines} lines, at most {FILE_LINES_MAX}"))
    });
}

#[test]
fn modules_open_by_saying_what_lives_there() {
    check(sources(), |_, text| {
        let lines = text
            .lines()
            .take_while(|line| line.starts_with("//!"))
            .count();
        let fits = (1..=OPENING_LINES_MAX).contains(&lines);
        (!fits).then(|| {
            format!("opens with {lines} lines of `//!`, 1 to {OPENING_LINES_MAX} are wanted")
        })
    });
}

#[test]
fn pure_crates_mention_nothing_impure() {
    let pure = |place: &String| {
        ["crates/xapi/src/", "crates/cmi5/src/"]
            .iter()
            .any(|part| place.starts_with(part))
    };
    let sources: Vec<_> = sources()
        .into_iter()
        .filter(|(place, _)| pure(place))
        .collect();
    assert!(!sources.is_empty(), "the pure crates are where they were");
    check(sources, |_, text| {
        let code = text
            .lines()
            .map(|line| line.split("//").next().unwrap_or_default());
        let found: Vec<&str> = code
            .flat_map(|line| IMPURE.iter().filter(|word| line.contains(**word)))
            .copied()
            .collect();
        (!found.is_empty()).then(|| format!("mentions {}", found.join(", ")))
    });
}

#[test]
fn text_names_no_registry_and_no_machine() {
    check(files(), |_, text| {
        let named: Vec<String> = NOWHERE
            .iter()
            .map(|(head, tail)| format!("{head}{tail}"))
            .filter(|word| text.contains(word))
            .collect();
        (!named.is_empty()).then(|| format!("names {}", named.join(", ")))
    });
}
