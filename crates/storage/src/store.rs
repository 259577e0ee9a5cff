//! The store as the rest of the program sees it.

use std::path::Path;
use std::sync::Arc;

use crate::batch::{RecordKey, RecordKind};
use crate::fact::Record;
use crate::rocksdb::{Engine, Options};
use crate::{DocumentFolder, Error, Fact, FactKey, Page, Query, Tenant};

/// An open store. Share it behind an `Arc`; all calls take `&self`.
pub struct Store {
    pub(crate) engine: Arc<Engine>,
}

impl Store {
    /// Opens the store in this directory, or makes an empty one.
    ///
    /// # Errors
    /// [`Error::InUse`], [`Error::NewerFormat`], [`Error::Engine`] (also for damage in the write-ahead log).
    pub fn open(path: &Path, options: Options) -> Result<Store, Error> {
        let engine = Arc::new(Engine::open(path, options)?);
        Ok(Store { engine })
    }

    /// What is stored under these keys: one answer for each, in their order, all from one snapshot. A point read, fit
    /// to run on a request's own thread.
    pub fn facts(&self, tenant: Tenant, keys: &[FactKey]) -> Result<Vec<Fact>, Error> {
        self.engine.facts(tenant, keys)
    }

    /// One page of the list of statements, from one snapshot. Blocks longer than a point read: for a thread of its own.
    ///
    /// # Errors
    /// [`Error::Engine`]; [`Error::Corrupt`] also when the index names a statement that is not there.
    pub fn scan(&self, query: &Query) -> Result<Page, Error> {
        self.engine.scan(query)
    }

    /// Ids of a folder's documents with their `updated`, in the order of the ids; only those updated after `since`.
    pub fn documents(
        &self,
        tenant: Tenant,
        folder: &DocumentFolder,
        since: Option<u64>,
    ) -> Result<Vec<(String, u64)>, Error> {
        self.engine.documents(tenant, folder, since)
    }

    /// All records of a kind in the order of their keys.
    pub fn records(
        &self,
        tenant: Tenant,
        kind: RecordKind,
    ) -> Result<Vec<(RecordKey, Record)>, Error> {
        self.engine.records(tenant, kind)
    }
}
