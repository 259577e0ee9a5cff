//! Runs vectors against a server, several cases at a time: each keeps to data of its own.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use xapi::Version;

use crate::subject::Subject;
use crate::vector::course::CourseCase;
use crate::vector::session::SessionCase;
use crate::vector::{self, Account, Bases, Exchange, File, StatementCase};
use crate::{course, exchange, session, statement};

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
    Session(&'v SessionCase),
    Course(&'v CourseCase),
}

impl Case<'_> {
    fn head(&self) -> (&str, &[String], &[Version]) {
        match self {
            Case::Statement(case) => (&case.name, &case.ids, &case.versions),
            Case::Exchange(case) => (&case.name, &case.ids, &case.versions),
            Case::Session(case) => (&case.name, &case.ids, &case.versions),
            Case::Course(case) => (&case.name, &case.ids, &case.versions),
        }
    }

    fn run(&self, bases: &Bases, version: Version, subject: &Subject) -> Verdict {
        match self {
            Case::Statement(case) => statements(case, bases, version, subject),
            Case::Session(case) => sessions(case, version, subject),
            Case::Course(case) => courses(case, subject),
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
        let sessions = vectors.sessions.iter().map(Case::Session);
        let courses = vectors.courses.iter().map(Case::Course);
        for case in statements.chain(exchanges).chain(sessions).chain(courses) {
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
    verdict(trials.iter().filter_map(|trial| {
        let difference = statement::check_server(trial, version, subject).err()?;
        Some(format!("{}: {difference}", trial.label))
    }))
}

fn sessions(case: &SessionCase, version: Version, subject: &Subject) -> Verdict {
    if !subject.knows(Account::Lms) || subject.with_policy(Some(session::REJECT)).is_err() {
        return Verdict::NotRun("there are no keys of an LMS and an AU, or no policies".to_owned());
    }
    let trials = match session::trials(case) {
        Ok(trials) => trials,
        Err(error) => return Verdict::Failed(error),
    };
    verdict(trials.iter().filter_map(|trial| {
        let difference = session::check_server(case, trial, version, subject).err()?;
        Some(format!("{}: {difference}", trial.label))
    }))
}

fn courses(case: &CourseCase, subject: &Subject) -> Verdict {
    if !subject.knows(Account::Lms) || !subject.kind.names_violations() {
        return Verdict::NotRun(
            "it has no dry run of imports, or there is no key of an LMS".to_owned(),
        );
    }
    let trials = match course::trials(case, &vector::cmi5_bases()) {
        Ok(trials) => trials,
        Err(error) => return Verdict::Failed(error),
    };
    verdict(trials.iter().filter_map(|trial| {
        let difference = course::check_server(trial, subject).err()?;
        Some(format!("{}: {difference}", trial.label))
    }))
}

fn verdict(differences: impl Iterator<Item = String>) -> Verdict {
    let differences: Vec<String> = differences.take(DIFFERENCES_MAX).collect();
    if differences.is_empty() {
        Verdict::Passed
    } else {
        Verdict::Failed(differences.join("\n    "))
    }
}
