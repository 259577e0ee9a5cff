//! Statements that are not valid xAPI: their cmi5 violations are named too.

use super::fixture::{Row, expand_all, initialized, row, statement, told, world};
use crate::seen::Seen;

pub(super) const ROWS: &[Row] = &[
    row(
        &[initialized],
        "terminated",
        &[("/result/duration", "\"banana\"")],
        &["9.5.4.1-1 /result/duration"],
    ),
    row(
        &[initialized],
        "terminated",
        &[("/result/duration", "7")],
        &["9.5.4.1-1 /result/duration"],
    ),
    row(
        &[initialized],
        "passed",
        &[("/result/success", "\"true\"")],
        &["9.5.2.0-1 /result/success"],
    ),
    row(
        &[initialized],
        "completed",
        &[("/result/success", "null")],
        &["9.5.2.0-3 /result/success"],
    ),
    row(
        &[initialized],
        "completed",
        &[("/result/completion", "1")],
        &["9.5.3.0-1 /result/completion"],
    ),
    row(
        &[initialized],
        "passed",
        &[("/result/score/raw", "11")],
        &["9.5.1/raw /result/score/raw"],
    ),
    row(
        &[initialized],
        "passed",
        &[("/result/score/raw", "\"9\"")],
        &["9.5.1/raw /result/score/raw"],
    ),
    row(
        &[initialized],
        "passed",
        &[("/result/score/max", "null")],
        &["9.5.1/raw /result/score/raw"],
    ),
    row(
        &[initialized],
        "passed",
        &[("/result/score/scaled", "1.0000000000000000000001")],
        &["9.5.1/scaled /result/score/scaled"],
    ),
    row(
        &[initialized],
        "passed",
        &[("/result/score/scaled", "\"0.9\"")],
        &["9.5.1/scaled /result/score/scaled"],
    ),
    row(
        &[initialized],
        "completed",
        &[("/timestamp", "\"yesterday\"")],
        &["9.7.0.0-1 /timestamp"],
    ),
    row(
        &[initialized],
        "completed",
        &[("/id", "\"7\"")],
        &["9.1.0.0-1 /id"],
    ),
    row(
        &[initialized],
        "completed",
        &[("/context/registration", "\"7\"")],
        &["9.6.1.0-1 /context/registration"],
    ),
    row(
        &[initialized],
        "completed",
        &[("/actor", "\"maria\"")],
        &["8.1.3.0-3 /actor"],
    ),
    row(
        &[initialized],
        "completed",
        &[("/verb/id", "7")],
        &["9.3.0.0-1 /verb/id", "9.5.3.0-2 /result/completion"],
    ),
    row(
        &[initialized],
        "allowed",
        &[("/context/contextActivities/other", "7")],
        &["10.2.1.0-6 /context/contextActivities/other"],
    ),
    row(
        &[initialized],
        "completed",
        &[("/object", "[]")],
        &["9.4.0.0-1 /object/id", "8.1.5.0-6 /object/id"],
    ),
];

#[test]
fn invalid_statements() {
    for row in ROWS {
        let text = statement(0, row.verb, row.changes);
        let seen = [Seen::lenient(&text).unwrap()];
        let found = world(row.given).judge_seen(&seen);
        assert_eq!(
            told(&found.findings),
            expand_all(row.broken),
            "{:?}",
            row.changes
        );
    }
}

/// A statement without valid timestamp is judged as the request's now, and keeps its place in the request.
#[test]
fn unknown_timestamps() {
    let unknown = ("/timestamp", "\"soon\"");
    let texts = [
        statement(0, "allowed", &[unknown]),
        statement(
            1,
            "completed",
            &[("/timestamp", "\"2026-11-21T10:11:00Z\"")],
        ),
        statement(2, "allowed", &[("/timestamp", "null")]),
        statement(3, "initialized", &[]),
    ];
    let seen: Vec<Seen<'_>> = texts
        .iter()
        .map(|text| Seen::lenient(text).unwrap())
        .collect();
    let judged = world(&[]).judge_seen(&seen);
    let expected = expand_all(&[
        "9.7.0.0-1 /timestamp",
        "7.1.1.0-1 /verb/id",
        "7.1.3.0-1 /verb/id",
        "9.3.0.0-4 /verb/id",
        "9.7.0.0-1 /timestamp",
    ]);
    assert_eq!(told(&judged.findings), expected);
    let statements: Vec<_> = judged
        .findings
        .iter()
        .filter_map(|finding| finding.violation.statement)
        .collect();
    assert_eq!(statements, [0, 0, 0, 0, 2]);
    assert_eq!(judged.latest, Some(world(&[]).now));
}
