//! All figures of a run, as they are printed and as JSON.

use std::fs;
use std::process::Command;

use serde::Serialize;

use super::keys::Touched;
use super::measured::Measured;

#[derive(Debug, Default, Serialize)]
pub struct Report {
    pub commit: String,
    pub machine: Machine,
    pub measured: Vec<Measured>,
    pub figures: Vec<Figure>,
    pub touched: Vec<(usize, Touched)>,
}

#[derive(Debug, Default, Serialize)]
pub struct Machine {
    pub processor: String,
    pub cores: usize,
    pub memory_mib: u64,
    pub kernel: String,
    /// The load when the run began: others use the machine too.
    pub load: String,
}

/// One number that is no scenario's.
#[derive(Debug, Clone, Serialize)]
pub struct Figure {
    pub name: String,
    pub value: f64,
    pub unit: &'static str,
}

impl Report {
    pub fn new() -> Report {
        Report {
            commit: output("git", &["rev-parse", "--short", "HEAD"]),
            machine: Machine::this(),
            ..Report::default()
        }
    }

    pub fn head(&self) -> String {
        let Machine {
            processor,
            cores,
            memory_mib,
            kernel,
            load,
        } = &self.machine;
        format!(
            "commit {}; {cores} cores ({processor}), {memory_mib} MiB, Linux {kernel}, load {load}",
            self.commit
        )
    }

    /// Keeps a figure and prints it.
    pub fn figure(&mut self, name: &str, value: f64, unit: &'static str) {
        println!("{name:<66} {value:>10.2} {unit}");
        self.figures.push(Figure {
            name: name.to_owned(),
            value,
            unit,
        });
    }
}

impl Machine {
    fn this() -> Machine {
        let field = |text: &str, name: &str| -> Option<String> {
            let line = text.lines().find(|line| line.starts_with(name))?;
            Some(line.split_once(':')?.1.trim().to_owned())
        };
        let processors = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
        let kib = field(&memory, "MemTotal")
            .and_then(|text| text.trim_end_matches("kB").trim().parse::<u64>().ok());
        let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
        Machine {
            processor: field(&processors, "model name").unwrap_or_default(),
            cores: std::thread::available_parallelism().map_or(0, usize::from),
            memory_mib: kib.unwrap_or(0) / 1024,
            kernel: output("uname", &["-r"]),
            load: load.split(' ').next().unwrap_or_default().to_owned(),
        }
    }
}

/// Empty when the program is not there.
fn output(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    output.map_or_else(
        |_| String::new(),
        |output| String::from_utf8_lossy(&output.stdout).trim().to_owned(),
    )
}
