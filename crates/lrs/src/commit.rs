//! The loop behind every write: read facts, decide, commit with assertions; decide again when a fact has changed.

use std::time::{Duration, Instant};

use storage::CommitError;
use storage::{Batch, Committed};

use crate::queue::QueueKey;
use crate::{Error, Lrs};

/// What a decision came to.
pub struct Decision<T> {
    /// `None`: everything is as it should be already.
    pub batch: Option<Batch>,
    pub answer: T,
}

/// Waits for the turns of `keys`, lets `decide` read its facts and judge, and commits what it decided. A decision
/// whose facts changed meanwhile (by another node, or by a request with other keys) is made again, to a deadline.
///
/// # Errors
/// What `decide` refuses; [`Error::Overloaded`] after the deadline or when the store's queue is full;
/// [`Error::ReadOnly`].
pub async fn decide_and_commit<T>(
    lrs: &Lrs,
    keys: Vec<QueueKey>,
    mut decide: impl FnMut() -> Result<Decision<T>, Error>,
) -> Result<(T, Option<Committed>), Error> {
    let deadline = Instant::now() + Duration::from_millis(lrs.settings.commit_deadline_millis);
    let _turns = if keys.is_empty() {
        None
    } else {
        let turns = tokio::time::timeout_at(deadline.into(), lrs.queues.wait(keys)).await;
        Some(turns.map_err(|_| Error::Overloaded)?)
    };
    loop {
        let Decision { batch, answer } = decide()?;
        let Some(batch) = batch else {
            return Ok((answer, None));
        };
        match lrs.store.commit(batch).await {
            Ok(committed) => return Ok((answer, Some(committed))),
            Err(CommitError::Stale(_)) if Instant::now() < deadline => {}
            Err(CommitError::Stale(_) | CommitError::Overloaded) => {
                return Err(Error::Overloaded);
            }
            Err(CommitError::ReadOnly) => return Err(Error::ReadOnly),
            Err(CommitError::Failed(error)) => return Err(Error::Storage(error)),
        }
    }
}
