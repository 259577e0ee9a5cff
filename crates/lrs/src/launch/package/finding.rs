//! What is wrong with a package, as violations: the pointer is an entry's name, or empty for the archive as a whole.

use cmi5::course::{Fault, requirement};
use xapi::Violation;

use super::Limits;
use super::contents::Failed;
use crate::Error;
use crate::requirement::PACKAGE_LIMIT;

/// Findings in the order in which they are told. So many are kept; of the others only how many there are.
pub(super) struct Findings {
    list: Vec<Violation>,
    list_max: usize,
    more: usize,
}

impl Findings {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            list: Vec::new(),
            list_max: limits.xml.faults_max.max(1),
            more: 0,
        }
    }

    pub(super) fn push(&mut self, finding: Violation) {
        if self.list.len() < self.list_max {
            self.list.push(finding);
        } else {
            self.more += 1;
        }
    }

    pub(super) fn extend(&mut self, faults: Vec<Fault>) {
        for fault in faults {
            self.push(violation(fault));
        }
    }

    /// What came of reading an entry: `None` when that is a finding.
    ///
    /// # Errors
    /// When going on would do harm, or we failed.
    pub(super) fn of_content(&mut self, read: Result<(), Failed>) -> Result<Option<()>, Error> {
        match read {
            Ok(()) => Ok(Some(())),
            Err(Failed::Broken(finding)) => {
                self.push(*finding);
                Ok(None)
            }
            Err(Failed::TooMuch(finding)) => {
                self.push(*finding);
                self.finish_here().map(|()| None)
            }
            Err(Failed::Ours(error)) => Err(error),
        }
    }

    /// # Errors
    /// [`Error::Violations`] when there are any.
    pub(super) fn finish(mut self) -> Result<(), Error> {
        self.finish_here()
    }

    fn finish_here(&mut self) -> Result<(), Error> {
        let mut list = std::mem::take(&mut self.list);
        if self.more > 0 {
            let expected = format!("at most {} findings", self.list_max);
            let got = format!("{} more", self.more);
            list.push(Violation::new(PACKAGE_LIMIT, "", expected, got));
        }
        match list.is_empty() {
            true => Ok(()),
            false => Err(Error::Violations(list)),
        }
    }
}

/// A fault with its place in the document put into words.
pub(super) fn violation(fault: Fault) -> Violation {
    let Some(position) = fault.position else {
        return fault.violation;
    };
    let place = format!("line {}, column {}", position.line, position.column);
    let detail = match &fault.violation.detail {
        Some(detail) => format!("{place}: {detail}"),
        None => place,
    };
    fault.violation.with_detail(detail)
}

pub(super) fn unreadable(got: impl Into<String>) -> Violation {
    Violation::new(
        requirement::ARCHIVE,
        "",
        "a zip that can be read to its end",
        got,
    )
}

pub(super) fn of_entry(name: &str, expected: &str, got: impl Into<String>) -> Violation {
    Violation::new(requirement::ARCHIVE, shown(name), expected, got)
}

pub(super) fn limit(name: &str, expected: String, got: impl Into<String>) -> Violation {
    Violation::new(PACKAGE_LIMIT, shown(name), expected, got)
}

/// A name that can be shown: cut, and without control characters.
pub(super) fn shown(name: &str) -> String {
    let chars = name.chars().take(xapi::violation::GOT_CHARS_MAX);
    chars
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}
