//! What no loss of power is: full, read-only and broken disks, damaged and missing files, a clock that jumps. Each
//! scenario says what the client saw, what was there after reopening, and what must not be.

mod clock;
mod disk;
mod files;
mod log;
mod stage;
mod table;

use std::io;
use std::path::Path;

pub use disk::Medium;
pub use stage::Outcome;

/// One way to be hostile. It gets the `tessera` program and an empty directory.
#[derive(Clone, Copy)]
pub struct Scenario {
    pub name: &'static str,
    pub needs: Needs,
    pub run: fn(&Path, &Path) -> io::Result<Outcome>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    Nothing,
    /// Mounts.
    Root,
}

impl Scenario {
    pub const ALL: [Scenario; 20] = [
        simple("disk-full", |b, d| disk::full(b, d, Medium::Preloaded)),
        mount("disk-full-tmpfs", |b, d| disk::full(b, d, Medium::Mounted)),
        simple("disk-full-at-start", disk::full_at_start),
        simple("disk-read-only", |b, d| {
            disk::read_only(b, d, Medium::Preloaded)
        }),
        mount("disk-read-only-mount", |b, d| {
            disk::read_only(b, d, Medium::Mounted)
        }),
        simple("sync-eio", disk::sync_fails),
        simple("wal-torn", log::torn),
        simple("wal-zeros", log::zeros),
        simple("wal-flipped", log::flipped),
        simple("wal-flipped-last-block", log::flipped_in_last_block),
        simple("wal-middle-missing", log::middle_missing),
        simple("sst-flipped", table::flipped),
        simple("sst-missing", table::missing),
        simple("manifest-flipped", files::manifest_flipped),
        simple("manifest-missing", files::manifest_missing),
        simple("current-missing", files::current_missing),
        simple("options-missing", files::options_missing),
        simple("clock-back-between-runs", clock::back_between_runs),
        simple("clock-back-while-running", clock::back_while_running),
        simple("clock-forward-while-running", clock::forward_while_running),
    ];
}

const fn simple(name: &'static str, run: fn(&Path, &Path) -> io::Result<Outcome>) -> Scenario {
    Scenario {
        name,
        needs: Needs::Nothing,
        run,
    }
}

const fn mount(name: &'static str, run: fn(&Path, &Path) -> io::Result<Outcome>) -> Scenario {
    Scenario {
        name,
        needs: Needs::Root,
        run,
    }
}
