//! Drives an endpoint: many connections on one thread, each with its own work, as fast as answers come (closed loop)
//! or at fixed times (open loop), where a request that waits for a free connection counts from the time it was due.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use tokio::sync::Semaphore;
use tokio::task::LocalSet;

use crate::process;
use crate::wire::{Answer, Connection, Target};

/// What one connection sends, one request after another.
pub trait Work {
    /// The next request; `None`: there is nothing left.
    fn next(&mut self) -> Option<&[u8]>;

    /// # Errors
    /// When the answer is not what this work is made for; it is counted, and the work goes on.
    fn take(&mut self, answer: &Answer<'_>) -> Result<(), String>;
}

#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Runs before the window and counts for nothing.
    pub warm_up: Duration,
    /// Ends sooner when all work is done.
    pub window: Duration,
    pub pace: Pace,
}

impl Plan {
    /// Measures all work from its first request to its last answer.
    pub fn to_the_end(pace: Pace) -> Plan {
        Plan {
            warm_up: Duration::ZERO,
            window: TO_THE_END_MAX,
            pace,
        }
    }
}

const TO_THE_END_MAX: Duration = Duration::from_secs(24 * 3600);

#[derive(Debug, Clone, Copy)]
pub enum Pace {
    /// Each connection sends when its last answer is there.
    Closed,
    /// Requests a second, all connections together.
    Rate(f64),
}

/// What happened in the window.
#[derive(Debug)]
pub struct Outcome {
    /// Answers as wanted.
    pub requests: u64,
    /// Of head and body of all answers.
    pub bytes: u64,
    pub time: Duration,
    /// Microseconds.
    pub latency: Histogram<u64>,
    /// Processor time of the watched process.
    pub processor: Option<Duration>,
    /// Answers that were not as wanted, by status; 0: the connection broke.
    pub refused: BTreeMap<u16, u64>,
    pub failure: Option<String>,
}

/// A connection gives up after so many failures one after another.
const FAILURES_MAX: u32 = 20;

/// One connection for each work; the processor time of `watched` is taken over the window.
///
/// # Errors
/// When a connection cannot be opened, or the watched process is gone.
pub fn run(
    target: &Target,
    works: Vec<Box<dyn Work>>,
    plan: &Plan,
    watched: Option<u32>,
) -> io::Result<Outcome> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    LocalSet::new().block_on(&runtime, drive(target, works, plan, watched))
}

/// As [`run`], until somebody says that it is done.
///
/// # Errors
/// When a connection cannot be opened.
pub fn run_until(
    target: &Target,
    works: Vec<Box<dyn Work>>,
    pace: Pace,
    done: &Arc<AtomicBool>,
) -> io::Result<Outcome> {
    let ended = works.into_iter().map(|work| -> Box<dyn Work> {
        let done = Arc::clone(done);
        Box::new(Until { work, done })
    });
    run(target, ended.collect(), &Plan::to_the_end(pace), None)
}

struct Until {
    work: Box<dyn Work>,
    done: Arc<AtomicBool>,
}

impl Work for Until {
    fn next(&mut self) -> Option<&[u8]> {
        match self.done.load(Ordering::Relaxed) {
            true => None,
            false => self.work.next(),
        }
    }

    fn take(&mut self, answer: &Answer<'_>) -> Result<(), String> {
        self.work.take(answer)
    }
}

/// An answer that is kept.
pub struct Received {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

/// One request on a connection of its own.
///
/// # Errors
/// When the connection breaks.
pub fn once(target: &Target, request: &[u8]) -> io::Result<Received> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let mut connection = target.connect().await?;
        let answer = connection.exchange(request).await?;
        Ok(Received {
            status: answer.status,
            head: String::from_utf8_lossy(answer.head).into_owned(),
            body: answer.body.to_vec(),
        })
    })
}

async fn drive(
    target: &Target,
    works: Vec<Box<dyn Work>>,
    plan: &Plan,
    watched: Option<u32>,
) -> io::Result<Outcome> {
    let mut connections = Vec::with_capacity(works.len());
    for work in works {
        connections.push((target.connect().await?, work));
    }
    let begin = Instant::now();
    let shared = Rc::new(Shared {
        from: begin + plan.warm_up,
        until: begin + plan.warm_up + plan.window,
        due: Due::new(begin, plan),
        outcome: RefCell::new(Outcome::empty()),
    });
    let tasks: Vec<_> = connections
        .into_iter()
        .map(|(connection, work)| {
            tokio::task::spawn_local(connection_loop(connection, work, Rc::clone(&shared)))
        })
        .collect();
    tokio::time::sleep_until(shared.from.into()).await;
    let (start, before) = (Instant::now(), processor(watched)?);
    let all = async {
        for task in tasks {
            // A task that panicked has shown so on standard error.
            let _ = task.await;
        }
    };
    tokio::pin!(all);
    let in_flight = tokio::select! {
        () = &mut all => false,
        () = tokio::time::sleep_until(shared.until.into()) => true,
    };
    let (time, after) = (start.elapsed(), processor(watched)?);
    let requests = shared.outcome.borrow().requests;
    // Requests in flight at the end of the window get their answers and are not counted.
    if in_flight {
        all.await;
    }
    let mut outcome = shared.outcome.replace(Outcome::empty());
    outcome.requests = requests;
    outcome.time = time;
    outcome.processor = before
        .zip(after)
        .map(|(before, after)| after.saturating_sub(before));
    Ok(outcome)
}

