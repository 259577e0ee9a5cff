//! Loses the power of a server again and again and looks for what was acknowledged. Ends with 1 if anything that
//! was acknowledged is missing, if anything is half there, or if the negative control lost nothing.

use std::error::Error;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread;

use benches::crash::damage::{Needs, Scenario};
use benches::crash::{Durability, LOSSES, Plan, Report};
use benches::power::Loss;
use benches::process;
use clap::{Parser, Subcommand};

#[derive(Parser)]
struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    #[arg(long, default_value_t = 200)]
    rounds: usize,
    /// Rounds of the negative control, which runs without syncs and must lose something; 0 leaves it out.
    #[arg(long, default_value_t = 10)]
    control_rounds: usize,
    #[arg(long, default_value_t = 32)]
    connections: usize,
    #[arg(long, default_value_t = 20)]
    rounds_each_directory: usize,
    #[arg(long, default_value_t = 600)]
    write_milliseconds_max: usize,
    /// Harnesses at one time, each with its share of the rounds, its own directory and its own seed, the next number.
    #[arg(long, default_value_t = 2)]
    parallel: usize,
    /// The `tessera` program; else the one beside this program, or TESSERA_BINARY.
    #[arg(long)]
    binary: Option<PathBuf>,
    /// Where to keep the data; else a temporary directory.
    #[arg(long)]
    directory: Option<PathBuf>,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Loses single pages of what was not synced, in every round. The store may refuse to open then, and loses nothing.
    #[arg(long)]
    holes: bool,
    /// Lines of each kind of finding that are printed.
    #[arg(long, default_value_t = 10)]
    lines_max: usize,
}

#[derive(Subcommand)]
enum Command {
    /// Full, read-only and broken disks, damaged files, a clock that jumps; prints a table of what was seen.
    Damage {
        /// Only scenarios whose names have this in them.
        filter: Option<String>,
    },
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let args = Args::parse();
    let temporary = tempfile::tempdir()?;
    let directory = args
        .directory
        .unwrap_or_else(|| temporary.path().to_owned());
    let binary = match args.binary {
        Some(path) => path.canonicalize()?,
        None => process::binary()?,
    };
    if let Some(Command::Damage { filter }) = args.command {
        return Ok(damage(
            &binary,
            &directory,
            filter.as_deref().unwrap_or(""),
        )?);
    }
    let plan = Plan {
        binary,
        directory: directory.join("synced"),
        rounds: args.rounds,
        connections: args.connections,
        rounds_each_directory: args.rounds_each_directory,
        write_milliseconds_max: args.write_milliseconds_max,
        seed: args.seed,
        losses: match args.holes {
            true => vec![Loss::Holed],
            false => LOSSES.to_vec(),
        },
        durability: Durability::Synced,
    };
    let report = run(&plan, args.parallel.max(1))?;
    print("storage.sync = always", &report, args.lines_max);
    let mut good = report.findings.is_clean() && report.acknowledged > 0;
    if args.control_rounds > 0 {
        let control = Plan {
            directory: directory.join("unsynced"),
            rounds: args.control_rounds,
            rounds_each_directory: 1,
            durability: Durability::Unsynced,
            ..plan
        };
        let report = control.run()?;
        print(
            "storage.sync = never (negative control)",
            &report,
            args.lines_max,
        );
        if !report.findings.has_lost() {
            println!("the negative control lost nothing: this harness proves nothing");
            good = false;
        }
    }
    println!("{}", if good { "passed" } else { "FAILED" });
    Ok(if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Runs the scenarios and prints what they came to, as a table in Markdown.
fn damage(binary: &Path, directory: &Path, filter: &str) -> io::Result<ExitCode> {
    let mut good = true;
    println!("| scenario | what the client saw | after reopening | `verify` |");
    println!("|---|---|---|---|");
    for scenario in Scenario::ALL {
        if !scenario.name.contains(filter) {
            continue;
        }
        let place = directory.join(scenario.name);
        fs::create_dir_all(&place)?;
        let outcome = match (scenario.run)(binary, &place.canonicalize()?) {
            Ok(outcome) => outcome,
            Err(error) if scenario.needs == Needs::Root => {
                println!("| {} | NOT RUN, needs root: {error} | | |", scenario.name);
                continue;
            }
            Err(error) => return Err(error),
        };
        println!(
            "| {} | {} | {} | {} |",
            scenario.name,
            outcome.client.join("; "),
            outcome.reopened.join("; "),
            outcome.verify.join("; ")
        );
        for wrong in &outcome.wrong {
            good = false;
            println!("WRONG in {}: {wrong}", scenario.name);
        }
        // What went wrong is worth a look, if the directory was given.
        if outcome.wrong.is_empty() {
            fs::remove_dir_all(&place)?;
        }
    }
    println!("{}", if good { "passed" } else { "FAILED" });
    Ok(if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Shares the rounds among several harnesses.
fn run(plan: &Plan, parallel: usize) -> io::Result<Report> {
    let plans: Vec<Plan> = (0..parallel)
        .map(|number| Plan {
            directory: plan.directory.join(number.to_string()),
            rounds: (plan.rounds + number) / parallel,
            seed: plan.seed + number as u64,
            ..plan.clone()
        })
        .collect();
    let mut whole = Report::default();
    thread::scope(|scope| {
        let runs: Vec<_> = plans
            .iter()
            .map(|plan| scope.spawn(|| plan.run()))
            .collect();
        for run in runs {
            match run.join() {
                Ok(report) => whole.extend(report?),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        Ok(whole)
    })
}

fn print(title: &str, report: &Report, lines_max: usize) {
    println!("{title}");
    let figures = [
        ("rounds", report.rounds),
        (
            "  killed before the server was ready",
            report.killed_at_start,
        ),
        ("acknowledged writes", report.acknowledged),
        ("  statements in them", report.statements),
        ("  of them writes of documents", report.documents),
        ("  of them steps of cmi5 sessions", report.steps),
        ("  of them in launched registrations", report.deeds),
        ("launched registrations", report.registrations),
        ("  launches in them", report.launches),
        ("  `satisfied` in them", report.satisfied),
        (
            "  rounds whose kill met something in them",
            report.killed_in_registrations,
        ),
        ("writes in flight at the kill", report.in_flight),
        ("  of them found afterwards", report.in_flight_found),
        ("bytes that the power loss took", report.lost_bytes as usize),
        ("changes of names that it undid", report.lost_names),
        (
            "acknowledged writes in stores that did not open",
            report.findings.lost_with_stores,
        ),
    ];
    for (label, figure) in figures {
        println!("  {label:<50} {figure:>10}");
    }
    for (label, list) in report.findings.lists() {
        println!("  {label:<50} {:>10}", list.len());
        for line in list.iter().take(lines_max) {
            println!("    {line}");
        }
    }
}
