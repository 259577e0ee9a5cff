//! Opening a store: refuses what another process holds and what a newer program wrote, recovers the last place.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::atomic::AtomicBool;
#[cfg(test)]
use std::sync::atomic::AtomicU64;

use rocksdb::{DB, IteratorMode, Options as RocksOptions};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::blobs::Uploads;
use super::clock::SeqClock;
use super::keys::{self, Family, PendingKey};
use super::values::{IdEntry, StoredId};
use super::{Engine, Options, backup, directory, logs, tuning};
use crate::statement::{Dictionaries, SHIPPED};
use crate::{Error, Seq, Tenant};

/// Of everything on disk. A change that an older program would misread raises it.
pub(crate) const FORMAT: u32 = 1;

/// The database of a store without the store: the same families with the same settings, and nothing in it. For
/// measuring what RocksDB alone costs.
///
/// # Errors
/// [`Error::Engine`].
pub fn open_bare(path: &Path, options: &Options) -> Result<DB, Error> {
    DB::open_cf_descriptors(&tuning::database(options), path, tuning::families(options))
        .map_err(|error| open_error(path, &error))
}

impl Engine {
    pub(crate) fn open(path: &Path, options: Options) -> Result<Engine, Error> {
        make_directory(path)?;
        logs::check(path)?;
        let database = tuning::database(&options);
        refuse_unknown_families(path, &database)?;
        let db = DB::open_cf_descriptors(&database, path, tuning::families(&options))
            .map_err(|error| open_error(path, &error))?;
        check_format(&db, path)?;
        let dictionaries = dictionaries(&db)?;
        let highest = read_u64(&db, keys::META_LAST_SEQ)?.unwrap_or(0);
        let clock = SeqClock::new(options.clock.clone(), highest);
        let engine = Engine {
            db,
            options,
            dictionaries,
            clock,
            uploads: Uploads::default(),
            read_only: AtomicBool::new(false),
            #[cfg(test)]
            writes_to_fail: AtomicU64::new(0),
            #[cfg(test)]
            writes_synced: AtomicU64::new(0),
        };
        engine.clock.end(Seq(highest), engine.propagating()?);
        engine.sweep_uploads(u64::MAX)?;
        tracing::info!(path = %path.display(), format = FORMAT, "store opened");
        Ok(engine)
    }

    /// Places of the arrived statements that have propagation to do.
    fn propagating(&self) -> Result<BTreeMap<Seq, (Tenant, Uuid)>, Error> {
        let mut arrived = BTreeMap::new();
        for item in self
            .db
            .iterator_cf(self.family(Family::Pending), IteratorMode::Start)
        {
            let (key, _) =
                item.map_err(|error| Error::engine("read pending propagation", error))?;
            let pending = PendingKey::parse(&key).ok_or_else(|| {
                Error::corrupt(Family::Pending.name(), &key, "not a key of this family")
            })?;
            if let Some(IdEntry::Stored(StoredId { seq, .. })) =
                self.id_entry(pending.tenant, pending.arrived)?
            {
                arrived.insert(seq, (pending.tenant, pending.arrived));
            }
        }
        Ok(arrived)
    }
}

/// RocksDB syncs the names in its directory but not the directory's own: without that, a power cut soon after the
/// first start could take the whole store.
fn make_directory(path: &Path) -> Result<(), Error> {
    if path.join("CURRENT").exists() {
        return Ok(());
    }
    if path.join(backup::UNFINISHED).exists() {
        return Err(Error::engine(
            &format!("open the store `{}`", path.display()),
            "a restore into it has not ended or was broken off: repeat it, or empty the directory",
        ));
    }
    refuse_remains(path)?;
    let attempted = format!("make the directory `{}`", path.display());
    directory::make(path).map_err(|error| Error::engine(&attempted, error))
}

/// A new store has its `CURRENT` before its first log: without it, RocksDB would begin an empty one.
fn refuse_remains(path: &Path) -> Result<(), Error> {
    let attempted = format!("open the store `{}`", path.display());
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(Error::engine(&attempted, error)),
    };
    for entry in entries {
        let file = entry
            .map_err(|error| Error::engine(&attempted, error))?
            .path();
        if file
            .extension()
            .is_some_and(|is| is == "sst" || is == "log")
        {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            let detail =
                format!("its file `CURRENT` is missing, though others are there: `{name}`");
            return Err(Error::engine(&attempted, detail));
        }
    }
    Ok(())
}

