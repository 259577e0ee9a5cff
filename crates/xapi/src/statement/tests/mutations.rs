//! Property: the fast path accepts exactly what the walk finds clean, whatever is done to a valid statement.

use super::*;

/// What one place of a statement is turned into. The numbers pick from the lists below.
#[derive(Debug, Clone)]
enum Change {
    Delete,
    Duplicate,
    Rename(usize),
    Replace(usize),
    Insert(usize, usize),
}

const KEYS: &[&str] = &[
    "id",
    "ID",
    "objectType",
    "actor",
    "verb",
    "object",
    "mbox",
    "openid",
    "account",
    "name",
    "member",
    "definition",
    "display",
    "en",
    "en-US",
    "extensions",
    "http://example.com/x",
    "result",
    "context",
    "stored",
    "version",
    "authority",
    "attachments",
    "contextAgents",
    "contextGroups",
    "agent",
    "group",
    "relevantTypes",
    "scale",
    "steps",
    "interactionType",
    "revision",
    "platform",
    "timestamp",
    "success",
    "raw",
    "max",
    "parent",
    "",
    "x",
];

const VALUES: &[&str] = &[
    "null",
    "true",
    "7",
    "-1",
    "0.5",
    "1e999",
    "1.0",
    "\"\"",
    "\"x\"",
    "\"Agent\"",
    "\"Group\"",
    "\"Activity\"",
    "\"StatementRef\"",
    "\"SubStatement\"",
    "\"contextAgent\"",
    "\"other\"",
    "\"mailto:z@example.com\"",
    "\"http://example.com/z\"",
    "\"http://adlnet.gov/expapi/verbs/voided\"",
    "\"8f87ccde-bb56-4c2e-ab83-44982ef22df0\"",
    "\"2026-11-21T18:30:52Z\"",
    "\"PT1S\"",
    "\"1.0\"",
    "\"2.0\"",
    "\"en\"",
    "[]",
    "{}",
    "[[]]",
    "[\"http://example.com/z\"]",
    r#"{"Agent": null}"#,
    r#"{"a": 1, "a": 2}"#,
    r#"{"en": "x"}"#,
    r#"{"http://example.com/x": {"\ud834\udd1e": 1}}"#,
    r#"{"mbox": "mailto:z@example.com"}"#,
    r#"{"objectType": "Group", "mbox": "mailto:z@example.com"}"#,
    r#"{"id": "http://example.com/z"}"#,
    r#"{"objectType": "StatementRef", "id": "8f87ccde-bb56-4c2e-ab83-44982ef22df0"}"#,
    r#"[{"id": "http://example.com/z"}]"#,
    r#"[{"id": "a"}, {"id": "a"}]"#,
    r#"[{"mbox": "mailto:z@example.com"}, {"mbox": "mailto:y@example.com"}]"#,
    r#"{"homePage": "http://example.com", "name": "z"}"#,
    r#"{"interactionType": "choice", "choices": []}"#,
    r#"{"scaled": 1, "raw": 3, "min": 3, "max": 4}"#,
];

fn changes() -> impl Strategy<Value = Vec<(usize, Change)>> {
    let change = prop_oneof![
        Just(Change::Delete),
        Just(Change::Duplicate),
        (0..KEYS.len()).prop_map(Change::Rename),
        (0..VALUES.len()).prop_map(Change::Replace),
        (0..KEYS.len(), 0..VALUES.len()).prop_map(|(key, value)| Change::Insert(key, value)),
    ];
    prop::collection::vec(
        (
            any::<prop::sample::Index>().prop_map(|at| at.index(10_000)),
            change,
        ),
        1..4,
    )
}

fn value(index: usize) -> Node<'static> {
    Node::parse(VALUES[index], 64).expect("VALUES are JSON")
}

/// Goes to the place of that number, counting depth first, and changes it. Returns what is left to count.
fn change(node: &mut Node<'static>, place: usize, how: &Change) -> Option<usize> {
    let mut left = place;
    match node {
        Node::Object(members) => {
            for index in 0..members.len() {
                if left == 0 {
                    match how {
                        Change::Delete => {
                            members.remove(index);
                        }
                        Change::Duplicate => {
                            let copy = members[index].clone();
                            members.push(copy);
                        }
                        Change::Rename(key) => members[index].0 = Cow::Borrowed(KEYS[*key]),
                        Change::Replace(new) => members[index].1 = value(*new),
                        Change::Insert(key, new) => {
                            members.push((Cow::Borrowed(KEYS[*key]), value(*new)))
                        }
                    }
                    return None;
                }
                left = change(&mut members[index].1, left - 1, how)?;
            }
        }
        Node::Array(items) => {
            for index in 0..items.len() {
                if left == 0 {
                    match how {
                        Change::Delete => {
                            items.remove(index);
                        }
                        Change::Duplicate | Change::Rename(_) => {
                            let copy = items[index].clone();
                            items.push(copy);
                        }
                        Change::Replace(new) => items[index] = value(*new),
                        Change::Insert(_, new) => items.push(value(*new)),
                    }
                    return None;
                }
                left = change(&mut items[index], left - 1, how)?;
            }
        }
        Node::Null | Node::Bool(_) | Node::Number(_) | Node::String(_) => {}
    }
    Some(left)
}

fn size(node: &Node<'_>) -> usize {
    match node {
        Node::Object(members) => members.iter().map(|(_, value)| 1 + size(value)).sum(),
        Node::Array(items) => items.iter().map(|item| 1 + size(item)).sum(),
        Node::Null | Node::Bool(_) | Node::Number(_) | Node::String(_) => 0,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn fast_path_and_walk_agree(
        base in prop::sample::select(vec![FULL, PLAIN, VOIDING, SUB_STATEMENT, PARTICIPANTS]),
        version in prop::sample::select(Version::ALL.to_vec()),
        changes in changes(),
    ) {
        let mut node = Node::parse(base, 64).expect("the bases are JSON");
        for (place, how) in &changes {
            let places = size(&node).max(1);
            change(&mut node, place % places, how);
        }
        let text = node.to_text();
        let limits = Limits::default();
        match parse_one(&text, version, &limits) {
            Ok(_) => {
                let walked = walk::one(&text, version, &limits);
                prop_assert_eq!(ids(&walked), [(requirement::UNEXPLAINED, "")], "{}", text);
            }
            Err(violations) => {
                let unexplained = violations.iter().any(|one| one.requirement == requirement::UNEXPLAINED);
                prop_assert!(!unexplained, "nobody knows what is wrong with {}", text);
            }
        }
    }
}
