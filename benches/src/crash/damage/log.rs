//! Damage to the write-ahead log, whose end alone may be torn.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use super::disk::short;
use super::stage::{Memory, Outcome, Stage, compare, copy, fill, flip, name_of};
use crate::crash::ledger::Ledger;
use crate::generate::Rng;

/// Positions that are tried.
const FLIPS: usize = 16;
/// RocksDB's log consists of blocks.
const BLOCK: u64 = 32 << 10;

/// A store that was killed with all its writes in one log.
fn killed(binary: &Path, directory: &Path, each: usize) -> io::Result<(Stage, Ledger, PathBuf)> {
    let stage = Stage::new(binary, directory, Memory::Large)?;
    let server = stage.start()?;
    let ledger = fill(&server.endpoint(), 1, each)?;
    server.kill()?;
    let log = last_log(&stage)?;
    Ok((stage, ledger, log))
}

fn last_log(stage: &Stage) -> io::Result<PathBuf> {
    let logs = stage.files(".log")?;
    logs.into_iter()
        .next_back()
        .ok_or_else(|| io::Error::other("there is no log"))
}

/// What a crash in the middle of a write leaves: the last record without its end.
pub(super) fn torn(binary: &Path, directory: &Path) -> io::Result<Outcome> {
    let (stage, mut ledger, _) = killed(binary, directory, 20)?;
    let mut outcome = Outcome::default();
    outcome.take_fill(&ledger);
    // One more request, which was not acknowledged as far as the ledger knows.
    let server = stage.start()?;
    let before = fs::metadata(last_log(&stage)?)?.len();
    let mut victim = fill(&server.endpoint(), 2, 1)?;
    server.kill()?;
    let log = last_log(&stage)?;
    let length = fs::metadata(&log)?.len();
    outcome.must(length > before + 20, "nothing was written to the last log");
    let cut = OpenOptions::new().write(true).open(&log)?;
    cut.set_len(length - 10)?;
    outcome
        .client
        .push(format!("10 bytes cut off {}", name_of(&log)));
    let server = match stage.setup.start() {
        Ok(server) => server,
        Err(error) => {
            outcome.wrong.push(format!("it does not open: {error}"));
            return Ok(outcome);
        }
    };
    let findings = {
        let mut findings = crate::crash::Findings::default();
        let check = crate::crash::check::Check::new("torn", &server.endpoint());
        check.whole(&mut ledger, &mut findings);
        let written = victim.acknowledged().writes();
        let mut of_victim = crate::crash::Findings::default();
        check.whole(&mut victim, &mut of_victim);
        outcome.must(
            of_victim.half.is_empty(),
            format!("half there: {:?}", of_victim.half),
        );
        outcome.must(!of_victim.lost.is_empty(), "what was cut off is there");
        outcome.reopened.push(format!(
            "opens; of the {written} last writes {} went with the tail, none by half",
            of_victim.lost.len()
        ));
        findings
    };
    outcome.take(&findings);
    outcome.reopened.push("all before them is there".to_owned());
    server.stop()?;
    stage.verify(&mut outcome)?;
    Ok(outcome)
}

/// The length reached the disk before the data did.
pub(super) fn zeros(binary: &Path, directory: &Path) -> io::Result<Outcome> {
    let (stage, mut ledger, log) = killed(binary, directory, 20)?;
    let mut outcome = Outcome::default();
    outcome.take_fill(&ledger);
    let length = fs::metadata(&log)?.len();
    OpenOptions::new()
        .write(true)
        .open(&log)?
        .set_len(length + 40_000)?;
    outcome
        .client
        .push(format!("40,000 zeros behind {}", name_of(&log)));
    stage.reopen(&mut ledger, &mut outcome)?;
    Ok(outcome)
}

/// A byte before the last block: refuses to open and names the file.
pub(super) fn flipped(binary: &Path, directory: &Path) -> io::Result<Outcome> {
    let (stage, ledger, log) = killed(binary, directory, 60)?;
    let length = fs::metadata(&log)?.len();
    let end = (length - 1) / BLOCK * BLOCK;
    let mut rng = Rng::new(7);
    let places: Vec<u64> = (0..FLIPS).map(|_| rng.below(end as usize) as u64).collect();
    flips(&stage, ledger, &log, &places, directory)
}

