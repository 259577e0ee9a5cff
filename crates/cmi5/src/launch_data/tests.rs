use proptest::prelude::*;
use uuid::{Uuid, uuid};
use xapi::json::Node;

use super::{Address, Checked, check, differs, is_same_launch, of_launched};
use crate::launch::{Launch, LaunchMode, MoveOn, Template};
use crate::seen::Seen;
use crate::vocabulary::SESSION_ID;

const REGISTRATION: Uuid = uuid!("5c8c1f0e-6a3b-4a58-9a0c-2f1f6f0d9a11");
const ACTIVITY: &str = "https://lms.example/activities/au-1/for/42";
const ACTOR: &str = "account:https://lms.example|learner-7";
const PUBLISHER: &str = "https://courses.example/geology/au/1";

const DOCUMENT: &str = r#"{
    "contextTemplate": {
        "registration": "5C8C1F0E-6A3B-4A58-9A0C-2F1F6F0D9A11",
        "contextActivities": {
            "grouping": [{"id": "https://courses.example/geology/au/1"}, {"id": "https://lms.example/terms/3"}],
            "other": {"id": "https://lms.example/other", "definition": {"type": "https://lms.example/t"}}
        },
        "extensions": {
            "https://w3id.org/xapi/cmi5/context/extensions/sessionid": "s-1",
            "https://lms.example/x": {"b": 1.50, "a": null}
        },
        "platform": "LMS 9",
        "language": "de-AT"
    },
    "launchMode": "Normal",
    "launchParameters": "{\"a\":1}",
    "masteryScore": 0.80,
    "moveOn": "CompletedAndPassed",
    "returnURL": "https://lms.example/back?id=12",
    "entitlementKey": {"courseStructure": "xyz-123-9999", "alternate": "abc"},
    "vendor": {"anything": [1]}
}"#;

fn address() -> Address<'static> {
    Address {
        activity: ACTIVITY,
        actor: ACTOR,
        registration: Some(REGISTRATION),
    }
}

/// The document with a member set to a JSON text, or taken out. Names of the path are parted by a space.
fn changed(path: &str, value: Option<&str>) -> String {
    let value = value.map(|value| Node::parse(value, 64).unwrap());
    let mut document = Node::parse(DOCUMENT, 64).unwrap();
    let mut names: Vec<&str> = path.split(' ').collect();
    let last = names.pop().unwrap();
    let parent = names
        .into_iter()
        .fold(&mut document, |node, name| node.get_mut(name).unwrap());
    parent.remove(last);
    if let (Some(value), Node::Object(members)) = (value, parent) {
        members.push((last.into(), value));
    }
    document.to_text()
}

fn found(checked: &Checked) -> Vec<(&'static str, &str)> {
    checked
        .violations
        .iter()
        .map(|(rule, violation)| {
            assert_eq!(rule.id, violation.requirement);
            (violation.requirement, violation.pointer.as_str())
        })
        .collect()
}

fn launch() -> Launch {
    Launch {
        session: "s-1".to_owned(),
        registration: REGISTRATION,
        actor: ACTOR.to_owned(),
        activity: ACTIVITY.to_owned(),
        publisher: vec![
            PUBLISHER.to_owned(),
            "https://lms.example/terms/3".to_owned(),
        ],
        mode: LaunchMode::Normal,
        mastery_score: Some("0.80".to_owned()),
        move_on: Some(MoveOn::CompletedAndPassed),
        launch_parameters: Some("{\"a\":1}".to_owned()),
        template: Template {
            grouping: vec![
                PUBLISHER.to_owned(),
                "https://lms.example/terms/3".to_owned(),
            ],
            other: vec!["https://lms.example/other".to_owned()],
            extensions: vec![(
                "https://lms.example/x".to_owned(),
                "{\"b\":1.50,\"a\":null}".to_owned(),
            )],
            members: vec![
                ("platform".to_owned(), "\"LMS 9\"".to_owned()),
                ("language".to_owned(), "\"de-AT\"".to_owned()),
            ],
            ..Template::default()
        },
        has_document: true,
    }
}

