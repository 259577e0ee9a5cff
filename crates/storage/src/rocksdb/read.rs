//! Reads: facts for decisions, and the lists of documents and records.

use rocksdb::{DBPinnableSlice, Direction, IteratorMode, ReadOptions, Snapshot};
use uuid::Uuid;

use super::Engine;
use super::keys::{self, Family};
use super::values::{self, IdEntry, StoredId};
use crate::batch::{RecordKey, RecordKind};
use crate::fact::{Record, StatementFact};
use crate::{DocumentFolder, Error, Fact, FactKey, Seq, StoredStatement, Tenant};

impl Engine {
    /// Answers all keys from one snapshot, in their order.
    pub(crate) fn facts(&self, tenant: Tenant, asked: &[FactKey]) -> Result<Vec<Fact>, Error> {
        // The commonest question has the commonest answer, and needs no snapshot.
        if let [FactKey::Statement(id)] = asked
            && self.id_entry(tenant, *id)?.is_none()
        {
            return Ok(vec![Fact::Statement(StatementFact::Absent)]);
        }
        let snapshot = self.db.snapshot();
        let ids = asked.iter().filter_map(|key| match key {
            FactKey::Statement(id) => Some(*id),
            FactKey::Document(_) | FactKey::Record(_) | FactKey::Blob(_) => None,
        });
        let mut statements = self
            .statement_facts(&snapshot, tenant, &ids.collect::<Vec<_>>())?
            .into_iter();
        asked
            .iter()
            .map(|key| match key {
                FactKey::Statement(_) => Ok(Fact::Statement(
                    statements.next().expect("one was read for each key"),
                )),
                FactKey::Document(key) => {
                    let key = keys::document(tenant, key);
                    self.read_at(&snapshot, Family::Documents, &key, values::decode_document)
                        .map(Fact::Document)
                }
                FactKey::Record(key) => {
                    let key = keys::record(tenant, key);
                    self.read_at(&snapshot, Family::Records, &key, values::decode_record)
                        .map(Fact::Record)
                }
                FactKey::Blob(sha2) => {
                    let key = keys::blob(tenant, sha2);
                    let blob = self.read_at(&snapshot, Family::Blobs, &key, values::decode_blob)?;
                    Ok(Fact::Blob(blob.map(|(_, length)| length)))
                }
            })
            .collect()
    }

