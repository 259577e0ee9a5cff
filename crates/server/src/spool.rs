//! Bodies that are too large for memory and cannot be read from front to back: course packages. They go to an unnamed
//! file, which is gone with the last that holds it, also when the process is killed.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use lrs::launch::package::Source;
use lrs::requirement;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use xapi::Violation;

use crate::app::Server;
use crate::blocking::{Turns, blocking};
use crate::body::{self, BodyLimits, Incoming};
use crate::config::Config;
use crate::refusal::Refusal;

/// What is written at once.
const PIECE_BYTES: usize = 256 * 1024;

/// Where packages are received, and how large they may be.
pub struct Spool {
    directory: PathBuf,
    bytes_max: u64,
    structure_bytes_max: usize,
    /// So many files at one time: together with their size it is how much of the disk they can take.
    places: Arc<Semaphore>,
}

/// An unnamed file in one of the places that there are for them.
#[derive(Debug)]
pub struct SpoolFile {
    pub file: File,
    _place: OwnedSemaphorePermit,
}

/// A body with a course.
#[derive(Debug)]
pub enum Spooled {
    Zip(SpoolFile),
    Xml(Bytes),
}

impl Spooled {
    /// For `lrs::launch::package`, whose functions block.
    ///
    /// # Errors
    /// When the file cannot be shared.
    pub fn source(&self) -> Result<Source<'_>, lrs::Error> {
        match self {
            Spooled::Zip(spooled) => spooled.file.try_clone().map(Source::Zip).map_err(failed),
            Spooled::Xml(bytes) => Ok(Source::Xml(bytes)),
        }
    }
}

impl Spool {
    #[must_use]
    pub fn new(config: &Config) -> Self {
        let launch = &config.launch;
        let directory = launch.spool_path.as_ref();
        Self {
            directory: directory.unwrap_or(&config.storage.path).clone(),
            bytes_max: launch.package_bytes_max,
            structure_bytes_max: launch.structure_bytes_max,
            places: Arc::new(Semaphore::new(launch.packages_at_once_max)),
        }
    }

    /// # Errors
    /// [`Refusal::Overloaded`] when there are as many as there may be; when the file cannot be made.
    pub async fn file(&self, turns: &Turns) -> Result<SpoolFile, Refusal> {
        let place = Arc::clone(&self.places).try_acquire_owned();
        let place = place.map_err(|_| Refusal::Overloaded)?;
        let directory = self.directory.clone();
        let begin = move || tempfile::tempfile_in(directory).map_err(failed);
        Ok(SpoolFile {
            file: blocking(turns, begin).await?,
            _place: place,
        })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Zip,
    Xml,
}

impl Kind {
    /// By the type alone: parameters do not count.
    fn of(content_type: Option<&str>) -> Result<Self, Box<Violation>> {
        let given = content_type.unwrap_or_default();
        let essence = given.split(';').next().unwrap_or_default().trim();
        match essence.to_ascii_lowercase().as_str() {
            "application/zip" | "application/x-zip-compressed" => Ok(Kind::Zip),
            "text/xml" | "application/xml" => Ok(Kind::Xml),
            _ => Err(Box::new(Violation::new(
                requirement::PACKAGE_TYPE,
                "Content-Type",
                "`application/zip`, `application/x-zip-compressed`, `text/xml` or `application/xml`",
                given,
            ))),
        }
    }
}

/// Receives a course package, or a course structure alone.
///
/// # Errors
/// 14.0.0.0-1 for another content type, before the body is read; [`Refusal::TooLarge`]; and as [`Incoming::next`].
pub async fn receive(
    server: &Server,
    content_type: Option<&str>,
    incoming: Incoming,
) -> Result<Spooled, Refusal> {
    match Kind::of(content_type).map_err(|violation| *violation)? {
        Kind::Zip => Ok(Spooled::Zip(to_file(server, incoming).await?)),
        Kind::Xml => {
            let limits = BodyLimits {
                bytes_max: server.spool.structure_bytes_max,
                ..server.body_limits
            };
            Ok(Spooled::Xml(body::read(incoming, limits).await?))
        }
    }
}

async fn to_file(server: &Server, mut incoming: Incoming) -> Result<SpoolFile, Refusal> {
    // A piece that gathers, and one that is written.
    incoming.share.grow_to(2 * PIECE_BYTES)?;
    let mut spooled = server.spool.file(&server.turns).await?;
    let mut piece = BytesMut::new();
    let mut left = server.spool.bytes_max;
    loop {
        let chunk = incoming.next(server.body_limits.pace).await?;
        let ended = chunk.is_none();
        let chunk = chunk.unwrap_or_default();
        left = left
            .checked_sub(chunk.len() as u64)
            .ok_or(Refusal::TooLarge {
                what: "the package",
                bytes_max: server.spool.bytes_max,
            })?;
        piece.extend_from_slice(&chunk);
        if ended || piece.len() >= PIECE_BYTES {
            let full = piece.split().freeze();
            spooled = blocking(&server.turns, move || {
                spooled.file.write_all(&full).map_err(failed)?;
                Ok(spooled)
            })
            .await?;
        }
        if ended {
            return Ok(spooled);
        }
    }
}

/// A spooled file that cannot be read or written.
pub fn failed(error: io::Error) -> lrs::Error {
    lrs::Error::Storage(storage::Error::Engine {
        attempted: "use a file for a course package".to_owned(),
        message: error.to_string(),
    })
}

#[cfg(test)]
mod tests;
