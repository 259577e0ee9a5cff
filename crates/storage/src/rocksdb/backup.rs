//! Backups of an open store by RocksDB's BackupEngine, and what may be asked of a directory of them. One directory holds
//! many backups, which share the files that did not change between them. Each is checked before it counts.

use std::collections::BTreeSet;
use std::fmt;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use rocksdb::Env;
use rocksdb::backup::{BackupEngine, BackupEngineOptions};

use super::{Engine, directory};
use contents::Contents;

mod contents;
mod restore;
#[cfg(test)]
mod tests;

pub use restore::Restoring;
pub(super) use restore::UNFINISHED;

/// Held locked while something is written into the directory; RocksDB itself does not notice a second process.
const LOCK: &str = "tessera-backup.lock";

/// A backup that was made and checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    pub id: u32,
    /// All files that it needs, and their bytes.
    pub files: usize,
    pub bytes: u64,
    /// Those that were not there before.
    pub new_files: usize,
    pub new_bytes: u64,
    /// Ids of older backups that were removed afterwards.
    pub removed: Vec<u32>,
}

/// A backup as its directory has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub id: u32,
    /// Seconds since 1970; `None` when it cannot be read.
    pub created: Option<u64>,
    pub files: usize,
    pub bytes: u64,
    pub state: State,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// All files are there. Their contents were not looked at.
    Whole,
    Damaged {
        file: PathBuf,
        detail: String,
    },
}

/// Why a backup was not made, checked or restored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// The directory cannot be used for this, and why.
    Unfit {
        directory: PathBuf,
        detail: String,
    },
    NoBackups(PathBuf),
    NoSuchBackup {
        directory: PathBuf,
        id: u32,
    },
    /// Another backup, or a check or restore, has the directory; or this store is being backed up.
    Busy(PathBuf),
    /// This file is not what was backed up.
    Damaged {
        backup: u32,
        file: PathBuf,
        detail: String,
    },
    /// The operating system or the engine refused: what was attempted, and its message.
    Failed {
        attempted: String,
        message: String,
    },
}

impl Error {
    fn io(attempted: &str, path: &Path, error: &io::Error) -> Error {
        Error::Failed {
            attempted: format!("{attempted} `{}`", path.display()),
            message: error.to_string(),
        }
    }

    fn engine(attempted: impl Into<String>, error: &rocksdb::Error) -> Error {
        Error::Failed {
            attempted: attempted.into(),
            message: error.to_string(),
        }
    }

    fn unfit(directory: &Path, detail: impl Into<String>) -> Error {
        Error::Unfit {
            directory: directory.to_owned(),
            detail: detail.into(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Unfit { directory, detail } => {
                write!(f, "`{}` cannot be used: {detail}", directory.display())
            }
            Error::NoBackups(directory) => {
                write!(f, "there are no backups in `{}`", directory.display())
            }
            Error::NoSuchBackup { directory, id } => {
                write!(f, "there is no backup {id} in `{}`", directory.display())
            }
            Error::Busy(path) => write!(
                f,
                "`{}` is in use by another backup, check or restore: wait until it has ended",
                path.display()
            ),
            Error::Damaged {
                backup,
                file,
                detail,
            } => write!(
                f,
                "backup {backup} is damaged at `{}`: {detail}",
                file.display()
            ),
            Error::Failed { attempted, message } => write!(f, "could not {attempted}: {message}"),
        }
    }
}

impl std::error::Error for Error {}

/// All backups of a directory, the oldest first. Files are looked for, their contents are not read.
///
/// # Errors
/// [`Error::NoBackups`], [`Error::Failed`].
pub fn list(directory: &Path) -> Result<Vec<Listed>, Error> {
    contents::list(directory)
}

/// Reads a backup whole, the newest unless an id is given, and compares all checksums. Answers its id and bytes.
///
/// # Errors
/// [`Error::Damaged`] names the first file that differs; as [`list`] otherwise, and [`Error::Busy`].
pub fn check(directory: &Path, id: Option<u32>) -> Result<(u32, u64), Error> {
    let _reading = lock_shared(directory)?;
    let contents = chosen(directory, id)?;
    Ok((contents.id, contents.check(directory)?))
}

/// The backup of this id, or the newest.
fn chosen(directory: &Path, id: Option<u32>) -> Result<Contents, Error> {
    let ids = contents::ids(directory)?;
    let newest = || ids.last().copied();
    let id = id
        .or_else(newest)
        .ok_or_else(|| Error::NoBackups(directory.to_owned()))?;
    Contents::read(directory, id)
}

impl Engine {
    /// Makes a backup of everything that was committed before, checks it, and then removes all but the newest `keep`.
    /// Commits and reads go on. Blocks, for minutes on a large store.
    pub(crate) fn backup(&self, directory: &Path, keep: Option<NonZeroU32>) -> Result<Made, Error> {
        self.refuse_unfit(directory)?;
        directory::make(directory).map_err(|error| Error::io("make", directory, &error))?;
        self.refuse_inside(directory)?;
        let _writing = lock_exclusive(directory)?;
        let mut engine = open(directory)?;
        let before = files_below(&directory.join("shared_checksum"))?;
        let ids_before: BTreeSet<u32> = contents::ids(directory)?.into_iter().collect();
        engine
            .create_new_backup_flush(&self.db, true)
            .map_err(|error| Error::engine("copy the store", &error))?;
        let id = contents::ids(directory)?
            .into_iter()
            .rfind(|id| !ids_before.contains(id))
            .ok_or_else(|| Error::unfit(directory, "the new backup is not there"))?;
        engine
            .verify_backup(id)
            .map_err(|error| Error::engine(format!("verify backup {id}"), &error))?;
        let contents = Contents::read(directory, id)?;
        let bytes = contents.check(directory)?;
        let (new_files, new_bytes) = new_since(directory, &contents, &before)?;
        let removed = match keep {
            Some(keep) => purge(&mut engine, directory, keep)?,
            None => Vec::new(),
        };
        Ok(Made {
            id,
            files: contents.files.len(),
            bytes,
            new_files,
            new_bytes,
            removed,
        })
    }

