use super::*;
use crate::format::Format;

const AGENT: &str = r#"{"mbox":"mailto:a@example.com","name":"A"}"#;
const GROUP: &str = r#"{"objectType":"Group","mbox":"mailto:g@example.com"}"#;
const ANONYMOUS: &str = r#"{"objectType":"Group","member":[{"mbox":"mailto:a@example.com"}]}"#;
const ID: &str = "ec531277-b57b-4c15-8d91-d292c5b2b8f7";
const NOW: &str = "2026-11-21T18:00:00Z";
const NOW_MICROS: i64 = 1_795_284_000_000_000;

fn pairs(list: &[(&str, &str)]) -> Vec<Pair> {
    list.iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

/// `requirement pointer` of each violation, in order.
fn check<T: std::fmt::Debug>(result: Result<T, Vec<Violation>>, expected: &[&str]) {
    let violations: Vec<String> = match result {
        Ok(query) => {
            assert!(expected.is_empty(), "{query:?} was accepted");
            return;
        }
        Err(violations) => violations
            .iter()
            .map(|v| format!("{} {}", v.requirement, v.pointer))
            .collect(),
    };
    assert_eq!(violations, expected);
}

fn identity(kind: IdentityKind, name: Option<&str>, mbox: &'static str) -> Identity {
    Identity {
        kind,
        name: name.map(str::to_owned),
        ifi: Ifi::Mbox(mbox.into()),
    }
}

#[test]
fn a_list_is_asked_for_with_typed_filters() {
    let all = pairs(&[
        ("agent", AGENT),
        ("verb", "http://v"),
        ("activity", "http://a/../b"),
        ("registration", ID),
        ("related_activities", "true"),
        ("related_agents", "false"),
        ("since", NOW),
        ("until", "2026-11-21T19:00:00.000001+01:00"),
        ("limit", "99999999999999999999999"),
        ("format", "ids"),
        ("attachments", "true"),
        ("ascending", "true"),
        ("cursor", "abc"),
    ]);
    assert_eq!(
        StatementsQuery::parse(&all),
        Ok(StatementsQuery::Many(Filters {
            agent: Some(identity(
                IdentityKind::Agent,
                Some("A"),
                "mailto:a@example.com"
            )),
            verb: Some("http://v".to_owned()),
            activity: Some("http://a/../b".to_owned()),
            registration: identifier::uuid(ID),
            related_activities: true,
            related_agents: false,
            since: Some(NOW_MICROS),
            until: Some(NOW_MICROS + 1),
            ascending: true,
            limit: usize::MAX,
            format: Format::Ids,
            attachments: true,
            cursor: Some("abc".to_owned()),
        }))
    );
    assert_eq!(
        StatementsQuery::parse(&[]),
        Ok(StatementsQuery::Many(Filters::default()))
    );
}

#[test]
fn one_statement_is_asked_for_by_its_id_alone() {
    let id = identifier::uuid(ID).expect("a UUID");
    for (list, expected) in [
        (
            vec![("statementId", ID), ("format", "canonical")],
            StatementsQuery::One {
                id,
                format: Format::Canonical,
                attachments: false,
            },
        ),
        (
            vec![("attachments", "true"), ("voidedStatementId", ID)],
            StatementsQuery::Voided {
                id,
                format: Format::Exact,
                attachments: true,
            },
        ),
    ] {
        assert_eq!(StatementsQuery::parse(&pairs(&list)), Ok(expected));
    }
}

#[test]
fn statement_queries_are_refused_with_every_violation() {
    for (list, expected) in [
        (vec![("foo", "bar")], vec!["XAPI-00324 foo"]),
        (
            vec![("Agent", AGENT), ("LIMIT", "1"), ("statementid", ID)],
            vec![
                "XAPI-00325 Agent",
                "XAPI-00325 LIMIT",
                "XAPI-00325 statementid",
            ],
        ),
        (
            vec![("limit", "1"), ("limit", "1")],
            vec!["xapi/parameter-repeated limit"],
        ),
        (
            vec![("statementId", ID), ("verb", "http://v"), ("limit", "1")],
            vec!["XAPI-00151 verb", "XAPI-00151 limit"],
        ),
        (
            vec![("voidedStatementId", ID), ("ascending", "true")],
            vec!["XAPI-00150 ascending"],
        ),
        (
            vec![("voidedStatementId", ID), ("statementId", "x")],
            vec![
                "XAPI-00151 voidedStatementId",
                "XAPI-00012 statementId",
                "XAPI-00150 statementId",
            ],
        ),
        (
            vec![
                ("format", "IDS"),
                ("attachments", "1"),
                ("agent", "not JSON"),
                ("verb", "should.fail.com"),
                ("activity", ""),
                ("registration", "true"),
                ("related_agents", "True"),
                ("since", "yesterday"),
                ("until", "2026-11-21"),
                ("limit", "-1"),
            ],
            vec![
                "XAPI-00012 format",
                "XAPI-00012 attachments",
                "XAPI-00012 agent",
                "XAPI-00012 verb",
                "XAPI-00012 activity",
                "XAPI-00012 registration",
                "XAPI-00012 related_agents",
                "XAPI-00012 since",
                "XAPI-00012 until",
                "XAPI-00012 limit",
            ],
        ),
        (vec![("agent", ANONYMOUS)], vec!["XAPI-00012 agent"]),
        (vec![("agent", GROUP)], vec![]),
        (vec![("limit", "0")], vec![]),
        (vec![("limit", "")], vec!["XAPI-00012 limit"]),
        (vec![("related_activities", "true")], vec![]),
    ] {
        check(StatementsQuery::parse(&pairs(&list)), &expected);
    }
    for agent in [
        "true",
        "{}",
        r#"{"mbox":"mailto:a@b.c","openid":"http://o"}"#,
    ] {
        let result = StatementsQuery::parse(&pairs(&[("agent", agent)]));
        let violations = result.expect_err(agent);
        assert!(
            violations.iter().all(|v| v.pointer.starts_with("agent")),
            "{violations:?}"
        );
    }
}

#[test]
fn a_cursor_is_bound_to_what_is_listed() {
    let text = |list: &[(&str, &str)]| match StatementsQuery::parse(&pairs(list)) {
        Ok(StatementsQuery::Many(filters)) => filters.canonical_text(),
        other => panic!("{other:?} is no list"),
    };
    for (one, other, same) in [
        (vec![], vec![("limit", "5"), ("format", "ids")], true),
        (vec![], vec![("cursor", "c"), ("attachments", "true")], true),
        (vec![], vec![("ascending", "true")], false),
        (
            vec![],
            vec![("ascending", "false"), ("related_agents", "true")],
            true,
        ),
        (
            vec![("agent", AGENT)],
            vec![("agent", r#"{"mbox":"mailto:a@example.com"}"#)],
            true,
        ),
        (
            vec![("agent", AGENT)],
            vec![("agent", AGENT), ("related_agents", "true")],
            false,
        ),
        (
            vec![("verb", "http://v")],
            vec![("activity", "http://v")],
            false,
        ),
        (
            vec![("since", NOW), ("verb", "http://v")],
            vec![("verb", "http://v"), ("since", "2026-11-21T18:00:00.000Z")],
            true,
        ),
        (vec![("since", NOW)], vec![("until", NOW)], false),
    ] {
        assert_eq!(text(&one) == text(&other), same, "{one:?} and {other:?}");
    }
}

#[test]
fn documents_are_found_in_folders() {
    let agent = || identity(IdentityKind::Agent, Some("A"), "mailto:a@example.com");
    let activity = || "http://a".to_owned();
    let state = |registration| Folder::State {
        activity: activity(),
        agent: agent(),
        registration,
    };
    let base = [("activityId", "http://a"), ("agent", AGENT)];
    let with = |more: &[(&str, &str)]| {
        let mut list = pairs(&base);
        list.extend(pairs(more));
        list
    };
    for (method, list, expected) in [
        (
            Method::Put,
            with(&[("stateId", "s"), ("registration", ID)]),
            DocumentsQuery::One {
                folder: state(identifier::uuid(ID)),
                id: "s".to_owned(),
            },
        ),
        (
            Method::Get,
            with(&[("since", NOW)]),
            DocumentsQuery::Many {
                folder: state(None),
                since: Some(NOW_MICROS),
            },
        ),
        (
            Method::Get,
            with(&[("since", NOW), ("stateId", "s")]),
            DocumentsQuery::One {
                folder: state(None),
                id: "s".to_owned(),
            },
        ),
        (
            Method::Delete,
            with(&[]),
            DocumentsQuery::Many {
                folder: state(None),
                since: None,
            },
        ),
    ] {
        assert_eq!(DocumentsQuery::parse_state(method, &list), Ok(expected));
    }
    assert_eq!(
        DocumentsQuery::parse_activity_profile(
            Method::Delete,
            &pairs(&[("activityId", "http://a"), ("profileId", "")])
        ),
        Ok(DocumentsQuery::One {
            folder: Folder::ActivityProfile {
                activity: activity()
            },
            id: String::new(),
        })
    );
    assert_eq!(
        DocumentsQuery::parse_agent_profile(Method::Get, &pairs(&[("agent", AGENT)])),
        Ok(DocumentsQuery::Many {
            folder: Folder::AgentProfile { agent: agent() },
            since: None,
        })
    );
}

#[test]
fn document_queries_are_refused_by_resource_and_method() {
    use Method::{Delete, Get, Post, Put};
    type Parse = fn(Method, &[Pair]) -> Result<DocumentsQuery, Vec<Violation>>;
    let state: Parse = DocumentsQuery::parse_state;
    let activity: Parse = DocumentsQuery::parse_activity_profile;
    let agent: Parse = DocumentsQuery::parse_agent_profile;
    let a = ("activityId", "http://a");
    for (parse, method, list, expected) in [
        (
            state,
            Put,
            vec![],
            vec![
                "XAPI-00210 activityId",
                "XAPI-00215 agent",
                "XAPI-00206 stateId",
            ],
        ),
        (
            state,
            Post,
            vec![("agent", "x"), ("registration", "y")],
            vec![
                "XAPI-00209 activityId",
                "XAPI-00198 agent",
                "XAPI-00202 registration",
                "XAPI-00211 stateId",
            ],
        ),
        (
            state,
            Get,
            vec![a, ("agent", GROUP), ("since", "x")],
            vec!["XAPI-00197 agent", "XAPI-00204 since"],
        ),
        (
            state,
            Delete,
            vec![a, ("agent", AGENT), ("since", NOW), ("activityid", "x")],
            vec!["XAPI-00324 since", "XAPI-00325 activityid"],
        ),
        (
            activity,
            Put,
            vec![("agent", AGENT)],
            vec![
                "XAPI-00324 agent",
                "XAPI-00299 activityId",
                "XAPI-00302 profileId",
            ],
        ),
        (
            activity,
            Get,
            vec![("activityId", "no scheme"), ("since", "true")],
            vec!["XAPI-00012 activityId", "XAPI-00295 since"],
        ),
        (activity, Delete, vec![a], vec!["XAPI-00300 profileId"]),
        (
            agent,
            Post,
            vec![],
            vec!["XAPI-00263 agent", "XAPI-00266 profileId"],
        ),
        (
            agent,
            Get,
            vec![("agent", ANONYMOUS)],
            vec!["XAPI-00258 agent"],
        ),
        (
            agent,
            Delete,
            vec![("agent", AGENT)],
            vec!["XAPI-00265 profileId"],
        ),
    ] {
        check(parse(method, &pairs(&list)), &expected);
    }
}

#[test]
fn the_small_resources_have_one_parameter_or_none() {
    check(super::agent(&pairs(&[("agent", AGENT)])), &[]);
    check(super::agent(&[]), &["XAPI-00243 agent"]);
    check(
        super::agent(&pairs(&[("agent", GROUP)])),
        &["XAPI-00249 agent"],
    );
    check(activity(&pairs(&[("activityId", "http://a")])), &[]);
    check(activity(&[]), &["XAPI-00250 activityId"]);
    check(statement_id(&pairs(&[("statementId", ID)])), &[]);
    check(
        statement_id(&pairs(&[("StatementId", ID)])),
        &["XAPI-00325 StatementId", "XAPI-00145 statementId"],
    );
    check(
        statement_id(&pairs(&[("statementId", "1")])),
        &["XAPI-00012 statementId"],
    );
    check(none(&[]), &[]);
    check(none(&pairs(&[("x", "")])), &["XAPI-00324 x"]);
}
