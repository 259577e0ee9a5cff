//! The directory of an archive: its names, and where its files are. Read entry by entry, so that a directory larger
//! than the limits takes no memory, and judged without inflating anything.

use std::fs::File;

use rawzip::{
    CompressionMethod, ErrorKind, FileReader, MAX_CENTRAL_DIRECTORY_RECORD_SIZE, ZipArchive,
    ZipArchiveEntryWayfinder, ZipFileHeaderRecord, ZipLocator,
};

use super::finding::{Findings, limit, of_entry, shown, unreadable};
use super::{Limits, names};
use crate::Error;

/// An archive whose directory has been read.
pub(super) struct Archive {
    pub(super) zip: ZipArchive<FileReader>,
    /// Of files and directories, as the archive has them.
    pub(super) names: Vec<String>,
    /// The files that can be read.
    pub(super) entries: Vec<Entry>,
}

/// A file of the archive.
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) is_deflated: bool,
    /// Bytes in the archive.
    pub(super) packed: u64,
    pub(super) way: ZipArchiveEntryWayfinder,
    /// Where its own header begins.
    begins: u64,
    /// What comes out of it, as the directory says.
    declared: u64,
}

/// File type and its mask in the upper half of the external attributes, as Unix has them.
const TYPE_MASK: u32 = 0o170_000;
const REGULAR: u32 = 0o100_000;
const DIRECTORY: u32 = 0o040_000;
const SYMLINK: u32 = 0o120_000;

impl Archive {
    /// # Errors
    /// When there is no directory that can be read, it is longer than it may be, or the file cannot be read.
    pub(super) fn open(
        file: File,
        limits: &Limits,
        findings: &mut Findings,
    ) -> Result<Self, Error> {
        let length = file.metadata().map_err(failed)?.len();
        let mut buffer = vec![0; MAX_CENTRAL_DIRECTORY_RECORD_SIZE];
        let located = ZipLocator::new().locate_in_file(file, &mut buffer);
        let zip = located.map_err(|(_, error)| refused(error))?;
        if zip.end_offset() != length {
            return Err(unreadable("something else behind its end, or another archive").into());
        }
        let mut archive = Self {
            zip,
            names: Vec::new(),
            entries: Vec::new(),
        };
        archive.list(&mut buffer, limits, findings)?;
        archive.check_places(findings)?;
        archive.check_sizes(limits, findings);
        Ok(archive)
    }

    /// The files that are to be stored.
    pub(super) fn files(&self) -> impl Iterator<Item = &Entry> {
        let structure = cmi5::course::package::STRUCTURE;
        self.entries
            .iter()
            .filter(move |entry| entry.name != structure)
    }

    fn list(
        &mut self,
        buffer: &mut [u8],
        limits: &Limits,
        findings: &mut Findings,
    ) -> Result<(), Error> {
        let too_many = |count: u64| {
            let expected = format!("at most {} entries", limits.entries_max);
            Error::from(limit("", expected, count.to_string()))
        };
        let declared = self.zip.entries_hint();
        if declared > limits.entries_max as u64 {
            return Err(too_many(declared));
        }
        let mut count = 0;
        let mut records = self.zip.entries(buffer);
        while let Some(record) = records.next_entry().map_err(refused)? {
            count += 1;
            if count > limits.entries_max as u64 {
                return Err(too_many(count));
            }
            let raw = record.file_path();
            let Some(name) = names::decode(raw.as_bytes(), record.flags().is_utf8()) else {
                let name = String::from_utf8_lossy(raw.as_bytes());
                findings.push(of_entry(&name, "a name in UTF-8", "other bytes"));
                continue;
            };
            if name.len() > limits.path_bytes_max {
                let expected = format!("a path of at most {} bytes", limits.path_bytes_max);
                findings.push(limit(&name, expected, name.len().to_string()));
                continue;
            }
            if !name.ends_with('/') {
                let entry = Entry::of(&record, &name);
                match refusal(&record, &entry) {
                    Some((expected, got)) => findings.push(of_entry(&name, expected, got)),
                    None => self.entries.push(entry),
                }
            }
            self.names.push(name);
        }
        // Without zip64 the end of the archive has room for 16 bits.
        if declared != count && declared != count % (1 << 16) {
            let got = format!("{count} entries where its end says {declared}");
            findings.push(unreadable(got));
        }
        Ok(())
    }

