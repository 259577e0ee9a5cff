//! Deletions that take a while: the answer comes when nobody sees any more what is deleted, and what hangs on it is removed
//! behind it. What a stop of the server breaks off goes on after the next start (`sweep`).

use std::sync::Arc;

use lrs::Caller;
use lrs::launch::{Owner, deletion, tenants};
use uuid::Uuid;

use crate::app::Server;
use crate::refusal::Refusal;

/// # Errors
/// When the store cannot be read or written.
pub async fn delete_course(server: &Server, owner: &Owner, id: Uuid) -> Result<(), Refusal> {
    if deletion::begin(&server.lrs, owner, id).await? {
        let (lrs, owner) = (Arc::clone(&server.lrs), owner.clone());
        tokio::spawn(async move {
            log(deletion::finish(&lrs, &owner, id).await);
        });
    }
    Ok(())
}

/// # Errors
/// As [`tenants::begin_deletion`].
pub async fn delete_launch_tenant(
    server: &Server,
    caller: &Caller,
    number: u64,
) -> Result<(), Refusal> {
    if let Some(gone) = tenants::begin_deletion(&server.lrs, caller, number).await? {
        let lrs = Arc::clone(&server.lrs);
        tokio::spawn(async move {
            log(tenants::finish_deletion(&lrs, &gone).await);
        });
    }
    Ok(())
}

fn log(finished: Result<(), lrs::Error>) {
    if let Err(error) = finished {
        tracing::error!(
            ?error,
            "a deletion was broken off: it goes on within an hour"
        );
    }
}