#[test]
fn a_whole_document_makes_a_launch() {
    let checked = check(DOCUMENT.as_bytes(), &address());
    assert_eq!(found(&checked), []);
    assert_eq!(checked.launch, Some(launch()));
}

/// One case a line: path, the JSON text there (`-`: nothing), and every violation as `id@pointer`.
const USABLE: &str = include_str!("tests/usable.txt");
/// The same, of documents that nobody knows the session of.
const UNUSABLE: &str = include_str!("tests/unusable.txt");

const AT_SESSION: &str =
    "/contextTemplate/extensions/https:~1~1w3id.org~1xapi~1cmi5~1context~1extensions~1sessionid";

struct Case {
    path: String,
    value: Option<&'static str>,
    violations: String,
}

fn cases(text: &'static str) -> impl Iterator<Item = Case> {
    text.lines().map(|line| {
        let [path, value, violations] = *line.split('|').collect::<Vec<_>>() else {
            panic!("`{line}`");
        };
        Case {
            path: path.trim().replace("SESSION", SESSION_ID),
            value: Some(value.trim()).filter(|value| *value != "-"),
            violations: violations
                .trim()
                .replace("AT_SESSION", AT_SESSION)
                .replace("LISTS", "/contextTemplate/contextActivities"),
        }
    })
}

#[test]
fn every_member_has_its_rule() {
    for (text, usable) in [(USABLE, true), (UNUSABLE, false)] {
        for case in cases(text) {
            let checked = check(changed(&case.path, case.value).as_bytes(), &address());
            let found: Vec<_> = found(&checked)
                .into_iter()
                .map(|(id, pointer)| format!("{id}@{pointer}"))
                .collect();
            let of = format!("`{}`: {:?}", case.path, case.value);
            assert_eq!(found.join(" "), case.violations, "{of}");
            assert_eq!(checked.launch.is_some(), usable, "{of}");
        }
    }
}

#[test]
fn everything_wrong_is_told_at_once() {
    let checked = check(
        br#"{"contextTemplate":7,"masteryScore":2,"returnURL":"x"}"#,
        &Address {
            registration: None,
            ..address()
        },
    );
    assert_eq!(
        found(&checked),
        [
            ("10.1.0.0-5", "registration"),
            ("10.2.1.0-1", "/contextTemplate"),
            ("10.2.2.0-4", "/launchMode"),
            ("10.2.4.0-1", "/masteryScore"),
            ("10.2.5.0-1", "/moveOn"),
            ("10.2.6.0-1", "/returnURL"),
        ]
    );
    assert_eq!(checked.launch, None);
}

#[test]
fn what_is_no_object_is_no_launch_data() {
    for document in [
        &b""[..],
        b"x",
        b"[]",
        b"null",
        b"\"{}\"",
        b"{}{}",
        b"\xff{}",
    ] {
        let checked = check(document, &address());
        assert_eq!(found(&checked), [("10.1.0.0-2", "")], "{document:?}");
        assert_eq!(checked.launch, None);
    }
    let deep = format!("{{\"a\":{}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(
        found(&check(deep.as_bytes(), &address())),
        [("10.1.0.0-2", "")]
    );
}

#[test]
fn a_document_lies_under_a_registration() {
    let checked = check(
        DOCUMENT.as_bytes(),
        &Address {
            registration: None,
            ..address()
        },
    );
    assert_eq!(found(&checked), [("10.1.0.0-5", "registration")]);
    assert_eq!(checked.launch, None);
}

#[test]
fn session_ids_are_bounded() {
    let of = |length: usize| {
        changed(
            &format!("contextTemplate extensions {SESSION_ID}"),
            Some(&format!("\"{}\"", "é".repeat(length / 2))),
        )
    };
    let longest = check(of(480).as_bytes(), &address());
    assert_eq!(found(&longest), []);
    assert_eq!(longest.launch.map(|launch| launch.session.len()), Some(480));
    let longer = check(of(514).as_bytes(), &address());
    assert_eq!(
        found(&longer),
        [("9.6.3.1-2", AT_SESSION), ("10.2.1.0-2", AT_SESSION)]
    );
}

