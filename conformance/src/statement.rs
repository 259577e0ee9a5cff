//! Vectors of statements: what each case expands to, and what the parser alone or a server must make of it.

use xapi::{Limits, Version, Violation};

use crate::expect;
use crate::names::Names;
use crate::patch::Json;
use crate::subject::Subject;
use crate::vector::{Bases, StatementCase};

/// One statement to be tried.
#[derive(Debug)]
pub struct Trial {
    /// What differs from the base.
    pub label: String,
    pub text: String,
    pub verdict: Verdict,
}

#[derive(Debug)]
pub enum Verdict {
    Accept,
    Refuse {
        requirement: String,
        pointer: Option<String>,
    },
}

/// All trials of a case.
///
/// # Errors
/// When the case is not well made.
pub fn trials(case: &StatementCase, bases: &Bases) -> Result<Vec<Trial>, String> {
    let mut trials = Vec::new();
    for (base, at) in spots(case, bases)? {
        for (values, accepted) in [(&case.accept, true), (&case.refuse, false)] {
            for value in values {
                let change = match (&at, value.as_str()) {
                    (None, change) => change.to_owned(),
                    (Some(at), "-") => format!("- {at}"),
                    (Some(at), value) => format!("{at} = {value}"),
                };
                let pointer = pointer(case, &change);
                trials.push(Trial {
                    text: text(case, bases, &base, &change)?,
                    verdict: verdict(case, accepted, pointer),
                    label: change,
                });
            }
        }
    }
    for (texts, accepted) in [(&case.accept_text, true), (&case.refuse_text, false)] {
        for text in texts {
            trials.push(Trial {
                label: text.chars().take(200).collect(),
                text: Names::default().fill(text)?,
                verdict: verdict(case, accepted, case.pointer.clone()),
            });
        }
    }
    if trials.is_empty() {
        return Err("the case tries nothing".to_owned());
    }
    Ok(trials)
}

/// The bases and pointers at which the values of a case are tried.
fn spots(case: &StatementCase, bases: &Bases) -> Result<Vec<(String, Option<String>)>, String> {
    let Some(places) = &case.places else {
        let base = || case.base.clone();
        return Ok(match &case.at {
            None => vec![(base(), None)],
            Some(at) => at.iter().map(|at| (base(), Some(at.clone()))).collect(),
        });
    };
    let places = bases
        .places
        .get(places)
        .ok_or_else(|| format!("`{places}` are no places"))?;
    let here = [String::new()];
    let below = case.at.as_deref().unwrap_or(&here);
    let mut spots = Vec::new();
    for place in places {
        let (base, around) = place
            .split_once(' ')
            .ok_or_else(|| format!("`{place}` is no place"))?;
        for at in below {
            spots.push((base.to_owned(), Some(format!("{around}{at}"))));
        }
    }
    Ok(spots)
}

fn text(case: &StatementCase, bases: &Bases, base: &str, change: &str) -> Result<String, String> {
    let text = bases
        .statements
        .get(base)
        .ok_or_else(|| format!("`{base}` is no base"))?;
    let mut statement = Json::parse(text)?;
    for line in &case.set {
        statement.apply(line)?;
    }
    match (&case.places, &case.at, change.strip_prefix("- ")) {
        (None, None, _) if change.is_empty() => {}
        // What is not there at one of several places need not be removed there.
        (Some(_), _, Some(at)) | (_, Some(_), Some(at)) => drop(statement.remove(at)),
        _ => statement.apply(change)?,
    }
    Names::default().fill(&statement.to_text())
}

/// Where a refusal is expected to be.
fn pointer(case: &StatementCase, change: &str) -> Option<String> {
    let changed = change.strip_prefix("- ").unwrap_or(change);
    let changed = changed.split_once(" = ").map_or(changed, |(at, _)| at);
    let Some(relative) = &case.pointer else {
        return Some(changed.to_owned());
    };
    if relative == "*" {
        return None;
    }
    let Some(mut below) = relative.strip_prefix('^') else {
        return Some(relative.clone());
    };
    let mut around = parent(changed);
    while let Some(rest) = below.strip_prefix('^') {
        around = parent(around);
        below = rest;
    }
    Some(format!("{around}{below}"))
}

fn parent(pointer: &str) -> &str {
    pointer.rsplit_once('/').map_or("", |(parent, _)| parent)
}

fn verdict(case: &StatementCase, accepted: bool, pointer: Option<String>) -> Verdict {
    if accepted {
        return Verdict::Accept;
    }
    let requirement = case.requirement.clone();
    Verdict::Refuse {
        requirement: requirement
            .or_else(|| case.ids.first().cloned())
            .unwrap_or_default(),
        pointer: pointer.filter(|pointer| pointer != "*"),
    }
}

/// Tries a statement on the parser.
///
/// # Errors
/// What was expected and what came instead.
pub fn check_pure(trial: &Trial, version: Version) -> Result<(), String> {
    let parsed = xapi::statement::parse_batch(&trial.text, version, &Limits::default());
    match (&trial.verdict, parsed) {
        (Verdict::Accept, Ok(_)) => Ok(()),
        (Verdict::Accept, Err(violations)) => {
            Err(format!("expected acceptance, got {}", list(&violations)))
        }
        (Verdict::Refuse { .. }, Ok(_)) => Err("expected a refusal, got acceptance".to_owned()),
        (
            Verdict::Refuse {
                requirement,
                pointer,
            },
            Err(violations),
        ) => {
            let named = violations.iter().any(|violation| {
                violation.requirement == requirement
                    && pointer.as_ref().is_none_or(|at| *at == violation.pointer)
            });
            if named {
                return Ok(());
            }
            let at = pointer.as_deref().unwrap_or("somewhere");
            Err(format!(
                "expected {requirement} at {at}, got {}",
                list(&violations)
            ))
        }
    }
}

fn list(violations: &[Violation]) -> String {
    let each = violations
        .iter()
        .map(|v| format!("{} at {} (got {})", v.requirement, v.pointer, v.got));
    each.collect::<Vec<_>>().join("; ")
}

/// POSTs a statement to a server.
///
/// # Errors
/// What was expected and what came instead.
pub fn check_server(trial: &Trial, version: Version, subject: &Subject) -> Result<(), String> {
    let request = subject.post_statements(version, &trial.text);
    let answer = subject.transport.send(&request)?;
    let body = String::from_utf8_lossy(&answer.body);
    match (&trial.verdict, answer.status) {
        (Verdict::Accept, 200) => Ok(()),
        (
            Verdict::Refuse {
                requirement,
                pointer,
            },
            400,
        ) if subject.kind.names_violations() => {
            expect::violation(&body, requirement, pointer.as_deref())
        }
        (Verdict::Refuse { .. }, 400) => Ok(()),
        (Verdict::Accept, status) => Err(format!("expected 200, got {status}: {body}")),
        (Verdict::Refuse { requirement, .. }, status) => Err(format!(
            "expected 400 for {requirement}, got {status}: {body}"
        )),
    }
}
