//! Attachment content: chunks written ahead of the commit that names them, without a sync of their own. That
//! commit's sync covers them, because they stand before it in the same log.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use rocksdb::WriteBatch;
use uuid::Uuid;

use super::keys::{self, Family};
use super::{Durability, Engine, values};
use crate::{Error, Sha2, Tenant};

pub const CHUNK_BYTES: usize = 256 << 10;

/// Uploads of this process that may still be named by a commit.
#[derive(Default)]
pub(super) struct Uploads {
    open: Mutex<HashSet<Uuid>>,
    begun: AtomicU64,
    /// Held by the sweep, and by a commit that names an upload.
    pub(super) sweeping: Mutex<()>,
}

/// Content on its way in. Dropped before [`Upload::finish`] it leaves nothing behind.
pub struct Upload {
    engine: Arc<Engine>,
    tenant: Tenant,
    id: Uuid,
    chunk: Vec<u8>,
    chunks: u32,
    length: u64,
    finished: bool,
}

impl Upload {
    pub(crate) fn begin(engine: Arc<Engine>, tenant: Tenant) -> Result<Upload, Error> {
        let id = engine.new_upload_id(tenant)?;
        engine.uploads.open.lock().insert(id);
        let mut write = WriteBatch::new();
        let began = values::encode_upload(engine.options.clock.now());
        write.put_cf(
            engine.family(Family::Uploads),
            keys::upload(tenant, id),
            began,
        );
        engine.write(write, Durability::Unsynced)?;
        Ok(Upload {
            engine,
            tenant,
            id,
            chunk: Vec::new(),
            chunks: 0,
            length: 0,
            finished: false,
        })
    }

    /// Takes the next bytes. Blocks on the disk once a chunk is full.
    pub fn write(&mut self, mut bytes: &[u8]) -> Result<(), Error> {
        self.length += bytes.len() as u64;
        while !bytes.is_empty() {
            let room = CHUNK_BYTES - self.chunk.len();
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            self.chunk.extend_from_slice(now);
            bytes = later;
            if self.chunk.len() == CHUNK_BYTES {
                self.write_chunk()?;
            }
        }
        Ok(())
    }

    /// The upload's id and length for [`crate::Op::PutBlob`]. One that no commit names is swept later.
    pub fn finish(mut self) -> Result<(Uuid, u64), Error> {
        if !self.chunk.is_empty() {
            self.write_chunk()?;
        }
        self.finished = true;
        Ok((self.id, self.length))
    }

    fn write_chunk(&mut self) -> Result<(), Error> {
        let key = keys::blob_chunk(self.tenant, self.id, self.chunks);
        let mut write = WriteBatch::new();
        write.put_cf(self.engine.family(Family::BlobChunks), key, &self.chunk);
        self.engine.write(write, Durability::Unsynced)?;
        self.chunk.clear();
        self.chunks += 1;
        Ok(())
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        self.engine.uploads.open.lock().remove(&self.id);
        if self.finished {
            return;
        }
        if let Err(error) = self.engine.delete_upload(self.tenant, self.id) {
            tracing::warn!(%error, "an abandoned upload stays until the next sweep");
        }
    }
}

/// Stored content. Its chunks are read as they are asked for.
pub struct Blob {
    engine: Arc<Engine>,
    tenant: Tenant,
    upload: Uuid,
    pub length: u64,
    next: u32,
    /// From the beginning of the next chunk to the end.
    left: u64,
    /// Bytes of the next chunk that are not wanted.
    skip: usize,
}

impl Blob {
    /// From this byte on; nothing when the content ends before it.
    #[must_use]
    pub fn starting_at(mut self, offset: u64) -> Blob {
        let chunk = CHUNK_BYTES as u64;
        self.next = u32::try_from(offset / chunk).unwrap_or(u32::MAX);
        self.left = match offset < self.length {
            true => self.length - offset / chunk * chunk,
            false => 0,
        };
        self.skip = usize::try_from(offset % chunk).expect("a chunk fits into memory");
        self
    }
}

