//! The Statements resource over HTTP.

use std::sync::Arc;

use actix_web::http::header::{CONTENT_TYPE, ContentType, LAST_MODIFIED};
use actix_web::{HttpResponse, web};
use bytes::Bytes;
use futures_util::stream;
use lrs::Caller;
use lrs::attachment::{self, Content};
use lrs::requirement;
use lrs::statements::get::{self, ById};
use lrs::statements::post::{self, Incoming, Stored};
use lrs::statements::render::{self, Look};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tokio::runtime::Handle;
use uuid::Uuid;
use xapi::Violation;
use xapi::format::Languages;
use xapi::multipart;
use xapi::query::{self, Filters, StatementsQuery};

use super::receive::{Received, read};
use crate::app::Server;
use crate::blocking::blocking;
use crate::refusal::Refusal;
use crate::request::{Body, Method, Request};
use crate::route::Resource;
use crate::serve::{put_consistent_through, put_violations};

/// A body up to this size is dealt with where it came in.
const INLINE_BYTES_MAX: usize = 256 << 10;

/// # Errors
/// Wrong parameters or bodies, and what the operations of [`lrs::statements`] refuse.
pub async fn serve(
    server: &Server,
    caller: &Caller,
    request: Request,
) -> Result<HttpResponse, Refusal> {
    match request.method {
        Method::Get | Method::Head => find(server, caller, &request).await,
        Method::Put => {
            let id = query::statement_id(&request.parameters)?;
            let received = receive(server, caller, request).await?;
            let stored = post::put(&server.lrs, caller, id, incoming(&received)).await?;
            let mut answer = HttpResponse::NoContent().finish();
            put_violations(answer.headers_mut(), &stored.flagged);
            Ok(answer)
        }
        Method::Post => {
            query::none(&request.parameters)?;
            let received = receive(server, caller, request).await?;
            let stored = store(server, caller, received).await?;
            let ids: Vec<String> = stored.ids.iter().map(Uuid::to_string).collect();
            let mut answer = HttpResponse::Ok().json(ids);
            put_violations(answer.headers_mut(), &stored.flagged);
            Ok(answer)
        }
        Method::Delete | Method::Options => {
            Err(Refusal::MethodNotAllowed(Resource::Statements.methods()))
        }
    }
}

/// Many statements take a while to be read and compressed: away from the threads that serve connections, so that
/// nobody else waits for that.
async fn store(server: &Server, caller: &Caller, received: Received) -> Result<Stored, Refusal> {
    if received.body.len() <= INLINE_BYTES_MAX {
        return Ok(post::post(&server.lrs, caller, incoming(&received)).await?);
    }
    let (lrs, caller) = (Arc::clone(&server.lrs), caller.clone());
    let runtime = Handle::current();
    let work = move || runtime.block_on(post::post(&lrs, &caller, incoming(&received)));
    blocking(&server.large_writes, work).await
}

fn incoming(received: &Received) -> Incoming<'_> {
    Incoming {
        body: &received.body,
        parts: &received.parts,
    }
}

async fn receive(server: &Server, caller: &Caller, request: Request) -> Result<Received, Refusal> {
    let content_type = request.content_type.as_deref();
    match (
        multipart::Body::parse(content_type).map_err(|violation| *violation)?,
        request.body,
    ) {
        (multipart::Body::Mixed { .. }, Body::Streaming(incoming)) => {
            read(server, caller, incoming, content_type.unwrap_or_default()).await
        }
        (_, body) => {
            let bytes = Request::bytes(body, server.body_limits).await?;
            let body = String::from_utf8(bytes.into()).map_err(|_| {
                Violation::new(
                    requirement::BODY_ENCODING,
                    "",
                    "JSON in UTF-8",
                    "other bytes",
                )
            })?;
            let parts = Vec::new();
            Ok(Received { body, parts })
        }
    }
}

/// What a query finds, and how it is to be shown.
struct Found {
    json: String,
    contents: Option<Vec<Content>>,
    last_modified: Option<String>,
    consistent_through: u64,
}

async fn find(
    server: &Server,
    caller: &Caller,
    request: &Request,
) -> Result<HttpResponse, Refusal> {
    let query = StatementsQuery::parse(&request.parameters)?;
    let languages = Languages::parse(request.accept_language.as_deref().unwrap_or_default());
    let found = match query {
        StatementsQuery::One {
            id,
            format,
            attachments,
        } => one(
            server,
            caller,
            ById::Current(id),
            Look { format, languages },
            attachments,
        )?,
        StatementsQuery::Voided {
            id,
            format,
            attachments,
        } => one(
            server,
            caller,
            ById::Voided(id),
            Look { format, languages },
            attachments,
        )?,
        StatementsQuery::Many(filters) => {
            let link = link(server, &request.parameters);
            list(server, caller, filters, languages, link).await?
        }
    };
    Ok(answer(server, found))
}

