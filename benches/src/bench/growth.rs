//! The same scenarios on one store as it grows.

use std::error::Error;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Instant;

use storage::Store;

use super::compare::compare;
use super::{Chosen, Place, Report, Timing, Touched, touched};
use crate::generate::Family;
use crate::process;
use crate::scenario::Scenario;
use crate::scenario::ask::Samples;
use crate::scenario::fill::{Filling, PART};

pub struct Growth {
    /// Holds the store and says how much was filled into it; kept for the next run.
    pub directory: PathBuf,
    /// In this order; a size below what is there is left out.
    pub sizes: Vec<usize>,
}

const SEED: u64 = 1;
/// Name of the store in the directory.
const STORE: &str = "store";

/// # Errors
/// When the server does not start or refuses.
pub fn grow(
    binary: &Path,
    growth: &Growth,
    chosen: &[Chosen],
    timing: &Timing,
    report: &mut Report,
) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(&growth.directory)?;
    let place = Place {
        directory: growth.directory.canonicalize()?,
        binary: binary.to_owned(),
    };
    for &size in &growth.sizes {
        let filling = Filling {
            family: Family::Plain,
            seed: SEED,
            statements: size / PART * PART,
        };
        let have = kept(&place.directory)?;
        if filling.statements < have {
            println!("{size} statements: left out, there are {have} already");
            continue;
        }
        println!("\n--- {} statements", filling.statements);
        let samples = one_size(&place, &filling, have, chosen, timing, report)?;
        let store = Store::open(&place.directory.join(STORE), storage::Options::default())?;
        println!("{}", Touched::HEAD);
        for chosen in chosen {
            if let Scenario::Ask(kind) = chosen.scenario
                && let Some(touched) = touched(&store, &samples, kind, &chosen.name())?
            {
                println!("{}", touched.line());
                report.touched.push((filling.statements, touched));
            }
        }
    }
    Ok(())
}

fn one_size(
    place: &Place,
    filling: &Filling,
    have: usize,
    chosen: &[Chosen],
    timing: &Timing,
    report: &mut Report,
) -> Result<Samples, Box<dyn Error>> {
    let size = filling.statements;
    let start = Instant::now();
    let side = place.tessera(STORE)?;
    let took = start.elapsed().as_secs_f64() * 1000.0;
    report.figure(&format!("{have}: start to ready"), took, "ms");
    if size > have {
        let filled = filling.fill(&side.target, have, Some(side.server.pid()))?;
        keep(&place.directory, size)?;
        let sent = (size - have) as f64;
        let processor = filled.processor.unwrap_or_default().as_secs_f64();
        report.figure(
            &format!("{size}: filled"),
            sent / filled.time.as_secs_f64(),
            "/s",
        );
        report.figure(
            &format!("{size}: filled, CPU a statement"),
            processor * 1e6 / sent,
            "us",
        );
    }
    side.settle()?;
    side.server.stop()?;
    let bytes: u64 = fs::read_dir(place.directory.join(STORE))?
        .flatten()
        .filter_map(|entry| entry.metadata().ok())
        .map(|status| status.len())
        .sum();
    report.figure(
        &format!("{size}: disk a statement"),
        bytes as f64 / size as f64,
        "B",
    );
    let samples = Samples::of(filling);
    let start = Instant::now();
    let side = place.tessera(STORE)?;
    let took = start.elapsed().as_secs_f64() * 1000.0;
    report.figure(&format!("{size}: start to ready"), took, "ms");
    let resident = process::memory_kib(side.server.pid(), "VmRSS")? as f64 / 1024.0;
    report.figure(&format!("{size}: memory just started"), resident, "MiB");
    let first = report.measured.len();
    for chosen in chosen {
        compare(*chosen, &[&side], timing, Some(&samples), report)?;
    }
    for measured in report.measured.iter_mut().skip(first) {
        measured.scenario = format!("{size}: {}", measured.scenario);
    }
    side.settle()?;
    side.server.stop()?;
    Ok(samples)
}

/// Statements that were filled in so far.
fn kept(directory: &Path) -> io::Result<usize> {
    match fs::read_to_string(directory.join("filled")) {
        Ok(text) => text.trim().parse().map_err(io::Error::other),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
        Err(error) => Err(error),
    }
}

fn keep(directory: &Path, statements: usize) -> io::Result<()> {
    fs::write(directory.join("filled"), statements.to_string())
}
