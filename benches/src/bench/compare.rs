//! Scenarios on the server and on the floors in turn, so that what disturbs the machine disturbs all alike.

use std::error::Error;
use std::io;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use super::{Chosen, Measured, Place, Report, Side};
use crate::drive::{self, Pace, Plan};
use crate::floor::GROUPS;
use crate::generate::Family;
use crate::process;
use crate::scenario::ask::Samples;
use crate::scenario::{Scenario, Setting};
use crate::wire::Target;

/// How long and how often.
#[derive(Debug, Clone, Copy)]
pub struct Timing {
    pub seconds: f64,
    pub warm_up: f64,
    pub rounds: usize,
    /// Whole sessions of the scenario `session`.
    pub sessions: usize,
}

impl Timing {
    pub fn plan(&self) -> Plan {
        Plan {
            warm_up: Duration::from_secs_f64(self.warm_up),
            window: Duration::from_secs_f64(self.seconds),
            pace: Pace::Closed,
        }
    }
}

/// What is posted is not of the organisations that are asked about.
pub const OTHER_WORLDS: u64 = 1_000;
/// Seeds of one round after another.
const ROUND_SEEDS: u64 = 100;

/// The server, then each floor, round after round. A floor is sent what was made for the server, except for the
/// statements' ids.
///
/// # Errors
/// When a side is gone, or the work cannot be made.
pub fn compare(
    chosen: Chosen,
    sides: &[&Side],
    timing: &Timing,
    samples: Option<&Samples>,
    report: &mut Report,
) -> Result<(), Box<dyn Error>> {
    let Some(server) = sides.first() else {
        return Ok(());
    };
    let since = match samples {
        Some(_) => Some(since(&server.target)?),
        None => None,
    };
    let mut measured: Vec<Measured> = sides
        .iter()
        .map(|side| Measured::new(chosen, side.name))
        .collect();
    for round in 0..timing.rounds.max(1) {
        let setting = Setting {
            target: server.target.clone(),
            family: Family::Plain,
            connections: chosen.connections,
            sessions: timing.sessions,
            seed: OTHER_WORLDS + ROUND_SEEDS * round as u64,
            samples,
            since: since.as_deref(),
        };
        for (side, measured) in sides.iter().zip(&mut measured) {
            let mut works = chosen.scenario.works(&setting)?;
            if side.name == CANNED_NAME
                && let Some(first) = works.first_mut()
            {
                server.teach(side, first.as_mut())?;
            }
            let round = side.round(chosen.scenario, works, &timing.plan())?;
            measured.rounds.push(round);
        }
    }
    for measured in &measured {
        println!("{}", measured.line());
        if let Some(failure) = measured
            .rounds
            .iter()
            .find_map(|round| round.failure.as_ref())
        {
            println!("  refused: {failure}");
        }
    }
    if let Some((server, floors)) = measured.split_first() {
        for floor in floors {
            println!("{}", server.against(floor));
        }
    }
    report.measured.extend(measured);
    Ok(())
}

/// Name of the side that answers what it was told.
pub const CANNED_NAME: &str = "actix";

/// Whether the canned floor can stand for the server: its one answer must do for every request.
pub fn has_canned(scenario: Scenario) -> bool {
    match scenario {
        Scenario::Session | Scenario::More | Scenario::Mixed => false,
        Scenario::Post
        | Scenario::Batch(_)
        | Scenario::TokenPost
        | Scenario::Ask(_)
        | Scenario::Since
        | Scenario::StateWrite
        | Scenario::StateRead => true,
    }
}

/// A time with some twenty statements behind it.
///
/// # Errors
/// When there are none.
pub fn since(target: &Target) -> io::Result<String> {
    let request = target.request("GET", "/statements", &[("limit", "20")], None);
    let page: Value = serde_json::from_slice(&drive::once(target, &request)?.body)?;
    let last = page["statements"].as_array().and_then(|rows| rows.last());
    let stored = last.and_then(|statement| statement["stored"].as_str());
    let missing = || io::Error::other("the endpoint has no statements to ask about");
    stored.map(str::to_owned).ok_or_else(missing)
}

/// The floors that are no servers: RocksDB with groups as large as the skeleton's, and the JSON.
///
/// # Errors
/// When the program is missing or ends badly.
pub fn alone_floors(
    place: &Place,
    skeleton: &Side,
    chosen: Chosen,
    recorded: &Path,
    report: &mut Report,
) -> Result<(), Box<dyn Error>> {
    let request = skeleton.target.request_for("GET", GROUPS, None);
    let counted = drive::once(&skeleton.target, &request)?.body;
    let [groups, statements]: [usize; 2] = serde_json::from_slice(&counted)?;
    let group = (statements as f64 / groups.max(1) as f64).round().max(1.0);
    let name = chosen.name();
    report.figure(
        &format!("{name}: statements of a group, skeleton"),
        group,
        "",
    );
    let directory = place.directory.join(format!("rocksdb-{name}"));
    let text = floor(
        Command::new(process::beside("floor")?)
            .arg("rocksdb")
            .arg("--recorded")
            .arg(recorded)
            .arg("--data")
            .arg(&directory)
            .args(["--group", &group.to_string(), "--statements", "100000"]),
    )?;
    std::fs::remove_dir_all(&directory)?;
    print(
        &text,
        &format!("{name}: RocksDB alone, groups of the same size"),
        report,
    )?;
    let batch = chosen.scenario.statements().to_string();
    let text = floor(Command::new(process::beside("floor")?).args(["json", "--batch", &batch]))?;
    print(
        &text,
        &format!("{name}: JSON scan of the same bytes"),
        report,
    )
}

fn floor(command: &mut Command) -> Result<String, Box<dyn Error>> {
    let output = command.output()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(format!("a floor ended with {}: {said}", output.status).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}

fn print(text: &str, name: &str, report: &mut Report) -> Result<(), Box<dyn Error>> {
    let (cost, rate) = text.trim().split_once(' ').ok_or("a floor said nothing")?;
    report.figure(&format!("{name}, CPU a statement"), cost.parse()?, "us");
    report.figure(&format!("{name}, statements a second"), rate.parse()?, "/s");
    Ok(())
}
