//! State, Activity Profile and Agent Profile documents: one resource in three kinds of folder
//! (xAPI 1.0.3 Communication 2.2, 2.3, 2.6, 2.7 and 3.1).

mod launch;
mod merge;
mod preconditions;

use cmi5::vocabulary::STATE_LAUNCH_DATA;
use sha1::{Digest, Sha1};
use storage::{Assert, Batch, Document, DocumentFolder, DocumentKey, Etag, Fact, FactKey, Op};
use xapi::Violation;

use crate::access::{self, Use};
use crate::commit::{Decision, decide_and_commit};
use crate::credential::Permission;
use crate::enforce::Ruling;
use crate::queue::QueueKey;
use crate::{Caller, Error, Lrs, refusals, requirement, statements};

use merge::{is_json, merge, object_text};
pub use preconditions::{EtagCondition, Preconditions};

/// What is to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    pub content_type: String,
    pub content: Vec<u8>,
}

/// That a session's token asked for its learner's preferences or its launch data is remembered before the answer.
///
/// # Errors
/// [`Error::NotFound`] when there is no such document.
pub async fn get(lrs: &Lrs, caller: &Caller, key: DocumentKey) -> Result<Document, Error> {
    may_read(caller, &key.folder)?;
    access::documents(lrs, caller, &key.folder, Use::Read)?;
    let document = read(lrs, caller, &key)?;
    launch::note_read(lrs, caller, &key).await?;
    document.ok_or(Error::NotFound("there is no such document"))
}

/// Ids and times (microseconds since 1970) of a folder's documents, those stored after `since` alone.
///
/// # Errors
/// [`Error::Forbidden`], and when the store cannot be read.
pub fn list(
    lrs: &Lrs,
    caller: &Caller,
    folder: &DocumentFolder,
    since: Option<i64>,
) -> Result<Vec<(String, u64)>, Error> {
    may_read(caller, folder)?;
    access::documents(lrs, caller, folder, Use::Read)?;
    let since = since.map(|micros| u64::try_from(micros).unwrap_or(0));
    Ok(lrs.store.documents(caller.tenant(), folder, since)?)
}

/// Stores the document as it is, if the preconditions hold.
///
/// # Errors
/// [`Error::PreconditionFailed`], [`Error::Conflict`] when there is one and no precondition says that the sender
/// knows it, [`Error::Violations`] when a new profile comes without the precondition that 1.0.3 demands.
pub async fn put(
    lrs: &Lrs,
    caller: &Caller,
    key: DocumentKey,
    sent: Sent,
    conditions: &Preconditions,
) -> Result<Flagged, Error> {
    let relies = if replaces_anything(caller, &key, conditions) {
        Relies::OnNothing
    } else {
        Relies::OnStored
    };
    write(lrs, caller, key, relies, |key, stored| {
        let allowed = conditions.check(stored).and_then(|()| {
            if *conditions == Preconditions::default() {
                unguarded_put(caller, &key.folder, stored)
            } else {
                Ok(())
            }
        });
        Ok(Change::Store(sent.clone(), allowed))
    })
    .await
}

/// Merges a JSON object into the stored one, member by member at the top level; with nothing stored, stores it.
///
/// # Errors
/// [`Error::Violations`] when either side is no JSON object, [`Error::PreconditionFailed`].
pub async fn post(
    lrs: &Lrs,
    caller: &Caller,
    key: DocumentKey,
    sent: Sent,
    conditions: &Preconditions,
) -> Result<Flagged, Error> {
    if is_json(&sent.content_type) {
        object_text(&sent.content, &key.folder, "the document that is posted").map(drop)?;
    }
    write(lrs, caller, key, Relies::OnStored, |key, stored| {
        let allowed = conditions.check(stored);
        let merged = match (stored, &allowed) {
            (Some(stored), Ok(())) => merge(stored, &sent, &key.folder)?,
            // What cannot be merged is not told before what keeps it from being merged.
            (Some(stored), Err(_)) => {
                merge(stored, &sent, &key.folder).unwrap_or_else(|_| sent.clone())
            }
            (None, _) => sent.clone(),
        };
        Ok(Change::Store(merged, allowed))
    })
    .await
}

