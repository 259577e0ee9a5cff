//! State, Activity Profile and Agent Profile over HTTP.

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::http::header::{CONTENT_TYPE, ETAG, HeaderValue, LAST_MODIFIED};
use lrs::Caller;
use lrs::documents::{self, EtagCondition, Preconditions, Sent};
use storage::{Document, DocumentFolder, DocumentKey};
use xapi::query::{self, DocumentsQuery, Folder};

use crate::app::Server;
use crate::blocking::blocking;
use crate::body::BodyLimits;
use crate::refusal::Refusal;
use crate::request::{Body, Method, Request};
use crate::route::Resource;
use crate::serve::put_violations;
use crate::xapi::statements::http_date;

/// # Errors
/// Wrong parameters, and what the operations of [`lrs::documents`] refuse.
pub async fn serve(
    server: &Server,
    caller: &Caller,
    resource: Resource,
    request: Request,
) -> Result<HttpResponse, Refusal> {
    let lrs = &server.lrs;
    let conditions = Preconditions {
        if_match: request.if_match.as_deref().map(EtagCondition::parse),
        if_none_match: request.if_none_match.as_deref().map(EtagCondition::parse),
    };
    match (request.method, parse(resource, &request)?) {
        (Method::Get | Method::Head, DocumentsQuery::One { folder, id }) => {
            Ok(one(documents::get(lrs, caller, key(folder, id)).await?))
        }
        (Method::Get | Method::Head, DocumentsQuery::Many { folder, since }) => {
            let (lrs, caller, folder) = (Arc::clone(lrs), caller.clone(), place(folder));
            let ids = blocking(&server.turns, move || {
                documents::list(&lrs, &caller, &folder, since)
            })
            .await?;
            Ok(many(&ids))
        }
        (Method::Put, DocumentsQuery::One { folder, id }) => {
            let sent = sent(server, request.content_type, request.body).await?;
            let flagged = documents::put(lrs, caller, key(folder, id), sent, &conditions).await?;
            Ok(stored(&flagged))
        }
        (Method::Post, DocumentsQuery::One { folder, id }) => {
            let sent = sent(server, request.content_type, request.body).await?;
            let flagged = documents::post(lrs, caller, key(folder, id), sent, &conditions).await?;
            Ok(stored(&flagged))
        }
        (Method::Delete, DocumentsQuery::One { folder, id }) => {
            documents::delete(lrs, caller, key(folder, id), &conditions).await?;
            Ok(HttpResponse::NoContent().finish())
        }
        (Method::Delete, DocumentsQuery::Many { folder, .. }) => {
            documents::delete_all(lrs, caller, place(folder)).await?;
            Ok(HttpResponse::NoContent().finish())
        }
        (Method::Put | Method::Post | Method::Options, _) => {
            Err(Refusal::MethodNotAllowed(resource.methods()))
        }
    }
}

fn parse(resource: Resource, request: &Request) -> Result<DocumentsQuery, Refusal> {
    let method = match request.method {
        Method::Get | Method::Head | Method::Options => query::Method::Get,
        Method::Put => query::Method::Put,
        Method::Post => query::Method::Post,
        Method::Delete => query::Method::Delete,
    };
    let pairs = &request.parameters;
    Ok(match resource {
        Resource::ActivityProfile => DocumentsQuery::parse_activity_profile(method, pairs)?,
        Resource::AgentProfile => DocumentsQuery::parse_agent_profile(method, pairs)?,
        Resource::State
        | Resource::Statements
        | Resource::Activities
        | Resource::Agents
        | Resource::About
        | Resource::HealthLive
        | Resource::HealthReady
        | Resource::Cmi5(_)
        | Resource::Player(_)
        | Resource::Content => DocumentsQuery::parse_state(method, pairs)?,
    })
}

fn place(folder: Folder) -> DocumentFolder {
    match folder {
        Folder::State {
            activity,
            agent,
            registration,
        } => DocumentFolder::State {
            activity,
            agent: agent.canonical(),
            registration,
        },
        Folder::ActivityProfile { activity } => DocumentFolder::ActivityProfile { activity },
        Folder::AgentProfile { agent } => DocumentFolder::AgentProfile {
            agent: agent.canonical(),
        },
    }
}

fn key(folder: Folder, id: String) -> DocumentKey {
    DocumentKey {
        folder: place(folder),
        id,
    }
}

async fn sent(server: &Server, content_type: Option<String>, body: Body) -> Result<Sent, Refusal> {
    let limits = BodyLimits {
        bytes_max: server.lrs.settings.document_bytes_max,
        ..server.body_limits
    };
    let content = Request::bytes(body, limits).await?;
    Ok(Sent {
        content_type: content_type.unwrap_or_else(|| "application/octet-stream".to_owned()),
        content: content.to_vec(),
    })
}

fn stored(flagged: &[&'static str]) -> HttpResponse {
    let mut answer = HttpResponse::NoContent().finish();
    put_violations(answer.headers_mut(), flagged);
    answer
}

fn one(document: Document) -> HttpResponse {
    let content_type = HeaderValue::from_str(&document.content_type)
        .unwrap_or(HeaderValue::from_static("application/octet-stream"));
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, content_type))
        .insert_header((ETAG, format!("\"{}\"", hex::encode(document.etag))))
        .insert_header((LAST_MODIFIED, http_date(document.updated)))
        .body(document.content)
}

fn many(ids: &[(String, u64)]) -> HttpResponse {
    let mut answer = HttpResponse::Ok();
    if let Some(newest) = ids.iter().map(|&(_, updated)| updated).max() {
        answer.insert_header((LAST_MODIFIED, http_date(newest)));
    }
    let names: Vec<&str> = ids.iter().map(|(id, _)| id.as_str()).collect();
    answer.json(names)
}
