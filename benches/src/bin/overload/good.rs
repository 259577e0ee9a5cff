//! Those who are to be served: clients that post and read, and a probe of the server's health on connections of its own.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use benches::client::{Body, Client};
use benches::process::Server;

use super::prepare;

const POSTING: u64 = 8;
const READING: u64 = 2;
const PATIENCE: Duration = Duration::from_secs(10);

/// Times that were answered as they should be, and how many were not.
#[derive(Default)]
pub struct Served {
    pub requests: Vec<Duration>,
    pub requests_failed: usize,
    health: Vec<Duration>,
    pub health_failed: usize,
}

impl Served {
    pub fn request_ms(&self, quantile: f64) -> f64 {
        quantile_ms(&self.requests, quantile)
    }

    pub fn health_ms(&self, quantile: f64) -> f64 {
        quantile_ms(&self.health, quantile)
    }
}

fn quantile_ms(times: &[Duration], quantile: f64) -> f64 {
    let mut times = times.to_vec();
    times.sort_unstable();
    let at = ((times.len() as f64 * quantile) as usize).min(times.len().saturating_sub(1));
    times
        .get(at)
        .map_or(f64::NAN, |time| time.as_secs_f64() * 1e3)
}

/// Each client sends ten requests a second at most, so that they load the machine alike however fast it answers.
pub fn ask(server: &Server, client: &Client, seconds: Duration) -> Served {
    let end = Instant::now() + seconds;
    let address = server.endpoint().url;
    let address = address
        .trim_start_matches("http://")
        .trim_end_matches("/xapi");
    thread::scope(|scope| {
        let clients: Vec<_> = (0..POSTING + READING)
            .map(|number| scope.spawn(move || one(client, number, end)))
            .collect();
        let mut served = Served::default();
        while Instant::now() < end {
            let started = Instant::now();
            if is_healthy(address) {
                served.health.push(started.elapsed());
            } else {
                served.health_failed += 1;
            }
            thread::sleep(Duration::from_millis(50));
        }
        for client in clients {
            let (times, failed) = client.join().expect("it does not panic");
            served.requests.extend(times);
            served.requests_failed += failed;
        }
        served
    })
}

fn one(client: &Client, number: u64, end: Instant) -> (Vec<Duration>, usize) {
    let (mut times, mut failed) = (Vec::new(), 0);
    for n in 0.. {
        let started = Instant::now();
        if started > end {
            break;
        }
        let statement = prepare::statement(n * 100 + number);
        let answer = if number < POSTING {
            let body = Body {
                content_type: "application/json",
                bytes: statement.as_bytes(),
            };
            client.post("/statements", &[], body)
        } else {
            client.get("/statements", &[("limit", "10")])
        };
        match answer {
            Ok(answer) if answer.status == 200 => times.push(started.elapsed()),
            Ok(_) | Err(_) => failed += 1,
        }
        thread::sleep(Duration::from_millis(100).saturating_sub(started.elapsed()));
    }
    (times, failed)
}

fn is_healthy(address: &str) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let head =
            format!("GET /health/ready HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        stream.write_all(head.as_bytes())?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        Ok(answer.starts_with(b"HTTP/1.1 200"))
    };
    ask().unwrap_or(false)
}
