//! Work that no request does: sessions that have been idle for too long end; refusals that were kept long enough go, and
//! so do launch tokens whose time is over, uploads that nobody has named, and what a crash left of deleted
//! courses and launch tenants.

use std::sync::Arc;
use std::time::Duration;

use lrs::launch::{deletion, tenants, tokens};
use lrs::{Lrs, abandon, refusals};
use storage::Tenant;
use tokio::time::{Instant, MissedTickBehavior, interval};

/// How often idle sessions are looked for: a session ends at most this long after its time.
const IDLE: Duration = Duration::from_secs(5);
/// How often old refusals, expired launch tokens and forgotten uploads are looked for.
const OLD: Duration = Duration::from_secs(3_600);
/// Longer than any request takes that uploads something.
const UPLOADS_IDLE: Duration = Duration::from_secs(24 * 3_600);

/// Goes on until it is dropped. What fails is tried again at the next turn.
pub async fn sweep(lrs: Arc<Lrs>) {
    let mut turns = interval(IDLE);
    turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut old_due = Instant::now();
    loop {
        let now = turns.tick().await;
        match abandon::sweep(&lrs, Tenant::DEFAULT).await {
            Ok(0) => {}
            Ok(ended) => tracing::info!(ended, "abandoned idle sessions"),
            Err(error) => tracing::error!(?error, "idle sessions could not be ended"),
        }
        if now >= old_due {
            old_due = now + OLD;
            match refusals::sweep(&lrs, Tenant::DEFAULT).await {
                Ok(0) => {}
                Ok(deleted) => tracing::info!(deleted, "deleted old refusals"),
                Err(error) => tracing::error!(?error, "old refusals could not be deleted"),
            }
            match tokens::sweep(&lrs).await {
                Ok(0) => {}
                Ok(removed) => tracing::info!(removed, "removed expired launch tokens"),
                Err(error) => tracing::error!(?error, "expired launch tokens could not be removed"),
            }
            sweep_uploads(Arc::clone(&lrs)).await;
            if let Err(error) = resume_deletions(&lrs).await {
                tracing::error!(
                    ?error,
                    "what is left of deleted courses could not be removed"
                );
            }
        }
    }
}

async fn resume_deletions(lrs: &Lrs) -> Result<(), lrs::Error> {
    tenants::resume(lrs).await?;
    deletion::resume(lrs, Tenant::DEFAULT).await
}

async fn sweep_uploads(lrs: Arc<Lrs>) {
    let work = move || lrs.store.sweep_uploads(UPLOADS_IDLE);
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok(0)) => {}
        Ok(Ok(deleted)) => tracing::info!(deleted, "deleted uploads that nobody has named"),
        Ok(Err(error)) => tracing::error!(%error, "uploads could not be deleted"),
        Err(error) => tracing::error!(%error, "uploads could not be deleted"),
    }
}
