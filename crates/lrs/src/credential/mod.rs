//! Who may call: keys with a secret (HTTP Basic), what each may do, and how a secret is checked.
//!
//! A credential is a record of tenant 0. `keys` makes and changes them, `verify` checks what a request brings.
//! HTTP (headers, challenges, status codes) is not here.

use std::fmt;

use storage::Tenant;
use xapi::Version;

mod keys;
mod record;
mod scope;
mod secret;
#[cfg(test)]
mod tests;
mod verify;

pub use keys::{KeyError, New};
pub use scope::{Permission, Scope, Scopes};
pub use secret::{Generated, SecretHash};
pub use verify::{Credentials, Refused, Settings};

/// A key and what it may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// The user of HTTP Basic. Never changes, never used again for another credential.
    pub key: String,
    /// What people call it; unique among the credentials that are not revoked. Logs show it.
    pub name: String,
    /// Whose data it reaches.
    pub tenant: Tenant,
    /// Which side of cmi5 it speaks for.
    pub role: Role,
    pub scopes: Scopes,
    /// The version of its requests that have no `X-Experience-API-Version`.
    pub assume_version: Option<Version>,
    /// JSON of the Agent that becomes the `authority` of its statements. Fixed when the credential is made, so that
    /// a changed configuration does not make its own statements another's.
    pub authority: String,
    /// Those that are accepted: one, or two while a rotation overlaps.
    pub secrets: Vec<SecretHash>,
    /// Microseconds since 1970.
    pub created: u64,
    /// Microseconds since 1970. A revoked credential stays on record and is refused.
    pub revoked: Option<u64>,
}

/// Which side of cmi5 a credential speaks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    Lms,
    Au,
    LmsAu,
}

impl Role {
    pub const ALL: [Role; 3] = [Role::Lms, Role::Au, Role::LmsAu];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Lms => "lms",
            Role::Au => "au",
            Role::LmsAu => "lms+au",
        }
    }

    /// Reads `lms`, `au` or `lms+au`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Role::ALL.into_iter().find(|role| role.as_str() == text)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
