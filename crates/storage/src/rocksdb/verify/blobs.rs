//! Blobs: their chunks are whole and hash to their names; no chunk is without an owner.

use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};
use uuid::Uuid;

use super::{Source, problem};
use crate::Tenant;
use crate::rocksdb::keys::{self, Family};
use crate::rocksdb::values;
use crate::verify::Report;

pub(super) fn check(source: &Source<'_>, report: &mut Report) {
    let mut chunks = 0;
    source.each(Family::Blobs, &[], report, |report, key, value| {
        report.blobs += 1;
        match values::decode_blob(value) {
            Err(detail) => problem(report, Family::Blobs, key, detail),
            Ok((upload, length)) => chunks += check_blob(source, key, upload, length, report),
        }
    });
    source.each(Family::Uploads, &[], report, |report, key, value| {
        if let Err(detail) = values::decode_upload(value) {
            problem(report, Family::Uploads, key, detail);
        }
        match keys::parse_id(key) {
            // Content comes in while a store is checked: its chunks are only counted.
            Some(_) => chunks += source.count(Family::BlobChunks, key, report),
            None => problem(report, Family::Uploads, key, "not a key of this family"),
        }
    });
    if source.count(Family::BlobChunks, &[], report) != chunks {
        find_chunks(source, report);
    }
}

/// How many chunks it has.
fn check_blob(
    source: &Source<'_>,
    key: &[u8],
    upload: Uuid,
    length: u64,
    report: &mut Report,
) -> u64 {
    let Some((tenant, sha2)) = key.split_first_chunk::<4>() else {
        problem(report, Family::Blobs, key, "not a key of this family");
        return 0;
    };
    let tenant = Tenant(u32::from_be_bytes(*tenant));
    let Some(mut hash) = Hash::of_length(sha2.len()) else {
        problem(report, Family::Blobs, key, "no SHA-2 is of this length");
        return 0;
    };
    let (mut chunks, mut bytes, mut is_in_order) = (0u32, 0u64, true);
    let prefix = keys::upload(tenant, upload);
    source.each(
        Family::BlobChunks,
        &prefix,
        report,
        |_, chunk_key, chunk| {
            is_in_order &= *chunk_key == keys::blob_chunk(tenant, upload, chunks);
            hash.update(chunk);
            chunks += 1;
            bytes += chunk.len() as u64;
        },
    );
    if !is_in_order || bytes != length {
        let detail = format!("{bytes} bytes of {length} are there, in {chunks} chunks");
        problem(report, Family::Blobs, key, detail);
    } else if hash.finish() != sha2 {
        problem(report, Family::Blobs, key, "the content has another hash");
    }
    u64::from(chunks)
}

/// Chunks of uploads that are neither unfinished nor a blob's.
fn find_chunks(source: &Source<'_>, report: &mut Report) {
    let mut last = None;
    source.each(Family::BlobChunks, &[], report, |report, key, _| {
        let owner = key
            .split_last_chunk::<4>()
            .and_then(|(upload, _)| keys::parse_id(upload));
        let Some((tenant, upload)) = owner else {
            return problem(report, Family::BlobChunks, key, "not a key of this family");
        };
        if last.replace((tenant, upload)) == Some((tenant, upload)) {
            return;
        }
        let is_unfinished = source
            .get(Family::Uploads, &keys::upload(tenant, upload), report)
            .is_some();
        if !is_unfinished && !is_blob(source, tenant, upload, report) {
            let detail = format!("no blob has the upload {upload}");
            problem(report, Family::BlobChunks, key, detail);
        }
    });
}

/// Slow, and only asked about suspects.
fn is_blob(source: &Source<'_>, tenant: Tenant, upload: Uuid, report: &mut Report) -> bool {
    let mut found = false;
    source.each(
        Family::Blobs,
        &tenant.0.to_be_bytes(),
        report,
        |_, _, value| {
            found |= values::decode_blob(value).is_ok_and(|(of, _)| of == upload);
        },
    );
    found
}

enum Hash {
    Sha224(Sha224),
    Sha256(Sha256),
    Sha384(Sha384),
    Sha512(Sha512),
}

impl Hash {
    fn of_length(bytes: usize) -> Option<Self> {
        match bytes {
            28 => Some(Hash::Sha224(Sha224::new())),
            32 => Some(Hash::Sha256(Sha256::new())),
            48 => Some(Hash::Sha384(Sha384::new())),
            64 => Some(Hash::Sha512(Sha512::new())),
            _ => None,
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        match self {
            Hash::Sha224(hash) => hash.update(bytes),
            Hash::Sha256(hash) => hash.update(bytes),
            Hash::Sha384(hash) => hash.update(bytes),
            Hash::Sha512(hash) => hash.update(bytes),
        }
    }

    fn finish(self) -> Vec<u8> {
        match self {
            Hash::Sha224(hash) => hash.finalize().to_vec(),
            Hash::Sha256(hash) => hash.finalize().to_vec(),
            Hash::Sha384(hash) => hash.finalize().to_vec(),
            Hash::Sha512(hash) => hash.finalize().to_vec(),
        }
    }
}
