//! Session tokens: a one-time URL for the LMS to put into its launch URL, and the token that its first POST gets
//! (section 8.2). Both are 256 bits of randomness, kept as hashes; a token opens its own session's things alone and ends
//! with the session.

use std::num::NonZeroUsize;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cmi5::session::{Admits, Fetch};
use cmi5::{Session, rule};
use lru::LruCache;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use storage::batch::RecordKind;
use storage::{Assert, Batch, FactKey, Op, Tenant};
use xapi::Violation;

use crate::caller::SessionOfToken;
use crate::commit::{Decision, decide_and_commit};
use crate::credential::{Credential, Role, Scope, Scopes};
use crate::event::{Event, Kind};
use crate::queue::QueueKey;
use crate::sessions::{self, Known, decode, keys, put, records};
use crate::{Caller, Error, Lrs, policies, refusals};

/// The user of every token's Basic credentials; no key can be called so.
pub const USER: &str = "session";
const REMEMBERED_MAX: usize = 20_000;
/// A secret is 32 bytes in base64; nothing longer is one.
const SECRET_BYTES_MAX: usize = 64;

/// What a POST to a fetch URL comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fetched {
    /// `user:password`, to be given in base64.
    Token(String),
    /// It was used before, replaced by another, or its session has ended (error code 1).
    UsedOrExpired,
    /// Nobody made such a URL (error code 2).
    Unknown,
}

/// For whom a secret was made.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Grant {
    tenant: u32,
    session: String,
    /// Name of the key that asked for it.
    credential: String,
    /// That key's authority becomes that of the token's statements.
    authority: String,
}

/// Tokens that were looked up before: what a token is for never changes.
pub struct Tokens(Mutex<LruCache<Vec<u8>, Arc<Held>>>);

/// What a token stands for.
struct Held {
    tenant: Tenant,
    session: String,
    credential: Arc<Credential>,
}

impl Default for Tokens {
    fn default() -> Self {
        let size = NonZeroUsize::new(REMEMBERED_MAX).expect("the constant is above 0");
        Self(Mutex::new(LruCache::new(size)))
    }
}

/// Makes a fetch URL's secret. One that was made before and not used stops working.
///
/// # Errors
/// [`Error::Forbidden`] for an AU, [`Error::NotFound`] for an unknown session, [`Error::Conflict`] when it has ended,
/// has no launch data, or its token was fetched.
pub async fn ask(lrs: &Lrs, caller: &Caller, session: &str) -> Result<String, Error> {
    caller.needs_to_run_sessions()?;
    let tenant = caller.tenant();
    let url = FetchUrl::new(caller, session);
    let conflict = |message: &str| Error::Conflict {
        message: message.to_owned(),
        violations: Vec::new(),
    };
    let turn = QueueKey::Record(tenant, keys::session(session));
    decide_and_commit(lrs, vec![turn], || {
        let known = sessions::read(lrs, tenant, session)?
            .ok_or(Error::NotFound("there is no such session"))?;
        if known.session.state.has_ended() {
            return Err(conflict("the session has ended"));
        }
        if !known.launch.has_document {
            return Err(conflict(
                "the session has no launch data: write the State document `LMS.LaunchData` first",
            ));
        }
        if known.session.fetch == Fetch::Used {
            return Err(conflict("the session's token has been fetched already"));
        }
        let next = Session {
            fetch: url.fetch(),
            ..known.session.clone()
        };
        Ok(Decision {
            batch: Some(Batch {
                tenant,
                asserts: vec![version(&known)],
                ops: vec![put(keys::session(session), &next), url.put()],
            }),
            answer: (),
        })
    })
    .await?;
    Ok(url.secret())
}

/// A fetch URL in the making, for a session's next token.
pub(crate) struct FetchUrl {
    tenant: Tenant,
    random: String,
    grant: Grant,
}

impl FetchUrl {
    /// The caller's name and authority become those of the token.
    pub(crate) fn new(caller: &Caller, session: &str) -> Self {
        let tenant = caller.tenant();
        Self {
            tenant,
            random: random(),
            grant: Grant {
                tenant: tenant.0,
                session: session.to_owned(),
                credential: caller.credential.name.clone(),
                authority: caller.credential.authority.clone(),
            },
        }
    }

    /// What the URL ends with. Who follows it belongs to no tenant yet.
    pub(crate) fn secret(&self) -> String {
        format!("{}.{}", self.tenant.0, self.random)
    }

    /// What the session remembers of it.
    pub(crate) fn fetch(&self) -> Fetch {
        let key = keys::secret(RecordKind::Fetch, &self.random);
        Fetch::Open(hex::encode(&key.key))
    }

    pub(crate) fn put(&self) -> Op {
        let key = keys::secret(RecordKind::Fetch, &self.random);
        put(key, &self.grant)
    }
}