#[test]
fn what_is_wrong_counts_as_normal_or_absent() {
    let of = |path, value| {
        check(changed(path, Some(value)).as_bytes(), &address())
            .launch
            .unwrap()
    };
    assert_eq!(of("launchMode", "\"Fun\"").mode, LaunchMode::Normal);
    assert_eq!(of("masteryScore", "0.12345").mastery_score, None);
    assert_eq!(of("masteryScore", "0").mastery_score.as_deref(), Some("0"));
    assert_eq!(of("moveOn", "\"Now\"").move_on, None);
}

/// The AU reads the last of two members of the same name.
#[test]
fn the_last_of_two_members_counts() {
    let twice = DOCUMENT.replacen('{', "{\"launchMode\": \"Review\", \"moveOn\": 1, ", 1);
    let checked = check(twice.as_bytes(), &address());
    assert_eq!(found(&checked), []);
    assert_eq!(checked.launch, Some(launch()));
}

#[test]
fn a_template_asks_only_for_what_can_be_sent() {
    let document = changed("contextTemplate contextAgents", Some("[{}]"));
    let checked = check(document.as_bytes(), &address());
    assert_eq!(checked.launch, Some(launch()));
    let (_, violation) = checked.violations.first().unwrap();
    assert!(violation.detail.as_deref().unwrap().contains("1.0.3"));
}

#[test]
fn changes_are_pointed_at() {
    const CASES: &[(&str, Option<&str>, &[&str])] = &[
        ("launchMode", Some("\"Review\""), &["/launchMode"]),
        ("masteryScore", Some("8e-1"), &[]),
        ("masteryScore", Some("0"), &["/masteryScore"]),
        ("masteryScore", None, &["/masteryScore"]),
        ("moveOn", Some("\"Passed\""), &["/moveOn"]),
        ("launchParameters", Some("\"\""), &["/launchParameters"]),
        ("returnURL", Some("\"https://lms.example/elsewhere\""), &[]),
        (
            "contextTemplate platform",
            None,
            &["/contextTemplate/platform"],
        ),
        ("contextTemplate language", Some("\"DE-at\""), &[]),
        (
            "contextTemplate extensions https://lms.example/x",
            Some("{\"a\":null,\"b\":1.5}"),
            &[],
        ),
        (
            "contextTemplate extensions https://lms.example/x",
            Some("1"),
            &["/contextTemplate/extensions/https:~1~1lms.example~1x"],
        ),
        (
            "contextTemplate contextActivities grouping",
            Some(
                r#"[{"id":"https://lms.example/terms/3"},{"id":"https://courses.example/geology/au/1"}]"#,
            ),
            &[],
        ),
        (
            "contextTemplate contextActivities grouping",
            Some("{\"id\":\"https://courses.example/geology/au/1\"}"),
            &["/contextTemplate/contextActivities/grouping"],
        ),
    ];
    for (path, value, expected) in CASES {
        let new = check(changed(path, *value).as_bytes(), &address());
        let new = new.launch.unwrap();
        assert!(is_same_launch(&launch(), &new));
        assert_eq!(differs(&launch(), &new), *expected, "`{path}`: {value:?}");
        let changes: Vec<_> = super::changes(&launch(), &new)
            .into_iter()
            .map(|(rule, violation)| (rule.id, violation.pointer))
            .collect();
        let expected: Vec<_> = expected
            .iter()
            .map(|pointer| ("10.1.0.0-1", (*pointer).to_owned()))
            .collect();
        assert_eq!(changes, expected);
    }
}

