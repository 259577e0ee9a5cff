//! Courses and registrations below `/cmi5/v1`: for keys, and for launch tenants with their tokens.

use actix_web::{HttpRequest, HttpResponse};
use lrs::launch::Owner;

use super::operation::Operation;
use super::query::Query;
use super::route::Route;
use super::{Asked, courses, registrations};
use crate::app::Server;
use crate::refusal::Refusal;
use crate::request::{Method, Request};

/// # Errors
/// Wrong parameters and bodies, and what the operations refuse.
pub(super) async fn serve(
    server: &Server,
    owner: &Owner,
    http: &HttpRequest,
    (operation, segments): (&Operation, &[String]),
    request: Request,
) -> Result<HttpResponse, Refusal> {
    let query = Query::read(operation, &request.parameters);
    let asked = Asked {
        server,
        operation,
        segments,
        request: &request,
    };
    match (operation.route, operation.method) {
        (Route::Courses, Method::Get) => courses::list(&asked, owner, query).await,
        (Route::Registrations, Method::Get) => registrations::list(&asked, owner, query).await,
        _ => {
            query.finish()?;
            without_query(server, owner, http, (operation, segments), request).await
        }
    }
}

async fn without_query(
    server: &Server,
    owner: &Owner,
    http: &HttpRequest,
    (operation, segments): (&Operation, &[String]),
    request: Request,
) -> Result<HttpResponse, Refusal> {
    let is_deletion = operation.method == Method::Delete;
    match (operation.route, segments) {
        (Route::Courses, []) => courses::import(server, owner, request).await,
        (Route::CourseCheck, []) => courses::check(server, request).await,
        (Route::Course, [id]) if is_deletion => courses::delete(server, owner, id).await,
        (Route::Course, [id]) => courses::read(server, owner, id).await,
        (Route::CourseStructure, [id]) => courses::structure(server, owner, id).await,
        (Route::CoursePackage, [id]) => courses::package(server, owner, id).await,
        (Route::Registrations, []) => registrations::create(server, owner, request).await,
        (Route::Registration, [id]) if is_deletion => {
            registrations::delete(server, owner, id).await
        }
        (Route::Registration, [id]) => registrations::read(server, owner, id).await,
        (Route::AuLaunch, [id, au]) => {
            registrations::launch(server, owner, http, (id, au), request).await
        }
        (Route::AuWaive, [id, au]) => registrations::waive(server, owner, (id, au), request).await,
        (Route::Preferences, [id]) => {
            registrations::learner_preferences(server, owner, id, request).await
        }
        // No other operation is the launch service's, and each has as many segments as its path.
        _ => Err(Refusal::NoSuchPath),
    }
}
