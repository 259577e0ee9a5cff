//! `tessera restore`: makes a data directory from a backup. No server takes part in it.

use std::path::Path;
use std::time::Instant;

use storage::Store;
use storage::backup::Restoring;

use super::{Restore, backup, store, verify};
use crate::admin::command;
use crate::config::Config;
use crate::logging;

pub(super) fn run(config: &Config, told: Restore) -> Result<(), String> {
    logging::start_quiet();
    let started = Instant::now();
    let target = told.to.as_deref().unwrap_or(&config.storage.path);
    let target = std::path::absolute(target)
        .map_err(|error| format!("the directory's path cannot be told: {error}"))?;
    let restoring = Restoring::begin(&told.directory, told.backup, &target)
        .map_err(|error| error.to_string())?;
    if !told.no_verify {
        check(config, restoring.path())?;
    }
    let text = format!(
        "backup {}: {} in {} files restored to `{}` in {:.1} s\n",
        restoring.id,
        backup::size(restoring.bytes),
        restoring.files,
        target.display(),
        started.elapsed().as_secs_f64(),
    );
    restoring.finish().map_err(|error| error.to_string())?;
    super::print(&text)
}

/// As `tessera verify` does it, before the store is in its place.
fn check(config: &Config, path: &Path) -> Result<(), String> {
    let store = Store::open(path, store::options(config)).map_err(|error| error.to_string())?;
    let report = command::report(store.verify());
    store.close().map_err(|error| error.to_string())?;
    verify::tell(&report)
}
