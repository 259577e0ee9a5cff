//! `tessera backup …`: the server that has the store makes the backup; lists and checks read the directory here.

use std::path::Path;

use chrono::DateTime;
use storage::backup::{self, Listed, State};

use super::store::{perform, unexpected};
use super::{Backup, Backups};
use crate::admin::{Answer, BackedUp, Command};
use crate::config::Config;

pub(super) fn run(config: &Config, told: Backup) -> Result<(), String> {
    match told {
        Backup {
            other: Some(Backups::List { directory }),
            ..
        } => list(&directory),
        Backup {
            other: Some(Backups::Check { directory, backup }),
            ..
        } => check(&directory, backup),
        Backup {
            directory: Some(directory),
            keep,
            other: None,
        } => {
            // The server works in another directory than the shell.
            let directory = std::path::absolute(directory)
                .map_err(|error| format!("the directory's path cannot be told: {error}"))?;
            match perform(config, &Command::Backup { directory, keep })? {
                Answer::BackedUp { backup } => super::print(&made(&backup)),
                other => Err(unexpected(other)),
            }
        }
        Backup {
            directory: None,
            other: None,
            ..
        } => Err("name the directory that keeps the backups".to_owned()),
    }
}

fn made(backup: &BackedUp) -> String {
    let mut text = format!(
        "backup {}: {} in {} files, {} of it in {} files new; made and checked in {:.1} s\n",
        backup.id,
        size(backup.bytes),
        backup.files,
        size(backup.new_bytes),
        backup.new_files,
        std::time::Duration::from_millis(backup.milliseconds).as_secs_f64(),
    );
    if !backup.removed.is_empty() {
        let ids: Vec<String> = backup.removed.iter().map(u32::to_string).collect();
        text.push_str(&format!("removed: {}\n", ids.join(", ")));
    }
    text
}

fn list(directory: &Path) -> Result<(), String> {
    let listed = backup::list(directory).map_err(|error| error.to_string())?;
    let mut text = "ID      MADE                  FILES  SIZE        STATE\n".to_owned();
    for backup in &listed {
        text.push_str(&row(backup));
    }
    super::print(&text)
}

fn row(backup: &Listed) -> String {
    let made = backup
        .created
        .and_then(|seconds| DateTime::from_timestamp_secs(i64::try_from(seconds).ok()?))
        .map_or_else(
            || "-".to_owned(),
            |time| time.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        );
    let state = match &backup.state {
        State::Whole => "whole".to_owned(),
        State::Damaged { file, detail } => format!("damaged at `{}`: {detail}", file.display()),
    };
    format!(
        "{:<6}  {made:<20}  {:<5}  {:<10}  {state}\n",
        backup.id,
        backup.files,
        size(backup.bytes),
    )
}

fn check(directory: &Path, id: Option<u32>) -> Result<(), String> {
    let (id, bytes) = backup::check(directory, id).map_err(|error| error.to_string())?;
    super::print(&format!(
        "backup {id}: {} read, all checksums are right\n",
        size(bytes)
    ))
}

/// Bytes with a unit, for people.
pub(super) fn size(bytes: u64) -> String {
    let mebibytes = bytes as f64 / f64::from(1 << 20);
    if mebibytes < 1.0 {
        format!("{:.1} KiB", bytes as f64 / 1024.0)
    } else if mebibytes < 10_240.0 {
        format!("{mebibytes:.1} MiB")
    } else {
        format!("{:.1} GiB", mebibytes / 1024.0)
    }
}
