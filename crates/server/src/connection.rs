//! Connections whose clients hold them without using them. actix bounds the first head of a connection and the time
//! between requests; not a later head that never ends, nor a client that does not take its answer. Each worker looks at
//! its connections once a second and ends those.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::os::fd::{AsRawFd as _, RawFd};
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::Extensions;
use actix_web::http::header::TRANSFER_ENCODING;
use actix_web::http::{Method, StatusCode};
use actix_web::rt::net::TcpStream;
use actix_web::{HttpRequest, HttpResponse};
use bytes::Bytes;

use crate::body::Pace;
use crate::budget::{Share, UNCOUNTED_BYTES};
use crate::refusal::Refusal;
use crate::socket;

/// An answer is handed over in pieces of this size.
const PIECE_BYTES: usize = 64 * 1024;
/// What an answer takes that is read from the store while it is sent.
const STREAM_BYTES: usize = 512 * 1024;
const SWEEP: Duration = Duration::from_secs(1);

/// How long a client may do nothing.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// From the end of an answer to the end of the next head.
    pub head_max: Duration,
    /// While an answer is sent; its average counts from the first byte.
    pub pace: Pace,
}

pub struct Connection {
    socket: RawFd,
    phase: Cell<Phase>,
}

#[derive(Clone, Copy)]
enum Phase {
    /// A head is awaited or on its way.
    Waiting {
        since: Instant,
    },
    /// The request is ours; its body has limits of its own.
    Serving,
    Sending {
        since: Instant,
        bytes: u64,
    },
    /// The rest of a body in chunks that nobody wants; actix reads it for as long as it comes.
    Draining {
        since: Instant,
    },
}

impl Phase {
    /// Once a request is answered.
    fn after(http: &HttpRequest, status: StatusCode) -> Phase {
        let since = Instant::now();
        let is_read = status.is_success() && matches!(*http.method(), Method::PUT | Method::POST);
        if !is_read && http.headers().contains_key(TRANSFER_ENCODING) {
            Phase::Draining { since }
        } else {
            Phase::Waiting { since }
        }
    }

    fn is_over(self, patience: Patience, now: Instant) -> bool {
        match self {
            Phase::Waiting { since } => now.duration_since(since) > patience.head_max,
            Phase::Serving => false,
            Phase::Draining { since } => now.duration_since(since) > patience.pace.idle_max,
            Phase::Sending { since, bytes } => {
                let elapsed = now
                    .duration_since(since)
                    .saturating_sub(patience.pace.idle_max);
                patience.pace.is_undercut(bytes, elapsed)
            }
        }
    }
}

thread_local! {
    /// Those of this worker; `None` until its first.
    static CONNECTIONS: RefCell<Option<Vec<Weak<Connection>>>> = const { RefCell::new(None) };
}

/// For `HttpServer::on_connect`, which calls it on the worker's thread.
pub fn register(stream: &dyn Any, data: &mut Extensions, patience: Patience) {
    let Some(stream) = stream.downcast_ref::<TcpStream>() else {
        return;
    };
    let socket = stream.as_raw_fd();
    socket::bound(socket, patience.pace.idle_max * 3);
    let connection = Rc::new(Connection {
        socket,
        phase: Cell::new(Phase::Waiting {
            since: Instant::now(),
        }),
    });
    CONNECTIONS.with_borrow_mut(|connections| {
        let all = connections.get_or_insert_with(|| {
            actix_web::rt::spawn(sweep(patience));
            Vec::new()
        });
        all.push(Rc::downgrade(&connection));
    });
    data.insert(connection);
}

async fn sweep(patience: Patience) {
    loop {
        tokio::time::sleep(SWEEP).await;
        let now = Instant::now();
        CONNECTIONS.with_borrow_mut(|connections| {
            connections.iter_mut().for_each(|all| {
                all.retain(|connection| {
                    let Some(connection) = connection.upgrade() else {
                        return false;
                    };
                    if connection.phase.get().is_over(patience, now) {
                        // INVARIANT: actix drops the connection's data together with its socket, on this thread:
                        // the number is still this connection's.
                        socket::abort(connection.socket);
                        tracing::debug!("a connection was ended: its client was too slow");
                    }
                    true
                });
            });
        });
    }
}

