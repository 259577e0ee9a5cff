//! The floors that `bench` measures against, each in a process of its own so that its processor time and memory can be
//! told apart.

use std::error::Error;
use std::net::SocketAddr;
use std::path::PathBuf;

use benches::floor::{
    Alone, Order, Recorded, json_scan, rocksdb_writes, serve_canned, serve_skeleton,
};
use benches::generate::{Family, Generator, Ids};
use clap::{Parser, Subcommand};
use tikv_jemallocator::Jemalloc;

/// As the server has it.
#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

#[derive(Parser)]
struct Args {
    #[command(subcommand)]
    floor: Floor,
}

#[derive(Subcommand)]
enum Floor {
    /// An actix handler with a fixed answer.
    Canned {
        #[arg(long)]
        bind: SocketAddr,
    },
    /// actix, a borrowed parse, a commit thread, and the keys and values of a recorded store.
    Skeleton {
        #[arg(long)]
        bind: SocketAddr,
        /// A store that was killed before it flushed.
        #[arg(long)]
        recorded: PathBuf,
        /// A directory to be made.
        #[arg(long)]
        data: PathBuf,
        #[arg(long, default_value_t = usize::MAX)]
        statements: usize,
        /// Write the index terms of a group by their keys, instead of each with its statement.
        #[arg(long)]
        sorted: bool,
    },
    /// RocksDB alone.
    Rocksdb {
        #[arg(long)]
        recorded: PathBuf,
        #[arg(long)]
        data: PathBuf,
        /// Statements of one write.
        #[arg(long)]
        group: usize,
        #[arg(long, default_value_t = usize::MAX)]
        statements: usize,
        /// Write the index terms of a group by their keys, instead of each with its statement.
        #[arg(long)]
        sorted: bool,
    },
    /// The JSON alone.
    Json {
        #[arg(long, default_value_t = 1)]
        batch: usize,
    },
}

const JSON_STATEMENTS: usize = 20_000;
const JSON_ROUNDS: usize = 20;

fn main() -> Result<(), Box<dyn Error>> {
    let options = storage::Options::default();
    match Args::parse().floor {
        Floor::Canned { bind } => Ok(serve_canned(bind)?),
        Floor::Skeleton {
            bind,
            recorded,
            data,
            statements,
            sorted,
        } => {
            let recorded = Recorded::read(&recorded, statements)?;
            serve_skeleton(bind, recorded, &data, &options, order(sorted))
        }
        Floor::Rocksdb {
            recorded,
            data,
            group,
            statements,
            sorted,
        } => {
            let recorded = Recorded::read(&recorded, statements)?;
            let (operations, bytes) = recorded.averages();
            eprintln!("{operations:.1} operations, {bytes:.0} bytes a statement");
            print(rocksdb_writes(
                &recorded,
                &data,
                group,
                &options,
                order(sorted),
            )?);
            Ok(())
        }
        Floor::Json { batch } => {
            let generator = Generator::new(1, Family::Plain, Ids::Client);
            let texts: Vec<String> = generator
                .take(JSON_STATEMENTS)
                .map(|sample| sample.text)
                .collect();
            let bodies: Vec<String> = match batch {
                1 => texts,
                _ => texts
                    .chunks(batch)
                    .map(|texts| format!("[{}]", texts.join(",")))
                    .collect(),
            };
            print(json_scan(&bodies, JSON_ROUNDS)?);
            Ok(())
        }
    }
}

fn order(sorted: bool) -> Order {
    match sorted {
        true => Order::Sorted,
        false => Order::Given,
    }
}

/// Microseconds of processor time a statement, and statements a second.
fn print(alone: Alone) {
    println!("{:.3} {:.0}", alone.cost(), alone.rate());
}
