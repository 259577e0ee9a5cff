//! What a run shows by requirement, and `docs/requirements.md`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use crate::catalogue::Requirement;
use crate::run::{Outcome, Verdict};
use crate::vector::File;

/// How many cases of a requirement came out how.
#[derive(Debug, Clone, Copy, Default)]
pub struct Count {
    pub passed: usize,
    pub failed: usize,
    pub not_run: usize,
}

/// Counts by requirement.
#[must_use]
pub fn count(outcomes: &[Outcome]) -> BTreeMap<&str, Count> {
    let mut counts: BTreeMap<&str, Count> = BTreeMap::new();
    for outcome in outcomes {
        for id in outcome.ids.iter().collect::<BTreeSet<_>>() {
            let count = counts.entry(id).or_default();
            match outcome.verdict {
                Verdict::Passed => count.passed += 1,
                Verdict::Failed(_) => count.failed += 1,
                Verdict::NotRun(_) => count.not_run += 1,
            }
        }
    }
    counts
}

/// The table by requirement, then every failure.
#[must_use]
pub fn table(requirements: &[Requirement], outcomes: &[Outcome]) -> String {
    let counts = count(outcomes);
    let mut text = String::new();
    for requirement in requirements {
        let Some(count) = counts.get(requirement.id.as_str()) else {
            continue;
        };
        let verdict = match (count.failed, count.passed) {
            (0, 0) => "not run",
            (0, _) => "passed",
            _ => "FAILED",
        };
        line(
            &mut text,
            format_args!(
                "{verdict:8} {:4}/{:<4} {:32} {:7} {}",
                count.passed,
                count.passed + count.failed + count.not_run,
                requirement.id,
                requirement.level.name(),
                requirement.summary
            ),
        );
    }
    for outcome in outcomes {
        match &outcome.verdict {
            Verdict::Passed => {}
            Verdict::Failed(difference) => {
                let (file, name) = (outcome.file, &outcome.name);
                line(
                    &mut text,
                    format_args!("\nFAILED {file}: {name}\n    {difference}"),
                );
            }
            Verdict::NotRun(reason) => {
                let (file, name) = (outcome.file, &outcome.name);
                line(
                    &mut text,
                    format_args!("\nnot run {file}: {name}: {reason}"),
                );
            }
        }
    }
    text
}

/// Files of vectors by the requirements that they name.
#[must_use]
pub fn vectors_by_id<'v>(
    files: &'v [(&'static str, File)],
) -> BTreeMap<&'v str, BTreeSet<&'v str>> {
    let mut by_id: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (name, file) in files {
        let ids = file.cases.iter().map(|case| &case.ids);
        let ids = ids.chain(file.exchanges.iter().map(|case| &case.ids));
        let ids = ids.chain(file.sessions.iter().map(|case| &case.ids));
        let ids = ids.chain(file.courses.iter().map(|case| &case.ids));
        for id in ids.flatten() {
            by_id.entry(id).or_default().insert(name);
        }
    }
    by_id
}

/// `docs/requirements.md`.
#[must_use]
pub fn document(
    xapi: &[Requirement],
    cmi5: &[Requirement],
    files: &[(&'static str, File)],
) -> String {
    let by_id = vectors_by_id(files);
    let mut text = String::from(
        "# What xAPI and cmi5 demand, and where it is held\n\n\
         Written by `cargo test -p conformance --test trace` with `UPDATE=1`; do not edit. Each requirement is \
         enforced in the\nmodule named and tried by the vectors named (`conformance/vectors`), or says why not.\n\n\
         ## xAPI\n\n\
         `XAPI-…` are the ids of ADL's list of requirements for learning record stores, `xapi/…` are our own.\n\n",
    );
    line(&mut text, format_args!("{}\n", counted(xapi)));
    text.push_str("| id | level | section | demands | where | vectors or exception |\n");
    text.push_str("|---|---|---|---|---|---|\n");
    for requirement in xapi {
        line(
            &mut text,
            format_args!(
                "| {} | {} | {} | {} | {} | {} |",
                requirement.id,
                requirement.level.name(),
                section(requirement),
                requirement.summary,
                module(requirement),
                traced(requirement, &by_id),
            ),
        );
    }
    text.push_str(
        "\n## cmi5\n\n\
         `9.3.0.0-4` and the like are the ids of ADL's list of requirements of cmi5; what it derives from one for an \
         LMS stands in\nbrackets. `9.5.1/scaled` and the like are our own.\n\n",
    );
    line(&mut text, format_args!("{}\n", counted(cmi5)));
    text.push_str("| id | binds | demands | where | vectors or exception |\n");
    text.push_str("|---|---|---|---|---|\n");
    for requirement in cmi5 {
        let binds: Vec<&str> = requirement.binds.iter().map(|party| party.name()).collect();
        line(
            &mut text,
            format_args!(
                "| {} | {} | {} | {} | {} |",
                id(requirement),
                binds.join(", "),
                requirement.summary,
                module(requirement),
                traced(requirement, &by_id),
            ),
        );
    }
    text
}

fn counted(requirements: &[Requirement]) -> String {
    let count = |is: fn(&Requirement) -> bool| requirements.iter().filter(|one| is(one)).count();
    let excepted = count(|one| one.exception.is_some());
    let all = requirements.len();
    let traced = all - excepted;
    format!("{all} requirements: {traced} traced to code and vectors, {excepted} excepted.")
}

fn id(requirement: &Requirement) -> String {
    match requirement.derived.as_slice() {
        [] => requirement.id.clone(),
        derived => format!("{} ({})", requirement.id, derived.join(", ")),
    }
}

fn module(requirement: &Requirement) -> String {
    let module = requirement.module.as_ref();
    module.map_or_else(String::new, |module| format!("`{module}`"))
}

/// The vectors that try it, or why there are none.
fn traced(requirement: &Requirement, by_id: &BTreeMap<&str, BTreeSet<&str>>) -> String {
    if let Some(reason) = &requirement.exception {
        return format!("*{reason}*");
    }
    let tried = by_id.get(requirement.id.as_str()).into_iter().flatten();
    let tried: Vec<&str> = tried.map(|name| name.trim_end_matches(".toml")).collect();
    tried.join(", ")
}

fn section(requirement: &Requirement) -> String {
    match requirement.versions.as_slice() {
        [only] => format!("{} ({} only)", requirement.section, only.announced()),
        _ => requirement.section.clone(),
    }
}

fn line(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    writeln!(text, "{arguments}").expect("writing to a string cannot fail");
}
