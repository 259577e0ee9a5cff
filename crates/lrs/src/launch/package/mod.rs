//! Course packages on their way in (section 14): from an archive, or a bare `cmi5.xml`, to a checked structure and
//! contents in the store. Everything that is wrong is told at once, as far as it can be read.
//!
//! Blocking. Nothing is written but uploads, and those of a package that is refused are deleted again.

mod archive;
mod contents;
mod finding;
mod limits;
mod names;

use std::fs::File;

use cmi5::course::package::{Entries, Place, STRUCTURE, places_without_archive};
use cmi5::course::{self, Structure};
use storage::{Store, Tenant};
use uuid::Uuid;
use xapi::Violation;

use crate::Error;
use archive::Archive;
use contents::{Reading, Storing};
use finding::Findings;

pub use limits::{Limits, PATH_BYTES_MAX};

/// What came in.
pub enum Source<'a> {
    /// A zip, whole and on disk: from its beginning, wherever the file's cursor stands.
    Zip(File),
    /// A `cmi5.xml`.
    Xml(&'a [u8]),
}

/// A course that may be imported.
#[derive(Debug)]
pub struct Checked {
    pub structure: Structure,
    /// What is odd and no reason to refuse it.
    pub warnings: Vec<Violation>,
    /// Of each AU, in document order.
    pub places: Vec<Place>,
}

/// A course with its files in the store, where they stay only if a commit names them soon.
#[derive(Debug)]
pub struct Package {
    pub structure: Structure,
    pub warnings: Vec<Violation>,
    pub places: Vec<Place>,
    /// In the archive's order; `cmi5.xml` is none of them.
    pub files: Vec<PackageFile>,
}

/// A file in the store: what `Op::PutBlob` needs, and the record beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageFile {
    /// Of its parts, with `/` between; none of them is `.` or `..`.
    pub path: String,
    /// SHA-256 of the content, hex.
    pub sha2: String,
    pub upload: Uuid,
    /// Bytes.
    pub length: u64,
}

/// A dry run: everything is read and judged, contents too, and nothing is stored.
///
/// # Errors
/// As [`receive`].
pub fn check(source: Source<'_>, limits: &Limits) -> Result<Checked, Error> {
    match source {
        Source::Xml(bytes) => check_bare(bytes, limits),
        Source::Zip(file) => {
            let mut opened = Opened::read(file, limits)?;
            let mut findings = Findings::new(limits);
            for entry in opened.archive.files() {
                let read = opened.reading.whole(&opened.archive, entry, |_| Ok(()));
                findings.of_content(read)?;
            }
            findings.finish()?;
            Ok(opened.checked)
        }
    }
}

/// Checks a package and puts its files into the store.
///
/// # Errors
/// [`Error::Violations`] with everything that is wrong: names first, then the structure, then the AUs' places; if those
/// are right, contents. And when the spooled file cannot be read or the store cannot be written.
pub fn receive(
    store: &Store,
    tenant: Tenant,
    source: Source<'_>,
    limits: &Limits,
) -> Result<Package, Error> {
    let (checked, files) = match source {
        Source::Xml(bytes) => (check_bare(bytes, limits)?, Vec::new()),
        Source::Zip(file) => {
            let mut opened = Opened::read(file, limits)?;
            let mut storing = Storing::new(store, tenant);
            store_files(&mut opened, &mut storing, limits)?;
            (opened.checked, storing.finish())
        }
    };
    Ok(Package {
        structure: checked.structure,
        warnings: checked.warnings,
        places: checked.places,
        files,
    })
}

impl Package {
    /// Deletes the files again, for when no commit will name them; those that one has named stay.
    pub fn discard(self, store: &Store, tenant: Tenant) {
        contents::discard(store, tenant, &self.files);
    }
}

/// An archive that is right, its contents aside.
struct Opened<'l> {
    archive: Archive,
    checked: Checked,
    reading: Reading<'l>,
}

