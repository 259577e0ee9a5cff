//! Disks that are full, read-only, or whose syncs fail.

use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;

use super::stage::{Memory, Outcome, Stage, acknowledged, fill, health, post_one, tally};
use crate::crash::ledger::Ledger;
use crate::process::Server;

/// How the disk is made hostile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Medium {
    /// By the preloaded library.
    Preloaded,
    /// By a file system of its own: root alone can mount.
    Mounted,
}

/// Unmounted when dropped.
struct Mount(std::path::PathBuf);

const ROOM: u32 = 300_000;

pub(super) fn full(binary: &Path, directory: &Path, medium: Medium) -> io::Result<Outcome> {
    let stage = Stage::new(binary, directory, Memory::Small)?;
    let mut outcome = Outcome::default();
    let disk = directory.join("disk");
    let mount = match medium {
        Medium::Preloaded => None,
        Medium::Mounted => Some(Mount::new(
            &["-t", "tmpfs", "-o", "size=12m", "tmpfs"],
            &disk,
        )?),
    };
    let server = stage.start()?;
    let endpoint = server.endpoint();
    let mut ledger = fill(&endpoint, 1, 30)?;
    outcome.take_fill(&ledger);
    let ballast = disk.join("ballast");
    match medium {
        Medium::Preloaded => stage.hostile.leave_room(ROOM)?,
        Medium::Mounted => fs::write(&ballast, vec![0; leave(&disk)?])?,
    }
    ledger.extend(fill(&endpoint, 2, 100_000)?);
    after_the_failure(&server, &mut ledger, &mut outcome)?;
    match medium {
        Medium::Preloaded => stage.hostile.make_room()?,
        Medium::Mounted => fs::remove_file(&ballast)?,
    }
    let again = post_one(&endpoint)?;
    outcome.client.push(format!(
        "with room again, before a restart: {}",
        tally(&[again])[0]
    ));
    let status = server.stop()?;
    outcome.client.push(format!("it stops with {status}"));
    stage.reopen(&mut ledger, &mut outcome)?;
    drop(mount);
    Ok(outcome)
}

pub(super) fn sync_fails(binary: &Path, directory: &Path) -> io::Result<Outcome> {
    let stage = Stage::new(binary, directory, Memory::Small)?;
    let mut outcome = Outcome::default();
    let server = stage.start()?;
    let endpoint = server.endpoint();
    let mut ledger = fill(&endpoint, 1, 30)?;
    outcome.take_fill(&ledger);
    stage.hostile.break_syncs()?;
    ledger.extend(fill(&endpoint, 2, 100_000)?);
    after_the_failure(&server, &mut ledger, &mut outcome)?;
    // What the kernel dropped after a failed sync, a later good one does not bring back.
    stage.hostile.mend_syncs()?;
    let again = post_one(&endpoint)?;
    outcome.must(
        again.starts_with("503"),
        format!("after a sync failed: {again}"),
    );
    outcome
        .client
        .push(format!("with good syncs again: {}", tally(&[again])[0]));
    let status = server.stop()?;
    outcome.client.push(format!("it stops with {status}"));
    stage.reopen(&mut ledger, &mut outcome)?;
    Ok(outcome)
}

/// Writes are refused with 5xx and say nothing of the inside; reads go on; it is alive and not ready.
fn after_the_failure(
    server: &Server,
    ledger: &mut Ledger,
    outcome: &mut Outcome,
) -> io::Result<()> {
    let endpoint = server.endpoint();
    outcome.client.extend(tally(&ledger.failed));
    outcome.must(!ledger.failed.is_empty(), "nothing failed");
    for answer in ledger.failed.drain(..) {
        outcome.discreet(&answer);
    }
    for answer in ledger.refused.drain(..) {
        outcome
            .wrong
            .push(format!("a good request was refused: {answer}"));
    }
    let then = post_one(&endpoint)?;
    outcome.must(then.starts_with("503"), format!("a later write: {then}"));
    outcome.discreet(&then);
    outcome.client.push(format!("then {}", tally(&[then])[0]));
    let (live, ready) = health(&endpoint)?;
    outcome.must(
        live == 200 && ready == 503,
        format!("live {live}, ready {ready}"),
    );
    outcome.client.push(format!("live {live}, ready {ready}"));
    let mut known = acknowledged(ledger);
    known
        .documents
        .retain(|document| document.sent == document.acknowledged);
    known.sessions.retain(|session| session.in_flight.is_none());
    let mut findings = crate::crash::Findings::default();
    crate::crash::check::Check::new("meanwhile", &endpoint).whole(&mut known, &mut findings);
    outcome.take(&findings);
    outcome.client.push("reads go on".to_owned());
    Ok(())
}

