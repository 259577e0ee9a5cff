//! A look at RocksDB's write-ahead logs and its manifest, which is a log too, before RocksDB reads them. What a crash
//! leaves is a torn end, which RocksDB drops. But it also drops, without a word, whole records behind a damaged length or
//! behind zeros; and where it refuses, it does not say which file. So nothing whole may stand behind the first damage of
//! a log, and the file is named.

#[cfg(test)]
mod tests;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::Error;

const BLOCK: usize = 32 << 10;
/// Checksum (4), length (2), type (1).
const HEADER: usize = 7;
const FULL: u8 = 1;
const FIRST: u8 = 2;
const LAST: u8 = 4;
/// Of RocksDB's own, about the log itself: compression, sizes of timestamps, the log before.
const ABOUT_THE_LOG: [u8; 3] = [9, 10, 130];
/// A later record's sequence number is not higher than this above the last good one: what looks like a record within
/// somebody's attachment hardly hits it.
const SEQUENCES_MAX: u64 = 1 << 24;

/// What the records of a log are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holds {
    /// Write batches, which begin with their sequence number.
    Batches,
    /// The manifest's edits, in which no user's bytes could pass for a record.
    Edits,
}

/// Where a log ends before its file does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// A record without its end, or zeros.
    Torn(usize),
    /// A record that is there in its length, and is not what was written.
    Damaged(usize),
}

/// Checks the manifest and all write-ahead logs in the directory of a store.
///
/// # Errors
/// [`Error::Engine`] with the file and the byte for damage that is not the torn end of a log.
pub(super) fn check(directory: &Path) -> Result<(), Error> {
    let attempted = format!("open the store `{}`", directory.display());
    let fails = |error: io::Error| Error::engine(&attempted, error);
    let manifest = manifest(directory).map_err(fails)?;
    let logs = write_ahead(directory).map_err(fails)?;
    let manifest = manifest.iter().map(|path| (path, Holds::Edits));
    for (path, holds) in manifest.chain(logs.iter().map(|path| (path, Holds::Batches))) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let log = fs::read(path)
            .map_err(|error| Error::engine(&attempted, format!("`{name}`: {error}")))?;
        if let Some(damage) = find_damage(&log, holds) {
            let detail = format!("the log `{name}` {damage}");
            return Err(Error::engine(&attempted, detail));
        }
    }
    Ok(())
}

/// For the message of a store that RocksDB does not open: the manifest, when its last record has no end. A crash may have
/// left that, and RocksDB then opens without it; when it does not, the record was needed.
pub(super) fn torn_manifest(directory: &Path) -> Option<String> {
    let path = manifest(directory).ok()??;
    let (End::Torn(at) | End::Damaged(at), _) = walk(&fs::read(&path).ok()?)?;
    let name = path.file_name()?.to_string_lossy();
    Some(format!("`{name}` ends in a broken record at byte {at}"))
}

