//! Damage to tables: a flipped byte in each of their parts, for the families that matter most, and a missing file.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::disk::short;
use super::stage::{Memory, Outcome, Stage, compare, copy, fill, flip, name_of};
use crate::crash::ledger::Ledger;
use crate::generate::Rng;

/// Names in the tables' properties.
const FAMILIES: [&str; 6] = [
    "statements",
    "ids",
    "terms",
    "documents",
    "records",
    "blob_chunks",
];

/// What a table consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Data,
    Filter,
    Index,
    Properties,
    Footer,
}

const PARTS: [Part; 5] = [
    Part::Data,
    Part::Filter,
    Part::Index,
    Part::Properties,
    Part::Footer,
];

/// A store that was stopped with everything in tables.
fn stopped(binary: &Path, directory: &Path) -> io::Result<(Stage, Ledger)> {
    let stage = Stage::new(binary, directory, Memory::Small)?;
    let server = stage.start()?;
    let ledger = fill(&server.endpoint(), 1, 60)?;
    server.stop()?;
    Ok((stage, ledger))
}

pub(super) fn flipped(binary: &Path, directory: &Path) -> io::Result<Outcome> {
    let (stage, ledger) = stopped(binary, directory)?;
    let mut outcome = Outcome::default();
    outcome.take_fill(&ledger);
    let kept = directory.join("kept");
    copy(&stage.setup.data, &kept)?;
    let files: Vec<String> = stage
        .files(".sst")?
        .iter()
        .map(|file| name_of(file))
        .collect();
    // A server that ran has compacted some of them away.
    let tables: Vec<PathBuf> = files.iter().map(|name| kept.join(name)).collect();
    let mut rng = Rng::new(3);
    let mut told = [0; 4];
    for family in FAMILIES {
        let Some(table) = largest(&tables, family)? else {
            outcome.wrong.push(format!("no table of `{family}`"));
            continue;
        };
        for part in PARTS {
            fs::remove_dir_all(&stage.setup.data)?;
            copy(&kept, &stage.setup.data)?;
            if let Some(at) = place(&fs::read(&table)?, part, &mut rng) {
                let flipped = stage.setup.data.join(name_of(&table));
                flip(&flipped, at)?;
                let what = format!("{family}, {part:?}");
                let shown = meet(&stage, &what, &flipped, &ledger, &mut outcome)?;
                // RocksDB goes on without a filter that it cannot read: the answers are right, only slower.
                let is_seen = part == Part::Filter || shown != Shown::Nowhere;
                outcome.must(is_seen, format!("{what}: verify finds nothing"));
                told[shown as usize] += 1;
            }
        }
    }
    let [refused, failed, unread, unseen] = told;
    outcome.client.push(format!(
        "{refused} flips refuse to start; {failed} answer some reads with 500 (or break an attachment off) and \
         others well; {unread} are met by `verify` alone; {unseen} in Bloom filters do no harm and are not seen"
    ));
    fs::remove_dir_all(&stage.setup.data)?;
    copy(&kept, &stage.setup.data)?;
    stage.reopen(&mut ledger.clone(), &mut outcome)?;
    Ok(outcome)
}

/// How the damage showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    AtStart,
    InAnswers,
    ByVerifyAlone,
    Nowhere,
}

fn meet(
    stage: &Stage,
    what: &str,
    table: &Path,
    ledger: &Ledger,
    outcome: &mut Outcome,
) -> io::Result<Shown> {
    let name = name_of(table);
    let server = match stage.setup.start() {
        Ok(server) => server,
        Err(error) => {
            let error = error.to_string();
            outcome.must(
                error.contains(&name),
                format!("{what}: start names no file: {error}"),
            );
            return Ok(Shown::AtStart);
        }
    };
    let mut findings = compare(&server.endpoint(), &mut ledger.clone());
    let failed: Vec<String> = findings.refused.drain(..).collect();
    for line in &failed {
        match line.find("500 ") {
            Some(at) => outcome.discreet(&line[at..]),
            // An attachment whose head was sent before its damage was met: the client sees that it breaks off.
            None => outcome.must(line.contains("disconnected"), format!("{what}: {line}")),
        }
    }
    // What is wrong, half there or not found at all was served as good.
    for (label, list) in findings.lists() {
        let lines = list.iter().take(2);
        outcome
            .wrong
            .extend(lines.map(|line| format!("{what}: {label}: {line}")));
    }
    let log = stage.log();
    outcome.must(
        failed.is_empty() || log.contains(&name),
        format!("{what}: the log does not name {name}"),
    );
    drop(server);
    match stage.setup.verify()? {
        Ok(()) if failed.is_empty() => return Ok(Shown::Nowhere),
        Ok(()) => outcome
            .wrong
            .push(format!("{what}: verify does not find it")),
        Err(output) => {
            let named = output.contains(&name);
            outcome.must(
                named,
                format!("{what}: verify does not name {name}: {output}"),
            );
            if outcome.verify.is_empty() {
                let line = output
                    .lines()
                    .find(|line| line.contains(&name))
                    .unwrap_or_default();
                let parent = stage.setup.data.parent().unwrap_or(Path::new("/"));
                outcome
                    .verify
                    .push(format!("names the file each time: {}", short(line, parent)));
            }
        }
    }
    Ok(match failed.is_empty() {
        true => Shown::ByVerifyAlone,
        false => Shown::InAnswers,
    })
}