    /// A directory of something else must not get backups between its files.
    fn refuse_unfit(&self, directory: &Path) -> Result<(), Error> {
        if !directory.is_absolute() {
            return Err(Error::unfit(directory, "it must be an absolute path"));
        }
        self.refuse_inside(directory)?;
        match fs::read_dir(directory) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(Error::io("read", directory, &error)),
            Ok(_) if directory.join("meta").is_dir() => Ok(()),
            Ok(entries) => match entries.map_while(Result::ok).find(|entry| {
                let name = entry.file_name();
                // What the first backup leaves when it is broken off early, and what file systems come with.
                ![LOCK, "private", "shared_checksum", "lost+found"]
                    .contains(&&*name.to_string_lossy())
            }) {
                None => Ok(()),
                Some(_) => Err(Error::unfit(
                    directory,
                    "it holds something else than backups; name a directory of its own",
                )),
            },
        }
    }

    /// What is stored must not be backed up into itself; symbolic links are followed as far as the path is there.
    fn refuse_inside(&self, directory: &Path) -> Result<(), Error> {
        let real = |path: &Path| path.ancestors().find_map(|there| there.canonicalize().ok());
        match (real(directory), self.db.path().canonicalize()) {
            (Some(backups), Ok(data)) if backups.starts_with(&data) => Err(Error::unfit(
                directory,
                "it lies in the data directory; backups belong onto another disk",
            )),
            _ => Ok(()),
        }
    }
}

fn open(directory: &Path) -> Result<BackupEngine, Error> {
    let failed = |error: rocksdb::Error| {
        Error::engine(
            format!("open the backups in `{}`", directory.display()),
            &error,
        )
    };
    // Files and directories are synced: that is its default.
    let options = BackupEngineOptions::new(directory).map_err(failed)?;
    let env = Env::new().map_err(failed)?;
    BackupEngine::open(&options, &env).map_err(failed)
}

/// Only called with a new backup that was checked: what remains is never all damaged.
fn purge(engine: &mut BackupEngine, directory: &Path, keep: NonZeroU32) -> Result<Vec<u32>, Error> {
    let before = contents::ids(directory)?;
    let count = usize::try_from(keep.get()).unwrap_or(usize::MAX);
    engine
        .purge_old_backups(count)
        .map_err(|error| Error::engine("remove old backups", &error))?;
    let left = contents::ids(directory)?;
    Ok(before.into_iter().filter(|id| !left.contains(id)).collect())
}

/// How many files of a backup were copied for it, and their bytes.
fn new_since(
    directory: &Path,
    contents: &Contents,
    before: &BTreeSet<PathBuf>,
) -> Result<(usize, u64), Error> {
    let (mut files, mut bytes) = (0, 0);
    for file in &contents.files {
        let path = directory.join(&file.path);
        if !before.contains(&path) {
            files += 1;
            bytes += fs::metadata(&path)
                .map_err(|error| Error::io("read", &path, &error))?
                .len();
        }
    }
    Ok((files, bytes))
}

fn files_below(directory: &Path) -> Result<BTreeSet<PathBuf>, Error> {
    let failed = |error: io::Error| Error::io("read", directory, &error);
    fs::read_dir(directory)
        .map_err(failed)?
        .map(|entry| Ok(entry.map_err(failed)?.path()))
        .collect()
}

/// Until it is dropped, nobody else writes into the directory.
fn lock_exclusive(directory: &Path) -> Result<File, Error> {
    let path = directory.join(LOCK);
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(|error| Error::io("make", &path, &error))?;
    locked(directory, &path, file.try_lock())?;
    Ok(file)
}

/// Until it is dropped, nobody writes into the directory. A copy may lack the file, and nobody writes into that.
fn lock_shared(directory: &Path) -> Result<Option<File>, Error> {
    let path = directory.join(LOCK);
    match File::open(&path) {
        Ok(file) => {
            locked(directory, &path, file.try_lock_shared())?;
            Ok(Some(file))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::io("read", &path, &error)),
    }
}

fn locked(directory: &Path, file: &Path, outcome: Result<(), TryLockError>) -> Result<(), Error> {
    match outcome {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(Error::Busy(directory.to_owned())),
        Err(TryLockError::Error(error)) => Err(Error::io("lock", file, &error)),
    }
}
