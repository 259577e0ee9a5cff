//! Tokens of launch tenants: what an LMS calls the player API with. A token counts while its record is there, its time
//! is not over, and its tenant is there, all of which is asked at every request.

#[cfg(test)]
mod tests;

use std::num::NonZeroU32;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use storage::batch::{RecordKey, RecordKind};
use storage::fact::Record;
use storage::{Assert, Batch, FactKey, Op, Tenant};
use uuid::Uuid;
use xapi::{Version, Violation};

pub use super::jwt::Signer;

use super::jwt::Claims;
use super::numbers::SERVER;
use super::tenants::{self, LaunchTenant};
use super::{Owner, Page, keys};
use crate::commit::{Decision, decide_and_commit};
use crate::credential::{Credential, Permission, Role, Scope, Scopes};
use crate::reports::Part;
use crate::reports::link::{Filters, rows_max};
use crate::sessions::{decode, put, records};
use crate::{Caller, Error, Lrs, requirement};

const AUDIENCE_BYTES_MAX: usize = 255;
const MICROS: i64 = 1_000_000;
/// Records removed in one commit.
const REMOVED_AT_ONCE: usize = 500;

/// What the configuration sets for tokens.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// No token counts for longer. `None`: each as long as whoever asks for it says, or else for ever.
    pub lifetime_seconds: Option<NonZeroU32>,
}

/// A token as it stands in the store, which has no need of the token itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// `jti` of the token. In the order of making.
    pub id: Uuid,
    pub audience: String,
    /// Name of the key that asked for it.
    pub made_by: String,
    /// Microseconds since 1970.
    pub created_at: i64,
    /// Microseconds since 1970; a whole second.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub expires_at: Option<i64>,
}

/// A new token, which nobody will be able to see again.
#[derive(Clone, PartialEq, Eq)]
pub struct Issued {
    pub jwt: String,
    pub token: Token,
}

/// Makes a token for a launch tenant of the caller's store tenant. It ends after the configured lifetime, or after
/// `expires_in_seconds` when that is sooner.
///
/// # Errors
/// [`Error::Forbidden`] without the scope `admin`, [`Error::NotFound`] for an unknown launch tenant,
/// [`Error::Violations`] for an audience that is none.
pub async fn issue(
    lrs: &Lrs,
    caller: &Caller,
    launch_tenant: u64,
    audience: &str,
    expires_in_seconds: Option<NonZeroU32>,
) -> Result<Issued, Error> {
    caller.needs(Permission::Administer)?;
    check_audience(audience)?;
    let now = lrs.now();
    let issued = now.div_euclid(MICROS);
    let lifetime = lrs.settings.launch_tokens.lifetime_seconds;
    let expires = [lifetime, expires_in_seconds]
        .into_iter()
        .flatten()
        .min()
        .map(|seconds| issued + i64::from(seconds.get()));
    let token = Token {
        id: new_id(now),
        audience: audience.to_owned(),
        made_by: caller.credential.name.clone(),
        created_at: now,
        expires_at: expires.map(|seconds| seconds * MICROS),
    };
    decide_and_commit(lrs, Vec::new(), || {
        let (version, _) = tenants::versioned(lrs, caller, launch_tenant)?;
        Ok(Decision {
            batch: Some(Batch {
                tenant: SERVER,
                // Or a token would come to be below a tenant that is being deleted.
                asserts: vec![Assert::RecordVersion(
                    keys::launch_tenant(launch_tenant),
                    version,
                )],
                ops: vec![put(keys::launch_token(launch_tenant, token.id), &token)],
            }),
            answer: (),
        })
    })
    .await?;
    let claims = Claims::new(launch_tenant, token.id, audience, issued, expires);
    let jwt = lrs.launch_tokens.sign(&claims);
    Ok(Issued { jwt, token })
}

/// Ends a token. One that is unknown counts as ended.
///
/// # Errors
/// [`Error::Forbidden`] without the scope `admin`, [`Error::NotFound`] for an unknown launch tenant.
pub async fn revoke(
    lrs: &Lrs,
    caller: &Caller,
    launch_tenant: u64,
    token: Uuid,
) -> Result<(), Error> {
    tenants::get(lrs, caller, launch_tenant)?;
    remove(lrs, vec![keys::launch_token(launch_tenant, token)]).await
}

/// The tokens of a launch tenant of the caller's store tenant.
///
/// # Errors
/// [`Error::Forbidden`] without the scope `admin`, [`Error::NotFound`] for an unknown launch tenant,
/// [`Error::Violations`] for a cursor of another list.
pub fn list(
    lrs: &Lrs,
    caller: &Caller,
    launch_tenant: u64,
    part: &Part,
) -> Result<Page<Token>, Error> {
    tenants::get(lrs, caller, launch_tenant)?;
    let filters =
        Filters::of("launch-tokens").and("launch-tenant", Some(&launch_tenant.to_string()));
    let after = filters.key(lrs, part)?;
    let rows_max = rows_max(lrs, part);
    let found = page(lrs, &keys::launch_tokens(launch_tenant), after, rows_max)?;
    let more = (found.len() == rows_max)
        .then(|| found.last())
        .flatten()
        .map(|(key, _)| filters.more_behind(lrs, &key.key));
    let tokens = found
        .iter()
        .map(|(key, record)| decode(record, "launch token", &hex::encode(&key.key)));
    Ok(Page {
        entries: tokens.collect::<Result<_, _>>()?,
        more,
    })
}

