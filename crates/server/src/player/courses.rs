//! Courses and launches over the player API.

use actix_web::{HttpRequest, HttpResponse};
use lrs::Lrs;
use lrs::launch::{Owner, courses, request as wanted, start};

use schemars::JsonSchema;

use super::{answers, body};
use crate::app::Server;
use crate::blocking::ask;
use crate::cmi5::courses::receive;
use crate::cmi5::registrations::{base, index};
use crate::deletion::delete_course;
use crate::path::number;
use crate::refusal::Refusal;
use crate::request::{Method, Request};

/// A launch: what [`wanted::launch`] reads.
#[derive(JsonSchema)]
#[schemars(rename = "PlayerNewLaunch")]
#[expect(dead_code, reason = "it is a schema alone")]
pub(super) struct NewLaunch {
    /// The learner: an Agent with an account.
    actor: serde_json::Value,
    /// The registration, a UUID. One that is unknown is made.
    reg: Option<String>,
    #[serde(flatten)]
    more: wanted::LaunchBody<'static>,
}

pub(super) async fn create(
    server: &Server,
    owner: &Owner,
    request: Request,
) -> Result<HttpResponse, Refusal> {
    let (course, package) = receive(server, owner, request).await?;
    Ok(HttpResponse::Ok().json(answers::course(&course, &package.structure)))
}

pub(super) async fn one(
    server: &Server,
    owner: &Owner,
    id: &str,
    method: Method,
) -> Result<HttpResponse, Refusal> {
    let number = number("id", id)?;
    if method == Method::Delete {
        // Clients rely on this for a course that is gone, too.
        match courses::by_number(&server.lrs, owner, number) {
            Ok(id) => delete_course(server, owner, id).await?,
            Err(lrs::Error::NotFound(_)) => {}
            Err(error) => return Err(error.into()),
        }
        return Ok(HttpResponse::NoContent().finish());
    }
    let read = move |lrs: &Lrs, owner: &Owner| {
        let id = courses::by_number(lrs, owner, number)?;
        courses::read(lrs, owner, id)
    };
    let (course, structure) = ask(server, owner, read).await?;
    Ok(HttpResponse::Ok().json(answers::course(&course, &structure)))
}

pub(super) async fn launch(
    server: &Server,
    owner: &Owner,
    http: &HttpRequest,
    (id, au_index): (&str, &str),
    request: Request,
) -> Result<HttpResponse, Refusal> {
    let number = number("id", id)?;
    let au_index = index(au_index)?;
    let text = body::text(server, request).await?;
    let wanted = wanted::launch(&text).map_err(body::payload)?;
    let course = courses::by_number(&server.lrs, owner, number)
        .map_err(|error| body::unknown(error, format!("Unrecognized course: {number}")))?;
    let base = base(server, http);
    let launched = start::start(&server.lrs, owner, (course, au_index), &wanted, &base).await?;
    Ok(HttpResponse::Ok().json(answers::launched(&launched)))
}
