use super::*;
use crate::{Limits, Version};
use jsonwebtoken::EncodingKey;

/// Made for these tests, used nowhere else.
const KEY: &[u8] = include_bytes!("test-key.der");
const CERTIFICATE: &[u8] = include_bytes!("test-certificate.der");
const EC_CERTIFICATE: &[u8] = include_bytes!("test-certificate-ec.der");

const PAYLOAD_TEXT: &str = r#"{"id":"ec531277-b57b-4c15-8d91-d292c5b2b8f7","actor":{"mbox":"mailto:a@b.c"},"verb":{"id":"http://v"},"object":{"id":"http://a"},"result":{"duration":"PT0.12S"}}"#;
const STATEMENT: &str = r#"{"result":{"duration":"PT0.1237S"},"id":"ec531277-b57b-4c15-8d91-d292c5b2b8f7","actor":{"mbox":"mailto:a@b.c"},"verb":{"id":"http://v","display":{"en":"v"}},"object":{"id":"http://a"},"timestamp":"2026-11-21T18:00:00Z","attachments":[
    {"usageType":"http://adlnet.gov/expapi/attachments/signature","display":{"en":"s"},"contentType":"application/octet-stream","length":1,"sha2":"495395e777cd98da653df9615d09c0fd6bb2f8d4788394cd53c56a3bfdcd848a"},
    {"usageType":"http://u","display":{"en":"o"},"contentType":"text/plain","length":1,"sha2":"495395e777cd98da653df9615d09c0fd6bb2f8d4788394cd53c56a3bfdcd848b","fileUrl":"http://f"}
]}"#;

fn sign(header: &str, payload: &[u8]) -> String {
    let signed = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header),
        URL_SAFE_NO_PAD.encode(payload)
    );
    let algorithm = match header {
        header if header.contains("RS384") => Algorithm::RS384,
        header if header.contains("RS512") => Algorithm::RS512,
        _ => Algorithm::RS256,
    };
    let key = EncodingKey::from_rsa_der(KEY);
    let signature = jsonwebtoken::crypto::sign(signed.as_bytes(), &key, algorithm).unwrap();
    format!("{signed}.{signature}")
}

fn with_certificate(alg: &str, certificate: &[u8]) -> String {
    let certificate = STANDARD.encode(certificate);
    format!(r#"{{"alg":"{alg}","x5c":["{certificate}","more"]}}"#)
}

/// The verdict, or `requirement pointer` of each violation.
fn check(text: &str, data: &str) -> Result<Signature, Vec<String>> {
    let limits = Limits::default();
    let statement = crate::statement::parse_one(text, Version::V2_0_0, &limits).unwrap();
    super::check(&statement, 0, Some(data.as_bytes())).map_err(|violations| {
        violations
            .iter()
            .map(|v| format!("{} {}", v.requirement, v.pointer))
            .collect()
    })
}

#[test]
fn a_signature_over_the_statement_is_accepted() {
    let payload = PAYLOAD_TEXT.as_bytes();
    for alg in ["RS256", "RS384", "RS512"] {
        let header = format!(r#"{{"alg":"{alg}"}}"#);
        assert_eq!(
            check(STATEMENT, &sign(&header, payload)),
            Ok(Signature::Unverified)
        );
        let header = with_certificate(alg, CERTIFICATE);
        assert_eq!(
            check(STATEMENT, &sign(&header, payload)),
            Ok(Signature::Verified)
        );
    }
    // The other attachment may have been signed as well.
    let whole = Node::parse(STATEMENT, 9).unwrap();
    let mut others = whole.clone();
    if let Some(Node::Array(attachments)) = others.get_mut("attachments") {
        attachments.remove(0);
    }
    let header = r#"{"alg":"RS256","typ":"JWT"}"#;
    let signed = sign(header, others.to_text().as_bytes());
    assert_eq!(
        check(STATEMENT, &format!("\r\n{signed}\n")),
        Ok(Signature::Unverified)
    );
}

#[test]
fn a_signature_over_something_else_is_refused() {
    let header = r#"{"alg":"RS256"}"#;
    let other = PAYLOAD_TEXT
        .replace("http://v", "http://w")
        .replace("0.12S", "0.13S");
    for (payload, expected) in [
        (
            other.as_str(),
            vec!["XAPI-00116 /result/duration", "XAPI-00116 /verb/id"],
        ),
        (
            &PAYLOAD_TEXT.replacen('"', "'", 1),
            vec!["XAPI-00116 /attachments/0"],
        ),
        ("[]", vec!["XAPI-00116 /attachments/0"]),
        (STATEMENT, vec!["XAPI-00116 /attachments"]),
    ] {
        let expected = expected.into_iter().map(str::to_owned).collect();
        assert_eq!(
            check(STATEMENT, &sign(header, payload.as_bytes())),
            Err(expected)
        );
    }
    assert_eq!(
        check(STATEMENT, &sign(header, b"\xff")),
        Err(vec!["XAPI-00116 /attachments/0".to_owned()])
    );
}

#[test]
fn a_malformed_signature_is_refused() {
    let payload = PAYLOAD_TEXT.as_bytes();
    let good = sign(&with_certificate("RS256", CERTIFICATE), payload);
    let (signed, _) = good.rsplit_once('.').unwrap();
    let other = sign(&with_certificate("RS512", CERTIFICATE), payload);
    let (_, other_signature) = other.rsplit_once('.').unwrap();
    for (data, requirement) in [
        (String::new(), MALFORMED),
        ("a.b".to_owned(), MALFORMED),
        (format!("{signed}."), MALFORMED),
        (format!("{good}.x"), MALFORMED),
        (sign("{", payload), ALGORITHM),
        (sign("{}", payload), ALGORITHM),
        (sign(r#"{"alg":"HS256"}"#, payload), ALGORITHM),
        (sign(r#"{"alg":"none"}"#, payload), ALGORITHM),
        (
            sign(r#"{"alg":"RS256","crit":["b64"],"b64":false}"#, payload),
            ALGORITHM,
        ),
        (format!("{signed}.{other_signature}"), ALGORITHM),
        (
            sign(&with_certificate("RS256", EC_CERTIFICATE), payload),
            MALFORMED,
        ),
        (
            sign(&with_certificate("RS256", b"none"), payload),
            MALFORMED,
        ),
        (sign(r#"{"alg":"RS256","x5c":[]}"#, payload), MALFORMED),
    ] {
        let violations = check(STATEMENT, &data).expect_err(&data);
        let expected = format!("{requirement} /attachments/0");
        assert!(violations.contains(&expected), "{data}: {violations:?}");
    }
}

#[test]
fn a_signature_has_a_content_type_of_its_own() {
    let text = STATEMENT.replace("application/octet-stream", "text/plain; charset=ascii");
    let limits = Limits::default();
    // A parser may refuse it first.
    if let Ok(statement) = crate::statement::parse_one(&text, Version::V1_0_3, &limits) {
        let violations = super::check(&statement, 0, None).unwrap_err();
        assert_eq!(violations.len(), 1);
        assert!(
            violations
                .iter()
                .all(|v| v.pointer == "/attachments/0/contentType")
        );
    }
    let statement = crate::statement::parse_one(STATEMENT, Version::V1_0_3, &limits).unwrap();
    assert_eq!(super::check(&statement, 0, None), Ok(Signature::Unverified));
    assert!(statement.attachments.first().is_some_and(is_signature));
    assert!(!statement.attachments.last().is_some_and(is_signature));
}
