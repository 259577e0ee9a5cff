//! The player API below `/api/v1`, which LMSes with plugins for another launch service speak: the same paths, bodies
//! and answers. What comes in, which function of `lrs` does it, and what goes out.

pub(crate) mod body;
pub(crate) mod management;
pub(crate) mod operation;
pub(crate) mod route;

use actix_web::{HttpRequest, HttpResponse};
use lrs::launch::Owner;
use serde::Serialize;

use self::route::Route;
use crate::app::Server;
use crate::refusal::Refusal;
use crate::request::Request;

/// Below it everything is refused in the way that clients of this API read.
const PREFIX: &str = "/api/v1/";
/// What clients find the service by.
const DESCRIPTION: &str = "catapult-player-service";

#[derive(Serialize)]
struct Ping {
    ok: bool,
}

#[derive(Serialize)]
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
#[expect(clippy::unused_async, reason = "what follows waits for the store")]
pub async fn serve(
    _server: &Server,
    owner: &Owner,
    _http: &HttpRequest,
    (route, _segments): (Route, &[String]),
    _request: Request,
) -> Result<HttpResponse, Refusal> {
    match route {
        Route::Ping => Ok(HttpResponse::Ok().json(Ping { ok: true })),
        Route::About => Ok(HttpResponse::Ok().json(About {
            tenant_id: owner.launch_tenant,
            description: DESCRIPTION,
        })),
        Route::Courses
        | Route::Course
        | Route::LaunchUrl
        | Route::Registrations
        | Route::Registration
        | Route::WaiveAu
        | Route::LearnerPrefs
        | Route::Session
        | Route::SessionAbandon => Err(Refusal::NoSuchPath),
        // A key opens these, and no token.
        Route::Tenants | Route::Tenant | Route::Auth => Err(Refusal::NoSuchPath),
    }
}
