//! Reading a body into memory, with its limits of size and time.

use std::time::Duration;

use actix_web::dev::Payload;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use tokio::time::timeout;

use crate::refusal::Refusal;

/// What a body may take.
#[derive(Debug, Clone, Copy)]
pub struct BodyLimits {
    pub bytes_max: usize,
    /// Between one piece and the next.
    pub idle_max: Duration,
}

/// # Errors
/// [`Refusal::TooLarge`], [`Refusal::TooSlow`], and [`Refusal::BrokenOff`] when the client stops sending.
pub async fn read(mut payload: Payload, limits: BodyLimits) -> Result<Bytes, Refusal> {
    // Most bodies come in one piece, which is not copied.
    let mut first = Bytes::new();
    let mut body = BytesMut::new();
    loop {
        let next = timeout(limits.idle_max, payload.next());
        let Some(chunk) = next.await.map_err(|_| Refusal::TooSlow)? else {
            return Ok(if body.is_empty() {
                first
            } else {
                body.freeze()
            });
        };
        let chunk = chunk.map_err(|_| Refusal::BrokenOff)?;
        if first.len().max(body.len()) + chunk.len() > limits.bytes_max {
            return Err(Refusal::TooLarge {
                what: "the request's body",
                bytes_max: limits.bytes_max as u64,
            });
        }
        if first.is_empty() {
            first = chunk;
            continue;
        }
        if body.is_empty() {
            body.extend_from_slice(&first);
        }
        body.extend_from_slice(&chunk);
    }
}
