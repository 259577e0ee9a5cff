//! The processes that are measured: the server and the floors, each on a directory of its own.

use std::error::Error;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::Round;
use crate::client::Body;
use crate::drive::{self, Plan, Work};
use crate::floor::{CANNED, Order};
use crate::generate::Family;
use crate::process::{self, Server, Setup};
use crate::scenario::post::Posts;
use crate::scenario::{self, Scenario};
use crate::wire::Target;

/// Where a run keeps its stores and logs.
pub struct Place {
    pub directory: PathBuf,
    /// The `tessera` program.
    pub binary: PathBuf,
}

/// A process that answers requests.
pub struct Side {
    pub name: &'static str,
    pub server: Server,
    pub target: Target,
}

const FILLING_CONNECTIONS: usize = 8;
const FILLING_BATCH: usize = 100;

impl Place {
    /// How the server is started on the directory of this name, with these settings.
    pub fn setup(&self, name: &str, environment: &[(&'static str, &str)]) -> Setup {
        let mut environment: Vec<_> = environment
            .iter()
            .map(|(name, value)| (*name, (*value).into()))
            .collect();
        environment.push(("TESSERA__LOG__FILTER", "warn".into()));
        Setup {
            binary: self.binary.clone(),
            data: self.directory.join(name),
            log: self.directory.join(name).with_extension("log"),
            environment,
        }
    }

    /// The server on a fresh directory of this name.
    ///
    /// # Errors
    /// When it does not start.
    pub fn tessera(&self, name: &str) -> io::Result<Side> {
        Side::new("tessera", self.setup(name, &[]).start()?)
    }

    /// The skeleton, with the keys and values of a recorded store.
    ///
    /// # Errors
    /// When it does not start.
    pub fn skeleton(
        &self,
        name: &str,
        recorded: &Path,
        order: Order,
    ) -> Result<Side, Box<dyn Error>> {
        let side = match order {
            Order::Given => "skeleton",
            Order::Sorted => "sorted",
        };
        let address = process::free_address()?;
        let mut command = Command::new(process::beside("floor")?);
        command
            .args(["skeleton", "--bind", &address.to_string(), "--recorded"])
            .arg(recorded)
            .arg("--data")
            .arg(self.directory.join(name));
        if order == Order::Sorted {
            command.arg("--sorted");
        }
        let log = self.directory.join(name).with_extension("log");
        Ok(Side::new(side, Server::of(command, address, &log)?)?)
    }

    /// The handler that answers what it was told.
    ///
    /// # Errors
    /// When it does not start.
    pub fn canned(&self) -> Result<Side, Box<dyn Error>> {
        let address = process::free_address()?;
        let mut command = Command::new(process::beside("floor")?);
        command.args(["canned", "--bind", &address.to_string()]);
        let log = self.directory.join("canned.log");
        Ok(Side::new("actix", Server::of(command, address, &log)?)?)
    }
}

/// Fills a store with so many statements and kills it with all of them in its log, for the floors to read.
///
/// # Errors
/// When the server refuses.
pub fn record(place: &Place, family: Family, statements: usize) -> Result<PathBuf, Box<dyn Error>> {
    let huge = [
        ("TESSERA__STORAGE__MEMTABLE_BYTES", "8589934592"),
        ("TESSERA__STORAGE__WAL_BYTES_MAX", "17179869184"),
        ("TESSERA__STORAGE__SYNC", "never"),
    ];
    let setup = place.setup("recorded", &huge);
    let side = Side::new("recorded", setup.start()?)?;
    let each = statements.div_ceil(FILLING_CONNECTIONS);
    let works = (0..FILLING_CONNECTIONS as u64).map(|seed| -> Box<dyn Work> {
        let posts = Posts::of_family(&side.target, family, seed, POOL, FILLING_BATCH);
        Box::new(posts.times(each.div_ceil(FILLING_BATCH)))
    });
    scenario::finish(&side.target, works.collect())?;
    side.server.kill()?;
    Ok(setup.data)
}

/// Different statements of a connection while a store is recorded.
const POOL: usize = 2_500;
const SETTLING_SECONDS_MAX: u64 = 10;
const SETTLING_STEP: Duration = Duration::from_millis(100);
const SETTLED: Duration = Duration::from_millis(10);

impl Side {
    /// # Errors
    /// When its address is none.
    pub fn new(name: &'static str, server: Server) -> io::Result<Side> {
        let target = Target::new(&server.endpoint())?;
        Ok(Side {
            name,
            server,
            target,
        })
    }

    /// Waits until the process has nothing more to do: what one round left must not be counted in the next.
    ///
    /// # Errors
    /// When the process is gone.
    pub fn settle(&self) -> io::Result<()> {
        let deadline = Instant::now() + Duration::from_secs(SETTLING_SECONDS_MAX);
        while Instant::now() < deadline {
            let before = process::cpu_time(self.server.pid())?;
            sleep(SETTLING_STEP);
            if process::cpu_time(self.server.pid())? - before <= SETTLED {
                break;
            }
        }
        Ok(())
    }

    /// One round of work that was made for this side or another one.
    ///
    /// # Errors
    /// When the process is gone.
    pub fn round(
        &self,
        scenario: Scenario,
        works: Vec<Box<dyn Work>>,
        plan: &Plan,
    ) -> io::Result<Round> {
        self.settle()?;
        let plan = match scenario.ends() {
            true => Plan::to_the_end(plan.pace),
            false => *plan,
        };
        let pid = self.server.pid();
        let outcome = drive::run(&self.target, works, &plan, Some(pid))?;
        Ok(Round::of(&outcome, process::memory_kib(pid, "VmRSS")?))
    }

    /// Lets the canned side answer as this side answers the first request of `work`.
    ///
    /// # Errors
    /// When either is gone.
    pub fn teach(&self, canned: &Side, work: &mut dyn Work) -> io::Result<()> {
        let Some(request) = work.next() else {
            return Ok(());
        };
        let answer = drive::once(&self.target, request)?;
        let path = format!("{CANNED}{}", answer.status);
        let body = Body {
            content_type: "application/octet-stream",
            bytes: &answer.body,
        };
        let told = canned.target.request_for("PUT", &path, Some(body));
        match drive::once(&canned.target, &told)?.status {
            204 => Ok(()),
            status => Err(io::Error::other(format!("the floor answered {status}"))),
        }
    }
}
