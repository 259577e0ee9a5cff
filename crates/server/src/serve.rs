//! One request from its head to its answer: route, preflight, credentials, version, operation, common headers.

use std::panic::AssertUnwindSafe;
use std::rc::Rc;
use std::time::Instant;

use actix_web::http::header::{
    AUTHORIZATION, CACHE_CONTROL, HeaderMap, HeaderName, HeaderValue, ORIGIN, VARY,
};
use actix_web::{HttpRequest, HttpResponse, web};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::FutureExt as _;
use lrs::Caller;
use lrs::launch::{Owner, tokens};
use lrs::requirement;
use lrs::token::{self, Purpose};
use xapi::{Version, Violation};

use crate::app::Server;
use crate::body::Incoming;
use crate::cmi5;
use crate::cmi5::operation::takes_launch_tenants;
use crate::cmi5::route::Route;
use crate::connection;
use crate::content;
use crate::cors::{self, Origins};
use crate::openapi;
use crate::operation::{Access, find};
use crate::player::{self, management};
use crate::refusal::{Place, Refusal, Shape};
use crate::request::{Method, Request};
use crate::route::{Found, Resource};
use crate::xapi as resources;

const VERSION: HeaderName = HeaderName::from_static("x-experience-api-version");
const CONSISTENT_THROUGH: HeaderName =
    HeaderName::from_static("x-experience-api-consistent-through");
const VIOLATIONS: HeaderName = HeaderName::from_static("x-tessera-violations");
const VIOLATIONS_MAX: usize = 20;
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");

const BASIC: &str = "Basic realm=\"xAPI\", charset=\"UTF-8\"";
const BEARER: &str = "Bearer realm=\"launch\"";

/// What the log line of a request says, and what its answer is made of, filled in on the way.
#[derive(Default)]
struct Trace {
    resource: Option<Resource>,
    /// The credential's name; its key and secret never get into a log.
    credential: Option<String>,
    /// What the answer announces.
    version: Option<Version>,
    /// The resource takes tokens and no keys.
    challenge: Option<&'static str>,
}

/// Answers any request.
pub async fn serve(
    http: HttpRequest,
    payload: web::Payload,
    server: web::Data<Server>,
) -> HttpResponse {
    let started = Instant::now();
    let request_id = server.next_request_id();
    let mut trace = Trace::default();
    connection::serving(&http);
    // Held until the answer is made: what is decided on takes memory too.
    let share = Rc::new(server.memory.share());
    let incoming = Incoming::new(payload.into_inner(), Rc::clone(&share));
    let outcome = shield(answer(&http, incoming, &server, &mut trace)).await;
    drop(share);
    let outcome = outcome.and_then(|answer| connection::send(&http, server.memory.share(), answer));
    let mut response = outcome.unwrap_or_else(|refusal| {
        connection::refuse(&http);
        if let Refusal::Lrs(lrs::Error::Storage(error)) = &refusal {
            tracing::error!(request = %request_id, ?error, "the store failed");
        }
        refusal.answer(&Place {
            request_id: &request_id,
            endpoint: &server.endpoint,
            challenge: no_browser(http.headers()).then(|| trace.challenge.unwrap_or(BASIC)),
            shape: shape(trace.resource, http.path()),
        })
    });
    finish(&http, &server, &trace, &request_id, response.headers_mut());
    tracing::info!(
        request = %request_id,
        method = %http.method(),
        resource = trace.resource.map_or("-", Resource::name),
        status = response.status().as_u16(),
        micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX),
        credential = trace.credential.as_deref().unwrap_or("-"),
        "answered"
    );
    response
}

/// A defect in one request is that request's failure alone. The panic hook has logged where it happened.
async fn shield(
    answer: impl Future<Output = Result<HttpResponse, Refusal>>,
) -> Result<HttpResponse, Refusal> {
    AssertUnwindSafe(answer)
        .catch_unwind()
        .await
        .unwrap_or(Err(Refusal::Panicked))
}