pub(super) fn full_at_start(binary: &Path, directory: &Path) -> io::Result<Outcome> {
    let stage = Stage::new(binary, directory, Memory::Small)?;
    let mut outcome = Outcome::default();
    let server = stage.start()?;
    let mut ledger = fill(&server.endpoint(), 1, 30)?;
    outcome.take_fill(&ledger);
    // Something for recovery to write.
    server.kill()?;
    stage.hostile.leave_room(0)?;
    match stage.fails_to_start()? {
        Some(why) => {
            outcome.must(why.contains("No space left"), format!("it says: {why}"));
            outcome.must(
                why.contains(&*stage.setup.data.to_string_lossy()),
                "no path named",
            );
            outcome
                .client
                .push(format!("does not start: {}", short(&why, directory)));
        }
        None => outcome.wrong.push("it starts on a full disk".to_owned()),
    }
    stage.hostile.make_room()?;
    stage.reopen(&mut ledger, &mut outcome)?;
    Ok(outcome)
}

pub(super) fn read_only(binary: &Path, directory: &Path, medium: Medium) -> io::Result<Outcome> {
    let stage = Stage::new(binary, directory, Memory::Small)?;
    let mut outcome = Outcome::default();
    let server = stage.start()?;
    let mut ledger = fill(&server.endpoint(), 1, 30)?;
    outcome.take_fill(&ledger);
    server.stop()?;
    let disk = directory.join("disk");
    let mount = match medium {
        Medium::Preloaded => {
            stage.hostile.make_read_only()?;
            None
        }
        Medium::Mounted => {
            let own = disk.to_string_lossy().into_owned();
            let mount = Mount::new(&["--bind", &own], &disk)?;
            run("mount", &["-o", "remount,bind,ro", &own])?;
            Some(mount)
        }
    };
    match stage.fails_to_start()? {
        Some(why) => {
            outcome.must(
                why.contains("Read-only file system"),
                format!("it says: {why}"),
            );
            outcome.must(
                why.contains(&*stage.setup.data.to_string_lossy()),
                "no path named",
            );
            outcome
                .client
                .push(format!("does not start: {}", short(&why, directory)));
        }
        None => outcome
            .wrong
            .push("it starts on a read-only disk".to_owned()),
    }
    drop(mount);
    stage.hostile.make_writable()?;
    stage.reopen(&mut ledger, &mut outcome)?;
    Ok(outcome)
}

impl Outcome {
    /// Before anything is hostile everything must be well.
    pub(super) fn take_fill(&mut self, ledger: &Ledger) {
        for answer in ledger.refused.iter().chain(&ledger.failed) {
            self.wrong.push(format!("before: {answer}"));
        }
    }
}

/// How many bytes of ballast leave little room.
fn leave(disk: &Path) -> io::Result<usize> {
    let output = Command::new("df")
        .args(["--output=avail", "-B1"])
        .arg(disk)
        .output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let free: usize = text
        .lines()
        .last()
        .and_then(|line| line.trim().parse().ok())
        .ok_or_else(|| io::Error::other("df says something else"))?;
    Ok(free.saturating_sub(ROOM as usize))
}

/// Messages name temporary directories, which say nothing.
pub(super) fn short(message: &str, directory: &Path) -> String {
    let text = message.replace(&*directory.to_string_lossy(), "…");
    let lines = text.split(" | ").collect::<Vec<_>>();
    lines.last().unwrap_or(&"").to_string()
}

impl Mount {
    fn new(arguments: &[&str], at: &Path) -> io::Result<Mount> {
        let place = at.to_string_lossy();
        let all: Vec<&str> = arguments.iter().copied().chain([&*place]).collect();
        run("mount", &all)?;
        Ok(Mount(at.to_owned()))
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        if let Err(error) = run("umount", &[&self.0.to_string_lossy()]) {
            eprintln!("{error}");
        }
    }
}

fn run(program: &str, arguments: &[&str]) -> io::Result<()> {
    let output = Command::new(program).args(arguments).output()?;
    match output.status.success() {
        true => Ok(()),
        false => Err(io::Error::other(format!(
            "{program} {arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        ))),
    }
}