/// Deletes the document. That there is none is no error.
///
/// # Errors
/// [`Error::PreconditionFailed`].
pub async fn delete(
    lrs: &Lrs,
    caller: &Caller,
    key: DocumentKey,
    conditions: &Preconditions,
) -> Result<(), Error> {
    write(lrs, caller, key, Relies::OnStored, |_, stored| {
        conditions.check(stored)?;
        Ok(match stored {
            None => Change::Nothing,
            Some(_) => Change::Delete,
        })
    })
    .await?;
    Ok(())
}

/// Deletes all documents of the folder.
///
/// # Errors
/// [`Error::Forbidden`], and when the store cannot be written.
pub async fn delete_all(lrs: &Lrs, caller: &Caller, folder: DocumentFolder) -> Result<(), Error> {
    may_write(caller, &folder)?;
    access::documents(lrs, caller, &folder, Use::DeleteAll)?;
    let tenant = caller.tenant();
    decide_and_commit(lrs, Vec::new(), || {
        let ids = lrs.store.documents(tenant, &folder, None)?;
        let ops: Vec<Op> = ids
            .into_iter()
            .filter(|(id, _)| !access::outlives_delete(caller, &folder, id))
            .map(|(id, _)| {
                Op::DeleteDocument(DocumentKey {
                    folder: folder.clone(),
                    id,
                })
            })
            .collect();
        Ok(Decision {
            batch: (!ops.is_empty()).then(|| Batch {
                tenant,
                asserts: Vec::new(),
                ops,
            }),
            answer: (),
        })
    })
    .await?;
    Ok(())
}

enum Change {
    Nothing,
    /// What shall be stored, and whether the preconditions allow it. The rules of cmi5 are asked before that counts.
    Store(Sent, Result<(), Error>),
    Delete,
}

/// Rules of cmi5 that a stored document broke, each once.
pub type Flagged = Vec<&'static str>;

/// What a write has to know of the stored document.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Relies {
    OnStored,
    /// Whatever is there is replaced: such writes need not wait for one another.
    OnNothing,
}

/// Whether a PUT is right whatever is stored, and means nothing to cmi5.
fn replaces_anything(caller: &Caller, key: &DocumentKey, conditions: &Preconditions) -> bool {
    match &key.folder {
        DocumentFolder::State { .. } => {
            *conditions == Preconditions::default()
                && !caller
                    .version
                    .rules()
                    .state_put_conflicts_without_precondition
                && key.id != STATE_LAUNCH_DATA
        }
        DocumentFolder::ActivityProfile { .. } | DocumentFolder::AgentProfile { .. } => false,
    }
}