async fn answer(
    http: &HttpRequest,
    incoming: Incoming,
    server: &Server,
    trace: &mut Trace,
) -> Result<HttpResponse, Refusal> {
    let found = Resource::find(&server.base_path, &server.content.path, http.path());
    let resource = found.as_ref().map(|found| found.resource);
    trace.resource = resource;
    let methods = resource.map_or(
        &["GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS"][..],
        Resource::methods,
    );
    if http.method() == actix_web::http::Method::OPTIONS {
        return Ok(cors::preflight(methods));
    }
    let Found { resource, segments } = found.ok_or(Refusal::NoSuchPath)?;
    let not_allowed = || Refusal::MethodNotAllowed(methods);
    let method = Method::parse(http.method().as_str()).ok_or_else(not_allowed)?;
    if let Resource::Cmi5(route) = resource {
        let request = (http, incoming, method);
        return of_cmi5(request, server, trace, (route, &segments)).await;
    }
    if let Resource::Player(route) = resource {
        let request = (http, incoming, method);
        return of_player(request, server, trace, (route, &segments)).await;
    }
    if resource == Resource::Content {
        let below = segments.first().map_or("", String::as_str);
        return match methods.contains(&method.name()) {
            true => content::serve(server, http, below).await,
            false => Err(not_allowed()),
        };
    }
    let request = Request::read(http, incoming, method, server.body_limits).await?;
    trace.version = request.version.as_deref().and_then(Version::parse);
    let allowed = methods.contains(&request.method.name());
    match resource {
        Resource::HealthLive | Resource::HealthReady | Resource::About if !allowed => {
            return Err(not_allowed());
        }
        Resource::HealthLive => return Ok(HttpResponse::Ok().body("live\n")),
        Resource::HealthReady => return Ok(ready(server)),
        Resource::About => return resources::about::get(server, &request),
        Resource::Statements
        | Resource::State
        | Resource::ActivityProfile
        | Resource::AgentProfile
        | Resource::Activities
        | Resource::Agents
        | Resource::Cmi5(_)
        | Resource::Player(_)
        | Resource::Content => {}
    }
    let caller = authenticate(server, &request, trace).await?;
    trace.version = Some(caller.version);
    if !allowed {
        return Err(not_allowed());
    }
    token::is_open(&server.lrs, &caller, purpose(resource, request.method))?;
    match resource {
        Resource::Statements => resources::statements::serve(server, &caller, request).await,
        Resource::State | Resource::ActivityProfile | Resource::AgentProfile => {
            resources::documents::serve(server, &caller, resource, request).await
        }
        Resource::Activities => resources::definitions::activities(server, &caller, &request),
        Resource::Agents => resources::definitions::agents(server, &caller, &request),
        Resource::About
        | Resource::HealthLive
        | Resource::HealthReady
        | Resource::Cmi5(_)
        | Resource::Player(_)
        | Resource::Content => Err(Refusal::NoSuchPath),
    }
}

/// The API below `/cmi5/v1` has neither xAPI's versions nor its alternate syntax.
async fn of_cmi5(
    (http, incoming, method): (&HttpRequest, Incoming, Method),
    server: &Server,
    trace: &mut Trace,
    (route, segments): (Route, &[String]),
) -> Result<HttpResponse, Refusal> {
    let methods = route.methods();
    let is_allowed = methods.contains(&method.name());
    match route {
        Route::Fetch | Route::OpenApi if !is_allowed => {
            return Err(Refusal::MethodNotAllowed(methods));
        }
        Route::Fetch => {
            let secret = segments.first().map_or("", String::as_str);
            return Ok(cmi5::fetch::fetch(server, secret).await);
        }
        Route::OpenApi => return Ok(openapi::answer()),
        _ => {}
    }
    let mut request = Request::read_plain(http, incoming, method)?;
    // Only statements to be checked are of a version.
    let named = request.version.as_deref().and_then(Version::parse);
    request.version = Some(named.unwrap_or(Version::V1_0_3).announced().to_owned());
    let header = request.authorization.as_deref().unwrap_or_default();
    if takes_launch_tenants(route) && bearer(header).is_ok() {
        let owner = launch_tenant(server, header, trace)?;
        return cmi5::serve_launch_tenant(server, &owner, http, (route, segments), request).await;
    }
    let caller = authenticate(server, &request, trace).await?;
    if !is_allowed {
        return Err(Refusal::MethodNotAllowed(methods));
    }
    cmi5::serve(server, &caller, http, (route, segments), request).await
}