impl<'l> Opened<'l> {
    fn read(file: File, limits: &'l Limits) -> Result<Self, Error> {
        let mut findings = Findings::new(limits);
        let archive = Archive::open(file, limits, &mut findings)?;
        let mut reading = Reading::new(&archive, limits);
        let names: Vec<&str> = archive.names.iter().map(String::as_str).collect();
        let entries = Entries::read(&names).map_err(|faults| {
            findings.extend(faults);
            // Bad names hide no AU that leads nowhere.
            Entries::read(&harmless(&names))
        });
        let structure = structure(&archive, &mut reading, &mut findings)?;
        let places = match (&structure, &entries) {
            (Some((structure, _)), Ok(entries) | Err(Ok(entries))) => entries
                .places(structure)
                .map_err(|faults| findings.extend(faults))
                .ok(),
            (None, _) | (_, Err(Err(_))) => None,
        };
        Ok(Self {
            archive,
            checked: settle(findings, structure, places)?,
            reading,
        })
    }
}

fn check_bare(bytes: &[u8], limits: &Limits) -> Result<Checked, Error> {
    let mut findings = Findings::new(limits);
    let structure = parse(bytes, limits, &mut findings);
    let places = structure.as_ref().and_then(|(structure, _)| {
        places_without_archive(structure)
            .map_err(|faults| findings.extend(faults))
            .ok()
    });
    settle(findings, structure, places)
}

/// A structure with its warnings; `None` when there are faults, which are among the findings then.
type Parsed = Option<(Structure, Vec<Violation>)>;

fn parse(bytes: &[u8], limits: &Limits, findings: &mut Findings) -> Parsed {
    let (structure, warnings) = course::parse(bytes, &limits.xml)
        .map_err(|faults| findings.extend(faults))
        .ok()?;
    let warnings = warnings.into_iter().map(finding::violation).collect();
    Some((structure, warnings))
}

/// What was checked, unless there is anything to refuse it for.
fn settle(
    findings: Findings,
    parsed: Parsed,
    places: Option<Vec<Place>>,
) -> Result<Checked, Error> {
    findings.finish()?;
    // INVARIANT: whoever has no structure or no places has a finding.
    let (structure, warnings) = parsed.ok_or_else(|| finding::unreadable("no structure"))?;
    let places = places.ok_or_else(|| finding::unreadable("no places"))?;
    Ok(Checked {
        structure,
        warnings,
        places,
    })
}

/// The names that are nothing to refuse by themselves, each once.
fn harmless<'a>(names: &[&'a str]) -> Vec<&'a str> {
    let mut seen = std::collections::HashSet::new();
    names
        .iter()
        .copied()
        .filter(|name| Entries::read(&[STRUCTURE, name]).is_ok() || *name == STRUCTURE)
        .filter(|name| seen.insert(*name))
        .collect()
}

fn structure(
    archive: &Archive,
    reading: &mut Reading<'_>,
    findings: &mut Findings,
) -> Result<Parsed, Error> {
    let Some(entry) = archive.entries.iter().find(|entry| entry.name == STRUCTURE) else {
        return Ok(None);
    };
    let mut bytes = Vec::new();
    let read = reading.structure(archive, entry, |piece| {
        bytes.extend_from_slice(piece);
        Ok(())
    });
    match findings.of_content(read)? {
        Some(()) => Ok(parse(&bytes, reading.limits, findings)),
        None => Ok(None),
    }
}

fn store_files(
    opened: &mut Opened<'_>,
    storing: &mut Storing<'_>,
    limits: &Limits,
) -> Result<(), Error> {
    let mut findings = Findings::new(limits);
    for entry in opened.archive.files() {
        let mut writing = storing.begin()?;
        let read = opened
            .reading
            .whole(&opened.archive, entry, |piece| writing.write(piece));
        if findings.of_content(read)?.is_some() {
            storing.add(&entry.name, writing)?;
        }
    }
    findings.finish()
}

#[cfg(test)]
mod tests;