fn open_error(path: &Path, error: &rocksdb::Error) -> Error {
    let message = error.to_string();
    if message.contains("lock hold by current process") || message.contains("While lock file") {
        return Error::InUse {
            path: path.to_owned(),
        };
    }
    let detail = match logs::torn_manifest(path) {
        Some(torn) => format!("{message} ({torn})"),
        None => message,
    };
    Error::engine(&format!("open the store `{}`", path.display()), detail)
}

/// A newer program may have families that this one cannot keep consistent, and must not even recover.
fn refuse_unknown_families(path: &Path, database: &RocksOptions) -> Result<(), Error> {
    if !path.join("CURRENT").exists() {
        return Ok(());
    }
    let names = DB::list_cf(database, path).map_err(|error| open_error(path, &error))?;
    let known = |name: &String| Family::ALL.iter().any(|family| family.name() == name);
    if names.iter().all(known) {
        return Ok(());
    }
    let meta =
        DB::open_for_read_only(database, path, false).map_err(|error| open_error(path, &error))?;
    let found = read_u32(&meta, keys::META_FORMAT)?.unwrap_or(0);
    Err(Error::NewerFormat {
        path: path.to_owned(),
        found,
        known: FORMAT,
    })
}

fn check_format(db: &DB, path: &Path) -> Result<(), Error> {
    match read_u32(db, keys::META_FORMAT)? {
        None => db
            .put(keys::META_FORMAT, FORMAT.to_be_bytes())
            .map_err(|error| Error::engine("write the format", error)),
        Some(found) if found > FORMAT => Err(Error::NewerFormat {
            path: path.to_owned(),
            found,
            known: FORMAT,
        }),
        Some(_) => Ok(()),
    }
}

/// The store carries the dictionaries that its records need: those that ship, of which one of the same number must be
/// the same, and its own.
fn dictionaries(db: &DB) -> Result<Dictionaries, Error> {
    for (number, dictionary) in SHIPPED {
        match kept_dictionary(db, number)? {
            None => {
                let value = [&Sha256::digest(dictionary)[..], dictionary].concat();
                db.put(keys::dictionary(number), value)
                    .map_err(|error| Error::engine("write a dictionary", error))?;
            }
            Some(kept) if kept == dictionary => {}
            Some(_) => {
                let detail = format!("dictionary {number} is not the one this program has");
                return Err(damaged_dictionary(number, detail));
            }
        }
    }
    let dictionaries = Dictionaries::shipped();
    while let Some(number) = dictionaries.next_own()
        && let Some(own) = kept_dictionary(db, number)?
    {
        dictionaries.add_own(number, &own);
    }
    Ok(dictionaries)
}

/// The dictionary of this number, which is what it was when it was written.
fn kept_dictionary(db: &DB, number: u8) -> Result<Option<Vec<u8>>, Error> {
    const DIGEST_LENGTH: usize = 32;
    let kept = db
        .get_pinned(keys::dictionary(number))
        .map_err(|error| Error::engine("read a dictionary", error))?;
    let Some(kept) = kept else { return Ok(None) };
    match kept.split_first_chunk::<DIGEST_LENGTH>() {
        Some((digest, bytes)) if Sha256::digest(bytes)[..] == digest[..] => {
            Ok(Some(bytes.to_vec()))
        }
        _ => Err(damaged_dictionary(
            number,
            format!("dictionary {number} is not what was written"),
        )),
    }
}

fn damaged_dictionary(number: u8, detail: String) -> Error {
    Error::corrupt(Family::Meta.name(), &keys::dictionary(number), detail)
}

fn read_u32(db: &DB, key: &[u8]) -> Result<Option<u32>, Error> {
    read_meta(db, key).map(|bytes| bytes.map(u32::from_be_bytes))
}

fn read_u64(db: &DB, key: &[u8]) -> Result<Option<u64>, Error> {
    read_meta(db, key).map(|bytes| bytes.map(u64::from_be_bytes))
}

fn read_meta<const N: usize>(db: &DB, key: &[u8]) -> Result<Option<[u8; N]>, Error> {
    let Some(value) = db
        .get_pinned(key)
        .map_err(|error| Error::engine("read the store's settings", error))?
    else {
        return Ok(None);
    };
    match <[u8; N]>::try_from(&*value) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(_) => Err(Error::corrupt(
            Family::Meta.name(),
            key,
            "not a number of the right width",
        )),
    }
}
