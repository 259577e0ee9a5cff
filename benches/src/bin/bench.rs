//! Starts the server on a fresh directory, measures it scenario by scenario beside the floors, and prints one table. With
//! `--data` and `--grow`, measures the same scenarios on one store as it grows.

use std::error::Error;
use std::fs;
use std::path::PathBuf;
use std::thread::sleep;
use std::time::{Duration, Instant};

use benches::bench::{
    Chosen, Growth, Measured, Place, Report, Side, Timing, Trial, alone_floors, compare, disk,
    grow, has_canned, record, restarts, trial,
};
use benches::floor::Order;
use benches::generate::Family;
use benches::process;
use benches::scenario::Scenario;
use benches::scenario::ask::Samples;
use benches::scenario::fill::{Filling, PART};
use clap::Parser;

#[derive(Parser)]
struct Args {
    /// Scenarios by name, with commas between; `name@32` for 32 connections.
    #[arg(long, value_delimiter = ',', value_parser = Chosen::parse, default_value = ALL)]
    scenarios: Vec<Chosen>,
    /// Only scenarios: no overload, no restarts, no disk.
    #[arg(long)]
    only_scenarios: bool,
    /// Only overload, restarts and disk.
    #[arg(long, conflicts_with = "only_scenarios")]
    no_scenarios: bool,
    /// The server alone, beside no floor.
    #[arg(long)]
    no_floors: bool,
    /// Seconds that are measured in each round.
    #[arg(long, default_value_t = 2.5)]
    seconds: f64,
    #[arg(long, default_value_t = 1.0)]
    warm_up: f64,
    /// Rounds of `post` and `batch-100`, server and skeleton in turn.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Statements that are recorded for the skeleton.
    #[arg(long, default_value_t = 400_000)]
    recorded: usize,
    /// Whole sessions of the scenario `session`.
    #[arg(long, default_value_t = 3_000)]
    sessions: usize,
    /// Statements that the questions are about.
    #[arg(long, default_value_t = 100_000)]
    filled: usize,
    /// Seconds after a start, and after the load, at which memory is looked at.
    #[arg(long, default_value_t = 60)]
    idle: u64,
    /// With `--grow`: where the store is that grows. It is kept.
    #[arg(long, requires = "grow")]
    data: Option<PathBuf>,
    /// Sizes in statements, with commas between.
    #[arg(long, value_delimiter = ',', requires = "data")]
    grow: Vec<usize>,
    /// The `tessera` program; else the one beside this program, or TESSERA_BINARY.
    #[arg(long)]
    binary: Option<PathBuf>,
    /// The figures go there as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
}

const ALL: &str = "post,batch-100,batch-10,batch-1000,token-post,session,get-id,registration,registration@32,agent,\
                   agent-verb,activity,related-activity,recent,since,rare-registration,rare-agent,rare-frequent,more,\
                   state-write,state-read,mixed";

fn main() -> Result<(), Box<dyn Error>> {
    let args = Args::parse();
    let mut report = Report::new();
    println!("{}\n{}", report.head(), Measured::HEAD);
    let binary = match &args.binary {
        Some(path) => path.canonicalize()?,
        None => process::binary()?,
    };
    let measured = match &args.data {
        Some(directory) => {
            let growth = Growth {
                directory: directory.clone(),
                sizes: args.grow.clone(),
            };
            let timing = args.timing(1);
            grow(&binary, &growth, &args.scenarios, &timing, &mut report)
        }
        None => fresh(&args, binary, &mut report),
    };
    // What was measured before something failed is worth keeping.
    if let Some(path) = &args.json {
        fs::write(path, serde_json::to_string_pretty(&report)?)?;
    }
    measured
}

impl Args {
    fn timing(&self, rounds: usize) -> Timing {
        Timing {
            seconds: self.seconds,
            warm_up: self.warm_up,
            rounds,
            sessions: self.sessions,
        }
    }
}