    /// Each file's data lie where the directory says, before it, and are no other file's.
    fn check_places(&mut self, findings: &mut Findings) -> Result<(), Error> {
        let directory = self.zip.directory_offset();
        let mut places = Vec::with_capacity(self.entries.len());
        for entry in std::mem::take(&mut self.entries) {
            match self
                .zip
                .get_entry(entry.way)
                .map_err(rawzip::Error::into_kind)
            {
                Ok(found) => {
                    let (_, end) = found.compressed_data_range();
                    places.push((entry.begins, self.entries.len(), end));
                    self.entries.push(entry);
                }
                Err(ErrorKind::IO(error)) if is_ours(&error) => return Err(failed(error)),
                Err(kind) => findings.push(of_entry(
                    &entry.name,
                    "data where the directory says",
                    kind.to_string(),
                )),
            }
        }
        places.sort_unstable();
        let name = |index: usize| self.entries.get(index).map_or("", |entry| &entry.name);
        // What reaches farthest of those before.
        let mut before: Option<(u64, usize)> = None;
        for (begins, index, end) in places {
            if end > directory {
                let got = "data that reach into the directory";
                findings.push(of_entry(name(index), "data before the directory", got));
            }
            if let Some((_, other)) = before.filter(|(end_before, _)| begins < *end_before) {
                let got = format!("data that overlap with `{}`", shown(name(other)));
                findings.push(of_entry(name(index), "data of its own", got));
            }
            if before.is_none_or(|(end_before, _)| end > end_before) {
                before = Some((end, index));
            }
        }
        Ok(())
    }

    /// What the directory itself says is too much.
    fn check_sizes(&self, limits: &Limits, findings: &mut Findings) {
        let (mut declared, mut packed) = (0_u64, 0_u64);
        for entry in &self.entries {
            declared = declared.saturating_add(entry.declared);
            packed = packed.saturating_add(entry.packed);
            if entry.declared > limits.file_bytes_max {
                let expected = format!("a file of at most {} bytes", limits.file_bytes_max);
                findings.push(limit(&entry.name, expected, entry.declared.to_string()));
            } else if limits.is_dense(entry.declared, entry.packed) {
                let got = format!("{} from {}", entry.declared, entry.packed);
                findings.push(limit(&entry.name, density(limits), got));
            }
        }
        if declared > limits.unpacked_bytes_max {
            let expected = format!("files of at most {} bytes", limits.unpacked_bytes_max);
            findings.push(limit("", expected, declared.to_string()));
        } else if limits.is_dense(declared, packed) {
            let got = format!("{declared} from {packed}");
            findings.push(limit("", density(limits), got));
        }
    }
}

impl Entry {
    fn of(record: &ZipFileHeaderRecord<'_>, name: &str) -> Self {
        Self {
            name: name.to_owned(),
            is_deflated: record.compression_method() == CompressionMethod::DEFLATE,
            packed: record.compressed_size_hint(),
            way: record.wayfinder(),
            begins: record.local_header_offset(),
            declared: record.uncompressed_size_hint(),
        }
    }
}

pub(super) fn density(limits: &Limits) -> String {
    format!("at most {} bytes from each packed one", limits.ratio_max)
}

/// Why an entry cannot be read: what is expected, and what it is.
fn refusal(record: &ZipFileHeaderRecord<'_>, entry: &Entry) -> Option<(&'static str, String)> {
    let flags = record.flags();
    let file_type = record.external_attributes() >> 16 & TYPE_MASK;
    let method = record.compression_method();
    if flags.is_encrypted() || flags.has_strong_encryption() || flags.is_masked() {
        Some((
            "a file that is not encrypted",
            "an encrypted one".to_owned(),
        ))
    } else if ![0, REGULAR].contains(&file_type) {
        let got = match file_type {
            SYMLINK => "a symbolic link",
            DIRECTORY => "a directory whose name has no slash at its end",
            _ => "a special file",
        };
        Some(("a file or a directory", got.to_owned()))
    } else if ![CompressionMethod::STORE, CompressionMethod::DEFLATE].contains(&method) {
        Some((
            "a file that is stored or deflated",
            format!("method {method}"),
        ))
    } else if !entry.is_deflated && entry.packed != entry.declared {
        let got = format!("{} bytes and {}", entry.packed, entry.declared);
        Some(("a stored file that is as long as it is", got))
    } else {
        None
    }
}

/// Whether reading failed on our side: what is missing from the file, or wrong in it, is the sender's.
pub(super) fn is_ours(error: &std::io::Error) -> bool {
    error.raw_os_error().is_some()
}

pub(super) fn failed(error: std::io::Error) -> Error {
    Error::Storage(storage::Error::Engine {
        attempted: "read a package that was received".to_owned(),
        message: error.to_string(),
    })
}

fn refused(error: rawzip::Error) -> Error {
    match error.into_kind() {
        ErrorKind::IO(error) if is_ours(&error) => failed(error),
        kind => unreadable(kind.to_string()).into(),
    }
}
