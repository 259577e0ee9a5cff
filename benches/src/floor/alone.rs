//! Two floors without a server: RocksDB taking the recorded keys and values, and the JSON being scanned.

use std::error::Error;
use std::path::Path;
use std::time::{Duration, Instant};

use rocksdb::{WriteBatch, WriteOptions};

use super::parse;
use super::recorded::{Order, Recorded};
use crate::process;

/// What something took for so many statements.
#[derive(Debug, Clone, Copy)]
pub struct Alone {
    pub statements: usize,
    pub time: Duration,
    /// Of the whole process, background work included.
    pub processor: Duration,
}

/// Writes the recorded statements in groups of `group`, each with a sync.
///
/// # Errors
/// When the store in `data` cannot be made or written.
pub fn rocksdb_writes(
    recorded: &Recorded,
    data: &Path,
    group: usize,
    options: &storage::Options,
    order: Order,
) -> Result<Alone, Box<dyn Error>> {
    let db = storage::rocksdb::open_bare(data, options)?;
    let group = group.max(1);
    let statements = recorded.statements() / group * group;
    let handles = recorded.handles(&db, order);
    measure(statements, || {
        for first in (0..statements).step_by(group) {
            let mut write = WriteBatch::new();
            recorded
                .write(&handles, first..first + group, &mut write)
                .ok_or("the recording ended")?;
            recorded.end_group(first as u64, &mut write);
            let mut synced = WriteOptions::default();
            synced.set_sync(true);
            db.write_opt(write, &synced)?;
        }
        Ok(())
    })
}

/// Parses each of the bodies, `rounds` times.
///
/// # Errors
/// When one is no JSON of a statement or an array of them.
pub fn json_scan(bodies: &[String], rounds: usize) -> Result<Alone, Box<dyn Error>> {
    let mut statements = 0;
    for body in bodies {
        statements += parse::parse(body.as_bytes())?.len();
    }
    measure(statements * rounds, || {
        for _ in 0..rounds {
            for body in bodies {
                let parsed = parse::parse(body.as_bytes())?;
                let weight: usize = parsed.iter().map(parse::Statement::weight).sum();
                std::hint::black_box(weight);
            }
        }
        Ok(())
    })
}

fn measure(
    statements: usize,
    work: impl FnOnce() -> Result<(), Box<dyn Error>>,
) -> Result<Alone, Box<dyn Error>> {
    let (start, before) = (Instant::now(), process::cpu_time(std::process::id())?);
    work()?;
    let after = process::cpu_time(std::process::id())?;
    Ok(Alone {
        statements,
        time: start.elapsed(),
        processor: after.saturating_sub(before),
    })
}

impl Alone {
    /// Microseconds of processor time a statement.
    pub fn cost(&self) -> f64 {
        self.processor.as_secs_f64() * 1e6 / self.statements.max(1) as f64
    }

    /// Statements a second.
    pub fn rate(&self) -> f64 {
        self.statements as f64 / self.time.as_secs_f64().max(f64::MIN_POSITIVE)
    }
}
