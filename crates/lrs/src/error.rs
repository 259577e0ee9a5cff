//! Why an operation did not happen. The server's one table turns these into statuses.

use xapi::Violation;

#[derive(Debug)]
pub enum Error {
    /// The request broke rules; all of them are listed.
    Violations(Vec<Violation>),
    /// The credential does not allow it, or rules of cmi5 forbid it; all of them are listed.
    Forbidden(Vec<Violation>),
    /// There is no such thing, or not for this caller. Says what.
    NotFound(&'static str),
    /// The request contradicts what is stored.
    Conflict {
        message: String,
        violations: Vec<Violation>,
    },
    /// What was to be made is there already, under this number.
    Exists { message: String, number: u64 },
    /// `If-Match` or `If-None-Match` does not hold.
    PreconditionFailed(String),
    TooLarge {
        what: &'static str,
        bytes_max: usize,
    },
    /// Others write too much at the moment; try again.
    Overloaded,
    /// The store takes no writes since one failed; a restart may mend it, trying again does not.
    ReadOnly,
    /// We failed.
    Storage(storage::Error),
}

impl From<storage::Error> for Error {
    fn from(error: storage::Error) -> Self {
        Error::Storage(error)
    }
}

impl From<Vec<Violation>> for Error {
    fn from(violations: Vec<Violation>) -> Self {
        Error::Violations(violations)
    }
}

impl From<Violation> for Error {
    fn from(violation: Violation) -> Self {
        Error::Violations(vec![violation])
    }
}

impl Error {
    /// One thing that is not permitted.
    #[must_use]
    pub fn forbidden(violation: Violation) -> Self {
        Error::Forbidden(vec![violation])
    }

    /// What is stored is not what was written.
    #[must_use]
    pub fn damaged(family: &'static str, key: impl ToString, detail: impl ToString) -> Self {
        Error::Storage(storage::Error::Corrupt {
            family,
            key: key.to_string(),
            detail: detail.to_string(),
        })
    }
}
