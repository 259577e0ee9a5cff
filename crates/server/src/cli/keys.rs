//! `tessera key …`: asks, and prints the answer.

use chrono::DateTime;

use super::store::{perform, unexpected};
use super::{Key, NewKey};
use crate::admin::{Answer, Command, ListedKey};
use crate::config::Config;

pub(super) fn run(config: &Config, key: Key) -> Result<(), String> {
    let (command, note) = match key {
        Key::Add(NewKey {
            name,
            role,
            scopes,
            assume_version,
        }) => {
            let command = Command::KeyAdd {
                name,
                role,
                scopes,
                assume_version,
            };
            (command, String::new())
        }
        Key::List => (Command::KeyList {}, String::new()),
        Key::Rotate { key, overlap } => {
            let command = Command::KeyRotate {
                key,
                overlap_seconds: overlap,
            };
            (
                command,
                format!("The secret before it is accepted for {overlap} seconds more.\n"),
            )
        }
        Key::Revoke { key } => (Command::KeyRevoke { key }, String::new()),
    };
    let text = match perform(config, &command)? {
        Answer::Secret { key, secret } => {
            format!("key     {key}\nsecret  {secret}\nThe secret is not shown again.\n{note}")
        }
        Answer::Keys { keys } => table(&keys),
        Answer::Revoked { key, name } => format!("`{key}` ({name}) is revoked\n"),
        other @ (Answer::Verified { .. }
        | Answer::BackedUp { .. }
        | Answer::Session { .. }
        | Answer::Refused { .. }) => {
            return Err(unexpected(other));
        }
    };
    super::print(&text)
}

fn table(keys: &[ListedKey]) -> String {
    let head = [
        "KEY", "NAME", "ROLE", "SCOPES", "VERSION", "CREATED", "STATE",
    ]
    .map(str::to_owned);
    let rows: Vec<[String; 7]> = std::iter::once(head).chain(keys.iter().map(row)).collect();
    let width = |column: usize| {
        rows.iter()
            .map(|row| row.get(column).map_or(0, |cell| cell.chars().count()))
            .max()
    };
    let widths: Vec<usize> = (0..7).map(|column| width(column).unwrap_or(0)).collect();
    let mut text = String::new();
    for row in &rows {
        let cells: Vec<String> = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:<width$}", width = *width))
            .collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    text
}

fn row(key: &ListedKey) -> [String; 7] {
    let state = match (key.revoked, key.overlap_until) {
        (Some(revoked), _) => format!("revoked {}", day_and_time(revoked)),
        (None, Some(until)) => format!("old secret until {}", day_and_time(until)),
        (None, None) => "in use".to_owned(),
    };
    [
        key.key.clone(),
        key.name.clone(),
        key.role.clone(),
        key.scopes.clone(),
        key.assume_version.clone().unwrap_or_else(|| "-".to_owned()),
        day_and_time(key.created),
        state,
    ]
}

fn day_and_time(micros: u64) -> String {
    i64::try_from(micros)
        .ok()
        .and_then(DateTime::from_timestamp_micros)
        .map_or_else(
            || micros.to_string(),
            |time| time.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        )
}
