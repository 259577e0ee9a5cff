//! What the check of launched registrations takes for wrong, without a server.

use std::sync::Arc;

use cmi5::vocabulary::Verb;
use serde_json::{Value, json};
use uuid::Uuid;

use super::compare::compare;
use super::course::{COURSES, Course, Part};
use super::history::{Told, replay};
use super::seen::{Seen, SessionView, VERBS, View};
use super::{Attempt, Deed, Registration, State, What};
use crate::crash::findings::Findings;
use crate::crash::ledger::Known;

/// As an import answers; ids are `course`, `block/0`, `au/0`.
fn course(kind: usize) -> Course {
    fn children(parts: &[Part], blocks: &mut usize, aus: &mut usize) -> Vec<Value> {
        let mut entries = Vec::new();
        for part in parts {
            entries.push(match part {
                Part::Au(_) => {
                    *aus += 1;
                    json!({ "lmsId": format!("au/{}", *aus - 1) })
                }
                Part::Block(inside) => {
                    let id = format!("block/{blocks}");
                    *blocks += 1;
                    json!({ "lmsId": id, "children": children(inside, blocks, aus) })
                }
            });
        }
        entries
    }
    let children = children(COURSES[kind], &mut 0, &mut 0);
    let course = json!({ "lmsId": "course", "children": children });
    let answer = json!({ "id": 1, "structure": { "course": course } });
    Course::read(COURSES[kind], "Bearer t", answer).expect("it is the course")
}

/// From lines of verb, session and object; the n-th statement has the id n.
fn history(lines: &[&str]) -> Vec<Told> {
    let told = |(n, line): (usize, &&str)| {
        let words: Vec<&str> = line.split(' ').collect();
        let mut verbs = Verb::ALL.into_iter();
        Told {
            known: known(n),
            verb: verbs.find(|verb| verb.iri().ends_with(&format!("/{}", words[0]))),
            object: words[2].to_owned(),
            session: words[1].to_owned(),
            stored: n as i64,
        }
    };
    lines.iter().enumerate().map(told).collect()
}

fn known(n: usize) -> Known {
    Known {
        id: Uuid::from_u128(n as u128),
        digest: 0,
    }
}

/// Of the first course: course > (block/0 > (block/1 > au/0, au/1), au/2), au/3, au/4.
const RIGHT: [&str; 19] = [
    "launched a au/0",
    "initialized a au/0",
    "completed a au/0",
    "terminated a au/0",
    "launched b au/1",
    "initialized b au/1",
    "passed b au/1",
    "abandoned b au/1",
    "launched c au/1",
    "initialized c au/1",
    "completed c au/1",
    "satisfied c block/1",
    "waived x au/2",
    "satisfied x block/0",
    "abandoned c au/1",
    "launched d au/4",
    "initialized d au/4",
    "passed d au/4",
    "satisfied d course",
];

#[track_caller]
fn check(kind: usize, lines: &[&str], faults: &[&str]) {
    let course = course(kind);
    let story = replay(&course, &history(lines));
    assert_eq!(story.faults.len(), faults.len(), "{:?}", story.faults);
    for (fault, part) in story.faults.iter().zip(faults) {
        assert!(fault.contains(part), "`{fault}` lacks `{part}`");
    }
}

#[test]
fn a_right_history_has_no_fault_wherever_it_ends_between_commits() {
    check(0, &RIGHT, &[]);
    for (end, next) in RIGHT.iter().enumerate() {
        // `satisfied` is of the commit before it.
        if !next.starts_with("satisfied") {
            check(0, &RIGHT[..end], &[]);
        }
    }
}

#[test]
fn a_missing_satisfied_is_found() {
    for (at, id) in [(11, "block/1"), (13, "block/0"), (18, "course")] {
        let mut lines = RIGHT.to_vec();
        lines.remove(at);
        let missing = format!("no `satisfied` of {id} directly behind");
        // What is around it has no cause then.
        match id {
            "course" => check(0, &lines, &[&missing]),
            _ => check(0, &lines, &[&missing, "has no cause before it"]),
        }
    }
}

#[test]
fn a_second_satisfied_is_found() {
    for at in [11, 13, 18] {
        for again in [at + 1, RIGHT.len()] {
            let mut lines = RIGHT.to_vec();
            lines.insert(again, RIGHT[at]);
            check(0, &lines, &["is another one"]);
        }
    }
}

#[test]
fn a_satisfied_in_the_wrong_place_is_found() {
    let swapped = |one: usize, other: usize| {
        let mut lines = RIGHT.to_vec();
        lines.swap(one, other);
        lines
    };
    // Before its cause; behind something else.
    check(0, &swapped(10, 11), &["has no cause before it"]);
    check(0, &swapped(13, 14), &["no `satisfied` of block/0 directly"]);
    let deep = [
        "launched a au/0",
        "completed a au/0",
        "waived x au/1",
        "satisfied x block/2",
        "satisfied x block/1",
        "satisfied x block/0",
        "satisfied x course",
    ];
    check(2, &deep, &[]);
    let mut outer_first = deep;
    outer_first.swap(3, 4);
    check(2, &outer_first, &["block/1 has no cause before it"]);
    check(2, &deep[..5], &["no `satisfied` of block/0"]);
    check(2, &["satisfied x elsewhere"], &["which is no block"]);
}

