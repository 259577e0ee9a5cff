//! Every vector against a server of our own, in this process and over a socket, in both versions. `FILTER` in the
//! environment narrows it to cases whose file, name or ids contain that.

use conformance::own::Own;
use conformance::run::{Verdict, run};
use conformance::subject::Subject;
use conformance::{session, vector};
use xapi::Version;

/// One area, one check: all cases pass, and none is left out.
fn check(subject: &Subject) {
    let (files, bases) = (vector::load(), vector::bases());
    let filter = std::env::var("FILTER").unwrap_or_default();
    let mut failures = Vec::new();
    for version in Version::ALL {
        for outcome in run(&files, &bases, subject, version, &filter) {
            let why = match outcome.verdict {
                Verdict::Passed => continue,
                Verdict::Failed(difference) => difference,
                Verdict::NotRun(reason) => format!("not run: {reason}"),
            };
            let (file, name, version) = (outcome.file, outcome.name, version.announced());
            failures.push(format!("{file}: {name} [{version}]\n    {why}"));
        }
    }
    assert!(
        failures.is_empty(),
        "{} failures:\n{}",
        failures.len(),
        failures.join("\n")
    );
}

#[test]
fn vectors_hold_in_process() {
    let own =
        Own::open(&session::policies(&vector::load())).expect("a store in a temporary directory");
    check(&own.in_process());
}

#[test]
fn vectors_hold_over_http() {
    let own =
        Own::open(&session::policies(&vector::load())).expect("a store in a temporary directory");
    check(&own.over_http().expect("a free port"));
}
