use super::*;

/// The terms of a statement, named: `kind value`.
fn check(statement: &str, expected: &[&str]) {
    let statement = parse(statement);
    let authority = agent("lrs");
    let mut expected: Vec<Term> = expected.iter().map(|name| named(name)).collect();
    expected.push(named("related_agent mailto:lrs@example.com"));
    expected.sort_unstable();
    assert_eq!(terms(&statement, &Actor::Agent(authority)), expected);
}

fn named(name: &str) -> Term {
    let (kind, value) = name.split_once(' ').expect("a kind and a value");
    let canonical = || {
        let ifi = Ifi::Mbox(value.into());
        ifi.canonical()
    };
    match kind {
        "verb" => Term::verb(value),
        "activity" => Term::activity(value),
        "related_activity" => Term::related_activity(value),
        "agent" => Term::agent(&canonical()),
        "related_agent" => Term::related_agent(&canonical()),
        "registration" => Term::registration(value.parse().expect("a UUID")),
        other => panic!("no kind of term is named `{other}`"),
    }
}

fn agent(name: &str) -> Agent<'static> {
    Agent {
        name: None,
        ifi: Ifi::Mbox(format!("mailto:{name}@example.com").into()),
    }
}

const ANN: &str = r#"{"mbox":"mailto:ann@example.com"}"#;

#[test]
fn a_plain_statement_has_verb_activity_and_actor() {
    check(
        &format!(r#"{{"actor":{ANN},"verb":{{"id":"urn:v"}},"object":{{"id":"urn:a"}}}}"#),
        &[
            "verb urn:v",
            "activity urn:a",
            "agent mailto:ann@example.com",
        ],
    );
}

#[test]
fn a_group_is_found_by_itself_and_its_members_in_actor_and_object() {
    check(
        r#"{"actor":{"objectType":"Group","mbox":"mailto:g@example.com","member":[{"mbox":"mailto:m@example.com"}]},
            "verb":{"id":"urn:v"},
            "object":{"objectType":"Group","member":[{"mbox":"mailto:n@example.com"},{"mbox":"mailto:m@example.com"}]}}"#,
        &[
            "verb urn:v",
            "agent mailto:g@example.com",
            "agent mailto:m@example.com",
            "agent mailto:n@example.com",
        ],
    );
}

#[test]
fn a_context_gives_related_terms_that_the_plain_ones_do_not_have() {
    check(
        &format!(
            r#"{{"actor":{ANN},"verb":{{"id":"urn:v"}},"object":{{"id":"urn:a"}},"context":{{
            "registration":"0b9ac9ba-5d7d-4f1b-a3ce-3a1e4dcd9d4e",
            "instructor":{{"mbox":"mailto:i@example.com"}},
            "team":{{"objectType":"Group","member":[{ANN},{{"mbox":"mailto:t@example.com"}}]}},
            "contextActivities":{{"parent":[{{"id":"urn:a"}},{{"id":"urn:p"}}],"grouping":[{{"id":"urn:g"}}],
                "category":{{"id":"urn:c"}},"other":[{{"id":"urn:o"}},{{"id":"urn:p"}}]}}}}}}"#
        ),
        &[
            "verb urn:v",
            "activity urn:a",
            "agent mailto:ann@example.com",
            "registration 0b9ac9ba-5d7d-4f1b-a3ce-3a1e4dcd9d4e",
            "related_agent mailto:i@example.com",
            "related_agent mailto:t@example.com",
            "related_activity urn:p",
            "related_activity urn:g",
            "related_activity urn:c",
            "related_activity urn:o",
        ],
    );
}

#[test]
fn context_agents_and_groups_are_related() {
    check(
        &format!(
            r#"{{"actor":{ANN},"verb":{{"id":"urn:v"}},"object":{{"id":"urn:a"}},"context":{{
            "contextAgents":[{{"objectType":"contextAgent","agent":{{"mbox":"mailto:x@example.com"}}}}],
            "contextGroups":[{{"objectType":"contextGroup","group":{{"objectType":"Group",
                "mbox":"mailto:y@example.com","member":[{{"mbox":"mailto:z@example.com"}}]}}}}]}}}}"#
        ),
        &[
            "verb urn:v",
            "activity urn:a",
            "agent mailto:ann@example.com",
            "related_agent mailto:x@example.com",
            "related_agent mailto:y@example.com",
            "related_agent mailto:z@example.com",
        ],
    );
}

