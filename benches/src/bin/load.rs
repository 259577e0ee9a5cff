//! Loads an endpoint and measures it. With `--data` it starts the server itself on that directory, and so can also
//! say what memory it takes, how fast it opens and how many index keys each question touches.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use benches::client::Endpoint;
use benches::generate::Family;
use benches::load::{Fill, Question, ask, questions, touched};
use benches::process::{self, Server, Setup};
use clap::Parser;
use storage::Store;

#[derive(Parser)]
struct Args {
    /// `http://127.0.0.1:8080/xapi`
    #[arg(long, conflicts_with = "data")]
    endpoint: Option<String>,
    #[arg(long, default_value = "")]
    key: String,
    #[arg(long, default_value = "")]
    secret: String,
    /// Start the server on this directory; it is made when it is not there.
    #[arg(long, required_unless_present = "endpoint")]
    data: Option<PathBuf>,
    /// The `tessera` program; else the one beside this program, or TESSERA_BINARY.
    #[arg(long)]
    binary: Option<PathBuf>,
    /// 0: the statements are there already, from a run with the same seed and connections.
    #[arg(long, default_value_t = 100_000)]
    statements: usize,
    #[arg(long, default_value_t = 100)]
    batch: usize,
    #[arg(long, default_value_t = 8)]
    connections: usize,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Times that each kind of question is asked.
    #[arg(long, default_value_t = 1000)]
    questions: usize,
    /// The server's `xapi.scan_keys_max`.
    #[arg(long, default_value_t = 50_000)]
    scan_keys_max: usize,
}

/// Questions are about the first so many statements of each connection.
const KNOWN: usize = 5_000;

fn main() -> Result<(), Box<dyn Error>> {
    let args = Args::parse();
    let asked = questions(
        args.seed,
        args.connections,
        Family::Mixed,
        KNOWN,
        args.questions,
    );
    match (&args.endpoint, &args.data) {
        (Some(url), _) => {
            let endpoint = Endpoint {
                url: url.clone(),
                key: args.key.clone(),
                secret: args.secret.clone(),
            };
            fill(&args, &endpoint)?;
            ask_all(&endpoint, &asked)
        }
        (None, Some(data)) => own_server(&args, data, &asked),
        (None, None) => Err("an endpoint or a data directory is needed".into()),
    }
}

fn own_server(args: &Args, data: &Path, asked: &[Question]) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(data)?;
    let data = data.canonicalize()?;
    let setup = Setup {
        binary: match &args.binary {
            Some(path) => path.canonicalize()?,
            None => process::binary()?,
        },
        log: data.with_extension("server.log"),
        data: data.clone(),
        environment: Vec::new(),
    };
    let server = setup.start()?;
    memory("memory, just started", &server)?;
    let before = process::cpu_time(server.pid())?;
    fill(args, &server.endpoint())?;
    if args.statements > 0 {
        let used = process::cpu_time(server.pid())?.saturating_sub(before);
        let micros = used.as_secs_f64() * 1e6 / args.statements as f64;
        line(
            "processor time of the server",
            &format!("{micros:.0} µs a statement"),
        );
    }
    memory("memory after the load", &server)?;
    end(server)?;
    disk(&data, args.statements)?;

    let start = Instant::now();
    let server = setup.start()?;
    line(
        "from start to ready",
        &format!("{:.0} ms", millis(start.elapsed())),
    );
    memory("memory, restarted, idle", &server)?;
    ask_all(&server.endpoint(), asked)?;
    memory("memory after the questions", &server)?;
    end(server)?;

    let start = Instant::now();
    let store = Store::open(&data, storage::Options::default())?;
    line("store opens", &format!("{:.1} ms", millis(start.elapsed())));
    println!(
        "\n{:<34} {:>10} {:>10} {:>10}",
        "index keys touched by a page", "least", "mean", "most"
    );
    for question in asked {
        if let Some(keys) = touched(&store, question, args.scan_keys_max)? {
            println!(
                "{:<34} {:>10} {:>10.1} {:>10}",
                question.label, keys.least, keys.mean, keys.most
            );
        }
    }
    Ok(())
}

fn fill(args: &Args, endpoint: &Endpoint) -> Result<(), Box<dyn Error>> {
    if args.statements == 0 {
        return Ok(());
    }
    let fill = Fill {
        statements: args.statements,
        batch: args.batch,
        connections: args.connections,
        seed: args.seed,
        family: Family::Mixed,
    };
    let filled = fill.run(endpoint);
    if let Some(failure) = filled.failure {
        return Err(format!("after {} statements: {failure}", filled.statements).into());
    }
    let seconds = filled.time.as_secs_f64();
    line("statements", &filled.statements.to_string());
    line(
        "bytes of JSON a statement",
        &(filled.bytes / filled.statements.max(1)).to_string(),
    );
    line(
        "requests",
        &format!(
            "{} of {} over {} connections",
            filled.latency.len(),
            args.batch,
            args.connections
        ),
    );
    line(
        "rate",
        &format!("{:.0} statements/s", filled.statements as f64 / seconds),
    );
    let latency = |at| filled.latency.value_at_quantile(at) as f64 / 1000.0;
    line(
        "request p50, p99",
        &format!("{:.1} ms, {:.1} ms", latency(0.5), latency(0.99)),
    );
    Ok(())
}

fn ask_all(endpoint: &Endpoint, asked: &[Question]) -> Result<(), Box<dyn Error>> {
    println!(
        "\n{:<34} {:>10} {:>10} {:>10} {:>10} {:>10}",
        "question (pages of 100)", "p50 ms", "p99 ms", "max ms", "rows", "short"
    );
    for question in asked {
        let timing = ask(endpoint, question);
        if let Some(failure) = timing.failure {
            return Err(format!("{}: {failure}", question.label).into());
        }
        let latency = |at| timing.latency.value_at_quantile(at) as f64 / 1000.0;
        println!(
            "{:<34} {:>10.2} {:>10.2} {:>10.2} {:>10.1} {:>10}",
            question.label,
            latency(0.5),
            latency(0.99),
            timing.latency.max() as f64 / 1000.0,
            timing.rows as f64 / question.asked.len().max(1) as f64,
            timing.short
        );
    }
    println!();
    Ok(())
}

fn memory(label: &str, server: &Server) -> Result<(), Box<dyn Error>> {
    let resident = process::memory_kib(server.pid(), "VmRSS")? as f64 / 1024.0;
    let peak = process::memory_kib(server.pid(), "VmHWM")? as f64 / 1024.0;
    line(label, &format!("{resident:.1} MiB (peak {peak:.1})"));
    Ok(())
}

fn disk(data: &Path, statements: usize) -> Result<(), Box<dyn Error>> {
    let bytes: u64 = fs::read_dir(data)?
        .flatten()
        .filter_map(|entry| entry.metadata().ok())
        .map(|status| status.len())
        .sum();
    line("disk", &format!("{:.1} MiB", bytes as f64 / 1048576.0));
    if statements > 0 {
        line(
            "disk a statement",
            &format!("{} B", bytes / statements as u64),
        );
    }
    Ok(())
}

fn end(server: Server) -> Result<(), Box<dyn Error>> {
    let start = Instant::now();
    let status = server.stop()?;
    line(
        "from SIGTERM to the end",
        &format!("{:.0} ms, {status}", millis(start.elapsed())),
    );
    Ok(())
}

fn line(label: &str, value: &str) {
    println!("{label:<34} {value}");
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
