//! What is tried: a server, where its endpoint is, and who may do what there.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use xapi::Version;

use crate::transport::{Request, Transport};
use crate::vector::{Account, Of};

/// How much is expected of the server beyond the specification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The tests' own, with its small limits.
    Own,
    Tessera,
    Any,
}

impl Kind {
    /// Why this server need not behave as `of` says; `None` if it must.
    #[must_use]
    pub fn exempt(self, of: Of) -> Option<&'static str> {
        match (self, of) {
            (Kind::Own, _)
            | (Kind::Tessera | Kind::Any, Of::Everyone)
            | (Kind::Tessera, Of::Tessera) => None,
            (Kind::Any, Of::Tessera) => Some("it is Tessera's own behaviour"),
            (Kind::Tessera | Kind::Any, Of::Own) => {
                Some("it needs the limits of the tests' own server")
            }
        }
    }

    /// Whether refusals name violations in Tessera's form.
    #[must_use]
    pub fn names_violations(self) -> bool {
        match self {
            Kind::Own | Kind::Tessera => true,
            Kind::Any => false,
        }
    }
}

/// A key and its secret.
#[derive(Debug, Clone)]
pub struct Key {
    pub key: String,
    pub secret: String,
}

pub struct Subject {
    pub kind: Kind,
    pub transport: Transport,
    /// Path of the endpoint, without a slash at its end.
    pub base_path: String,
    pub keys: BTreeMap<Account, Key>,
    /// Servers like this one whose policies of cmi5 are others, by the policies as JSON.
    pub policies: BTreeMap<String, Result<Subject, String>>,
}

impl Subject {
    /// Whether requests of this account can be made.
    #[must_use]
    pub fn knows(&self, account: Account) -> bool {
        match account {
            Account::Wrong | Account::Nobody => true,
            // Whoever has the lms key can fetch one.
            Account::Token => self.keys.contains_key(&Account::Lms),
            Account::Owner
            | Account::Other
            | Account::Reader
            | Account::Writer
            | Account::Lms
            | Account::Au
            | Account::LmsAu
            | Account::Admin => self.keys.contains_key(&account),
        }
    }

    /// The server whose tenant has this policy of cmi5.
    ///
    /// # Errors
    /// Why there is none.
    pub fn with_policy(&self, policy: Option<&str>) -> Result<&Subject, String> {
        let Some(policy) = policy else {
            return Ok(self);
        };
        match self.policies.get(policy) {
            Some(Ok(subject)) => Ok(subject),
            Some(Err(error)) => Err(format!("the policy {policy} could not be set: {error}")),
            None => Err(format!("there is no server with the policy {policy}")),
        }
    }

    /// The value of `Authorization`.
    #[must_use]
    pub fn authorization(&self, account: Account) -> Option<String> {
        let of = |account| self.keys.get(&account).cloned();
        let Key { key, secret } = match account {
            Account::Nobody | Account::Token => None,
            Account::Wrong => of(Account::Owner).map(|owner| Key {
                secret: format!("{}-not", owner.secret),
                ..owner
            }),
            Account::Owner
            | Account::Other
            | Account::Reader
            | Account::Writer
            | Account::Lms
            | Account::Au
            | Account::LmsAu
            | Account::Admin => of(account),
        }?;
        Some(format!(
            "Basic {}",
            STANDARD.encode(format!("{key}:{secret}"))
        ))
    }

    #[must_use]
    pub fn post_statements(&self, version: Version, body: &str) -> Request {
        let mut headers = vec![
            (
                "X-Experience-API-Version".to_owned(),
                version.announced().to_owned(),
            ),
            ("Content-Type".to_owned(), "application/json".to_owned()),
        ];
        if let Some(authorization) = self.authorization(Account::Owner) {
            headers.push(("Authorization".to_owned(), authorization));
        }
        Request {
            method: "POST".to_owned(),
            target: format!("{}/statements", self.base_path),
            headers,
            body: Some(body.as_bytes().to_vec()),
        }
    }
}
