//! Every vector of statements, tried on the parser alone, and every one of cmi5 sessions, tried on the rules alone.

use conformance::session::{self, pure};
use conformance::{course, statement, vector};

fn assert_none(failures: &[String]) {
    let count = failures.len();
    assert!(count == 0, "{count} failures:\n{}", failures.join("\n"));
}

/// One area, one check: every trial of every case, for each version that the case is of.
fn check(name: &str, file: &vector::File, bases: &vector::Bases) -> Vec<String> {
    let mut failures = Vec::new();
    for case in &file.cases {
        let trials = match statement::trials(case, bases) {
            Ok(trials) => trials,
            Err(error) => {
                failures.push(format!("{name}: {}: {error}", case.name));
                continue;
            }
        };
        for trial in trials {
            for &version in &case.versions {
                if let Err(difference) = statement::check_pure(&trial, version) {
                    let (case, label) = (&case.name, &trial.label);
                    let version = version.announced();
                    failures.push(format!("{name}: {case} [{version}] {label}: {difference}"));
                }
            }
        }
    }
    failures
}

#[test]
fn the_parser_judges_statements_as_the_vectors_say() {
    let bases = vector::bases();
    let failures: Vec<String> = vector::load()
        .iter()
        .flat_map(|(name, file)| check(name, file, &bases))
        .collect();
    assert_none(&failures);
}

/// One area, one check: every trial of every case that the rules alone can show.
fn check_sessions(name: &str, file: &vector::File) -> Vec<String> {
    let mut failures = Vec::new();
    for case in file.sessions.iter().filter(|case| !case.server_only) {
        let trials = match session::trials(case) {
            Ok(trials) => trials,
            Err(error) => {
                failures.push(format!("{name}: {}: {error}", case.name));
                continue;
            }
        };
        for trial in trials {
            for &version in &case.versions {
                if let Err(difference) = pure::check(case, &trial, version) {
                    let (case, label) = (&case.name, &trial.label);
                    let version = version.announced();
                    failures.push(format!("{name}: {case} [{version}] {label}: {difference}"));
                }
            }
        }
    }
    failures
}

#[test]
fn the_rules_judge_sessions_as_the_vectors_say() {
    let failures: Vec<String> = vector::load()
        .iter()
        .flat_map(|(name, file)| check_sessions(name, file))
        .collect();
    assert_none(&failures);
}

/// One area, one check: every trial of every course, which is of no version.
fn check_courses(name: &str, file: &vector::File) -> Vec<String> {
    let bases = vector::cmi5_bases();
    let mut failures = Vec::new();
    for case in &file.courses {
        let case_name = &case.name;
        match course::trials(case, &bases) {
            Err(error) => failures.push(format!("{name}: {case_name}: {error}")),
            Ok(trials) => {
                let wrong = trials.iter().filter_map(|trial| {
                    let difference = course::check_pure(trial).err()?;
                    Some(format!("{name}: {case_name} {}: {difference}", trial.label))
                });
                failures.extend(wrong);
            }
        }
    }
    failures
}

#[test]
fn the_parser_judges_courses_as_the_vectors_say() {
    let files = vector::load();
    assert!(files.iter().any(|(_, file)| file.courses.len() > 10));
    let failures: Vec<String> = files
        .iter()
        .flat_map(|(name, file)| check_courses(name, file))
        .collect();
    assert_none(&failures);
}