/// For whom whoever sends this token works. `None`: it is no token that counts. Two point reads.
///
/// # Errors
/// When the store cannot be read.
pub fn authenticate(lrs: &Lrs, jwt: &str) -> Result<Option<Owner>, Error> {
    let Some(claims) = lrs.launch_tokens.open(jwt) else {
        return Ok(None);
    };
    let wanted = [
        FactKey::Record(keys::launch_tenant(claims.sub)),
        FactKey::Record(keys::launch_token(claims.sub, claims.jti)),
    ];
    let mut found = records(lrs, SERVER, &wanted)?.into_iter();
    let (Some(tenant), Some(token)) = (found.next().flatten(), found.next().flatten()) else {
        return Ok(None);
    };
    let tenant: LaunchTenant = decode(&tenant, "launch tenant", &claims.sub.to_string())?;
    let token: Token = decode(&token, "launch token", &claims.jti.to_string())?;
    if tenant.deleted || has_expired(&token, lrs.now()) {
        return Ok(None);
    }
    Ok(Some(owner(&tenant)))
}

/// What stands for a launch tenant.
pub(super) fn owner(tenant: &LaunchTenant) -> Owner {
    Owner {
        caller: Caller {
            credential: Arc::new(credential(tenant)),
            version: Version::V1_0_3,
            session: None,
        },
        launch_tenant: Some(tenant.number),
    }
}

/// Removes the records of tokens whose time is over. Answers how many.
///
/// # Errors
/// When the store cannot be read or written.
pub async fn sweep(lrs: &Lrs) -> Result<usize, Error> {
    let (mut removed, mut after) = (0, None);
    loop {
        let found = page(lrs, b"", after, REMOVED_AT_ONCE)?;
        let Some((last, _)) = found.last() else {
            return Ok(removed);
        };
        after = Some(last.key.clone());
        let mut expired = Vec::new();
        for (key, record) in found {
            let token: Token = decode(&record, "launch token", &hex::encode(&key.key))?;
            if has_expired(&token, lrs.now()) {
                expired.push(key);
            }
        }
        removed += expired.len();
        remove(lrs, expired).await?;
    }
}

/// Removes all tokens of a launch tenant that has been deleted.
pub(super) async fn remove_all(lrs: &Lrs, launch_tenant: u64) -> Result<(), Error> {
    loop {
        let found = page(
            lrs,
            &keys::launch_tokens(launch_tenant),
            None,
            REMOVED_AT_ONCE,
        )?;
        if found.is_empty() {
            return Ok(());
        }
        remove(lrs, found.into_iter().map(|(key, _)| key).collect()).await?;
    }
}

fn page(
    lrs: &Lrs,
    prefix: &[u8],
    after: Option<Vec<u8>>,
    rows_max: usize,
) -> Result<Vec<(RecordKey, Record)>, Error> {
    let kind = RecordKind::LaunchToken;
    let store = &lrs.store;
    Ok(store.records_page(SERVER, kind, prefix, after.as_deref(), rows_max)?)
}

async fn remove(lrs: &Lrs, keys: Vec<RecordKey>) -> Result<(), Error> {
    let ops: Vec<Op> = keys.into_iter().map(Op::DeleteRecord).collect();
    decide_and_commit(lrs, Vec::new(), || {
        let batch = Batch {
            tenant: SERVER,
            asserts: Vec::new(),
            ops: ops.clone(),
        };
        Ok(Decision {
            batch: (!ops.is_empty()).then_some(batch),
            answer: (),
        })
    })
    .await?;
    Ok(())
}

fn has_expired(token: &Token, now: i64) -> bool {
    token.expires_at.is_some_and(|at| at <= now)
}

/// What a launch tenant's tokens may do: what an LMS does, and no more than that.
fn credential(tenant: &LaunchTenant) -> Credential {
    Credential {
        // No key has blanks.
        key: format!("launch tenant {}", tenant.number),
        name: format!("launch tenant {}", tenant.code),
        tenant: Tenant(tenant.tenant),
        role: Role::Lms,
        scopes: Scopes::of(&[Scope::All]),
        assume_version: None,
        authority: tenant.authority.clone(),
        secrets: Vec::new(),
        created: u64::try_from(tenant.created_at).unwrap_or(0),
        revoked: None,
    }
}

/// A UUID of version 7: ids lie in the order of making, to the microsecond.
fn new_id(now: i64) -> Uuid {
    let micros = u64::try_from(now).unwrap_or(0);
    let mut rest = [0; 10];
    getrandom::fill(&mut rest).expect("the operating system gives random bytes");
    // RFC 9562 section 6.2, method 3: the 12 bits behind the milliseconds are a fraction of one.
    let [.., high, low] = (micros % 1_000 * 4_096 / 1_000).to_be_bytes();
    [rest[0], rest[1]] = [high, low];
    uuid::Builder::from_unix_timestamp_millis(micros / 1_000, &rest).into_uuid()
}

fn check_audience(audience: &str) -> Result<(), Error> {
    if (1..=AUDIENCE_BYTES_MAX).contains(&audience.len()) {
        return Ok(());
    }
    Err(Violation::new(
        requirement::LAUNCH,
        "/audience",
        format!("1 to {AUDIENCE_BYTES_MAX} bytes of text"),
        audience,
    )
    .into())
}
