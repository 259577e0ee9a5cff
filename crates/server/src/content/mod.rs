//! Files of courses over HTTP. A path is a signed segment and the file's path in its package: the key of a record, so
//! that no path leads anywhere else. Nobody needs credentials; the segment stands for them and is never logged.

mod media;
mod range;

use actix_web::http::StatusCode;
use actix_web::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_RANGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
    HeaderMap, HeaderName, HeaderValue, IF_NONE_MATCH, IF_RANGE, LOCATION, RANGE, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};
use bytes::{Bytes, BytesMut};
use cmi5::course::package::STRUCTURE;
use futures_util::stream;
use lrs::launch::content::{File, find};
use lrs::launch::package::PATH_BYTES_MAX;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use storage::Blob;

use crate::app::Server;
use crate::blocking::blocking;
use crate::config::Config;
use crate::refusal::Refusal;
use range::{Part, Wanted};

/// What a directory is answered with, the first that is there.
const INDEX_FILES: [&str; 2] = ["index.html", "index.htm"];
/// What is sent from memory. More is read from the store while it is sent.
const WHOLE_BYTES_MAX: u64 = 256 * 1024;

const NOT_FOUND: Refusal = Refusal::Lrs(lrs::Error::NotFound(
    "there is no such file, or the launch that it was for is over",
));

/// How files are served.
pub struct Area {
    /// The path of `launch.content_url`, below which they lie besides `/content`; empty when there is none.
    pub path: String,
    url: Option<String>,
    security_policy: Option<HeaderValue>,
    cache_control: HeaderValue,
}

impl Area {
    #[must_use]
    pub fn new(config: &Config) -> Self {
        let launch = &config.launch;
        let url = launch.content_url.clone();
        let rest = url.as_deref().and_then(|url| url.split_once("://"));
        let path = rest.and_then(|(_, rest)| rest.find('/').map(|at| rest[at..].to_owned()));
        let cache = format!("private, max-age={}", launch.content_cache_seconds);
        let policy = &launch.content_security_policy;
        Self {
            path: path.unwrap_or_default(),
            url,
            // The configuration has been checked.
            security_policy: (!policy.is_empty())
                .then(|| HeaderValue::from_str(policy).ok())
                .flatten(),
            cache_control: HeaderValue::from_str(&cache).expect("it has letters and digits alone"),
        }
    }

    /// What clients are to put before a signed segment. `origin`: scheme, host and path by which they reach the server.
    #[must_use]
    pub fn base(&self, origin: &str) -> String {
        match &self.url {
            Some(url) => url.clone(),
            None => format!("{origin}{}", crate::route::CONTENT),
        }
    }
}

/// Answers GET and HEAD. `below`: the path below the content area, decoded once.
///
/// # Errors
/// Not found: an unknown file, and a segment that is not ours or no longer good.
pub async fn serve(
    server: &Server,
    http: &HttpRequest,
    below: &str,
) -> Result<HttpResponse, Refusal> {
    let (segment, path) = below.split_once('/').ok_or(NOT_FOUND)?;
    let Some((file, name)) = look_up(server, segment, path)? else {
        return redirect(server, http, segment, path);
    };
    let etag = format!("\"{}\"", file.file.sha2);
    let headers = http.headers();
    if header(headers, &IF_NONE_MATCH).is_some_and(|tags| range::names(tags, &etag)) {
        return Ok(begin(server, StatusCode::NOT_MODIFIED, &etag).finish());
    }
    let length = file.blob.length;
    let is_get = http.method() == actix_web::http::Method::GET;
    let wanted = header(headers, &RANGE)
        .filter(|_| is_get)
        .filter(|_| header(headers, &IF_RANGE).is_none_or(|tag| tag.trim() == etag));
    let wanted = wanted.map_or(Wanted::Whole, |wanted| range::parse(wanted, length));
    let part = match wanted {
        Wanted::Whole => None,
        Wanted::Part(part) => Some(part),
        Wanted::Nothing => {
            let mut answer = begin(server, StatusCode::RANGE_NOT_SATISFIABLE, &etag);
            answer.insert_header((CONTENT_RANGE, format!("bytes */{length}")));
            return Ok(answer.finish());
        }
    };
    let status = match part {
        Some(_) => StatusCode::PARTIAL_CONTENT,
        None => StatusCode::OK,
    };
    let mut answer = begin(server, status, &etag);
    answer.insert_header((CONTENT_TYPE, media::of(&name)));
    if let Some(Part { first, last }) = part {
        answer.insert_header((CONTENT_RANGE, format!("bytes {first}-{last}/{length}")));
    }
    let (first, count) = part.map_or((0, length), |part| (part.first, part.length()));
    if !is_get {
        return Ok(answer
            .no_chunking(length)
            .streaming(stream::empty::<Result<Bytes, actix_web::Error>>()));
    }
    send(server, answer, file.blob.starting_at(first), count).await
}

