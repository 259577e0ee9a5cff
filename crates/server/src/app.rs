//! The web server: what its requests share, and how it starts and stops.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use actix_web::{App, HttpServer, web};
use lrs::Lrs;
use xapi::Version;

use crate::blocking::Turns;
use crate::body::{BodyLimits, Pace};
use crate::budget::Budget;
use crate::config::{Config, VersionAnnounced};
use crate::connection::{self, Patience};
use crate::content::Area;
use crate::cors::Origins;
use crate::serve::serve;
use crate::spool::Spool;

/// What every request may use.
pub struct Server {
    pub lrs: Arc<Lrs>,
    /// Path of the xAPI endpoint on this server.
    pub base_path: String,
    /// The same as clients see it, behind proxies.
    pub endpoint: String,
    /// Scheme, host and path by which clients reach the server, when it is configured.
    pub public_url: Option<String>,
    /// The path of `public_url`.
    pub public_path: String,
    pub version_announced: Version,
    pub origins: Origins,
    pub body_limits: BodyLimits,
    /// Of all bodies and answers in progress.
    pub memory: Arc<Budget>,
    pub turns: Turns,
    /// Of requests that write many statements: as many as there are cores to work on them.
    pub large_writes: Turns,
    pub attachment_bytes_max: u64,
    pub multipart_bytes_max: u64,
    pub spool: Spool,
    pub package_limits: lrs::launch::package::Limits,
    pub content: Area,
    requests: AtomicU64,
    /// Distinguishes the request ids of one run from those of another.
    run: u32,
}

impl Server {
    #[must_use]
    pub fn new(lrs: Arc<Lrs>, config: &Config) -> Self {
        let http = &config.http;
        let public_path = http
            .public_url
            .as_deref()
            .and_then(|url| url.split_once("://"))
            .and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..]))
            .unwrap_or_default();
        let mut run = [0; 4];
        getrandom::fill(&mut run).expect("the operating system gives random bytes");
        Self {
            lrs,
            base_path: http.base_path.clone(),
            endpoint: format!("{public_path}{}", http.base_path),
            public_url: http.public_url.clone(),
            public_path: public_path.to_owned(),
            version_announced: match config.xapi.version_announced {
                VersionAnnounced::V1_0_3 => Version::V1_0_3,
                VersionAnnounced::V2_0_0 => Version::V2_0_0,
            },
            origins: Origins::of(&http.cors_origins),
            body_limits: BodyLimits {
                bytes_max: http.request_body_bytes_max,
                pace: pace(config),
            },
            memory: Budget::new(http.memory_bytes_max),
            turns: Turns::new(http.disk_threads, pace(config).idle_max),
            large_writes: Turns::new(
                std::thread::available_parallelism().map_or(1, usize::from),
                pace(config).idle_max,
            ),
            attachment_bytes_max: http.attachment_bytes_max,
            multipart_bytes_max: http.multipart_bytes_max,
            spool: Spool::new(config),
            package_limits: config.launch.package_limits(),
            content: Area::new(config),
            requests: AtomicU64::new(0),
            run: u32::from_be_bytes(run),
        }
    }

    /// An id that answers and log lines of one request share.
    pub fn next_request_id(&self) -> String {
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        format!("{:08x}-{number:06x}", self.run)
    }

    /// A multipart boundary that no content can foresee.
    pub fn boundary(&self) -> String {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
        format!("tessera{}", hex::encode(bytes))
    }
}

fn pace(config: &Config) -> Pace {
    Pace {
        idle_max: Duration::from_secs(config.http.client_seconds_max),
        bytes_per_second_min: config.http.client_bytes_per_second_min,
    }
}

/// Registers everything; tests use it without a socket.
pub fn configure(app: &mut web::ServiceConfig, server: web::Data<Server>) {
    app.app_data(server).default_service(web::to(serve));
}

/// Binds the address of the configuration and returns the server, ready to be awaited, and the address it has.
///
/// # Errors
/// When the address cannot be bound.
pub fn bind(
    server: Arc<Server>,
    config: &Config,
) -> std::io::Result<(actix_web::dev::Server, Vec<std::net::SocketAddr>)> {
    let http = &config.http;
    let workers = match http.workers {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        workers => workers,
    };
    let data = web::Data::from(server);
    let pace = pace(config);
    let patience = Patience {
        head_max: Duration::from_secs(http.keep_alive_seconds) + pace.idle_max,
        pace,
    };
    let bound = HttpServer::new(move || {
        let data = data.clone();
        App::new().configure(move |app| configure(app, data))
    })
    .on_connect(move |stream, data| connection::register(stream, data, patience))
    .workers(workers)
    .worker_max_blocking_threads(http.disk_threads)
    .max_connections(http.connections_max.div_ceil(workers))
    .keep_alive(Duration::from_secs(http.keep_alive_seconds))
    .client_request_timeout(Duration::from_secs(http.client_seconds_max))
    .shutdown_timeout(http.shutdown_seconds_max)
    .disable_signals()
    .bind(http.bind)?;
    let addresses = bound.addrs();
    Ok((bound.run(), addresses))
}
