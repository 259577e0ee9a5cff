//! What goes wrong in the store. That a client's assertion failed is no error: see [`CommitError::Stale`].

use std::fmt;
use std::path::PathBuf;

use crate::Assert;

/// We failed. `Corrupt` means that bytes on disk are not what was written.
#[derive(Debug, Clone)]
pub enum Error {
    /// The disk or the engine refused: what was attempted, and its message.
    Engine { attempted: String, message: String },
    /// A record that cannot be read: its family, its key in hex, what is wrong with it.
    Corrupt {
        family: &'static str,
        key: String,
        detail: String,
    },
    /// Another process has the store open.
    InUse { path: PathBuf },
    /// Written by a newer version of the software.
    NewerFormat {
        path: PathBuf,
        found: u32,
        known: u32,
    },
    /// The store was closed.
    Closed,
}

impl Error {
    pub(crate) fn engine(attempted: &str, error: impl fmt::Display) -> Error {
        Error::Engine {
            attempted: attempted.to_owned(),
            message: error.to_string(),
        }
    }

    pub(crate) fn corrupt(family: &'static str, key: &[u8], detail: impl Into<String>) -> Error {
        Error::Corrupt {
            family,
            key: hex(key),
            detail: detail.into(),
        }
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use fmt::Write;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            // Writing into a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Engine { attempted, message } => write!(f, "could not {attempted}: {message}"),
            Error::Corrupt {
                family,
                key,
                detail,
            } => {
                write!(f, "corrupt record in `{family}` at `{key}`: {detail}")
            }
            Error::InUse { path } => write!(
                f,
                "the store `{}` is open in another process",
                path.display()
            ),
            Error::NewerFormat { path, found, known } => write!(
                f,
                "the store `{}` has format {found}, and this program knows formats up to {known}",
                path.display()
            ),
            Error::Closed => f.write_str("the store is closed"),
        }
    }
}

impl std::error::Error for Error {}

/// Why a batch was not committed. Nothing of it was written.
#[derive(Debug, Clone)]
pub enum CommitError {
    /// This assertion does not hold any more: read the facts again and decide again.
    Stale(Assert),
    /// Too many batches wait: try later.
    Overloaded,
    /// A write failed before; the store takes no more writes until it is opened again.
    ReadOnly,
    Failed(Error),
}

impl fmt::Display for CommitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CommitError::Stale(_) => f.write_str("what the batch relied on has changed"),
            CommitError::Overloaded => f.write_str("too many commits wait"),
            CommitError::ReadOnly => f.write_str("the store is read-only since a write failed"),
            CommitError::Failed(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for CommitError {}

impl From<Error> for CommitError {
    fn from(error: Error) -> CommitError {
        CommitError::Failed(error)
    }
}
