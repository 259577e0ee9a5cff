//! Damage to the files that say which files there are.

use std::fs;
use std::io;
use std::path::Path;

use super::disk::short;
use super::stage::{Memory, Outcome, Stage, copy, fill, flip, name_of};
use crate::crash::ledger::Ledger;
use crate::generate::Rng;

const FLIPS: usize = 12;

/// Tables and a log.
fn killed(binary: &Path, directory: &Path) -> io::Result<(Stage, Ledger)> {
    let stage = Stage::new(binary, directory, Memory::Small)?;
    let server = stage.start()?;
    let ledger = fill(&server.endpoint(), 1, 40)?;
    server.kill()?;
    Ok((stage, ledger))
}

pub(super) fn manifest_flipped(binary: &Path, directory: &Path) -> io::Result<Outcome> {
    let (stage, mut ledger) = killed(binary, directory)?;
    let mut outcome = Outcome::default();
    let manifest = current_manifest(&stage)?;
    let kept = directory.join("kept");
    copy(&stage.setup.data, &kept)?;
    let length = fs::metadata(&manifest)?.len();
    let mut rng = Rng::new(11);
    let mut message = String::new();
    for _ in 0..FLIPS {
        fs::remove_dir_all(&stage.setup.data)?;
        copy(&kept, &stage.setup.data)?;
        let at = rng.below(length as usize) as u64;
        flip(&manifest, at)?;
        match stage.fails_to_start()? {
            Some(why) => {
                outcome.must(
                    why.contains(&name_of(&manifest)),
                    format!("{at} of {length}: names no file: {why}"),
                );
                message = short(&why, directory);
            }
            None => outcome.wrong.push(format!("{at} of {length}: it opens")),
        }
    }
    outcome
        .client
        .push(format!("none of {FLIPS} flips starts: {message}"));
    fs::remove_dir_all(&stage.setup.data)?;
    copy(&kept, &stage.setup.data)?;
    stage.reopen(&mut ledger, &mut outcome)?;
    Ok(outcome)
}

pub(super) fn manifest_missing(binary: &Path, directory: &Path) -> io::Result<Outcome> {
    let (stage, ledger) = killed(binary, directory)?;
    let manifest = current_manifest(&stage)?;
    refuses_without(&stage, ledger, &manifest, directory)
}

pub(super) fn current_missing(binary: &Path, directory: &Path) -> io::Result<Outcome> {
    let (stage, ledger) = killed(binary, directory)?;
    let current = stage.setup.data.join("CURRENT");
    refuses_without(&stage, ledger, &current, directory)
}

/// Does not open, names the file, and leaves everything as it was for when the file is back.
fn refuses_without(
    stage: &Stage,
    mut ledger: Ledger,
    file: &Path,
    directory: &Path,
) -> io::Result<Outcome> {
    let mut outcome = Outcome::default();
    let aside = directory.join("aside");
    fs::rename(file, &aside)?;
    match stage.fails_to_start()? {
        Some(why) => {
            outcome.must(
                why.contains(&name_of(file)),
                format!("names no file: {why}"),
            );
            outcome
                .client
                .push(format!("does not start: {}", short(&why, directory)));
        }
        None => outcome.wrong.push("it opens".to_owned()),
    }
    fs::rename(&aside, file)?;
    stage.reopen(&mut ledger, &mut outcome)?;
    Ok(outcome)
}

/// Nothing of what is stored is in it.
pub(super) fn options_missing(binary: &Path, directory: &Path) -> io::Result<Outcome> {
    let (stage, mut ledger) = killed(binary, directory)?;
    let mut outcome = Outcome::default();
    for entry in fs::read_dir(&stage.setup.data)? {
        let path = entry?.path();
        let name = name_of(&path);
        if name.starts_with("OPTIONS-") || name == "IDENTITY" {
            fs::remove_file(&path)?;
            outcome.client.push(format!("{name} removed"));
        }
    }
    stage.reopen(&mut ledger, &mut outcome)?;
    Ok(outcome)
}

fn current_manifest(stage: &Stage) -> io::Result<std::path::PathBuf> {
    let name = fs::read_to_string(stage.setup.data.join("CURRENT"))?;
    Ok(stage.setup.data.join(name.trim()))
}
