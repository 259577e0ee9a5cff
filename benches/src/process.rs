//! A `tessera serve` of our own: on a free port, with a given data directory and key, killed when dropped.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::client::Endpoint;

const KEY: &str = "benches";
const SECRET: &str = "benches-only-secret";
const READY_SECONDS_MAX: u64 = 60;

/// How servers are started.
#[derive(Debug, Clone)]
pub struct Setup {
    /// The `tessera` program.
    pub binary: PathBuf,
    pub data: PathBuf,
    /// Standard error goes here.
    pub log: PathBuf,
    pub environment: Vec<(&'static str, OsString)>,
}

pub struct Server {
    child: Child,
    address: SocketAddr,
    log: PathBuf,
}

/// The `tessera` that was built beside this program, or `TESSERA_BINARY`.
pub fn binary() -> io::Result<PathBuf> {
    if let Some(path) = std::env::var_os("TESSERA_BINARY") {
        return Ok(path.into());
    }
    let own = std::env::current_exe()?;
    // Programs lie in the profile's directory, tests one below it.
    let found = own
        .ancestors()
        .skip(1)
        .take(2)
        .map(|directory| directory.join("tessera"));
    found.into_iter().find(|path| path.is_file()).ok_or_else(|| {
        io::Error::other("there is no `tessera` beside this program: cargo build --release -p server --bin tessera")
    })
}

/// The program of this name that was built beside this one.
///
/// # Errors
/// When there is none.
pub fn beside(name: &str) -> io::Result<PathBuf> {
    let own = std::env::current_exe()?;
    let found = own.with_file_name(name);
    if !found.is_file() {
        return Err(io::Error::other(format!(
            "there is no `{name}` beside this program: cargo build --release --bins"
        )));
    }
    Ok(found)
}

/// A port that is free now.
///
/// # Errors
/// When the machine has none.
pub fn free_address() -> io::Result<SocketAddr> {
    TcpListener::bind("127.0.0.1:0")?.local_addr()
}

impl Setup {
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        command
            .args(arguments)
            .env("TESSERA__STORAGE__PATH", &self.data)
            .env("TESSERA__BOOTSTRAP__KEY", KEY)
            .env("TESSERA__BOOTSTRAP__SECRET", SECRET)
            .envs(self.environment.iter().cloned())
            // No configuration file of whoever runs this.
            .current_dir(self.log.parent().unwrap_or(Path::new("/")));
        command
    }

    /// Starts the server and does not wait for it.
    pub fn spawn(&self) -> io::Result<Server> {
        let address = free_address()?;
        let child = self
            .command(&["serve"])
            .env("TESSERA__HTTP__BIND", address.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(&self.log)?)
            .spawn()?;
        Ok(Server {
            child,
            address,
            log: self.log.clone(),
        })
    }

    /// Starts the server and waits until it takes requests.
    pub fn start(&self) -> io::Result<Server> {
        let mut server = self.spawn()?;
        server.wait_ready()?;
        Ok(server)
    }

    /// Runs `tessera verify` with no server; answers its output if it found anything.
    pub fn verify(&self) -> io::Result<Result<(), String>> {
        let output = self.command(&["verify"]).output()?;
        if output.status.success() {
            return Ok(Ok(()));
        }
        let text = [output.stdout, output.stderr].concat();
        Ok(Err(String::from_utf8_lossy(&text).into_owned()))
    }
}

impl Server {
    /// Starts another program that answers at `/health/ready` of this address, and waits until it does.
    ///
    /// # Errors
    /// When it ends or does not answer in time.
    pub fn of(mut command: Command, address: SocketAddr, log: &Path) -> io::Result<Server> {
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(log)?)
            .spawn()?;
        let mut server = Server {
            child,
            address,
            log: log.to_owned(),
        };
        server.wait_ready()?;
        Ok(server)
    }

    pub fn endpoint(&self) -> Endpoint {
        Endpoint {
            url: format!("http://{}/xapi", self.address),
            key: KEY.to_owned(),
            secret: SECRET.to_owned(),
        }
    }

    pub fn wait_ready(&mut self) -> io::Result<()> {
        let deadline = Instant::now() + Duration::from_secs(READY_SECONDS_MAX);
        let url = format!("http://{}/health/ready", self.address);
        loop {
            if ureq::get(&url).call().is_ok() {
                return Ok(());
            }
            if let Some(status) = self.child.try_wait()? {
                return Err(self.failure(&format!("the server ended with {status}")));
            }
            if Instant::now() > deadline {
                return Err(self.failure("the server is not ready"));
            }
            sleep(Duration::from_millis(5));
        }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// At once, as by SIGKILL.
    pub fn kill(mut self) -> io::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Asks by SIGTERM and waits.
    pub fn stop(mut self) -> io::Result<ExitStatus> {
        // The shell's own `kill`: the program is not on every machine.
        Command::new("sh")
            .args(["-c", &format!("kill -TERM {}", self.pid())])
            .status()?;
        self.child.wait()
    }

    fn failure(&self, what: &str) -> io::Error {
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        let tail: Vec<&str> = log.lines().rev().take(5).collect();
        io::Error::other(format!(
            "{what}: {}",
            tail.into_iter().rev().collect::<Vec<_>>().join(" | ")
        ))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Already gone after `kill` and `stop`; then both fail, and nothing is left to do.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A process's resident memory in KiB, or its peak, as `/proc/PID/status` has it: `VmRSS`, `VmHWM`.
pub fn memory_kib(pid: u32, field: &str) -> io::Result<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let value = status
        .lines()
        .find_map(|line| line.strip_prefix(field)?.strip_prefix(':'))
        .and_then(|rest| rest.trim().trim_end_matches("kB").trim().parse().ok());
    value.ok_or_else(|| io::Error::other(format!("no `{field}` in the status of process {pid}")))
}

/// Processor time that a process has used, its own and the system's for it, from `/proc/PID/stat`.
pub fn cpu_time(pid: u32) -> io::Result<Duration> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The second field, the name in parentheses, may hold spaces; the 14th and 15th are in hundredths of a second.
    let fields: Vec<&str> = stat
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .collect();
    let hundredths = |at: usize| -> Option<u64> { fields.get(at)?.parse().ok() };
    match (hundredths(11), hundredths(12)) {
        (Some(user), Some(system)) => Ok(Duration::from_millis((user + system) * 10)),
        (None, _) | (_, None) => Err(io::Error::other(format!(
            "no times in the status of process {pid}"
        ))),
    }
}
