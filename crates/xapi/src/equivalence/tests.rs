use proptest::prelude::*;

use super::*;
use crate::json::tests::{any_text, reversed};

const BASE: &str = r#"{
    "id": "EC531277-b57b-4c15-8d91-d292c5b2b8f7",
    "actor": {"objectType":"Group","member":[{"mbox":"mailto:a@Example.com"},{"mbox_sha1sum":"AB12"}]},
    "verb": {"id":"http://v","display":{"en":"x"}},
    "object": {"id":"http://a","definition":{"name":{"en":"n"}}},
    "result": {"score":{"scaled":0.50,"raw":1e2},"duration":"PT4H35M59.14S","extensions":{"http://e":{"a":[1,2],"b":null}}},
    "context": {
        "registration":"ec531277-b57b-4c15-8d91-d292c5b2b8f7",
        "contextActivities":{"parent":{"id":"http://p"}},
        "language":"en-us",
        "statement":{"objectType":"StatementRef","id":"ec531277-b57b-4c15-8d91-d292c5b2b8f7"}
    },
    "timestamp": "2026-11-21T18:00:00Z",
    "attachments": [{"sha2":"aa","display":{"en-US":"x"}},{"sha2":"bb","display":{"en-US":"y"}}]
}"#;

/// Replaces a piece of the base, which must be there.
fn with(from: &str, to: &str) -> String {
    assert!(BASE.contains(from), "{from} is not in the base");
    BASE.replacen(from, to, 1)
}

fn check(other: &str, expected: &[&str]) {
    assert_eq!(differences(BASE, other).unwrap(), expected, "{other}");
    let mut back = differences(other, BASE).unwrap();
    let mut expected = expected.to_vec();
    back.sort();
    expected.sort_unstable();
    assert_eq!(back, expected, "the other way round: {other}");
}

