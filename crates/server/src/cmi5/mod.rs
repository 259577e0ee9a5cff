//! `/cmi5/v1`: sessions, tokens, violations and policies for those who run an LMS, and courses that are launched here.
//! What comes in, which function of `lrs` does it, and what goes out.

pub(crate) mod answers;
pub(crate) mod courses;
pub(crate) mod fetch;
pub(crate) mod launch_tenants;
mod launching;
pub(crate) mod operation;
mod query;
pub(crate) mod registrations;
pub(crate) mod route;

use actix_web::{HttpRequest, HttpResponse};
use lrs::credential::Permission;
use lrs::launch::Owner;
use lrs::reports::{self, CountsQuery, SessionsQuery, ViolationsQuery};
use lrs::{Caller, Lrs, abandon, check, policies, requirement};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use xapi::Violation;

use self::answers::Abandoned;
use self::operation::{OPERATIONS, Operation};
use self::query::Query;
use self::route::Route;
use crate::app::Server;
use crate::blocking::ask;
use crate::operation::{Access, find};
use crate::refusal::Refusal;
use crate::request::{Method, Request};

/// Does what a caller with a key asks. `segments` is what stands in the braces of the route's path.
///
/// # Errors
/// Wrong parameters and bodies, and what the operations refuse.
pub async fn serve(
    server: &Server,
    caller: &Caller,
    http: &HttpRequest,
    (route, segments): (Route, &[String]),
    request: Request,
) -> Result<HttpResponse, Refusal> {
    caller.needs_lms()?;
    let operation = operation(route, request.method)?;
    if operation.access == Access::LmsOrLaunchTenant {
        let owner = match (operation.route, operation.method) {
            // It stores nothing.
            (Route::CourseCheck, _) => Owner::reading(caller).or_else(|_| Owner::of_key(caller))?,
            (_, Method::Get) => Owner::reading(caller)?,
            _ => Owner::of_key(caller)?,
        };
        return launching::serve(server, &owner, http, (operation, segments), request).await;
    }
    if operation.access == Access::Admin {
        caller.needs(Permission::Administer)?;
    }
    let query = Query::read(operation, &request.parameters);
    let asked = Asked {
        server,
        operation,
        segments,
        request: &request,
    };
    match (route, operation.method) {
        (Route::Sessions, _) => sessions(&asked, caller, query).await,
        (Route::Violations, _) => violations(&asked, caller, query).await,
        (Route::ViolationCounts, _) => counts(&asked, caller, query).await,
        (Route::Events, _) => events(server, caller, query).await,
        (Route::LaunchTenants, Method::Get) => launch_tenants::list(&asked, caller, query).await,
        (Route::LaunchTokens, Method::Get) => {
            launch_tenants::list_tokens(&asked, caller, query).await
        }
        _ => {
            query.finish()?;
            without_query(server, caller, http, (operation, segments), request).await
        }
    }
}

/// Does what a launch tenant with a token asks.
///
/// # Errors
/// As [`serve`].
pub async fn serve_launch_tenant(
    server: &Server,
    owner: &Owner,
    http: &HttpRequest,
    (route, segments): (Route, &[String]),
    request: Request,
) -> Result<HttpResponse, Refusal> {
    let operation = operation(route, request.method)?;
    launching::serve(server, owner, http, (operation, segments), request).await
}

fn operation(route: Route, method: Method) -> Result<&'static Operation, Refusal> {
    find(OPERATIONS, route, method).ok_or(Refusal::MethodNotAllowed(route.methods()))
}

async fn without_query(
    server: &Server,
    caller: &Caller,
    http: &HttpRequest,
    (operation, segments): (&Operation, &[String]),
    request: Request,
) -> Result<HttpResponse, Refusal> {
    match (operation.route, segments) {
        (Route::Session, [id]) => {
            let id = id.to_owned();
            let read = move |lrs: &Lrs, caller: &Caller| reports::session(lrs, caller, &id);
            Ok(json(&ask(server, caller, read).await?))
        }
        (Route::SessionFetch, [id]) => fetch::ask(server, caller, http, id).await,
        (Route::SessionAbandon, [id]) => {
            let statement = abandon::abandon(&server.lrs, caller, id).await?;
            Ok(json(&Abandoned {
                statement: statement.to_string(),
            }))
        }
        (Route::Check, []) => {
            let body = text(server, request).await?;
            let judge = move |lrs: &Lrs, caller: &Caller| check::check(lrs, caller, &body);
            Ok(json(&ask(server, caller, judge).await?))
        }
        (Route::Rules, []) => Ok(json(&reports::rules(&server.lrs, caller)?)),
        (Route::Policies, []) => tenants_policies(server, caller, request).await,
        (Route::LaunchTenants, []) => launch_tenants::create(server, caller, request).await,
        (Route::LaunchTenant, [id]) => launch_tenants::delete(server, caller, id).await,
        (Route::LaunchTokens, [id]) => launch_tenants::issue(server, caller, id, request).await,
        (Route::LaunchToken, [id, token]) => {
            launch_tenants::revoke(server, caller, (id, token)).await
        }
        // The others are open, lists, or the launch service's; and each has as many segments as its path.
        _ => Err(Refusal::NoSuchPath),
    }
}

