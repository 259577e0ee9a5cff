//! Starts the server on a fresh directory, measures it scenario by scenario, and measures the floors beside it.

use std::error::Error;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use benches::bench::{Measured, Place, Side, record};
use benches::drive::{Pace, Plan};
use benches::generate::Family;
use benches::process;
use benches::scenario::{Scenario, Setting};
use clap::Parser;

#[derive(Parser)]
struct Args {
    /// Scenarios by name, with commas between.
    #[arg(long, value_delimiter = ',', value_parser = scenario, default_value = "post,batch-100,token-post,session")]
    scenarios: Vec<Scenario>,
    /// Seconds that are measured in each round.
    #[arg(long, default_value_t = 4.0)]
    seconds: f64,
    #[arg(long, default_value_t = 1.0)]
    warm_up: f64,
    /// Rounds of the scenarios that have a skeleton, server and skeleton in turn.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Statements that are recorded for the skeleton.
    #[arg(long, default_value_t = 400_000)]
    recorded: usize,
    /// Whole sessions of the scenario `session`.
    #[arg(long, default_value_t = 3_000)]
    sessions: usize,
    /// The `tessera` program; else the one beside this program, or TESSERA_BINARY.
    #[arg(long)]
    binary: Option<PathBuf>,
    /// The figures go there as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
}

fn scenario(name: &str) -> Result<Scenario, String> {
    Scenario::parse(name).ok_or_else(|| format!("there is no scenario `{name}`"))
}

fn main() -> Result<(), Box<dyn Error>> {
    let args = Args::parse();
    let directory = tempfile::tempdir_in(std::env::current_exe()?.with_file_name(""))?;
    let place = Place {
        directory: directory.path().to_owned(),
        binary: match &args.binary {
            Some(path) => path.canonicalize()?,
            None => process::binary()?,
        },
    };
    let mut recorded = None;
    let mut all = Vec::new();
    println!("{}", Measured::HEAD);
    for &scenario in &args.scenarios {
        let name = scenario.name();
        let mut sides = vec![place.tessera(&format!("tessera-{name}"))?];
        if has_skeleton(scenario) {
            if recorded.is_none() {
                recorded = Some(record(&place, Family::Plain, args.recorded)?);
            }
            if let Some(recorded) = &recorded {
                sides.push(place.skeleton(&format!("skeleton-{name}"), recorded)?);
            }
        }
        let measured = measure(&args, scenario, &sides)?;
        for measured in &measured {
            println!("{}", measured.line());
            let failure = measured
                .rounds
                .iter()
                .find_map(|round| round.failure.as_ref());
            if let Some(failure) = failure {
                println!("  refused: {failure}");
            }
        }
        if let [server, skeleton] = &measured[..] {
            println!(
                "{name:<13} against the skeleton: {:.0} % of its rate, {:+.1} us CPU a statement",
                100.0 * server.statements_a_second() / skeleton.statements_a_second(),
                server.cost_a_statement() - skeleton.cost_a_statement(),
            );
        }
        all.extend(measured);
    }
    if let Some(path) = &args.json {
        fs::write(path, serde_json::to_string_pretty(&all)?)?;
    }
    Ok(())
}

fn has_skeleton(scenario: Scenario) -> bool {
    match scenario {
        Scenario::Post | Scenario::Batch(_) => true,
        Scenario::TokenPost | Scenario::Session => false,
    }
}

/// Side after side, round after round.
fn measure(
    args: &Args,
    scenario: Scenario,
    sides: &[Side],
) -> Result<Vec<Measured>, Box<dyn Error>> {
    let plan = Plan {
        warm_up: Duration::from_secs_f64(args.warm_up),
        window: Duration::from_secs_f64(args.seconds),
        pace: Pace::Closed,
    };
    let mut measured: Vec<Measured> = sides
        .iter()
        .map(|side| Measured {
            scenario: scenario.name(),
            side: side.name.to_owned(),
            connections: scenario.connections(),
            statements: scenario.statements(),
            rounds: Vec::new(),
        })
        .collect();
    for round in 0..args.rounds.max(1) {
        for (side, measured) in sides.iter().zip(&mut measured) {
            let setting = Setting {
                target: side.target.clone(),
                family: Family::Plain,
                connections: scenario.connections(),
                sessions: args.sessions,
                seed: 1_000 * round as u64,
            };
            let (round, _) = side.round(scenario, &setting, &plan)?;
            measured.rounds.push(round);
        }
    }
    Ok(measured)
}
