//! Runs `xmllint` over many documents at once.

use std::fs;
use std::path::Path;
use std::process::Command;

const SCHEMA: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/fixtures/CourseStructure.xsd"
);

/// Whether libxml2 takes each document. `name` keeps tests apart that run at the same time.
pub fn validate(name: &str, documents: &[String]) -> Vec<bool> {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("course-{name}"));
    fs::create_dir_all(&directory).expect("a directory for documents can be made");
    let names: Vec<String> = (0..documents.len()).map(|n| format!("{n}.xml")).collect();
    for (name, document) in names.iter().zip(documents) {
        fs::write(directory.join(name), document).expect("a document can be written");
    }
    let output = Command::new("xmllint")
        .args(["--noout", "--nonet", "--schema", SCHEMA])
        .args(&names)
        .current_dir(&directory)
        .output()
        .unwrap_or_else(|e| {
            panic!("xmllint cannot be run ({e}): install the package `libxml2-utils`, or run `./dev setup`")
        });
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(!told.contains("Schemas parser error"), "{told}");
    let valid: std::collections::HashSet<&str> = told
        .lines()
        .filter_map(|line| line.strip_suffix(" validates"))
        .collect();
    names.iter().map(|name| valid.contains(&**name)).collect()
}
