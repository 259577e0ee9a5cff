//! Column families and the bytes of their keys (`docs/storage-format.md`). Integers are big-endian and of fixed
//! width, every key begins with its tenant, and `!seq` (all bits turned) sorts the newest first.

use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::batch::{RecordKey, RecordKind};
use crate::row::Table;
use crate::{DocumentFolder, DocumentKey, Seq, Sha2, Tenant, Term};

/// Names stand on disk. A retired name is never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// Facts about the store as a whole; its keys are names, without a tenant.
    Meta,
    /// tenant | !seq → a statement that stands in lists.
    Statements,
    /// tenant | !seq → a voided statement.
    Voided,
    /// tenant | statement id → whether it is stored and where, or what waits for it.
    Ids,
    /// tenant | term | !seq → chain bits.
    Terms,
    /// tenant | target id | seq → a stored statement whose StatementRef names the target.
    Referrers,
    /// tenant | arrived id | via id | distance → work of late propagation.
    Pending,
    /// tenant | kind | folder | document id → document.
    Documents,
    /// tenant | kind | key → record.
    Records,
    /// tenant | table | !place → row.
    Rows,
    /// tenant | term | !place → a row that has the term.
    RowTerms,
    /// tenant | hash → upload and length.
    Blobs,
    /// tenant | upload | n → 256 KiB of content.
    BlobChunks,
    /// tenant | upload → an upload that no blob names yet.
    Uploads,
}

impl Family {
    pub const ALL: [Family; 14] = [
        Family::Meta,
        Family::Statements,
        Family::Voided,
        Family::Ids,
        Family::Terms,
        Family::Referrers,
        Family::Pending,
        Family::Documents,
        Family::Records,
        Family::Rows,
        Family::RowTerms,
        Family::Blobs,
        Family::BlobChunks,
        Family::Uploads,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Family::Meta => "default",
            Family::Statements => "statements",
            Family::Voided => "voided",
            Family::Ids => "ids",
            Family::Terms => "terms",
            Family::Referrers => "referrers",
            Family::Pending => "pending",
            Family::Documents => "documents",
            Family::Records => "records",
            Family::Rows => "rows",
            Family::RowTerms => "row_terms",
            Family::Blobs => "blobs",
            Family::BlobChunks => "blob_chunks",
            Family::Uploads => "uploads",
        }
    }
}

/// `u32` version of everything on disk.
pub const META_FORMAT: &[u8] = b"format";
/// `u64`: no place up to this one may be assigned again, whatever was deleted since and whatever the clock says.
pub const META_LAST_SEQ: &[u8] = b"last_seq";
/// Followed by the dictionary's number: SHA-256 of the dictionary, then the dictionary.
const META_DICTIONARY: &[u8] = b"dictionary/";

/// Where the compression dictionary of this number lies, in the family of the settings.
pub fn dictionary(number: u8) -> Vec<u8> {
    [META_DICTIONARY, &[number]].concat()
}

pub const STATEMENT_KEY_LENGTH: usize = 12;
pub const ID_KEY_LENGTH: usize = 20;
pub const TERM_PREFIX_LENGTH: usize = 20;
pub const TERM_KEY_LENGTH: usize = 28;
pub const ROW_PREFIX_LENGTH: usize = 5;
pub const ROW_KEY_LENGTH: usize = 13;
pub const REFERRER_KEY_LENGTH: usize = 28;
pub const PENDING_KEY_LENGTH: usize = 37;

/// Key in [`Family::Statements`] and [`Family::Voided`].
pub fn statement(tenant: Tenant, seq: Seq) -> [u8; STATEMENT_KEY_LENGTH] {
    let mut key = [0; STATEMENT_KEY_LENGTH];
    key[..4].copy_from_slice(&tenant.0.to_be_bytes());
    key[4..].copy_from_slice(&(!seq.0).to_be_bytes());
    key
}

pub fn parse_statement(key: &[u8]) -> Option<(Tenant, Seq)> {
    let (tenant, rest) = take_tenant(key)?;
    Some((tenant, Seq(!u64::from_be_bytes(rest.try_into().ok()?))))
}