impl Iterator for Blob {
    type Item = Result<Vec<u8>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.left == 0 {
            return None;
        }
        let key = keys::blob_chunk(self.tenant, self.upload, self.next);
        let expected = self.left.min(CHUNK_BYTES as u64);
        let skip = std::mem::take(&mut self.skip);
        let chunk = self.engine.read(Family::BlobChunks, &key, |bytes| {
            if bytes.len() as u64 == expected {
                Ok(bytes.get(skip..).unwrap_or_default().to_vec())
            } else {
                Err("a chunk has another length".to_owned())
            }
        });
        self.next += 1;
        match chunk {
            Ok(Some(chunk)) => {
                self.left -= expected;
                Some(Ok(chunk))
            }
            Ok(None) => {
                self.left = 0;
                Some(Err(Error::corrupt(
                    Family::BlobChunks.name(),
                    &key,
                    "the chunk is not there",
                )))
            }
            Err(error) => {
                self.left = 0;
                Some(Err(error))
            }
        }
    }
}

impl Engine {
    pub(crate) fn blob(
        self: &Arc<Engine>,
        tenant: Tenant,
        sha2: &Sha2,
    ) -> Result<Option<Blob>, Error> {
        let blob = self.read(
            Family::Blobs,
            &keys::blob(tenant, sha2),
            values::decode_blob,
        )?;
        Ok(blob.map(|(upload, length)| Blob {
            engine: Arc::clone(self),
            tenant,
            upload,
            length,
            next: 0,
            left: length,
            skip: 0,
        }))
    }

    /// Deletes uploads that no blob names, that nobody is writing, and that began before this time.
    pub(crate) fn sweep_uploads(&self, began_before: u64) -> Result<usize, Error> {
        let mut found = Vec::new();
        self.each_with_prefix(Family::Uploads, &[], |key, value| {
            let (tenant, upload) = keys::parse_id(key).ok_or("not a key of this family")?;
            if values::decode_upload(value)? < began_before {
                found.push((tenant, upload));
            }
            Ok(())
        })?;
        let mut swept = 0;
        for (tenant, upload) in found {
            swept += usize::from(self.discard_upload(tenant, upload)?);
        }
        Ok(swept)
    }

    /// Deletes an upload that no blob names and that nobody is writing; answers whether it was one.
    pub(crate) fn discard_upload(&self, tenant: Tenant, upload: Uuid) -> Result<bool, Error> {
        let _commits = self.uploads.sweeping.lock();
        let key = keys::upload(tenant, upload);
        let unnamed = self
            .read(Family::Uploads, &key, values::decode_upload)?
            .is_some();
        let is_idle = unnamed && !self.uploads.open.lock().contains(&upload);
        if is_idle {
            self.delete_upload(tenant, upload)?;
        }
        Ok(is_idle)
    }

    /// One that this tenant has never used: the time and a count, tried again should the clock have been set back.
    fn new_upload_id(&self, tenant: Tenant) -> Result<Uuid, Error> {
        loop {
            let count = self.uploads.begun.fetch_add(1, Ordering::Relaxed);
            let id = Uuid::from_u64_pair(self.options.clock.now(), count);
            let whole = |_: &[u8]| Ok(());
            let begun = self.read(Family::Uploads, &keys::upload(tenant, id), whole)?;
            let written = self.read(Family::BlobChunks, &keys::blob_chunk(tenant, id, 0), whole)?;
            if begun.is_none() && written.is_none() {
                return Ok(id);
            }
        }
    }

    fn delete_upload(&self, tenant: Tenant, upload: Uuid) -> Result<(), Error> {
        let prefix = keys::upload(tenant, upload);
        let mut write = WriteBatch::new();
        let chunks = self.family(Family::BlobChunks);
        self.each_with_prefix(Family::BlobChunks, &prefix, |key, _| {
            write.delete_cf(chunks, key);
            Ok(())
        })?;
        write.delete_cf(self.family(Family::Uploads), prefix);
        self.write(write, Durability::Unsynced)
    }
}

/// The chunks of an upload of known length.
pub(super) fn delete_chunks(
    engine: &Engine,
    write: &mut WriteBatch,
    tenant: Tenant,
    upload: Uuid,
    length: u64,
) {
    let family = engine.family(Family::BlobChunks);
    let chunks = u32::try_from(length.div_ceil(CHUNK_BYTES as u64)).unwrap_or(u32::MAX);
    for n in 0..chunks {
        write.delete_cf(family, keys::blob_chunk(tenant, upload, n));
    }
}
