//! What all scenarios need: a server that can be made to suffer, clients that fill it, and a look afterwards.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::thread;

use crate::client::{Answer, Body, Client, Endpoint};
use crate::crash::check::Check;
use crate::crash::findings::Findings;
use crate::crash::ledger::{Ledger, State};
use crate::crash::player::describe;
use crate::crash::session::Session;
use crate::crash::writer::Writer;
use crate::hostile::Hostile;
use crate::process::{Server, Setup};

/// What one scenario came to.
#[derive(Debug, Default)]
pub struct Outcome {
    /// What the client saw while it lasted.
    pub client: Vec<String>,
    /// What was there after reopening.
    pub reopened: Vec<String>,
    pub verify: Vec<String>,
    /// What should not have been.
    pub wrong: Vec<String>,
}

/// The server's memory, and with it how much lies in the log and how much in tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Memory {
    /// Flushes and new logs all the time.
    Small,
    /// Nothing is flushed before the server stops.
    Large,
    /// Flushes, but logs stay for long.
    SmallWithLongLogs,
}

pub(super) struct Stage {
    pub(super) setup: Setup,
    pub(super) hostile: Hostile,
}

const WRITERS: u64 = 8;
/// Words of the inside that no client may read.
const INSIDE: [&str; 7] = [
    "rocksdb",
    "corruption",
    "checksum",
    ".sst",
    ".log",
    "no space",
    "/",
];

impl Outcome {
    pub(super) fn must(&mut self, holds: bool, what: impl Into<String>) {
        if !holds {
            self.wrong.push(what.into());
        }
    }

    /// Of a check with nothing that may be missing.
    pub(super) fn take(&mut self, findings: &Findings) {
        for (label, list) in findings.lists() {
            let lines = list.iter().take(5);
            self.wrong
                .extend(lines.map(|line| format!("{label}: {line}")));
        }
    }

    /// An answer of a server that fails, and says nothing of its inside.
    pub(super) fn discreet(&mut self, answer: &str) {
        let (_, body) = answer.split_once(' ').unwrap_or_default();
        let lower = body.to_lowercase();
        for word in INSIDE {
            self.must(
                !lower.contains(word),
                format!("the client is told `{word}`: {body}"),
            );
        }
    }
}

impl Stage {
    pub(super) fn new(binary: &Path, directory: &Path, memory: Memory) -> io::Result<Stage> {
        let (memtables, logs) = match memory {
            Memory::Small => ("1048576", "1048576"),
            Memory::Large => ("67108864", "67108864"),
            Memory::SmallWithLongLogs => ("1048576", "67108864"),
        };
        let hostile = Hostile::build(directory)?;
        let root = directory.join("disk");
        fs::create_dir(&root)?;
        let mut environment = vec![
            ("TESSERA__STORAGE__MEMTABLE_BYTES", memtables.into()),
            ("TESSERA__STORAGE__WAL_BYTES_MAX", logs.into()),
            // Beside the disk: that a socket cannot be made is not what is tried.
            ("TESSERA__ADMIN__SOCKET", directory.join("socket").into()),
        ];
        environment.extend(hostile.environment(&root));
        Ok(Stage {
            setup: Setup {
                binary: binary.to_owned(),
                data: root.join("store"),
                log: directory.join("server.log"),
                environment,
            },
            hostile,
        })
    }

    /// Starts the server, and a scenario cannot go on without it.
    pub(super) fn start(&self) -> io::Result<Server> {
        self.setup.start()
    }

    /// The last lines of a server that did not start.
    pub(super) fn fails_to_start(&self) -> io::Result<Option<String>> {
        match self.setup.start() {
            Ok(server) => {
                server.stop()?;
                Ok(None)
            }
            Err(error) => Ok(Some(error.to_string())),
        }
    }

    pub(super) fn log(&self) -> String {
        fs::read_to_string(&self.setup.log).unwrap_or_default()
    }

    /// Starts the server, compares everything, writes once more, stops it and verifies.
    pub(super) fn reopen(&self, ledger: &mut Ledger, outcome: &mut Outcome) -> io::Result<()> {
        let server = match self.setup.start() {
            Ok(server) => server,
            Err(error) => {
                outcome.wrong.push(format!("it does not open: {error}"));
                return Ok(());
            }
        };
        let endpoint = server.endpoint();
        let findings = compare(&endpoint, ledger);
        let acknowledged = ledger.acknowledged();
        if findings.is_clean() {
            outcome.reopened.push(format!(
                "opens; all {} acknowledged writes are there",
                acknowledged.writes()
            ));
        }
        outcome.take(&findings);
        let more = fill(&endpoint, 999, 5)?;
        outcome.must(
            more.refused.is_empty() && more.failed.is_empty(),
            format!("writes afterwards: {:?} {:?}", more.refused, more.failed),
        );
        let status = server.stop()?;
        outcome.must(
            status.success(),
            format!("the server stopped with {status}"),
        );
        self.verify(outcome)
    }

