//! Restoring a backup into an empty directory. The files grow in a directory inside of it, so that a volume or a
//! directory in a closed parent can be the target; they move up when they are whole, `CURRENT` last: without it there is
//! no store, and while the inner directory is there no store is opened or made.

use std::ffi::OsStr;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use rocksdb::backup::RestoreOptions;

use super::super::directory;
use super::{Error, chosen, lock_shared, open};

/// In the target as long as the restore is not finished.
pub(in super::super) const UNFINISHED: &str = "restoring";

/// A backup that lies in its target, but is not the store there yet. Dropping it takes everything away again.
pub struct Restoring {
    pub id: u32,
    pub files: usize,
    pub bytes: u64,
    target: PathBuf,
    /// Where the files are until they are moved up.
    inner: PathBuf,
    /// The target was not there before.
    made_target: bool,
    finished: bool,
    _locked: File,
}

impl Restoring {
    /// Checks a backup, the newest unless an id is given, and copies it.
    ///
    /// # Errors
    /// [`Error::Unfit`] unless the target is absent or empty; [`Error::Damaged`] names the file.
    pub fn begin(backups: &Path, id: Option<u32>, target: &Path) -> Result<Restoring, Error> {
        let _reading = lock_shared(backups)?;
        let contents = chosen(backups, id)?;
        refuse_taken(target)?;
        let bytes = contents.check(backups)?;
        let made_target = !target.exists();
        directory::make(target).map_err(|error| Error::io("make", target, &error))?;
        let locked = lock(target)?;
        let restoring = Restoring {
            id: contents.id,
            files: contents.files.len(),
            bytes,
            target: target.to_owned(),
            inner: target.join(UNFINISHED),
            made_target,
            finished: false,
            _locked: locked,
        };
        // Only with the lock: one that is left is nobody's.
        let inner = &restoring.inner;
        match fs::remove_dir_all(inner) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(Error::io("remove", inner, &error));
            }
            Ok(()) | Err(_) => {}
        }
        directory::make(inner).map_err(|error| Error::io("make", inner, &error))?;
        refuse_taken(target)?;
        open(backups)?
            .restore_from_backup(inner, inner, &RestoreOptions::default(), contents.id)
            .map_err(|error| Error::engine(format!("restore backup {}", contents.id), &error))?;
        Ok(restoring)
    }

    /// Where it can be opened and looked at before it is finished; close it again before.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.inner
    }

    /// Makes it the store of its target, durably.
    ///
    /// # Errors
    /// [`Error::Failed`]: the target may hold a part of the files then, but no store, and none is made there.
    pub fn finish(mut self) -> Result<(), Error> {
        refuse_taken(&self.target)?;
        // From here on the inner directory is what keeps a store from being made between the files.
        self.finished = true;
        let failed = |error: io::Error| Error::io("finish the restore into", &self.target, &error);
        let mut names: Vec<_> = fs::read_dir(&self.inner)
            .and_then(|entries| entries.map(|entry| Ok(entry?.file_name())).collect())
            .map_err(failed)?;
        names.retain(|name| name != OsStr::new("CURRENT"));
        for name in names {
            fs::rename(self.inner.join(&name), self.target.join(&name)).map_err(failed)?;
        }
        directory::sync(&self.target).map_err(failed)?;
        fs::rename(self.inner.join("CURRENT"), self.target.join("CURRENT")).map_err(failed)?;
        directory::sync(&self.target).map_err(failed)?;
        fs::remove_dir(&self.inner).map_err(failed)?;
        directory::sync(&self.target).map_err(failed)
    }
}

impl Drop for Restoring {
    fn drop(&mut self) {
        if self.finished {
            return;
        }
        let mut outcome = fs::remove_dir_all(&self.inner);
        if self.made_target {
            outcome = outcome.and_then(|()| fs::remove_dir(&self.target));
        }
        if let Err(error) = outcome {
            tracing::warn!(%error, target = %self.target.display(), "what was restored is not removed");
        }
    }
}

/// Whatever is in the target is worth more than what would overwrite it. What a restore left that was broken off is not.
fn refuse_taken(target: &Path) -> Result<(), Error> {
    let entries = match fs::read_dir(target) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(|error| Error::io("read", target, &error))?,
    };
    for entry in entries {
        let name = entry
            .map_err(|error| Error::io("read", target, &error))?
            .file_name();
        if name != OsStr::new(UNFINISHED) && name != OsStr::new("lost+found") {
            let detail = format!(
                "it is not empty (`{}` is in it); restore into a new directory",
                name.display()
            );
            return Err(Error::unfit(target, detail));
        }
    }
    Ok(())
}

fn lock(target: &Path) -> Result<File, Error> {
    let file = File::open(target).map_err(|error| Error::io("read", target, &error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::Busy(target.to_owned())),
        Err(TryLockError::Error(error)) => Err(Error::io("lock", target, &error)),
    }
}
