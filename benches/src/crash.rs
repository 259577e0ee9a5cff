//! The crash harness: clients write, the server dies, the power is lost, and what was acknowledged must be there.

mod check;
pub mod damage;
mod document;
mod findings;
mod launch;
mod ledger;
mod player;
mod session;
#[cfg(test)]
mod tests;
mod writer;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::generate::Rng;
use crate::power::{Loss, Shim, Watch};
use crate::process::{Server, Setup};
pub use findings::Findings;
use launch::class::{Class, OPEN};
use launch::lms::Lms;
use launch::{Registration, School};
use ledger::Ledger;
use session::Session;
use writer::Writer;

/// Whose documents the clients write, and where.
const AGENT: &str =
    r#"{"objectType":"Agent","account":{"homePage":"https://lms.example.com","name":"crash"}}"#;
const ACTIVITY: &str = "https://content.example.com/crash";
const ANSWERS_MIN: usize = 8;
/// Findings of a round that are printed at once.
const LINES_MAX: usize = 20;

/// One run of the harness.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The `tessera` program.
    pub binary: PathBuf,
    /// A directory for everything; on the file system that is to be tested.
    pub directory: PathBuf,
    pub rounds: usize,
    pub connections: usize,
    /// After so many rounds all that was ever written is read again, and a fresh directory begins.
    pub rounds_each_directory: usize,
    /// Clients write for 50 ms and a random time up to this before the kill, four times as long in one round of ten.
    pub write_milliseconds_max: usize,
    /// Every round's choices follow from this and the round's number.
    pub seed: u64,
    /// In turn, one for each round.
    pub losses: Vec<Loss>,
    pub durability: Durability,
}

/// Half exact; torn ends and zeros for the rest.
pub const LOSSES: [Loss; 4] = [Loss::Exact, Loss::Exact, Loss::Torn, Loss::Zeroed];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    Synced,
    /// The negative control: it must lose something, or the harness proves nothing.
    Unsynced,
}

/// Whether the directory's rounds end with this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Last {
    Yes,
    No,
}

/// What a run saw.
#[derive(Debug, Default)]
pub struct Report {
    pub rounds: usize,
    /// Rounds in which the server was killed before it was ready.
    pub killed_at_start: usize,
    /// Writes of all kinds that were acknowledged; statements in them, and how many were writes of documents and steps
    /// of sessions.
    pub acknowledged: usize,
    pub statements: usize,
    pub documents: usize,
    pub steps: usize,
    /// Of them what was asked for in launched registrations.
    pub deeds: usize,
    /// Registrations that were there at the end of their directory, launches in them, and `satisfied`.
    pub registrations: usize,
    pub launches: usize,
    pub satisfied: usize,
    /// Rounds in which the kill met something that was asked for in a launched registration.
    pub killed_in_registrations: usize,
    /// Requests without an answer when the server was killed, and those of them that were found.
    pub in_flight: usize,
    pub in_flight_found: usize,
    /// What the loss of power took.
    pub lost_bytes: u64,
    pub lost_names: usize,
    pub findings: Findings,
}

impl Report {
    pub fn extend(&mut self, other: Report) {
        self.rounds += other.rounds;
        self.killed_at_start += other.killed_at_start;
        self.acknowledged += other.acknowledged;
        self.statements += other.statements;
        self.documents += other.documents;
        self.steps += other.steps;
        self.deeds += other.deeds;
        self.registrations += other.registrations;
        self.launches += other.launches;
        self.satisfied += other.satisfied;
        self.killed_in_registrations += other.killed_in_registrations;
        self.in_flight += other.in_flight;
        self.in_flight_found += other.in_flight_found;
        self.lost_bytes += other.lost_bytes;
        self.lost_names += other.lost_names;
        self.findings.extend(other.findings);
    }
}

/// What goes on from the rounds before.
struct Open {
    sessions: Vec<Session>,
    registrations: Vec<Registration>,
    school: Option<School>,
}

/// What one round works with.
struct Round<'r> {
    number: usize,
    /// For findings: whoever reads it can repeat the run.
    place: String,
    loss: Loss,
    rng: Rng,
    report: &'r mut Report,
}

