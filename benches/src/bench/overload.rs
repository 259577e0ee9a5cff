//! What others notice while somebody asks much: large batches, one document for all, a huge attachment, a statement to
//! which everybody referred.

use std::error::Error;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::compare::OTHER_WORLDS;
use super::watch::peak_kib;
use super::{Report, Side};
use crate::client::Body;
use crate::drive::{self, Outcome, Pace, Plan, Work};
use crate::generate::{Family, Rng};
use crate::process;
use crate::scenario::post::Posts;
use crate::scenario::session::Sequence;
use crate::scenario::{self, Scenario, Setting, document, session};
use crate::wire::Target;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trial {
    /// 64 connections post single statements, first alone, then beside 4 that post batches of 1,000.
    Batches,
    /// 64 connections write one State document.
    Document,
    /// Statements at a fixed rate, first alone, then while attachments of 100 MiB come.
    Attachment,
    /// 100,000 statements refer to one that then comes; then 100,000 more.
    Referrers,
}

impl Trial {
    pub const ALL: [Trial; 4] = [
        Trial::Batches,
        Trial::Document,
        Trial::Attachment,
        Trial::Referrers,
    ];
}

const WINDOW: Duration = Duration::from_secs(4);
const WARM_UP: Duration = Duration::from_millis(500);
/// Statements a second of those who are to notice nothing.
const OTHERS: f64 = 1_000.0;
const OTHERS_CONNECTIONS: usize = 16;

/// # Errors
/// When the server is gone, or refuses what nobody else does.
pub fn trial(trial: Trial, side: &Side, report: &mut Report) -> Result<(), Box<dyn Error>> {
    side.settle()?;
    match trial {
        Trial::Batches => beside_batches(side, report),
        Trial::Document => one_document(side, report),
        Trial::Attachment => attachment(side, report),
        Trial::Referrers => referrers(side, report),
    }
}

fn plan(pace: Pace) -> Plan {
    Plan {
        warm_up: WARM_UP,
        window: WINDOW,
        pace,
    }
}

fn works(
    target: &Target,
    scenario: Scenario,
    connections: usize,
) -> Result<Vec<Box<dyn Work>>, String> {
    scenario.works(&Setting {
        target: target.clone(),
        family: Family::Plain,
        connections,
        sessions: 0,
        seed: OTHER_WORLDS * 2,
        samples: None,
        since: None,
    })
}

fn posts(target: &Target, connections: usize, pace: Pace) -> Result<Outcome, String> {
    let works = works(target, Scenario::Post, connections)?;
    drive::run(target, works, &plan(pace), None).map_err(|error| error.to_string())
}

fn beside_batches(side: &Side, report: &mut Report) -> Result<(), Box<dyn Error>> {
    let target = &side.target;
    let alone = posts(target, 64, Pace::Closed)?;
    report.figure("single POST p99, 64 connections", alone.millis(0.99), "ms");
    let (posted, batches) = thread::scope(|scope| {
        let batches = scope.spawn(|| {
            let works = works(target, Scenario::Batch(1000), 4)?;
            let plan = plan(Pace::Closed);
            drive::run(target, works, &plan, None).map_err(|error| error.to_string())
        });
        (posts(target, 64, Pace::Closed), batches.join())
    });
    let (posted, batches) = (posted?, batches.map_err(|_| "a driver panicked")??);
    let beside = "beside 4 connections that post 1,000s";
    report.figure(
        &format!("single POST p99 {beside}"),
        posted.millis(0.99),
        "ms",
    );
    report.figure(&format!("single POST, {beside}"), posted.rate(), "/s");
    report.figure(
        "  their statements meanwhile",
        batches.rate() * 1000.0,
        "/s",
    );
    Ok(())
}

