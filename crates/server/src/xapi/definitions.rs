//! The Activities and Agents resources over HTTP.

use actix_web::HttpResponse;
use actix_web::http::header::ContentType;
use lrs::Caller;
use xapi::query;

use crate::app::Server;
use crate::refusal::Refusal;
use crate::request::Request;

/// # Errors
/// No or a wrong `activityId`; what [`lrs::activities::get`] refuses.
pub fn activities(
    server: &Server,
    caller: &Caller,
    request: &Request,
) -> Result<HttpResponse, Refusal> {
    let activity = query::activity(&request.parameters)?;
    Ok(json(lrs::activities::get(&server.lrs, caller, &activity)?))
}

/// # Errors
/// No or a wrong `agent`; what [`lrs::agents::get`] refuses.
pub fn agents(
    server: &Server,
    caller: &Caller,
    request: &Request,
) -> Result<HttpResponse, Refusal> {
    let agent = query::agent(&request.parameters)?;
    Ok(json(lrs::agents::get(&server.lrs, caller, &agent)?))
}

fn json(body: String) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(ContentType::json())
        .body(body)
}