impl Plan {
    pub fn run(&self) -> io::Result<Report> {
        fs::create_dir_all(&self.directory)?;
        let shim = Shim::build(&self.directory)?;
        let data = self.directory.join("data");
        let mut report = Report::default();
        let mut everything = Ledger::default();
        for number in 0..self.rounds {
            if number % self.rounds_each_directory == 0 {
                eprintln!(
                    "seed {}: round {number} of {}, {} acknowledged, {} findings",
                    self.seed,
                    self.rounds,
                    report.acknowledged,
                    report.findings.count()
                );
                everything = Ledger::default();
                fresh(&data)?;
            }
            let loss = self.losses[number % self.losses.len().max(1)];
            let before = report.findings.counts();
            let mut round = Round {
                number,
                place: format!("seed {} round {number} ({loss:?})", self.seed),
                loss,
                rng: Rng::new(Rng::new(self.seed ^ (number as u64) << 32).next_u64()),
                report: &mut report,
            };
            let open = Open {
                sessions: everything.take_open_sessions(self.connections),
                registrations: everything.take_open_registrations(OPEN),
                school: everything.school.clone(),
            };
            let ledger = self.live_and_die(&mut round, open, &shim, &data)?;
            let is_last = (number + 1) % self.rounds_each_directory == 0;
            let last = match is_last || number + 1 == self.rounds {
                true => Last::Yes,
                false => Last::No,
            };
            if !self.look(&mut round, ledger, last, &mut everything)? {
                // Nothing can be built on a store that does not open.
                everything = Ledger::default();
                fresh(&data)?;
            }
            report.rounds += 1;
            if self.durability == Durability::Synced {
                // At once: a long run may be broken off before its report.
                for line in report.findings.since(before).take(LINES_MAX) {
                    eprintln!("{line}");
                }
            }
        }
        Ok(report)
    }

    /// A server under the preloaded library, clients, a kill, and the loss of power.
    fn live_and_die(
        &self,
        round: &mut Round<'_>,
        open: Open,
        shim: &Shim,
        data: &Path,
    ) -> io::Result<Ledger> {
        let watch = Watch::start(data, &self.directory)?;
        let mut setup = self.setup(data);
        setup.log = self.directory.join("killed.log");
        setup.environment.extend(watch.environment(shim));
        let mut server = setup.spawn()?;
        let dies_at_start = match self.durability {
            Durability::Synced => round.rng.below(10) == 0,
            // What was not written cannot be lost.
            Durability::Unsynced => false,
        };
        let ledger = if dies_at_start {
            thread::sleep(Duration::from_millis(round.rng.below(150) as u64));
            server.kill()?;
            round.report.killed_at_start += 1;
            Ledger {
                sessions: open.sessions,
                registrations: open.registrations,
                school: open.school,
                ..Ledger::default()
            }
        } else {
            server.wait_ready()?;
            self.write(round, open, server)?
        };
        let lost = watch.lose(round.loss, &mut round.rng)?;
        round.report.lost_bytes += lost.bytes;
        round.report.lost_names += lost.names;
        Ok(ledger)
    }

    /// Clients write until the server is killed.
    fn write(&self, round: &mut Round<'_>, open: Open, server: Server) -> io::Result<Ledger> {
        let endpoint = server.endpoint();
        let school = match open.school {
            Some(school) => school,
            None => Lms::new(&endpoint)
                .found()
                .map_err(|failed| io::Error::other(failed.why()))?,
        };
        let class = Class::new(school, open.registrations);
        let longer = if round.rng.below(10) == 0 { 4 } else { 1 };
        let most = self.write_milliseconds_max * longer;
        let time = Duration::from_millis(50 + round.rng.below(most) as u64);
        let mut open = open.sessions.into_iter();
        let writers: Vec<Writer> = (0..self.connections)
            .map(|number| {
                let name = format!("{}-{number}", round.number);
                Writer::new(
                    &endpoint,
                    round.rng.next_u64(),
                    name,
                    open.next(),
                    Some(&class),
                )
            })
            .collect();
        let dying = AtomicBool::new(false);
        let answered = AtomicUsize::new(0);
        let mut ledger = Ledger::default();
        thread::scope(|scope| -> io::Result<()> {
            let writers: Vec<_> = writers
                .into_iter()
                .map(|writer| {
                    let (dying, answered) = (&dying, &answered);
                    scope.spawn(move || writer.run(dying, answered))
                })
                .collect();
            thread::sleep(time);
            wait_for_answers(&answered);
            dying.store(true, Ordering::SeqCst);
            let killed = server.kill();
            for writer in writers {
                match writer.join() {
                    Ok(written) => ledger.extend(written),
                    Err(_) => return Err(io::Error::other("a writer panicked")),
                }
            }
            killed
        })?;
        let (school, registrations) = class.close();
        ledger.school = Some(school);
        ledger.registrations = registrations;
        Ok(ledger)
    }

