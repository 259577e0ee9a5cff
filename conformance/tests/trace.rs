//! Requirements are traced: each is enforced somewhere and tried by a vector, or says why not; code and vectors cite
//! none that the catalogue does not have.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use cmi5::rule::Applies;
use conformance::catalogue::{self, Level, Requirement};
use conformance::{report, session, vector};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// All files below a directory whose names end so.
fn files(directory: &Path, end: &str) -> Vec<PathBuf> {
    let mut waiting = vec![directory.to_path_buf()];
    let mut found = Vec::new();
    while let Some(directory) = waiting.pop() {
        for entry in fs::read_dir(&directory).expect("a directory of the project can be read") {
            let path = entry.expect("an entry of the project can be read").path();
            if path.is_dir() {
                waiting.push(path);
            } else if path.to_string_lossy().ends_with(end) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn is_test(path: &Path) -> bool {
    let text = path.to_string_lossy();
    text.contains("/tests/") || text.ends_with("tests.rs")
}

/// Every id in a string literal of the code, with the file that cites it. Its tests cite what the code does.
fn cited() -> BTreeSet<(String, PathBuf)> {
    let mut cited = BTreeSet::new();
    for path in files(&root().join("crates"), ".rs") {
        if is_test(&path) {
            continue;
        }
        let text = fs::read_to_string(&path).expect("a source file can be read");
        let own = text
            .split("#[cfg(test)]\nmod tests {")
            .next()
            .unwrap_or_default();
        for literal in own.split('"').skip(1).step_by(2) {
            let is_adl = literal
                .strip_prefix("XAPI-")
                .is_some_and(|number| number.starts_with(|c: char| c.is_ascii_digit()));
            let is_own = literal
                .strip_prefix("xapi/")
                .is_some_and(|name| !name.is_empty() && name.bytes().all(is_name_byte));
            if is_adl || is_own || is_of_cmi5(literal) {
                cited.insert((literal.to_owned(), path.clone()));
            }
        }
    }
    assert!(cited.len() > 50, "the walk found the code");
    cited
}

/// Whether it is an id such as `9.3.0.0-4` or `9.5.1/scaled`.
fn is_of_cmi5(literal: &str) -> bool {
    let is_section = |text: &str, numbers: std::ops::RangeInclusive<usize>| {
        let mut parts = text.split('.');
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        numbers.contains(&parts.clone().count()) && parts.all(is_number)
    };
    if let Some((section, name)) = literal.split_once('/') {
        return is_section(section, 2..=4)
            && !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_lowercase());
    }
    let Some((section, number)) = literal.split_once('-') else {
        return false;
    };
    is_section(section, 4..=4) && is_section(number, 1..=1)
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'
}

/// Whether `xapi::statement` and the like is a module of a crate.
fn is_module(path: &str) -> bool {
    let mut parts = path.split("::");
    let sources = root()
        .join("crates")
        .join(parts.next().unwrap_or_default())
        .join("src");
    let below: PathBuf = parts.collect();
    sources.join(&below).with_extension("rs").is_file()
        || sources.join(below).join("mod.rs").is_file()
}

/// One area, one check: every finding at once.
fn check(findings: Vec<String>) {
    assert!(
        findings.is_empty(),
        "untraced:\n  {}",
        findings.join("\n  ")
    );
}

#[test]
fn the_catalogue_is_sound() {
    let requirements = catalogue::xapi();
    let mut seen = BTreeSet::new();
    let mut findings = Vec::new();
    for requirement in &requirements {
        let id = &requirement.id;
        if !seen.insert(id) {
            findings.push(format!("{id} occurs twice"));
        }
        if requirement.versions.is_empty() {
            findings.push(format!("{id} is of no version"));
        }
        match &requirement.module {
            Some(module) if !is_module(module) => {
                findings.push(format!("{id}: there is no module `{module}`"));
            }
            Some(_) => {}
            None if requirement.exception.is_none() => {
                findings.push(format!("{id} names neither a module nor an exception"));
            }
            None => {}
        }
    }
    assert!(requirements.len() > 300, "the catalogue is whole");
    check(findings);
}

/// The ids of ADL's list: each is an entry of ours, or derived from one.
#[test]
fn the_catalogue_of_cmi5_is_whole() {
    let listed = include_str!("../requirements/cmi5-ids.txt").lines();
    let listed: BTreeSet<String> = listed.map(str::to_owned).collect();
    let mut covered = BTreeSet::new();
    let mut findings = Vec::new();
    for requirement in catalogue::cmi5() {
        let id = &requirement.id;
        let derived = requirement.derived.iter();
        let mut ids: Vec<String> = derived.map(|name| format!("{id} ({name})")).collect();
        ids.push(id.clone());
        for id in ids {
            if !id.contains('/') && !listed.contains(&id) {
                findings.push(format!("ADL's list has no {id}"));
            }
            if !covered.insert(id.clone()) {
                findings.push(format!("{id} occurs twice"));
            }
        }
        if requirement.module.is_some() == requirement.exception.is_some() {
            findings.push(format!("{id} names not one of a module and an exception"));
        }
        if requirement.binds.is_empty() {
            findings.push(format!("{id} binds nobody"));
        }
    }
    let missing = listed.difference(&covered);
    findings.extend(missing.map(|id| format!("{id} is missing")));
    assert_eq!(listed.len(), 305);
    check(findings);
}

#[test]
fn code_cites_only_what_the_catalogue_has() {
    let requirements = catalogue::all();
    let known: BTreeSet<&str> = requirements.iter().map(|one| one.id.as_str()).collect();
    let unknown = cited()
        .into_iter()
        .filter(|(id, _)| !known.contains(id.as_str()));
    check(
        unknown
            .map(|(id, path)| format!("{} cites {id}", path.display()))
            .collect(),
    );
}

#[test]
fn each_requirement_has_code_and_vectors_or_says_why_not() {
    let (requirements, files) = (catalogue::xapi(), vector::load());
    let tried = report::vectors_by_id(&files);
    let cited: BTreeSet<String> = cited().into_iter().map(|(id, _)| id).collect();
    let is_tried = |one: &Requirement| tried.contains_key(one.id.as_str());
    let mut findings = Vec::new();
    for requirement in &requirements {
        let id = &requirement.id;
        let enforced = requirement.module.is_some() || cited.contains(id);
        match (&requirement.exception, is_tried(requirement)) {
            (Some(_), true) => findings.push(format!("{id} has an exception, but vectors too")),
            (Some(_), false) => {}
            (None, false) => findings.push(format!("{id} has no vector")),
            (None, true) if !enforced && requirement.level == Level::Must => {
                findings.push(format!("{id} has no code"));
            }
            (None, true) => {}
        }
    }
    check(findings);
}

/// Of cmi5: what code cites or a module holds has vectors; what neither holds is excepted.
#[test]
fn each_requirement_of_cmi5_has_code_and_vectors_or_says_why_not() {
    let (requirements, files) = (catalogue::cmi5(), vector::load());
    let tried = report::vectors_by_id(&files);
    let cited: BTreeSet<String> = cited().into_iter().map(|(id, _)| id).collect();
    let mut findings = Vec::new();
    for requirement in &requirements {
        let id = &requirement.id;
        let is_tried = tried.contains_key(id.as_str());
        let is_enforced = requirement.module.is_some();
        if let Some(module) = &requirement.module
            && !is_module(module)
        {
            findings.push(format!("{id}: there is no module `{module}`"));
        }
        if is_enforced && !is_tried {
            findings.push(format!("{id} has no vector"));
        }
        if !is_enforced && is_tried {
            findings.push(format!("{id} has vectors, but no module"));
        }
        if !is_enforced && cited.contains(id) {
            findings.push(format!("{id} has code, but no module"));
        }
    }
    check(findings);
}

/// Of every rule in the code some vector shows what it refuses, or flags, and some what it takes.
#[test]
fn each_rule_of_cmi5_is_tried_on_both_sides() {
    let files = vector::load();
    let mut taken = BTreeSet::new();
    let mut refused = BTreeSet::new();
    for (_, file) in &files {
        for case in &file.sessions {
            for trial in session::trials(case).expect("a case is well made") {
                if trial.refusal.is_empty() && case.warns.is_empty() {
                    taken.extend(case.ids.iter().cloned());
                }
                refused.extend(trial.refusal.into_iter().map(|one| one.requirement));
            }
            let warned = case.warns.iter().filter_map(|line| line.split(' ').next());
            refused.extend(warned.map(str::to_owned));
        }
        for case in &file.exchanges {
            let says = |step: &vector::Step, id: &str| {
                let is_it = |line: &String| line.split(' ').next() == Some(id);
                let header = step.has.get("X-Tessera-Violations");
                step.violations.iter().any(is_it)
                    || header.is_some_and(|ids| ids.contains(id))
                    || step.contains.iter().any(|text| text.contains(id))
            };
            for id in &case.ids {
                if case.steps.iter().any(|step| says(step, id)) {
                    refused.insert(id.clone());
                }
                // What surrounds the refusal is the same request, well made.
                let is_fine = |step: &vector::Step| {
                    step.status.is_some_and(|status| status < 300) && !says(step, id)
                };
                if case.steps.iter().any(is_fine) {
                    taken.insert(id.clone());
                }
            }
        }
    }
    let mut findings = Vec::new();
    for rule in cmi5::rule::RULES {
        let id = rule.id;
        // What is closed shows in statuses and tokens, and of some of it nothing names the rule.
        if rule.applies == Applies::Access {
            let tried = report::vectors_by_id(&files);
            if !tried.contains_key(id) {
                findings.push(format!("no vector is about {id}"));
            }
            continue;
        }
        if !taken.contains(id) {
            findings.push(format!("no vector shows what {id} takes"));
        }
        if !refused.contains(id) {
            findings.push(format!("no vector shows what {id} refuses"));
        }
    }
    check(findings);
}

#[test]
fn vectors_cite_only_what_the_catalogue_has() {
    let (requirements, files) = (catalogue::all(), vector::load());
    let known: BTreeSet<&str> = requirements.iter().map(|one| one.id.as_str()).collect();
    let mut findings: Vec<String> = report::vectors_by_id(&files)
        .iter()
        .filter(|(id, _)| !known.contains(*id))
        .map(|(id, files)| format!("{files:?} cite {id}"))
        .collect();
    for (name, file) in &files {
        let empty = |name: &String, ids: &Vec<String>| {
            ids.is_empty().then(|| format!("`{name}` cites nothing"))
        };
        let cases = file
            .cases
            .iter()
            .filter_map(|case| empty(&case.name, &case.ids));
        let exchanges = file.exchanges.iter();
        let exchanges = exchanges.filter_map(|case| empty(&case.name, &case.ids));
        let sessions = file.sessions.iter();
        let sessions = sessions.filter_map(|case| empty(&case.name, &case.ids));
        let courses = file.courses.iter();
        let courses = courses.filter_map(|case| empty(&case.name, &case.ids));
        findings.extend(
            cases
                .chain(exchanges)
                .chain(sessions)
                .chain(courses)
                .map(|finding| format!("{name}: {finding}")),
        );
    }
    check(findings);
}

#[test]
fn every_file_of_vectors_is_compiled_in() {
    let directory = root().join("conformance/vectors");
    let compiled: BTreeSet<String> = vector::load()
        .into_iter()
        .map(|(name, _)| name.to_owned())
        .collect();
    let there: BTreeSet<String> = files(&directory, ".toml")
        .iter()
        .filter_map(|path| path.strip_prefix(&directory).ok())
        .map(|path| path.to_string_lossy().into_owned())
        .filter(|name| !name.ends_with("bases.toml"))
        .collect();
    assert_eq!(there, compiled);
}

/// `UPDATE=1` in the environment writes it instead.
#[test]
fn the_document_of_requirements_is_up_to_date() {
    let path = root().join("docs/requirements.md");
    let expected = report::document(&catalogue::xapi(), &catalogue::cmi5(), &vector::load());
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &expected).expect("docs/requirements.md can be written");
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == expected,
        "docs/requirements.md is old: run `UPDATE=1 cargo test -p conformance --test trace`"
    );
}
