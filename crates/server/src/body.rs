//! A request's body on its way, with its limits of size, time and memory.

use std::rc::Rc;
use std::time::{Duration, Instant};

use actix_web::dev::Payload;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use tokio::time::timeout;

use crate::budget::Share;
use crate::refusal::Refusal;

/// What a body may take.
#[derive(Debug, Clone, Copy)]
pub struct BodyLimits {
    pub bytes_max: usize,
    pub pace: Pace,
}

/// How slow a client may be.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Between one piece and the next.
    pub idle_max: Duration,
    /// On average over each span of `idle_max`.
    pub bytes_per_second_min: u64,
}

impl Pace {
    /// Whether so many bytes in so long a time are too few.
    #[must_use]
    pub fn is_undercut(&self, bytes: u64, elapsed: Duration) -> bool {
        let least = u128::from(self.bytes_per_second_min) * elapsed.as_millis() / 1000;
        u128::from(bytes) < least
    }
}

/// A body that is read piece by piece.
pub struct Incoming {
    payload: Payload,
    /// Memory of the whole request; also held by who waits for the answer.
    pub share: Rc<Share>,
    /// Since when the bytes are counted; `None` before the first piece is asked for.
    since: Option<Instant>,
    bytes: u64,
}

impl Incoming {
    #[must_use]
    pub fn new(payload: Payload, share: Rc<Share>) -> Self {
        Self {
            payload,
            share,
            since: None,
            bytes: 0,
        }
    }

    /// The next piece; `None` at the end.
    ///
    /// # Errors
    /// [`Refusal::TooSlow`], and [`Refusal::BrokenOff`] when the client stops sending.
    pub async fn next(&mut self, pace: Pace) -> Result<Option<Bytes>, Refusal> {
        let since = *self.since.get_or_insert_with(Instant::now);
        let next = timeout(pace.idle_max, self.payload.next()).await;
        let Some(piece) = next.map_err(|_| Refusal::TooSlow)? else {
            return Ok(None);
        };
        let piece = piece.map_err(|_| Refusal::BrokenOff)?;
        self.bytes += piece.len() as u64;
        let elapsed = since.elapsed();
        if elapsed >= pace.idle_max {
            if pace.is_undercut(self.bytes, elapsed) {
                return Err(Refusal::TooSlow);
            }
            // Else a fast beginning would excuse a slow rest.
            self.since = Some(Instant::now());
            self.bytes = 0;
        }
        Ok(Some(piece))
    }
}

/// The whole body in memory.
///
/// # Errors
/// [`Refusal::TooLarge`], [`Refusal::Overloaded`], and as [`Incoming::next`].
pub async fn read(mut incoming: Incoming, limits: BodyLimits) -> Result<Bytes, Refusal> {
    let mut body = BytesMut::new();
    while let Some(piece) = incoming.next(limits.pace).await? {
        if body.len() + piece.len() > limits.bytes_max {
            return Err(Refusal::TooLarge {
                what: "the request's body",
                bytes_max: limits.bytes_max as u64,
            });
        }
        incoming.share.grow_to(body.len() + piece.len())?;
        body.extend_from_slice(&piece);
    }
    Ok(body.freeze())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pace_is_bytes_over_time() {
        let pace = Pace {
            idle_max: Duration::from_secs(10),
            bytes_per_second_min: 100,
        };
        assert!(pace.is_undercut(999, Duration::from_secs(10)));
        assert!(!pace.is_undercut(1_000, Duration::from_secs(10)));
        assert!(!pace.is_undercut(0, Duration::ZERO));
    }
}