/// The player API has no versions either. Its launch tenants come with a token, those who make them with a key.
async fn of_player(
    (http, incoming, method): (&HttpRequest, Incoming, Method),
    server: &Server,
    trace: &mut Trace,
    (route, segments): (player::route::Route, &[String]),
) -> Result<HttpResponse, Refusal> {
    let operation = find(player::operation::OPERATIONS, route, method)
        .ok_or(Refusal::MethodNotAllowed(route.methods()))?;
    let mut request = Request::read_plain(http, incoming, method)?;
    match operation.access {
        Access::Open | Access::Lms | Access::Admin => {
            request.version = Some(Version::V1_0_3.announced().to_owned());
            let caller = authenticate(server, &request, trace).await?;
            management::serve(server, &caller, (route, segments), request).await
        }
        Access::LaunchTenant | Access::LmsOrLaunchTenant => {
            trace.challenge = Some(BEARER);
            let header = request.authorization.as_deref().unwrap_or_default();
            let owner = launch_tenant(server, header, trace)?;
            player::serve(server, &owner, http, (route, segments), request).await
        }
    }
}

/// For whom a token works.
fn launch_tenant(server: &Server, header: &str, trace: &mut Trace) -> Result<Owner, Refusal> {
    let owner = tokens::authenticate(&server.lrs, bearer(header)?)?
        .ok_or(Refusal::Unauthorized("no such token, or it has ended"))?;
    trace.credential = Some(owner.caller.credential.name.clone());
    Ok(owner)
}

fn ready(server: &Server) -> HttpResponse {
    if server.lrs.store.is_ready() {
        HttpResponse::Ok().body("ready\n")
    } else {
        HttpResponse::ServiceUnavailable().body("the store takes no writes\n")
    }
}

/// Credentials before the version: a wrong secret is 401 whatever else is wrong, and a credential may stand for a
/// version that its old sender does not name.
async fn authenticate(
    server: &Server,
    request: &Request,
    trace: &mut Trace,
) -> Result<Caller, Refusal> {
    let header = request.authorization.as_deref().unwrap_or_default();
    let (user, password) = basic(header)?;
    let (credential, session) = match token::authenticate(&server.lrs, &user, &password)? {
        Some((credential, session)) => (credential, Some(session)),
        None => {
            let credentials = &server.lrs.credentials;
            (credentials.authenticate(&user, &password).await?, None)
        }
    };
    trace.credential = Some(credential.name.clone());
    let version = match request.version.as_deref() {
        Some(text) => Version::parse(text).ok_or_else(|| unknown_version(text))?,
        None => credential
            .assume_version
            .ok_or_else(|| unknown_version("no such header"))?,
    };
    Ok(Caller {
        credential,
        version,
        session,
    })
}

/// A token outlives its session for statements alone, if at all.
fn purpose(resource: Resource, method: Method) -> Purpose {
    match (resource, method) {
        (Resource::Statements, Method::Post | Method::Put) => Purpose::WriteStatements,
        _ => Purpose::Other,
    }
}

fn basic(header: &str) -> Result<(String, String), Refusal> {
    const EXPECTED: &str = "send `Authorization: Basic` with base64 of key:secret";
    let refused = || Refusal::Unauthorized(EXPECTED);
    let (scheme, token) = header.trim().split_once(' ').ok_or_else(refused)?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(refused());
    }
    let decoded = STANDARD.decode(token.trim()).map_err(|_| refused())?;
    let text = String::from_utf8(decoded).map_err(|_| refused())?;
    let (user, password) = text.split_once(':').ok_or_else(refused)?;
    Ok((user.to_owned(), password.to_owned()))
}

fn bearer(header: &str) -> Result<&str, Refusal> {
    match header.trim().split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(token.trim()),
        Some(_) | None => Err(Refusal::Unauthorized(
            "send `Authorization: Bearer` with a token from `POST /api/v1/auth`",
        )),
    }
}

