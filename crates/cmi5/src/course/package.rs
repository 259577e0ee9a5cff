//! A course package by the names in its archive (section 14): whether the names are safe, `cmi5.xml` is where it must
//! be, and which entry each AU is.

use std::collections::HashSet;

use percent_encoding::percent_decode_str;
use xapi::Violation;

use super::fault::Fault;
use super::requirement;
use super::structure::Structure;
use super::url::is_relative;

/// The name of the course structure, at the root of the archive and in this case.
pub const STRUCTURE: &str = "cmi5.xml";

/// What a URL that names a directory leads to, the first that exists.
const INDEX_FILES: [&str; 2] = ["index.html", "index.htm"];

/// The names of an archive's files, all of them harmless.
#[derive(Debug, Clone)]
pub struct Entries<'a> {
    files: HashSet<&'a str>,
}

/// Where the content of an AU is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Its URL has a scheme: wherever that leads.
    Elsewhere,
    /// An entry of the archive, by its name.
    Entry(String),
}

impl<'a> Entries<'a> {
    /// Judges the names of an archive, with `/` between their parts and at the end of directories.
    ///
    /// A name is refused when it could be written or served outside of the package, or means something else to
    /// another system: absolute, with a drive letter, `.` or `..` as a part, empty parts, backslashes or control
    /// characters.
    ///
    /// # Errors
    ///
    /// Every bad name, files that occur twice, and the absence of `cmi5.xml`.
    pub fn read(names: &[&'a str]) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        let mut files = HashSet::new();
        for name in names {
            if let Some(reason) = malice(name) {
                let expected = "a name that stays inside the package";
                let violation = Violation::new(
                    requirement::PACKAGE_ROOT,
                    shown(name),
                    expected,
                    shown(name),
                );
                faults.push(Fault::of_package(violation.with_detail(reason)));
            } else if !name.ends_with('/') && !files.insert(*name) {
                let expected = "each file once";
                let violation =
                    Violation::new(requirement::ARCHIVE, shown(name), expected, shown(name));
                faults.push(Fault::of_package(violation));
            }
        }
        if !files.contains(STRUCTURE) {
            let expected = format!("`{STRUCTURE}` at the root of the archive");
            faults.push(Fault::of_package(no_structure(names, expected)));
        }
        if faults.is_empty() {
            Ok(Self { files })
        } else {
            Err(faults)
        }
    }

    /// The place of each AU in document order.
    ///
    /// A relative URL is resolved against the root, its query and fragment cut off and its percent-encoding decoded
    /// once. What ends in `/` is a directory and leads to its `index.html` or `index.htm`; `?a=1` and `#f` name the
    /// root directory. `//host/a` and `/abs` start at a host and not at the package, and are refused, and so are
    /// `../x`, encoded slashes, and `cmi5.xml`, which is not content.
    ///
    /// # Errors
    ///
    /// 14.1.0.0-4 for every relative URL that is no entry.
    pub fn places(&self, structure: &Structure) -> Result<Vec<Place>, Vec<Fault>> {
        let mut places = Vec::new();
        let mut faults = Vec::new();
        for (path, au) in structure.aus() {
            if !is_relative(&au.url) {
                places.push(Place::Elsewhere);
                continue;
            }
            match self.entry(&au.url) {
                Ok(name) => places.push(Place::Entry(name)),
                Err(reason) => {
                    let violation = Violation::new(
                        requirement::PACKAGE_ENTRY,
                        format!("{path}/url"),
                        "an entry of the archive, or a fully qualified URL",
                        &au.url,
                    );
                    faults.push(Fault::of_package(violation.with_detail(reason)));
                }
            }
        }
        if faults.is_empty() {
            Ok(places)
        } else {
            Err(faults)
        }
    }

    /// The entry that a relative URL names.
    fn entry(&self, url: &str) -> Result<String, String> {
        let path = url.split(['?', '#']).next().unwrap_or_default();
        if path.starts_with('/') {
            return Err("it starts at a host and not at the package".to_owned());
        }
        let resolved = resolve(path)?;
        if resolved.is_empty() || resolved.ends_with('/') {
            let index = INDEX_FILES
                .iter()
                .map(|index| format!("{resolved}{index}"))
                .find(|name| self.files.contains(&**name));
            return index.ok_or_else(|| format!("`{resolved}{}` is no entry", INDEX_FILES[0]));
        }
        if resolved == STRUCTURE {
            return Err("the course structure is not content".to_owned());
        }
        if self.files.contains(&*resolved) {
            Ok(resolved)
        } else {
            Err(format!("`{resolved}` is no entry"))
        }
    }
}

/// The places of the AUs of a course structure that came without an archive.
///
/// # Errors
///
/// 14.2.0.0-1 for every relative URL.
pub fn places_without_archive(structure: &Structure) -> Result<Vec<Place>, Vec<Fault>> {
    let aus = structure.aus();
    let relative: Vec<Fault> = aus
        .iter()
        .filter(|(_, au)| is_relative(&au.url))
        .map(|(path, au)| {
            Fault::of_package(Violation::new(
                requirement::QUALIFIED_URL,
                format!("{path}/url"),
                "a fully qualified URL, since there is no archive",
                &au.url,
            ))
        })
        .collect();
    if relative.is_empty() {
        Ok(vec![Place::Elsewhere; aus.len()])
    } else {
        Err(relative)
    }
}

/// The path below the root, without `.` and `..`, each part decoded.
fn resolve(path: &str) -> Result<String, String> {
    let mut parts: Vec<String> = Vec::new();
    let mut segments = path.split('/').peekable();
    while let Some(segment) = segments.next() {
        let decoded = percent_decode_str(segment)
            .decode_utf8()
            .map_err(|_| format!("`{segment}` is not UTF-8"))?;
        let is_last = segments.peek().is_none();
        match &*decoded {
            "." if is_last => parts.push(String::new()),
            "." => {}
            ".." => {
                parts.pop().ok_or("it leaves the package")?;
                if is_last {
                    parts.push(String::new());
                }
            }
            "" if !is_last => return Err("it has an empty part".to_owned()),
            part if part.contains(['/', '\\']) || part.contains(char::is_control) => {
                return Err(format!("`{segment}` is no part of a path"));
            }
            part => parts.push(part.to_owned()),
        }
    }
    Ok(parts.join("/"))
}

/// Why a name is refused.
fn malice(name: &str) -> Option<&'static str> {
    let mut parts = name.strip_suffix('/').unwrap_or(name).split('/');
    if name.starts_with('/') {
        Some("an absolute path")
    } else if name.contains('\\') {
        Some("a backslash")
    } else if name.contains(char::is_control) {
        Some("a control character")
    } else if name.as_bytes().get(1) == Some(&b':') {
        Some("a drive letter")
    } else {
        parts.find_map(|part| match part {
            "" => Some("an empty part"),
            "." | ".." => Some("a part that names a directory by its place"),
            _ => None,
        })
    }
}

fn no_structure(names: &[&str], expected: String) -> Violation {
    let near = names.iter().find(|name| {
        let last = name.rsplit('/').next().unwrap_or_default();
        last.eq_ignore_ascii_case(STRUCTURE)
    });
    let got = near.map_or_else(|| "nothing".to_owned(), |name| shown(name));
    Violation::new(requirement::PACKAGE_ROOT, STRUCTURE, expected, got)
}

/// A name that can be shown: control characters are escaped.
fn shown(name: &str) -> String {
    let shown: String = name
        .chars()
        .take(xapi::violation::GOT_CHARS_MAX)
        .flat_map(|c| {
            let plain = (!c.is_control()).then_some(c);
            plain
                .into_iter()
                .chain(c.escape_default().filter(move |_| c.is_control()))
        })
        .collect();
    shown
}
