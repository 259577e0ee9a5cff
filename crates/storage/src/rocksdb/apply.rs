//! Operations become bytes of the group's write.

use std::borrow::Cow;
use std::collections::BTreeSet;

use uuid::Uuid;

use super::blobs;
use super::group::{Group, Written};
use super::keys::{self, Family, PendingKey};
use super::values::{self, IdEntry, StoredId};
use crate::batch::RecordKey;
use crate::{
    Batch, Committed, Document, DocumentKey, Error, NewStatement, Op, Seq, Sha2, Tenant, Term,
    Touched,
};

impl<'b> Group<'b> {
    /// The batch was not refused: nothing but a broken store can stop it now.
    pub(super) fn apply(&mut self, batch: &'b Batch) -> Result<Committed, Error> {
        let tenant = batch.tenant;
        let mut seqs = Vec::new();
        let first = self.next;
        for op in &batch.ops {
            match op {
                Op::PutStatement(put) => seqs.push(self.put_statement(tenant, put)?),
                Op::Void { target, by } => self.void(tenant, *target, *by)?,
                Op::PutDocument(key, document) => self.put_document(tenant, key, document),
                Op::DeleteDocument(key) => self.delete_document(tenant, key),
                Op::PutRecord(key, value) => self.put_record(tenant, key, value)?,
                Op::DeleteRecord(key) => self.delete_record(tenant, key),
                Op::Touch { key, highest } => {
                    // The place that this batch was given last, if any.
                    let at = if self.next == first {
                        self.at
                    } else {
                        self.next.0 - 1
                    };
                    self.touch(
                        tenant,
                        key,
                        Touched {
                            highest: *highest,
                            at,
                        },
                    )?;
                }
                Op::PutRow(put) => self.put_row(tenant, put),
                Op::DeleteRow { table, row } => self.delete_row(tenant, *table, *row)?,
                Op::PutBlob {
                    sha2,
                    upload,
                    length,
                } => self.put_blob(tenant, sha2, *upload, *length)?,
            }
        }
        Ok(Committed { seqs, at: self.at })
    }

    fn put_statement(&mut self, tenant: Tenant, put: &'b NewStatement) -> Result<Seq, Error> {
        let seq = self.take_place();
        let awaited = self.id_entry(tenant, put.id)?;
        let voided_by = match awaited {
            // Nothing voids a statement that voids.
            _ if put.voiding => None,
            Some(IdEntry::Awaited { voided_by, .. }) => put.voided_by.or(voided_by),
            Some(IdEntry::Stored(_)) | None => put.voided_by,
        };
        let stored = StoredId {
            seq,
            voiding: put.voiding,
            voided_by,
            reference: put.reference,
        };
        self.put_id(tenant, put.id, IdEntry::Stored(stored));
        self.remember(seq, put);

        let family = self.engine.family(super::read::statement_family(voided_by));
        let value = values::encode_statement(put.voiding, &put.record);
        self.write
            .put_cf(family, keys::statement(tenant, seq), value);
        if voided_by.is_none() {
            for (term, chain) in &put.terms {
                self.put_term(tenant, *term, seq, *chain);
            }
        }
        if let Some(target) = put.reference {
            self.refer(tenant, target, seq, put.id)?;
        }
        if awaited.is_some() {
            let arrived = PendingKey {
                tenant,
                arrived: put.id,
                via: put.id,
                distance: 1,
            };
            let family = self.engine.family(Family::Pending);
            self.write
                .put_cf(family, arrived.encode(), values::encode_cursor(Seq(0)));
            self.arrived.push((seq, (tenant, put.id)));
        }
        Ok(seq)
    }

    fn refer(&mut self, tenant: Tenant, target: Uuid, seq: Seq, id: Uuid) -> Result<(), Error> {
        let family = self.engine.family(Family::Referrers);
        self.write.put_cf(
            family,
            keys::referrer(tenant, target, seq),
            values::encode_referrer(id),
        );
        match self.id_entry(tenant, target)? {
            Some(IdEntry::Stored(_)) => {}
            entry @ (Some(IdEntry::Awaited { .. }) | None) => {
                self.put_awaited(tenant, target, entry, None);
            }
        }
        Ok(())
    }

    /// One more statement waits for the target: it refers to it, or voids it.
    fn put_awaited(
        &mut self,
        tenant: Tenant,
        target: Uuid,
        before: Option<IdEntry>,
        by: Option<Uuid>,
    ) {
        let (waiting, voided_by) = match before {
            Some(IdEntry::Awaited { waiting, voided_by }) => (waiting, voided_by),
            Some(IdEntry::Stored(_)) | None => (0, None),
        };
        let entry = IdEntry::Awaited {
            waiting: waiting + 1,
            voided_by: voided_by.or(by),
        };
        self.put_id(tenant, target, entry);
    }

