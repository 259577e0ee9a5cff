use proptest::prelude::*;

use super::*;

#[test]
fn a_tree_writes_back_what_was_read() {
    for text in [
        "null",
        "true",
        "false",
        "-0.10e+05",
        "123456789012345678901234567890",
        "1e999",
        r#""""#,
        r#""plain ü 𝄞""#,
        r#""a\"b\\c\n""#,
        "[]",
        "{}",
        r#"[1,[2,[]],{"b":1,"a":2,"b":{"":[null]}}]"#,
    ] {
        assert_eq!(
            Node::parse(text, 8).expect("valid JSON").to_text(),
            text,
            "{text}"
        );
    }
}

#[test]
fn white_space_and_escapes_go_away() {
    for (text, written) in [
        (" \n[ 1 , 2 ]\t", "[1,2]"),
        ("{ \"a\" : { } , \"b\" : [ ] }", r#"{"a":{},"b":[]}"#),
        (r#"{"\u0061\/":"\ud834\udd1e"}"#, r#"{"a/":"𝄞"}"#),
        (r#"["\\","\\\"",","]"#, r#"["\\","\\\"",","]"#),
    ] {
        assert_eq!(
            Node::parse(text, 8).expect("valid JSON").to_text(),
            written,
            "{text}"
        );
    }
}

#[test]
fn a_refusal_says_where() {
    for (text, line, column, message) in [
        ("", 1, 0, "EOF while parsing a value"),
        ("{\"a\":1,}", 1, 8, "key must be a string"),
        ("[1]\n2", 2, 1, "trailing characters"),
        ("[\n [[[]]]]", 2, 3, "nested too deeply"),
        ("\n [\"\\ud834\"]", 2, 3, "unexpected end of hex escape"),
    ] {
        let error = Node::parse(text, 2).expect_err(text);
        assert_eq!(
            (error.line, error.column),
            (line, column),
            "{text}: {error}"
        );
        assert_eq!(error.message, message, "{text}");
    }
    let deep = "[".repeat(1_000_000);
    assert!(Node::parse(&deep, 64).is_err());
}

#[test]
fn members_are_found_and_taken_out() {
    let mut node = Node::parse(r#"{"a":1,"b":2,"a":3}"#, 2).expect("valid JSON");
    assert_eq!(node.get("a").and_then(Node::as_number), Some("1"));
    assert_eq!(node.remove("a"), Some(Node::Number("1")));
    assert_eq!(node.to_text(), r#"{"b":2}"#);
    assert_eq!(pointer("/x", "a/b~c"), "/x/a~1b~0c");
}

/// Any value, as the JSON text it was sent as.
pub(crate) fn any_text() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|value| value.to_string()),
        "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,5})?([eE][+-]?[0-9]{1,3})?",
        any::<String>().prop_map(|text| serde_json::to_string(&text).expect("a JSON string")),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        let list = prop::collection::vec(inner.clone(), 0..4);
        let map = prop::collection::btree_map(any::<String>(), inner, 0..4);
        prop_oneof![
            list.prop_map(|items| format!("[{}]", items.join(" ,"))),
            map.prop_map(|members| {
                let members: Vec<String> = members
                    .iter()
                    .map(|(name, value)| {
                        let name = serde_json::to_string(name).expect("a JSON string");
                        format!("\n{name}: {value}")
                    })
                    .collect();
                format!("{{{}}}", members.join(","))
            }),
        ]
    })
}

/// The same value with the members of every object the other way round.
pub(crate) fn reversed(node: &mut Node<'_>) {
    match node {
        Node::Array(items) => items.iter_mut().for_each(reversed),
        Node::Object(members) => {
            members.reverse();
            members.iter_mut().for_each(|(_, value)| reversed(value));
        }
        Node::Null | Node::Bool(_) | Node::Number(_) | Node::String(_) => {}
    }
}

proptest! {
    #[test]
    fn what_is_written_reads_back_the_same(text in any_text()) {
        let node = Node::parse(&text, 8).expect("valid JSON");
        let written = node.to_text();
        prop_assert_eq!(Node::parse(&written, 8).expect("valid JSON"), node);
        let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).ok();
        prop_assert_eq!(value(&written), value(&text));
    }

    #[test]
    fn no_text_makes_it_panic(text in "[\\[\\]{}\",:0-9a\\\\ ]{0,24}") {
        let valid = serde_json::from_str::<serde_json::Value>(&text).is_ok();
        prop_assert!(!valid || Node::parse(&text, 24).is_ok());
    }
}