#[test]
fn a_sub_statement_gives_related_terms_but_no_verb_and_no_registration() {
    check(
        &format!(
            r#"{{"actor":{ANN},"verb":{{"id":"urn:v"}},"object":{{"objectType":"SubStatement",
            "actor":{{"mbox":"mailto:s@example.com"}},"verb":{{"id":"urn:w"}},"object":{{"id":"urn:b"}},
            "context":{{"registration":"0b9ac9ba-5d7d-4f1b-a3ce-3a1e4dcd9d4e",
                "instructor":{{"mbox":"mailto:i@example.com"}},
                "contextActivities":{{"parent":[{{"id":"urn:p"}}]}}}}}}}}"#
        ),
        &[
            "verb urn:v",
            "agent mailto:ann@example.com",
            "related_agent mailto:s@example.com",
            "related_agent mailto:i@example.com",
            "related_activity urn:b",
            "related_activity urn:p",
        ],
    );
}

#[test]
fn a_reference_has_no_activity() {
    check(
        &format!(
            r#"{{"actor":{ANN},"verb":{{"id":"urn:v"}},"object":{{"objectType":"StatementRef",
            "id":"0b9ac9ba-5d7d-4f1b-a3ce-3a1e4dcd9d4e"}}}}"#
        ),
        &["verb urn:v", "agent mailto:ann@example.com"],
    );
}

#[test]
fn the_same_value_in_two_kinds_is_two_terms() {
    let kinds = [
        Term::verb("urn:x"),
        Term::activity("urn:x"),
        Term::related_activity("urn:x"),
        Term::agent("urn:x"),
        Term::related_agent("urn:x"),
    ];
    let distinct: std::collections::BTreeSet<Term> = kinds.into_iter().collect();
    assert_eq!(distinct.len(), kinds.len());
}

/// Terms stand on disk: their bytes never change.
#[test]
fn terms_are_stable() {
    assert_eq!(
        Term::verb("http://adlnet.gov/expapi/verbs/voided").0,
        xxh3_128(b"\x01http://adlnet.gov/expapi/verbs/voided").to_be_bytes()
    );
    assert_eq!(
        Term::registration(Uuid::from_u128(1)).0,
        xxh3_128(b"\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01").to_be_bytes()
    );
}

#[test]
fn a_chain_has_the_depths_of_each_term_and_ends() {
    let (a, b) = (Term::verb("urn:a"), Term::verb("urn:b"));
    let mut expected = vec![(a, Chain(0b101)), (b, Chain(0b110))];
    expected.sort_unstable_by_key(|(term, _)| *term);
    assert_eq!(along_chain([&[a][..], &[b], &[a, b]]), expected);

    let deep = along_chain(std::iter::repeat_n(&[a][..], 9));
    assert_eq!(deep, [(a, Chain(u8::MAX))]);
}

fn parse(text: &str) -> Statement<'_> {
    xapi::statement::parse_one(text, xapi::Version::V2_0_0, &xapi::Limits::default())
        .expect("the test's statement is valid")
}

#[test]
fn fields_of_rows_do_not_run_together() {
    let terms = [
        Term::row(Table::Event, "ab", b"c"),
        Term::row(Table::Event, "a", b"bc"),
        Term::row(Table::Event, "abc", b""),
        Term::row(Table::Event, "", b"abc"),
        Term::row(Table::Session, "ab", b"c"),
        Term::verb("ab"),
    ];
    for (n, term) in terms.iter().enumerate() {
        assert!(!terms[..n].contains(term), "{n}");
    }
    assert_eq!(terms[0], Term::row(Table::Event, "ab", b"c"));
}
