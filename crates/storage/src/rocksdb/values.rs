//! Bytes of the values (`docs/storage-format.md`). Each begins with a version, and its readers refuse another.

use uuid::Uuid;

use crate::fact::Record;
use crate::row::{Place, PutRow};
use crate::{Document, Seq, Term};

pub(crate) const VERSION: u8 = 1;

/// Of a stored statement: value in `statements` and `voided`.
const VOIDING: u8 = 1;
/// Of an entry in `ids`: a voiding statement's id follows.
const VOIDED: u8 = 1 << 1;
/// Of an entry in `ids`: the id that its StatementRef names follows.
const REFERS: u8 = 1 << 2;

const STORED: u8 = 1;
const AWAITED: u8 = 2;

/// What is known of a statement's id: one read answers both "is it stored" and "does something wait for it".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IdEntry {
    Stored(StoredId),
    /// `waiting` counts the references and voids that came before the statement.
    Awaited {
        waiting: u64,
        voided_by: Option<Uuid>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StoredId {
    pub(crate) seq: Seq,
    pub(crate) voiding: bool,
    pub(crate) voided_by: Option<Uuid>,
    pub(crate) reference: Option<Uuid>,
}

impl IdEntry {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let (tag, flags, number, voided_by, reference) = match *self {
            IdEntry::Stored(stored) => {
                let voiding = if stored.voiding { VOIDING } else { 0 };
                (
                    STORED,
                    voiding,
                    stored.seq.0,
                    stored.voided_by,
                    stored.reference,
                )
            }
            IdEntry::Awaited { waiting, voided_by } => (AWAITED, 0, waiting, voided_by, None),
        };
        let flags = flags
            | if voided_by.is_some() { VOIDED } else { 0 }
            | if reference.is_some() { REFERS } else { 0 };
        let mut bytes = Vec::with_capacity(43);
        bytes.extend_from_slice(&[VERSION, tag, flags]);
        bytes.extend_from_slice(&number.to_be_bytes());
        for id in [voided_by, reference].into_iter().flatten() {
            bytes.extend_from_slice(id.as_bytes());
        }
        bytes
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<IdEntry, String> {
        let rest = after_version(bytes)?;
        let (&[tag, flags], rest) = rest
            .split_first_chunk::<2>()
            .ok_or("shorter than its head")?;
        let (number, mut rest) = rest
            .split_first_chunk::<8>()
            .ok_or("shorter than its number")?;
        let number = u64::from_be_bytes(*number);
        let mut next_id = |flag: u8| -> Result<Option<Uuid>, String> {
            if flags & flag == 0 {
                return Ok(None);
            }
            let (id, behind) = rest
                .split_first_chunk::<16>()
                .ok_or("shorter than its ids")?;
            rest = behind;
            Ok(Some(Uuid::from_bytes(*id)))
        };
        let voided_by = next_id(VOIDED)?;
        let reference = next_id(REFERS)?;
        match tag {
            STORED => Ok(IdEntry::Stored(StoredId {
                seq: Seq(number),
                voiding: flags & VOIDING != 0,
                voided_by,
                reference,
            })),
            AWAITED => Ok(IdEntry::Awaited {
                waiting: number,
                voided_by,
            }),
            _ => Err(format!("tag {tag} is not known")),
        }
    }
}

/// Value in `statements` and `voided`: whether the statement voids, and its record as [`Dictionaries::encode`](crate::statement::Dictionaries::encode) made it.
pub(crate) fn encode_statement(voiding: bool, record: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(record.len() + 2);
    bytes.extend_from_slice(&[VERSION, if voiding { VOIDING } else { 0 }]);
    bytes.extend_from_slice(record);
    bytes
}

/// Whether the statement voids, and its record for [`Dictionaries::decode`](crate::statement::Dictionaries::decode).
pub(crate) fn decode_statement(bytes: &[u8]) -> Result<(bool, &[u8]), String> {
    let (flags, record) = after_version(bytes)?
        .split_first()
        .ok_or("shorter than its head")?;
    Ok((flags & VOIDING != 0, record))
}

/// Value in `referrers`: the id of the statement that refers.
pub(crate) fn encode_referrer(id: Uuid) -> [u8; 17] {
    let mut bytes = [VERSION; 17];
    bytes[1..].copy_from_slice(id.as_bytes());
    bytes
}

pub(crate) fn decode_referrer(bytes: &[u8]) -> Result<Uuid, String> {
    let id = after_version(bytes)?
        .try_into()
        .map_err(|_| "not the length of an id")?;
    Ok(Uuid::from_bytes(id))
}

/// Value in `pending`: places of referrers up to this one are done.
pub(crate) fn encode_cursor(cursor: Seq) -> [u8; 9] {
    let mut bytes = [VERSION; 9];
    bytes[1..].copy_from_slice(&cursor.0.to_be_bytes());
    bytes
}

pub(crate) fn decode_cursor(bytes: &[u8]) -> Result<Seq, String> {
    let cursor = after_version(bytes)?
        .try_into()
        .map_err(|_| "not the length of a place")?;
    Ok(Seq(u64::from_be_bytes(cursor)))
}

pub(crate) fn encode_document(document: &Document, updated: u64) -> Vec<u8> {
    let content_type = document.content_type.as_bytes();
    let mut bytes = Vec::with_capacity(33 + content_type.len() + document.content.len());
    bytes.push(VERSION);
    bytes.extend_from_slice(&document.etag);
    bytes.extend_from_slice(&updated.to_be_bytes());
    bytes.extend_from_slice(&(content_type.len() as u32).to_be_bytes());
    bytes.extend_from_slice(content_type);
    bytes.extend_from_slice(&document.content);
    bytes
}

/// ETag and `updated`, without the content.
pub(crate) fn decode_document_head(bytes: &[u8]) -> Result<(crate::Etag, u64), String> {
    let rest = after_version(bytes)?;
    let (etag, rest) = rest
        .split_first_chunk::<20>()
        .ok_or("shorter than its etag")?;
    let (updated, _) = rest
        .split_first_chunk::<8>()
        .ok_or("shorter than its time")?;
    Ok((*etag, u64::from_be_bytes(*updated)))
}

pub(crate) fn decode_document(bytes: &[u8]) -> Result<Document, String> {
    let (etag, updated) = decode_document_head(bytes)?;
    let rest = bytes.get(29..).ok_or("shorter than its head")?;
    let (length, rest) = rest
        .split_first_chunk::<4>()
        .ok_or("shorter than its head")?;
    let (content_type, content) = rest
        .split_at_checked(u32::from_be_bytes(*length) as usize)
        .ok_or("shorter than its content type")?;
    Ok(Document {
        content_type: String::from_utf8(content_type.to_vec())
            .map_err(|_| "the content type is no text")?,
        content: content.to_vec(),
        etag,
        updated,
    })
}

pub(crate) fn encode_record(version: u64, value: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(9 + value.len());
    bytes.push(VERSION);
    bytes.extend_from_slice(&version.to_be_bytes());
    bytes.extend_from_slice(value);
    bytes
}

pub(crate) fn decode_record_version(bytes: &[u8]) -> Result<u64, String> {
    let (version, _) = after_version(bytes)?
        .split_first_chunk::<8>()
        .ok_or("shorter than its version")?;
    Ok(u64::from_be_bytes(*version))
}

pub(crate) fn decode_record(bytes: &[u8]) -> Result<Record, String> {
    let version = decode_record_version(bytes)?;
    Ok(Record {
        version,
        value: bytes.get(9..).ok_or("shorter than its version")?.to_vec(),
    })
}

/// Of a row: the caller chose its place.
const CHOSEN: u8 = 1;

/// A value in `rows`.
pub(crate) struct RowValue<'v> {
    /// The caller chose its place: it says nothing of the places that were given.
    pub(crate) is_chosen: bool,
    terms: &'v [[u8; 16]],
    pub(crate) value: &'v [u8],
}

