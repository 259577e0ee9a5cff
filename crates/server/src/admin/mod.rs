//! What can be done to a server besides HTTP: keys, a check of the store, a backup, a session's story. `command` does it; a running server
//! is asked by its unix socket (`socket`, `client`), one line of JSON each way; without one, the `tessera` command
//! opens the store and does it itself.

use std::num::NonZeroU32;
use std::path::PathBuf;

use lrs::reports::Story;
use serde::{Deserialize, Serialize};

pub mod client;
pub mod command;
pub mod socket;
#[cfg(test)]
mod tests;

/// Bytes of one line that asks.
pub const COMMAND_BYTES_MAX: u64 = 64 * 1024;
/// Bytes of one line that answers: a long list of keys.
pub const ANSWER_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// One line that asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Command {
    KeyAdd {
        name: String,
        /// As [`lrs::credential::Role`] is written.
        role: String,
        /// As [`lrs::credential::Scope`] is written.
        scopes: Vec<String>,
        assume_version: Option<String>,
    },
    KeyList {},
    /// By key or name.
    KeyRevoke {
        key: String,
    },
    /// By key or name.
    KeyRotate {
        key: String,
        overlap_seconds: u64,
    },
    Verify {},
    Backup {
        /// Absolute.
        directory: PathBuf,
        /// Backups that stay, the new one included; `None`: all.
        keep: Option<NonZeroU32>,
    },
    /// By session id, in the default tenant.
    SessionShow {
        id: String,
    },
}

/// One line that answers. It has no `Debug`, because it can hold a secret.
#[derive(Clone, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Answer {
    Secret { key: String, secret: String },
    Keys { keys: Vec<ListedKey> },
    Revoked { key: String, name: String },
    Verified { report: Report },
    BackedUp { backup: BackedUp },
    Session { story: Box<Story> },
    Refused { message: String },
}

/// A credential without its secrets. Times are microseconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListedKey {
    pub key: String,
    pub name: String,
    pub role: String,
    /// With blanks between.
    pub scopes: String,
    pub assume_version: Option<String>,
    pub created: u64,
    pub revoked: Option<u64>,
    /// When the secret before the last rotation ends.
    pub overlap_until: Option<u64>,
}

/// What a check of the store found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    pub statements: u64,
    pub voided: u64,
    pub documents: u64,
    pub records: u64,
    pub blobs: u64,
    /// The first of them, one line each.
    pub problems: Vec<String>,
    pub problems_count: u64,
}

/// A backup that was made and checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackedUp {
    pub id: u32,
    pub files: usize,
    pub bytes: u64,
    /// Those that no backup before it had.
    pub new_files: usize,
    pub new_bytes: u64,
    /// Ids of the older backups that `keep` removed.
    pub removed: Vec<u32>,
    /// From the command to the end of the check.
    pub milliseconds: u64,
}