async fn write(
    lrs: &Lrs,
    caller: &Caller,
    key: DocumentKey,
    relies: Relies,
    mut decide: impl FnMut(&DocumentKey, Option<&Document>) -> Result<Change, Error>,
) -> Result<Flagged, Error> {
    may_write(caller, &key.folder)?;
    access::documents(lrs, caller, &key.folder, Use::Write(&key.id))?;
    let tenant = caller.tenant();
    let turns = match relies {
        Relies::OnStored => vec![QueueKey::Document(tenant, key.clone())],
        Relies::OnNothing => Vec::new(),
    };
    let (ruling, _) = decide_and_commit(lrs, turns, || {
        let stored = match relies {
            Relies::OnStored => read(lrs, caller, &key)?,
            Relies::OnNothing => None,
        };
        let (op, ruling) = match decide(&key, stored.as_ref())? {
            Change::Nothing => (None, Ruling::default()),
            Change::Store(sent, allowed) => {
                let mut ruling = launch::rule(lrs, caller, &key, &sent)?;
                if ruling.is_rejected() {
                    return Ok(Decision {
                        batch: None,
                        answer: ruling,
                    });
                }
                allowed?;
                let document = checked(lrs, sent)?;
                let own = std::mem::take(&mut ruling.generated);
                let (asserts, ops) = statements::generated(lrs, tenant, &own)?;
                ruling.asserts.extend(asserts);
                // Statements come before what follows from them.
                ruling.ops.splice(0..0, ops);
                (Some(Op::PutDocument(key.clone(), document)), ruling)
            }
            Change::Delete => (Some(Op::DeleteDocument(key.clone())), Ruling::default()),
        };
        let relied_on = stored.map(|document| document.etag);
        let mut answer = ruling;
        Ok(Decision {
            batch: op.map(|op| {
                let mut asserts = match relies {
                    Relies::OnStored => vec![Assert::DocumentEtag(key.clone(), relied_on)],
                    Relies::OnNothing => Vec::new(),
                };
                asserts.append(&mut answer.asserts);
                let mut ops = vec![op];
                ops.append(&mut answer.ops);
                Batch {
                    tenant,
                    asserts,
                    ops,
                }
            }),
            answer,
        })
    })
    .await?;
    if ruling.is_rejected() {
        return Err(launch::refused(&key, refusals::reject(lrs, caller, ruling)));
    }
    Ok(ruling.requirements())
}

fn read(lrs: &Lrs, caller: &Caller, key: &DocumentKey) -> Result<Option<Document>, Error> {
    let facts = lrs
        .store
        .facts(caller.tenant(), &[FactKey::Document(key.clone())])?;
    Ok(match facts.into_iter().next() {
        Some(Fact::Document(document)) => document,
        _ => None,
    })
}

/// # Errors
/// [`Error::TooLarge`].
pub(crate) fn checked(lrs: &Lrs, sent: Sent) -> Result<Document, Error> {
    let max = lrs.settings.document_bytes_max;
    if sent.content.len() > max {
        return Err(Error::TooLarge {
            what: "the document",
            bytes_max: max,
        });
    }
    let etag: Etag = Sha1::digest(&sent.content).into();
    Ok(Document {
        content_type: sent.content_type,
        content: sent.content,
        etag,
        updated: 0,
    })
}

/// A PUT that names neither header: what that means depends on resource and version.
fn unguarded_put(
    caller: &Caller,
    folder: &DocumentFolder,
    stored: Option<&Document>,
) -> Result<(), Error> {
    let rules = caller.version.rules();
    let is_profile = match folder {
        DocumentFolder::State { .. } => false,
        DocumentFolder::ActivityProfile { .. } | DocumentFolder::AgentProfile { .. } => true,
    };
    match stored {
        Some(document) if is_profile || rules.state_put_conflicts_without_precondition => {
            Err(Error::Conflict {
                message: format!(
                    "there is a document already: send `If-Match: \"{}\"` to replace it, or `If-None-Match: *` to store only a new one",
                    hex::encode(document.etag)
                ),
                violations: Vec::new(),
            })
        }
        None if is_profile && rules.profile_put_needs_precondition => Err(Violation::new(
            requirement::DOCUMENT_PUT_PRECONDITION,
            "If-None-Match",
            "`If-None-Match: *` for a new document, or `If-Match` with the ETag of the stored one",
            "neither header",
        )
        .into()),
        Some(_) | None => Ok(()),
    }
}

fn may_read(caller: &Caller, folder: &DocumentFolder) -> Result<(), Error> {
    caller.needs(match folder {
        DocumentFolder::State { .. } => Permission::ReadState,
        DocumentFolder::ActivityProfile { .. } | DocumentFolder::AgentProfile { .. } => {
            Permission::ReadProfile
        }
    })
}

fn may_write(caller: &Caller, folder: &DocumentFolder) -> Result<(), Error> {
    caller.needs(match folder {
        DocumentFolder::State { .. } => Permission::WriteState,
        DocumentFolder::ActivityProfile { .. } | DocumentFolder::AgentProfile { .. } => {
            Permission::WriteProfile
        }
    })
}