fn one_document(side: &Side, report: &mut Report) -> Result<(), Box<dyn Error>> {
    let works =
        (0..64).map(|_| -> Box<dyn Work> { Box::new(document::writes(&side.target, 0, 1)) });
    let outcome = drive::run(&side.target, works.collect(), &plan(Pace::Closed), None)?;
    let broken: u64 = outcome
        .refused
        .iter()
        .filter(|(status, _)| **status == 0 || **status >= 500)
        .map(|(_, count)| count)
        .sum();
    report.figure("64 writers on one State document", outcome.rate(), "/s");
    report.figure("  their p99", outcome.millis(0.99), "ms");
    report.figure("  answers of 5xx, connections lost", broken as f64, "");
    Ok(())
}

const ATTACHMENT_BYTES: usize = 100 << 20;

fn attachment(side: &Side, report: &mut Report) -> Result<(), Box<dyn Error>> {
    let (target, pid) = (&side.target, side.server.pid());
    let uploads: Vec<Vec<u8>> = (0..4).map(|n| upload(target, n)).collect();
    let pace = Pace::Rate(OTHERS);
    let (alone, before) = peak_kib(pid, || posts(target, OTHERS_CONNECTIONS, pace));
    let done = AtomicBool::new(false);
    let ((beside, sent), during) = peak_kib(pid, || {
        thread::scope(|scope| {
            let uploading = scope.spawn(|| -> io::Result<(usize, Duration)> {
                thread::sleep(WARM_UP);
                let (start, mut sent) = (Instant::now(), 0);
                for upload in &uploads {
                    if done.load(Ordering::Relaxed) {
                        break;
                    }
                    let answer = drive::once(target, upload)?;
                    if answer.status != 200 {
                        let text = String::from_utf8_lossy(&answer.body).into_owned();
                        return Err(io::Error::other(format!("{}: {text}", answer.status)));
                    }
                    sent += 1;
                }
                Ok((sent, start.elapsed()))
            });
            let beside = posts(target, OTHERS_CONNECTIONS, pace);
            done.store(true, Ordering::Relaxed);
            (beside, uploading.join())
        })
    });
    let (sent, time) = sent.map_err(|_| "the uploader panicked")??;
    let each = time.as_secs_f64() / sent.max(1) as f64;
    report.figure("an attachment of 100 MiB takes", each, "s");
    let more = during.saturating_sub(before) as f64 / 1024.0;
    report.figure("  memory more than before it", more, "MiB");
    let alone = alone?.millis(0.99);
    report.figure("  others' p99 at 1,000/s, before", alone, "ms");
    report.figure(
        "  others' p99 at 1,000/s, meanwhile",
        beside?.millis(0.99),
        "ms",
    );
    Ok(())
}

/// A statement with one attachment, as multipart.
fn upload(target: &Target, number: u64) -> Vec<u8> {
    let mut rng = Rng::new(number);
    let mut content = Vec::with_capacity(ATTACHMENT_BYTES);
    while content.len() < ATTACHMENT_BYTES {
        content.extend(rng.next_u64().to_le_bytes());
    }
    let hash: String = Sha256::digest(&content)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let statement = format!(
        r#"{{"actor":{{"mbox":"mailto:bench@example.com"}},"verb":{{"id":"http://adlnet.gov/expapi/verbs/attempted"}},"object":{{"id":"http://example.com/film"}},"attachments":[{{"usageType":"http://example.com/film","display":{{"en":"film"}},"contentType":"video/mp4","length":{},"sha2":"{hash}"}}]}}"#,
        content.len()
    );
    let mut body = format!(
        "--frame\r\nContent-Type: application/json\r\n\r\n{statement}\r\n--frame\r\nContent-Type: video/mp4\r\n\
         Content-Transfer-Encoding: binary\r\nX-Experience-API-Hash: {hash}\r\n\r\n"
    )
    .into_bytes();
    body.extend(content);
    body.extend(b"\r\n--frame--\r\n");
    let body = Body {
        content_type: "multipart/mixed; boundary=frame",
        bytes: &body,
    };
    target.request("POST", "/statements", &[], Some(body))
}