/// A directory without its slash: relative links of its page would lead elsewhere.
fn redirect(
    server: &Server,
    http: &HttpRequest,
    segment: &str,
    path: &str,
) -> Result<HttpResponse, Refusal> {
    let last = path.rsplit('/').next().unwrap_or_default();
    if last.is_empty() || look_up(server, segment, &format!("{path}/"))?.is_none() {
        return Err(NOT_FOUND);
    }
    let mut location = format!("./{}/", utf8_percent_encode(last, NON_ALPHANUMERIC));
    if !http.query_string().is_empty() {
        location.push('?');
        location.push_str(http.query_string());
    }
    Ok(HttpResponse::PermanentRedirect()
        .insert_header((LOCATION, location))
        .insert_header((CACHE_CONTROL, server.content.cache_control.clone()))
        .finish())
}

/// The file, and the name by which its type is known.
fn look_up(server: &Server, segment: &str, path: &str) -> Result<Option<(File, String)>, Refusal> {
    let names = match path.is_empty() || path.ends_with('/') {
        true => INDEX_FILES.map(|index| format!("{path}{index}")).to_vec(),
        false => vec![path.to_owned()],
    };
    for name in names {
        if name == STRUCTURE || name.len() > PATH_BYTES_MAX {
            continue;
        }
        if let Some(file) = find(&server.lrs, segment, &name)? {
            return Ok(Some((file, name)));
        }
    }
    Ok(None)
}

/// What every answer about a file that is there carries.
fn begin(server: &Server, status: StatusCode, etag: &str) -> HttpResponseBuilder {
    let area = &server.content;
    let mut answer = HttpResponseBuilder::new(status);
    answer
        .insert_header((ETAG, etag))
        .insert_header((CACHE_CONTROL, area.cache_control.clone()))
        .insert_header((ACCEPT_RANGES, "bytes"))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        // Whatever a page links to must not learn its signed path.
        .insert_header((REFERRER_POLICY, "same-origin"));
    if let Some(policy) = &area.security_policy {
        answer.insert_header((CONTENT_SECURITY_POLICY, policy.clone()));
    }
    answer
}

async fn send(
    server: &Server,
    mut answer: HttpResponseBuilder,
    mut blob: Blob,
    count: u64,
) -> Result<HttpResponse, Refusal> {
    if count > WHOLE_BYTES_MAX {
        let body = stream::unfold(Some((blob, count)), next_piece);
        return Ok(answer.no_chunking(count).streaming(body));
    }
    let read = move || {
        let mut whole = BytesMut::new();
        while (whole.len() as u64) < count
            && let Some(chunk) = blob.next()
        {
            whole.extend_from_slice(&chunk?);
        }
        whole.truncate(usize::try_from(count).unwrap_or(usize::MAX));
        Ok(whole.freeze())
    };
    let whole: Bytes = blocking(&server.turns, read).await?;
    Ok(answer.body(whole))
}

/// What is still to be sent, and how much of it.
type Rest = Option<(Blob, u64)>;

async fn next_piece(rest: Rest) -> Option<(Result<Bytes, actix_web::Error>, Rest)> {
    let (mut blob, left) = rest.filter(|(_, left)| *left > 0)?;
    let read = web::block(move || (blob.next(), blob)).await;
    match read {
        Ok((Some(Ok(mut chunk)), blob)) => {
            chunk.truncate(usize::try_from(left).unwrap_or(usize::MAX));
            let left = left - chunk.len() as u64;
            Some((Ok(Bytes::from(chunk)), Some((blob, left))))
        }
        // A length was promised: breaking off tells the client that this is not all of it.
        Ok((Some(Err(error)), _)) => {
            tracing::error!(%error, "a file of a course cannot be read");
            Some((Err(broken_off()), None))
        }
        Ok((None, _)) | Err(_) => Some((Err(broken_off()), None)),
    }
}

fn broken_off() -> actix_web::Error {
    actix_web::error::ErrorInternalServerError("a file of a course cannot be read")
}

fn header<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

#[cfg(test)]
mod tests;
