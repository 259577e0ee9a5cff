//! An actix handler that reads the body and answers what it was told to, with nothing between.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{App, HttpResponse, HttpServer, rt, web};
use bytes::Bytes;
use parking_lot::RwLock;

/// The path to which the answer is put; its status comes behind.
pub const CANNED: &str = "/floor/answer/";

struct Canned {
    status: StatusCode,
    body: Bytes,
}

/// Serves until it is killed.
///
/// # Errors
/// When the address cannot be bound.
pub fn serve_canned(address: SocketAddr) -> io::Result<()> {
    let canned = Arc::new(RwLock::new(Canned {
        status: StatusCode::OK,
        body: Bytes::new(),
    }));
    rt::System::new().block_on(
        HttpServer::new(move || {
            App::new()
                .app_data(web::PayloadConfig::new(super::skeleton::BODY_BYTES_MAX))
                .app_data(web::Data::from(Arc::clone(&canned)))
                .route(&format!("{CANNED}{{status}}"), web::put().to(keep))
                .route("/health/ready", web::get().to(HttpResponse::Ok))
                .default_service(web::to(answer))
        })
        .bind(address)?
        .run(),
    )
}

async fn keep(
    canned: web::Data<RwLock<Canned>>,
    status: web::Path<u16>,
    body: Bytes,
) -> HttpResponse {
    let Ok(status) = StatusCode::from_u16(*status) else {
        return HttpResponse::BadRequest().finish();
    };
    *canned.write() = Canned { status, body };
    HttpResponse::NoContent().finish()
}

async fn answer(canned: web::Data<RwLock<Canned>>, body: Bytes) -> HttpResponse {
    let (status, content) = {
        let canned = canned.read();
        (canned.status, canned.body.clone())
    };
    drop(body);
    super::skeleton::headers(HttpResponse::build(status)).body(content)
}