    /// Starts a server without the library and compares; false if there is no store to go on with.
    fn look(
        &self,
        round: &mut Round<'_>,
        mut ledger: Ledger,
        last: Last,
        everything: &mut Ledger,
    ) -> io::Result<bool> {
        let (place, report) = (&round.place, &mut *round.report);
        let acknowledged = ledger.acknowledged();
        report.acknowledged += acknowledged.writes();
        report.statements += acknowledged.statements;
        report.documents += acknowledged.documents;
        report.steps += acknowledged.steps;
        report.deeds += acknowledged.deeds;
        let mut registrations = ledger.registrations.iter();
        let is_met = registrations.any(|registration| registration.in_flight() > 0);
        report.killed_in_registrations += usize::from(is_met);
        report.in_flight += ledger.in_flight();
        for refused in ledger.refused.drain(..).chain(ledger.failed.drain(..)) {
            report.findings.refused.push(format!("{place}: {refused}"));
        }
        let setup = self.setup(&self.directory.join("data"));
        let server = match setup.start() {
            Ok(server) => server,
            Err(error) => {
                report.findings.unopened.push(format!("{place}: {error}"));
                report.findings.lost_with_stores += acknowledged.writes();
                return Ok(false);
            }
        };
        let check = check::Check::new(place, &server.endpoint());
        report.in_flight_found += check.whole(&mut ledger, &mut report.findings);
        match last {
            Last::Yes => {
                check.whole(everything, &mut report.findings);
                everything.extend(ledger);
                check.list(everything, &mut report.findings);
                for registration in &everything.registrations {
                    report.registrations += 1;
                    report.launches += registration.launches();
                    report.satisfied += registration.satisfied;
                }
            }
            Last::No => {
                check.some(everything, &mut round.rng, &mut report.findings);
                everything.extend(ledger);
            }
        }
        let status = server.stop()?;
        let unclean = &mut report.findings.unclean;
        if !status.success() {
            unclean.push(format!("{place}: the server stopped with {status}"));
        }
        if let Err(output) = setup.verify()? {
            unclean.push(format!("{place}: verify: {}", output.trim()));
        }
        Ok(true)
    }

    fn setup(&self, data: &Path) -> Setup {
        let environment = match self.durability {
            // Small budgets, so that flushes, compactions and new logs fall into the time before the kill.
            Durability::Synced => vec![
                ("TESSERA__STORAGE__MEMTABLE_BYTES", "1048576".into()),
                ("TESSERA__STORAGE__WAL_BYTES_MAX", "1048576".into()),
            ],
            // Large ones, so that no flush saves what nobody synced.
            Durability::Unsynced => vec![("TESSERA__STORAGE__SYNC", "never".into())],
        };
        Setup {
            binary: self.binary.clone(),
            // Made by the server, so that its own name must survive too.
            data: data.join("store"),
            log: self.directory.join("server.log"),
            environment,
        }
    }
}

fn fresh(data: &Path) -> io::Result<()> {
    if data.exists() {
        fs::remove_dir_all(data)?;
    }
    fs::create_dir(data)
}

/// A kill before anything was acknowledged proves nothing, however slow the machine is.
fn wait_for_answers(answered: &AtomicUsize) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while answered.load(Ordering::Relaxed) < ANSWERS_MIN && Instant::now() < deadline {
        thread::sleep(Duration::from_millis(5));
    }
}
