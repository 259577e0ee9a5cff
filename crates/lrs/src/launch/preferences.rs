//! The learner preferences of a registration's learner (section 11): an LMS reads and writes them for the learner.

use cmi5::vocabulary::PROFILE_LEARNER_PREFERENCES;
use storage::{Document, DocumentFolder, DocumentKey};
use uuid::Uuid;

use super::{Owner, registration};
use crate::documents::{self, EtagCondition, Preconditions, Sent};
use crate::{Error, Lrs};

const JSON: &str = "application/json";
/// How often others may be faster.
const TRIES_MAX: usize = 10;

fn key(lrs: &Lrs, owner: &Owner, id: Uuid) -> Result<DocumentKey, Error> {
    let (registration, _) = registration::seen(lrs, owner, id)?;
    Ok(DocumentKey {
        folder: DocumentFolder::AgentProfile {
            agent: registration.learner,
        },
        id: PROFILE_LEARNER_PREFERENCES.to_owned(),
    })
}

/// # Errors
/// [`Error::NotFound`] for an unknown registration, and when there are none.
pub async fn read(lrs: &Lrs, owner: &Owner, registration: Uuid) -> Result<Document, Error> {
    let key = key(lrs, owner, registration)?;
    documents::get(lrs, &owner.caller, key).await
}

/// Replaces what is there. `content`: JSON.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Violations`] when they are not what section 11 asks for.
pub async fn write(
    lrs: &Lrs,
    owner: &Owner,
    registration: Uuid,
    content: Vec<u8>,
) -> Result<(), Error> {
    let key = key(lrs, owner, registration)?;
    let broken = cmi5::preferences::check(&content, JSON);
    if !broken.is_empty() {
        let broken = broken.into_iter();
        return Err(Error::Violations(broken.map(|(_, what)| what).collect()));
    }
    for _ in 0..TRIES_MAX {
        let conditions = match documents::get(lrs, &owner.caller, key.clone()).await {
            Ok(there) => Preconditions {
                if_match: Some(EtagCondition::OneOf(vec![hex::encode(there.etag)])),
                if_none_match: None,
            },
            Err(Error::NotFound(_)) => Preconditions {
                if_match: None,
                if_none_match: Some(EtagCondition::Any),
            },
            Err(error) => return Err(error),
        };
        let sent = Sent {
            content_type: JSON.to_owned(),
            content: content.clone(),
        };
        match documents::put(lrs, &owner.caller, key.clone(), sent, &conditions).await {
            // Somebody was faster: theirs is replaced.
            Err(Error::PreconditionFailed(_)) => {}
            Err(error) => return Err(error),
            Ok(_) => return Ok(()),
        }
    }
    Err(Error::Overloaded)
}

/// That there are none is no error.
///
/// # Errors
/// [`Error::NotFound`] for an unknown registration.
pub async fn delete(lrs: &Lrs, owner: &Owner, registration: Uuid) -> Result<(), Error> {
    let key = key(lrs, owner, registration)?;
    documents::delete(lrs, &owner.caller, key, &Preconditions::default()).await
}
