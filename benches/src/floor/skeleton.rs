//! The bare skeleton of an LRS: actix, a borrowed parse, a commit thread that takes what waits, the keys and values
//! that a real store wrote, one synced write a group. No validation, no rules, no compression, no hashing.

use std::error::Error;
use std::net::SocketAddr;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use actix_web::{App, HttpResponse, HttpResponseBuilder, HttpServer, rt, web};
use bytes::Bytes;
use crossbeam_channel::{Receiver, Sender, bounded};
use rocksdb::{DB, WriteBatch, WriteOptions};
use tokio::sync::oneshot;

use super::parse;
use super::recorded::{Order, Recorded};

/// The path that answers how many groups were written, and statements in them.
pub const GROUPS: &str = "/floor/groups";
pub(super) const BODY_BYTES_MAX: usize = 64 << 20;

struct Skeleton {
    recorded: Arc<Recorded>,
    next: AtomicUsize,
    queue: Sender<Job>,
    groups: Arc<AtomicUsize>,
}

struct Job {
    statements: Range<usize>,
    reply: oneshot::Sender<()>,
}

/// Serves until it is killed. Statements that come get the keys and values of the recorded ones, one after another.
///
/// # Errors
/// When the address cannot be bound or the store in `data` not be made.
pub fn serve_skeleton(
    address: SocketAddr,
    recorded: Recorded,
    data: &Path,
    options: &storage::Options,
    order: Order,
) -> Result<(), Box<dyn Error>> {
    let db = storage::rocksdb::open_bare(data, options)?;
    let recorded = Arc::new(recorded);
    let (queue, waiting) = bounded(options.queue_batches_max);
    let (kept, most) = (Arc::clone(&recorded), options.group_statements_max);
    let groups = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&groups);
    thread::Builder::new()
        .name("commit".to_owned())
        .spawn(move || commit(&db, &kept, &waiting, (most, order), &counted))?;
    let skeleton = Arc::new(Skeleton {
        recorded,
        next: AtomicUsize::new(0),
        queue,
        groups,
    });
    let served = rt::System::new().block_on(
        HttpServer::new(move || {
            App::new()
                .app_data(web::PayloadConfig::new(BODY_BYTES_MAX))
                .app_data(web::Data::from(Arc::clone(&skeleton)))
                .route("/health/ready", web::get().to(HttpResponse::Ok))
                .route(GROUPS, web::get().to(count))
                .default_service(web::to(post))
        })
        .bind(address)?
        .run(),
    );
    Ok(served?)
}

async fn count(skeleton: web::Data<Skeleton>) -> HttpResponse {
    let groups = skeleton.groups.load(Ordering::Relaxed);
    let statements = skeleton.next.load(Ordering::Relaxed);
    HttpResponse::Ok().json([groups, statements])
}

async fn post(skeleton: web::Data<Skeleton>, body: Bytes) -> HttpResponse {
    let Ok(statements) = parse::parse(&body) else {
        return HttpResponse::BadRequest().finish();
    };
    let mut weight = 0;
    let mut ids = Vec::with_capacity(statements.len());
    for statement in &statements {
        weight += statement.weight();
        ids.push(statement.id.as_deref().unwrap_or_default());
    }
    std::hint::black_box(weight);
    let start = skeleton.next.fetch_add(ids.len(), Ordering::Relaxed);
    let statements = start..start + ids.len();
    if statements.end > skeleton.recorded.statements() {
        return HttpResponse::InsufficientStorage().body("no recorded statements are left");
    }
    let (reply, answer) = oneshot::channel();
    if skeleton.queue.try_send(Job { statements, reply }).is_err() || answer.await.is_err() {
        return HttpResponse::ServiceUnavailable().finish();
    }
    headers(HttpResponse::Ok()).json(ids)
}

/// Those of an LRS.
pub(super) fn headers(mut answer: HttpResponseBuilder) -> HttpResponseBuilder {
    answer
        .insert_header(("x-experience-api-version", "1.0.3"))
        .insert_header((
            "x-experience-api-consistent-through",
            "2026-01-05T08:00:00.000000Z",
        ))
        .insert_header(("content-type", "application/json"));
    answer
}

/// Takes what waits, writes it with one sync, answers it.
fn commit(
    db: &DB,
    recorded: &Recorded,
    waiting: &Receiver<Job>,
    (statements_max, order): (usize, Order),
    groups: &AtomicUsize,
) {
    let handles = recorded.handles(db, order);
    while let Ok(job) = waiting.recv() {
        let mut write = WriteBatch::new();
        let mut replies = Vec::new();
        let mut statements = Vec::new();
        let mut next = Some(job);
        while let Some(job) = next {
            statements.extend(job.statements);
            replies.push(job.reply);
            next = match statements.len() < statements_max {
                true => waiting.try_recv().ok(),
                false => None,
            };
        }
        let written = recorded.write(&handles, statements.into_iter(), &mut write);
        if written.is_none() {
            return;
        }
        let group = groups.fetch_add(1, Ordering::Relaxed);
        recorded.end_group(group as u64, &mut write);
        let mut options = WriteOptions::default();
        options.set_sync(true);
        if db.write_opt(write, &options).is_err() {
            return;
        }
        for reply in replies {
            // Who does not wait any more needs no answer.
            let _ = reply.send(());
        }
    }
}
