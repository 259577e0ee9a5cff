use std::borrow::Cow;

use proptest::prelude::*;

use super::{Actor, Object, VIOLATIONS_MAX, parse_actor, parse_batch, parse_one, walk};
use crate::json::Node;
use crate::{Limits, Version, Violation, requirement};

mod invalid;
mod mutations;
mod valid;

/// A statement that uses nearly everything.
const FULL: &str = r#"{
    "id": "2a41c918-b88b-4b20-a0a5-a4c32391aaa0",
    "timestamp": "2026-11-21T18:30:52.123+01:00",
    "stored": "2026-11-21T18:30:52Z",
    "version": "1.0.3",
    "authority": {"objectType": "Group", "member": [{"account": {"homePage": "https://a.example", "name": "x"}}, {"mbox": "mailto:b@example.com"}]},
    "actor": {"objectType": "Group", "name": "Team", "mbox": "mailto:team@example.com", "member": [{"name": "A", "openid": "https://a.example/a"}, {"objectType": "Agent", "mbox_sha1sum": "0123456789abcdef0123456789abcdef01234567"}]},
    "verb": {"id": "http://example.com/verbs/answered", "display": {"en-US": "answered", "de": "antwortete"}},
    "object": {"objectType": "Activity", "id": "http://example.com/q/1", "definition": {
        "name": {"en": "Q"}, "description": {"en": "A question"}, "type": "http://adlnet.gov/expapi/activities/cmi.interaction",
        "moreInfo": "http://example.com/more", "interactionType": "choice", "correctResponsesPattern": ["a[,]b"],
        "choices": [{"id": "a", "description": {"en": "A"}}, {"id": "b"}],
        "extensions": {"http://example.com/x": {"a": [1, null, {"b": ""}]}}}},
    "result": {"score": {"scaled": 0.5, "raw": 5, "min": 0, "max": 10}, "success": true, "completion": false,
        "response": "a", "duration": "PT1M2.5S", "extensions": {"http://example.com/y": null}},
    "context": {"registration": "8f87ccde-bb56-4c2e-ab83-44982ef22df0", "instructor": {"mbox": "mailto:i@example.com"},
        "team": {"objectType": "Group", "member": [{"mbox": "mailto:t@example.com"}]},
        "contextActivities": {"parent": {"id": "http://example.com/p"}, "grouping": [{"objectType": "Activity", "id": "http://example.com/g"}], "category": [], "other": [{"id": "http://example.com/o", "definition": {}}]},
        "revision": "1", "platform": "web", "language": "en-US",
        "statement": {"objectType": "StatementRef", "id": "8f87ccde-bb56-4c2e-ab83-44982ef22df1"},
        "extensions": {"http://example.com/z": [], "http://example.com/w": "\u00fc"}},
    "attachments": [{"usageType": "http://example.com/usage", "display": {"en": "A"}, "description": {"en": "B"}, "contentType": "text/plain", "length": 27, "sha2": "495395e777cd98da653df9615d09c0fd6bb2f8d4788394cd53c56a3bfdcd848a", "fileUrl": "https://example.com/f"}]
}"#;

const PLAIN: &str = r#"{"actor": {"mbox": "mailto:a@example.com"}, "verb": {"id": "http://example.com/did"}, "object": {"id": "http://example.com/it"}}"#;

const VOIDING: &str = r#"{"actor": {"mbox": "mailto:a@example.com"}, "verb": {"id": "http://adlnet.gov/expapi/verbs/voided"}, "object": {"objectType": "StatementRef", "id": "8f87ccde-bb56-4c2e-ab83-44982ef22df0"}}"#;

const SUB_STATEMENT: &str = r#"{"actor": {"account": {"homePage": "http://example.com", "name": "1"}}, "verb": {"id": "http://example.com/planned"},
    "object": {"objectType": "SubStatement", "actor": {"mbox": "mailto:a@example.com"}, "verb": {"id": "http://example.com/did", "display": {}},
        "object": {"objectType": "Group", "openid": "http://example.com/group"}, "result": {"success": true},
        "context": {"contextActivities": {"parent": [{"id": "http://example.com/p"}]}, "team": {"objectType": "Group", "mbox": "mailto:t@example.com"}},
        "timestamp": "2031-11-21T18:30:52Z", "attachments": []}}"#;

/// Of xAPI 2.0 only.
const PARTICIPANTS: &str = r#"{"actor": {"mbox": "mailto:a@example.com"}, "verb": {"id": "http://example.com/did"}, "object": {"objectType": "Agent", "mbox": "mailto:o@example.com"}, "version": "2.0.0",
    "context": {"contextAgents": [{"objectType": "contextAgent", "agent": {"mbox": "mailto:c@example.com"}, "relevantTypes": ["http://example.com/type"]}],
        "contextGroups": [{"objectType": "contextGroup", "group": {"objectType": "Group", "mbox": "mailto:g@example.com"}}]}}"#;

