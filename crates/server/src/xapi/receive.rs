//! Reading `multipart/mixed` requests: statements first, then the contents of their attachments, which go to the
//! store as they come.

use std::io;
use std::time::Duration;

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use bytes::{Bytes, BytesMut};
use futures_util::stream::{self, Stream, StreamExt as _};
use lrs::attachment::{Keep, Part, Receiving};
use lrs::{Caller, requirement};
use tokio::time::timeout;
use xapi::Violation;
use xapi::multipart::{self, Expected};

use crate::app::Server;
use crate::blocking::blocking;
use crate::refusal::Refusal;

/// A request with statements, its contents in the store.
pub struct Received {
    /// JSON text.
    pub body: String,
    pub parts: Vec<Part>,
}

/// Contents are handed to the store in pieces of this size.
const PIECE_BYTES: usize = 256 * 1024;

/// # Errors
/// Wrong part headers or hashes, a body that is no multipart, limits; nothing stays in the store then.
pub async fn read(
    server: &Server,
    caller: &Caller,
    payload: Payload,
    content_type: &str,
) -> Result<Received, Refusal> {
    let limited = limited(
        payload,
        server.body_limits.idle_max,
        server.multipart_bytes_max,
    );
    let mut headers = HeaderMap::new();
    if let Ok(content_type) = HeaderValue::from_str(content_type) {
        headers.insert(CONTENT_TYPE, content_type);
    }
    let mut stream = Multipart::new(&headers, limited);
    let first = stream
        .next()
        .await
        .ok_or_else(|| broken("no part at all"))?;
    let mut first = first.map_err(|error| unreadable(server, error))?;
    multipart::check_first(head(&first)).map_err(|violation| *violation)?;
    let body = text(server, &mut first).await?;
    drop(first);
    let keep = if body.contains(xapi::signature::USAGE_TYPE) {
        Keep::IfSmall
    } else {
        Keep::No
    };
    // Read here already, so that data which no statement names are refused before they are stored.
    let limits = &server.lrs.settings.limits;
    let mut expected = Expected::of(&xapi::statement::parse_batch(
        &body,
        caller.version,
        limits,
    )?);
    let mut parts: Vec<Part> = Vec::new();
    while let Some(field) = stream.next().await {
        let field = field.map_err(|error| unreadable(server, error))?;
        let hash = expected.part(head(&field))?;
        let part = receive(server, caller, field, &hash, keep).await?;
        if parts.iter().all(|known| known.sha2 != part.sha2) {
            parts.push(part);
        }
    }
    expected.finish()?;
    Ok(Received { body, parts })
}

/// The body with its limits of size and time, which the parts then share.
fn limited(
    payload: Payload,
    idle_max: Duration,
    bytes_max: u64,
) -> impl Stream<Item = Result<Bytes, PayloadError>> {
    stream::unfold(Some((payload, bytes_max)), move |state| async move {
        let (mut payload, left) = state?;
        let chunk = match timeout(idle_max, payload.next()).await {
            Err(_) => Err(PayloadError::Io(io::ErrorKind::TimedOut.into())),
            Ok(None) => return None,
            Ok(Some(chunk)) => chunk,
        };
        match chunk.map(|chunk| (left.checked_sub(chunk.len() as u64), chunk)) {
            Ok((Some(left), chunk)) => Some((Ok(chunk), Some((payload, left)))),
            Ok((None, _)) => Some((Err(PayloadError::Overflow), None)),
            Err(error) => Some((Err(error), None)),
        }
    })
    // The parser asks again after the end.
    .fuse()
}

fn head(field: &Field) -> multipart::Part<'_> {
    let header = |name: &str| {
        field
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    multipart::Part {
        content_type: header("content-type"),
        transfer_encoding: header("content-transfer-encoding"),
        hash: header("x-experience-api-hash"),
    }
}

async fn text(server: &Server, field: &mut Field) -> Result<String, Refusal> {
    let max = server.body_limits.bytes_max;
    let bytes = field
        .bytes(max)
        .await
        .map_err(|_| Refusal::TooLarge {
            what: "the part with the statements",
            bytes_max: max as u64,
        })?
        .map_err(|error| unreadable(server, error))?;
    String::from_utf8(bytes.to_vec()).map_err(|_| broken("statements that are no UTF-8"))
}

async fn receive(
    server: &Server,
    caller: &Caller,
    mut field: Field,
    hash: &str,
    keep: Keep,
) -> Result<Part, Refusal> {
    let bytes_max = server.attachment_bytes_max;
    let mut receiving =
        Receiving::start(&server.lrs.store, caller.tenant(), hash, bytes_max, keep)?;
    let mut piece = BytesMut::new();
    loop {
        let chunk = field
            .next()
            .await
            .transpose()
            .map_err(|error| unreadable(server, error))?;
        let ended = chunk.is_none();
        piece.extend_from_slice(&chunk.unwrap_or_default());
        if ended || piece.len() >= PIECE_BYTES {
            let full = piece.split().freeze();
            receiving = blocking(move || {
                receiving.write(&full)?;
                Ok(receiving)
            })
            .await?;
        }
        if ended {
            return blocking(move || receiving.finish()).await;
        }
    }
}

fn unreadable(server: &Server, error: MultipartError) -> Refusal {
    match error {
        MultipartError::Payload(PayloadError::Overflow) => Refusal::TooLarge {
            what: "the multipart request",
            bytes_max: server.multipart_bytes_max,
        },
        MultipartError::Payload(PayloadError::Io(error))
            if error.kind() == io::ErrorKind::TimedOut =>
        {
            Refusal::TooSlow
        }
        error => broken(&error.to_string()),
    }
}

fn broken(got: &str) -> Refusal {
    Refusal::from(Violation::new(
        requirement::MULTIPART,
        "Content-Type",
        "a well-formed multipart/mixed body whose first part is the statements",
        got,
    ))
}
