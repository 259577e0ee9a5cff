//! Keys of the records of sessions, and the terms by which their rows are found.

use cmi5::launch_data::SESSION_ID_BYTES_MAX;
use cmi5::{Launch, State};
use sha2::{Digest, Sha256};
use storage::Term;
use storage::batch::{RecordKey, RecordKind};
use storage::row::Table;
use uuid::Uuid;

/// Whether a text can be a session's id here.
#[must_use]
pub fn is_usable(id: &str) -> bool {
    (1..=SESSION_ID_BYTES_MAX).contains(&id.len())
}

#[must_use]
pub fn session(id: &str) -> RecordKey {
    of(RecordKind::Session, id.as_bytes())
}

#[must_use]
pub fn launch(id: &str) -> RecordKey {
    of(RecordKind::Launch, id.as_bytes())
}

#[must_use]
pub fn touch(id: &str) -> RecordKey {
    of(RecordKind::Touch, &[b"session/", id.as_bytes()].concat())
}

/// Timers lie in the order of the activity by which they were armed.
#[must_use]
pub fn timer(armed: u64, id: &str) -> RecordKey {
    let mut key = armed.to_be_bytes().to_vec();
    key.extend(id.as_bytes());
    of(RecordKind::Timer, &key)
}

/// The newest launch of a registration.
#[must_use]
pub fn registration(id: Uuid) -> RecordKey {
    of(RecordKind::Registration, id.as_bytes())
}

/// What one learner has reached in one AU; below the key of its registration.
#[must_use]
pub fn au_registration(registration: Uuid, actor: &str, activity: &str) -> RecordKey {
    let mut hash = Sha256::new();
    hash.update((actor.len() as u64).to_be_bytes());
    hash.update(actor);
    hash.update(activity);
    let mut key = registration.as_bytes().to_vec();
    key.extend(hash.finalize().iter().take(16));
    of(RecordKind::Registration, &key)
}

/// The registration of [`au_registration`].
#[must_use]
pub fn registration_of(key: &RecordKey) -> Option<Uuid> {
    let (id, _) = key.key.split_first_chunk::<16>()?;
    Some(Uuid::from_bytes(*id))
}

/// What belongs to a secret: its SHA-256 is the key. Secrets have 256 bits of randomness, which no hash gives away.
#[must_use]
pub fn secret(kind: RecordKind, secret: &str) -> RecordKey {
    of(kind, &Sha256::digest(secret))
}

/// The place of a session in the list of sessions is taken.
#[must_use]
pub fn row(place: u64) -> RecordKey {
    let mut key = b"session-row/".to_vec();
    key.extend(place.to_be_bytes());
    of(RecordKind::Setting, &key)
}

/// What a session's row is found by.
#[must_use]
pub fn row_terms(launch: &Launch, state: State) -> Vec<Term> {
    let term = |name, value: &[u8]| Term::row(Table::Session, name, value);
    let mut terms = vec![
        term("registration", launch.registration.as_bytes()),
        term("actor", launch.actor.as_bytes()),
        term("activity", launch.activity.as_bytes()),
        term("state", state.as_str().as_bytes()),
    ];
    terms.sort_unstable();
    terms
}

fn of(kind: RecordKind, key: &[u8]) -> RecordKey {
    RecordKey {
        kind,
        key: key.to_vec(),
    }
}
