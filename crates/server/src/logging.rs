//! Where events go: standard error, as text or JSON. What they may say is each caller's duty: no secret at any
//! level, learners' data at `debug` and below only.

use std::io::{self, IsTerminal as _};
use std::panic;

use tracing::Level;
use tracing_subscriber::filter::{EnvFilter, FilterExt as _, filter_fn};
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::config::{Log, LogFormat};

/// Starts logging for a server. Once in a process; later calls change nothing.
pub fn start(log: &Log) {
    // The web framework's own debugging prints whole requests, with secrets.
    let web =
        filter_fn(|event| !event.target().starts_with("actix") || *event.level() <= Level::INFO);
    let filter = EnvFilter::new(&log.filter).and(web);
    let layer = tracing_subscriber::fmt::layer().with_writer(io::stderr);
    let layer = match log.format {
        LogFormat::Text => layer
            .with_ansi(io::stderr().is_terminal())
            .with_filter(filter)
            .boxed(),
        LogFormat::Json => layer.json().flatten_event(true).with_filter(filter).boxed(),
    };
    // It fails only when a logger is there already.
    let _ = tracing_subscriber::registry().with(layer).try_init();
    panic::set_hook(Box::new(report_panic));
}

/// Warnings and errors alone, for commands whose output is read.
pub fn start_quiet() {
    start(&Log {
        filter: "warn".to_owned(),
        format: LogFormat::Text,
    });
}

/// The message of a panic can quote what a learner sent, so only the place is said above `debug`.
fn report_panic(panicked: &panic::PanicHookInfo<'_>) {
    let place = panicked
        .location()
        .map_or_else(|| "?".to_owned(), ToString::to_string);
    tracing::error!(%place, "a defect: the program panicked");
    if let Some(message) = panicked.payload_as_str() {
        tracing::debug!(%place, message, "what the panic said");
    }
}