const REFERRERS: usize = 100_000;
const REFERRERS_BATCH: usize = 1_000;
const REFERRERS_CONNECTIONS: usize = 4;

fn referrers(side: &Side, report: &mut Report) -> Result<(), Box<dyn Error>> {
    let target = &side.target;
    let mut random = [0; 8];
    getrandom::fill(&mut random)?;
    let awaited = Rng::new(u64::from_le_bytes(random)).uuid();
    let mut noticed =
        |what: &str, work: &dyn Fn() -> Result<(), String>| watched(side, what, work, report);
    noticed("100,000 referrers before their target", &|| {
        refer(target, awaited)
    })?;
    noticed("  the target comes", &|| {
        let text = format!(r#"{{"id":"{awaited}",{TARGET}}}"#);
        let body = Some(Body::json(&text));
        let request = target.request("POST", "/statements", &[], body);
        let work = Sequence::new(vec![(request, 200)]);
        scenario::finish(target, vec![Box::new(work)])?;
        caught_up(target)
    })?;
    noticed("  100,000 referrers after it", &|| refer(target, awaited))?;
    Ok(())
}

const TARGET: &str = r#""actor":{"mbox":"mailto:bench@example.com"},"verb":{"id":"http://adlnet.gov/expapi/verbs/attempted"},"object":{"id":"http://example.com/awaited"}"#;

fn refer(target: &Target, awaited: Uuid) -> Result<(), String> {
    let works = (0..REFERRERS_CONNECTIONS as u64).map(|connection| -> Box<dyn Work> {
        let posts = Posts::of_references(target, awaited, connection, REFERRERS_BATCH);
        Box::new(posts.times(REFERRERS / REFERRERS_BATCH / REFERRERS_CONNECTIONS))
    });
    scenario::finish(target, works.collect())
}

/// Until what came last is in every list that it belongs to: Consistent-Through has passed the time of now.
fn caught_up(target: &Target) -> Result<(), String> {
    let now = session::now();
    let about = target.request("GET", "/statements", &[("limit", "1")], None);
    let deadline = Instant::now() + Duration::from_secs(60);
    while Instant::now() < deadline {
        let answer = drive::once(target, &about).map_err(|error| error.to_string())?;
        let through = answer.head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            let wanted = name.eq_ignore_ascii_case("x-experience-api-consistent-through");
            wanted.then(|| value.trim())
        });
        if through.is_some_and(|through| through > &*now) {
            return Ok(());
        }
        thread::sleep(Duration::from_millis(2));
    }
    Err("the lists did not become consistent within a minute".to_owned())
}

/// What others notice of some work: their longest wait, and the memory it takes.
fn watched(
    side: &Side,
    what: &str,
    work: &dyn Fn() -> Result<(), String>,
    report: &mut Report,
) -> Result<(), Box<dyn Error>> {
    let (target, pid) = (&side.target, side.server.pid());
    let before = process::memory_kib(pid, "VmRSS")?;
    let done = Arc::new(AtomicBool::new(false));
    let ((worked, time, others), most) = peak_kib(pid, || {
        thread::scope(|scope| {
            let others = scope.spawn(|| {
                let works = works(target, Scenario::Post, OTHERS_CONNECTIONS)?;
                let pace = Pace::Rate(OTHERS);
                drive::run_until(target, works, pace, &done).map_err(|error| error.to_string())
            });
            let start = Instant::now();
            let worked = work();
            let time = start.elapsed();
            done.store(true, Ordering::Relaxed);
            (worked, time, others.join())
        })
    });
    worked?;
    let others = others.map_err(|_| "a driver panicked")??;
    report.figure(what, time.as_secs_f64() * 1000.0, "ms");
    report.figure(
        "    longest wait of others at 1,000/s",
        others.millis(1.0),
        "ms",
    );
    report.figure("    their p99", others.millis(0.99), "ms");
    let more = most.saturating_sub(before) as f64 / 1024.0;
    report.figure("    memory more than before it", more, "MiB");
    Ok(())
}