pub fn id(tenant: Tenant, id: Uuid) -> [u8; ID_KEY_LENGTH] {
    let mut key = [0; ID_KEY_LENGTH];
    key[..4].copy_from_slice(&tenant.0.to_be_bytes());
    key[4..].copy_from_slice(id.as_bytes());
    key
}

pub fn parse_id(key: &[u8]) -> Option<(Tenant, Uuid)> {
    let (tenant, rest) = take_tenant(key)?;
    Some((tenant, Uuid::from_bytes(rest.try_into().ok()?)))
}

/// Every key of a term begins with this, in [`Family::Terms`] and [`Family::RowTerms`].
pub fn term_prefix(tenant: Tenant, term: Term) -> [u8; TERM_PREFIX_LENGTH] {
    let mut key = [0; TERM_PREFIX_LENGTH];
    key[..4].copy_from_slice(&tenant.0.to_be_bytes());
    key[4..].copy_from_slice(&term.0);
    key
}

pub fn term(tenant: Tenant, term: Term, seq: Seq) -> [u8; TERM_KEY_LENGTH] {
    let mut key = [0; TERM_KEY_LENGTH];
    key[..TERM_PREFIX_LENGTH].copy_from_slice(&term_prefix(tenant, term));
    key[TERM_PREFIX_LENGTH..].copy_from_slice(&(!seq.0).to_be_bytes());
    key
}

pub fn parse_term(key: &[u8]) -> Option<(Tenant, Term, Seq)> {
    let (tenant, rest) = take_tenant(key)?;
    let (term, seq) = rest.split_first_chunk::<16>()?;
    Some((
        tenant,
        Term(*term),
        Seq(!u64::from_be_bytes(seq.try_into().ok()?)),
    ))
}

/// All keys of [`Family::Referrers`] that name a target.
pub fn referrer_prefix(tenant: Tenant, target: Uuid) -> [u8; ID_KEY_LENGTH] {
    id(tenant, target)
}

pub fn referrer(tenant: Tenant, target: Uuid, seq: Seq) -> [u8; REFERRER_KEY_LENGTH] {
    let mut key = [0; REFERRER_KEY_LENGTH];
    key[..ID_KEY_LENGTH].copy_from_slice(&id(tenant, target));
    key[ID_KEY_LENGTH..].copy_from_slice(&seq.0.to_be_bytes());
    key
}

pub fn parse_referrer(key: &[u8]) -> Option<(Tenant, Uuid, Seq)> {
    let (tenant, rest) = take_tenant(key)?;
    let (target, seq) = rest.split_first_chunk::<16>()?;
    Some((
        tenant,
        Uuid::from_bytes(*target),
        Seq(u64::from_be_bytes(seq.try_into().ok()?)),
    ))
}

/// `arrived` came after statements that refer to it; those that name `via` are `distance` steps away from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PendingKey {
    pub tenant: Tenant,
    pub arrived: Uuid,
    pub via: Uuid,
    pub distance: u8,
}

impl PendingKey {
    pub fn encode(&self) -> [u8; PENDING_KEY_LENGTH] {
        let mut key = [0; PENDING_KEY_LENGTH];
        key[..20].copy_from_slice(&id(self.tenant, self.arrived));
        key[20..36].copy_from_slice(self.via.as_bytes());
        key[36] = self.distance;
        key
    }

    pub fn parse(key: &[u8]) -> Option<PendingKey> {
        let (tenant, rest) = take_tenant(key)?;
        let (arrived, rest) = rest.split_first_chunk::<16>()?;
        let (via, rest) = rest.split_first_chunk::<16>()?;
        let &[distance] = rest else { return None };
        Some(PendingKey {
            tenant,
            arrived: Uuid::from_bytes(*arrived),
            via: Uuid::from_bytes(*via),
            distance,
        })
    }
}

