//! Vectors of courses: packages with one change each, judged by the parser alone and by a server's dry run.

use std::io::{Cursor, Write as _};

use cmi5::course::package::{Entries, places_without_archive};
use cmi5::course::{self, Limits};
use serde_json::Value;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::body::{Body, octets};
use crate::expect;
use crate::names::Names;
use crate::subject::Subject;
use crate::transport::Request;
use crate::vector::Account;
use crate::vector::course::{CourseCase, Package};
use crate::vector::session::Bases;

const STRUCTURE: &str = "cmi5.xml";
const BASE: &str = "course";

/// One package, and what becomes of it.
#[derive(Debug)]
pub struct Trial {
    pub label: String,
    package: Made,
    /// The requirement that a refusal names; `None`: it is imported.
    refusal: Option<String>,
    /// The requirement that a warning names.
    warning: Option<String>,
}

/// Files by their names, `cmi5.xml` among them, or no package at all.
#[derive(Debug, Clone)]
enum Made {
    Structure(String),
    Files(Vec<(String, String)>),
    Octets(Vec<u8>),
}

/// # Errors
/// A change of what is not there.
pub fn trials(case: &CourseCase, bases: &Bases) -> Result<Vec<Trial>, String> {
    let named = case.requirement.as_ref().or(case.ids.first()).cloned();
    let well = case.accept.iter().map(|value| (value, None));
    let wrong = case.refuse.iter().map(|value| (value, named.clone()));
    let trial = |(value, named): (&String, Option<String>)| {
        let mut package = case.package.clone();
        match &case.replace {
            Some(text) => package.set.push(format!("{text} => {value}")),
            None if value.is_empty() => {}
            None => package.set.push(value.clone()),
        }
        let (warning, refusal) = match case.warns {
            true => (named, None),
            false => (None, named),
        };
        Ok(Trial {
            label: value.clone(),
            package: make(&package, bases)?,
            refusal,
            warning,
        })
    };
    well.chain(wrong).map(trial).collect()
}

fn make(package: &Package, bases: &Bases) -> Result<Made, String> {
    if let Some(hex) = &package.octets {
        let octets = octets(hex).ok_or_else(|| format!("`{hex}` is no hex"))?;
        return Ok(Made::Octets(octets));
    }
    let base = |name: &str| bases.structures.get(name).cloned();
    let mut text = base(BASE).ok_or("there is no structure to begin with")?;
    for line in &package.set {
        let Some((old, new)) = line.split_once(" => ") else {
            text = base(line).ok_or_else(|| format!("`{line}` is no structure"))?;
            continue;
        };
        if !text.contains(old) {
            return Err(format!("`{old}` is not there"));
        }
        text = text.replace(old, new);
    }
    let more: Vec<String> = (0..package.more_aus).map(au).collect();
    let end = "</courseStructure>";
    text = text.replace(end, &(more.concat() + end));
    let Some(files) = &package.files else {
        return Ok(Made::Structure(text));
    };
    let name = package.structure_name.as_deref().unwrap_or(STRUCTURE);
    let mut made = vec![(name.to_owned(), text)];
    made.extend(files.clone());
    Ok(Made::Files(made))
}

fn au(index: usize) -> String {
    let text = r#"<langstring lang="en">More</langstring>"#;
    format!(
        r#"<au id="https://publisher.example/more/{index}"><title>{text}</title><description>{text}</description><url>https://content.example/{index}</url></au>"#
    )
}

/// The package as a body.
///
/// # Errors
/// As [`trials`].
pub fn body(package: &Package, bases: &Bases, names: &mut Names) -> Result<Body, String> {
    let made = match make(package, bases)? {
        Made::Structure(text) => Made::Structure(names.fill(&text)?),
        Made::Files(mut files) => {
            for (_, content) in &mut files {
                *content = names.fill(content)?;
            }
            Made::Files(files)
        }
        octets @ Made::Octets(_) => octets,
    };
    sent(&made)
}