/// Gives the token out, once.
///
/// # Errors
/// When the store cannot be read or written.
pub async fn fetch(lrs: &Lrs, url_secret: &str) -> Result<Fetched, Error> {
    let Some((tenant, secret)) = parts(url_secret) else {
        return Ok(Fetched::Unknown);
    };
    let key = keys::secret(RecordKind::Fetch, secret);
    let Some(grant) = read_grant(lrs, tenant, &key)? else {
        return Ok(Fetched::Unknown);
    };
    let token = format!("{}.{}", tenant.0, random());
    let token_key = keys::secret(
        RecordKind::Token,
        parts(&token).map_or("", |(_, secret)| secret),
    );
    let session = grant.session.as_str();
    let turn = QueueKey::Record(tenant, keys::session(session));
    let (fetched, _) = decide_and_commit(lrs, vec![turn], || {
        let known = sessions::read(lrs, tenant, session)?;
        let open = known.filter(|known| {
            !known.session.state.has_ended()
                && known.session.fetch == Fetch::Open(hex::encode(&key.key))
        });
        let Some(known) = open else {
            return Ok(Decision {
                batch: None,
                answer: Fetched::UsedOrExpired,
            });
        };
        let next = Session {
            fetch: Fetch::Used,
            ..known.session.clone()
        };
        let mut ops = vec![
            put(keys::session(session), &next),
            put(token_key.clone(), &grant),
        ];
        Event::of_session(Kind::Fetched, lrs.now(), &known.launch, None).write(&mut ops);
        Ok(Decision {
            batch: Some(Batch {
                tenant,
                asserts: vec![version(&known)],
                ops,
            }),
            answer: Fetched::Token(format!("{USER}:{token}")),
        })
    })
    .await?;
    Ok(fetched)
}

/// A token's credential and its session.
pub type Bearer = (Arc<Credential>, Arc<SessionOfToken>);

/// Whose token it is. `None`: nobody's.
///
/// # Errors
/// When the store cannot be read.
pub fn authenticate(lrs: &Lrs, user: &str, password: &str) -> Result<Option<Bearer>, Error> {
    let Some((tenant, secret)) = parts(password).filter(|_| user == USER) else {
        return Ok(None);
    };
    let key = keys::secret(RecordKind::Token, secret);
    let remembered = lrs.tokens.0.lock().get(&key.key).cloned();
    let held = match remembered {
        Some(held) => held,
        None => {
            let Some(grant) = read_grant(lrs, tenant, &key)? else {
                return Ok(None);
            };
            let held = Arc::new(Held {
                tenant: Tenant(grant.tenant),
                credential: Arc::new(credential(&grant, tenant)),
                session: grant.session,
            });
            lrs.tokens.0.lock().put(key.key, Arc::clone(&held));
            held
        }
    };
    if held.tenant != tenant {
        return Ok(None);
    }
    let id = held.session.clone();
    let known = sessions::read(lrs, tenant, &id)?
        .ok_or_else(|| Error::damaged("session", &id, "a token without its session"))?;
    let session = SessionOfToken { id, known };
    Ok(Some((Arc::clone(&held.credential), Arc::new(session))))
}

/// What a token may do is said by its session (`access`); its scopes open the resources on which that is judged.
fn credential(grant: &Grant, tenant: Tenant) -> Credential {
    Credential {
        key: USER.to_owned(),
        name: grant.credential.clone(),
        tenant,
        role: Role::Au,
        scopes: Scopes::of(&[Scope::All]),
        assume_version: None,
        authority: grant.authority.clone(),
        secrets: Vec::new(),
        created: 0,
        revoked: None,
    }
}

/// What a request by a token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    WriteStatements,
    Other,
}

/// Refuses a token whose session has ended (8.1.2.0-2); within the grace after `terminated` it still writes statements.
///
/// # Errors
/// [`Error::Forbidden`].
pub fn is_open(lrs: &Lrs, caller: &Caller, purpose: Purpose) -> Result<(), Error> {
    let Some(token) = &caller.session else {
        return Ok(());
    };
    let grace = policies::of(lrs, caller.tenant())?.terminated_grace_seconds;
    match (token.admits(lrs.now(), grace), purpose) {
        (Admits::Everything, _) | (Admits::Statements, Purpose::WriteStatements) => Ok(()),
        (Admits::Statements, Purpose::Other) | (Admits::Nothing, _) => {
            let violation = Violation::new(
                rule::TOKEN_OF_OPEN_SESSION.id,
                "Authorization",
                "the token of a session that has not ended",
                format!("the session is {}", token.known.session.state.as_str()),
            );
            Err(refusals::deny(lrs, caller, violation))
        }
    }
}

fn version(known: &Known) -> Assert {
    Assert::RecordVersion(keys::session(&known.launch.session), known.session_version)
}

fn read_grant(
    lrs: &Lrs,
    tenant: Tenant,
    key: &storage::batch::RecordKey,
) -> Result<Option<Grant>, Error> {
    let found = records(lrs, tenant, &[FactKey::Record(key.clone())])?;
    match found.into_iter().next().flatten() {
        None => Ok(None),
        Some(record) => decode(&record, "token", &hex::encode(&key.key)).map(Some),
    }
}

/// Tenant and secret.
fn parts(text: &str) -> Option<(Tenant, &str)> {
    let (tenant, secret) = text.split_once('.')?;
    if secret.is_empty() || secret.len() > SECRET_BYTES_MAX {
        return None;
    }
    Some((Tenant(tenant.parse().ok()?), secret))
}

fn random() -> String {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    URL_SAFE_NO_PAD.encode(bytes)
}
