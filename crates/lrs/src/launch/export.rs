//! Courses on their way out: as `cmi5.xml`, and as a zip that can be imported again.

use std::fmt::Display;
use std::io::Write;
use std::iter;

use cmi5::course::package::STRUCTURE;
use cmi5::course::write;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use rawzip::{CompressionMethod, ZipArchiveWriter};
use storage::batch::RecordKind;
use uuid::Uuid;

use super::content::File;
use super::records::Course;
use super::{Owner, courses, keys};
use crate::{Error, Lrs};

/// Larger files go into an archive as they are: those are pictures, sounds and films, which are dense already.
const DEFLATED_BYTES_MAX: u64 = 1024 * 1024;
/// Files whose records are read at once.
const PAGE: usize = 1_000;

/// A course, and the text of a `cmi5.xml` that says the same as the imported one.
///
/// # Errors
/// [`Error::NotFound`], and when the store cannot be read or is damaged.
pub fn structure(lrs: &Lrs, owner: &Owner, id: Uuid) -> Result<(Course, String), Error> {
    let (course, structure) = courses::read(lrs, owner, id)?;
    Ok((course, write(&structure)))
}

/// Writes the course's package: `cmi5.xml` and all files. Blocking.
///
/// # Errors
/// As [`structure`], and when `out` cannot be written.
pub fn package<W: Write>(lrs: &Lrs, owner: &Owner, id: Uuid, out: W) -> Result<W, Error> {
    let (course, text) = structure(lrs, owner, id)?;
    let mut archive = ZipArchiveWriter::new(out);
    let entry = (STRUCTURE, CompressionMethod::DEFLATE);
    write_entry(&mut archive, entry, iter::once(Ok(text.into_bytes())))?;
    let tenant = owner.caller.tenant();
    let prefix = keys::course_file(course.id, "").key;
    let mut after: Option<Vec<u8>> = None;
    loop {
        let page =
            lrs.store
                .records_page(tenant, RecordKind::Course, &prefix, after.as_deref(), PAGE)?;
        for (key, _) in &page {
            let path = key.key.get(prefix.len()..).unwrap_or_default();
            let path = String::from_utf8_lossy(path);
            let file = courses::file(lrs, tenant, course.id, &path)?
                .ok_or(Error::NotFound("the course is being deleted"))?;
            add(&mut archive, &path, file)?;
        }
        match page.last() {
            Some((key, _)) if page.len() == PAGE => after = Some(key.key.clone()),
            Some(_) | None => return archive.finish().map_err(failed),
        }
    }
}

fn add<W: Write>(archive: &mut ZipArchiveWriter<W>, path: &str, file: File) -> Result<(), Error> {
    let method = match file.blob.length <= DEFLATED_BYTES_MAX {
        true => CompressionMethod::DEFLATE,
        false => CompressionMethod::STORE,
    };
    write_entry(archive, (path, method), file.blob.map(|chunk| Ok(chunk?)))
}

fn write_entry<W: Write>(
    archive: &mut ZipArchiveWriter<W>,
    (path, method): (&str, CompressionMethod),
    content: impl Iterator<Item = Result<Vec<u8>, Error>>,
) -> Result<(), Error> {
    let entry = archive.new_file(path).compression_method(method);
    let (mut entry, config) = entry.start().map_err(failed)?;
    let descriptor = if method == CompressionMethod::DEFLATE {
        let encoder = DeflateEncoder::new(&mut entry, Compression::default());
        let mut writer = config.wrap(encoder);
        write_all(&mut writer, content)?;
        let (encoder, descriptor) = writer.finish().map_err(failed)?;
        encoder.finish().map_err(failed)?;
        descriptor
    } else {
        let mut writer = config.wrap(&mut entry);
        write_all(&mut writer, content)?;
        writer.finish().map_err(failed)?.1
    };
    entry.finish(descriptor).map_err(failed)?;
    Ok(())
}

fn write_all(
    out: &mut impl Write,
    content: impl Iterator<Item = Result<Vec<u8>, Error>>,
) -> Result<(), Error> {
    for chunk in content {
        out.write_all(&chunk?).map_err(failed)?;
    }
    Ok(())
}

fn failed(error: impl Display) -> Error {
    Error::Storage(storage::Error::Engine {
        attempted: "write a course package".to_owned(),
        message: error.to_string(),
    })
}