#[test]
fn another_launch_is_no_change() {
    type Change = fn(&mut Launch);
    let cases: [(Change, &str, &str); 3] = [
        (
            |launch| launch.activity.push('x'),
            "10.1.0.0-3",
            "activityId",
        ),
        (|launch| launch.actor.push('x'), "10.1.0.0-4", "agent"),
        (
            |launch| launch.registration = Uuid::nil(),
            "10.1.0.0-5",
            "registration",
        ),
    ];
    for (change, id, pointer) in cases {
        let mut new = launch();
        change(&mut new);
        assert!(!is_same_launch(&launch(), &new));
        let changes = super::changes(&launch(), &new);
        let changes: Vec<_> = changes
            .iter()
            .map(|(rule, violation)| (rule.id, violation.pointer.as_str()))
            .collect();
        assert_eq!(changes, [("9.6.3.1-1", AT_SESSION), (id, pointer)]);
    }
}

const LAUNCHED: &str = r#"{
    "actor": {"account": {"homePage": "https://lms.example", "name": "learner-7"}},
    "verb": {"id": "http://adlnet.gov/expapi/verbs/launched"},
    "object": {"id": "https://lms.example/activities/au-1/for/42"},
    "context": {
        "registration": "5c8c1f0e-6a3b-4a58-9a0c-2f1f6f0d9a11",
        "contextActivities": {"grouping": {"id": "https://courses.example/geology/au/1"}},
        "extensions": {
            "https://w3id.org/xapi/cmi5/context/extensions/sessionid": "s-1",
            "https://w3id.org/xapi/cmi5/context/extensions/launchmode": "Review",
            "https://w3id.org/xapi/cmi5/context/extensions/masteryscore": 0,
            "https://w3id.org/xapi/cmi5/context/extensions/moveon": "Passed",
            "https://w3id.org/xapi/cmi5/context/extensions/launchparameters": "p"
        }
    }
}"#;

#[test]
fn launched_alone_describes_a_launch() {
    let seen = Seen::lenient(LAUNCHED).unwrap();
    let expected = Launch {
        publisher: vec![PUBLISHER.to_owned()],
        mode: LaunchMode::Review,
        mastery_score: Some("0".to_owned()),
        move_on: Some(MoveOn::Passed),
        launch_parameters: Some("p".to_owned()),
        template: Template::default(),
        has_document: false,
        ..launch()
    };
    assert_eq!(of_launched(&seen), Some(expected));
    for (part, other) in [
        ("\"s-1\"", "\"\""),
        (SESSION_ID, "https://lms.example/y"),
        ("5c8c1f0e-6a3b", "x"),
        ("\"actor\": {", "\"actor\": {\"objectType\": \"Group\", "),
        (
            "\"object\": {",
            "\"object\": {\"objectType\": \"StatementRef\", ",
        ),
        ("\"context\"", "\"contexts\""),
    ] {
        let text = LAUNCHED.replacen(part, other, 1);
        assert_ne!(text, LAUNCHED);
        assert_eq!(of_launched(&Seen::lenient(&text).unwrap()), None, "{part}");
    }
}

proptest! {
    #[test]
    fn nothing_makes_it_panic(document: Vec<u8>, at in 0..DOCUMENT.len(), bytes: Vec<u8>) {
        let _ = check(&document, &address());
        let mut spoilt = DOCUMENT.as_bytes().to_vec();
        let end = (at + bytes.len()).min(spoilt.len());
        spoilt.splice(at..end, bytes);
        let checked = check(&spoilt, &address());
        // What is usable has an id that the store takes.
        if let Some(launch) = checked.launch {
            prop_assert!((1..=480).contains(&launch.session.len()));
        }
    }

    /// Any JSON in any place, numbers that no float holds among it.
    #[test]
    fn no_value_makes_it_panic(place in 0..USABLE.lines().count(), number in "-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,30})?(e-?[0-9]{1,25})?") {
        let path = cases(USABLE).nth(place).unwrap().path;
        let checked = check(changed(&path, Some(&number)).as_bytes(), &address());
        prop_assert!(path == "masteryScore" || !checked.violations.is_empty());
    }
}
