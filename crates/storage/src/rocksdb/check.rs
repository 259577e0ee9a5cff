//! Whether what a batch relied on still holds, as the group before it left things.

use std::collections::HashSet;

use super::group::Group;
use super::keys::{self, Family};
use super::values::{self, IdEntry};
use crate::{Assert, Batch, CommitError, Error, Etag, Op, Tenant};

impl Group<'_> {
    /// Why this batch must not be applied, if so. Nothing is written here.
    pub(super) fn refuses(&mut self, batch: &Batch) -> Result<Option<CommitError>, Error> {
        for assert in &batch.asserts {
            if !self.holds(batch.tenant, assert)? {
                return Ok(Some(CommitError::Stale(assert.clone())));
            }
        }
        let mut ids = HashSet::new();
        for op in &batch.ops {
            match op {
                // An id that is stored already must not lead to a second statement, whatever was asserted.
                Op::PutStatement(put) => {
                    let stored = matches!(
                        self.id_entry(batch.tenant, put.id)?,
                        Some(IdEntry::Stored(_))
                    );
                    if stored || !ids.insert(put.id) {
                        return Ok(Some(CommitError::Stale(Assert::StatementAbsent {
                            id: put.id,
                            waiting: 0,
                        })));
                    }
                }
                Op::PutBlob { sha2, upload, .. } => {
                    let key = keys::upload(batch.tenant, *upload);
                    let begun = self
                        .engine
                        .read(Family::Uploads, &key, values::decode_upload)?;
                    if begun.is_none()
                        && self.blob_upload(&keys::blob(batch.tenant, sha2))?.is_none()
                    {
                        let error = Error::engine("store an attachment", "its upload is gone");
                        return Ok(Some(CommitError::Failed(error)));
                    }
                }
                Op::Void { .. }
                | Op::PutDocument(..)
                | Op::DeleteDocument(_)
                | Op::PutRecord(..)
                | Op::DeleteRecord(_)
                | Op::Touch { .. }
                | Op::PutRow(_)
                | Op::DeleteRow { .. } => {}
            }
        }
        Ok(None)
    }

    fn holds(&mut self, tenant: Tenant, assert: &Assert) -> Result<bool, Error> {
        match assert {
            Assert::StatementAbsent { id, waiting } => Ok(match self.id_entry(tenant, *id)? {
                None => *waiting == 0,
                Some(IdEntry::Awaited { waiting: now, .. }) => now == *waiting,
                Some(IdEntry::Stored(_)) => false,
            }),
            Assert::DocumentEtag(key, etag) => {
                Ok(self.document_etag(&keys::document(tenant, key))? == *etag)
            }
            Assert::RecordVersion(key, version) => {
                Ok(self.record_version(&keys::record(tenant, key))? == *version)
            }
            Assert::BlobPresent(sha2) => Ok(self.blob_upload(&keys::blob(tenant, sha2))?.is_some()),
        }
    }

    fn document_etag(&self, key: &[u8]) -> Result<Option<Etag>, Error> {
        match self.overlay.documents.get(key) {
            Some(etag) => Ok(*etag),
            None => {
                let head =
                    self.engine
                        .read(Family::Documents, key, values::decode_document_head)?;
                Ok(head.map(|(etag, _)| etag))
            }
        }
    }

    /// 0: there is none.
    pub(super) fn record_version(&self, key: &[u8]) -> Result<u64, Error> {
        match self.overlay.records.get(key) {
            Some(written) => Ok(written.version),
            None => {
                let version =
                    self.engine
                        .read(Family::Records, key, values::decode_record_version)?;
                Ok(version.unwrap_or(0))
            }
        }
    }

    pub(super) fn blob_upload(&self, key: &[u8]) -> Result<Option<uuid::Uuid>, Error> {
        match self.overlay.blobs.get(key) {
            Some(upload) => Ok(Some(*upload)),
            None => {
                let blob = self.engine.read(Family::Blobs, key, values::decode_blob)?;
                Ok(blob.map(|(upload, _)| upload))
            }
        }
    }
}
