//! Contents that come with statements: what a request brought, and what an answer takes along.

use std::collections::HashSet;

use sha2::digest::DynDigest;
use storage::{Sha2, Store, StoredStatement, Tenant};
use uuid::Uuid;
use xapi::multipart::{self, Declared, Expected};
use xapi::statement::{Attachment, Object};
use xapi::{Statement, Violation, signature};

use crate::{Error, requirement};

/// A part of a multipart request whose content is in the store already, unreferenced until its statement commits.
#[derive(Debug, Clone)]
pub struct Part {
    /// Hex, as the part's `X-Experience-API-Hash` has it; the content has been checked against it.
    pub sha2: String,
    pub upload: Uuid,
    /// Bytes.
    pub length: u64,
    /// The content itself, when it is small and may be a signature.
    pub content: Option<Vec<u8>>,
}

/// A content for an answer.
pub struct Content {
    pub declared: Declared,
    pub blob: storage::Blob,
}

/// Checks that the request brought the contents its statements call for, and that its signatures are what they say.
///
/// # Errors
/// All violations.
pub fn check(statements: &[Statement<'_>], parts: &[Part]) -> Result<(), Error> {
    let mut expected = Expected::of(statements);
    let mut violations = Vec::new();
    for part in parts {
        let head = multipart::Part {
            hash: Some(&part.sha2),
            ..multipart::Part::default()
        };
        violations.extend(expected.part(head).err().unwrap_or_default());
    }
    violations.extend(expected.finish().err().unwrap_or_default());
    for (index, statement) in statements.iter().enumerate() {
        let found = signature_violations(statement, parts);
        violations.extend(
            found
                .into_iter()
                .map(|violation| violation.in_statement(index)),
        );
    }
    if violations.is_empty() {
        Ok(())
    } else {
        Err(Error::Violations(violations))
    }
}

fn signature_violations(statement: &Statement<'_>, parts: &[Part]) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (index, attachment) in statement.attachments.iter().enumerate() {
        if !signature::is_signature(attachment) {
            continue;
        }
        let part = parts
            .iter()
            .find(|part| part.sha2.eq_ignore_ascii_case(&attachment.sha2));
        let data = match part {
            None => None,
            Some(part) => match part.content.as_deref() {
                Some(content) => Some(content),
                None => {
                    violations.push(Violation::new(
                        requirement::SIGNATURE_SIZE,
                        format!("/attachments/{index}"),
                        format!("a signature of at most {SIGNATURE_BYTES_MAX} bytes"),
                        part.length.to_string(),
                    ));
                    continue;
                }
            },
        };
        violations.extend(
            signature::check(statement, index, data)
                .err()
                .unwrap_or_default(),
        );
    }
    violations
}

/// Whether the request brought the contents of all the statement's attachments, also of those with a `fileUrl`.
#[must_use]
pub fn all_came(statement: &Statement<'_>, parts: &[Part]) -> bool {
    let inner = match &statement.object {
        Object::SubStatement(sub) => sub.attachments.as_slice(),
        Object::Activity(_) | Object::Agent(_) | Object::Group(_) | Object::StatementRef(_) => &[],
    };
    let came = |attachment: &Attachment<'_>| {
        let mut hashes = parts.iter().map(|part| &part.sha2);
        hashes.any(|hash| hash.eq_ignore_ascii_case(&attachment.sha2))
    };
    !parts.is_empty() && statement.attachments.iter().chain(inner).all(came)
}

/// The hash as bytes; `None` when it is not hex.
#[must_use]
pub fn sha2(hex: &str) -> Option<Sha2> {
    hex::decode(hex).ok().map(Sha2)
}