/// Beside this program, because what is temporary may lie in memory, where a sync costs nothing.
fn fresh(args: &Args, binary: PathBuf, report: &mut Report) -> Result<(), Box<dyn Error>> {
    let directory = tempfile::tempdir_in(std::env::current_exe()?.with_file_name(""))?;
    let place = Place {
        directory: directory.path().to_owned(),
        binary,
    };
    if !args.no_scenarios {
        writes(args, &place, report)?;
        asks(args, &place, report)?;
    }
    if !args.only_scenarios {
        let side = place.tessera("overload")?;
        for one in Trial::ALL {
            trial(one, &side, report)?;
        }
        let loaded = Instant::now();
        for (label, family) in [("plain", Family::Plain), ("vle", Family::Vle)] {
            disk(&place, label, &args.filling(family), report)?;
        }
        sleep(Duration::from_secs(args.idle).saturating_sub(loaded.elapsed()));
        let kib = process::memory_kib(side.server.pid(), "VmRSS")?;
        let label = format!("memory {} s after the load", loaded.elapsed().as_secs());
        report.figure(&label, kib as f64 / 1024.0, "MiB");
        side.server.stop()?;
        restarts(&place, "overload", Duration::from_secs(args.idle), report)?;
    }
    Ok(())
}

impl Args {
    fn filling(&self, family: Family) -> Filling {
        Filling {
            family,
            seed: 1,
            statements: self.filled.max(PART) / PART * PART,
        }
    }
}

/// A store that has been in use: it has made its compression dictionaries, but for those that come after many more.
const USED: usize = 4 * PART;

/// Those that ask for nothing: each on a store of its own, and single posts and batches beside the skeleton.
fn writes(args: &Args, place: &Place, report: &mut Report) -> Result<(), Box<dyn Error>> {
    let mut recorded = None;
    for &chosen in args
        .scenarios
        .iter()
        .filter(|chosen| !chosen.scenario.asks())
    {
        let scenario = chosen.scenario;
        let tessera = place.tessera(&format!("tessera-{}", chosen.name()))?;
        let used = Filling {
            statements: USED,
            ..args.filling(Family::Plain)
        };
        used.fill(&tessera.target, 0, None)?;
        let mut sides = vec![tessera];
        let mut floor = None;
        if has_skeleton(scenario) && !args.no_floors {
            let recorded = match &recorded {
                Some(recorded) => recorded,
                None => recorded.insert(record(place, Family::Plain, args.recorded)?),
            };
            let name = format!("skeleton-{}", chosen.name());
            sides.push(place.skeleton(&name, recorded, Order::Given)?);
            if has_floors(scenario) {
                let name = format!("sorted-{}", chosen.name());
                sides.push(place.skeleton(&name, recorded, Order::Sorted)?);
            }
            floor = Some(recorded.clone());
        }
        if has_canned(scenario) && !args.no_floors {
            sides.push(place.canned()?);
        }
        let rounds = if rates_count(scenario) {
            args.rounds
        } else {
            1
        };
        let all: Vec<&Side> = sides.iter().collect();
        compare(chosen, &all, &args.timing(rounds), None, report)?;
        if let (Some(recorded), Some(skeleton), true) = (floor, sides.get(1), has_floors(scenario))
        {
            alone_floors(place, skeleton, chosen, &recorded, report)?;
        }
    }
    Ok(())
}

fn has_skeleton(scenario: Scenario) -> bool {
    matches!(
        scenario,
        Scenario::Post | Scenario::Batch(_) | Scenario::TokenPost
    )
}

/// What is measured in all its parts.
fn has_floors(scenario: Scenario) -> bool {
    matches!(scenario, Scenario::Post | Scenario::Batch(100))
}

/// Where a ratio of rates is a target, one round would say too little on a machine that others use too.
fn rates_count(scenario: Scenario) -> bool {
    matches!(
        scenario,
        Scenario::Post | Scenario::Batch(100) | Scenario::TokenPost
    )
}

/// Those about statements, on one store that has them.
fn asks(args: &Args, place: &Place, report: &mut Report) -> Result<(), Box<dyn Error>> {
    let chosen: Vec<Chosen> = args
        .scenarios
        .iter()
        .filter(|chosen| chosen.scenario.asks())
        .copied()
        .collect();
    if chosen.is_empty() {
        return Ok(());
    }
    let filling = args.filling(Family::Plain);
    let side = place.tessera("asked")?;
    filling.fill(&side.target, 0, None)?;
    let samples = Samples::of(&filling);
    let canned = place.canned()?;
    for chosen in chosen {
        let mut sides = vec![&side];
        if has_canned(chosen.scenario) && !args.no_floors {
            sides.push(&canned);
        }
        compare(chosen, &sides, &args.timing(1), Some(&samples), report)?;
    }
    Ok(())
}