/// A byte in the last block, where the end may be torn.
pub(super) fn flipped_in_last_block(binary: &Path, directory: &Path) -> io::Result<Outcome> {
    let (stage, ledger, log) = killed(binary, directory, 60)?;
    let length = fs::metadata(&log)?.len();
    let begin = (length - 1) / BLOCK * BLOCK;
    let mut rng = Rng::new(8);
    let mut places: Vec<u64> = (0..FLIPS)
        .map(|_| begin + rng.below((length - begin) as usize) as u64)
        .collect();
    // The length of the block's first record: what follows looks like a record without its end.
    places.extend([begin + 4, begin + 5]);
    flips(&stage, ledger, &log, &places, directory)
}

fn flips(
    stage: &Stage,
    ledger: Ledger,
    log: &Path,
    places: &[u64],
    directory: &Path,
) -> io::Result<Outcome> {
    let mut outcome = Outcome::default();
    outcome.take_fill(&ledger);
    let kept = directory.join("kept");
    copy(&stage.setup.data, &kept)?;
    let (mut refused, mut message) = (0, String::new());
    for &at in places {
        fs::remove_dir_all(&stage.setup.data)?;
        copy(&kept, &stage.setup.data)?;
        flip(log, at)?;
        match stage.setup.start() {
            Err(error) => {
                refused += 1;
                let error = error.to_string();
                outcome.must(
                    error.contains(&name_of(log)),
                    format!("{at}: names no file: {error}"),
                );
                message = short(&error, directory);
            }
            Ok(server) => {
                let findings = compare(&server.endpoint(), &mut ledger.clone());
                server.stop()?;
                outcome.must(
                    !findings.has_lost(),
                    format!(
                        "{at}: it opens, and {} acknowledged writes are lost",
                        findings.lost.len()
                    ),
                );
                outcome.take(&findings);
            }
        }
    }
    outcome.client.push(format!(
        "of {} flips in {} {refused} are refused at start: {message}",
        places.len(),
        name_of(log)
    ));
    fs::remove_dir_all(&stage.setup.data)?;
    copy(&kept, &stage.setup.data)?;
    stage.reopen(&mut ledger.clone(), &mut outcome)?;
    Ok(outcome)
}

/// Kills at the most; a log may be on its way out when the server dies.
const KILLS_MAX: u64 = 5;

/// A log that is not the last one is gone.
pub(super) fn middle_missing(binary: &Path, directory: &Path) -> io::Result<Outcome> {
    let stage = Stage::new(binary, directory, Memory::SmallWithLongLogs)?;
    let mut outcome = Outcome::default();
    let mut ledger = Ledger::default();
    let aside = directory.join("aside");
    for kill in 0..KILLS_MAX {
        let server = stage.start()?;
        for seed in 1..40 {
            ledger.extend(fill(&server.endpoint(), kill * 40 + seed, 25)?);
            if stage.files(".log")?.len() >= 3 {
                break;
            }
        }
        server.kill()?;
        let logs = stage.files(".log")?;
        let [_, middle, _, ..] = logs.as_slice() else {
            outcome
                .wrong
                .push(format!("there are no three logs: {logs:?}"));
            return Ok(outcome);
        };
        fs::rename(middle, &aside)?;
        if let Some(why) = stage.fails_to_start()? {
            outcome.take_fill(&ledger);
            let number = name_of(middle);
            let number = number.trim_end_matches(".log").trim_start_matches('0');
            outcome.must(
                why.contains(number),
                format!("does not name {middle:?}: {why}"),
            );
            outcome
                .client
                .push(format!("does not start: {}", short(&why, directory)));
            fs::rename(&aside, middle)?;
            stage.reopen(&mut ledger, &mut outcome)?;
            return Ok(outcome);
        }
        // Everything of it stood in tables already, and its file was about to go: then nothing is missing.
        let server = stage.start()?;
        let findings = compare(&server.endpoint(), &mut ledger);
        outcome.take(&findings);
        server.stop()?;
        fs::remove_file(&aside)?;
    }
    outcome.wrong.push("it opens each time".to_owned());
    Ok(outcome)
}
