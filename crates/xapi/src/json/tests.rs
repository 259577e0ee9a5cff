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