fn one(
    server: &Server,
    caller: &Caller,
    by: ById,
    look: Look,
    attachments: bool,
) -> Result<Found, Refusal> {
    let lrs = &server.lrs;
    let consistent_through = lrs.store.consistent_through();
    let row = get::by_id(lrs, caller, by)?;
    let json = render::one(lrs, caller, &look, &row)?;
    let contents = if attachments {
        Some(attachment::contents(
            &lrs.store,
            caller.tenant(),
            std::slice::from_ref(&row),
        )?)
    } else {
        None
    };
    Ok(Found {
        json,
        contents,
        last_modified: Some(http_date(row.seq.0)),
        consistent_through,
    })
}

async fn list(
    server: &Server,
    caller: &Caller,
    filters: Filters,
    languages: Languages,
    link: String,
) -> Result<Found, Refusal> {
    let (lrs, caller) = (Arc::clone(&server.lrs), caller.clone());
    let consistent_through = lrs.store.consistent_through();
    let look = Look {
        format: filters.format,
        languages,
    };
    let attachments = filters.attachments;
    let work = move || {
        let page = get::page(&lrs, &caller, &filters)?;
        let more = page.more.map(|cursor| format!("{link}cursor={cursor}"));
        let json = render::list(&lrs, &caller, &look, &page.rows, more.as_deref())?;
        let contents = if attachments {
            Some(attachment::contents(
                &lrs.store,
                caller.tenant(),
                &page.rows,
            )?)
        } else {
            None
        };
        Ok(Found {
            json,
            contents,
            last_modified: None,
            consistent_through,
        })
    };
    blocking(&server.turns, work).await
}

fn answer(server: &Server, found: Found) -> HttpResponse {
    let mut answer = HttpResponse::Ok();
    if let Some(date) = found.last_modified {
        answer.insert_header((LAST_MODIFIED, date));
    }
    let mut response = match found.contents {
        None => answer.content_type(ContentType::json()).body(found.json),
        Some(contents) => with_contents(server, answer, found.json, contents),
    };
    put_consistent_through(response.headers_mut(), found.consistent_through);
    response
}

/// `multipart/mixed`: the JSON, then each content once, read from the store piece by piece while it is sent.
fn with_contents(
    server: &Server,
    mut answer: actix_web::HttpResponseBuilder,
    json: String,
    contents: Vec<Content>,
) -> HttpResponse {
    let boundary = server.boundary();
    let mut pieces = vec![
        Piece::Text(multipart::statements_head(&boundary)),
        Piece::Text(json),
    ];
    for content in contents {
        pieces.push(Piece::Text(multipart::part_head(
            &boundary,
            &content.declared,
        )));
        pieces.push(Piece::Blob(content.blob));
    }
    pieces.push(Piece::Text(multipart::end(&boundary)));
    let sending = Sending {
        pieces: pieces.into_iter(),
        blob: None,
    };
    answer
        .insert_header((CONTENT_TYPE, multipart::content_type(&boundary)))
        .streaming(stream::unfold(sending, next_piece))
}

enum Piece {
    Text(String),
    Blob(storage::Blob),
}

/// What is still to be sent of an answer.
struct Sending {
    pieces: std::vec::IntoIter<Piece>,
    blob: Option<storage::Blob>,
}

async fn next_piece(mut sending: Sending) -> Option<(Result<Bytes, actix_web::Error>, Sending)> {
    loop {
        if let Some(mut blob) = sending.blob.take() {
            let read = web::block(move || (blob.next(), blob)).await;
            match read {
                Ok((Some(Ok(chunk)), blob)) => {
                    sending.blob = Some(blob);
                    return Some((Ok(Bytes::from(chunk)), sending));
                }
                Ok((None, _)) => {}
                // The length was not promised: breaking off tells the client that the content is not whole.
                Ok((Some(Err(error)), _)) => {
                    tracing::error!(%error, "the content of an attachment cannot be read");
                    return Some((Err(broken_off()), sending));
                }
                Err(_) => return Some((Err(broken_off()), sending)),
            }
        }
        match sending.pieces.next()? {
            Piece::Text(text) => return Some((Ok(Bytes::from(text)), sending)),
            Piece::Blob(blob) => sending.blob = Some(blob),
        }
    }
}

fn broken_off() -> actix_web::Error {
    actix_web::error::ErrorInternalServerError("an attachment cannot be read")
}

/// Path and query of the next page, to be completed by the cursor.
fn link(server: &Server, parameters: &[(String, String)]) -> String {
    let mut link = format!("{}/statements?", server.endpoint);
    for (name, value) in parameters.iter().filter(|(name, _)| name != "cursor") {
        link.push_str(name);
        link.push('=');
        link.extend(utf8_percent_encode(value, NON_ALPHANUMERIC));
        link.push('&');
    }
    link
}

/// `Last-Modified` for an instant in microseconds since 1970.
#[must_use]
pub fn http_date(micros: u64) -> String {
    let micros = i64::try_from(micros).unwrap_or(i64::MAX);
    chrono::DateTime::from_timestamp_micros(micros)
        .unwrap_or_default()
        .format("%a, %d %b %Y %H:%M:%S GMT")
        .to_string()
}