    fn void(&mut self, tenant: Tenant, target: Uuid, by: Uuid) -> Result<(), Error> {
        match self.id_entry(tenant, target)? {
            Some(IdEntry::Stored(stored)) => {
                if stored.voiding || stored.voided_by.is_some() {
                    return Ok(());
                }
                self.take_out(tenant, target, stored)?;
                self.remember_voided(stored.seq);
                let voided = StoredId {
                    voided_by: Some(by),
                    ..stored
                };
                self.put_id(tenant, target, IdEntry::Stored(voided));
            }
            entry @ (Some(IdEntry::Awaited { .. }) | None) => {
                self.put_awaited(tenant, target, entry, Some(by));
            }
        }
        Ok(())
    }

    /// Moves a statement from the lists to the voided ones.
    fn take_out(&mut self, tenant: Tenant, target: Uuid, stored: StoredId) -> Result<(), Error> {
        let value = self.statement_value(tenant, stored)?;
        let key = keys::statement(tenant, stored.seq);
        self.write
            .delete_cf(self.engine.family(Family::Statements), key);
        self.write
            .put_cf(self.engine.family(Family::Voided), key, value);
        let terms = self.indexed_terms(tenant, target, stored)?;
        for term in terms {
            self.delete_term(tenant, term, stored.seq);
        }
        Ok(())
    }

    /// Every term under which the statement may stand in the index. They are worked out again instead of being kept
    /// (16 bytes each that no compression shrinks, for something rare): all of them, also those that late propagation
    /// added, belong to statements of its chain, and references and statements never change.
    fn indexed_terms(
        &mut self,
        tenant: Tenant,
        id: Uuid,
        stored: StoredId,
    ) -> Result<BTreeSet<Term>, Error> {
        match self.fresh(stored.seq) {
            Some(fresh) => Ok(fresh.terms.iter().map(|(term, _)| *term).collect()),
            None => Ok(self
                .chain(tenant, id)?
                .into_iter()
                .flat_map(|(_, terms)| terms)
                .collect()),
        }
    }

    fn put_document(&mut self, tenant: Tenant, key: &DocumentKey, document: &Document) {
        let key = keys::document(tenant, key);
        let value = values::encode_document(document, self.at);
        self.write
            .put_cf(self.engine.family(Family::Documents), &key, value);
        self.overlay.documents.insert(key, Some(document.etag));
    }

    fn delete_document(&mut self, tenant: Tenant, key: &DocumentKey) {
        let key = keys::document(tenant, key);
        self.write
            .delete_cf(self.engine.family(Family::Documents), &key);
        self.overlay.documents.insert(key, None);
    }

    fn put_record(
        &mut self,
        tenant: Tenant,
        key: &RecordKey,
        value: &'b [u8],
    ) -> Result<(), Error> {
        let key = keys::record(tenant, key);
        let version = self.record_version(&key)? + 1;
        let value = Cow::Borrowed(value);
        self.write_record(key, Written { version, value });
        Ok(())
    }

    fn touch(&mut self, tenant: Tenant, key: &RecordKey, touch: Touched) -> Result<(), Error> {
        let key = keys::record(tenant, key);
        let before = match self.overlay.records.get(&key) {
            Some(Written { version: 0, .. }) => None,
            Some(written) => Some((written.version, Touched::decode(&written.value))),
            None => self.engine.read(Family::Records, &key, |value| {
                let record = values::decode_record(value)?;
                Ok((record.version, Touched::decode(&record.value)))
            })?,
        };
        let (version, touched) = match before {
            None => (0, Touched::default()),
            Some((version, Some(touched))) => (version, touched),
            Some((_, None)) => {
                let detail = "is touched, and is no record of that shape";
                return Err(Error::corrupt(Family::Records.name(), &key, detail));
            }
        };
        let touched = Touched {
            highest: touched.highest.max(touch.highest),
            at: touched.at.max(touch.at),
        };
        let written = Written {
            version: version + 1,
            value: Cow::Owned(touched.encode().to_vec()),
        };
        self.write_record(key, written);
        Ok(())
    }

    fn write_record(&mut self, key: Vec<u8>, written: Written<'b>) {
        self.write.put_cf(
            self.engine.family(Family::Records),
            &key,
            values::encode_record(written.version, &written.value),
        );
        self.overlay.records.insert(key, written);
    }

    fn delete_record(&mut self, tenant: Tenant, key: &RecordKey) {
        let key = keys::record(tenant, key);
        self.write
            .delete_cf(self.engine.family(Family::Records), &key);
        let none = Written {
            version: 0,
            value: Cow::Borrowed(&[]),
        };
        self.overlay.records.insert(key, none);
    }

    fn put_blob(
        &mut self,
        tenant: Tenant,
        sha2: &Sha2,
        upload: Uuid,
        length: u64,
    ) -> Result<(), Error> {
        let key = keys::blob(tenant, sha2);
        match self.blob_upload(&key)? {
            Some(first) if first != upload => {
                blobs::delete_chunks(self.engine, &mut self.write, tenant, upload, length)
            }
            Some(_) => {}
            None => {
                let value = values::encode_blob(upload, length);
                self.write
                    .put_cf(self.engine.family(Family::Blobs), &key, value);
                self.overlay.blobs.insert(key, upload);
            }
        }
        self.write.delete_cf(
            self.engine.family(Family::Uploads),
            keys::upload(tenant, upload),
        );
        Ok(())
    }
}