fn processor(watched: Option<u32>) -> io::Result<Option<Duration>> {
    watched.map(process::cpu_time).transpose()
}

struct Shared {
    from: Instant,
    until: Instant,
    due: Due,
    outcome: RefCell<Outcome>,
}

async fn connection_loop(mut connection: Connection, mut work: Box<dyn Work>, shared: Rc<Shared>) {
    let mut failures = 0;
    loop {
        let Some(due) = shared.due.next().await else {
            return;
        };
        let began = due.unwrap_or_else(Instant::now);
        if began >= shared.until {
            return;
        }
        let Some(request) = work.next() else {
            return;
        };
        let (status, taken) = match connection.exchange(request).await {
            Ok(answer) => {
                let taken = work.take(&answer).map(|()| answer.bytes);
                (answer.status, taken)
            }
            Err(error) => (0, Err(error.to_string())),
        };
        failures = if taken.is_ok() { 0 } else { failures + 1 };
        if began >= shared.from {
            let ended = Instant::now();
            shared
                .outcome
                .borrow_mut()
                .count(ended - began, status, taken);
        }
        if failures > FAILURES_MAX {
            return;
        }
    }
}

/// When requests are due.
enum Due {
    AtOnce,
    /// A thread of its own lets one request after another go, because the runtime's timers are too coarse.
    At {
        go: Arc<Semaphore>,
        begin: Instant,
        interval: f64,
        next: RefCell<u64>,
    },
}

impl Due {
    fn new(begin: Instant, plan: &Plan) -> Due {
        let Pace::Rate(rate) = plan.pace else {
            return Due::AtOnce;
        };
        let go = Arc::new(Semaphore::new(0));
        let interval = 1.0 / rate;
        let count = ((plan.warm_up + plan.window).as_secs_f64() * rate) as u64;
        let let_go = Arc::downgrade(&go);
        thread::spawn(move || {
            for number in 0..count {
                let due = begin + Duration::from_secs_f64(number as f64 * interval);
                thread::sleep(due.saturating_duration_since(Instant::now()));
                let Some(go) = let_go.upgrade() else {
                    return;
                };
                go.add_permits(1);
            }
            if let Some(go) = let_go.upgrade() {
                go.close();
            }
        });
        Due::At {
            go,
            begin,
            interval,
            next: RefCell::new(0),
        }
    }

    /// `Some(None)`: now. `None`: no more.
    async fn next(&self) -> Option<Option<Instant>> {
        match self {
            Due::AtOnce => Some(None),
            Due::At {
                go,
                begin,
                interval,
                next,
            } => {
                go.acquire().await.ok()?.forget();
                let number = next.replace_with(|number| *number + 1);
                Some(Some(
                    *begin + Duration::from_secs_f64(number as f64 * interval),
                ))
            }
        }
    }
}

impl Outcome {
    fn empty() -> Outcome {
        Outcome {
            requests: 0,
            bytes: 0,
            time: Duration::ZERO,
            latency: histogram(),
            processor: None,
            refused: BTreeMap::new(),
            failure: None,
        }
    }

    fn count(&mut self, latency: Duration, status: u16, taken: Result<usize, String>) {
        match taken {
            Ok(bytes) => {
                self.requests += 1;
                self.bytes += bytes as u64;
                let micros = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX);
                self.latency.saturating_record(micros);
            }
            Err(failure) => {
                *self.refused.entry(status).or_default() += 1;
                self.failure.get_or_insert(failure);
            }
        }
    }

    /// Requests a second.
    pub fn rate(&self) -> f64 {
        self.requests as f64 / self.time.as_secs_f64().max(f64::MIN_POSITIVE)
    }

    /// Microseconds of the watched process's processor time a request.
    pub fn cost(&self) -> Option<f64> {
        let processor = self.processor?.as_secs_f64() * 1e6;
        Some(processor / self.requests.max(1) as f64)
    }

    /// Milliseconds that `quantile` of the requests took at most.
    pub fn millis(&self, quantile: f64) -> f64 {
        self.latency.value_at_quantile(quantile) as f64 / 1000.0
    }
}

/// Of microseconds up to a minute, exact to a thousandth.
fn histogram() -> Histogram<u64> {
    Histogram::new_with_max(60_000_000, 3).expect("the bounds are constant and valid")
}

#[cfg(test)]
mod tests;