    /// `tessera verify` that must find nothing.
    pub(super) fn verify(&self, outcome: &mut Outcome) -> io::Result<()> {
        match self.setup.verify()? {
            Ok(()) => outcome.verify.push("all is well".to_owned()),
            Err(output) => outcome.wrong.push(format!("verify: {output}")),
        }
        Ok(())
    }

    /// The store's files with this ending, in the order of their numbers.
    pub(super) fn files(&self, ending: &str) -> io::Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.setup.data)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if name.ends_with(ending) {
                files.push(path);
            }
        }
        files.sort();
        Ok(files)
    }
}

/// Eight clients write so many times each, or until the server fails.
pub(super) fn fill(endpoint: &Endpoint, seed: u64, each: usize) -> io::Result<Ledger> {
    fill_on(endpoint, seed, each, Vec::new())
}

/// As [`fill`]; sessions from before go on, one for each client.
pub(super) fn fill_on(
    endpoint: &Endpoint,
    seed: u64,
    each: usize,
    open: Vec<Session>,
) -> io::Result<Ledger> {
    let mut ledger = Ledger::default();
    let mut open = open.into_iter();
    thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS)
            .map(|number| {
                let name = format!("{seed}-{number}");
                let writer =
                    Writer::new(endpoint, seed * WRITERS + number, name, open.next(), None);
                scope.spawn(move || writer.write_some(each))
            })
            .collect();
        for writer in writers {
            match writer.join() {
                Ok(written) => ledger.extend(written),
                Err(_) => return Err(io::Error::other("a writer panicked")),
            }
        }
        Ok(ledger)
    })
}

/// Everything of the ledger, and the list of all statements.
pub(super) fn compare(endpoint: &Endpoint, ledger: &mut Ledger) -> Findings {
    let mut findings = Findings::default();
    let check = Check::new("after", endpoint);
    check.whole(ledger, &mut findings);
    check.list(ledger, &mut findings);
    findings
}

/// Only what was acknowledged: for reads while it is not known what became of the rest.
pub(super) fn acknowledged(ledger: &Ledger) -> Ledger {
    let mut known = ledger.clone();
    known
        .writes
        .retain(|write| write.state == State::Acknowledged);
    known
}

/// How often each answer was given, by status and text.
pub(super) fn tally(answers: &[String]) -> Vec<String> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for answer in answers {
        let text = answer.split(",\"request\"").next().unwrap_or(answer);
        *counts.entry(text.to_owned()).or_default() += 1;
    }
    counts
        .into_iter()
        .map(|(answer, count)| format!("{count} × {answer}"))
        .collect()
}

/// Health: status of `/health/live` and of `/health/ready`.
pub(super) fn health(endpoint: &Endpoint) -> io::Result<(u16, u16)> {
    let client = Client::new(&endpoint.root());
    let ask = |path| client.get(path, &[]).map_err(io::Error::other);
    Ok((ask("/health/live")?.status, ask("/health/ready")?.status))
}

/// One statement, and what became of it.
pub(super) fn post_one(endpoint: &Endpoint) -> io::Result<String> {
    let statement = r#"{"actor":{"mbox":"mailto:one@example.com"},"verb":{"id":"https://example.com/did"},"object":{"id":"https://example.com/one"}}"#;
    let answer: Answer = Client::new(endpoint)
        .post("/statements", &[], Body::json(statement))
        .map_err(io::Error::other)?;
    Ok(describe(&answer))
}

/// Turns all bits of one byte.
pub(super) fn flip(file: &Path, at: u64) -> io::Result<()> {
    use std::os::unix::fs::FileExt;
    let open = fs::OpenOptions::new().read(true).write(true).open(file)?;
    let mut byte = [0];
    open.read_exact_at(&mut byte, at)?;
    open.write_all_at(&[!byte[0]], at)
}

/// A directory of files and their copies.
pub(super) fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}

pub(super) fn name_of(file: &Path) -> String {
    file.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}
