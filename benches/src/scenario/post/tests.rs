use std::collections::HashSet;

use serde_json::Value;

use super::*;
use crate::client::Endpoint;

fn target() -> Target {
    let endpoint = Endpoint {
        url: "http://127.0.0.1:1/xapi".to_owned(),
        key: String::new(),
        secret: String::new(),
    };
    Target::new(&endpoint).expect("it is a URL")
}

fn body(request: &[u8]) -> Value {
    let text = String::from_utf8_lossy(request);
    let (_, body) = text.split_once("\r\n\r\n").expect("a head ends");
    serde_json::from_str(body).expect("it is JSON")
}

#[test]
fn every_statement_that_is_sent_has_another_id_in_its_place() {
    for batch in [1, 10] {
        let mut posts = Posts::of_family(&target(), Family::Mixed, 1, 20, batch).times(60 / batch);
        let mut seen = HashSet::new();
        while let Some(request) = posts.next() {
            let statements = match body(request) {
                Value::Array(statements) => statements,
                one => vec![one],
            };
            for statement in statements {
                let id = statement["id"].as_str().expect("it has an id");
                assert!(Uuid::parse_str(id).is_ok(), "{id}");
                assert!(seen.insert(id.to_owned()), "{id} came twice");
            }
        }
        assert_eq!(seen.len(), 60, "in batches of {batch}");
    }
}
