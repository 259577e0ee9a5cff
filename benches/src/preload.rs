//! Libraries that are preloaded into a server to try it: compiled with `cc`, which Rust needs for linking anyway.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Compiles the library into the directory.
pub(crate) fn compile(directory: &Path, name: &str, text: &str) -> io::Result<PathBuf> {
    let source = directory.join(name).with_extension("c");
    let library = directory.join(name).with_extension("so");
    fs::write(&source, text)?;
    let status = Command::new("cc")
        .args(["-O2", "-shared", "-fPIC", "-o"])
        .args([&library, &source])
        .args(["-ldl", "-lpthread"])
        .status()?;
    match status.success() {
        true => Ok(library),
        false => Err(io::Error::other(format!("cc could not compile {name}.c"))),
    }
}