#[test]
fn what_needs_nothing_is_satisfied_first() {
    let first = ["satisfied x block/1", "satisfied x block/0"];
    check(1, &first, &[]);
    check(1, &[], &["no `satisfied` of block/1"]);
    check(
        1,
        &["launched a au/1"],
        &["block/1 directly behind the beginning"],
    );
}

#[test]
fn a_second_open_session_is_found() {
    for end in [3, 7, 14] {
        let mut lines = RIGHT.to_vec();
        lines.remove(end);
        check(0, &lines, &["is open"]);
    }
}

#[test]
fn what_is_said_outside_of_a_session_or_twice_is_found() {
    let with = |at: usize, line: &'static str| {
        let mut lines = RIGHT.to_vec();
        lines.insert(at, line);
        lines
    };
    for (at, line, fault) in [
        (8, "failed b au/1", "after its end"),
        (4, "terminated a au/0", "after its end"),
        (2, "failed b au/1", "before its launch"),
        (2, "experienced a au/4", "before its launch"),
        (2, "initialized a page", "which is no AU"),
        (3, "completed a au/0", "is another one"),
        (14, "waived y au/0", "which was satisfied"),
    ] {
        check(0, &with(at, line), &[fault]);
    }
    let mut unordered = history(&RIGHT);
    unordered[2].stored = 0;
    let course = course(0);
    let story = replay(&course, &unordered);
    assert!(
        story.faults[0].contains("is not stored behind"),
        "{:?}",
        story.faults
    );
}

/// As reads say it after these statements; sessions are numbered in the order of their launches.
fn seen(lines: &[&str]) -> Seen {
    let course = course(0);
    let history = history(lines);
    let story = replay(&course, &history);
    let sessions = story.sessions.iter().enumerate();
    let mut launch_data: Vec<(usize, String)> = Vec::new();
    for stretch in &story.sessions {
        launch_data.retain(|(au, _)| *au != stretch.au);
        launch_data.push((stretch.au, stretch.session.clone()));
    }
    Seen {
        view: Some(View::after(&course, &story)),
        sessions: sessions
            .map(|(number, stretch)| {
                let said = |(_, verb): &(&str, Verb)| stretch.said.contains(verb);
                let verbs = VERBS.into_iter();
                SessionView {
                    number: number as u64,
                    session: stretch.session.clone(),
                    said: verbs.filter(said).map(|(_, verb)| verb).collect(),
                    has_fetched: true,
                    launch_data_read: true,
                    preferences_read: true,
                }
            })
            .collect(),
        launch_data,
        tokens: vec![(0, false), (3, true)],
        history,
    }
}

/// What was asked for, and answered, so that it came to `RIGHT`.
fn registration() -> Registration {
    let said = |session: u64, au: usize, places: &[usize]| What::Said {
        session,
        au,
        statements: places
            .iter()
            .map(|&place| (history(&RIGHT)[place].verb, known(place)))
            .collect(),
    };
    let launched = |session: u64, au: usize| What::Launched {
        au,
        session: Some(session),
    };
    let deeds = [
        What::Registered,
        launched(0, 0),
        What::Fetched { session: 0 },
        What::LaunchDataRead { session: 0 },
        What::PreferencesRead { session: 0 },
        said(0, 0, &[1]),
        said(0, 0, &[2, 3]),
        launched(1, 1),
        said(1, 1, &[5, 6]),
        What::Abandoned { session: 1 },
        launched(2, 1),
        said(2, 1, &[9, 10]),
        What::Waived { au: 2 },
        launched(3, 4),
        said(3, 4, &[16, 17]),
    ];
    Registration {
        bearer: String::new(),
        course: Arc::new(course(0)),
        learner: "l".to_owned(),
        code: Some(Uuid::nil()),
        deeds: deeds
            .into_iter()
            .map(|what| Deed {
                what,
                state: State::Acknowledged,
            })
            .collect(),
        settled: 0,
        attempts: vec![Attempt {
            session: 3,
            au: 4,
            fetch: String::new(),
            token: Some("t".to_owned()),
            launch_data: None,
            preferences_read: true,
            said: Vec::new(),
            clock: 0,
            is_busy: true,
            is_over: false,
        }],
        statements: Vec::new(),
        satisfied: 0,
    }
}

#[test]
fn a_registration_as_it_was_asked_for_is_right_and_goes_on() {
    let mut registration = registration();
    let (findings, found) = compare(&mut registration, &seen(&RIGHT));
    assert!(findings.is_clean(), "{findings:?}");
    assert_eq!((found, registration.satisfied), (0, 3));
    assert_eq!(registration.settled, registration.deeds.len());
    let attempt = &registration.attempts[0];
    assert!(!attempt.is_busy && !attempt.is_over);
    assert_eq!(
        attempt.said,
        [Verb::Launched, Verb::Initialized, Verb::Passed]
    );
}

