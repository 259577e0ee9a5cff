//! What a directory of backups holds, read from its files alone: nothing is opened for writing, so a read-only copy
//! can be listed and checked. RocksDB's own check compares sizes; this one compares checksums.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Component, Path, PathBuf};

use super::{Error, Listed, State};

const PIECE_BYTES: usize = 1 << 20;

/// One backup, as the text `meta/<id>` describes it.
pub(super) struct Contents {
    pub(super) id: u32,
    /// Seconds since 1970.
    pub(super) created: u64,
    pub(super) files: Vec<BackedUp>,
}

pub(super) struct BackedUp {
    /// Below the directory of backups.
    pub(super) path: PathBuf,
    pub(super) crc32c: u32,
}

impl Contents {
    pub(super) fn read(directory: &Path, id: u32) -> Result<Contents, Error> {
        let file = directory.join("meta").join(id.to_string());
        let text = match fs::read_to_string(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(Error::NoSuchBackup {
                    directory: directory.to_owned(),
                    id,
                });
            }
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                return Err(damaged(id, file, "it is no text"));
            }
            Err(error) => return Err(Error::io("read", &file, &error)),
        };
        parse(id, &text).ok_or_else(|| damaged(id, file, "it does not list a backup's files"))
    }

    /// Bytes of all files.
    pub(super) fn bytes(&self, directory: &Path) -> Result<u64, Error> {
        let size = |file: &BackedUp| match fs::metadata(directory.join(&file.path)) {
            Ok(found) => Ok(found.len()),
            Err(error) => Err(self.unread(directory, file, &error)),
        };
        self.files.iter().map(size).sum()
    }

    /// Reads every file and compares it with the checksum that was taken when it was copied. Names the first that
    /// differs. Answers the bytes of all.
    pub(super) fn check(&self, directory: &Path) -> Result<u64, Error> {
        let mut bytes = 0;
        for file in &self.files {
            let path = directory.join(&file.path);
            let (sum, length) = sum(&path).map_err(|error| self.unread(directory, file, &error))?;
            if sum != file.crc32c {
                let detail = format!(
                    "its checksum is {sum:08x}, and was {:08x} when it was written",
                    file.crc32c
                );
                return Err(damaged(self.id, path, detail));
            }
            bytes += length;
        }
        Ok(bytes)
    }

    fn unread(&self, directory: &Path, file: &BackedUp, error: &io::Error) -> Error {
        let path = directory.join(&file.path);
        match error.kind() {
            io::ErrorKind::NotFound => damaged(self.id, path, "it is missing"),
            io::ErrorKind::PermissionDenied => Error::io("read", &path, error),
            _ => damaged(self.id, path, error.to_string()),
        }
    }
}

/// Ids of all backups, the oldest first.
pub(super) fn ids(directory: &Path) -> Result<Vec<u32>, Error> {
    let meta = directory.join("meta");
    let entries = match fs::read_dir(&meta) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(Error::NoBackups(directory.to_owned()));
        }
        Err(error) => return Err(Error::io("read", &meta, &error)),
    };
    let mut ids = Vec::new();
    for entry in entries {
        let name = entry
            .map_err(|error| Error::io("read", &meta, &error))?
            .file_name();
        // What a backup that was broken off left has a name that is no number.
        ids.extend(name.to_str().and_then(|name| name.parse::<u32>().ok()));
    }
    ids.sort_unstable();
    Ok(ids)
}

/// All backups, the oldest first. Sizes are looked at, contents are not.
pub(super) fn list(directory: &Path) -> Result<Vec<Listed>, Error> {
    let mut listed = Vec::new();
    for id in ids(directory)? {
        let contents = match Contents::read(directory, id) {
            Ok(contents) => contents,
            // Removed since the names were read.
            Err(Error::NoSuchBackup { .. }) => continue,
            Err(Error::Damaged { file, detail, .. }) => {
                let state = State::Damaged { file, detail };
                listed.push(Listed {
                    id,
                    created: None,
                    files: 0,
                    bytes: 0,
                    state,
                });
                continue;
            }
            Err(error) => return Err(error),
        };
        let (bytes, state) = match contents.bytes(directory) {
            Ok(bytes) => (bytes, State::Whole),
            Err(Error::Damaged { file, detail, .. }) => (0, State::Damaged { file, detail }),
            Err(error) => return Err(error),
        };
        listed.push(Listed {
            id,
            created: Some(contents.created),
            files: contents.files.len(),
            bytes,
            state,
        });
    }
    Ok(listed)
}

fn damaged(backup: u32, file: PathBuf, detail: impl Into<String>) -> Error {
    Error::Damaged {
        backup,
        file,
        detail: detail.into(),
    }
}

/// RocksDB's first schema of this file, which it writes unless told otherwise: time, sequence number, perhaps a line of
/// metadata, the number of files, then `<path> crc32 <decimal>` for each. The sums are CRC-32C, whatever it says.
fn parse(id: u32, text: &str) -> Option<Contents> {
    let mut lines = text.lines();
    let created = lines.next()?.parse().ok()?;
    lines.next()?.parse::<u64>().ok()?;
    let mut count = lines.next()?;
    if count.starts_with("metadata ") {
        count = lines.next()?;
    }
    let files: Vec<BackedUp> = lines.map(backed_up).collect::<Option<_>>()?;
    (count.parse() == Ok(files.len()) && !files.is_empty()).then_some(Contents {
        id,
        created,
        files,
    })
}

fn backed_up(line: &str) -> Option<BackedUp> {
    let mut words = line.split(' ');
    let (path, field, sum) = (words.next()?, words.next()?, words.next()?);
    let path = PathBuf::from(path);
    let is_inside = path
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    (is_inside && field == "crc32").then_some(BackedUp {
        path,
        crc32c: sum.parse().ok()?,
    })
}

/// CRC-32C and length of a file.
fn sum(path: &Path) -> io::Result<(u32, u64)> {
    let mut file = File::open(path)?;
    let mut piece = vec![0; PIECE_BYTES];
    let (mut sum, mut bytes) = (0, 0);
    loop {
        let length = match file.read(&mut piece) {
            Ok(0) => return Ok((sum, bytes)),
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        sum = crc32c::crc32c_append(sum, piece.get(..length).unwrap_or_default());
        bytes += length as u64;
    }
}
