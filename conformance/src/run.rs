//! Runs vectors against a server, several cases at a time: each keeps to data of its own.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use xapi::Version;

use crate::subject::Subject;
use crate::vector::{Bases, Exchange, File, StatementCase};
use crate::{exchange, statement};

const THREADS: usize = 8;
/// Of a case with many trials, no more differences than these are told.
const DIFFERENCES_MAX: usize = 5;

/// What became of one case.
#[derive(Debug)]
pub struct Outcome {
    pub file: &'static str,
    pub name: String,
    pub ids: Vec<String>,
    pub version: Version,
    pub verdict: Verdict,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Passed,
    /// What was expected and what came instead.
    Failed(String),
    /// Why it could not be tried here.
    NotRun(String),
}

enum Case<'v> {
    Statement(&'v StatementCase),
    Exchange(&'v Exchange),
}

impl Case<'_> {
    fn head(&self) -> (&str, &[String], &[Version]) {
        match self {
            Case::Statement(case) => (&case.name, &case.ids, &case.versions),
            Case::Exchange(case) => (&case.name, &case.ids, &case.versions),
        }
    }

    fn run(&self, bases: &Bases, version: Version, subject: &Subject) -> Verdict {
        match self {
            Case::Statement(case) => statements(case, bases, version, subject),
            Case::Exchange(case) => {
                if let Some(reason) = exchange::obstacle(case, subject) {
                    return Verdict::NotRun(reason);
                }
                match exchange::check(case, bases, version, subject) {
                    Ok(()) => Verdict::Passed,
                    Err(difference) => Verdict::Failed(difference),
                }
            }
        }
    }
}

/// Tries all cases of this version whose file, name or ids contain `filter`.
#[must_use]
pub fn run(
    files: &[(&'static str, File)],
    bases: &Bases,
    subject: &Subject,
    version: Version,
    filter: &str,
) -> Vec<Outcome> {
    let mut cases = Vec::new();
    for (file, vectors) in files {
        let statements = vectors.cases.iter().map(Case::Statement);
        let exchanges = vectors.exchanges.iter().map(Case::Exchange);
        for case in statements.chain(exchanges) {
            let (name, ids, versions) = case.head();
            let wanted = file.contains(filter)
                || name.contains(filter)
                || ids.iter().any(|id| id.contains(filter));
            if wanted && versions.contains(&version) {
                cases.push((*file, case));
            }
        }
    }
    let next = AtomicUsize::new(0);
    let outcomes = Mutex::new(Vec::with_capacity(cases.len()));
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while let Some((file, case)) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let (name, ids, _) = case.head();
                    let outcome = Outcome {
                        file,
                        name: name.to_owned(),
                        ids: ids.to_vec(),
                        version,
                        verdict: case.run(bases, version, subject),
                    };
                    if let Ok(mut outcomes) = outcomes.lock() {
                        outcomes.push(outcome);
                    }
                }
            });
        }
    });
    let mut outcomes = outcomes.into_inner().unwrap_or_default();
    outcomes.sort_by(|one, other| (one.file, &one.name).cmp(&(other.file, &other.name)));
    outcomes
}

fn statements(case: &StatementCase, bases: &Bases, version: Version, subject: &Subject) -> Verdict {
    let trials = match statement::trials(case, bases) {
        Ok(trials) => trials,
        Err(error) => return Verdict::Failed(error),
    };
    let differences: Vec<String> = trials
        .iter()
        .filter_map(|trial| {
            let difference = statement::check_server(trial, version, subject).err()?;
            Some(format!("{}: {difference}", trial.label))
        })
        .take(DIFFERENCES_MAX)
        .collect();
    if differences.is_empty() {
        Verdict::Passed
    } else {
        Verdict::Failed(differences.join("\n    "))
    }
}
