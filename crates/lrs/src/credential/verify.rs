//! Checks what a request brings. A secret costs argon2id once; then a keyed hash of user and secret in memory
//! answers in under a microsecond, until its time is over or any credential changes.

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use lru::LruCache;
use parking_lot::Mutex;
use sha2::Sha256;
use storage::batch::{RecordKey, RecordKind};
use storage::{Clock, Fact, FactKey, Store, Tenant};
use tokio::sync::Semaphore;

use super::secret::{SecretHash, random};
use super::{Credential, record};

/// The tenant of what belongs to the whole server.
pub(super) const SERVER: Tenant = Tenant(0);

/// Longer ones are nobody's: keys are at most 128 bytes, given secrets at most 512.
const USER_BYTES_MAX: usize = 128;
const PASSWORD_BYTES_MAX: usize = 512;

/// All credentials of the server, in the store and checked in memory.
pub struct Credentials {
    pub(super) store: Arc<Store>,
    pub(super) clock: Clock,
    settings: Settings,
    /// Keyed with randomness of this process, so that nobody can aim at the cache's buckets, and memory holds no
    /// hash that could be attacked elsewhere.
    mac: Hmac<Sha256>,
    cache: Mutex<Cache>,
    /// Counts changes of credentials by this process. What was checked in another epoch is not believed.
    epoch: AtomicU64,
    checks: Arc<Semaphore>,
}

/// What the configuration sets for checking secrets.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How long a right secret is believed: a change by another node takes effect after this time.
    pub cache: Duration,
    pub cache_entries_max: NonZeroUsize,
    /// How long a wrong secret is refused without looking again.
    pub refused: Duration,
    /// Secrets that are hashed at one time.
    pub checks_max: usize,
    /// How long a request waits for its turn to be hashed.
    pub wait: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            cache: Duration::from_secs(30),
            cache_entries_max: NonZeroUsize::new(10_000).expect("it is not zero"),
            refused: Duration::from_secs(5),
            checks_max: 2,
            wait: Duration::from_secs(10),
        }
    }
}

