//! Each hostile scenario that needs no mount; `./dev crash damage` runs those that do as well.

use benches::crash::damage::{Needs, Scenario};
use benches::process;

fn run(name: &str) {
    let scenario = Scenario::ALL
        .into_iter()
        .find(|scenario| scenario.name == name)
        .expect("there is such a scenario");
    assert_eq!(scenario.needs, Needs::Nothing);
    let directory = tempfile::tempdir().expect("a temporary directory");
    let binary = process::binary().expect("the server is built");
    let outcome = (scenario.run)(&binary, directory.path()).expect("the scenario runs");
    assert!(outcome.wrong.is_empty(), "{outcome:#?}");
}

/// One test for each line, so that they run side by side; `all_are_here` sees that none is forgotten.
macro_rules! scenarios {
    ($($test:ident $name:literal)*) => {
        $(#[test] fn $test() { run($name); })*

        #[test]
        fn all_are_here() {
            let here = [$($name),*];
            for scenario in Scenario::ALL {
                let is_here = here.contains(&scenario.name);
                assert_eq!(is_here, scenario.needs == Needs::Nothing, "{}", scenario.name);
            }
        }
    };
}

scenarios! {
    a_full_disk "disk-full"
    a_disk_that_is_full_at_the_start "disk-full-at-start"
    a_read_only_disk "disk-read-only"
    a_sync_that_fails "sync-eio"
    a_torn_log "wal-torn"
    zeros_behind_a_log "wal-zeros"
    a_flipped_byte_in_a_log "wal-flipped"
    a_flipped_byte_in_the_last_block_of_a_log "wal-flipped-last-block"
    a_log_without_the_one_before "wal-middle-missing"
    a_flipped_byte_in_tables "sst-flipped"
    a_missing_table "sst-missing"
    a_flipped_byte_in_the_manifest "manifest-flipped"
    a_missing_manifest "manifest-missing"
    a_missing_current "current-missing"
    missing_options "options-missing"
    a_clock_set_back_between_runs "clock-back-between-runs"
    a_clock_set_back "clock-back-while-running"
    a_clock_set_forward "clock-forward-while-running"
}