    fn statement_facts(
        &self,
        snapshot: &Snapshot<'_>,
        tenant: Tenant,
        ids: &[Uuid],
    ) -> Result<Vec<StatementFact>, Error> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut options = ReadOptions::default();
        options.set_snapshot(snapshot);
        let id_keys: Vec<_> = ids.iter().map(|id| keys::id(tenant, *id)).collect();
        let entries =
            self.db
                .batched_multi_get_cf_opt(self.family(Family::Ids), &id_keys, false, &options);
        id_keys
            .iter()
            .zip(entries)
            .map(|(key, entry)| {
                let Some(entry) = entry.map_err(|error| Error::engine("read an id", error))? else {
                    return Ok(StatementFact::Absent);
                };
                match IdEntry::decode(&entry)
                    .map_err(|detail| Error::corrupt(Family::Ids.name(), key, detail))?
                {
                    IdEntry::Awaited { waiting, voided_by } => {
                        Ok(StatementFact::Awaited { waiting, voided_by })
                    }
                    IdEntry::Stored(stored) => {
                        let stored = self.stored_statement(snapshot, tenant, stored)?;
                        Ok(StatementFact::Stored(Box::new(stored)))
                    }
                }
            })
            .collect()
    }

    fn stored_statement(
        &self,
        snapshot: &Snapshot<'_>,
        tenant: Tenant,
        stored: StoredId,
    ) -> Result<StoredStatement, Error> {
        let family = statement_family(stored.voided_by);
        let key = keys::statement(tenant, stored.seq);
        let value = snapshot
            .get_pinned_cf(self.family(family), key)
            .map_err(|error| Error::engine("read a statement", error))?
            .ok_or_else(|| {
                Error::corrupt(
                    family.name(),
                    &key,
                    "an id points here, and nothing is here",
                )
            })?;
        self.statement_of(family, stored.seq, &key, &value, stored.voided_by)
    }

    /// Ids of a folder's documents and when they were last written, after `since` if given.
    pub(crate) fn documents(
        &self,
        tenant: Tenant,
        folder: &DocumentFolder,
        since: Option<u64>,
    ) -> Result<Vec<(String, u64)>, Error> {
        let prefix = keys::folder(tenant, folder);
        let mut found = Vec::new();
        self.each_with_prefix(Family::Documents, &prefix, |key, value| {
            let (_, updated) = values::decode_document_head(value)?;
            if since.is_none_or(|since| updated > since) {
                let id = key.get(prefix.len()..).unwrap_or_default();
                found.push((
                    String::from_utf8(id.to_vec()).map_err(|_| "the id is no text")?,
                    updated,
                ));
            }
            Ok(())
        })?;
        Ok(found)
    }

    /// All records of a kind in the order of their keys.
    pub(crate) fn records(
        &self,
        tenant: Tenant,
        kind: RecordKind,
    ) -> Result<Vec<(RecordKey, Record)>, Error> {
        let prefix = keys::record_prefix(tenant, kind);
        let mut found = Vec::new();
        self.each_with_prefix(Family::Records, &prefix, |key, value| {
            let key = RecordKey {
                kind,
                key: key.get(prefix.len()..).unwrap_or_default().to_vec(),
            };
            found.push((key, values::decode_record(value)?));
            Ok(())
        })?;
        Ok(found)
    }

    /// Records of a kind whose keys begin with `prefix`, in their order, behind the key `after`.
    pub(crate) fn records_page(
        &self,
        tenant: Tenant,
        kind: RecordKind,
        prefix: &[u8],
        after: Option<&[u8]>,
        rows_max: usize,
    ) -> Result<Vec<(RecordKey, Record)>, Error> {
        let kind_prefix = keys::record_prefix(tenant, kind);
        let whole = |key: &[u8]| [&kind_prefix[..], key].concat();
        let prefix = whole(prefix);
        let start = match after {
            None => prefix.clone(),
            // The first key behind it.
            Some(after) => prefix.clone().max(whole(&[after, &[0]].concat())),
        };
        let mut options = ReadOptions::default();
        if let Some(end) = keys::prefix_end(&prefix) {
            options.set_iterate_upper_bound(end);
        }
        let mode = IteratorMode::From(&start, Direction::Forward);
        self.db
            .iterator_cf_opt(self.family(Family::Records), options, mode)
            .take(rows_max)
            .map(|item| {
                let (bytes, value) = item.map_err(|error| Error::engine("read a list", error))?;
                let key = bytes.get(kind_prefix.len()..).unwrap_or_default().to_vec();
                let record = values::decode_record(&value)
                    .map_err(|detail| Error::corrupt(Family::Records.name(), &bytes, detail))?;
                Ok((RecordKey { kind, key }, record))
            })
            .collect()
    }

    pub(crate) fn id_entry(&self, tenant: Tenant, id: Uuid) -> Result<Option<IdEntry>, Error> {
        self.read(Family::Ids, &keys::id(tenant, id), IdEntry::decode)
    }

    /// One value as it is now.
    pub(crate) fn read<T>(
        &self,
        family: Family,
        key: &[u8],
        decode: impl FnOnce(&[u8]) -> Result<T, String>,
    ) -> Result<Option<T>, Error> {
        decoded(
            family,
            key,
            self.db.get_pinned_cf(self.family(family), key),
            decode,
        )
    }

    fn read_at<T>(
        &self,
        snapshot: &Snapshot<'_>,
        family: Family,
        key: &[u8],
        decode: impl FnOnce(&[u8]) -> Result<T, String>,
    ) -> Result<Option<T>, Error> {
        decoded(
            family,
            key,
            snapshot.get_pinned_cf(self.family(family), key),
            decode,
        )
    }

    /// Walks the keys with a prefix in their order.
    pub(crate) fn each_with_prefix(
        &self,
        family: Family,
        prefix: &[u8],
        mut visit: impl FnMut(&[u8], &[u8]) -> Result<(), String>,
    ) -> Result<(), Error> {
        let mut options = ReadOptions::default();
        options.set_total_order_seek(true);
        if let Some(end) = keys::prefix_end(prefix) {
            options.set_iterate_upper_bound(end);
        }
        let mode = IteratorMode::From(prefix, Direction::Forward);
        for item in self.db.iterator_cf_opt(self.family(family), options, mode) {
            let (key, value) = item.map_err(|error| Error::engine("read a list", error))?;
            visit(&key, &value).map_err(|detail| Error::corrupt(family.name(), &key, detail))?;
        }
        Ok(())
    }
}

/// A voided statement lies apart from those that stand in lists.
pub(crate) fn statement_family(voided_by: Option<Uuid>) -> Family {
    match voided_by {
        None => Family::Statements,
        Some(_) => Family::Voided,
    }
}

impl Engine {
    /// A statement from its value in [`statement_family`].
    pub(crate) fn statement_of(
        &self,
        family: Family,
        seq: Seq,
        key: &[u8],
        value: &[u8],
        voided_by: Option<Uuid>,
    ) -> Result<StoredStatement, Error> {
        let parsed = values::decode_statement(value).and_then(|(voiding, record)| {
            let content = self.dictionaries.decode(record)?;
            Ok((voiding, content))
        });
        let (voiding, content) =
            parsed.map_err(|detail| Error::corrupt(family.name(), key, detail))?;
        Ok(StoredStatement {
            seq,
            content,
            voiding,
            voided_by,
        })
    }
}

fn decoded<T>(
    family: Family,
    key: &[u8],
    read: Result<Option<DBPinnableSlice<'_>>, rocksdb::Error>,
    decode: impl FnOnce(&[u8]) -> Result<T, String>,
) -> Result<Option<T>, Error> {
    match read.map_err(|error| Error::engine(&format!("read from `{}`", family.name()), error))? {
        None => Ok(None),
        Some(bytes) => decode(&bytes)
            .map(Some)
            .map_err(|detail| Error::corrupt(family.name(), key, detail)),
    }
}
