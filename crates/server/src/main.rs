//! The `tessera` binary. Everything is in the library.

use std::process::ExitCode;

/// Takes a tenth less of a request's processor time than the system's allocator, RocksDB's part included.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    server::cli::run()
}
