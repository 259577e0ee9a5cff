//! `/cmi5/v1`: sessions, tokens, violations and policies for those who run an LMS. What comes in, which function of
//! `lrs` does it, and what goes out.

mod answers;
pub(crate) mod fetch;
pub(crate) mod launch_tenants;
pub(crate) mod openapi;
pub(crate) mod operation;
mod query;
pub(crate) mod route;

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse};
use lrs::reports::{self, CountsQuery, SessionsQuery, ViolationsQuery};
use lrs::{Caller, Lrs, abandon, check, policies, requirement};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use xapi::Violation;
use xapi::lexical::identifier;
use xapi::requirement::PARAMETER_VALUE;

use self::answers::Abandoned;
use self::operation::Operation;
use self::query::Query;
use self::route::Route;
use crate::app::Server;
use crate::blocking::blocking;
use crate::refusal::Refusal;
use crate::request::Request;

/// Does what a caller with credentials asks. `segments` is what stands in the braces of the route's path.
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
    let operation =
        operation::find(route, request.method).ok_or(Refusal::MethodNotAllowed(route.methods()))?;
    let mut query = Query::read(operation, &request.parameters);
    let asked = Asked {
        server,
        caller,
        operation,
        segments,
        request: &request,
    };
    let (segment, second) = match segments {
        [] => ("", ""),
        [only] => (only.as_str(), ""),
        [first, second, ..] => (first.as_str(), second.as_str()),
    };
    match route {
        Route::Sessions => sessions(&asked, query).await,
        Route::Violations => violations(&asked, query).await,
        Route::ViolationCounts => counts(&asked, query).await,
        Route::Events => {
            let part = query.part_behind("after");
            query.finish()?;
            let (lrs, caller) = asked.owned();
            let read = move || reports::events(&lrs, &caller, &part);
            Ok(json(&blocking(&server.turns, read).await?))
        }
        Route::Session => {
            query.finish()?;
            let (lrs, caller, id) = (Arc::clone(&server.lrs), caller.clone(), segment.to_owned());
            let story =
                blocking(&server.turns, move || reports::session(&lrs, &caller, &id)).await?;
            Ok(json(&story))
        }
        Route::SessionFetch => {
            query.finish()?;
            fetch::ask(server, caller, http, segment).await
        }
        Route::SessionAbandon => {
            query.finish()?;
            let statement = abandon::abandon(&server.lrs, caller, segment).await?;
            Ok(json(&Abandoned {
                statement: statement.to_string(),
            }))
        }
        Route::Registration => {
            query.finish()?;
            let id = identifier::uuid(segment).ok_or_else(|| {
                Violation::new(PARAMETER_VALUE, "registration", "a UUID", segment)
            })?;
            let (lrs, caller) = (Arc::clone(&server.lrs), caller.clone());
            let found = blocking(&server.turns, move || {
                reports::registration(&lrs, &caller, id)
            })
            .await?;
            Ok(json(&found))
        }
        Route::Check => {
            query.finish()?;
            let body = text(server, request).await?;
            let (lrs, caller) = (Arc::clone(&server.lrs), caller.clone());
            let answer =
                blocking(&server.turns, move || check::check(&lrs, &caller, &body)).await?;
            Ok(json(&answer))
        }
        Route::Rules => {
            query.finish()?;
            Ok(json(&reports::rules(&server.lrs, caller)?))
        }
        Route::Policies => {
            query.finish()?;
            tenants_policies(server, caller, operation, request).await
        }
        Route::LaunchTenants if operation.body.is_none() => {
            launch_tenants::list(&asked, query).await
        }
        Route::LaunchTenants => {
            query.finish()?;
            launch_tenants::create(server, caller, request).await
        }
        Route::LaunchTenant => {
            query.finish()?;
            launch_tenants::delete(server, caller, segment).await
        }
        Route::LaunchTokens if operation.body.is_none() => {
            launch_tenants::list_tokens(&asked, query, segment).await
        }
        Route::LaunchTokens => {
            query.finish()?;
            launch_tenants::issue(server, caller, segment, request).await
        }
        Route::LaunchToken => {
            query.finish()?;
            launch_tenants::revoke(server, caller, (segment, second)).await
        }
        // They are open and were answered before anybody was asked for credentials.
        Route::OpenApi | Route::Fetch => Err(Refusal::NoSuchPath),
    }
}

/// A request for a list.
struct Asked<'a> {
    server: &'a Server,
    caller: &'a Caller,
    operation: &'a Operation,
    segments: &'a [String],
    request: &'a Request,
}

impl Asked<'_> {
    fn owned(&self) -> (Arc<Lrs>, Caller) {
        (Arc::clone(&self.server.lrs), self.caller.clone())
    }

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

async fn sessions(asked: &Asked<'_>, mut query: Query<'_>) -> Result<HttpResponse, Refusal> {
    let wanted = SessionsQuery {
        registration: query.uuid("registration"),
        actor: query.agent("actor"),
        activity: query.iri("activity"),
        state: query.state("state"),
        since: query.timestamp("since"),
        part: query.part(),
    };
    query.finish()?;
    let (lrs, caller) = asked.owned();
    let mut page = blocking(&asked.server.turns, move || {
        reports::sessions(&lrs, &caller, &wanted)
    })
    .await?;
    page.more = page.more.map(|cursor| asked.link(&cursor));
    Ok(json(&page))
}

async fn violations(asked: &Asked<'_>, mut query: Query<'_>) -> Result<HttpResponse, Refusal> {
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
    let (lrs, caller) = asked.owned();
    let mut page = blocking(&asked.server.turns, move || {
        reports::violations(&lrs, &caller, &wanted)
    })
    .await?;
    page.more = page.more.map(|cursor| asked.link(&cursor));
    Ok(json(&page))
}

async fn counts(asked: &Asked<'_>, mut query: Query<'_>) -> Result<HttpResponse, Refusal> {
    let wanted = CountsQuery {
        requirement: query.text("requirement"),
        part: query.part(),
    };
    query.finish()?;
    let (lrs, caller) = asked.owned();
    let mut page = blocking(&asked.server.turns, move || {
        reports::counts(&lrs, &caller, &wanted)
    })
    .await?;
    page.more = page.more.map(|cursor| asked.link(&cursor));
    Ok(json(&page))
}

async fn tenants_policies(
    server: &Server,
    caller: &Caller,
    operation: &Operation,
    request: Request,
) -> Result<HttpResponse, Refusal> {
    if operation.body.is_none() {
        return Ok(json(&*policies::get(&server.lrs, caller)?));
    }
    let body = text(server, request).await?;
    let wanted = serde_json::from_str(&body).map_err(|error| {
        Violation::new(
            requirement::POLICIES,
            "",
            "the policies as `GET /cmi5/v1/policies` answers them",
            error.to_string(),
        )
    })?;
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
