//! Sessions as records of the store: reading what is known of one, and the operations that change it.
//!
//! A session is two records: `Launch`, which is large and hardly ever changes, and `Session`, which is small and moves.
//! A third, the touch, takes the latest timestamp and the last activity without a version of the session.

pub mod keys;
mod launches;
mod write;

use std::sync::Arc;

use cmi5::{AuRegistration, Launch, MoveOn, Session};
use serde::de::DeserializeOwned;
use storage::batch::RecordKey;
use storage::fact::Record;
use storage::record::Touched;
use storage::{Fact, FactKey, Tenant};

use crate::{Error, Lrs};

pub use launches::Launches;
pub(crate) use write::put;
pub use write::{Change, RegistrationChange};

/// Everything that is known of one session, and the versions on which a decision about it relies.
#[derive(Debug, Clone)]
pub struct Known {
    pub launch: Arc<Launch>,
    pub session: Session,
    /// 0: the session is being made.
    pub session_version: u64,
    pub touched: Option<Touched>,
    /// 0: nothing has touched it.
    pub touch_version: u64,
}

/// What a learner has reached in the AU of a session's launch.
#[derive(Debug, Clone, Default)]
pub struct Reached {
    pub registration: AuRegistration,
    pub in_course: InCourse,
    /// 0: nothing is recorded.
    pub version: u64,
}

/// What only an AU of a registered course has. It is never taken back: a statement that is voided later does not undo
/// `satisfied`.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct InCourse {
    /// It has counted for its block, or for its course.
    pub satisfied: bool,
    /// By which a launch has replaced the course's moveOn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub move_on: Option<MoveOn>,
    /// By which clients call it; from the first launch on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waived_reason: Option<String>,
}

impl Known {
    /// The latest timestamp of the AU's statements.
    #[must_use]
    pub fn latest(&self) -> Option<i64> {
        let touched = self.touched?;
        (touched.highest > 0).then(|| i64::try_from(touched.highest).unwrap_or(i64::MAX))
    }
}

/// The session with this id, if the store knows it.
///
/// # Errors
/// When the store cannot be read or is damaged.
pub fn read(lrs: &Lrs, tenant: Tenant, id: &str) -> Result<Option<Known>, Error> {
    if !keys::is_usable(id) {
        return Ok(None);
    }
    let wanted = [
        FactKey::Record(keys::session(id)),
        FactKey::Record(keys::touch(id)),
    ];
    let mut found = records(lrs, tenant, &wanted)?.into_iter();
    let (record, touch) = (found.next().flatten(), found.next().flatten());
    let Some(record) = record else {
        return Ok(None);
    };
    let session: Session = decode(&record, "session", id)?;
    let launch = lrs.launches.read(lrs, tenant, id, session.launch_version)?;
    Ok(Some(Known {
        launch,
        session,
        session_version: record.version,
        touch_version: touch.as_ref().map_or(0, |touch| touch.version),
        touched: touch.and_then(|touch| Touched::decode(&touch.value)),
    }))
}

/// What a learner has reached in an AU, by [`keys::au_registration`].
///
/// # Errors
/// When the store cannot be read or is damaged.
pub fn reached(lrs: &Lrs, tenant: Tenant, key: &RecordKey) -> Result<Reached, Error> {
    let found = records(lrs, tenant, &[FactKey::Record(key.clone())])?;
    match found.into_iter().next().flatten() {
        None => Ok(Reached::default()),
        Some(record) => {
            let stored: StoredRegistration =
                decode(&record, "registration", &hex::encode(&key.key))?;
            Ok(Reached {
                registration: stored.reached,
                in_course: stored.in_course,
                version: record.version,
            })
        }
    }
}

/// What a learner has reached, with the names that its key has only the hash of.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct StoredRegistration {
    pub actor: String,
    pub activity: String,
    pub reached: AuRegistration,
    #[serde(skip_serializing_if = "is_default", default)]
    pub in_course: InCourse,
}

fn is_default(in_course: &InCourse) -> bool {
    *in_course == InCourse::default()
}

pub(crate) fn records(
    lrs: &Lrs,
    tenant: Tenant,
    keys: &[FactKey],
) -> Result<Vec<Option<Record>>, Error> {
    let facts = lrs.store.facts(tenant, keys)?;
    Ok(facts
        .into_iter()
        .map(|fact| match fact {
            Fact::Record(record) => record,
            Fact::Statement(_) | Fact::Document(_) | Fact::Blob(_) => None,
        })
        .collect())
}

/// A record's JSON.
///
/// # Errors
/// [`Error::Storage`] when it is not what was written.
pub(crate) fn decode<T: DeserializeOwned>(
    record: &Record,
    family: &'static str,
    key: &str,
) -> Result<T, Error> {
    serde_json::from_slice(&record.value).map_err(|error| {
        Error::damaged(
            family,
            key,
            format!("column {}: not its JSON", error.column()),
        )
    })
}
