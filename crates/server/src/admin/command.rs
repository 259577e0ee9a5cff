//! Does what a command asks, for whoever has the store open. Blocks.

use std::num::NonZeroU32;
use std::path::Path;
use std::time::{Duration, Instant};

use lrs::credential::{Credential, Generated, KeyError, New, Role, Scope, Scopes};
use lrs::{Lrs, reports};
use storage::Tenant;
use xapi::Version;

use super::{Answer, BackedUp, Command, ListedKey, Report};

/// Answers a command. `authority_home_page` is that of keys made now.
#[must_use]
pub fn execute(lrs: &Lrs, authority_home_page: &str, command: Command) -> Answer {
    let credentials = &lrs.credentials;
    let outcome = match command {
        Command::KeyAdd {
            name,
            role,
            scopes,
            assume_version,
        } => new(
            name,
            &role,
            &scopes,
            assume_version.as_deref(),
            authority_home_page,
        )
        .and_then(|new| credentials.add(&new).map_err(said))
        .map(secret),
        Command::KeyList {} => credentials
            .list()
            .map(|all| Answer::Keys {
                keys: all.iter().map(listed).collect(),
            })
            .map_err(|error| error.to_string()),
        Command::KeyRevoke { key } => credentials
            .revoke(&key)
            .map(|revoked| Answer::Revoked {
                key: revoked.key,
                name: revoked.name,
            })
            .map_err(said),
        Command::KeyRotate {
            key,
            overlap_seconds,
        } => credentials
            .rotate(&key, Duration::from_secs(overlap_seconds))
            .map(secret)
            .map_err(said),
        Command::Verify {} => Ok(Answer::Verified {
            report: report(lrs.store.verify()),
        }),
        Command::Backup { directory, keep } => backup(lrs, &directory, keep)
            .map(|backup| Answer::BackedUp { backup })
            .map_err(|error| error.to_string()),
        Command::SessionShow { id } => reports::story(lrs, Tenant::DEFAULT, &id)
            .map(|story| Answer::Session {
                story: Box::new(story),
            })
            .map_err(|error| untold(&id, &error)),
    };
    outcome.unwrap_or_else(|message| Answer::Refused { message })
}

fn backup(
    lrs: &Lrs,
    directory: &Path,
    keep: Option<NonZeroU32>,
) -> Result<BackedUp, storage::backup::Error> {
    let started = Instant::now();
    let made = lrs.store.backup(directory, keep)?;
    let milliseconds = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    tracing::info!(
        backup = made.id,
        bytes = made.bytes,
        new_bytes = made.new_bytes,
        milliseconds,
        "backup made and checked"
    );
    Ok(BackedUp {
        id: made.id,
        files: made.files,
        bytes: made.bytes,
        new_files: made.new_files,
        new_bytes: made.new_bytes,
        removed: made.removed,
        milliseconds,
    })
}

fn untold(id: &str, error: &lrs::Error) -> String {
    match error {
        lrs::Error::NotFound(_) => format!("there is no session `{id}`"),
        other => format!("the session could not be read: {other:?}"),
    }
}

fn said(error: KeyError) -> String {
    error.to_string()
}

fn secret(made: Generated) -> Answer {
    Answer::Secret {
        key: made.key,
        secret: made.secret,
    }
}

fn new(
    name: String,
    role: &str,
    scopes: &[String],
    assume_version: Option<&str>,
    authority_home_page: &str,
) -> Result<New, String> {
    let scopes: Result<Vec<Scope>, String> = scopes
        .iter()
        .map(|scope| Scope::parse(scope).ok_or_else(|| format!("there is no scope `{scope}`")))
        .collect();
    let assume_version = match assume_version {
        None => None,
        Some(text) => Some(
            Version::parse(text)
                .ok_or_else(|| format!("`{text}` is no version of xAPI 1.0 or 2.0"))?,
        ),
    };
    Ok(New {
        name,
        tenant: Tenant::DEFAULT,
        role: Role::parse(role).ok_or_else(|| format!("there is no role `{role}`"))?,
        scopes: Scopes::of(&scopes?),
        assume_version,
        authority_home_page: authority_home_page.to_owned(),
    })
}

fn listed(credential: &Credential) -> ListedKey {
    ListedKey {
        key: credential.key.clone(),
        name: credential.name.clone(),
        role: credential.role.to_string(),
        scopes: credential.scopes.to_string(),
        assume_version: credential
            .assume_version
            .map(|version| version.announced().to_owned()),
        created: credential.created,
        revoked: credential.revoked,
        overlap_until: credential
            .secrets
            .iter()
            .filter_map(|secret| secret.expires)
            .max(),
    }
}

pub(crate) fn report(found: storage::verify::Report) -> Report {
    Report {
        statements: found.statements,
        voided: found.voided,
        documents: found.documents,
        records: found.records,
        blobs: found.blobs,
        problems: found
            .problems
            .into_iter()
            .map(|problem| match problem.key.as_str() {
                "" => format!("{}: {}", problem.family, problem.detail),
                key => format!("{} {key}: {}", problem.family, problem.detail),
            })
            .collect(),
        problems_count: found.problems_count,
    }
}
