//! The launch service: courses, a learner's registration for one, launches of its AUs, and what they add up to.
//!
//! Two doors lead here: the player API (`/api/v1`), whose clients call things by numbers, and `/cmi5/v1`, which calls
//! them by UUIDs. Both are an [`Owner`]. What a launch begins is a session like any other (`sessions`), judged by the
//! same rules; what only launched sessions have lies beside it.

pub mod content;
pub mod courses;
pub mod deletion;
pub mod export;
pub mod import;
mod jwt;
pub mod keys;
pub mod learner;
mod list;
pub mod numbers;
pub mod package;
pub mod preferences;
pub mod records;
pub mod registration;
pub mod request;
pub(crate) mod roll_up;
pub mod session;
pub mod start;
mod statement;
mod template;
pub mod tenants;
pub mod tokens;
pub mod view;

use std::sync::Arc;

use storage::{FactKey, Tenant};
use uuid::Uuid;
use xapi::Version;

use crate::credential::{Credential, Role, Scope, Scopes};
use crate::queue::QueueKey;
use crate::reports::needs_reports;
use crate::sessions::records;
use crate::{Caller, Error, Lrs};

/// A part of a list.
#[derive(Debug, Clone)]
pub struct Page<T> {
    pub entries: Vec<T>,
    /// Cursor of the next page. A page can be short and have it.
    pub more: Option<String>,
}

/// For whom the launch service works.
#[derive(Debug, Clone)]
pub struct Owner {
    /// Writes the statements: an LMS's key of the store tenant, or what stands for a launch tenant's token.
    pub caller: Caller,
    /// Sees what belongs to this launch tenant alone. `None`: a key, which sees everything of its store tenant.
    pub launch_tenant: Option<u64>,
}

impl Owner {
    /// # Errors
    /// [`Error::Forbidden`] for an AU, and for a key that may not write statements.
    pub fn of_key(caller: &Caller) -> Result<Self, Error> {
        caller.needs_to_run_sessions()?;
        Ok(Self {
            caller: caller.clone(),
            launch_tenant: None,
        })
    }

    /// For looking alone.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for an AU, and for a key that may not read statements.
    pub fn reading(caller: &Caller) -> Result<Self, Error> {
        needs_reports(caller)?;
        Ok(Self {
            caller: caller.clone(),
            launch_tenant: None,
        })
    }

    /// The LRS itself, for what it does of its own in a store tenant.
    #[must_use]
    pub fn own(lrs: &Lrs, tenant: Tenant) -> Self {
        let credential = Credential {
            key: String::new(),
            name: "tessera".to_owned(),
            tenant,
            role: Role::Lms,
            scopes: Scopes::of(&[Scope::All]),
            assume_version: None,
            authority: lrs.settings.own_authority.clone(),
            secrets: Vec::new(),
            created: 0,
            revoked: None,
        };
        Self {
            caller: Caller {
                credential: Arc::new(credential),
                version: Version::V1_0_3,
                session: None,
            },
            launch_tenant: None,
        }
    }

    /// Whether it may know of what belongs to this launch tenant.
    #[must_use]
    pub fn sees(&self, launch_tenant: Option<u64>) -> bool {
        self.launch_tenant.is_none() || self.launch_tenant == launch_tenant
    }
}

/// Whatever may move a registration's counters waits for this.
pub(crate) fn turn(tenant: Tenant, registration: Uuid) -> QueueKey {
    QueueKey::Record(tenant, keys::registration(registration))
}

/// The id behind a number of the owner's store tenant, as text.
fn by_number(
    lrs: &Lrs,
    owner: &Owner,
    numbered: keys::Numbered,
    number: u64,
) -> Result<Option<String>, Error> {
    let wanted = FactKey::Record(keys::number(numbered, number));
    let found = records(lrs, owner.caller.tenant(), &[wanted])?;
    let record = found.into_iter().next().flatten();
    Ok(record.and_then(|record| String::from_utf8(record.value).ok()))
}