/// A request for a list.
struct Asked<'a> {
    server: &'a Server,
    operation: &'a Operation,
    segments: &'a [String],
    request: &'a Request,
}

impl Asked<'_> {
    /// Path and query of the next page.
    fn link(&self, cursor: &str) -> String {
        let mut link = self.server.public_path.clone();
        let mut segments = self.segments.iter();
        for part in self.operation.route.template().split('/').skip(1) {
            link.push('/');
            if part.starts_with('{') {
                let segment = segments.next().map_or("", String::as_str);
                link.extend(utf8_percent_encode(segment, NON_ALPHANUMERIC));
            } else {
                link.push_str(part);
            }
        }
        link.push('?');
        let others = self.request.parameters.iter();
        for (name, value) in others.filter(|(name, _)| name != "cursor") {
            link.push_str(name);
            link.push('=');
            link.extend(utf8_percent_encode(value, NON_ALPHANUMERIC));
            link.push('&');
        }
        link + "cursor=" + cursor
    }
}

async fn events(
    server: &Server,
    caller: &Caller,
    mut query: Query<'_>,
) -> Result<HttpResponse, Refusal> {
    let part = query.part_behind("after");
    query.finish()?;
    let read = move |lrs: &Lrs, caller: &Caller| reports::events(lrs, caller, &part);
    Ok(json(&ask(server, caller, read).await?))
}

async fn sessions(
    asked: &Asked<'_>,
    caller: &Caller,
    mut query: Query<'_>,
) -> Result<HttpResponse, Refusal> {
    let wanted = SessionsQuery {
        registration: query.uuid("registration"),
        actor: query.agent("actor"),
        activity: query.iri("activity"),
        state: query.state("state"),
        since: query.timestamp("since"),
        part: query.part(),
    };
    query.finish()?;
    let read = move |lrs: &Lrs, caller: &Caller| reports::sessions(lrs, caller, &wanted);
    let mut page = ask(asked.server, caller, read).await?;
    page.more = page.more.map(|cursor| asked.link(&cursor));
    Ok(json(&page))
}

async fn violations(
    asked: &Asked<'_>,
    caller: &Caller,
    mut query: Query<'_>,
) -> Result<HttpResponse, Refusal> {
    let wanted = ViolationsQuery {
        session: query.text("session"),
        registration: query.uuid("registration"),
        requirement: query.text("requirement"),
        activity: query.iri("activity"),
        decision: query.decision("decision"),
        since: query.timestamp("since"),
        part: query.part(),
    };
    query.finish()?;
    let read = move |lrs: &Lrs, caller: &Caller| reports::violations(lrs, caller, &wanted);
    let mut page = ask(asked.server, caller, read).await?;
    page.more = page.more.map(|cursor| asked.link(&cursor));
    Ok(json(&page))
}

async fn counts(
    asked: &Asked<'_>,
    caller: &Caller,
    mut query: Query<'_>,
) -> Result<HttpResponse, Refusal> {
    let wanted = CountsQuery {
        requirement: query.text("requirement"),
        part: query.part(),
    };
    query.finish()?;
    let read = move |lrs: &Lrs, caller: &Caller| reports::counts(lrs, caller, &wanted);
    let mut page = ask(asked.server, caller, read).await?;
    page.more = page.more.map(|cursor| asked.link(&cursor));
    Ok(json(&page))
}

async fn tenants_policies(
    server: &Server,
    caller: &Caller,
    request: Request,
) -> Result<HttpResponse, Refusal> {
    if request.method != Method::Put {
        return Ok(json(&*policies::get(&server.lrs, caller)?));
    }
    let body = text(server, request).await?;
    // A list of the members' values would pass as well, and be all defaults.
    let is_object = body.trim_start().starts_with('{');
    let wanted = match serde_json::from_str(&body) {
        Ok(wanted) if is_object => wanted,
        other => {
            let got = other
                .err()
                .map_or("something else".to_owned(), |error| error.to_string());
            let expected = "the policies as `GET /cmi5/v1/policies` answers them";
            return Err(Violation::new(requirement::POLICIES, "", expected, got).into());
        }
    };
    Ok(json(&*policies::put(&server.lrs, caller, wanted).await?))
}

async fn text(server: &Server, request: Request) -> Result<String, Refusal> {
    let bytes = Request::bytes(request.body, server.body_limits).await?;
    String::from_utf8(bytes.into()).map_err(|_| {
        Violation::new(
            requirement::BODY_ENCODING,
            "",
            "JSON in UTF-8",
            "other bytes",
        )
        .into()
    })
}

fn json(answer: &impl Serialize) -> HttpResponse {
    HttpResponse::Ok().json(answer)
}
