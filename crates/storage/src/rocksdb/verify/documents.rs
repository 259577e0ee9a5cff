//! Documents and records.

use sha1::{Digest, Sha1};

use super::{Source, problem};
use crate::batch::RecordKind;
use crate::rocksdb::keys::Family;
use crate::rocksdb::values;
use crate::verify::Report;

/// Tenant and kind.
const HEAD_LENGTH: usize = 5;

pub(super) fn check(source: &Source<'_>, report: &mut Report) {
    source.each(Family::Documents, &[], report, |report, key, value| {
        report.documents += 1;
        if !is_document_key(key) {
            problem(report, Family::Documents, key, "not a key of this family");
        }
        match values::decode_document(value) {
            Err(detail) => problem(report, Family::Documents, key, detail),
            Ok(document) => {
                let etag: [u8; 20] = Sha1::digest(&document.content).into();
                if etag != document.etag {
                    problem(
                        report,
                        Family::Documents,
                        key,
                        "the content has another etag",
                    );
                }
            }
        }
    });
}

/// The folder's parts are of fixed width, and the document's id is text.
fn is_document_key(key: &[u8]) -> bool {
    let folder_length = match key.get(HEAD_LENGTH - 1) {
        Some(1) => HEAD_LENGTH + 16 + 16 + 17,
        Some(2 | 3) => HEAD_LENGTH + 16,
        Some(_) | None => return false,
    };
    key.get(folder_length..)
        .is_some_and(|id| std::str::from_utf8(id).is_ok())
}

pub(super) fn check_records(source: &Source<'_>, report: &mut Report) {
    source.each(Family::Records, &[], report, |report, key, value| {
        report.records += 1;
        let kind = key.get(HEAD_LENGTH - 1);
        if !RecordKind::ALL
            .iter()
            .any(|known| kind == Some(&(*known as u8)))
        {
            problem(
                report,
                Family::Records,
                key,
                "no kind of record has this number",
            );
        }
        match values::decode_record_version(value) {
            Ok(0) => problem(report, Family::Records, key, "versions count from 1"),
            Ok(_) => {}
            Err(detail) => problem(report, Family::Records, key, detail),
        }
    });
}