fn sent(made: &Made) -> Result<Body, String> {
    Ok(match made {
        Made::Structure(text) => Body {
            content_type: "text/xml".to_owned(),
            bytes: text.clone().into_bytes(),
        },
        Made::Files(files) => Body {
            content_type: "application/zip".to_owned(),
            bytes: zipped(files).map_err(|error| error.to_string())?,
        },
        Made::Octets(octets) => Body {
            content_type: "application/zip".to_owned(),
            bytes: octets.clone(),
        },
    })
}

fn zipped(files: &[(String, String)]) -> std::io::Result<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        zip.start_file(name, SimpleFileOptions::default())?;
        zip.write_all(content.as_bytes())?;
    }
    Ok(zip.finish()?.into_inner())
}

/// Judges by names and texts alone; `None` for what only the reader of archives can judge.
///
/// # Errors
/// What was expected and what came instead.
pub fn check_pure(trial: &Trial) -> Result<(), String> {
    let (text, names) = match &trial.package {
        Made::Octets(_) => return Ok(()),
        Made::Structure(text) => (Some(text), None),
        Made::Files(files) => {
            let text = files.iter().find(|(name, _)| name == STRUCTURE);
            let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
            (text.map(|(_, text)| text), Some(names))
        }
    };
    let mut broken = Vec::new();
    let mut warned = Vec::new();
    let entries = names.map(|names| Entries::read(&names));
    let parsed = text.map(|text| course::parse(text.as_bytes(), &Limits::default()));
    if let Some(Err(faults)) = &entries {
        broken.extend(faults.iter().map(|fault| fault.violation.requirement));
    }
    match &parsed {
        Some(Err(faults)) => broken.extend(faults.iter().map(|one| one.violation.requirement)),
        Some(Ok((structure, warnings))) => {
            warned.extend(warnings.iter().map(|one| one.violation.requirement));
            let places = match &entries {
                None => places_without_archive(structure),
                Some(Ok(entries)) => entries.places(structure),
                Some(Err(_)) => Ok(Vec::new()),
            };
            let faults = places.err().unwrap_or_default();
            broken.extend(faults.iter().map(|one| one.violation.requirement));
        }
        None => {}
    }
    judge(trial, (broken.is_empty(), &broken, &warned))
}

/// Judges what a server's dry run says.
///
/// # Errors
/// What was expected and what came instead.
pub fn check_server(trial: &Trial, subject: &Subject) -> Result<(), String> {
    let body = sent(&trial.package)?;
    let authorization = subject.authorization(Account::Lms).unwrap_or_default();
    let answer = subject.transport.send(&Request {
        method: "POST".to_owned(),
        target: "/cmi5/v1/courses/check".to_owned(),
        headers: vec![
            ("Authorization".to_owned(), authorization),
            ("Content-Type".to_owned(), body.content_type),
        ],
        body: Some(body.bytes),
    })?;
    let text = String::from_utf8_lossy(&answer.body);
    if answer.status != 200 {
        return Err(format!("expected 200, got {}: {text}", answer.status));
    }
    let said = expect::read(&text)?;
    let named = |member: &str| -> Vec<&str> {
        let all = said[member].as_array().map_or(&[][..], Vec::as_slice);
        all.iter()
            .filter_map(|one| one["requirement"].as_str())
            .collect()
    };
    let accepted = said["accepted"] == Value::Bool(true);
    judge(trial, (accepted, &named("violations"), &named("warnings")))
}

fn judge(
    trial: &Trial,
    (accepted, broken, warned): (bool, &[&str], &[&str]),
) -> Result<(), String> {
    if accepted != trial.refusal.is_none() {
        let expected = if accepted { "a refusal" } else { "no refusal" };
        return Err(format!("expected {expected}, got {broken:?}"));
    }
    for (expected, got, what) in [
        (&trial.refusal, broken, "refusal"),
        (&trial.warning, warned, "warning"),
    ] {
        if let Some(expected) = expected
            && !got.contains(&expected.as_str())
        {
            return Err(format!("expected a {what} by {expected}, got {got:?}"));
        }
    }
    Ok(())
}
