//! The short form of the crash harness; `cargo run --release -p benches --bin crash` is the long one.

use benches::crash::{Durability, LOSSES, Plan, Report};
use benches::process;

fn run(rounds: usize, durability: Durability) -> Report {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let plan = Plan {
        binary: process::binary().expect("the server is built"),
        directory: directory.path().to_owned(),
        rounds,
        connections: 32,
        rounds_each_directory: match durability {
            Durability::Synced => rounds,
            Durability::Unsynced => 1,
        },
        write_milliseconds_max: 300,
        seed: 20,
        losses: LOSSES.to_vec(),
        durability,
    };
    plan.run().expect("the harness runs")
}

#[test]
fn a_loss_of_power_takes_nothing_that_was_acknowledged() {
    let report = run(8, Durability::Synced);
    assert!(report.acknowledged > 0, "{report:?}");
    assert!(report.launches > 0 && report.satisfied > 0, "{report:?}");
    assert!(report.killed_in_registrations > 0, "{report:?}");
    assert!(report.findings.is_clean(), "{:#?}", report.findings);
}

/// Otherwise the test above proves nothing.
#[test]
fn without_syncs_the_harness_finds_losses() {
    let report = run(3, Durability::Unsynced);
    assert!(report.findings.has_lost(), "{report:?}");
}
