//! Work that waits for the disk, away from the threads that serve connections.

use actix_web::web;

use crate::refusal::Refusal;

/// # Errors
/// What the work refuses; [`Refusal::Panicked`] when it panics.
pub async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, lrs::Error> + Send + 'static,
) -> Result<T, Refusal> {
    match web::block(work).await {
        Ok(done) => Ok(done?),
        Err(_) => Err(Refusal::Panicked),
    }
}