/// A request of a connection begins.
pub fn serving(http: &HttpRequest) {
    if let Some(connection) = http.conn_data::<Rc<Connection>>() {
        connection.phase.set(Phase::Serving);
    }
}

/// An answer goes out: what it takes is counted until it is sent, and how fast its client takes it.
///
/// # Errors
/// [`Refusal::Overloaded`] when there is no memory left for it.
pub fn send(
    http: &HttpRequest,
    share: Share,
    answer: HttpResponse,
) -> Result<HttpResponse, Refusal> {
    let connection = http.conn_data::<Rc<Connection>>().cloned();
    let is_small = match answer.body().size() {
        BodySize::None => true,
        BodySize::Sized(bytes) => bytes <= UNCOUNTED_BYTES as u64,
        BodySize::Stream => false,
    };
    let now = Instant::now();
    if is_small {
        if let Some(connection) = connection {
            connection.phase.set(Phase::after(http, answer.status()));
        }
        return Ok(answer);
    }
    let (head, body) = answer.into_parts();
    // A stream of known length, a course's file, is read piece by piece: its length takes no memory.
    let (rest, bytes) = match body.try_into_bytes() {
        Ok(bytes) => (Rest::Bytes(bytes.clone()), bytes.len()),
        Err(body) => (Rest::Stream(body), STREAM_BYTES),
    };
    share.grow_to(bytes)?;
    if let Some(connection) = &connection {
        connection.phase.set(Phase::Sending {
            since: now,
            bytes: 0,
        });
    }
    Ok(head.set_body(BoxBody::new(Sending {
        rest,
        connection,
        _share: share,
    })))
}

/// A refusal goes out.
pub fn refuse(http: &HttpRequest) {
    if let Some(connection) = http.conn_data::<Rc<Connection>>() {
        connection
            .phase
            .set(Phase::after(http, StatusCode::BAD_REQUEST));
    }
}

/// An answer on its way.
struct Sending {
    rest: Rest,
    connection: Option<Rc<Connection>>,
    _share: Share,
}

enum Rest {
    Bytes(Bytes),
    Stream(BoxBody),
}

impl MessageBody for Sending {
    type Error = Box<dyn std::error::Error>;

    fn size(&self) -> BodySize {
        match &self.rest {
            Rest::Bytes(bytes) => BodySize::Sized(bytes.len() as u64),
            Rest::Stream(body) => body.size(),
        }
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let next = match &mut self.rest {
            Rest::Bytes(bytes) if bytes.is_empty() => Poll::Ready(None),
            Rest::Bytes(bytes) => {
                let piece = bytes.split_to(bytes.len().min(PIECE_BYTES));
                Poll::Ready(Some(Ok(piece)))
            }
            Rest::Stream(body) => Pin::new(body).poll_next(cx),
        };
        if let (Poll::Ready(Some(Ok(piece))), Some(connection)) = (&next, &self.connection) {
            connection.sent(piece.len() as u64);
        }
        next
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        if let Some(connection) = &self.connection {
            connection.phase.set(Phase::Waiting {
                since: Instant::now(),
            });
        }
    }
}

impl Connection {
    fn sent(&self, more: u64) {
        if let Phase::Sending { since, bytes } = self.phase.get() {
            self.phase.set(Phase::Sending {
                since,
                bytes: bytes + more,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phase_ends_when_its_client_is_too_slow() {
        let patience = Patience {
            head_max: Duration::from_secs(85),
            pace: Pace {
                idle_max: Duration::from_secs(10),
                bytes_per_second_min: 1_000,
            },
        };
        let since = Instant::now();
        let over =
            |phase: Phase, seconds| phase.is_over(patience, since + Duration::from_secs(seconds));
        assert!(!over(Phase::Waiting { since }, 85));
        assert!(over(Phase::Waiting { since }, 86));
        assert!(!over(Phase::Serving, 10_000));
        assert!(!over(Phase::Draining { since }, 10));
        assert!(over(Phase::Draining { since }, 11));
        let sent = |bytes| Phase::Sending { since, bytes };
        assert!(!over(sent(0), 10));
        assert!(over(sent(0), 11));
        assert!(!over(sent(90_000), 100));
        assert!(over(sent(89_999), 100));
    }
}
