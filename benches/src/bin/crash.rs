//! Loses the power of a server again and again and looks for what was acknowledged. Ends with 1 if anything that
//! was acknowledged is missing, if anything is half there, or if the negative control lost nothing.

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use benches::crash::{Durability, Plan, Report};
use benches::process;
use clap::Parser;

#[derive(Parser)]
struct Args {
    #[arg(long, default_value_t = 200)]
    rounds: usize,
    /// Rounds of the negative control, which runs without syncs and must lose something; 0 leaves it out.
    #[arg(long, default_value_t = 10)]
    control_rounds: usize,
    #[arg(long, default_value_t = 32)]
    connections: usize,
    #[arg(long, default_value_t = 20)]
    rounds_each_directory: usize,
    #[arg(long, default_value_t = 900)]
    write_milliseconds_max: usize,
    /// The `tessera` program; else the one beside this program, or TESSERA_BINARY.
    #[arg(long)]
    binary: Option<PathBuf>,
    /// Where to keep the data; else a temporary directory.
    #[arg(long)]
    directory: Option<PathBuf>,
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

const LINES_MAX: usize = 10;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let args = Args::parse();
    let temporary = tempfile::tempdir()?;
    let directory = args
        .directory
        .unwrap_or_else(|| temporary.path().to_owned());
    let plan = Plan {
        binary: match args.binary {
            Some(path) => path.canonicalize()?,
            None => process::binary()?,
        },
        directory: directory.join("synced"),
        rounds: args.rounds,
        connections: args.connections,
        rounds_each_directory: args.rounds_each_directory,
        write_milliseconds_max: args.write_milliseconds_max,
        seed: args.seed,
        durability: Durability::Synced,
    };
    let report = plan.run()?;
    print("storage.sync = always", &report);
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
        print("storage.sync = never (negative control)", &report);
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

fn print(title: &str, report: &Report) {
    println!("{title}");
    let figures = [
        ("rounds", report.rounds),
        (
            "  killed before the server was ready",
            report.killed_at_start,
        ),
        ("acknowledged writes", report.acknowledged),
        ("  statements in them", report.statements),
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
        for line in list.iter().take(LINES_MAX) {
            println!("    {line}");
        }
    }
}
