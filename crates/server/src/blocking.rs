//! Work that takes long or waits for the disk, away from the threads that serve connections. A bounded number of it is begun at one
//! time, and its results count until they are taken over: else a slow worker would gather pages.

use std::sync::Arc;
use std::time::Duration;

use actix_web::web;
use lrs::Lrs;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::app::Server;
use crate::refusal::Refusal;

/// So many at one time.
pub struct Turns {
    free: Arc<Semaphore>,
    wait_max: Duration,
}

impl Turns {
    #[must_use]
    pub fn new(count: usize, wait_max: Duration) -> Self {
        Self {
            free: Arc::new(Semaphore::new(count)),
            wait_max,
        }
    }
}

/// # Errors
/// What the work refuses; [`Refusal::Overloaded`] when too much waits before it, [`Refusal::Panicked`] when it panics.
pub async fn blocking<T: Send + 'static>(
    turns: &Turns,
    work: impl FnOnce() -> Result<T, lrs::Error> + Send + 'static,
) -> Result<T, Refusal> {
    let turn = timeout(turns.wait_max, Arc::clone(&turns.free).acquire_owned());
    let turn = match turn.await {
        Ok(Ok(turn)) => turn,
        Ok(Err(_)) | Err(_) => return Err(Refusal::Overloaded),
    };
    // The turn goes along: work whose client has left ends none the earlier.
    match web::block(move || (work(), turn)).await {
        Ok((done, _turn)) => Ok(done?),
        Err(_) => Err(Refusal::Panicked),
    }
}

/// Asks the LRS something for a caller or an owner.
///
/// # Errors
/// As [`blocking`].
pub async fn ask<W: Clone + Send + 'static, T: Send + 'static>(
    server: &Server,
    who: &W,
    question: impl FnOnce(&Lrs, &W) -> Result<T, lrs::Error> + Send + 'static,
) -> Result<T, Refusal> {
    let (lrs, who) = (Arc::clone(&server.lrs), who.clone());
    blocking(&server.turns, move || question(&lrs, &who)).await
}