#[test]
fn what_was_acknowledged_and_is_not_there_is_lost() {
    // Everything from a statement on is gone.
    for (end, lost) in [(15, 2), (12, 3), (8, 5), (0, 14)] {
        let mut seen = seen(&RIGHT[..end]);
        seen.tokens.clear();
        let (findings, _) = compare(&mut registration(), &seen);
        assert_eq!(findings.lost.len(), lost, "{end}: {findings:#?}");
    }
    let (findings, _) = compare(&mut registration(), &Seen::default());
    assert_eq!(findings.lost.len(), 15, "{findings:#?}");
    assert_eq!(findings.count(), 15, "{findings:#?}");
}

#[test]
fn answers_that_contradict_the_statements_are_found() {
    let contradictions: [fn(&mut Seen); 10] = [
        |seen| seen.view.as_mut().expect("it is there").is_satisfied = false,
        |seen| seen.view.as_mut().expect("it is there").tree[1].1 = false,
        |seen| seen.view.as_mut().expect("it is there").aus[0].1 = false,
        |seen| seen.view.as_mut().expect("it is there").aus[1].0.passed = false,
        |seen| seen.sessions[1].said.clear(),
        |seen| seen.sessions[0].has_fetched = false,
        |seen| drop(seen.launch_data.pop()),
        |seen| seen.launch_data[0].1 = "b".to_owned(),
        |seen| seen.tokens[0].1 = true,
        |seen| seen.tokens[1].1 = false,
    ];
    for (number, contradict) in contradictions.into_iter().enumerate() {
        let mut seen = seen(&RIGHT);
        contradict(&mut seen);
        let (findings, _) = compare(&mut registration(), &seen);
        assert_eq!(findings.count(), 1, "{number}: {findings:#?}");
    }
    let mut unknown = seen(&RIGHT);
    unknown.view = None;
    let (findings, _) = compare(&mut registration(), &unknown);
    assert!(!findings.half.is_empty(), "{findings:#?}");
}

/// The registration with one deed in this state instead, and what comes of it.
fn with(what: fn(&What) -> bool, state: State, lines: &[&str]) -> (Findings, usize) {
    let mut registration = registration();
    let mut deeds = registration.deeds.iter_mut();
    deeds
        .find(|deed| what(&deed.what))
        .expect("it is there")
        .state = state;
    let mut seen = seen(lines);
    seen.tokens.clear();
    compare(&mut registration, &seen)
}

#[test]
fn what_was_in_flight_is_there_whole_or_not_at_all() {
    let last: fn(&What) -> bool = |what| matches!(what, What::Said { session: 3, .. });
    let (findings, found) = with(last, State::InFlight, &RIGHT);
    assert!(findings.is_clean() && found == 1, "{findings:?}");
    let (findings, found) = with(last, State::InFlight, &RIGHT[..16]);
    assert!(findings.is_clean() && found == 0, "{findings:?}");
    let (findings, _) = with(last, State::InFlight, &RIGHT[..17]);
    assert_eq!((findings.half.len(), findings.count()), (1, 1));

    // A launch without an answer is known by what it made.
    let mut unanswered = registration();
    unanswered.deeds[13] = Deed {
        what: What::Launched {
            au: 4,
            session: None,
        },
        state: State::InFlight,
    };
    let (findings, found) = compare(&mut unanswered.clone(), &seen(&RIGHT));
    assert!(findings.is_clean() && found == 1, "{findings:?}");
    unanswered.deeds.remove(13);
    let (findings, _) = compare(&mut unanswered, &seen(&RIGHT));
    assert!(
        findings.wrong[0].starts_with("nobody asked"),
        "{findings:?}"
    );
}

#[test]
fn a_refusal_needs_a_reason_and_leaves_nothing() {
    let refused = State::Refused("403".to_owned());
    let initialized: fn(&What) -> bool = |what| matches!(what, What::Said { session: 0, .. });
    let (findings, _) = with(initialized, refused.clone(), &RIGHT);
    assert!(findings.wrong[0].starts_with("nobody sent"), "{findings:?}");
    for (what, explained) in [
        // Its session has ended, or is open.
        (What::Fetched { session: 0 }, true),
        (What::Fetched { session: 3 }, false),
        // The AU is satisfied, or the learner has done it.
        (What::Waived { au: 0 }, true),
        (
            What::Said {
                session: 3,
                au: 4,
                statements: vec![(Some(Verb::Passed), known(99))],
            },
            true,
        ),
        (
            What::Said {
                session: 3,
                au: 4,
                statements: vec![(Some(Verb::Completed), known(99))],
            },
            false,
        ),
        (What::Registered, false),
    ] {
        let mut registration = registration();
        registration.deeds.push(Deed {
            what,
            state: refused.clone(),
        });
        let (findings, _) = compare(&mut registration, &seen(&RIGHT));
        assert_eq!(findings.is_clean(), explained, "{findings:?}");
    }
}
