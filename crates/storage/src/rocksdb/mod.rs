//! The embedded engine: one RocksDB, one commit thread. Reads go to snapshots from any thread.

mod apply;
pub mod backup;
mod blobs;
mod check;
mod clock;
mod commit;
mod directory;
mod group;
pub(crate) mod keys;
mod learn;
mod logs;
mod open;
mod propagate;
mod queue;
pub(crate) mod read;
mod rows;
mod scan;
mod tuning;
pub(crate) mod values;
mod verify;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use rocksdb::{ColumnFamily, DB};

use blobs::Uploads;
pub use blobs::{Blob, Upload};
use clock::SeqClock;
use keys::Family;
pub use open::open_bare;
pub(crate) use queue::Writer;

use crate::statement::Dictionaries;

/// Budgets and behaviour of the embedded engine.
#[derive(Debug, Clone)]
pub struct Options {
    pub block_cache_bytes: usize,
    /// All memtables together.
    pub memtable_bytes: usize,
    /// Bounds what a killed process replays when it starts again: about 1.5 s for 24 MiB.
    pub wal_bytes_max: u64,
    pub durability: Durability,
    pub clock: Clock,
    /// A commit group ends at this many statements (a larger batch is a group of its own) …
    pub group_statements_max: usize,
    /// … or at this many bytes of records.
    pub group_bytes_max: usize,
    /// Batches that wait for the commit thread, in each of its two lanes; more are refused as overload.
    pub queue_batches_max: usize,
    /// Bytes of the rows of a page, decompressed: one with more ends early, with a cursor. It always has a row.
    pub page_bytes_max: usize,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            block_cache_bytes: 64 << 20,
            memtable_bytes: 48 << 20,
            wal_bytes_max: 24 << 20,
            durability: Durability::Synced,
            clock: Clock::System,
            group_statements_max: 512,
            group_bytes_max: 1 << 20,
            queue_batches_max: 4096,
            page_bytes_max: 16 << 20,
        }
    }
}

/// When the write-ahead log goes to the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Before anybody in the group gets an answer.
    Synced,
    /// Never: a crash of the machine loses acknowledged statements. For negative controls and throw-away stores.
    Unsynced,
}

/// Where the time comes from: microseconds since 1970.
#[derive(Debug, Clone)]
pub enum Clock {
    System,
    Manual(Arc<AtomicU64>),
}

impl Clock {
    pub fn now(&self) -> u64 {
        match self {
            Clock::System => std::time::SystemTime::now()
                .duration_since(std::time::UNIX_EPOCH)
                .map_or(0, |since| {
                    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
                }),
            Clock::Manual(micros) => micros.load(Ordering::SeqCst),
        }
    }
}

/// What all threads share.
pub(crate) struct Engine {
    pub(crate) db: DB,
    pub(crate) options: Options,
    pub(crate) dictionaries: Dictionaries,
    clock: SeqClock,
    uploads: Uploads,
    /// Set for good when a write fails: what is on disk is then not known.
    read_only: AtomicBool,
    /// The next so many writes fail.
    #[cfg(test)]
    writes_to_fail: AtomicU64,
    #[cfg(test)]
    writes_synced: AtomicU64,
}

impl Engine {
    /// Nothing at or below this time (microseconds since 1970) will change any more. Ask before the snapshot.
    pub(crate) fn consistent_through(&self) -> u64 {
        self.clock.consistent_through()
    }

    pub(crate) fn is_ready(&self) -> bool {
        !self.read_only.load(Ordering::SeqCst)
    }

    pub(crate) fn family(&self, family: Family) -> &ColumnFamily {
        self.db
            .cf_handle(family.name())
            .expect("every family is created when the store is opened")
    }
}

#[cfg(test)]
mod tests;
