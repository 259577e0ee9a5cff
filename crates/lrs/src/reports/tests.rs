//! The plain words of a session's story: each line is there when it should be, and not otherwise.

use serde_json::{Value, json};

use super::story::Story;
use super::summary;

const DEFINED: &str = "http://adlnet.gov/expapi/verbs/";

/// A session that has begun and of which nothing is wrong.
fn base() -> Value {
    json!({
        "id": "own", "registration": "r", "activity": "https://a.example/", "actor": {},
        "launchMode": "Normal", "state": "Initialized",
        "createdAt": "2026-01-01T00:00:00.000001Z", "initializedAt": "2026-01-01T00:00:01.000001Z",
        "completed": false, "passed": false, "failed": false,
        "summary": [],
        "launchData": {
            "launchMode": "Normal", "moveOn": "Completed", "publisherIds": [], "contextTemplate": {},
            "hasDocument": true,
        },
        "flags": { "fetchUrl": "used", "preferencesRead": true, "launchDataRead": true },
        "history": [],
        "statements": [statement("initialized")],
        "statementsMore": false,
        "violations": [],
        "eventsMore": false,
        "registrationFacts": { "completed": [], "passed": [], "failed": [], "waived": [] },
    })
}

fn statement(verb: &str) -> Value {
    json!({
        "id": verb, "verb": format!("{DEFINED}{verb}"), "timestamp": "2026-01-01T00:00:02Z",
        "stored": "2026-01-01T00:00:02.000001Z", "cmi5Defined": true, "voided": false,
    })
}

fn refused(verb: &str, rule: &str, at: &str) -> Value {
    json!({
        "at": at, "requirement": rule, "decision": "rejected", "side": "au", "pointer": "/result",
        "expected": "this", "got": "that", "verb": format!("{DEFINED}{verb}"), "text": verb,
    })
}

fn mark(session: &str) -> Value {
    json!({ "statement": "s", "session": session, "timestamp": "2026-01-01T00:00:03.5Z" })
}

/// A line of the summary must hold all parts of each of `has`, and none those of `lacks`.
#[track_caller]
fn check(change: impl FnOnce(&mut Value), has: &[&[&str]], lacks: &[&[&str]]) {
    let mut story = base();
    change(&mut story);
    let story: Story = serde_json::from_value(story).expect("a story");
    let lines = summary::of(&story);
    let says = |parts: &&[&str]| {
        lines
            .iter()
            .any(|line| parts.iter().all(|part| line.contains(part)))
    };
    for parts in has {
        assert!(says(parts), "no line has {parts:?}: {lines:#?}");
    }
    for parts in lacks {
        assert!(!says(parts), "a line has {parts:?}: {lines:#?}");
    }
}

#[test]
fn what_was_never_sent_is_told_from_what_was_refused() {
    let silent: &[&str] = &["no `completed` was stored", "did not send it"];
    check(
        |_| {},
        &[silent],
        &[&["refused at"], &["`passed`"], &["`failed`"]],
    );
    check(
        |story| {
            story["violations"] = json!([
                refused("completed", "1", "2026-01-01T00:00:04.5Z"),
                refused("completed", "2", "2026-01-01T00:00:04.5Z"),
                refused("completed", "3", "2026-01-01T00:00:05.5Z"),
            ]);
        },
        &[
            &["no `completed` was stored; 2 were refused"],
            &[
                "`completed` was refused at 2026-01-01T00:00:04Z",
                "1 at /result",
                "; 2 at",
            ],
            &["2026-01-01T00:00:05Z: 3 at /result: expected this, got that"],
        ],
        &[silent],
    );
    check(
        |story| story["violations"] = json!([refused("experienced", "1", "t")]),
        &[silent, &["something else was refused at t: 1"]],
        &[],
    );
}

#[test]
fn what_is_stored_and_does_not_count_is_told() {
    check(
        |story| {
            let mut flagged = statement("completed");
            flagged["flagged"] = json!(["9", "8"]);
            let mut voided = statement("passed");
            voided["voided"] = json!(true);
            story["statements"] = json!([statement("initialized"), flagged, voided]);
        },
        &[
            &["`completed` was stored", "flagged (9, 8)"],
            &["`passed` was stored", "voided"],
            &["moveOn is Completed and not met", ": no `completed` counts"],
        ],
        &[&["no `completed` was stored"]],
    );
    check(
        |story| {
            story["statements"] = json!([statement("initialized"), statement("completed")]);
            story["registrationFacts"]["completed"] = json!([mark("own")]);
        },
        &[
            &["`completed` was stored at 2026-01-01T00:00:02Z"],
            &["moveOn is Completed and met"],
        ],
        &[&["flagged"], &["counts already"]],
    );
    check(
        |story| story["registrationFacts"]["completed"] = json!([mark("other")]),
        &[&[
            "counts already from the session `other`",
            "2026-01-01T00:00:03Z",
        ]],
        &[],
    );
    check(
        |story| story["registrationFacts"]["waived"] = json!([mark("w")]),
        &[&["the AU was waived"]],
        &[&["not met"]],
    );
}

#[test]
fn what_has_not_begun_says_what_it_waits_for() {
    let unbegun = |state: &'static str, fetch: &'static str, read: bool| {
        move |story: &mut Value| {
            story["state"] = json!(state);
            story["initializedAt"] = Value::Null;
            story["statements"] = json!([]);
            story["flags"] = json!({
                "fetchUrl": fetch, "preferencesRead": false, "launchDataRead": read
            });
        }
    };
    for (state, fetch, read, has) in [
        (
            "Created",
            "none",
            false,
            "neither `launched` nor `initialized`",
        ),
        ("Launched", "open", false, "the fetch URL was never used"),
        ("Launched", "used", false, "did not read its launch data"),
        (
            "Launched",
            "used",
            true,
            "did not ask for the learner's preferences",
        ),
    ] {
        check(
            unbegun(state, fetch, read),
            &[&[has]],
            &[&["is Initialized"]],
        );
    }
}

#[test]
fn ends_modes_and_the_other_side_are_told() {
    check(
        |story| {
            story["state"] = json!("Abandoned");
            story["endedAt"] = json!("2026-01-02T00:00:00.5Z");
            story["launchData"]["launchMode"] = json!("Review");
        },
        &[
            &["Abandoned since 2026-01-02T00:00:00Z"],
            &["launch mode is Review"],
            &["no `terminated` was stored"],
        ],
        &[&["no `completed`", "did not send"], &["the LMS broke"]],
    );
    check(
        |story| {
            let mut of_lms = refused("launched", "7", "t");
            of_lms["side"] = json!("lms");
            of_lms["decision"] = json!("flagged");
            story["violations"] = json!([of_lms]);
            story["statementsMore"] = json!(true);
        },
        &[
            &["the LMS broke rules of its own: 7"],
            &["more than is listed"],
        ],
        &[&["refused at"]],
    );
}
