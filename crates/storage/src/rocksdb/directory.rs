//! Directories whose names survive a loss of power.

use std::fs::{DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;

/// Makes the directory, for its user alone, and syncs the names of all that was missing. The name of one that is there
/// already is synced too, because whoever made it may not have done so.
pub(super) fn make(path: &Path) -> io::Result<()> {
    let whole = std::path::absolute(path)?;
    let missing = whole.ancestors().take_while(|d| !d.exists()).count();
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&whole)?;
    for parent in whole.ancestors().skip(1).take(missing.max(1)) {
        match sync(parent) {
            // Whoever made the directory in one that is closed to us answers for its name.
            Err(refused) if refused.kind() == io::ErrorKind::PermissionDenied && missing == 0 => {}
            synced => synced?,
        }
    }
    Ok(())
}

/// The names in the directory are on disk when this returns.
pub(super) fn sync(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}