/// `base` with the text of one part replaced.
fn edited(base: &str, from: &str, to: &str) -> String {
    assert_eq!(base.matches(from).count(), 1, "`{from}` is not there once");
    base.replace(from, to)
}

fn ids(violations: &[Violation]) -> Vec<(&str, &str)> {
    violations
        .iter()
        .map(|one| (one.requirement, &*one.pointer))
        .collect()
}

#[test]
fn views() {
    let limits = Limits::default();
    let statement = parse_one(FULL, Version::V1_0_3, &limits).expect("FULL is valid");
    assert_eq!(statement.text, FULL);
    assert!(matches!(&statement.actor, Actor::Group(group) if group.members.len() == 2));
    assert!(
        matches!(&statement.actor, Actor::Group(group) if matches!(group.name, Some(Cow::Borrowed("Team"))))
    );
    assert!(!statement.is_voiding());
    assert_eq!(statement.reference(), None);
    let activities: Vec<&str> = statement.activities().iter().map(|one| &*one.id).collect();
    assert_eq!(
        activities,
        [
            "http://example.com/q/1",
            "http://example.com/p",
            "http://example.com/g",
            "http://example.com/o"
        ]
    );
    let agents: Vec<String> = statement
        .agents()
        .iter()
        .map(|one| one.ifi.canonical())
        .collect();
    assert_eq!(
        agents,
        [
            "openid:https://a.example/a",
            "mbox_sha1sum:0123456789abcdef0123456789abcdef01234567",
            "mbox:mailto:i@example.com",
            "mbox:mailto:t@example.com",
        ]
    );
    let extensions = &statement
        .context
        .as_ref()
        .and_then(|context| context.extensions.as_ref());
    let values: Vec<&str> = extensions
        .iter()
        .flat_map(|map| &map.0)
        .map(|(_, value)| value.get())
        .collect();
    assert_eq!(values, ["[]", r#""\u00fc""#]);

    let voiding = parse_one(VOIDING, Version::V2_0_0, &limits).expect("VOIDING is valid");
    assert!(voiding.is_voiding());
    assert_eq!(
        voiding.reference().map(|id| id.to_string()).as_deref(),
        Some("8f87ccde-bb56-4c2e-ab83-44982ef22df0")
    );

    let sub = parse_one(SUB_STATEMENT, Version::V1_0_3, &limits).expect("SUB_STATEMENT is valid");
    assert!(matches!(sub.object, Object::SubStatement(_)));
    assert_eq!(sub.activities().len(), 1);
    let agents: Vec<String> = sub.agents().iter().map(|one| one.ifi.canonical()).collect();
    assert_eq!(
        agents,
        ["account:http://example.com|1", "mbox:mailto:a@example.com"]
    );
}

#[test]
fn batches() {
    let limits = Limits::default();
    let texts = |body: &str| -> Result<Vec<String>, Vec<Violation>> {
        let statements = parse_batch(body, Version::V1_0_3, &limits)?;
        Ok(statements.iter().map(|one| one.text.to_owned()).collect())
    };
    assert_eq!(texts(" [ ] \n"), Ok(vec![]));
    assert_eq!(texts(&format!("\n{PLAIN} ")), Ok(vec![PLAIN.to_owned()]));
    assert_eq!(
        texts(&format!(" [ {PLAIN} ,{VOIDING}]")),
        Ok(vec![PLAIN.to_owned(), VOIDING.to_owned()])
    );

    let broken = |body: &str| -> Vec<(Option<usize>, &'static str, String)> {
        let violations = texts(body).expect_err(body);
        violations
            .into_iter()
            .map(|one| (one.statement, one.requirement, one.pointer))
            .collect()
    };
    for text in ["", "{", "[", "[,]", "nonsense", "[{}", "\u{feff}[]"] {
        let first = broken(text).into_iter().next();
        assert_eq!(first.map(|one| one.1), Some(requirement::JSON), "{text}");
    }
    for text in [
        &*format!("[{PLAIN},]"),
        &format!("[{PLAIN} {PLAIN}]"),
        &format!("[{PLAIN}]]"),
        &format!("{PLAIN}{PLAIN}"),
    ] {
        assert_eq!(
            broken(text).first().map(|one| one.1),
            Some(requirement::JSON),
            "{text}"
        );
    }
    assert_eq!(
        broken(&format!("[{FULL},{PLAIN},{FULL}]")),
        [(
            Some(2),
            requirement::DUPLICATE_STATEMENT_ID,
            "/id".to_owned()
        )]
    );
    let wrong = edited(PLAIN, "mailto:a@example.com", "a");
    assert_eq!(
        broken(&format!("[{wrong},{PLAIN},7]")),
        [
            (Some(0), requirement::MBOX, "/actor/mbox".to_owned()),
            (Some(2), requirement::JSON_TYPE, String::new()),
        ]
    );
    let many = format!("[{}]", vec!["7"; 1000].join(","));
    assert_eq!(broken(&many).len(), VIOLATIONS_MAX);

    let violations =
        parse_one(&format!("[{PLAIN}]"), Version::V1_0_3, &limits).expect_err("an array");
    assert_eq!(ids(&violations), [(requirement::SINGLE_STATEMENT, "")]);
    let line = parse_one("{\n  \"actor\" 7}", Version::V1_0_3, &limits).expect_err("no JSON");
    assert!(
        line.iter().any(|one| one.got.contains("line 2")),
        "{line:?}"
    );
}

#[test]
fn limits() {
    let check = |text: &str, limits: Limits, expected: Option<&str>| {
        let found = parse_batch(text, Version::V1_0_3, &limits).err();
        let found = found
            .as_ref()
            .and_then(|all| all.first())
            .map(|one| one.requirement);
        assert_eq!(found, expected, "{limits:?}");
        if expected.is_none() {
            let unexplained = walk::batch(text, Version::V1_0_3, &limits);
            assert_eq!(
                ids(&unexplained),
                [(requirement::UNEXPLAINED, "")],
                "{limits:?}"
            );
        }
    };
    let limits = Limits::default();
    let two = format!("[{PLAIN},{PLAIN}]");
    check(
        &two,
        Limits {
            statements_per_request_max: 2,
            ..limits
        },
        None,
    );
    check(
        &two,
        Limits {
            statements_per_request_max: 1,
            ..limits
        },
        Some(requirement::STATEMENTS_MAX),
    );
    let bytes = PLAIN.len();
    check(
        PLAIN,
        Limits {
            statement_bytes_max: bytes,
            ..limits
        },
        None,
    );
    check(
        PLAIN,
        Limits {
            statement_bytes_max: bytes - 1,
            ..limits
        },
        Some(requirement::STATEMENT_BYTES_MAX),
    );
    check(
        FULL,
        Limits {
            json_depth_max: 3,
            ..limits
        },
        None,
    );
    check(
        FULL,
        Limits {
            json_depth_max: 2,
            ..limits
        },
        Some(requirement::DEPTH_MAX),
    );
    check(
        FULL,
        Limits {
            references_max: 8,
            ..limits
        },
        None,
    );
    check(
        FULL,
        Limits {
            references_max: 7,
            ..limits
        },
        Some(requirement::REFERENCES_MAX),
    );
    check(
        FULL,
        Limits {
            attachments_per_statement_max: 1,
            ..limits
        },
        None,
    );
    check(
        FULL,
        Limits {
            attachments_per_statement_max: 0,
            ..limits
        },
        Some(requirement::ATTACHMENTS_MAX),
    );
    let deep = edited(
        FULL,
        "[1, null, {\"b\": \"\"}]",
        &format!("{}{}", "[".repeat(5000), "]".repeat(5000)),
    );
    check(&deep, limits, Some(requirement::JSON));
}

#[test]
fn actors() {
    for text in [
        r#"{"mbox": "mailto:a@example.com"}"#,
        r#" {"objectType": "Group", "account": {"homePage": "http://example.com", "name": ""}} "#,
    ] {
        assert!(parse_actor(text, "agent").is_ok(), "{text}");
    }
    for (text, requirement, pointer) in [
        ("not JSON", requirement::JSON, "agent"),
        ("true", requirement::JSON_TYPE, "agent"),
        ("[]", requirement::JSON_TYPE, "agent"),
        ("{}", requirement::AGENT_IFI, "agent"),
        (
            r#"{"objectType": "Group"}"#,
            requirement::GROUP_IFI,
            "agent",
        ),
        (r#"{"mbox": "a"}"#, requirement::MBOX, "agent/mbox"),
        (
            r#"{"mbox": "mailto:a@b", "openid": "http://a"}"#,
            requirement::AGENT_IFI,
            "agent",
        ),
    ] {
        let violations = parse_actor(text, "agent").expect_err(text);
        assert_eq!(ids(&violations), [(requirement, pointer)], "{text}");
    }
}

#[test]
fn details() {
    let check = |text: String, detail: &str| {
        let violations = parse_one(&text, Version::V1_0_3, &Limits::default()).expect_err(&text);
        assert!(
            violations
                .iter()
                .any(|one| one.detail.as_deref() == Some(detail)),
            "{violations:?}"
        );
    };
    check(
        edited(FULL, "\"timestamp\"", "\"timeStamp\""),
        "did you mean `timestamp`",
    );
    check(
        PARTICIPANTS.to_owned(),
        "`contextAgents` is known from xAPI 2.0 on",
    );
}

#[test]
fn ids_are_listed_once() {
    let mut ids: Vec<&str> = requirement::ALL.iter().map(|(id, _)| *id).collect();
    ids.sort_unstable();
    assert!(ids.is_sorted_by(|one, two| one < two));
    assert!(
        requirement::ALL
            .iter()
            .all(|(_, summary)| summary.ends_with('.') && !summary.starts_with(' '))
    );
}
