//! How a server with its default limits bears clients that hold its connections and memory: kind by kind, so many
//! connections of it for so long, and beside them well-behaved clients and a probe of its health. The bad ones connect
//! again when the server ends them.

use std::error::Error;
use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use benches::client::Client;
use benches::process::{self, Server, Setup};
use clap::Parser;

mod bad;
mod good;
mod prepare;

use bad::{Held, Kind};
use good::Served;

#[derive(Parser)]
struct Args {
    /// Bad connections of each kind
    #[arg(long, default_value_t = 2_000)]
    connections: usize,
    /// For each kind
    #[arg(long, default_value_t = 30)]
    seconds: u64,
    /// Only kinds whose names contain this
    #[arg(long, default_value = "")]
    kinds: String,
    /// The `tessera` program; else the one beside this program
    #[arg(long)]
    binary: Option<PathBuf>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let args = Args::parse();
    let directory = tempfile::tempdir()?;
    let setup = Setup {
        binary: match args.binary {
            Some(binary) => binary,
            None => process::binary()?,
        },
        data: directory.path().join("data"),
        log: directory.path().join("log"),
        environment: vec![("TESSERA__LOG__FILTER", "warn".into())],
    };
    let server = setup.start()?;
    let prepared = prepare::prepare(&server)?;
    println!(
        "{:<20} {:>5} {:>8} {:>7} {:>9} {:>9} {:>8} {:>8} {:>7} {:>8} {:>9} {:>6}",
        "kind",
        "held",
        "ended by",
        "refused",
        "RSS MiB",
        "RSS after",
        "health",
        "health",
        "health",
        "others",
        "others",
        "others",
    );
    println!(
        "{:<20} {:>5} {:>8} {:>7} {:>9} {:>9} {:>8} {:>8} {:>7} {:>8} {:>9} {:>6}",
        "",
        "",
        "server",
        "503",
        "at most",
        "10 s",
        "p99 ms",
        "max ms",
        "failed",
        "req/s",
        "p99 ms",
        "failed",
    );
    let all = Kind::ALL
        .into_iter()
        .filter(|kind| kind.name().contains(&args.kinds));
    let kinds: Vec<Option<Kind>> = std::iter::once(None).chain(all.map(Some)).collect();
    for kind in kinds {
        let connections = kind.map_or(0, |_| args.connections);
        let seconds = Duration::from_secs(args.seconds);
        let (held, served, rss_max) = round(&server, kind, connections, seconds, &prepared);
        thread::sleep(Duration::from_secs(10));
        println!(
            "{:<20} {:>5} {:>8} {:>7} {:>9.1} {:>9.1} {:>8.1} {:>8.1} {:>7} {:>8.0} {:>9.1} {:>6}",
            kind.map_or("none", Kind::name),
            held.held,
            held.ended,
            held.refused,
            rss_max,
            rss_mib(&server),
            served.health_ms(0.99),
            served.health_ms(1.0),
            served.health_failed,
            served.requests.len() as f64 / seconds.as_secs_f64(),
            served.request_ms(0.99),
            served.requests_failed,
        );
    }
    server.stop()?;
    match setup.verify()? {
        Ok(()) => println!("verify: all is well"),
        Err(found) => println!("verify: {found}"),
    }
    Ok(())
}

/// Well-behaved clients for so long, beside bad ones. Answers also the largest resident memory in MiB.
fn round(
    server: &Server,
    kind: Option<Kind>,
    connections: usize,
    seconds: Duration,
    prepared: &prepare::Prepared,
) -> (Held, Served, f64) {
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let bad = scope.spawn(|| match kind {
            None => Held::default(),
            Some(kind) => bad::hold(kind, connections, prepared, &stop),
        });
        let rss = scope.spawn(|| {
            let mut most = 0.0_f64;
            while !stop.load(Ordering::Relaxed) {
                most = most.max(rss_mib(server));
                thread::sleep(Duration::from_millis(50));
            }
            most
        });
        let served = good::ask(server, &Client::new(&server.endpoint()), seconds);
        stop.store(true, Ordering::Relaxed);
        let held = bad.join().expect("it does not panic");
        (held, served, rss.join().expect("it does not panic"))
    })
}

fn rss_mib(server: &Server) -> f64 {
    let status = fs::read_to_string(format!("/proc/{}/status", server.pid())).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|rest| rest.split_whitespace().next()?.parse::<f64>().ok());
    kib.unwrap_or(0.0) / 1024.0
}
