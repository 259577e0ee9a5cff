//! The contents of an archive's files: inflated, counted, compared with their checksums, and stored as they come.

use std::io::Read;

use flate2::read::DeflateDecoder;
use sha2::{Digest as _, Sha256};
use storage::{Store, Tenant, Upload};
use xapi::Violation;

use super::archive::{Archive, Entry, density, failed, is_ours};
use super::finding::{limit, of_entry};
use super::{Limits, PackageFile};
use crate::Error;

/// Bytes that are inflated at once.
const PIECE_BYTES: usize = 64 * 1024;

/// Why a content could not be read.
pub(super) enum Failed {
    /// It is not what the directory says; others may be told about as well. Boxed, for it is hardly ever there.
    Broken(Box<Violation>),
    /// There is too much of it, and nothing more is to be inflated.
    TooMuch(Box<Violation>),
    Ours(Error),
}

/// Counts what comes out of an archive.
pub(super) struct Reading<'l> {
    pub(super) limits: &'l Limits,
    unpacked: u64,
    /// Bytes of all files in the archive.
    packed: u64,
    piece: Vec<u8>,
}

impl<'l> Reading<'l> {
    pub(super) fn new(archive: &Archive, limits: &'l Limits) -> Self {
        let packed = archive.entries.iter().map(|entry| entry.packed);
        Self {
            limits,
            unpacked: 0,
            packed: packed.fold(0, u64::saturating_add),
            piece: vec![0; PIECE_BYTES],
        }
    }

    /// Gives a file's content to `take`, piece by piece.
    pub(super) fn whole(
        &mut self,
        archive: &Archive,
        entry: &Entry,
        take: impl FnMut(&[u8]) -> Result<(), Error>,
    ) -> Result<(), Failed> {
        self.read(archive, entry, self.limits.file_bytes_max, take)
    }

    /// The same with `cmi5.xml`, which has a limit of its own.
    pub(super) fn structure(
        &mut self,
        archive: &Archive,
        entry: &Entry,
        take: impl FnMut(&[u8]) -> Result<(), Error>,
    ) -> Result<(), Failed> {
        let bytes_max = (self.limits.xml.bytes_max as u64).min(self.limits.file_bytes_max);
        self.read(archive, entry, bytes_max, take)
            .map_err(|failed| match failed {
                // Nothing else is inflated after that.
                Failed::TooMuch(finding) => Failed::Broken(finding),
                other => other,
            })
    }

    fn read(
        &mut self,
        archive: &Archive,
        entry: &Entry,
        bytes_max: u64,
        mut take: impl FnMut(&[u8]) -> Result<(), Error>,
    ) -> Result<(), Failed> {
        let found = archive.zip.get_entry(entry.way);
        let found = found.map_err(|error| broken(entry, &error.to_string()))?;
        let packed = found.reader();
        let inflated: &mut dyn Read = if entry.is_deflated {
            &mut found.verifying_reader(DeflateDecoder::new(packed))
        } else {
            &mut found.verifying_reader(packed)
        };
        let mut length = 0;
        loop {
            let count = match inflated.read(&mut self.piece) {
                Ok(0) => return Ok(()),
                Ok(count) => count,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) if is_ours(&error) => return Err(Failed::Ours(failed(error))),
                Err(error) => return Err(broken(entry, &error.to_string())),
            };
            length += count as u64;
            self.unpacked += count as u64;
            self.bound(entry, length, bytes_max)?;
            take(self.piece.get(..count).unwrap_or_default()).map_err(Failed::Ours)?;
        }
    }

    fn bound(&self, entry: &Entry, length: u64, bytes_max: u64) -> Result<(), Failed> {
        let limits = self.limits;
        let (expected, got) = if length > bytes_max {
            let expected = format!("a file of at most {bytes_max} bytes");
            (expected, "more".to_owned())
        } else if self.unpacked > limits.unpacked_bytes_max {
            let expected = format!("files of at most {} bytes", limits.unpacked_bytes_max);
            (expected, "more".to_owned())
        } else if limits.is_dense(length, entry.packed) {
            (density(limits), format!("{length} from {}", entry.packed))
        } else if limits.is_dense(self.unpacked, self.packed) {
            let got = format!("{} from {} in all files", self.unpacked, self.packed);
            (density(limits), got)
        } else {
            return Ok(());
        };
        let finding = limit(&entry.name, expected, got);
        Err(Failed::TooMuch(Box::new(finding)))
    }
}

fn broken(entry: &Entry, got: &str) -> Failed {
    let expected = "a content of the length and checksum that the directory says";
    Failed::Broken(Box::new(of_entry(&entry.name, expected, got)))
}

/// Files that are being stored; those of a package that is refused are deleted.
pub(super) struct Storing<'s> {
    store: &'s Store,
    tenant: Tenant,
    files: Vec<PackageFile>,
}

/// One file on its way into the store.
pub(super) struct Writing {
    upload: Upload,
    sha2: Sha256,
}

impl Writing {
    pub(super) fn write(&mut self, piece: &[u8]) -> Result<(), Error> {
        self.sha2.update(piece);
        Ok(self.upload.write(piece)?)
    }
}

impl<'s> Storing<'s> {
    pub(super) fn new(store: &'s Store, tenant: Tenant) -> Self {
        Self {
            store,
            tenant,
            files: Vec::new(),
        }
    }

    pub(super) fn begin(&self) -> Result<Writing, Error> {
        Ok(Writing {
            upload: self.store.upload(self.tenant)?,
            sha2: Sha256::new(),
        })
    }

    pub(super) fn add(&mut self, path: &str, writing: Writing) -> Result<(), Error> {
        let (upload, length) = writing.upload.finish()?;
        self.files.push(PackageFile {
            path: path.to_owned(),
            sha2: hex::encode(writing.sha2.finalize()),
            upload,
            length,
        });
        Ok(())
    }

    pub(super) fn finish(mut self) -> Vec<PackageFile> {
        std::mem::take(&mut self.files)
    }
}

impl Drop for Storing<'_> {
    fn drop(&mut self) {
        discard(self.store, self.tenant, &self.files);
    }
}

pub(super) fn discard(store: &Store, tenant: Tenant, files: &[PackageFile]) {
    for file in files {
        if let Err(error) = store.discard_upload(tenant, file.upload) {
            tracing::warn!(%error, "a file of a package that was refused stays until the next sweep");
        }
    }
}
