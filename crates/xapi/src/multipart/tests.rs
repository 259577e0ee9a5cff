use super::*;
use crate::statement::parse_batch;
use crate::{Limits, Version};

const A: &str = "495395e777cd98da653df9615d09c0fd6bb2f8d4788394cd53c56a3bfdcd848a";
const B: &str = "495395E777CD98DA653DF9615D09C0FD6BB2F8D4788394CD53C56A3BFDCD848B";

const JSON: Part<'_> = Part {
    content_type: Some("Application/JSON; charset=utf-8"),
    hash: None,
    transfer_encoding: None,
};

fn data(hash: &str) -> Part<'_> {
    Part {
        content_type: Some("text/plain"),
        hash: Some(hash),
        transfer_encoding: Some("binary"),
    }
}

fn attachment(hash: &str, url: &str) -> String {
    let url = if url.is_empty() {
        String::new()
    } else {
        format!(r#","fileUrl":"{url}""#)
    };
    format!(
        r#"{{"usageType":"http://u","display":{{"en":"d"}},"contentType":"text/plain","length":1,"sha2":"{hash}"{url}}}"#
    )
}

fn statement(attachments: &[String]) -> String {
    format!(
        r#"{{"actor":{{"mbox":"mailto:a@b.c"}},"verb":{{"id":"http://v"}},"object":{{"id":"http://a"}},"attachments":[{}]}}"#,
        attachments.join(",")
    )
}

/// `requirement pointer` of each violation, in order.
fn check(body: &str, parts: &[Part<'_>], expected: &[&str]) {
    let limits = Limits::default();
    let statements = parse_batch(body, Version::V1_0_3, &limits).unwrap();
    let found: Vec<String> = check_parts(&statements, parts)
        .err()
        .unwrap_or_default()
        .iter()
        .map(|v| format!("{} {}", v.requirement, v.pointer))
        .collect();
    assert_eq!(found, expected, "{parts:?}");
}

#[test]
fn every_attachment_has_its_part_and_every_part_its_attachment() {
    let with_data = statement(&[attachment(A, "")]);
    let with_url = statement(&[attachment(B, "http://f")]);
    let none = statement(&[]);
    let both = format!("[{with_url},{with_data}]");
    let missing = "XAPI-00129 /attachments/0";
    for (body, parts, expected) in [
        (&none, vec![JSON], vec![]),
        (&with_url, vec![JSON], vec![]),
        (&with_data, vec![JSON, data(A)], vec![]),
        (&with_data, vec![JSON, data(A), data(A)], vec![]),
        (&both, vec![JSON, data(A), data(&B.to_lowercase())], vec![]),
        (&both, vec![JSON, data(A)], vec![]),
        (
            &with_data,
            vec![
                JSON,
                Part {
                    transfer_encoding: None,
                    ..data(A)
                },
            ],
            vec![],
        ),
        (&with_data, vec![JSON], vec![missing]),
        (&both, vec![JSON, data(B)], vec![missing]),
        (
            &with_data,
            vec![data(A)],
            vec!["XAPI-00134 part 0: Content-Type", missing],
        ),
        (&none, vec![], vec!["XAPI-00134 part 0: Content-Type"]),
        (
            &with_data,
            vec![JSON, data(A), JSON],
            vec!["XAPI-00128 part 2: X-Experience-API-Hash"],
        ),
        (
            &with_data,
            vec![JSON, data(B)],
            vec!["XAPI-00132 part 1: X-Experience-API-Hash", missing],
        ),
        (
            &with_data,
            vec![
                JSON,
                Part {
                    hash: None,
                    ..data(A)
                },
            ],
            vec!["XAPI-00132 part 1: X-Experience-API-Hash", missing],
        ),
        (
            &with_data,
            vec![
                JSON,
                Part {
                    transfer_encoding: Some("base64"),
                    ..data(A)
                },
            ],
            vec!["XAPI-00135 part 1: Content-Transfer-Encoding"],
        ),
    ] {
        check(body, &parts, &expected);
    }
}

#[test]
fn a_sub_statements_attachments_count() {
    let sub = format!(
        r#"{{"actor":{{"mbox":"mailto:a@b.c"}},"verb":{{"id":"http://v"}},"object":{{"objectType":"SubStatement","actor":{{"mbox":"mailto:a@b.c"}},"verb":{{"id":"http://v"}},"object":{{"id":"http://a"}},"attachments":[{}]}}}}"#,
        attachment(A, "")
    );
    check(&sub, &[JSON, data(A)], &[]);
    check(&sub, &[JSON], &["XAPI-00129 /object/attachments/0"]);
    let mut declared = Vec::new();
    declared_in(&sub, &mut declared).unwrap();
    assert_eq!(declared.len(), 1);
}

#[test]
fn a_request_is_json_or_mixed() {
    let mixed = |boundary: &str| {
        Ok(Body::Mixed {
            boundary: boundary.to_owned(),
        })
    };
    for (content_type, expected) in [
        (Some("application/json"), Ok(Body::Json)),
        (Some("Application/Json;charset=UTF-8"), Ok(Body::Json)),
        (
            Some("multipart/mixed; boundary=-------314159265358979323846"),
            mixed("-------314159265358979323846"),
        ),
        (
            Some("multipart/Mixed;charset=\"a;b\"; Boundary=\"x y=\" ; z=1"),
            mixed("x y="),
        ),
        (Some("multipart/mixed;"), Err(BOUNDARY)),
        (Some("multipart/mixed; boundary="), Err(BOUNDARY)),
        (Some("multipart/mixed; boundary=\"a"), Err(BOUNDARY)),
        (Some("multipart/mixed; boundary=a\r\nb"), Err(BOUNDARY)),
        (Some("multipart/form-data; boundary=a"), Err(BODY_TYPE)),
        (Some("application/jsonx"), Err(BODY_TYPE)),
        (None, Err(BODY_TYPE)),
    ] {
        let found = Body::parse(content_type).map_err(|violation| violation.requirement);
        assert_eq!(found, expected, "{content_type:?}");
    }
    let long = format!("multipart/mixed; boundary={}", "x".repeat(71));
    assert!(Body::parse(Some(&long)).is_err());
}

#[test]
fn an_answer_names_each_hash_once() {
    let mut declared = Vec::new();
    for text in [
        statement(&[attachment(A, ""), attachment(B, "http://f")]),
        statement(&[attachment(&A.to_uppercase(), "")]),
        statement(&[]),
        "{}".to_owned(),
    ] {
        declared_in(&text, &mut declared).unwrap();
    }
    let hashes: Vec<&str> = declared.iter().map(|one| one.sha2.as_str()).collect();
    assert_eq!(hashes, [A, B]);
    let mut answer = statements_head("b0");
    answer.push_str("{}");
    for one in &declared {
        answer.push_str(&part_head("b0", one));
        answer.push_str("data");
    }
    answer.push_str(&end("b0"));
    assert_eq!(
        answer,
        format!(
            "--b0\r\nContent-Type: application/json\r\n\r\n{{}}\r\n\
             --b0\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: binary\r\nX-Experience-API-Hash: {A}\r\n\r\ndata\r\n\
             --b0\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: binary\r\nX-Experience-API-Hash: {B}\r\n\r\ndata\r\n\
             --b0--\r\n"
        )
    );
    assert_eq!(content_type("b0"), "multipart/mixed; boundary=b0");
    let injected = Declared {
        sha2: A.to_owned(),
        content_type: "text/plain\r\nX: y".to_owned(),
        linked: false,
    };
    assert!(!part_head("b0", &injected).contains("X: y"));
}
