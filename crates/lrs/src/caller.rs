//! Who asks, and what that credential may do (xAPI 1.0.3 Communication 4.2 names the scopes).

use std::sync::Arc;

use storage::Tenant;
use xapi::{Version, Violation};

use crate::credential::{Credential, Permission, Role};
use crate::sessions::Known;
use crate::{Error, requirement};

/// The authenticated sender of one request.
#[derive(Debug, Clone)]
pub struct Caller {
    pub credential: Arc<Credential>,
    /// Negotiated by `X-Experience-API-Version`.
    pub version: Version,
    /// The session whose token it is, when it is one.
    pub session: Option<Arc<SessionOfToken>>,
}

/// The session of a token, as it was when the request came.
#[derive(Debug, Clone)]
pub struct SessionOfToken {
    pub id: String,
    pub known: Known,
}

/// Which statements a caller may read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// All of its tenant.
    All,
    /// Those with its own authority.
    Mine,
}

impl SessionOfToken {
    /// What the token still opens at `now`, microseconds since 1970.
    #[must_use]
    pub fn admits(&self, now: i64, grace_seconds: u32) -> cmi5::session::Admits {
        self.known.session.admits(now, grace_seconds)
    }
}

impl Caller {
    #[must_use]
    pub fn tenant(&self) -> Tenant {
        self.credential.tenant
    }

    /// # Errors
    /// [`Error::Forbidden`] when no scope of the credential permits it.
    pub fn needs(&self, permission: Permission) -> Result<(), Error> {
        let scopes = self.credential.scopes;
        if scopes.permits(permission) {
            return Ok(());
        }
        Err(Error::forbidden(Violation::new(
            requirement::SCOPE,
            "Authorization",
            format!(
                "a credential with one of the scopes {}",
                permission.scopes()
            ),
            scopes.to_string(),
        )))
    }

    /// What only an LMS and those who run the server may do.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for a session's token and for the key of an AU.
    pub fn needs_lms(&self) -> Result<(), Error> {
        let is_lms = match self.credential.role {
            Role::Lms | Role::LmsAu => true,
            Role::Au => self.credential.scopes.permits(Permission::Administer),
        };
        if is_lms && self.session.is_none() {
            return Ok(());
        }
        Err(Error::forbidden(Violation::new(
            requirement::SCOPE,
            "Authorization",
            "a key of role `lms` or `lms+au`, or one with the scope `admin`",
            match self.session {
                Some(_) => "a session's token",
                None => "a key of role `au`",
            },
        )))
    }

    /// What gives a session a token, or ends it: that writes statements in the end, so a key that may not write any may
    /// not have it done by others.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub fn needs_to_run_sessions(&self) -> Result<(), Error> {
        self.needs_lms()?;
        if self.credential.scopes.permits(Permission::Administer) {
            return Ok(());
        }
        self.needs(Permission::WriteStatements)
    }

    /// # Errors
    /// [`Error::Forbidden`] when the caller may read no statements at all.
    pub fn reach(&self) -> Result<Reach, Error> {
        self.needs(Permission::ReadOwnStatements)?;
        Ok(
            if self.credential.scopes.permits(Permission::ReadStatements) {
                Reach::All
            } else {
                Reach::Mine
            },
        )
    }

    /// Whether its statements change what is known of activities and agents.
    #[must_use]
    pub fn may_define(&self) -> bool {
        self.credential.scopes.permits(Permission::Define)
    }
}
