//! Reaches the store of the configuration: through the server that has it open, or by opening it.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use lrs::Lrs;
use lrs::credential::{Credentials, Settings};
use storage::{Clock, Durability, Options, Store};

use crate::admin::{Answer, Command, client, command};
use crate::config::{Config, Sync};
use crate::logging;

/// A server that starts has the store before it has its socket.
const SERVER_STARTS_WAIT: Duration = Duration::from_secs(10);

/// Does a command by whichever way there is.
pub(super) fn perform(config: &Config, command: &Command) -> Result<Answer, String> {
    logging::start_quiet();
    let socket = config.admin_socket();
    let deadline = Instant::now() + SERVER_STARTS_WAIT;
    loop {
        if let Some(answer) = client::ask(&socket, command)? {
            return Ok(answer);
        }
        // A new store here would be one that no server has: a key in it opens nothing.
        if !config.storage.path.join("CURRENT").exists() {
            return Err(format!(
                "there is no store at `{}`: name the server's with `storage.path` (TESSERA__STORAGE__PATH), or start \
                 the server first",
                config.storage.path.display()
            ));
        }
        match open(config) {
            Ok(store) => return alone(config, store, command.clone()),
            Err(Unopened::InUse) if Instant::now() < deadline => {
                std::thread::sleep(Duration::from_millis(100));
            }
            Err(Unopened::InUse) => {
                return Err(format!(
                    "the store `{}` is open in another process that does not listen at `{}`",
                    config.storage.path.display(),
                    socket.display()
                ));
            }
            Err(Unopened::Because(message)) => return Err(message),
        }
    }
}

/// What to say about an answer to something else than was asked.
pub(super) fn unexpected(answer: Answer) -> String {
    match answer {
        Answer::Refused { message } => message,
        Answer::Secret { .. }
        | Answer::Keys { .. }
        | Answer::Revoked { .. }
        | Answer::Verified { .. }
        | Answer::BackedUp { .. }
        | Answer::Session { .. } => {
            "the server answers something else: is it another version?".to_owned()
        }
    }
}

fn alone(config: &Config, store: Store, command: Command) -> Result<Answer, String> {
    let store = Arc::new(store);
    let credentials = credentials(config, Arc::clone(&store));
    let lrs = Lrs::new(Arc::clone(&store), config.lrs(), credentials)
        .map_err(|error| format!("the store could not be read: {error:?}"))?;
    let answer = command::execute(&lrs, config.authority_home_page(), command);
    store.close().map_err(|error| error.to_string())?;
    Ok(answer)
}

pub(super) enum Unopened {
    InUse,
    Because(String),
}

pub(super) fn open(config: &Config) -> Result<Store, Unopened> {
    let path = &config.storage.path;
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(|error| {
            Unopened::Because(format!(
                "the directory `{}` cannot be made: {error}; `storage.path` names it",
                path.display()
            ))
        })?;
    Store::open(path, options(config)).map_err(|error| match error {
        storage::Error::InUse { .. } => Unopened::InUse,
        storage::Error::Engine { .. }
        | storage::Error::Corrupt { .. }
        | storage::Error::NewerFormat { .. }
        | storage::Error::Closed => Unopened::Because(error.to_string()),
    })
}

pub(super) fn options(config: &Config) -> Options {
    let storage = &config.storage;
    Options {
        block_cache_bytes: storage.block_cache_bytes,
        memtable_bytes: storage.memtable_bytes,
        wal_bytes_max: storage.wal_bytes_max,
        durability: match storage.sync {
            Sync::Always => Durability::Synced,
            Sync::Never => Durability::Unsynced,
        },
        clock: Clock::System,
        group_statements_max: storage.group_statements_max,
        group_bytes_max: storage.group_bytes_max,
        queue_batches_max: storage.queue_batches_max,
        page_bytes_max: storage.page_bytes_max,
    }
}

pub(super) fn credentials(config: &Config, store: Arc<Store>) -> Credentials {
    let limits = &config.credentials;
    let settings = Settings {
        cache: Duration::from_secs(limits.cache_seconds),
        cache_entries_max: limits.cache_entries_max,
        refused: Duration::from_secs(limits.refused_seconds),
        checks_max: limits.checks_max,
        wait: Duration::from_secs(limits.check_wait_seconds_max),
    };
    Credentials::new(store, settings, Clock::System)
}