fn shape(resource: Option<Resource>, path: &str) -> Shape {
    match resource {
        Some(Resource::Player(_)) => Shape::Player,
        None if player::is_below(path) => Shape::Player,
        Some(_) | None => Shape::Own,
    }
}

fn unknown_version(got: &str) -> Refusal {
    Refusal::from(Violation::new(
        requirement::VERSION_HEADER,
        "X-Experience-API-Version",
        "the header `X-Experience-API-Version` with `1.0`, `1.0.x`, `2.0` or `2.0.x`",
        got,
    ))
}

/// A browser sends at least one of these; it would answer a challenge with a login dialog inside the content.
fn no_browser(headers: &HeaderMap) -> bool {
    ![AUTHORIZATION, ORIGIN, SEC_FETCH_MODE]
        .iter()
        .any(|name| headers.contains_key(name))
}

/// What every answer carries.
fn finish(
    http: &HttpRequest,
    server: &Server,
    trace: &Trace,
    request_id: &str,
    headers: &mut HeaderMap,
) {
    let version = trace.version.unwrap_or(server.version_announced);
    headers.insert(VERSION, HeaderValue::from_static(version.announced()));
    let is_fetch = trace.resource == Some(Resource::Cmi5(Route::Fetch));
    if !headers.contains_key(CACHE_CONTROL) {
        let value = if is_fetch {
            "no-store"
        } else {
            "private, no-cache"
        };
        headers.insert(CACHE_CONTROL, HeaderValue::from_static(value));
    }
    headers.insert(VARY, HeaderValue::from_static("Authorization, Origin"));
    if let Ok(value) = HeaderValue::from_str(request_id) {
        headers.insert(REQUEST_ID, value);
    }
    if trace.resource == Some(Resource::Statements) && !headers.contains_key(CONSISTENT_THROUGH) {
        let through = consistent_through(server.lrs.store.consistent_through());
        headers.insert(CONSISTENT_THROUGH, through);
    }
    // The secret of a fetch URL is all that it takes, wherever the AU runs.
    let origins = if is_fetch {
        &Origins::Any
    } else {
        &server.origins
    };
    if let Some(origin) = origins.admit(http.headers()) {
        cors::expose(headers, origin);
    }
}

/// The header's value for an instant in microseconds since 1970.
fn consistent_through(micros: u64) -> HeaderValue {
    HeaderValue::from_str(&xapi::lexical::timestamp::render(
        i64::try_from(micros).unwrap_or(i64::MAX),
    ))
    .expect("a timestamp has digits and punctuation alone")
}

/// Names the rules that were broken by what was stored nevertheless.
pub fn put_violations(headers: &mut HeaderMap, requirements: &[&'static str]) {
    let ids: Vec<&str> = requirements.iter().copied().take(VIOLATIONS_MAX).collect();
    if let (false, Ok(value)) = (ids.is_empty(), HeaderValue::from_str(&ids.join(","))) {
        headers.insert(VIOLATIONS, value);
    }
}

/// Puts the header of an answer that was read from a snapshot: what held before the snapshot was taken.
pub fn put_consistent_through(headers: &mut HeaderMap, micros: u64) {
    headers.insert(CONSISTENT_THROUGH, consistent_through(micros));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[actix_web::test]
    async fn a_panic_is_answered_500() {
        let outcome = shield(async { panic!("on purpose, by a test") }).await;
        let refusal = outcome.expect_err("the panic is a refusal");
        assert_eq!(refusal.status().as_u16(), 500);
    }

    #[test]
    fn basic_credentials_are_read_or_refused() {
        let good = format!("Basic {}", STANDARD.encode("key:se:cret"));
        assert_eq!(
            basic(&good).ok(),
            Some(("key".to_owned(), "se:cret".to_owned()))
        );
        let colonless = format!("Basic {}", STANDARD.encode("key"));
        for wrong in [
            "",
            "Basic",
            "Basic:a2V5OnM=",
            "Bearer a2V5OnM=",
            "Basic !!",
            &colonless,
        ] {
            assert!(
                matches!(basic(wrong), Err(Refusal::Unauthorized(_))),
                "{wrong}"
            );
        }
    }
}
