//! The crash harness: clients write, the server dies, the power is lost, and what was acknowledged must be there.

mod check;
mod findings;
mod ledger;
mod writer;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::generate::Rng;
use crate::power::{Loss, Shim, Watch};
use crate::process::Setup;
pub use findings::Findings;
use ledger::Ledger;

/// Whose State documents the clients write, and where.
const AGENT: &str =
    r#"{"objectType":"Agent","account":{"homePage":"https://lms.example.com","name":"crash"}}"#;
const ACTIVITY: &str = "https://content.example.com/crash";
const ANSWERS_MIN: usize = 8;

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
    /// Clients write for 100 ms and a random time up to this before the kill.
    pub write_milliseconds_max: usize,
    pub seed: u64,
    pub durability: Durability,
}

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
    /// Writes that were acknowledged, and statements in them.
    pub acknowledged: usize,
    pub statements: usize,
    /// Requests without an answer when the server was killed, and those of them that were found.
    pub in_flight: usize,
    pub in_flight_found: usize,
    /// What the loss of power took.
    pub lost_bytes: u64,
    pub lost_names: usize,
    pub findings: Findings,
}

impl Plan {
    pub fn run(&self) -> io::Result<Report> {
        fs::create_dir_all(&self.directory)?;
        let shim = Shim::build(&self.directory)?;
        let data = self.directory.join("data");
        let mut rng = Rng::new(self.seed);
        let mut report = Report::default();
        let mut everything = Ledger::default();
        for round in 0..self.rounds {
            if round % self.rounds_each_directory == 0 {
                eprintln!("round {round} of {}", self.rounds);
                everything = Ledger::default();
                fresh(&data)?;
            }
            let loss = [Loss::Exact, Loss::Exact, Loss::Torn, Loss::Zeroed][round % 4];
            let ledger = self.live_and_die(round, loss, &shim, &data, &mut rng, &mut report)?;
            let last =
                match (round + 1) % self.rounds_each_directory == 0 || round + 1 == self.rounds {
                    true => Last::Yes,
                    false => Last::No,
                };
            let place = format!("round {round} ({loss:?})");
            if !self.look(&place, ledger, last, &mut everything, &mut rng, &mut report)? {
                // Nothing can be built on a store that does not open.
                everything = Ledger::default();
                fresh(&data)?;
            }
            report.rounds += 1;
        }
        Ok(report)
    }

    /// A server under the preloaded library, clients, a kill, and the loss of power.
    fn live_and_die(
        &self,
        round: usize,
        loss: Loss,
        shim: &Shim,
        data: &Path,
        rng: &mut Rng,
        report: &mut Report,
    ) -> io::Result<Ledger> {
        let watch = Watch::start(data, &self.directory)?;
        let mut setup = self.setup(data);
        setup.log = self.directory.join("killed.log");
        setup.environment.extend(watch.environment(shim));
        let mut server = setup.spawn()?;
        let mut ledger = Ledger::default();
        if rng.below(10) == 0 {
            thread::sleep(Duration::from_millis(rng.below(150) as u64));
            server.kill()?;
            report.killed_at_start += 1;
        } else {
            server.wait_ready()?;
            let endpoint = server.endpoint();
            let time = Duration::from_millis(100 + rng.below(self.write_milliseconds_max) as u64);
            let seeds: Vec<u64> = (0..self.connections).map(|_| rng.next_u64()).collect();
            let dying = AtomicBool::new(false);
            let answered = AtomicUsize::new(0);
            thread::scope(|scope| -> io::Result<()> {
                let writers: Vec<_> = seeds
                    .iter()
                    .enumerate()
                    .map(|(number, &seed)| {
                        let writer =
                            writer::Writer::new(&endpoint, seed, format!("{round}-{number}"));
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
        }
        let lost = watch.lose(loss, rng)?;
        report.lost_bytes += lost.bytes;
        report.lost_names += lost.names;
        Ok(ledger)
    }

    /// Starts a server without the library and compares; false if there is no store to go on with.
    fn look(
        &self,
        place: &str,
        mut ledger: Ledger,
        last: Last,
        everything: &mut Ledger,
        rng: &mut Rng,
        report: &mut Report,
    ) -> io::Result<bool> {
        let (writes, statements) = ledger.acknowledged();
        report.acknowledged += writes;
        report.statements += statements;
        report.in_flight += ledger.in_flight();
        for refused in ledger.refused.drain(..) {
            report.findings.refused.push(format!("{place}: {refused}"));
        }
        let setup = self.setup(&self.directory.join("data"));
        let server = match setup.start() {
            Ok(server) => server,
            Err(error) => {
                report.findings.unopened.push(format!("{place}: {error}"));
                report.findings.lost_with_stores += writes;
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
            }
            Last::No => {
                check.some(everything, rng, &mut report.findings);
                everything.extend(ledger);
            }
        }
        let status = server.stop()?;
        if !status.success() {
            report
                .findings
                .unclean
                .push(format!("{place}: the server stopped with {status}"));
        }
        if let Err(output) = setup.verify()? {
            report
                .findings
                .unclean
                .push(format!("{place}: verify: {}", output.trim()));
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
