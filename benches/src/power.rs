//! Simulated loss of power. SIGKILL alone keeps the page cache and proves nothing, so a preloaded library writes
//! down what was synced while the server runs, and afterwards the files are put back to that.
//! What is modelled: a file keeps what it had when its last sync began; a name made, removed or replaced counts
//! once its directory was synced. What is not: in-place writes below the synced length (RocksDB only appends),
//! sectors written out of order within a synced length, and a drive that lies about its cache.

mod disk;
mod recording;

#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use crate::generate::Rng;
use crate::preload;
use disk::Disk;
pub use disk::Lost;

/// What becomes of that which was written but not synced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// Nothing of it survives.
    Exact,
    /// A random part of each file's tail survives, and a random first part of the changes of names.
    Torn,
    /// As `Torn`, but the surviving tail is zeros: the length reached the disk before the data did.
    Zeroed,
    /// As `Torn`, but some pages of the surviving tail are zeros: they reach the disk in any order.
    Holed,
}

/// The compiled library that is preloaded.
pub struct Shim(PathBuf);

impl Shim {
    /// Compiles the library into the directory with `cc`, which Rust needs for linking anyway.
    pub fn build(directory: &Path) -> io::Result<Shim> {
        let source = include_str!("../preload/power_loss.c");
        let library = preload::compile(directory, "power_loss", source)?;
        Ok(Shim(library))
    }
}

/// One life of a process on a data directory, from its start to the loss of power.
pub struct Watch {
    root: PathBuf,
    keep: PathBuf,
    log: PathBuf,
    before: Disk,
}

impl Watch {
    /// Takes all that is in `root` now for durable. `beside` is a directory of the same file system for the
    /// recording; what an earlier watch left there is removed.
    pub fn start(root: &Path, beside: &Path) -> io::Result<Watch> {
        let root = root.canonicalize()?;
        let keep = beside.join("kept");
        let log = beside.join("synced.log");
        for old in [std::fs::remove_dir_all(&keep), std::fs::remove_file(&log)] {
            old.or_else(|error| match error.kind() {
                io::ErrorKind::NotFound => Ok(()),
                _ => Err(error),
            })?;
        }
        std::fs::create_dir_all(&keep)?;
        let before = Disk::scan(&root)?;
        Ok(Watch {
            root,
            keep,
            log,
            before,
        })
    }

    /// What the watched process needs in its environment.
    pub fn environment(&self, shim: &Shim) -> [(&'static str, OsString); 4] {
        [
            ("LD_PRELOAD", shim.0.clone().into()),
            ("POWER_LOSS_ROOT", self.root.clone().into()),
            ("POWER_LOSS_KEEP", self.keep.clone().into()),
            ("POWER_LOSS_LOG", self.log.clone().into()),
        ]
    }

    /// Leaves in the data directory what would be there after a loss of power. The process must be gone.
    pub fn lose(mut self, loss: Loss, rng: &mut Rng) -> io::Result<Lost> {
        for event in recording::read(&self.log)? {
            self.before.apply(event);
        }
        self.before.lose(&self.root, &self.keep, loss, rng)
    }
}
