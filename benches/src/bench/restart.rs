//! Starts, ends and what is left on disk.

use std::error::Error;
use std::fs;
use std::io;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use rocksdb::properties::TOTAL_SST_FILES_SIZE;

use super::{Place, Report, Side};
use crate::drive::{self, Pace, Plan};
use crate::generate::Family;
use crate::process;
use crate::scenario::fill::Filling;
use crate::scenario::{Scenario, Setting};

const LOADED: Duration = Duration::from_secs(4);

/// Kills a server on the store `name` under full load and waits until it is ready again; then, after a clean stop, how
/// long a start takes and how much memory it has after `idle`.
///
/// # Errors
/// When the server does not start.
pub fn restarts(
    place: &Place,
    name: &str,
    idle: Duration,
    report: &mut Report,
) -> Result<(), Box<dyn Error>> {
    let side = place.tessera(name)?;
    let target = side.target.clone();
    let loading = thread::spawn(move || {
        let setting = Setting {
            target: target.clone(),
            family: Family::Plain,
            connections: 8,
            sessions: 0,
            seed: super::compare::OTHER_WORLDS,
            samples: None,
            since: None,
        };
        let plan = Plan {
            warm_up: Duration::ZERO,
            window: LOADED * 2,
            pace: Pace::Closed,
        };
        let works = Scenario::Batch(100).works(&setting)?;
        drive::run(&target, works, &plan, None).map_err(|error| error.to_string())
    });
    thread::sleep(LOADED);
    side.server.kill()?;
    // Its connections broke, as they must.
    let _ = loading.join();
    let (side, took) = started(place, name)?;
    report.figure("ready again after SIGKILL under full load", took, "ms");
    side.server.stop()?;
    let (side, took) = started(place, name)?;
    report.figure("start to ready, after a clean stop", took, "ms");
    thread::sleep(idle);
    let kib = process::memory_kib(side.server.pid(), "VmRSS")?;
    let label = format!("memory {} s after start, idle", idle.as_secs());
    report.figure(&label, kib as f64 / 1024.0, "MiB");
    side.server.stop()?;
    Ok(())
}

fn started(place: &Place, name: &str) -> io::Result<(Side, f64)> {
    let start = Instant::now();
    let side = place.tessera(name)?;
    Ok((side, start.elapsed().as_secs_f64() * 1000.0))
}

/// Fills a store with a family's statements, stops it, compacts it whole, and says what a statement takes.
///
/// # Errors
/// When the server refuses, or the store cannot be opened.
pub fn disk(
    place: &Place,
    label: &str,
    filling: &Filling,
    report: &mut Report,
) -> Result<(), Box<dyn Error>> {
    let name = format!("disk-{label}");
    let side = place.tessera(&name)?;
    filling.fill(&side.target, 0, None)?;
    side.server.stop()?;
    let sampled = filling.part(0).map(|sample| sample.text.len());
    let (count, bytes) = sampled.fold((0, 0), |(count, sum), length| (count + 1, sum + length));
    let mean = bytes as f64 / f64::from(count.max(1));
    let directory = place.directory.join(&name);
    let before = bytes_of(&directory)? as f64 / filling.statements as f64;
    let families = compact(&directory)?;
    let after = bytes_of(&directory)? as f64 / filling.statements as f64;
    report.figure(&format!("{label}: JSON a statement"), mean, "B");
    report.figure(
        &format!("{label}: disk a statement, not compacted"),
        before,
        "B",
    );
    report.figure(
        &format!("{label}: disk a statement after compaction"),
        after,
        "B",
    );
    for (family, bytes) in families {
        let each = bytes as f64 / filling.statements as f64;
        if each >= 1.0 {
            report.figure(&format!("  {label}: of it in `{family}`"), each, "B");
        }
    }
    fs::remove_dir_all(&directory)?;
    Ok(())
}

/// Compacts a store that nobody has open; then the bytes of each family.
fn compact(path: &Path) -> Result<Vec<(String, u64)>, Box<dyn Error>> {
    let db = storage::rocksdb::open_bare(path, &storage::Options::default())?;
    let names = rocksdb::DB::list_cf(&rocksdb::Options::default(), path)?;
    let mut families = Vec::new();
    for name in names {
        if let Some(family) = db.cf_handle(&name) {
            db.compact_range_cf(family, None::<&[u8]>, None::<&[u8]>);
            let bytes = db.property_int_value_cf(family, TOTAL_SST_FILES_SIZE)?;
            families.push((name, bytes.unwrap_or(0)));
        }
    }
    Ok(families)
}

/// Of all files but RocksDB's text logs.
fn bytes_of(directory: &Path) -> io::Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if !entry.file_name().to_string_lossy().starts_with("LOG") {
            bytes += entry.metadata()?.len();
        }
    }
    Ok(bytes)
}