/// All documents of a folder. Activity and agent stand as the first 16 bytes of their SHA-256: a folder may belong to
/// a learner, so nobody must be able to name another that hashes alike.
pub fn folder(tenant: Tenant, folder: &DocumentFolder) -> Vec<u8> {
    let mut key = Vec::with_capacity(64);
    key.extend_from_slice(&tenant.0.to_be_bytes());
    match folder {
        DocumentFolder::State {
            activity,
            agent,
            registration,
        } => {
            key.push(1);
            key.extend_from_slice(&folder_part(activity));
            key.extend_from_slice(&folder_part(agent));
            key.push(u8::from(registration.is_some()));
            key.extend_from_slice(registration.unwrap_or(Uuid::nil()).as_bytes());
        }
        DocumentFolder::ActivityProfile { activity } => {
            key.push(2);
            key.extend_from_slice(&folder_part(activity));
        }
        DocumentFolder::AgentProfile { agent } => {
            key.push(3);
            key.extend_from_slice(&folder_part(agent));
        }
    }
    key
}

fn folder_part(text: &str) -> [u8; 16] {
    let mut part = [0; 16];
    part.copy_from_slice(&Sha256::digest(text.as_bytes())[..16]);
    part
}

pub fn document(tenant: Tenant, key: &DocumentKey) -> Vec<u8> {
    let mut bytes = folder(tenant, &key.folder);
    bytes.extend_from_slice(key.id.as_bytes());
    bytes
}

pub fn record_prefix(tenant: Tenant, kind: RecordKind) -> [u8; 5] {
    let mut key = [0; 5];
    key[..4].copy_from_slice(&tenant.0.to_be_bytes());
    key[4] = kind as u8;
    key
}

pub fn record(tenant: Tenant, key: &RecordKey) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(5 + key.key.len());
    bytes.extend_from_slice(&record_prefix(tenant, key.kind));
    bytes.extend_from_slice(&key.key);
    bytes
}

/// Every key of a table begins with this.
pub fn row_prefix(tenant: Tenant, table: Table) -> [u8; ROW_PREFIX_LENGTH] {
    let mut key = [0; ROW_PREFIX_LENGTH];
    key[..4].copy_from_slice(&tenant.0.to_be_bytes());
    key[4] = table as u8;
    key
}

pub fn row(tenant: Tenant, table: Table, seq: Seq) -> [u8; ROW_KEY_LENGTH] {
    let mut key = [0; ROW_KEY_LENGTH];
    key[..ROW_PREFIX_LENGTH].copy_from_slice(&row_prefix(tenant, table));
    key[ROW_PREFIX_LENGTH..].copy_from_slice(&(!seq.0).to_be_bytes());
    key
}

pub fn parse_row(key: &[u8]) -> Option<(Tenant, Table, Seq)> {
    let (tenant, rest) = take_tenant(key)?;
    let (&number, seq) = rest.split_first()?;
    let table = Table::ALL
        .into_iter()
        .find(|table| *table as u8 == number)?;
    Some((
        tenant,
        table,
        Seq(!u64::from_be_bytes(seq.try_into().ok()?)),
    ))
}

pub fn blob(tenant: Tenant, sha2: &Sha2) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(4 + sha2.0.len());
    bytes.extend_from_slice(&tenant.0.to_be_bytes());
    bytes.extend_from_slice(&sha2.0);
    bytes
}

/// Key in [`Family::Uploads`], and the beginning of an upload's keys in [`Family::BlobChunks`].
pub fn upload(tenant: Tenant, upload: Uuid) -> [u8; ID_KEY_LENGTH] {
    id(tenant, upload)
}

pub fn blob_chunk(tenant: Tenant, upload: Uuid, n: u32) -> [u8; 24] {
    let mut key = [0; 24];
    key[..ID_KEY_LENGTH].copy_from_slice(&id(tenant, upload));
    key[ID_KEY_LENGTH..].copy_from_slice(&n.to_be_bytes());
    key
}

/// The first key behind all keys that begin with the prefix; `None`: there is none.
pub fn prefix_end(prefix: &[u8]) -> Option<Vec<u8>> {
    let last = prefix.iter().rposition(|&byte| byte != u8::MAX)?;
    let mut end = prefix.get(..=last)?.to_vec();
    *end.last_mut()? += 1;
    Some(end)
}

fn take_tenant(key: &[u8]) -> Option<(Tenant, &[u8])> {
    let (tenant, rest) = key.split_first_chunk::<4>()?;
    Some((Tenant(u32::from_be_bytes(*tenant)), rest))
}
