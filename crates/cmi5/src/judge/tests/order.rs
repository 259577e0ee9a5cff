//! What comes when.

use super::fixture::{
    Row, World, abandoned, at, by_lms, check, grace, initialized, row, terminated,
};

fn later_said(w: &mut World) {
    w.latest = Some(at("10:15:00"));
}

fn grace_is_over(w: &mut World) {
    w.policies.terminated_grace_seconds = 60;
}

pub(super) const ROWS: &[Row] = &[
    // Before initialized.
    row(
        &[],
        "completed",
        &[],
        &["7.1.1.0-1 /verb/id", "9.3.0.0-4 /verb/id"],
    ),
    row(
        &[],
        "terminated",
        &[],
        &["7.1.1.0-1 /verb/id", "9.3.0.0-4 /verb/id"],
    ),
    row(
        &[],
        "allowed",
        &[],
        &[
            "7.1.1.0-1 /verb/id",
            "7.1.3.0-1 /verb/id",
            "9.3.0.0-4 /verb/id",
        ],
    ),
    // Initialized is cmi5 defined, or it initializes nothing.
    row(
        &[],
        "allowed",
        &[("/verb/id", "\"http://adlnet.gov/expapi/verbs/initialized\"")],
        &[
            "7.1.1.0-1 /verb/id",
            "7.1.3.0-1 /verb/id",
            "9.3.0.0-4 /verb/id",
        ],
    ),
    row(
        &[by_lms],
        "completed",
        &[],
        &["7.1.1.0-1 /verb/id", "9.3.0.0-4 /verb/id"],
    ),
    // Before it by timestamp; at the same time is not before.
    row(
        &[initialized],
        "completed",
        &[("/timestamp", "\"2026-11-21T09:59:59.999999Z\"")],
        &["7.1.1.0-1 /timestamp", "9.3.0.0-4 /timestamp"],
    ),
    row(
        &[initialized],
        "allowed",
        &[("/timestamp", "\"2026-11-21T09:59:59.999999Z\"")],
        &[
            "7.1.1.0-1 /timestamp",
            "7.1.3.0-1 /timestamp",
            "9.3.0.0-4 /timestamp",
        ],
    ),
    row(
        &[initialized],
        "allowed",
        &[("/timestamp", "\"2026-11-21T10:00:00Z\"")],
        &[],
    ),
    row(&[initialized, later_said], "allowed", &[], &[]),
    // Terminated is the last by timestamp.
    row(&[initialized], "terminated", &[], &[]),
    row(
        &[initialized, later_said],
        "terminated",
        &[],
        &["9.3.0.0-5 /timestamp"],
    ),
    row(
        &[initialized, later_said],
        "terminated",
        &[("/timestamp", "\"2026-11-21T10:15:00Z\"")],
        &[],
    ),
    // After terminated.
    row(
        &[terminated],
        "completed",
        &[],
        &["9.3.0.0-5 /verb/id", "9.3.8.0-4 /verb/id"],
    ),
    row(
        &[terminated],
        "allowed",
        &[],
        &[
            "9.3.0.0-5 /verb/id",
            "7.1.3.0-1 /verb/id",
            "9.3.8.0-4 /verb/id",
        ],
    ),
    row(
        &[terminated],
        "terminated",
        &[],
        &[
            "9.3.0.0-5 /verb/id",
            "9.3.8.0-4 /verb/id",
            "9.3.0.0-2 /verb/id",
        ],
    ),
    row(
        &[terminated],
        "initialized",
        &[],
        &[
            "9.3.0.0-5 /verb/id",
            "9.3.8.0-4 /verb/id",
            "9.3.0.0-2 /verb/id",
            "9.3.2.0-3 /verb/id",
        ],
    ),
    // With a time of grace: what was done before terminated.
    row(&[terminated, grace], "completed", &[], &[]),
    row(
        &[terminated, grace],
        "allowed",
        &[("/timestamp", "\"2026-11-21T10:20:00Z\"")],
        &[],
    ),
    row(
        &[terminated, grace],
        "completed",
        &[("/timestamp", "\"2026-11-21T10:20:00.000001Z\"")],
        &["9.3.0.0-5 /timestamp"],
    ),
    row(
        &[terminated, grace],
        "allowed",
        &[("/timestamp", "\"2026-11-21T10:20:01Z\"")],
        &["9.3.0.0-5 /timestamp", "7.1.3.0-1 /timestamp"],
    ),
    row(
        &[terminated, grace],
        "allowed",
        &[("/timestamp", "\"2026-11-21T09:00:00Z\"")],
        &[
            "7.1.1.0-1 /timestamp",
            "7.1.3.0-1 /timestamp",
            "9.3.0.0-4 /timestamp",
        ],
    ),
    row(
        &[terminated, grace_is_over],
        "completed",
        &[],
        &["9.3.0.0-5 /verb/id", "9.3.8.0-4 /verb/id"],
    ),
    // After abandoned.
    row(&[abandoned], "completed", &[], &["9.3.6.0-2 /verb/id"]),
    row(&[abandoned, grace], "allowed", &[], &["9.3.6.0-2 /verb/id"]),
];

#[test]
fn order() {
    check(ROWS);
}
