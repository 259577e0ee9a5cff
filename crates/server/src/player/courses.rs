//! Courses and launches over the player API.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse};
use lrs::launch::package::{self, Package};
use lrs::launch::start::{self, Base};
use lrs::launch::{Owner, courses, deletion, import, request as wanted};

use super::{answers, body};
use crate::app::Server;
use crate::blocking::blocking;
use crate::cmi5::fetch::origin;
use crate::refusal::Refusal;
use crate::request::{Body, Method, Request};
use crate::spool;

/// What comes in a request's body becomes a course.
pub(super) async fn create(
    server: &Server,
    owner: &Owner,
    request: Request,
) -> Result<HttpResponse, Refusal> {
    let package = received(server, owner, request).await?;
    let made = import::import(&server.lrs, owner, &package).await;
    let course = match made {
        Ok(course) => course,
        Err(error) => {
            let (lrs, tenant) = (Arc::clone(&server.lrs), owner.caller.tenant());
            let discard = move || {
                package.discard(&lrs.store, tenant);
                Ok(())
            };
            blocking(&server.turns, discard).await?;
            return Err(error.into());
        }
    };
    Ok(HttpResponse::Ok().json(answers::course(&course, &package.structure)))
}

async fn received(server: &Server, owner: &Owner, request: Request) -> Result<Package, Refusal> {
    let content_type = request.content_type;
    let incoming = match request.body {
        Body::Streaming(incoming) => incoming,
        Body::Form(_) => return Err(Refusal::NoSuchPath),
    };
    let spooled = spool::receive(server, content_type.as_deref(), incoming).await?;
    let (lrs, tenant) = (Arc::clone(&server.lrs), owner.caller.tenant());
    let limits = server.package_limits.clone();
    let work = move || package::receive(&lrs.store, tenant, spooled.source()?, &limits);
    blocking(&server.turns, work).await
}

pub(super) async fn one(
    server: &Server,
    owner: &Owner,
    id: &str,
    method: Method,
) -> Result<HttpResponse, Refusal> {
    let number = body::number("id", id)?;
    if method == Method::Delete {
        // Clients rely on this for a course that is gone, too.
        match courses::by_number(&server.lrs, owner, number) {
            Ok(id) => deletion::delete(&server.lrs, owner, id).await?,
            Err(lrs::Error::NotFound(_)) => {}
            Err(error) => return Err(error.into()),
        }
        return Ok(HttpResponse::NoContent().finish());
    }
    let (lrs, owner) = (Arc::clone(&server.lrs), owner.clone());
    let read = move || {
        let id = courses::by_number(&lrs, &owner, number)?;
        courses::read(&lrs, &owner, id)
    };
    let (course, structure) = blocking(&server.turns, read).await?;
    Ok(HttpResponse::Ok().json(answers::course(&course, &structure)))
}

pub(super) async fn launch(
    server: &Server,
    owner: &Owner,
    http: &HttpRequest,
    (id, au_index): (&str, &str),
    request: Request,
) -> Result<HttpResponse, Refusal> {
    let number = body::number("id", id)?;
    let au_index = body::number("auIndex", au_index)?;
    // There are no AUs up there.
    let au_index = u32::try_from(au_index).unwrap_or(u32::MAX);
    let text = body::text(server, request).await?;
    let wanted = wanted::launch(&text).map_err(body::payload)?;
    let course = courses::by_number(&server.lrs, owner, number)
        .map_err(|error| body::unknown(error, format!("Unrecognized course: {number}")))?;
    let base = base(server, http);
    let launched = start::start(&server.lrs, owner, (course, au_index), &wanted, &base).await?;
    Ok(HttpResponse::Ok().json(answers::launched(&launched)))
}

/// Where this request's client, and so its learners' browsers, reach the server.
fn base(server: &Server, http: &HttpRequest) -> Base {
    let origin = origin(server, http);
    Base {
        endpoint: format!("{origin}{}", server.base_path),
        fetch: format!("{origin}/cmi5/v1/fetch/"),
        content: server.content.base(&origin),
    }
}