impl RowValue<'_> {
    pub(crate) fn terms(&self) -> impl Iterator<Item = Term> {
        self.terms.iter().copied().map(Term)
    }
}

pub(crate) fn encode_row(row: &PutRow) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(6 + 16 * row.terms.len() + row.value.len());
    let flags = match row.place {
        Place::Next => 0,
        Place::At(_) => CHOSEN,
    };
    bytes.extend_from_slice(&[VERSION, flags]);
    bytes.extend_from_slice(&(row.terms.len() as u32).to_be_bytes());
    for term in &row.terms {
        bytes.extend_from_slice(&term.0);
    }
    bytes.extend_from_slice(&row.value);
    bytes
}

pub(crate) fn decode_row(bytes: &[u8]) -> Result<RowValue<'_>, String> {
    let (flags, rest) = after_version(bytes)?
        .split_first()
        .ok_or("shorter than its head")?;
    let (count, rest) = rest
        .split_first_chunk::<4>()
        .ok_or("shorter than its head")?;
    let (terms, value) = (u32::from_be_bytes(*count) as usize)
        .checked_mul(16)
        .and_then(|length| rest.split_at_checked(length))
        .ok_or("shorter than its terms")?;
    Ok(RowValue {
        is_chosen: flags & CHOSEN != 0,
        terms: terms.as_chunks().0,
        value,
    })
}

/// Value in `row_terms`: the row has the term.
pub(crate) const ROW_TERM: [u8; 1] = [1];

/// Value in `blobs`: the upload that holds the content, and its length in bytes.
pub(crate) fn encode_blob(upload: Uuid, length: u64) -> [u8; 25] {
    let mut bytes = [VERSION; 25];
    bytes[1..17].copy_from_slice(upload.as_bytes());
    bytes[17..].copy_from_slice(&length.to_be_bytes());
    bytes
}

pub(crate) fn decode_blob(bytes: &[u8]) -> Result<(Uuid, u64), String> {
    let (upload, rest) = after_version(bytes)?
        .split_first_chunk::<16>()
        .ok_or("shorter than its upload")?;
    let length = rest.try_into().map_err(|_| "not the length of a length")?;
    Ok((Uuid::from_bytes(*upload), u64::from_be_bytes(length)))
}

/// Value in `uploads`: when the upload began, in microseconds since 1970.
pub(crate) fn encode_upload(began: u64) -> [u8; 9] {
    encode_cursor(Seq(began))
}

pub(crate) fn decode_upload(bytes: &[u8]) -> Result<u64, String> {
    decode_cursor(bytes).map(|began| began.0)
}

fn after_version(bytes: &[u8]) -> Result<&[u8], String> {
    match bytes.split_first() {
        Some((&VERSION, rest)) => Ok(rest),
        Some((version, _)) => Err(format!("version {version} of the record is not known")),
        None => Err("empty".to_owned()),
    }
}
