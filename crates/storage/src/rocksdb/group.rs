//! A commit group: what its batches decided to write and nobody can read yet, over what the store holds. A batch
//! sees the effects of the batches before it in its group.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use rocksdb::WriteBatch;
use uuid::Uuid;

use super::Engine;
use super::keys::{self, Family};
use super::read;
use super::values::{self, IdEntry, StoredId};
use crate::term::CHAIN_DEPTH_MAX;
use crate::{Chain, Error, Etag, NewStatement, Seq, Tenant, Term, statement};

pub(super) struct Group<'b> {
    pub(super) engine: &'b Engine,
    pub(super) write: WriteBatch,
    /// Writes to the index of terms, which join `write` last, sorted: a memtable finds a key's place sooner beside
    /// the key before it.
    terms: Vec<([u8; keys::TERM_KEY_LENGTH], TermWrite)>,
    /// The time of this group.
    pub(super) at: u64,
    /// The place of the next statement or row.
    pub(super) next: Seq,
    pub(super) overlay: Overlay<'b>,
    /// Statements that came after their referrers.
    pub(super) arrived: Vec<(Seq, (Tenant, Uuid))>,
}

enum TermWrite {
    Put(Chain),
    Delete,
}

/// By key. What was only read stands here too.
#[derive(Default)]
pub(super) struct Overlay<'b> {
    ids: HashMap<(Tenant, Uuid), Option<IdEntry>>,
    /// In the order of their places.
    statements: Vec<(Seq, &'b NewStatement)>,
    /// Voided by this group: what can be read of them still lies among the statements that are not.
    voided: HashSet<Seq>,
    pub(super) documents: HashMap<Vec<u8>, Option<Etag>>,
    pub(super) records: HashMap<Vec<u8>, Written<'b>>,
    /// The terms that this group gave a row; `None`: it deleted it.
    pub(super) rows: HashMap<[u8; keys::ROW_KEY_LENGTH], Option<&'b [Term]>>,
    /// The upload that holds the content.
    pub(super) blobs: HashMap<Vec<u8>, Uuid>,
}

/// A record as the group leaves it.
pub(super) struct Written<'b> {
    /// 0: there is none.
    pub(super) version: u64,
    pub(super) value: Cow<'b, [u8]>,
}

impl<'b> Group<'b> {
    pub(super) fn new(engine: &'b Engine, first: Seq) -> Group<'b> {
        Group {
            engine,
            write: WriteBatch::new(),
            terms: Vec::new(),
            at: first.0,
            next: first,
            overlay: Overlay::default(),
            arrived: Vec::new(),
        }
    }

    /// The place of a new statement or row.
    pub(super) fn take_place(&mut self) -> Seq {
        let seq = self.next;
        self.next = Seq(seq.0 + 1);
        seq
    }

    pub(super) fn id_entry(&mut self, tenant: Tenant, id: Uuid) -> Result<Option<IdEntry>, Error> {
        if let Some(entry) = self.overlay.ids.get(&(tenant, id)) {
            return Ok(*entry);
        }
        let entry = self.engine.id_entry(tenant, id)?;
        self.overlay.ids.insert((tenant, id), entry);
        Ok(entry)
    }

    pub(super) fn put_id(&mut self, tenant: Tenant, id: Uuid, entry: IdEntry) {
        self.write.put_cf(
            self.engine.family(Family::Ids),
            keys::id(tenant, id),
            entry.encode(),
        );
        self.overlay.ids.insert((tenant, id), Some(entry));
    }

    pub(super) fn put_term(&mut self, tenant: Tenant, term: Term, seq: Seq, chain: Chain) {
        let key = keys::term(tenant, term, seq);
        self.terms.push((key, TermWrite::Put(chain)));
    }

    pub(super) fn delete_term(&mut self, tenant: Tenant, term: Term, seq: Seq) {
        let key = keys::term(tenant, term, seq);
        self.terms.push((key, TermWrite::Delete));
    }

    /// Everything that the group writes.
    pub(super) fn into_write(mut self) -> WriteBatch {
        // Stable: of two writes of one key the later holds.
        self.terms.sort_by_key(|(key, _)| *key);
        let family = self.engine.family(Family::Terms);
        for (key, write) in &self.terms {
            match write {
                TermWrite::Put(chain) => self.write.put_cf(family, key, [chain.0]),
                TermWrite::Delete => self.write.delete_cf(family, key),
            }
        }
        self.write
    }

    /// A statement that this group brings is kept at hand: nobody can read it from the store yet.
    pub(super) fn remember(&mut self, seq: Seq, statement: &'b NewStatement) {
        self.overlay.statements.push((seq, statement));
    }

    pub(super) fn remember_voided(&mut self, seq: Seq) {
        self.overlay.voided.insert(seq);
    }

    pub(super) fn fresh(&self, seq: Seq) -> Option<&'b NewStatement> {
        let statements = &self.overlay.statements;
        let place = statements
            .binary_search_by_key(&seq, |(seq, _)| *seq)
            .ok()?;
        statements.get(place).map(|(_, statement)| *statement)
    }

    /// A statement's value in its family.
    pub(super) fn statement_value(
        &self,
        tenant: Tenant,
        stored: StoredId,
    ) -> Result<Vec<u8>, Error> {
        if let Some(fresh) = self.fresh(stored.seq) {
            return Ok(values::encode_statement(fresh.voiding, &fresh.record));
        }
        let family = if self.overlay.voided.contains(&stored.seq) {
            Family::Statements
        } else {
            read::statement_family(stored.voided_by)
        };
        let key = keys::statement(tenant, stored.seq);
        self.engine
            .read(family, &key, |value| Ok(value.to_vec()))?
            .ok_or_else(|| {
                Error::corrupt(
                    family.name(),
                    &key,
                    "an id points here, and nothing is here",
                )
            })
    }

    /// The chain of references from a statement on, itself first, as far as it is stored: ids and own terms. A
    /// statement that comes again ends it.
    pub(super) fn chain(
        &mut self,
        tenant: Tenant,
        first: Uuid,
    ) -> Result<Vec<(Uuid, Vec<Term>)>, Error> {
        let mut chain: Vec<(Uuid, Vec<Term>)> = Vec::new();
        let mut next = Some(first);
        while let Some(id) = next {
            let repeats = chain.iter().any(|(member, _)| *member == id);
            if repeats || chain.len() >= CHAIN_DEPTH_MAX as usize {
                break;
            }
            let Some(IdEntry::Stored(stored)) = self.id_entry(tenant, id)? else {
                break;
            };
            let value = self.statement_value(tenant, stored)?;
            let content = values::decode_statement(&value)
                .and_then(|(_, record)| self.engine.dictionaries.decode(record))
                .map_err(|detail| {
                    let family = read::statement_family(stored.voided_by);
                    Error::corrupt(family.name(), &keys::statement(tenant, stored.seq), detail)
                })?;
            chain.push((id, statement::own_terms(&content)));
            next = stored.reference;
        }
        Ok(chain)
    }
}
