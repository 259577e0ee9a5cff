//! The About resource (xAPI 1.0.3 Communication 2.8): open, without credentials and without the version header.

use actix_web::HttpResponse;
use serde_json::json;
use xapi::query;

use crate::app::Server;
use crate::refusal::Refusal;
use crate::request::Request;

/// The limits that a sender may want to know, under an IRI of ours.
const LIMITS: &str = "https://tessera.invalid/xapi/extensions/limits";

/// # Errors
/// When there are parameters.
pub fn get(server: &Server, request: &Request) -> Result<HttpResponse, Refusal> {
    query::none(&request.parameters)?;
    let settings = &server.lrs.settings;
    Ok(HttpResponse::Ok().json(json!({
        "version": ["1.0.0", "1.0.1", "1.0.2", "1.0.3", "2.0.0"],
        "extensions": { LIMITS: {
            "statementsPerRequest": settings.limits.statements_per_request_max,
            "statementBytes": settings.limits.statement_bytes_max,
            "jsonDepth": settings.limits.json_depth_max,
            "referencesPerStatement": settings.limits.references_max,
            "attachmentsPerStatement": settings.limits.attachments_per_statement_max,
            "requestBodyBytes": server.body_limits.bytes_max,
            "attachmentBytes": server.attachment_bytes_max,
            "multipartBytes": server.multipart_bytes_max,
            "documentBytes": settings.document_bytes_max,
            "statementsPerPage": settings.page_rows_max,
        }},
    })))
}