/// The stored contents of the statements' attachments, each hash once, in the order of the statements.
///
/// # Errors
/// When the store cannot be read.
pub fn contents(
    store: &Store,
    tenant: Tenant,
    rows: &[StoredStatement],
) -> Result<Vec<Content>, Error> {
    let mut seen = HashSet::new();
    let mut contents = Vec::new();
    for row in rows {
        let text = &row.content.text;
        // Most statements have none; the word is looked for before anything is parsed.
        if !text.contains("attachments") {
            continue;
        }
        let mut declared = Vec::new();
        multipart::declared_in(text, &mut declared)
            .map_err(|error| Error::damaged("statements", row.content.id, error))?;
        // Whoever knows a hash must not get a content that somebody else brought.
        declared.retain(|attachment| row.content.linked_contents || !attachment.linked);
        for declared in declared {
            if let Some(hash) = sha2(&declared.sha2)
                && seen.insert(hash.clone())
                && let Some(blob) = store.blob(tenant, &hash)?
            {
                contents.push(Content { declared, blob });
            }
        }
    }
    Ok(contents)
}

/// A content on its way into the store: written as it comes and hashed meanwhile. Blocking; dropping it without
/// committing a statement that names it leaves nothing that stays.
pub struct Receiving {
    upload: storage::Upload,
    hasher: Box<dyn DynDigest + Send>,
    sha2: String,
    length: u64,
    bytes_max: u64,
    kept: Option<Vec<u8>>,
}

/// Whether a content is kept in memory beside the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    No,
    /// Up to [`SIGNATURE_BYTES_MAX`]: the request has a signature.
    IfSmall,
}

/// A JWS that is larger is refused.
pub const SIGNATURE_BYTES_MAX: usize = 2 * 1024 * 1024;

impl Receiving {
    /// `sha2` is hex, as the part's header has it; its length says which of the SHA-2 functions is meant.
    ///
    /// # Errors
    /// A violation when it is no SHA-2 in hex.
    pub fn start(
        store: &Store,
        tenant: Tenant,
        sha2: &str,
        bytes_max: u64,
        keep: Keep,
    ) -> Result<Self, Error> {
        let is_hex = sha2.bytes().all(|byte| byte.is_ascii_hexdigit());
        let hasher: Box<dyn DynDigest + Send> = match sha2.len() {
            56 if is_hex => Box::new(sha2::Sha224::default()),
            64 if is_hex => Box::new(sha2::Sha256::default()),
            96 if is_hex => Box::new(sha2::Sha384::default()),
            128 if is_hex => Box::new(sha2::Sha512::default()),
            _ => return Err(wrong_hash("a SHA-2 in hex", sha2)),
        };
        Ok(Self {
            upload: store.upload(tenant)?,
            hasher,
            sha2: sha2.to_owned(),
            length: 0,
            bytes_max,
            kept: (keep == Keep::IfSmall).then(Vec::new),
        })
    }

    /// # Errors
    /// [`Error::TooLarge`], and when the store cannot be written.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.length += bytes.len() as u64;
        if self.length > self.bytes_max {
            return Err(Error::TooLarge {
                what: "an attachment",
                bytes_max: usize::try_from(self.bytes_max).unwrap_or(usize::MAX),
            });
        }
        self.hasher.update(bytes);
        if let Some(kept) = &mut self.kept {
            kept.extend_from_slice(bytes);
            if kept.len() > SIGNATURE_BYTES_MAX {
                self.kept = None;
            }
        }
        Ok(self.upload.write(bytes)?)
    }

    /// # Errors
    /// A violation when the content is not what its hash says.
    pub fn finish(self) -> Result<Part, Error> {
        let own = hex::encode(self.hasher.finalize());
        if !own.eq_ignore_ascii_case(&self.sha2) {
            return Err(wrong_hash("the SHA-2 of the part's content", &self.sha2));
        }
        let (upload, length) = self.upload.finish()?;
        Ok(Part {
            sha2: self.sha2,
            upload,
            length,
            content: self.kept,
        })
    }
}

fn wrong_hash(expected: &str, got: &str) -> Error {
    Violation::new(
        requirement::PART_HASH,
        "X-Experience-API-Hash",
        expected,
        got,
    )
    .into()
}
