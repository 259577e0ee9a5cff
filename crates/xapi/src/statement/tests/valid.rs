//! Statements that have to be accepted, each as one edit of another.

use super::*;

fn check(text: &str, version: Version) {
    let limits = Limits::default();
    if let Err(violations) = parse_one(text, version, &limits) {
        panic!("{version:?} refuses {text}: {violations:#?}");
    }
    let walked = walk::one(text, version, &limits);
    assert_eq!(ids(&walked), [(requirement::UNEXPLAINED, "")], "{text}");
}

#[test]
fn in_both_versions() {
    for version in Version::ALL {
        for text in [FULL, PLAIN, VOIDING, SUB_STATEMENT] {
            check(text, version);
        }
        for (base, from, to) in [
            (PLAIN, r#""object": {"#, r#""object": {"definition": {}, "#),
            (
                PLAIN,
                r#""object": {"#,
                r#""context": {}, "result": {}, "object": {"#,
            ),
            (PLAIN, r#""object": {"#, r#""attachments": [], "object": {"#),
            (
                PLAIN,
                r#""object": {"#,
                r#""context": {"revision": "", "platform": ""}, "object": {"#,
            ),
            (PLAIN, r#""actor""#, r#""\u0061ctor""#),
            (
                PLAIN,
                "http://example.com/it",
                "http://example.com/path/../it",
            ),
            (PLAIN, "http://example.com/it", "urn:x:y"),
            (FULL, "\"choice\"", "\"other\""),
            (FULL, "\"scaled\": 0.5", "\"scaled\": 1.0"),
            (FULL, "\"scaled\": 0.5", "\"scaled\": -1"),
            (FULL, "\"scaled\": 0.5", "\"scaled\": 1e0"),
            (FULL, "\"raw\": 5", "\"raw\": 0.12123434"),
            (FULL, "\"raw\": 5", "\"raw\": 10.0"),
            (FULL, "\"1.0.3\"", "\"1.0\""),
            (FULL, "\"1.0.3\"", "\"1.0.9\""),
            (FULL, "\"PT1M2.5S\"", "\"P4W\""),
            (
                FULL,
                "2026-11-21T18:30:52.123+01:00",
                "2031-11-21T18:30:52Z",
            ),
            (FULL, r#"{"http://example.com/y": null}"#, "{}"),
            (
                FULL,
                r#"{"http://example.com/y": null}"#,
                r#"{"http://example.com/y": 1e999}"#,
            ),
            (FULL, r#"{"en": "Q"}"#, "{}"),
            (
                FULL,
                r#"{"en": "Q"}"#,
                r#"{"cmn": "Q", "zh-Hans-CN": "", "tlh": "x"}"#,
            ),
            (FULL, r#", "fileUrl": "https://example.com/f""#, ""),
            (FULL, r#""mbox": "mailto:team@example.com", "#, ""),
            (
                SUB_STATEMENT,
                r#""objectType": "Group", "openid""#,
                r#""objectType": "Agent", "openid""#,
            ),
        ] {
            check(&edited(base, from, to), version);
        }
    }
}

#[test]
fn in_2_0_only() {
    check(PARTICIPANTS, Version::V2_0_0);
    check(
        &edited(PARTICIPANTS, "\"2.0.0\"", "\"2.0\""),
        Version::V2_0_0,
    );
    check(
        &edited(PARTICIPANTS, "\"2.0.0\"", "\"1.0.3\""),
        Version::V2_0_0,
    );
}