/// The family's largest table.
fn largest(tables: &[PathBuf], family: &str) -> io::Result<Option<PathBuf>> {
    let mut found: Option<(u64, PathBuf)> = None;
    for table in tables {
        let bytes = fs::read(table)?;
        let (_, properties) = properties(&bytes);
        let name = properties.get("rocksdb.column.family.name");
        let size = bytes.len() as u64;
        if name.is_some_and(|name| name == family.as_bytes())
            && found.as_ref().is_none_or(|(most, _)| size > *most)
        {
            found = Some((size, table.clone()));
        }
    }
    Ok(found.map(|(_, table)| table))
}

/// Where to flip: the blocks stand in this order, and the properties tell their sizes.
fn place(bytes: &[u8], part: Part, rng: &mut Rng) -> Option<u64> {
    let (begin, properties) = properties(bytes);
    let size = |name| properties.get(name).map_or(0, |value| varint(value).0);
    let (data, filter, index) = (
        size("rocksdb.data.size"),
        size("rocksdb.filter.size"),
        size("rocksdb.index.size"),
    );
    let (from, length) = match part {
        Part::Data => (0, data),
        Part::Filter => (data, filter),
        Part::Index => (data + filter, index),
        Part::Properties => (begin as u64, 500),
        Part::Footer => (bytes.len() as u64 - 40, 40),
    };
    (length > 0).then(|| from + rng.below(length as usize) as u64)
}

/// Where the block of properties begins, and what is in it: each name shares its beginning with the one before.
fn properties(bytes: &[u8]) -> (usize, HashMap<String, Vec<u8>>) {
    const FIRST: &[u8] = b"rocksdb.block.based.table";
    let mut found = HashMap::new();
    let Some(at) = bytes
        .windows(FIRST.len())
        .rposition(|window| window == FIRST)
    else {
        return (0, found);
    };
    // Three lengths of one byte each.
    let begin = at.saturating_sub(3);
    let (mut rest, mut name) = (&bytes[begin..], Vec::new());
    loop {
        let (shared, a) = varint(rest);
        let (own, b) = varint(&rest[a..]);
        let (length, c) = varint(&rest[a + b..]);
        let (own_at, value_at) = (a + b + c, a + b + c + own as usize);
        let end = value_at + length as usize;
        if shared as usize > name.len() || end > rest.len() {
            return (begin, found);
        }
        name.truncate(shared as usize);
        name.extend_from_slice(&rest[own_at..value_at]);
        if !name.starts_with(b"rocksdb.") {
            return (begin, found);
        }
        let value = rest[value_at..end].to_vec();
        found.insert(String::from_utf8_lossy(&name).into_owned(), value);
        rest = &rest[end..];
    }
}

/// The number, and of how many bytes it is.
fn varint(bytes: &[u8]) -> (u64, usize) {
    let mut number = 0;
    for (at, byte) in bytes.iter().take(9).enumerate() {
        number |= u64::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            return (number, at + 1);
        }
    }
    (number, bytes.len().min(9))
}

pub(super) fn missing(binary: &Path, directory: &Path) -> io::Result<Outcome> {
    let (stage, mut ledger) = stopped(binary, directory)?;
    let mut outcome = Outcome::default();
    let tables = stage.files(".sst")?;
    let Some(table) = largest(&tables, "statements")? else {
        return Err(io::Error::other("no table of statements"));
    };
    let aside = directory.join("aside");
    fs::rename(&table, &aside)?;
    match stage.fails_to_start()? {
        Some(why) => {
            outcome.must(
                why.contains(&name_of(&table)),
                format!("names no file: {why}"),
            );
            outcome
                .client
                .push(format!("does not start: {}", short(&why, directory)));
        }
        None => outcome.wrong.push("it opens".to_owned()),
    }
    fs::rename(&aside, &table)?;
    stage.reopen(&mut ledger, &mut outcome)?;
    Ok(outcome)
}
