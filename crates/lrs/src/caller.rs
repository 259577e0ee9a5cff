//! Who asks, and what that credential may do (xAPI 1.0.3 Communication 4.2 names the scopes).

use std::sync::Arc;

use storage::Tenant;
use xapi::{Version, Violation};

use crate::credential::{Credential, Permission};
use crate::{Error, requirement};

/// The authenticated sender of one request.
#[derive(Debug, Clone)]
pub struct Caller {
    pub credential: Arc<Credential>,
    /// Negotiated by `X-Experience-API-Version`.
    pub version: Version,
}

/// Which statements a caller may read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// All of its tenant.
    All,
    /// Those with its own authority.
    Mine,
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
        Err(Error::Forbidden(Box::new(Violation::new(
            requirement::SCOPE,
            "Authorization",
            format!(
                "a credential with one of the scopes {}",
                permission.scopes()
            ),
            scopes.to_string(),
        ))))
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
