//! Files of a course, at paths that a launch signs: whoever was launched can read them, for as long as the session is
//! open and at least a day, and nobody finds them by counting.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use storage::{FactKey, Tenant};
use uuid::Uuid;

use super::keys;
use super::records::{CourseFile, LaunchedSession};
use crate::sessions::{self, decode, records};
use crate::{Error, Lrs};

/// How long a path is good for, whatever becomes of its session.
const SECONDS_MIN: i64 = 24 * 60 * 60;
const SIGNATURE_BYTES: usize = 12;
/// Tenant, session, and the second until which it is good for certain.
const CLAIM_BYTES: usize = 4 + 16 + 8;
const LABEL: &str = "course content";

/// The first segment of the paths of a session's files. `now`: microseconds since 1970.
pub(super) fn sign(lrs: &Lrs, tenant: Tenant, session: &str, now: i64) -> String {
    let session = Uuid::parse_str(session).unwrap_or_default();
    let until = now / 1_000_000 + SECONDS_MIN;
    let mut claim = tenant.0.to_be_bytes().to_vec();
    claim.extend(session.as_bytes());
    claim.extend(until.to_be_bytes());
    let signature = mac(lrs, &claim).finalize().into_bytes();
    claim.extend(signature.iter().take(SIGNATURE_BYTES));
    URL_SAFE_NO_PAD.encode(claim)
}

/// A file to be served.
pub struct File {
    pub file: CourseFile,
    pub blob: storage::rocksdb::Blob,
}

/// The file at a path below a signed segment. `None`: there is none, or the segment is not ours, or no longer good.
///
/// # Errors
/// When the store cannot be read.
pub fn find(lrs: &Lrs, segment: &str, path: &str) -> Result<Option<File>, Error> {
    let Some((tenant, session)) = open(lrs, segment)? else {
        return Ok(None);
    };
    let wanted = FactKey::Record(keys::launched_session(&session));
    let found = records(lrs, tenant, &[wanted])?
        .into_iter()
        .next()
        .flatten();
    let Some(record) = found else {
        return Ok(None);
    };
    let beside: LaunchedSession = decode(&record, "launched session", &session)?;
    if super::courses::find(lrs, tenant, beside.course)?.is_none() {
        return Ok(None);
    }
    super::courses::file(lrs, tenant, beside.course, path)
}

fn mac(lrs: &Lrs, claim: &[u8]) -> Hmac<Sha256> {
    let key = lrs.cursors.derive(LABEL);
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("HMAC takes keys of any length");
    mac.update(claim);
    mac
}

/// Tenant and session of a signed segment that is still good.
fn open(lrs: &Lrs, segment: &str) -> Result<Option<(Tenant, String)>, Error> {
    let Some(bytes) = URL_SAFE_NO_PAD.decode(segment).ok() else {
        return Ok(None);
    };
    let Some((claim, signature)) = bytes.split_at_checked(CLAIM_BYTES) else {
        return Ok(None);
    };
    let is_ours = mac(lrs, claim).verify_truncated_left(signature).is_ok();
    if signature.len() != SIGNATURE_BYTES || !is_ours {
        return Ok(None);
    }
    let mut parts = claim.iter().copied();
    let mut take = |count: usize| -> Vec<u8> { parts.by_ref().take(count).collect() };
    let (tenant, session, until) = (take(4), take(16), take(8));
    let tenant = Tenant(tenant.try_into().map_or(0, u32::from_be_bytes));
    let session = Uuid::from_slice(&session).unwrap_or_default().to_string();
    let until = until.try_into().map_or(0, i64::from_be_bytes);
    let is_fresh = lrs.now() / 1_000_000 < until;
    let is_open = || {
        let known = sessions::read(lrs, tenant, &session)?;
        Ok::<_, Error>(known.is_some_and(|known| !known.session.state.has_ended()))
    };
    Ok((is_fresh || is_open()?).then_some((tenant, session)))
}
