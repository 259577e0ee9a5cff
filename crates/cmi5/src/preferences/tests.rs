use proptest::prelude::*;

use super::check;

const JSON: &str = "application/json";

/// Content type, document, and every violation's id and pointer.
type Case = (
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
);

const CASES: &[Case] = &[
    (
        JSON,
        r#"{"languagePreference":"en-US,fr-FR,fr-BE","audioPreference":"on"}"#,
        &[],
    ),
    (
        JSON,
        r#"{"languagePreference":"zh-Hant-TW,x-klingon","audioPreference":"off","more":1}"#,
        &[],
    ),
    (
        JSON,
        r#"{"languagePreference":"","audioPreference":""}"#,
        &[],
    ),
    (
        "Application/JSON; charset=utf-8",
        r#"{"languagePreference":"en","audioPreference":"on"}"#,
        &[],
    ),
    (
        "text/plain",
        r#"{"languagePreference":"en","audioPreference":"on"}"#,
        &[("11.0.0.0-5", "Content-Type")],
    ),
    (
        "",
        r#"{"languagePreference":"en","audioPreference":"on"}"#,
        &[("11.0.0.0-5", "Content-Type")],
    ),
    (JSON, "", &[("11.0.0.0-5", "")]),
    (JSON, "{", &[("11.0.0.0-5", "")]),
    (JSON, "[]", &[("11.0.0.0-5", "")]),
    (JSON, "\"on\"", &[("11.0.0.0-5", "")]),
    (
        JSON,
        "{}",
        &[
            ("11.0.0.0-5", "/languagePreference"),
            ("11.0.0.0-5", "/audioPreference"),
        ],
    ),
    (
        JSON,
        r#"{"languagePreference":null,"audioPreference":"on"}"#,
        &[("11.0.0.0-5", "/languagePreference")],
    ),
    (
        JSON,
        r#"{"languagePreference":"en"}"#,
        &[("11.0.0.0-5", "/audioPreference")],
    ),
    (
        JSON,
        r#"{"languagePreference":["en"],"audioPreference":"on"}"#,
        &[("11.1.0.0-1", "/languagePreference")],
    ),
    (
        JSON,
        r#"{"languagePreference":"en, fr","audioPreference":"on"}"#,
        &[("11.1.0.0-1", "/languagePreference")],
    ),
    (
        JSON,
        r#"{"languagePreference":"en,","audioPreference":"on"}"#,
        &[("11.1.0.0-1", "/languagePreference")],
    ),
    (
        JSON,
        r#"{"languagePreference":"en;fr","audioPreference":"on"}"#,
        &[("11.1.0.0-1", "/languagePreference")],
    ),
    (
        JSON,
        r#"{"languagePreference":"english language","audioPreference":"on"}"#,
        &[("11.1.0.0-1", "/languagePreference")],
    ),
    (
        JSON,
        r#"{"languagePreference":"en","audioPreference":"On"}"#,
        &[("11.2/audio", "/audioPreference")],
    ),
    (
        JSON,
        r#"{"languagePreference":"en","audioPreference":true}"#,
        &[("11.2/audio", "/audioPreference")],
    ),
    (
        JSON,
        r#"{"languagePreference":7,"audioPreference":"loud"}"#,
        &[
            ("11.1.0.0-1", "/languagePreference"),
            ("11.2/audio", "/audioPreference"),
        ],
    ),
];

#[test]
fn every_preference_has_its_rule() {
    for (content_type, document, expected) in CASES {
        let found = check(document.as_bytes(), content_type);
        let found: Vec<_> = found
            .iter()
            .map(|(rule, violation)| {
                assert_eq!(rule.id, violation.requirement);
                (rule.id, violation.pointer.as_str())
            })
            .collect();
        assert_eq!(found, *expected, "{content_type} {document}");
    }
}

proptest! {
    #[test]
    fn nothing_makes_it_panic(document: Vec<u8>, content_type: String) {
        let _ = check(&document, &content_type);
        let _ = check(&document, JSON);
    }
}
