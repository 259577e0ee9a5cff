//! Reading `multipart/mixed` requests: statements first, then the contents of their attachments, which go to the
//! store as they come.

use std::io;
use std::rc::Rc;

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::error::PayloadError;
use actix_web::http::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use bytes::{Bytes, BytesMut};
use futures_util::stream::{self, Stream, StreamExt as _};
use lrs::attachment::{Keep, Part, Receiving, SIGNATURE_BYTES_MAX};
use lrs::{Caller, requirement};
use xapi::Violation;
use xapi::multipart::{self, Expected};

use crate::app::Server;
use crate::blocking::blocking;
use crate::body::{Incoming, Pace};
use crate::budget::Share;
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
    incoming: Incoming,
    content_type: &str,
) -> Result<Received, Refusal> {
    let share = Rc::clone(&incoming.share);
    let limited = limited(
        incoming,
        server.body_limits.pace,
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
    let body = text(server, &mut first, &share).await?;
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
    let mut held = body.len() + 2 * PIECE_BYTES;
    if keep == Keep::IfSmall {
        held += SIGNATURE_BYTES_MAX;
    }
    while let Some(field) = stream.next().await {
        let field = field.map_err(|error| unreadable(server, error))?;
        let hash = expected.part(head(&field))?;
        share.grow_to(held)?;
        let part = receive(server, caller, field, &hash, keep).await?;
        held += part.content.as_ref().map_or(0, Vec::len);
        if parts.iter().all(|known| known.sha2 != part.sha2) {
            parts.push(part);
        }
    }
    expected.finish()?;
    Ok(Received { body, parts })
}

/// The body with its limits of size and time, which the parts then share.
fn limited(
    incoming: Incoming,
    pace: Pace,
    bytes_max: u64,
) -> impl Stream<Item = Result<Bytes, PayloadError>> {
    stream::unfold(Some((incoming, bytes_max)), move |state| async move {
        let (mut incoming, left) = state?;
        let chunk = match incoming.next(pace).await {
            Ok(None) => return None,
            Ok(Some(chunk)) => Ok(chunk),
            Err(Refusal::TooSlow) => Err(PayloadError::Io(io::ErrorKind::TimedOut.into())),
            Err(_) => Err(PayloadError::Incomplete(None)),
        };
        match chunk.map(|chunk| (left.checked_sub(chunk.len() as u64), chunk)) {
            Ok((Some(left), chunk)) => Some((Ok(chunk), Some((incoming, left)))),
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

async fn text(server: &Server, field: &mut Field, share: &Share) -> Result<String, Refusal> {
    let max = server.body_limits.bytes_max;
    let mut bytes = Vec::new();
    while let Some(chunk) = field.next().await {
        let chunk = chunk.map_err(|error| unreadable(server, error))?;
        if bytes.len() + chunk.len() > max {
            return Err(Refusal::TooLarge {
                what: "the part with the statements",
                bytes_max: max as u64,
            });
        }
        share.grow_to(bytes.len() + chunk.len())?;
        bytes.extend_from_slice(&chunk);
    }
    String::from_utf8(bytes).map_err(|_| broken("statements that are no UTF-8"))
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
            receiving = blocking(&server.turns, move || {
                receiving.write(&full)?;
                Ok(receiving)
            })
            .await?;
        }
        if ended {
            return blocking(&server.turns, move || receiving.finish()).await;
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
