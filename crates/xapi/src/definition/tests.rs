use proptest::prelude::*;

use super::*;

#[test]
fn definitions_add_up() {
    for (known, new, merged) in [
        (
            None,
            r#"{ "name" : {"en":"x"} }"#,
            Some(r#"{"name":{"en":"x"}}"#),
        ),
        (Some("{}"), "{ }", None),
        (Some(r#"{"type":"t"}"#), "{}", None),
        (
            Some(r#"{"name":{"en":"x"}}"#),
            r#"{"description":{"en":"d"},"name":{"de":"y"}}"#,
            Some(r#"{"name":{"en":"x","de":"y"},"description":{"en":"d"}}"#),
        ),
        (
            Some(r#"{"name":{"en-US":"x","de":"y"}}"#),
            r#"{"name":{"en-us":"z"}}"#,
            Some(r#"{"name":{"en-US":"z","de":"y"}}"#),
        ),
        (
            Some(r#"{"extensions":{"http://a":1,"http://A":{"x":1}}}"#),
            r#"{"extensions":{"http://A":{"y":2}}}"#,
            Some(r#"{"extensions":{"http://a":1,"http://A":{"y":2}}}"#),
        ),
        (
            Some(r#"{"interactionType":"choice","choices":[{"id":"1"}]}"#),
            r#"{"choices":[{"id":"2"}],"moreInfo":"http://m"}"#,
            Some(r#"{"interactionType":"choice","choices":[{"id":"2"}],"moreInfo":"http://m"}"#),
        ),
    ] {
        let result = merge(known, new).unwrap();
        assert_eq!(result.as_deref(), merged, "{known:?} + {new}");
        // Once merged, the same definition changes nothing.
        let known = result.as_deref().or(known);
        assert_eq!(merge(known, new), Ok(None));
    }
    assert!(merge(None, "{").is_err());
    assert!(merge(Some("{"), "{}").is_err());
}

/// A definition with a few languages and one property that is replaced.
fn any_definition() -> impl Strategy<Value = String> {
    let map = || prop::collection::btree_map("en|de|EN|fr-CA", "[a-c]", 0..3);
    (map(), map(), "http://[a-c]").prop_map(|(name, description, kind)| {
        format!(r#"{{"name":{name:?},"description":{description:?},"type":"{kind}"}}"#)
    })
}

proptest! {
    #[test]
    fn merging_twice_is_merging_once(known in any_definition(), new in any_definition()) {
        let merged = merge(Some(&known), &new).expect("valid JSON").unwrap_or(known);
        prop_assert_eq!(merge(Some(&merged), &new), Ok(None));
        prop_assert_eq!(merge(Some(&merged), "{}"), Ok(None));
    }
}
