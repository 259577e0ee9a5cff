//! Registrations and sessions over the player API.

use actix_web::HttpResponse;
use lrs::Lrs;
use lrs::launch::learner::Learner;
use lrs::launch::{
    Owner, courses, deletion, preferences, registration, request as wanted, session, view,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::value::RawValue;
use uuid::Uuid;
use xapi::lexical::identifier;

use super::answers;
use super::body::{self, Number};
use crate::app::Server;
use crate::blocking::ask;
use crate::cmi5::registrations::{document, index};
use crate::path::number;
use crate::refusal::Refusal;
use crate::request::{Method, Request};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(rename = "PlayerNewRegistration")]
pub(super) struct NewRegistration<'r> {
    #[schemars(with = "u64")]
    course_id: Number,
    /// The learner: an Agent with an account.
    #[serde(borrow)]
    #[schemars(with = "serde_json::Value")]
    actor: &'r RawValue,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Waiver {
    reason: String,
}

pub(super) async fn create(
    server: &Server,
    owner: &Owner,
    request: Request,
) -> Result<HttpResponse, Refusal> {
    let text = body::text(server, request).await?;
    let new: NewRegistration<'_> =
        wanted::read(&text, "`courseId` and `actor`").map_err(body::payload)?;
    let learner = Learner::parse(new.actor.get(), "/actor").map_err(body::payload)?;
    let Number(number) = new.course_id;
    let course = courses::by_number(&server.lrs, owner, number)?;
    let id = registration::create(&server.lrs, owner, (None, course), &learner).await?;
    shown(server, owner, id).await
}

async fn shown(server: &Server, owner: &Owner, id: Uuid) -> Result<HttpResponse, Refusal> {
    let view = ask(server, owner, move |lrs, owner| view::read(lrs, owner, id)).await?;
    Ok(HttpResponse::Ok().json(answers::registration(&view)))
}

/// By number or by UUID.
fn named(lrs: &Lrs, owner: &Owner, text: &str) -> Result<Uuid, Refusal> {
    if let Some(id) = identifier::uuid(text) {
        return Ok(id);
    }
    let unknown = || format!("registration: {text}");
    let number = number("idOrCode", text).map_err(|_| Refusal::Unknown(unknown()))?;
    registration::by_number(lrs, owner, number).map_err(|error| body::unknown(error, unknown()))
}

pub(super) async fn one(
    server: &Server,
    owner: &Owner,
    text: &str,
    method: Method,
) -> Result<HttpResponse, Refusal> {
    if method == Method::Delete {
        let number = number("id", text)?;
        match registration::by_number(&server.lrs, owner, number) {
            Ok(id) => deletion::delete_registration(&server.lrs, owner, id).await?,
            Err(lrs::Error::NotFound(_)) => {}
            Err(error) => return Err(error.into()),
        }
        return Ok(HttpResponse::NoContent().finish());
    }
    let id = named(&server.lrs, owner, text)?;
    shown(server, owner, id).await
}

pub(super) async fn waive(
    server: &Server,
    owner: &Owner,
    (text, au_index): (&str, &str),
    request: Request,
) -> Result<HttpResponse, Refusal> {
    let id = named(&server.lrs, owner, text)?;
    let au_index = index(au_index)?;
    let Waiver { reason } = body::read(server, request).await?;
    registration::waive(&server.lrs, owner, id, au_index, &reason)
        .await
        .map_err(body::payload)?;
    Ok(HttpResponse::NoContent().finish())
}

pub(super) async fn learner_prefs(
    server: &Server,
    owner: &Owner,
    text: &str,
    request: Request,
) -> Result<HttpResponse, Refusal> {
    let lrs = &server.lrs;
    let id = named(lrs, owner, text)?;
    match request.method {
        Method::Post => {
            let content = body::text(server, request).await?;
            preferences::write(lrs, owner, id, content.into_bytes())
                .await
                .map_err(body::payload)?;
            Ok(HttpResponse::NoContent().finish())
        }
        Method::Delete => {
            preferences::delete(lrs, owner, id).await?;
            Ok(HttpResponse::NoContent().finish())
        }
        Method::Get | Method::Head | Method::Put | Method::Options => {
            Ok(document(preferences::read(lrs, owner, id).await?))
        }
    }
}

/// The id of a session by number or by id.
fn session_named(lrs: &Lrs, owner: &Owner, text: &str) -> Result<String, Refusal> {
    match number("idOrCode", text) {
        Ok(number) => session::by_number(lrs, owner, number)
            .map_err(|error| body::unknown(error, format!("session: {text}"))),
        Err(_) => Ok(text.to_owned()),
    }
}

pub(super) fn session(server: &Server, owner: &Owner, text: &str) -> Result<HttpResponse, Refusal> {
    let lrs = &server.lrs;
    let id = session_named(lrs, owner, text)?;
    let found = session::read(lrs, owner, &id)?;
    Ok(HttpResponse::Ok().json(answers::session(&found)))
}

pub(super) async fn abandon(
    server: &Server,
    owner: &Owner,
    text: &str,
) -> Result<HttpResponse, Refusal> {
    let id = session_named(&server.lrs, owner, text)?;
    session::abandon(&server.lrs, owner, &id).await?;
    Ok(HttpResponse::NoContent().finish())
}
