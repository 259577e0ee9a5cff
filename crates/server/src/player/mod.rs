//! The player API below `/api/v1`, which LMSes with plugins for another launch service speak: the same paths, bodies
//! and answers. What comes in, which function of `lrs` does it, and what goes out.

pub(crate) mod answers;
pub(crate) mod body;
mod courses;
pub(crate) mod management;
pub(crate) mod operation;
mod registrations;
pub(crate) mod route;

use actix_web::{HttpRequest, HttpResponse};
use lrs::launch::Owner;
use schemars::JsonSchema;
use serde::Serialize;

use self::route::Route;
use crate::app::Server;
use crate::refusal::Refusal;
use crate::request::Request;

/// Below it everything is refused in the way that clients of this API read.
const PREFIX: &str = "/api/v1/";
/// What clients find the service by.
const DESCRIPTION: &str = "catapult-player-service";

#[derive(Serialize, JsonSchema)]
struct Ping {
    ok: bool,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct About {
    tenant_id: Option<u64>,
    description: &'static str,
}

/// Whether a path that leads nowhere was meant for this API.
#[must_use]
pub fn is_below(path: &str) -> bool {
    path.starts_with(PREFIX)
}

/// Does what a launch tenant asks. `segments` is what stands in the braces of the route's path.
///
/// # Errors
/// Wrong bodies, and what the operations refuse.
pub async fn serve(
    server: &Server,
    owner: &Owner,
    http: &HttpRequest,
    (route, segments): (Route, &[String]),
    request: Request,
) -> Result<HttpResponse, Refusal> {
    let method = request.method;
    match (route, segments) {
        (Route::Ping, []) => Ok(HttpResponse::Ok().json(Ping { ok: true })),
        (Route::About, []) => Ok(HttpResponse::Ok().json(About {
            tenant_id: owner.launch_tenant,
            description: DESCRIPTION,
        })),
        (Route::Courses, []) => courses::create(server, owner, request).await,
        (Route::Course, [id]) => courses::one(server, owner, id, method).await,
        (Route::LaunchUrl, [id, au]) => {
            courses::launch(server, owner, http, (id, au), request).await
        }
        (Route::Registrations, []) => registrations::create(server, owner, request).await,
        (Route::Registration, [id]) => registrations::one(server, owner, id, method).await,
        (Route::WaiveAu, [id, au]) => registrations::waive(server, owner, (id, au), request).await,
        (Route::LearnerPrefs, [id]) => {
            registrations::learner_prefs(server, owner, id, request).await
        }
        (Route::Session, [id]) => registrations::session(server, owner, id),
        (Route::SessionAbandon, [id]) => registrations::abandon(server, owner, id).await,
        // A key opens the first three, and no token; the others have as many segments as their paths.
        _ => Err(Refusal::NoSuchPath),
    }
}
