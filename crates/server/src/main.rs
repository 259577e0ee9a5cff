//! The `tessera` binary. Everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    server::cli::run()
}
