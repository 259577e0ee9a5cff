//! Session tokens over HTTP: the LMS asks for a one-time URL, and the AU's first POST to it gets the token (8.2).

use actix_web::http::header::{CACHE_CONTROL, HOST};
use actix_web::{HttpRequest, HttpResponse};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lrs::Caller;
use lrs::token::{self, Fetched};

use super::answers::{Fetch, FetchUrl};
use crate::app::Server;
use crate::refusal::Refusal;

/// Answers an LMS with the URLs for a launch.
///
/// # Errors
/// What [`token::ask`] refuses.
pub(super) async fn ask(
    server: &Server,
    caller: &Caller,
    http: &HttpRequest,
    session: &str,
) -> Result<HttpResponse, Refusal> {
    let secret = token::ask(&server.lrs, caller, session).await?;
    let origin = origin(server, http);
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .json(FetchUrl {
            fetch: format!("{origin}/cmi5/v1/fetch/{secret}"),
            // With the slash that some AUs need and none minds.
            endpoint: format!("{origin}{}/", server.base_path),
        }))
}

/// Answers an AU, which has no credentials yet. AUs look into the answer and not at its status, so it is 200 always.
pub(crate) async fn fetch(server: &Server, secret: &str) -> HttpResponse {
    let failure = |error_code, error_text| Fetch::Failure {
        error_code,
        error_text,
    };
    let answer = match token::fetch(&server.lrs, secret).await {
        Ok(Fetched::Token(token)) => Fetch::Token {
            auth_token: STANDARD.encode(token),
        },
        Ok(Fetched::UsedOrExpired) => failure(
            "1",
            "this fetch URL was used already, or its session has ended: launch the AU again",
        ),
        Ok(Fetched::Unknown) => failure("2", "there is no such fetch URL"),
        Err(error) => {
            tracing::error!(?error, "a token could not be given out");
            failure("3", "the server failed: try again")
        }
    };
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .json(answer)
}

/// Scheme and host by which clients reach the server: as configured, or else as this request did.
pub(crate) fn origin(server: &Server, http: &HttpRequest) -> String {
    if let Some(url) = &server.public_url {
        return url.clone();
    }
    let connection = http.connection_info();
    let host = http
        .headers()
        .get(HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or(connection.host());
    let scheme = match connection.scheme() {
        "https" => "https",
        // A header says it, and that could say anything.
        _ => "http",
    };
    format!("{scheme}://{host}")
}
