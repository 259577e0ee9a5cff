//! A clock that is set back or forward: places and Consistent-Through never go back, and nothing is refused or ended
//! for it that should not be.

use std::io;
use std::path::Path;

use serde_json::Value;

use super::stage::{Memory, Outcome, Stage, compare, fill};
use crate::client::{Client, Endpoint};
use crate::crash::ledger::Ledger;

const HOUR: i64 = 3_600;

pub(super) fn back_between_runs(binary: &Path, directory: &Path) -> io::Result<Outcome> {
    let stage = stage(binary, directory)?;
    let mut outcome = Outcome::default();
    let server = stage.start()?;
    let mut ledger = fill(&server.endpoint(), 1, 30)?;
    let before = through(&server.endpoint())?;
    server.stop()?;
    stage.hostile.set_clock(-HOUR)?;
    let server = stage.start()?;
    not_before(&before, &through(&server.endpoint())?, &mut outcome);
    after_the_jump(&server.endpoint(), &mut ledger, &mut outcome)?;
    server.stop()?;
    stage.hostile.set_clock(0)?;
    stage.reopen(&mut ledger, &mut outcome)?;
    Ok(outcome)
}

pub(super) fn back_while_running(binary: &Path, directory: &Path) -> io::Result<Outcome> {
    jump(binary, directory, -HOUR)
}

pub(super) fn forward_while_running(binary: &Path, directory: &Path) -> io::Result<Outcome> {
    jump(binary, directory, 24 * HOUR)
}

fn jump(binary: &Path, directory: &Path, seconds: i64) -> io::Result<Outcome> {
    let stage = stage(binary, directory)?;
    let mut outcome = Outcome::default();
    let server = stage.start()?;
    let endpoint = server.endpoint();
    let mut ledger = fill(&endpoint, 1, 30)?;
    let before = through(&endpoint)?;
    stage.hostile.set_clock(seconds)?;
    not_before(&before, &through(&endpoint)?, &mut outcome);
    after_the_jump(&endpoint, &mut ledger, &mut outcome)?;
    let then = through(&endpoint)?;
    // And back to the right time.
    stage.hostile.set_clock(0)?;
    not_before(&then, &through(&endpoint)?, &mut outcome);
    ledger.extend(fill(&endpoint, 3, 10)?);
    outcome.take_fill(&ledger);
    in_order(&endpoint, &mut outcome)?;
    server.stop()?;
    stage.reopen(&mut ledger, &mut outcome)?;
    Ok(outcome)
}

/// Sessions end by themselves after two days, which no jump here reaches.
fn stage(binary: &Path, directory: &Path) -> io::Result<Stage> {
    let mut stage = Stage::new(binary, directory, Memory::Small)?;
    let idle = (48 * HOUR).to_string();
    let key = "TESSERA__CMI5__ABANDON_AFTER_IDLE_SECONDS";
    stage.setup.environment.push((key, idle.into()));
    Ok(stage)
}

/// Sessions from before go on, new writes are taken, and everything stands in its order.
fn after_the_jump(
    endpoint: &Endpoint,
    ledger: &mut Ledger,
    outcome: &mut Outcome,
) -> io::Result<()> {
    outcome.take_fill(ledger);
    outcome.take(&compare(endpoint, ledger));
    let open = ledger.take_open_sessions(8);
    let went_on = open.len();
    ledger.extend(super::stage::fill_on(endpoint, 2, 30, open)?);
    outcome.take_fill(ledger);
    outcome.take(&compare(endpoint, ledger));
    outcome.client.push(format!(
        "nothing is refused; {went_on} open sessions go on by their tokens"
    ));
    in_order(endpoint, outcome)
}

/// `stored` rises strictly over the whole list.
fn in_order(endpoint: &Endpoint, outcome: &mut Outcome) -> io::Result<()> {
    let client = Client::new(endpoint);
    let query = [("limit", "500"), ("ascending", "true")];
    let mut answer = client
        .get("/statements", &query)
        .map_err(io::Error::other)?;
    let (mut last, mut count) = (String::new(), 0);
    loop {
        let page: Value = serde_json::from_slice(&answer.body)?;
        for statement in page["statements"].as_array().into_iter().flatten() {
            let stored = statement["stored"].as_str().unwrap_or_default();
            outcome.must(
                *stored > *last,
                format!("`stored` goes from {last} to {stored}"),
            );
            last = stored.to_owned();
            count += 1;
        }
        match page["more"].as_str() {
            None | Some("") => break,
            Some(more) => answer = client.follow(more).map_err(io::Error::other)?,
        }
    }
    let line = format!("`stored` rises strictly over {count} statements");
    if !outcome.client.contains(&line) {
        outcome.client.push(line);
    }
    Ok(())
}

fn not_before(before: &str, after: &str, outcome: &mut Outcome) {
    outcome.must(
        after >= before,
        format!("Consistent-Through went back from {before} to {after}"),
    );
}

/// X-Experience-API-Consistent-Through: of fixed width, so that texts compare as times.
fn through(endpoint: &Endpoint) -> io::Result<String> {
    let answer = Client::new(endpoint)
        .get("/statements", &[("limit", "1")])
        .map_err(io::Error::other)?;
    answer
        .consistent_through
        .ok_or_else(|| io::Error::other("no Consistent-Through"))
}