#[test]
fn what_does_not_count() {
    check(BASE, &[]);
    for (from, to) in [
        (r#""id": "EC531277"#, r#""id": "ec531277"#),
        (r#""id": "EC531277-b57b-4c15-8d91-d292c5b2b8f7","#, ""),
        (r#""timestamp": "2026-11-21T18:00:00Z","#, ""),
        ("2026-11-21T18:00:00Z", "2026-11-21T19:00:00.000+01:00"),
        (
            r#""actor":"#,
            r#""stored":"x","authority":{"mbox":"mailto:x@y"},"version":"1.0.0","actor":"#,
        ),
        (r#","display":{"en":"x"}"#, ""),
        (
            r#","definition":{"name":{"en":"n"}}"#,
            r#","definition":{}"#,
        ),
        (
            r#"{"mbox":"mailto:a@Example.com"},{"mbox_sha1sum":"AB12"}"#,
            r#"{"mbox_sha1sum":"ab12"},{"mbox":"mailto:a@example.COM"}"#,
        ),
        ("0.50", "5e-1"),
        ("1e2", "100.0"),
        ("59.14S", "59.1499S"),
        (r#""a":[1,2],"b":null"#, r#""b":null,"a":[1.0,2]"#),
        (r#"{"id":"http://p"}"#, r#"[{"id":"http://p"}]"#),
        ("en-us", "en-US"),
        (r#""registration":"ec"#, r#""registration":"EC"#),
        (r#""StatementRef","id":"ec"#, r#""StatementRef","id":"EC"#),
        (
            r#"{"sha2":"aa","display":{"en-US":"x"}},{"sha2":"bb","display":{"en-US":"y"}}"#,
            r#"{"display":{"en-us":"y"},"sha2":"BB"},{"sha2":"aa","display":{"en-US":"x"}}"#,
        ),
        ("http://v", r"http:\/\/v"),
    ] {
        check(&with(from, to), &[]);
    }
}

#[test]
fn what_counts() {
    for (from, to, expected) in [
        (r#""id": "EC5"#, r#""id": "EC6"#, vec!["/id"]),
        ("18:00:00Z", "18:00:00.000001Z", vec!["/timestamp"]),
        ("mailto:a@", "mailto:A@", vec!["/actor/member/0"]),
        (r#",{"mbox_sha1sum":"AB12"}"#, "", vec!["/actor/member"]),
        ("http://v", "HTTP://v", vec!["/verb/id"]),
        ("http://a", "http://b", vec!["/object/id"]),
        (
            "0.50",
            "0.5000000000000000000001",
            vec!["/result/score/scaled"],
        ),
        ("0.50", "\"0.50\"", vec!["/result/score/scaled"]),
        ("59.14S", "59.15S", vec!["/result/duration"]),
        (
            "[1,2]",
            "[2,1]",
            vec![
                "/result/extensions/http:~1~1e/a/0",
                "/result/extensions/http:~1~1e/a/1",
            ],
        ),
        (r#","b":null"#, "", vec!["/result/extensions/http:~1~1e/b"]),
        (
            r#"{"id":"http://p"}"#,
            r#"[{"id":"http://p"},{"id":"http://p"}]"#,
            vec!["/context/contextActivities/parent"],
        ),
        ("en-us", "en", vec!["/context/language"]),
        (
            r#""context":"#,
            r#""context2":"#,
            vec!["/context", "/context2"],
        ),
        (
            r#"{"en-US":"x"}"#,
            r#"{"en-US":"X"}"#,
            vec!["/attachments/0"],
        ),
    ] {
        let mut found = differences(BASE, &with(from, to)).unwrap();
        found.sort();
        assert_eq!(found, expected, "{from} -> {to}");
        assert!(!differences(&with(from, to), BASE).unwrap().is_empty());
    }
}

#[test]
fn a_sub_statement_is_compared_like_a_statement() {
    let sub = |timestamp: &str, verb: &str| {
        format!(
            r#"{{"object":{{"objectType":"SubStatement","verb":{verb},"object":{{"objectType":"Agent","mbox":"mailto:a@b"}}{timestamp}}}}}"#
        )
    };
    let verb = r#"{"id":"v"}"#;
    let moment = r#","timestamp":"2026-11-21T18:00:00Z""#;
    for (one, other, expected) in [
        (sub("", verb), sub("", r#"{"display":{},"id":"v"}"#), vec![]),
        (
            sub(moment, verb),
            sub(r#","timestamp":"2026-11-21T18:00:00+00:00""#, verb),
            vec![],
        ),
        // No LRS fills in this one.
        (sub(moment, verb), sub("", verb), vec!["/object/timestamp"]),
        (
            sub("", verb),
            sub("", r#"{"id":"w"}"#),
            vec!["/object/verb/id"],
        ),
    ] {
        assert_eq!(differences(&one, &other).unwrap(), expected);
    }
}

#[test]
fn the_list_is_bounded() {
    let numbers = |from: usize| {
        let list: Vec<String> = (from..from + 100).map(|n| n.to_string()).collect();
        format!(r#"{{"x":[{}]}}"#, list.join(","))
    };
    let found = differences(&numbers(0), &numbers(1)).unwrap();
    assert_eq!(found.len(), DIFFERENCES_MAX);
    assert!(differences("{", "{}").is_err());
}

proptest! {
    #[test]
    fn how_json_writes_a_value_does_not_count(text in any_text()) {
        let sent = format!(r#"{{"result":{{"extensions":{{"http://e":{text}}}}}}}"#);
        let mut other = Node::parse(&sent, 16).expect("valid JSON");
        reversed(&mut other);
        prop_assert_eq!(differences(&sent, &other.to_text()), Ok(Vec::new()));
    }

    #[test]
    fn a_difference_is_seen_from_both_sides(one in any_text(), other in any_text()) {
        let [one, other] = [one, other].map(|text| format!(r#"{{"object":{{"id":{text}}}}}"#));
        let there = differences(&one, &other).expect("valid JSON");
        let back = differences(&other, &one).expect("valid JSON");
        prop_assert_eq!(there.is_empty(), back.is_empty());
    }
}