/// Why a request is not let in.
#[derive(Debug)]
pub enum Refused {
    /// No such key, another secret, a secret that has run out, or a revoked key: the caller is not told which.
    Unknown,
    /// Too many secrets wait to be hashed: try again.
    Overloaded,
    /// We failed.
    Failed(storage::Error),
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refused::Unknown => f.write_str("no such key and secret"),
            Refused::Overloaded => f.write_str("too many secrets wait to be checked"),
            Refused::Failed(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Refused {}

type Digest = [u8; 32];

/// Right and wrong secrets apart, so that a flood of wrong ones does not drive the right ones out.
struct Cache {
    right: LruCache<Digest, Span<Arc<Credential>>>,
    wrong: LruCache<Digest, Span<()>>,
}

/// Something that was true in one epoch and is believed from one time to another (microseconds since 1970; a
/// clock that was set back ends it).
struct Span<T> {
    what: T,
    epoch: u64,
    from: u64,
    until: u64,
}

impl<T> Span<T> {
    fn holds(&self, epoch: u64, now: u64) -> bool {
        self.epoch == epoch && (self.from..self.until).contains(&now)
    }
}

impl Credentials {
    #[must_use]
    pub fn new(store: Arc<Store>, settings: Settings, clock: Clock) -> Self {
        Self {
            store,
            clock,
            mac: Hmac::new_from_slice(&random::<32>()).expect("HMAC takes keys of any length"),
            cache: Mutex::new(Cache {
                right: LruCache::new(settings.cache_entries_max),
                wrong: LruCache::new(settings.cache_entries_max),
            }),
            epoch: AtomicU64::new(0),
            checks: Arc::new(Semaphore::new(settings.checks_max.max(1))),
            settings,
        }
    }

    /// The clock that everything of the server goes by.
    #[must_use]
    pub fn clock(&self) -> Clock {
        self.clock.clone()
    }

    /// The credential to which this user and password belong. An unknown key takes as long as a wrong secret.
    ///
    /// # Errors
    /// [`Refused`].
    pub async fn authenticate(
        &self,
        user: &str,
        password: &str,
    ) -> Result<Arc<Credential>, Refused> {
        if user.len() > USER_BYTES_MAX || password.len() > PASSWORD_BYTES_MAX {
            return Err(Refused::Unknown);
        }
        let digest = self.digest(user, password);
        if let Some(answer) = self.recall(&digest) {
            return answer;
        }
        let turn =
            tokio::time::timeout(self.settings.wait, Arc::clone(&self.checks).acquire_owned());
        let Ok(Ok(turn)) = turn.await else {
            return Err(Refused::Overloaded);
        };
        // A client opens many connections at once: the first of them has been checked while the others waited.
        if let Some(answer) = self.recall(&digest) {
            return answer;
        }
        let epoch = self.epoch.load(Ordering::SeqCst);
        let found = self
            .read(user)
            .map_err(Refused::Failed)?
            .map(|(credential, _)| credential);
        let candidates = candidates(found.as_ref(), self.clock.now());
        let password = password.to_owned();
        let hashing = tokio::task::spawn_blocking(move || {
            let matched = candidates
                .into_iter()
                .find(|secret| secret.matches(&password));
            drop(turn);
            matched
        });
        // It ends without an answer only when the runtime is being shut down.
        let matched = hashing.await.map_err(|_| Refused::Overloaded)?;
        match (found, matched) {
            (Some(credential), Some(secret)) => {
                Ok(self.remember(digest, epoch, Arc::new(credential), &secret))
            }
            (Some(_) | None, _) => {
                self.remember_wrong(digest, epoch);
                Err(Refused::Unknown)
            }
        }
    }

    /// What `tokio` is not needed for: whether the store has this key with this secret now.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn accepts(&self, key: &str, secret: &str) -> Result<bool, storage::Error> {
        let found = self.read(key)?.map(|(credential, _)| credential);
        let candidates = candidates(found.as_ref(), self.clock.now());
        Ok(candidates
            .into_iter()
            .any(|candidate| candidate.matches(secret)))
    }

    /// The stored credential and the version of its record.
    pub(super) fn read(&self, key: &str) -> Result<Option<(Credential, u64)>, storage::Error> {
        let facts = self
            .store
            .facts(SERVER, &[FactKey::Record(record_key(key))])?;
        match facts.into_iter().next() {
            Some(Fact::Record(Some(found))) => {
                Ok(Some((decode(key, &found.value)?, found.version)))
            }
            Some(Fact::Record(None) | Fact::Statement(_) | Fact::Document(_) | Fact::Blob(_))
            | None => Ok(None),
        }
    }

    /// Nothing that was checked before is believed any more.
    pub(super) fn forget(&self) {
        self.epoch.fetch_add(1, Ordering::SeqCst);
        let mut cache = self.cache.lock();
        cache.right.clear();
        cache.wrong.clear();
    }

    fn digest(&self, user: &str, password: &str) -> Digest {
        let mut mac = self.mac.clone();
        // The length keeps `a` + `b:c` and `a:b` + `c` apart.
        mac.update(&(user.len() as u64).to_be_bytes());
        mac.update(user.as_bytes());
        mac.update(password.as_bytes());
        mac.finalize().into_bytes().into()
    }

    fn recall(&self, digest: &Digest) -> Option<Result<Arc<Credential>, Refused>> {
        let now = self.clock.now();
        let epoch = self.epoch.load(Ordering::SeqCst);
        let mut cache = self.cache.lock();
        if let Some(span) = cache.right.get(digest)
            && span.holds(epoch, now)
        {
            return Some(Ok(Arc::clone(&span.what)));
        }
        let wrong = cache
            .wrong
            .get(digest)
            .is_some_and(|span| span.holds(epoch, now));
        wrong.then_some(Err(Refused::Unknown))
    }

    fn remember(
        &self,
        digest: Digest,
        epoch: u64,
        credential: Arc<Credential>,
        secret: &SecretHash,
    ) -> Arc<Credential> {
        let from = self.clock.now();
        let until = from.saturating_add(micros(self.settings.cache));
        let span = Span {
            what: Arc::clone(&credential),
            epoch,
            from,
            until: secret.expires.map_or(until, |expires| until.min(expires)),
        };
        self.cache.lock().right.put(digest, span);
        credential
    }

    fn remember_wrong(&self, digest: Digest, epoch: u64) {
        let from = self.clock.now();
        let span = Span {
            what: (),
            epoch,
            from,
            until: from.saturating_add(micros(self.settings.refused)),
        };
        self.cache.lock().wrong.put(digest, span);
    }
}

/// The secrets to compare with; one that nothing matches when there is none, so that it takes the same time.
fn candidates(credential: Option<&Credential>, now: u64) -> Vec<SecretHash> {
    let valid: Vec<SecretHash> = credential
        .filter(|credential| credential.revoked.is_none())
        .map(|credential| {
            credential
                .secrets
                .iter()
                .filter(|secret| secret.is_valid(now))
                .cloned()
                .collect()
        })
        .unwrap_or_default();
    if valid.is_empty() {
        vec![SecretHash::nobodys()]
    } else {
        valid
    }
}

pub(super) fn record_key(key: &str) -> RecordKey {
    RecordKey {
        kind: RecordKind::Credential,
        key: key.as_bytes().to_vec(),
    }
}

pub(super) fn decode(key: &str, value: &[u8]) -> Result<Credential, storage::Error> {
    record::decode(value).map_err(|detail| storage::Error::Corrupt {
        family: "credential",
        key: hex::encode(key),
        detail,
    })
}

pub(super) fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
