//! Statements in batches over kept connections, as fast as the other side takes them.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;

use crate::client::{Body, Client, Endpoint};
use crate::generate::{Family, Generator, Ids};

#[derive(Debug, Clone)]
pub struct Fill {
    pub statements: usize,
    /// Statements of one request; 1 sends single ones without an array.
    pub batch: usize,
    pub connections: usize,
    /// Each connection has the generator of this seed plus its number.
    pub seed: u64,
    pub family: Family,
}

#[derive(Debug)]
pub struct Filled {
    /// That were answered with 200.
    pub statements: usize,
    pub bytes: usize,
    pub time: Duration,
    /// Microseconds from a request to the end of its answer.
    pub latency: Histogram<u64>,
    /// The first refusal or broken connection; the connection that met it stopped there.
    pub failure: Option<String>,
}

impl Fill {
    pub fn run(&self, endpoint: &Endpoint) -> Filled {
        let left = AtomicUsize::new(self.statements);
        let start = Instant::now();
        let parts: Vec<Filled> = thread::scope(|scope| {
            let threads: Vec<_> = (0..self.connections as u64)
                .map(|connection| {
                    let left = &left;
                    scope.spawn(move || self.connection(endpoint, connection, left))
                })
                .collect();
            threads
                .into_iter()
                .filter_map(|thread| thread.join().ok())
                .collect()
        });
        let mut whole = Filled::empty();
        for part in parts {
            whole.statements += part.statements;
            whole.bytes += part.bytes;
            whole.latency += part.latency;
            whole.failure = whole.failure.or(part.failure);
        }
        whole.time = start.elapsed();
        whole
    }

    fn connection(&self, endpoint: &Endpoint, connection: u64, left: &AtomicUsize) -> Filled {
        let client = Client::new(endpoint);
        let mut generator = Generator::new(self.seed + connection, self.family, Ids::Client);
        let mut filled = Filled::empty();
        while let Some(count) = take(left, self.batch) {
            let texts: Vec<String> = generator
                .by_ref()
                .take(count)
                .map(|sample| sample.text)
                .collect();
            let body = match self.batch {
                1 => texts.concat(),
                _ => format!("[{}]", texts.join(",")),
            };
            let start = Instant::now();
            let answer = client.post("/statements", &[], Body::json(&body));
            filled
                .latency
                .saturating_record(start.elapsed().as_micros() as u64);
            match answer {
                Ok(answer) if answer.status == 200 => {
                    filled.statements += count;
                    filled.bytes += body.len();
                }
                Ok(answer) => {
                    let text: String = String::from_utf8_lossy(&answer.body)
                        .chars()
                        .take(500)
                        .collect();
                    filled.failure = Some(format!("{} {text}", answer.status));
                    break;
                }
                Err(error) => {
                    filled.failure = Some(error.to_string());
                    break;
                }
            }
        }
        filled
    }
}

impl Filled {
    fn empty() -> Filled {
        Filled {
            statements: 0,
            bytes: 0,
            time: Duration::ZERO,
            latency: histogram(),
            failure: None,
        }
    }
}

/// Of microseconds up to a minute, exact to a hundredth.
pub(super) fn histogram() -> Histogram<u64> {
    Histogram::new_with_max(60_000_000, 2).expect("the bounds are constant and valid")
}

/// Takes up to `most` off what is left; nothing is left: `None`.
fn take(left: &AtomicUsize, most: usize) -> Option<usize> {
    let before = left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
        (left > 0).then(|| left.saturating_sub(most))
    });
    before.ok().map(|before| before.min(most))
}
