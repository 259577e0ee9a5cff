//! A disk that is full, read-only or broken, and a clock that jumps, for one server: a preloaded library does what a
//! control file says, and that can be changed while the server runs.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use crate::preload;

pub struct Hostile {
    library: PathBuf,
    path: PathBuf,
    control: File,
}

/// Offsets in `struct control` of `preload/hostile.c`.
const ROOM: u64 = 0;
const CLOCK: u64 = 8;
const SYNC: u64 = 16;
const READ_ONLY: u64 = 24;

const NO_BOUND: i64 = -1;
const EIO: i64 = 5;

impl Hostile {
    /// Kind to everybody until it is told otherwise. The directory is for the library and its control file.
    pub fn build(directory: &Path) -> io::Result<Hostile> {
        let source = include_str!("../preload/hostile.c");
        let path = directory.join("hostile.control");
        let hostile = Hostile {
            library: preload::compile(directory, "hostile", source)?,
            control: OpenOptions::new()
                .write(true)
                .create(true)
                .truncate(true)
                .open(&path)?,
            path,
        };
        for (offset, value) in [(ROOM, NO_BOUND), (CLOCK, 0), (SYNC, 0), (READ_ONLY, 0)] {
            hostile.set(offset, value)?;
        }
        Ok(hostile)
    }

    /// What a server needs in its environment, whose disk is the one under `root`.
    pub fn environment(&self, root: &Path) -> [(&'static str, OsString); 3] {
        [
            ("LD_PRELOAD", self.library.clone().into()),
            ("HOSTILE_ROOT", root.into()),
            ("HOSTILE_CONTROL", self.path.clone().into()),
        ]
    }

    /// The disk takes so many bytes more and is full then: a short write, and ENOSPC from there on.
    pub fn leave_room(&self, bytes: u32) -> io::Result<()> {
        self.set(ROOM, i64::from(bytes))
    }

    pub fn make_room(&self) -> io::Result<()> {
        self.set(ROOM, NO_BOUND)
    }

    /// Every sync fails with EIO.
    pub fn break_syncs(&self) -> io::Result<()> {
        self.set(SYNC, EIO)
    }

    pub fn mend_syncs(&self) -> io::Result<()> {
        self.set(SYNC, 0)
    }

    /// As a file system that is mounted read-only: EROFS.
    pub fn make_read_only(&self) -> io::Result<()> {
        self.set(READ_ONLY, 1)
    }

    pub fn make_writable(&self) -> io::Result<()> {
        self.set(READ_ONLY, 0)
    }

    /// The time of day is off by so many seconds.
    pub fn set_clock(&self, seconds: i64) -> io::Result<()> {
        self.set(CLOCK, seconds * 1_000_000_000)
    }

    fn set(&self, offset: u64, value: i64) -> io::Result<()> {
        self.control.write_all_at(&value.to_ne_bytes(), offset)
    }
}
