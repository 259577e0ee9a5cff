//! The writes in RocksDB's own log files, as they were committed: blocks of 32 KiB with records of a header (checksum 4,
//! length 2, type 1) and content; a record that does not fit its block goes on in the next one.

use std::fs;
use std::io;
use std::path::Path;

use rocksdb::WriteBatch;

const BLOCK: usize = 32 << 10;
const HEADER: usize = 7;
const FULL: u8 = 1;
const FIRST: u8 = 2;
const MIDDLE: u8 = 3;
const LAST: u8 = 4;

/// Gives every write in the logs of a store that nobody has open to `each`, until that says it has enough.
///
/// # Errors
/// When a file cannot be read.
pub(super) fn writes(path: &Path, mut each: impl FnMut(&WriteBatch) -> More) -> io::Result<()> {
    let mut logs = Vec::new();
    for entry in fs::read_dir(path)? {
        let log = entry?.path();
        if log.extension().is_some_and(|extension| extension == "log")
            && log.file_stem().is_some_and(|stem| stem.len() == 6)
        {
            logs.push(log);
        }
    }
    logs.sort();
    for log in logs {
        if let More::Enough = file(&fs::read(log)?, &mut each) {
            break;
        }
    }
    Ok(())
}

pub(super) enum More {
    Go,
    Enough,
}

fn file(bytes: &[u8], each: &mut impl FnMut(&WriteBatch) -> More) -> More {
    let mut write = Vec::new();
    for block in bytes.chunks(BLOCK) {
        let mut rest = block;
        while let Some((header, content)) = rest.split_at_checked(HEADER) {
            let (length, kind) = (
                usize::from(header[4]) | usize::from(header[5]) << 8,
                header[6],
            );
            let Some((content, after)) = content.split_at_checked(length) else {
                break;
            };
            rest = after;
            match kind {
                FULL | FIRST => write = content.to_vec(),
                MIDDLE | LAST => write.extend_from_slice(content),
                // Says something of the log itself, or is the zeros at its end.
                _ => continue,
            }
            if (kind == FULL || kind == LAST)
                && let More::Enough = each(&WriteBatch::from_data(&write))
            {
                return More::Enough;
            }
        }
    }
    More::Go
}
