//! Launch tenants and their tokens below `/cmi5/v1`, for those who administer the server.

use std::num::NonZeroU32;

use actix_web::HttpResponse;
use actix_web::http::header::CACHE_CONTROL;
use lrs::launch::{request as wanted, tenants, tokens};
use lrs::{Caller, Lrs, requirement};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use xapi::Violation;
use xapi::lexical::{identifier, timestamp};

use super::query::Query;
use super::{Asked, json, text};
use crate::app::Server;
use crate::blocking::ask;
use crate::deletion::delete_launch_tenant;
use crate::path::number;
use crate::refusal::Refusal;
use crate::request::Request;

/// What stands in the braces of the paths.
const LAUNCH_TENANT: &str = "launchTenant";

/// An LMS that is to launch here.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct NewLaunchTenant {
    /// Its name, unique among the launch tenants of the key's tenant: 1 to 255 bytes, no control characters.
    pub code: String,
    /// What happens when there is one with this code.
    #[serde(default)]
    pub if_exists: IfExists,
}

#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum IfExists {
    /// 409, which names it.
    #[default]
    Refuse,
    /// It is the answer.
    Return,
}

impl From<IfExists> for tenants::IfExists {
    fn from(asked: IfExists) -> Self {
        match asked {
            IfExists::Refuse => Self::Refuse,
            IfExists::Return => Self::Return,
        }
    }
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct LaunchTenants {
    pub launch_tenants: Vec<LaunchTenant>,
    /// Where the list goes on: a path with a query. Absent at its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub more: Option<String>,
}

/// An LMS that launches here.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct LaunchTenant {
    pub id: u64,
    pub code: String,
    /// Name of the key that made it; its statements have that key's authority.
    pub made_by: String,
    pub created_at: String,
}

/// What a token is to be for.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct NewLaunchToken {
    /// Who will use it: 1 to 255 bytes.
    pub audience: String,
    /// Seconds until it ends; the configuration can make them fewer. Without it, what the configuration says.
    #[serde(default)]
    pub expires_in: Option<NonZeroU32>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct LaunchTokens {
    pub tokens: Vec<LaunchToken>,
    /// Where the list goes on: a path with a query. Absent at its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub more: Option<String>,
}

/// A token that was given out.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct LaunchToken {
    /// The token's `jti`.
    pub id: String,
    pub audience: String,
    /// Name of the key that asked for it.
    pub made_by: String,
    pub created_at: String,
    /// Absent: it counts until it is revoked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct IssuedToken {
    /// For `Authorization: Bearer`. Nobody will be able to see it again.
    pub token: String,
    #[serde(flatten)]
    pub about: LaunchToken,
}

pub(super) async fn list(
    asked: &Asked<'_>,
    caller: &Caller,
    mut query: Query<'_>,
) -> Result<HttpResponse, Refusal> {
    let part = query.part();
    query.finish()?;
    let read = move |lrs: &Lrs, caller: &Caller| tenants::list(lrs, caller, &part);
    let page = ask(asked.server, caller, read).await?;
    Ok(json(&LaunchTenants {
        launch_tenants: page.entries.into_iter().map(tenant).collect(),
        more: page.more.map(|cursor| asked.link(&cursor)),
    }))
}

pub(super) async fn create(
    server: &Server,
    caller: &Caller,
    request: Request,
) -> Result<HttpResponse, Refusal> {
    let NewLaunchTenant { code, if_exists } = read(server, request).await?;
    let made = tenants::create(&server.lrs, caller, &code, if_exists.into()).await?;
    Ok(json(&tenant(made)))
}

pub(super) async fn delete(
    server: &Server,
    caller: &Caller,
    id: &str,
) -> Result<HttpResponse, Refusal> {
    delete_launch_tenant(server, caller, number(LAUNCH_TENANT, id)?).await?;
    Ok(HttpResponse::NoContent().finish())
}

pub(super) async fn list_tokens(
    asked: &Asked<'_>,
    caller: &Caller,
    mut query: Query<'_>,
) -> Result<HttpResponse, Refusal> {
    let part = query.part();
    query.finish()?;
    let id = asked.segments.first().map_or("", String::as_str);
    let launch_tenant = number(LAUNCH_TENANT, id)?;
    let read = move |lrs: &Lrs, caller: &Caller| tokens::list(lrs, caller, launch_tenant, &part);
    let page = ask(asked.server, caller, read).await?;
    Ok(json(&LaunchTokens {
        tokens: page.entries.into_iter().map(token).collect(),
        more: page.more.map(|cursor| asked.link(&cursor)),
    }))
}

pub(super) async fn issue(
    server: &Server,
    caller: &Caller,
    id: &str,
    request: Request,
) -> Result<HttpResponse, Refusal> {
    let NewLaunchToken {
        audience,
        expires_in,
    } = read(server, request).await?;
    let issued = tokens::issue(
        &server.lrs,
        caller,
        number(LAUNCH_TENANT, id)?,
        &audience,
        expires_in,
    )
    .await?;
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .json(IssuedToken {
            token: issued.jwt,
            about: token(issued.token),
        }))
}

pub(super) async fn revoke(
    server: &Server,
    caller: &Caller,
    (id, token): (&str, &str),
) -> Result<HttpResponse, Refusal> {
    let token = identifier::uuid(token)
        .ok_or_else(|| Violation::new(requirement::LAUNCH, "token", "a UUID", token))?;
    tokens::revoke(&server.lrs, caller, number(LAUNCH_TENANT, id)?, token).await?;
    Ok(HttpResponse::NoContent().finish())
}

fn tenant(found: tenants::LaunchTenant) -> LaunchTenant {
    LaunchTenant {
        id: found.number,
        code: found.code,
        made_by: found.made_by,
        created_at: timestamp::render(found.created_at),
    }
}

fn token(found: tokens::Token) -> LaunchToken {
    LaunchToken {
        id: found.id.to_string(),
        audience: found.audience,
        made_by: found.made_by,
        created_at: timestamp::render(found.created_at),
        expires_at: found.expires_at.map(timestamp::render),
    }
}

async fn read<T: DeserializeOwned>(server: &Server, request: Request) -> Result<T, Refusal> {
    let body = text(server, request).await?;
    Ok(wanted::read(&body, "what the OpenAPI document says")?)
}