/// The manifest that `CURRENT` names, if that is there.
fn manifest(directory: &Path) -> io::Result<Option<PathBuf>> {
    match fs::read_to_string(directory.join("CURRENT")) {
        Ok(name) => Ok(Some(directory.join(name.trim())).filter(|path| path.is_file())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The write-ahead logs in the order of their numbers.
pub(super) fn write_ahead(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let mut logs = Vec::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        let is_number = |name: &str| name.bytes().all(|byte| byte.is_ascii_digit());
        let stem = path.file_stem().and_then(|stem| stem.to_str());
        if path.extension().is_some_and(|is| is == "log") && stem.is_some_and(is_number) {
            logs.push(path);
        }
    }
    logs.sort();
    Ok(logs)
}

/// What is wrong with the log, if it is more than a torn end.
fn find_damage(log: &[u8], holds: Holds) -> Option<String> {
    let (end, sequence) = walk(log)?;
    let (End::Torn(at) | End::Damaged(at)) = end;
    match (whole_record_behind(log, at, holds, sequence), end) {
        (Some(behind), _) => Some(format!(
            "is damaged at byte {at}: a whole record stands behind, at byte {behind}"
        )),
        (None, End::Torn(_)) => None,
        // A power cut may have left it, or the record was written whole and has changed since.
        (None, End::Damaged(_)) => Some(format!("is damaged at byte {at}, in its last record")),
    }
}

/// Where the whole records end, and the last sequence number among them; `None` when that is where the file ends.
fn walk(log: &[u8]) -> Option<(End, Option<u64>)> {
    let (mut at, mut sequence) = (0, None);
    while at < log.len() {
        let left_in_block = BLOCK - at % BLOCK;
        if left_in_block < HEADER {
            at += left_in_block;
            continue;
        }
        let rest = &log[at..log.len().min(at + left_in_block)];
        let Some((header, body)) = rest.split_first_chunk::<HEADER>() else {
            return Some((End::Torn(at), sequence));
        };
        let Header { length, kind, .. } = Header::parse(header);
        if length == 0 && kind == 0 {
            return Some((End::Torn(at), sequence));
        }
        if length > body.len() {
            // Only the last block can be shorter than its records say.
            let is_last = at + left_in_block >= log.len();
            let end = if is_last && !is_whole_but_for_its_length(header, body) {
                End::Torn(at)
            } else {
                End::Damaged(at)
            };
            return Some((end, sequence));
        }
        if !is_whole(rest) {
            return Some((End::Damaged(at), sequence));
        }
        sequence = first_sequence(rest).or(sequence);
        at += HEADER + length;
    }
    None
}

/// Where the next record begins that was written later than what is damaged.
fn whole_record_behind(
    log: &[u8],
    damage: usize,
    holds: Holds,
    last: Option<u64>,
) -> Option<usize> {
    (damage + 1..log.len()).find(|&at| {
        let block_end = log.len().min((at / BLOCK + 1) * BLOCK);
        let rest = &log[at..block_end];
        (holds == Holds::Edits || is_later(rest, last)) && is_whole(rest)
    })
}

/// Whether these bytes, if they are a record, begin a batch with a sequence number that may follow.
fn is_later(rest: &[u8], last: Option<u64>) -> bool {
    match (first_sequence(rest), last) {
        (Some(sequence), Some(last)) => sequence > last && sequence - last < SEQUENCES_MAX,
        (Some(_), None) => true,
        (None, _) => false,
    }
}

/// The sequence number of the batch that begins here.
fn first_sequence(rest: &[u8]) -> Option<u64> {
    let (header, body) = rest.split_first_chunk::<HEADER>()?;
    let begins = matches!(Header::parse(header).kind, FULL | FIRST);
    let (sequence, _) = body.split_first_chunk::<8>().filter(|_| begins)?;
    Some(u64::from_le_bytes(*sequence))
}

/// Whether a record of a known type with a good checksum begins here.
fn is_whole(rest: &[u8]) -> bool {
    let Some((header, body)) = rest.split_first_chunk::<HEADER>() else {
        return false;
    };
    let Header {
        checksum,
        length,
        kind,
    } = Header::parse(header);
    let is_known = (FULL..=LAST).contains(&kind) || ABOUT_THE_LOG.contains(&kind);
    is_known
        && body
            .get(..length)
            .is_some_and(|body| masked(kind, body) == checksum)
}

/// Whether another length, one byte away from the one that stands there, makes this record a whole one: then it was
/// written whole, and its length has changed since.
fn is_whole_but_for_its_length(header: &[u8; HEADER], body: &[u8]) -> bool {
    let Header {
        checksum,
        length,
        kind,
    } = Header::parse(header);
    let fits = |other: usize| {
        body.get(..other)
            .is_some_and(|body| masked(kind, body) == checksum)
    };
    let low = (0..=0xff).map(|low| length & 0xff00 | low);
    let high = (0..=0xff).map(|high: usize| high << 8 | length & 0xff);
    low.chain(high).any(fits)
}

/// The checksum of a record: CRC-32C over its type and content, and turned, as RocksDB's logs have it.
fn masked(kind: u8, content: &[u8]) -> u32 {
    const MASK: u32 = 0xa282_ead8;
    let sum = crc32c::crc32c_append(crc32c::crc32c(&[kind]), content);
    sum.rotate_right(15).wrapping_add(MASK)
}

struct Header {
    checksum: u32,
    length: usize,
    kind: u8,
}

impl Header {
    fn parse(&[a, b, c, d, low, high, kind]: &[u8; HEADER]) -> Header {
        Header {
            checksum: u32::from_le_bytes([a, b, c, d]),
            length: usize::from(u16::from_le_bytes([low, high])),
            kind,
        }
    }
}
