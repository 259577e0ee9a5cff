//! The store as the rest of the program sees it.

use std::num::NonZeroU32;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use uuid::Uuid;

use crate::batch::{RecordKey, RecordKind};
use crate::fact::Record;
use crate::rocksdb::{Blob, Engine, Options, Upload, Writer, backup};
use crate::row::{RowsPage, RowsQuery, Table};
use crate::statement::ContentRef;
use crate::verify::Report;
use crate::{
    Batch, CommitError, Committed, DocumentFolder, Error, Fact, FactKey, Page, Query, Seq, Sha2,
    Tenant,
};

/// An open store. Share it behind an `Arc`; all calls take `&self`.
pub struct Store {
    pub(crate) engine: Arc<Engine>,
    writer: Writer,
    backing_up: Mutex<()>,
}

impl Store {
    /// Opens the store in this directory, or makes an empty one.
    ///
    /// # Errors
    /// [`Error::InUse`], [`Error::NewerFormat`], [`Error::Engine`] (also for damage in the write-ahead log).
    pub fn open(path: &Path, options: Options) -> Result<Store, Error> {
        let engine = Arc::new(Engine::open(path, options)?);
        let writer = Writer::start(Arc::clone(&engine))?;
        Ok(Store {
            engine,
            writer,
            backing_up: Mutex::new(()),
        })
    }

    /// Writes the batch: atomic, and on disk when this returns. One group of commits shares a sync.
    ///
    /// Places follow the order of statements in the batch. A statement whose chain of references ends at one that is
    /// not stored must come with [`Assert::StatementAbsent`](crate::Assert) for that one, or its terms may miss what
    /// arrived meanwhile.
    ///
    /// # Errors
    /// See [`CommitError`]; nothing was written then, except that after `Failed` it is not known.
    pub async fn commit(&self, batch: Batch) -> Result<Committed, CommitError> {
        let answer = self.writer.submit(batch)?;
        answer
            .await
            .unwrap_or(Err(CommitError::Failed(Error::Closed)))
    }

    /// [`Store::commit`] for code outside of an async runtime; panics inside of one.
    pub fn commit_blocking(&self, batch: Batch) -> Result<Committed, CommitError> {
        let answer = self.writer.submit(batch)?;
        answer
            .blocking_recv()
            .unwrap_or(Err(CommitError::Failed(Error::Closed)))
    }

    /// Puts the batch into the queue and waits for nothing: atomic like any other, on disk some time after. For what
    /// nobody is promised, such as the log of refusals.
    ///
    /// A crash of the machine may lose it; what was written with or before a [`Store::commit`] that was answered is
    /// safe. Killing the process loses only what stands in the queue. It is visible once it is written: what was read
    /// may be gone after a crash, and its places given again. Its asserts are checked like any other's. When its
    /// commit fails, a warning in the log says so. In which order batches that wait are written is not promised.
    ///
    /// # Errors
    /// [`CommitError::Overloaded`] when the queue is full, [`CommitError::ReadOnly`], [`CommitError::Failed`] after
    /// [`Store::close`]; the batch is dropped then.
    pub fn submit_unsynced(&self, batch: Batch) -> Result<(), CommitError> {
        if !self.is_ready() {
            return Err(CommitError::ReadOnly);
        }
        self.writer.submit_unsynced(batch)
    }

    /// The bytes of [`NewStatement::record`](crate::NewStatement), for this store.
    #[must_use]
    pub fn encode(&self, content: &ContentRef<'_>) -> Vec<u8> {
        self.engine.dictionaries.encode(content)
    }

    /// Microseconds since 1970: whatever is stored at or below this time can be read now, and nothing will be added
    /// there. Ask before the read that it is told with.
    pub fn consistent_through(&self) -> u64 {
        self.engine.consistent_through()
    }

    /// False once a write failed, or after [`Store::close`]: reads go on, commits are refused.
    pub fn is_ready(&self) -> bool {
        self.engine.is_ready()
    }

    /// Begins an upload of attachment content. Name it with [`Op::PutBlob`](crate::Op) when it is finished.
    pub fn upload(&self, tenant: Tenant) -> Result<Upload, Error> {
        Upload::begin(Arc::clone(&self.engine), tenant)
    }

    /// Stored content by the hash under which it came.
    pub fn blob(&self, tenant: Tenant, sha2: &Sha2) -> Result<Option<Blob>, Error> {
        self.engine.blob(tenant, sha2)
    }

    /// Deletes uploads that ended at least this long ago without a commit that names them; opening a store does it
    /// too. Answers how many.
    pub fn sweep_uploads(&self, idle: Duration) -> Result<usize, Error> {
        let idle_micros = u64::try_from(idle.as_micros()).unwrap_or(u64::MAX);
        self.engine
            .sweep_uploads(self.engine.options.clock.now().saturating_sub(idle_micros))
    }

    /// Deletes a finished upload that no commit will name; one that a commit has named stays.
    pub fn discard_upload(&self, tenant: Tenant, upload: Uuid) -> Result<(), Error> {
        self.engine.discard_upload(tenant, upload).map(drop)
    }

    /// Writes memory to files; commits and reads go on.
    pub fn flush(&self) -> Result<(), Error> {
        self.engine.flush()
    }

    /// Adds a backup to those in the directory (absolute; made when it is not there) and checks it; it holds at least
    /// what was committed before this was called. Then removes all backups but the newest `keep`. Commits and reads go
    /// on. Blocks, for minutes on a large store.
    ///
    /// # Errors
    /// See [`backup::Error`]; one backup at a time is made of a store, and in a directory.
    pub fn backup(
        &self,
        directory: &Path,
        keep: Option<NonZeroU32>,
    ) -> Result<backup::Made, backup::Error> {
        let _turn = self
            .backing_up
            .try_lock()
            .ok_or_else(|| backup::Error::Busy(self.engine.db.path().to_owned()))?;
        self.engine.backup(directory, keep)
    }

    /// Answers what is queued, takes no more commits, and writes memory to files, so that the next start has nothing to
    /// replay. Reads go on. Dropping the store does the same.
    pub fn close(&self) -> Result<(), Error> {
        if !self.writer.stop() {
            return Ok(());
        }
        self.engine.keep_last_place()?;
        self.engine.flush()
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

    /// One page of a table's rows, from one snapshot. Blocks longer than a point read: for a thread of its own.
    ///
    /// # Errors
    /// As [`Store::scan`].
    pub fn rows(&self, query: &RowsQuery) -> Result<RowsPage, Error> {
        self.engine.rows(query)
    }

    /// The value of the row at this place. A point read.
    pub fn row(&self, tenant: Tenant, table: Table, seq: Seq) -> Result<Option<Vec<u8>>, Error> {
        self.engine.row(tenant, table, seq)
    }

    /// Reads everything and says what does not fit. Writes may go on meanwhile; they are not seen. Blocks, for minutes
    /// on a large store.
    pub fn verify(&self) -> Report {
        self.engine.verify()
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

    /// Records of a kind whose keys begin with `prefix`, in the order of their keys: at most `rows_max`, behind the key
    /// `after` (exclusive, a whole key).
    pub fn records_page(
        &self,
        tenant: Tenant,
        kind: RecordKind,
        prefix: &[u8],
        after: Option<&[u8]>,
        rows_max: usize,
    ) -> Result<Vec<(RecordKey, Record)>, Error> {
        self.engine
            .records_page(tenant, kind, prefix, after, rows_max)
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        if let Err(error) = self.close() {
            tracing::error!(%error, "the store did not close cleanly; the next start replays its log");
        }
    }
}
