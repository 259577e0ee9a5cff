//! Launch tenants and their tokens, for those who administer the server.

use std::num::NonZeroU32;

use actix_web::HttpResponse;
use actix_web::http::header::CACHE_CONTROL;
use lrs::Caller;
use lrs::credential::Permission;
use lrs::launch::{tenants, tokens};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::body::{self, Number};
use super::route::Route;
use crate::app::Server;
use crate::cmi5::launch_tenants::NewLaunchTenant;
use crate::deletion::delete_launch_tenant;
use crate::path::number;
use crate::refusal::Refusal;
use crate::request::Request;

#[derive(Serialize, JsonSchema)]
pub(super) struct Tenant {
    code: String,
    id: u64,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Auth {
    #[schemars(with = "u64")]
    tenant_id: Number,
    audience: String,
    /// Seconds.
    #[serde(default)]
    expires_in: Option<NonZeroU32>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Token {
    token: String,
}

/// Does what a caller with a key asks.
///
/// # Errors
/// Wrong bodies, and what the operations refuse.
pub async fn serve(
    server: &Server,
    caller: &Caller,
    (route, segments): (Route, &[String]),
    request: Request,
) -> Result<HttpResponse, Refusal> {
    caller.needs(Permission::Administer)?;
    match (route, segments) {
        (Route::Tenants, []) => create(server, caller, request).await,
        (Route::Tenant, [id]) => {
            let number = number("id", id)?;
            delete_launch_tenant(server, caller, number).await?;
            Ok(HttpResponse::NoContent().finish())
        }
        (Route::Auth, []) => auth(server, caller, request).await,
        _ => Err(Refusal::NoSuchPath),
    }
}

async fn create(
    server: &Server,
    caller: &Caller,
    request: Request,
) -> Result<HttpResponse, Refusal> {
    let NewLaunchTenant { code, if_exists } = body::read(server, request).await?;
    let made = tenants::create(&server.lrs, caller, &code, if_exists.into())
        .await
        .map_err(payload)?;
    Ok(HttpResponse::Ok().json(Tenant {
        code: made.code,
        id: made.number,
    }))
}

async fn auth(server: &Server, caller: &Caller, request: Request) -> Result<HttpResponse, Refusal> {
    let Auth {
        tenant_id: Number(number),
        audience,
        expires_in,
    } = body::read(server, request).await?;
    let issued = tokens::issue(&server.lrs, caller, number, &audience, expires_in)
        .await
        .map_err(|error| match error {
            lrs::Error::NotFound(_) => Refusal::Unknown(format!("Unknown tenant: {number}")),
            other => payload(other),
        })?;
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .json(Token { token: issued.jwt }))
}

/// What breaks a rule here is the body.
fn payload(error: lrs::Error) -> Refusal {
    match error {
        lrs::Error::Violations(violations) => Refusal::Payload(violations),
        other => Refusal::Lrs(other),
    }
}
