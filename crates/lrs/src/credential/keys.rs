//! Makes, lists, rotates and revokes credentials. Each change is one commit and takes effect before it returns.
//! For threads that may block.

use std::fmt;
use std::time::Duration;

use storage::batch::{Assert, Batch, Op, RecordKey, RecordKind};
use storage::{CommitError, Fact, FactKey, Tenant};
use xapi::Version;

use super::secret::{Generated, SecretHash, random_secret};
use super::verify::{SERVER, decode, micros, record_key};
use super::{Credential, Credentials, Role, Scope, Scopes, record};

/// What whoever makes a credential decides.
#[derive(Debug, Clone)]
pub struct New {
    /// 1 to 128 characters, none of them a control character.
    pub name: String,
    pub tenant: Tenant,
    pub role: Role,
    pub scopes: Scopes,
    pub assume_version: Option<Version>,
    /// `account.homePage` of its authority.
    pub authority_home_page: String,
}

/// Why nothing was changed.
#[derive(Debug)]
pub enum KeyError {
    NoSuchKey(String),
    Revoked(String),
    /// Another credential that is not revoked has this name.
    NameTaken(String),
    BadName,
    NoScopes,
    /// Others change credentials at the same time, or the store is overloaded.
    Busy,
    Storage(storage::Error),
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KeyError::NoSuchKey(key) => write!(f, "there is no key `{key}`"),
            KeyError::Revoked(key) => write!(f, "the key `{key}` is revoked"),
            KeyError::NameTaken(name) => write!(f, "the name `{name}` is taken by another key"),
            KeyError::BadName => {
                f.write_str("a name has 1 to 128 characters, none of them a control character")
            }
            KeyError::NoScopes => f.write_str("a key needs a scope at least"),
            KeyError::Busy => f.write_str("the store is busy: try again"),
            KeyError::Storage(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for KeyError {}

impl From<storage::Error> for KeyError {
    fn from(error: storage::Error) -> Self {
        KeyError::Storage(error)
    }
}

/// Changes of credentials are rare; more failed attempts than this mean that something is wrong.
const ATTEMPTS_MAX: usize = 20;

impl Credentials {
    /// Makes a credential with a random key and secret, which nobody will be able to see again.
    ///
    /// # Errors
    /// [`KeyError::NameTaken`], [`KeyError::BadName`], [`KeyError::NoScopes`], [`KeyError::Busy`],
    /// [`KeyError::Storage`].
    pub fn add(&self, new: &New) -> Result<Generated, KeyError> {
        let made = Generated::random();
        let credential = self.credential(new, &made)?;
        self.change(|others| {
            if others
                .iter()
                .any(|other| other.revoked.is_none() && other.name == new.name)
            {
                return Err(KeyError::NameTaken(new.name.clone()));
            }
            Ok(Some(credential.clone()))
        })?;
        Ok(made)
    }

    /// When there is no credential at all, revoked ones included, makes one for everything: role `lms+au`, scopes
    /// `all` and `admin`, with the key and secret that are given or random ones. `None`: there are some already.
    ///
    /// # Errors
    /// [`KeyError::Busy`], [`KeyError::Storage`].
    pub fn bootstrap(
        &self,
        given: Option<Generated>,
        authority_home_page: &str,
    ) -> Result<Option<Generated>, KeyError> {
        if !self.list()?.is_empty() {
            return Ok(None);
        }
        let made = given.unwrap_or_else(Generated::random);
        let new = New {
            name: "bootstrap".to_owned(),
            tenant: Tenant::DEFAULT,
            role: Role::LmsAu,
            scopes: Scopes::of(&[Scope::All, Scope::Admin]),
            assume_version: None,
            authority_home_page: authority_home_page.to_owned(),
        };
        let credential = self.credential(&new, &made)?;
        let changed = self.change(|others| Ok(others.is_empty().then(|| credential.clone())))?;
        Ok(changed.map(|_| made))
    }

    /// All credentials, oldest first, revoked ones included.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn list(&self) -> Result<Vec<Credential>, storage::Error> {
        let mut all = Vec::new();
        for (key, found) in self.store.records(SERVER, RecordKind::Credential)? {
            all.push(decode(&String::from_utf8_lossy(&key.key), &found.value)?);
        }
        all.sort_by_key(|credential| credential.created);
        Ok(all)
    }

    /// Refuses the credential from now on. Answers it as it is then; revoking it again changes nothing.
    ///
    /// # Errors
    /// [`KeyError::NoSuchKey`], [`KeyError::Busy`], [`KeyError::Storage`].
    pub fn revoke(&self, key_or_name: &str) -> Result<Credential, KeyError> {
        let now = self.clock.now();
        let mut revoked = None;
        self.change(|all| {
            let mut credential = find(all, key_or_name)?.clone();
            let before = credential.revoked;
            credential.revoked = Some(before.unwrap_or(now));
            credential.secrets.clear();
            revoked = Some(credential.clone());
            Ok(before.is_none().then_some(credential))
        })?;
        revoked.ok_or(KeyError::Busy)
    }

    /// Gives the credential a new secret. The one before it is accepted for `overlap` longer, any older one no more.
    ///
    /// # Errors
    /// [`KeyError::NoSuchKey`], [`KeyError::Revoked`], [`KeyError::Busy`], [`KeyError::Storage`].
    pub fn rotate(&self, key_or_name: &str, overlap: Duration) -> Result<Generated, KeyError> {
        let now = self.clock.now();
        let secret = random_secret();
        let fresh = SecretHash::of(&secret, now);
        let changed = self.change(|all| {
            let mut credential = find(all, key_or_name)?.clone();
            if credential.revoked.is_some() {
                return Err(KeyError::Revoked(credential.key));
            }
            let ends = now.saturating_add(micros(overlap));
            let mut before = credential
                .secrets
                .drain(..)
                .max_by_key(|secret| secret.created);
            if let Some(before) = &mut before {
                before.expires = Some(before.expires.map_or(ends, |expires| expires.min(ends)));
            }
            credential.secrets.push(fresh.clone());
            credential
                .secrets
                .extend(before.filter(|before| before.is_valid(now)));
            Ok(Some(credential))
        })?;
        let key = changed.ok_or(KeyError::Busy)?.key;
        Ok(Generated { key, secret })
    }

    fn credential(&self, new: &New, made: &Generated) -> Result<Credential, KeyError> {
        let characters = new.name.chars().count();
        if !(1..=128).contains(&characters)
            || new.name.chars().any(char::is_control)
            || new.name.trim() != new.name
        {
            return Err(KeyError::BadName);
        }
        if new.scopes.is_empty() {
            return Err(KeyError::NoScopes);
        }
        let now = self.clock.now();
        Ok(Credential {
            key: made.key.clone(),
            name: new.name.clone(),
            tenant: new.tenant,
            role: new.role,
            scopes: new.scopes,
            assume_version: new.assume_version,
            authority: authority(&new.authority_home_page, &new.name),
            secrets: vec![SecretHash::of(&made.secret, now)],
            created: now,
            revoked: None,
        })
    }

    /// Lets `decide` see all credentials and commits the one that it answers, if nothing changed meanwhile.
    fn change(
        &self,
        mut decide: impl FnMut(&[Credential]) -> Result<Option<Credential>, KeyError>,
    ) -> Result<Option<Credential>, KeyError> {
        for _ in 0..ATTEMPTS_MAX {
            let version = self.changes()?;
            let all = self.list()?;
            let Some(credential) = decide(&all)? else {
                return Ok(None);
            };
            let committed = self.store.commit_blocking(Batch {
                tenant: SERVER,
                // INVARIANT: every change of any credential passes through here, so that this one version guards
                // facts about all of them (a free name, none at all).
                asserts: vec![Assert::RecordVersion(changes_key(), version)],
                ops: vec![
                    Op::PutRecord(changes_key(), Vec::new()),
                    Op::PutRecord(record_key(&credential.key), record::encode(&credential)),
                ],
            });
            // Also after a failure, which leaves unknown what was written.
            self.forget();
            match committed {
                Ok(_) => return Ok(Some(credential)),
                Err(CommitError::Stale(_)) => {}
                Err(CommitError::Overloaded | CommitError::ReadOnly) => return Err(KeyError::Busy),
                Err(CommitError::Failed(error)) => return Err(KeyError::Storage(error)),
            }
        }
        Err(KeyError::Busy)
    }

    fn changes(&self) -> Result<u64, storage::Error> {
        let facts = self
            .store
            .facts(SERVER, &[FactKey::Record(changes_key())])?;
        Ok(match facts.into_iter().next() {
            Some(Fact::Record(Some(record))) => record.version,
            Some(Fact::Record(None) | Fact::Statement(_) | Fact::Document(_) | Fact::Blob(_))
            | None => 0,
        })
    }
}

/// Counts the changes of credentials.
fn changes_key() -> RecordKey {
    RecordKey {
        kind: RecordKind::Setting,
        key: b"credential-changes".to_vec(),
    }
}

/// By key, or else by the name of one that is not revoked.
fn find<'a>(all: &'a [Credential], key_or_name: &str) -> Result<&'a Credential, KeyError> {
    all.iter()
        .find(|credential| credential.key == key_or_name)
        .or_else(|| {
            all.iter()
                .find(|credential| credential.revoked.is_none() && credential.name == key_or_name)
        })
        .ok_or_else(|| KeyError::NoSuchKey(key_or_name.to_owned()))
}

fn authority(home_page: &str, name: &str) -> String {
    let text = |text: &str| serde_json::Value::from(text).to_string();
    format!(
        r#"{{"objectType":"Agent","name":{name},"account":{{"homePage":{home_page},"name":{name}}}}}"#,
        name = text(name),
        home_page = text(home_page),
    )
}
