//! A credential as it stands in the store: JSON with a number for its shape. Kept apart from [`Credential`], so
//! that the type can change and the bytes on disk cannot by accident.

use serde::{Deserialize, Serialize};
use storage::Tenant;
use xapi::Version;

use super::{Credential, Role, Scope, Scopes, SecretHash};

const SHAPE: u32 = 1;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    shape: u32,
    key: String,
    name: String,
    tenant: u32,
    role: String,
    scopes: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    assume_version: Option<String>,
    authority: String,
    secrets: Vec<Secret>,
    created: u64,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    revoked: Option<u64>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Secret {
    phc: String,
    created: u64,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    expires: Option<u64>,
}

pub(super) fn encode(credential: &Credential) -> Vec<u8> {
    let record = Record {
        shape: SHAPE,
        key: credential.key.clone(),
        name: credential.name.clone(),
        tenant: credential.tenant.0,
        role: credential.role.as_str().to_owned(),
        scopes: credential
            .scopes
            .iter()
            .map(|scope| scope.as_str().to_owned())
            .collect(),
        assume_version: credential
            .assume_version
            .map(|version| version.announced().to_owned()),
        authority: credential.authority.clone(),
        secrets: credential
            .secrets
            .iter()
            .map(|secret| Secret {
                phc: secret.phc().to_owned(),
                created: secret.created,
                expires: secret.expires,
            })
            .collect(),
        created: credential.created,
        revoked: credential.revoked,
    };
    serde_json::to_vec(&record).expect("strings and numbers always serialise")
}

/// What is wrong with the record, without any of its content.
pub(super) fn decode(bytes: &[u8]) -> Result<Credential, String> {
    let record: Record = serde_json::from_slice(bytes)
        .map_err(|e| format!("not a credential record (column {})", e.column()))?;
    if record.shape != SHAPE {
        return Err(format!(
            "shape {} of a newer version of tessera",
            record.shape
        ));
    }
    let mut scopes = Vec::with_capacity(record.scopes.len());
    for name in &record.scopes {
        scopes.push(Scope::parse(name).ok_or_else(|| format!("unknown scope `{name}`"))?);
    }
    let assume_version = match &record.assume_version {
        None => None,
        Some(text) => {
            Some(Version::parse(text).ok_or_else(|| format!("unknown version `{text}`"))?)
        }
    };
    Ok(Credential {
        role: Role::parse(&record.role).ok_or_else(|| format!("unknown role `{}`", record.role))?,
        key: record.key,
        name: record.name,
        tenant: Tenant(record.tenant),
        scopes: Scopes::of(&scopes),
        assume_version,
        authority: record.authority,
        secrets: record
            .secrets
            .into_iter()
            .map(|secret| SecretHash::from_phc(secret.phc, secret.created, secret.expires))
            .collect(),
        created: record.created,
        revoked: record.revoked,
    })
}
