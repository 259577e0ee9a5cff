//! Loads any xAPI endpoint with the scenarios of `bench`, in a closed loop or at a fixed rate, and prints what it saw.

use std::error::Error;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use benches::bench::{Chosen, Measured, Round, since};
use benches::client::Endpoint;
use benches::drive::{self, Pace, Plan};
use benches::generate::Family;
use benches::process;
use benches::scenario::ask::Samples;
use benches::scenario::fill::{Filling, PART};
use benches::scenario::{Scenario, Setting};
use benches::wire::Target;
use clap::Parser;

#[derive(Parser)]
struct Args {
    /// `http://127.0.0.1:8080/xapi`
    #[arg(long)]
    endpoint: String,
    #[arg(long, default_value = "")]
    key: String,
    #[arg(long, default_value = "")]
    secret: String,
    /// Scenarios by name, with commas between; `name@32` for 32 connections. `token-post` and `session` need a Tessera.
    #[arg(long, value_delimiter = ',', value_parser = Chosen::parse)]
    scenarios: Vec<Chosen>,
    /// Statements that are sent before anything is asked, in tens of thousands.
    #[arg(long, default_value_t = 0)]
    fill: usize,
    /// Statements of that kind which are there already, from an earlier run with the same family and seed.
    #[arg(long, default_value_t = 0)]
    have: usize,
    #[arg(long, default_value = "plain", value_parser = Family::parse)]
    family: Family,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Seconds that are measured.
    #[arg(long, default_value_t = 5.0)]
    seconds: f64,
    #[arg(long, default_value_t = 1.0)]
    warm_up: f64,
    /// Requests a second at fixed times; without it, as fast as answers come.
    #[arg(long)]
    rate: Option<f64>,
    /// Whole sessions of the scenario `session`.
    #[arg(long, default_value_t = 3_000)]
    sessions: usize,
    /// The process of the other side, when it runs here: its processor time and memory are taken too.
    #[arg(long)]
    pid: Option<u32>,
    /// The figures go there as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let args = Args::parse();
    let target = Target::new(&Endpoint {
        url: args.endpoint.clone(),
        key: args.key.clone(),
        secret: args.secret.clone(),
    })?;
    let filling = Filling {
        family: args.family,
        seed: args.seed,
        statements: args.fill.max(args.have) / PART * PART,
    };
    if filling.statements > args.have {
        let filled = filling.fill(&target, args.have, args.pid)?;
        let rate = (filling.statements - args.have) as f64 / filled.time.as_secs_f64();
        println!(
            "{} statements are there; sent {rate:.0}/s",
            filling.statements
        );
    }
    let asked = args.scenarios.iter().any(|chosen| chosen.scenario.asks());
    let samples = (asked && filling.statements > 0).then(|| Samples::of(&filling));
    let since = match &samples {
        Some(_) => Some(since(&target)?),
        None => None,
    };
    let mut all = Vec::new();
    println!("{}", Measured::HEAD);
    for &chosen in &args.scenarios {
        let Chosen {
            scenario,
            connections,
        } = chosen;
        let setting = Setting {
            target: target.clone(),
            family: args.family,
            connections,
            sessions: args.sessions,
            seed: args.seed + OTHER_WORLDS,
            samples: samples.as_ref(),
            since: since.as_deref(),
        };
        let outcome = drive::run(
            &target,
            scenario.works(&setting)?,
            &plan(&args, scenario),
            args.pid,
        )?;
        let resident = match args.pid {
            Some(pid) => process::memory_kib(pid, "VmRSS")?,
            None => 0,
        };
        let mut measured = Measured::new(chosen, "endpoint");
        measured.rounds.push(Round::of(&outcome, resident));
        println!("{}", measured.line());
        if let Some(failure) = &outcome.failure {
            println!("  refused ({:?}): {failure}", outcome.refused);
        }
        all.push(measured);
    }
    if let Some(path) = &args.json {
        fs::write(path, serde_json::to_string_pretty(&all)?)?;
    }
    Ok(())
}

/// What is posted is not of the organisations that are asked about.
const OTHER_WORLDS: u64 = 1_000;

fn plan(args: &Args, scenario: Scenario) -> Plan {
    let seconds = |seconds: f64| Duration::from_secs_f64(seconds);
    let pace = args.rate.map_or(Pace::Closed, Pace::Rate);
    match scenario.ends() {
        true => Plan::to_the_end(pace),
        false => Plan {
            warm_up: seconds(args.warm_up),
            window: seconds(args.seconds),
            pace,
        },
    }
}
