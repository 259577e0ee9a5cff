//! The `tessera` command: what it can be told, and where each is done.

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use lrs::credential::{Role, Scope};

use crate::config::{self, KeyAndSecret, Loaded};

mod backup;
mod demo;
mod keys;
mod restore;
mod serve;
mod session;
mod settings;
mod store;
mod story;
mod verify;

/// A learning record store for xAPI 1.0.3 and 2.0.
#[derive(Parser)]
#[command(name = "tessera", version, arg_required_else_help = true)]
struct Tessera {
    /// Configuration file; else TESSERA_CONFIG, ./tessera.toml or /etc/tessera/tessera.toml
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server
    Serve,
    /// Make, list, rotate and revoke keys, on a running server or without one
    #[command(subcommand)]
    Key(Key),
    /// Explain what happened in a cmi5 session, on a running server or without one
    #[command(subcommand)]
    Session(Session),
    /// Play an LMS and several AUs against a running server and show what it refuses
    Demo(Demo),
    /// Check every record and index of the store, on a running server or without one
    Verify,
    /// Back the store up, on a running server or without one; list and check backups
    #[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
    Backup(Backup),
    /// Restore a backup into a new data directory and check it
    Restore(Restore),
    /// Show or check the configuration
    #[command(subcommand)]
    Config(Settings),
    /// Print the version
    Version,
}

#[derive(Subcommand)]
enum Key {
    /// Make a key; its secret is printed once
    Add(NewKey),
    /// List all keys, without secrets
    List,
    /// Give a key a new secret; the old one is accepted for a while
    Rotate {
        /// The key or its name
        key: String,
        /// Seconds for which the old secret is still accepted
        #[arg(long, value_name = "SECONDS", default_value_t = 3_600)]
        overlap: u64,
    },
    /// Refuse a key from now on
    Revoke {
        /// The key or its name
        key: String,
    },
}

#[derive(Args)]
struct NewKey {
    /// What people call it; the account name of the authority of its statements
    #[arg(long)]
    name: String,
    /// Which side of cmi5 it speaks for
    #[arg(long, value_parser = Role::ALL.map(Role::as_str))]
    role: String,
    /// What it may do; once for each scope
    #[arg(long = "scope", required = true, value_parser = Scope::ALL.map(Scope::as_str))]
    scopes: Vec<String>,
    /// The xAPI version of its requests that name none
    #[arg(long, value_name = "VERSION")]
    assume_version: Option<String>,
}

#[derive(Subcommand)]
enum Session {
    /// Print a session's story: launch data, statements, what was refused and why
    Show {
        /// The session id, as the launch data have it
        id: String,
    },
}

#[derive(Args)]
struct Backup {
    /// Directory that keeps the backups, which share what did not change; made when it is not there
    #[arg(required = true, value_name = "DIR")]
    directory: Option<PathBuf>,
    /// Remove all but the newest N backups, once the new one is made and checked
    #[arg(long, value_name = "N")]
    keep: Option<NonZeroU32>,
    #[command(subcommand)]
    other: Option<Backups>,
}

#[derive(Subcommand)]
enum Backups {
    /// List the backups of a directory, without reading their contents
    List {
        #[arg(value_name = "DIR")]
        directory: PathBuf,
    },
    /// Read a backup whole and compare the checksum of every file
    Check {
        #[arg(value_name = "DIR")]
        directory: PathBuf,
        /// Which; else the newest
        #[arg(long, value_name = "ID")]
        backup: Option<u32>,
    },
}

#[derive(Args)]
struct Restore {
    /// Directory that keeps the backups
    #[arg(value_name = "DIR")]
    directory: PathBuf,
    /// Which; else the newest
    #[arg(long, value_name = "ID")]
    backup: Option<u32>,
    /// Data directory to be made, absent or empty; else `storage.path` of the configuration
    #[arg(long, value_name = "DIR")]
    to: Option<PathBuf>,
    /// Do not check records and indexes of what was restored
    #[arg(long)]
    no_verify: bool,
}

#[derive(Args)]
struct Demo {
    /// The server's xAPI endpoint
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080/xapi")]
    endpoint: String,
    /// A key of role `lms` or `lms+au`; else TESSERA_KEY
    #[arg(long)]
    key: Option<String>,
    /// Its secret; else TESSERA_SECRET, which other users of the machine do not see
    #[arg(long)]
    secret: Option<String>,
}

#[derive(Subcommand)]
enum Settings {
    /// Print what is in force and where it is set, or all that is wrong
    Check,
    /// Print every key with its default and meaning
    Sample,
}

/// Does what the command line says.
#[must_use]
pub fn run() -> ExitCode {
    let told = Tessera::parse();
    let load = || -> Result<Loaded, String> {
        config::load(told.config.as_deref(), std::env::vars_os())
            .map_err(|problems| problems.to_string())
    };
    let outcome = match told.command {
        Command::Serve => load().and_then(|loaded| serve::serve(&loaded)),
        Command::Key(key) => load().and_then(|loaded| keys::run(&loaded.config, key)),
        Command::Session(session) => {
            load().and_then(|loaded| session::run(&loaded.config, session))
        }
        Command::Demo(demo) => demo::run(demo, KeyAndSecret::read(std::env::vars_os())),
        Command::Verify => load().and_then(|loaded| verify::run(&loaded.config)),
        Command::Backup(told) => load().and_then(|loaded| backup::run(&loaded.config, told)),
        Command::Restore(told) => load().and_then(|loaded| restore::run(&loaded.config, told)),
        Command::Config(Settings::Check) => load().and_then(|loaded| settings::check(&loaded)),
        Command::Config(Settings::Sample) => print(&config::sample()),
        Command::Version => print(concat!("tessera ", env!("CARGO_PKG_VERSION"), "\n")),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("tessera: {message}");
            ExitCode::FAILURE
        }
    }
}

/// Unlike `print!` it does not panic when nobody reads: `tessera config sample | head`.
fn print(text: &str) -> Result<(), String> {
    use std::io::Write as _;
    std::io::stdout()
        .write_all(text.as_bytes())
        .map_err(|error| format!("could not write to standard output: {error}"))
}
