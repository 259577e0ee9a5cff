use std::cmp::Ordering::{self, Equal, Greater, Less};

use super::{decimal, duration, identifier, iri, language, media_type, timestamp};

fn check(is_valid: fn(&str) -> bool, valid: &[&str], invalid: &[&str]) {
    for text in valid {
        assert!(is_valid(text), "`{text}` was refused");
    }
    for text in invalid {
        assert!(!is_valid(text), "`{text}` was accepted");
    }
}

#[test]
fn iris() {
    check(
        iri::is_iri,
        &[
            "http://example.com/path/../x",
            "https://example.com",
            "http://example.com#",
            "http://example.com:8080/a?b=c#d",
            "http://[::1]/",
            "urn:uuid:2a41c918-b88b-4b20-a0a5-a4c32391aaa0",
            "mailto:a@example.com",
            "tag:example.com,2026:x",
            "a+b-c.d:x",
            "http://example.com/فعل/خواندن",
        ],
        &[
            "",
            "should fail",
            "ab=c://should.fail.com",
            "1a:x",
            ":x",
            "/relative",
            "www.example.com/x",
            "http://exa mple.com",
            "http://example.com/<x>",
            "http://example.com/%zz",
            "http://example.com/a|b",
            "http://example.com/x#a#b",
        ],
    );
    check(
        iri::is_reference,
        &[
            "",
            "a",
            "/a",
            "?a",
            "#a",
            "//host/a",
            "./a:b",
            "http://example.com/",
            "urn:x",
        ],
        &["a b", "%zz", "a:b c", "1a:b", ":x", "a#b#c", "[x]"],
    );
    check(
        iri::has_scheme,
        &["http:x", "a:", "x+y://"],
        &["", "x", ":", "1:x", "a=b:x"],
    );
}

#[test]
fn language_tags() {
    check(
        language::is_tag,
        &[
            "de",
            "de-DE",
            "zh-Hant",
            "zh-Hans-CN",
            "sr-Latn-RS",
            "sr-Cyrl",
            "cmn",
            "ase",
            "es-MX",
            "fr-CA",
            "tlh",
            "i-klingon",
            "x-own",
            "en-us",
        ],
        &[
            "",
            "something",
            "a12345678",
            "e",
            "en_US",
            "en-",
            "1",
            "en--US",
            "ü",
        ],
    );
}

#[test]
fn identifiers() {
    check(
        |text| identifier::uuid(text).is_some(),
        &[
            "2a41c918-b88b-4b20-a0a5-a4c32391aaa0",
            "2A41C918-B88B-4B20-A0A5-A4C32391AAA0",
            "12345678-1234-5678-1234-567812345678",
        ],
        &[
            "",
            "AA97B177-9383-4934-8543-0F91A7A028368",
            "MA97B177-9383-4934-8543-0F91A7A02836",
            "2a41c918b88b4b20a0a5a4c32391aaa0",
            "{2a41c918-b88b-4b20-a0a5-a4c32391aaa0}",
            "urn:uuid:2a41c918-b88b-4b20-a0a5-a4c32391aaa0",
            "2a41c918-b88b-4b20-a0a5-a4c32391aaa",
            "2a41c918-b88b-4b20-a0a5a-4c32391aaa0",
        ],
    );
    check(
        identifier::is_mbox,
        &[
            "mailto:a@example.com",
            "mailto:o'brien+x@example.com",
            "mailto:a@b@c",
        ],
        &[
            "mailto:should.fail.com",
            "a@example.com",
            "mailto:@x",
            "mailto:x@",
            "mailto:",
            "mailto:a b@x",
            "MAILTO:a@b",
        ],
    );
    let forty = "0123456789abcdefABCDEF012345678901234567";
    check(
        identifier::is_sha1,
        &[forty],
        &["", "g123456789abcdefABCDEF012345678901234567", &forty[1..]],
    );
    let digits = "0".repeat(129);
    for length in 0..=digits.len() {
        let is_known = [56, 64, 96, 128].contains(&length);
        assert_eq!(
            identifier::is_sha2(&digits[..length]),
            is_known,
            "{length} digits"
        );
    }
}

#[test]
fn media_types() {
    check(
        media_type::is_media_type,
        &[
            "text/plain",
            "application/octet-stream",
            "text/plain; charset=utf-8",
            "image/svg+xml",
            "a/b;c",
        ],
        &[
            "",
            "text",
            "text/",
            "/plain",
            "te xt/plain",
            "text/plain/x",
            "text/plain;\n",
        ],
    );
}

#[test]
fn timestamps() {
    for (text, micros, utc) in [
        ("1970-01-01T00:00:00Z", 0, true),
        ("1970-01-01T00:00:00.000001Z", 1, true),
        ("1970-01-01T00:00:00.0000019Z", 1, true),
        ("1969-12-31T23:59:59.5Z", -500_000, true),
        ("1970-01-01T01:00:00+01:00", 0, false),
        ("1970-01-01T00:00:00+00:00", 0, true),
        ("1970-01-01T00:00:00+0000", 0, true),
        ("1970-01-01T00:00:00+00", 0, true),
        ("1969-12-31T19:00:00-05", 0, false),
        ("1969-12-31T23:30:00-0030", 0, false),
        ("2016-12-31T23:59:60Z", 1_483_228_800_000_000, true),
        ("2024-02-29T00:00:00Z", 1_709_164_800_000_000, true),
        ("0000-01-01T00:00:00Z", -62_167_219_200_000_000, true),
        ("9999-12-31T23:59:59.999999Z", 253_402_300_799_999_999, true),
    ] {
        let expected = timestamp::Timestamp { micros, utc };
        assert_eq!(timestamp::parse(text), Some(expected), "{text}");
    }
    check(
        |text| timestamp::parse(text).is_some(),
        &[
            "2026-11-21T18:30:52.123456789012345678901234567890Z",
            "2026-11-21T18:30:52+23:59",
        ],
        &[
            "",
            "should fail",
            "01/011/2015",
            "2026-11-21",
            "2026-11-21T18:30:52",
            "2026-11-21T18:30Z",
            "2026-11-21T18:30:52-00",
            "2026-11-21T18:30:52-0000",
            "2026-11-21T18:30:52-00:00",
            "2026-11-21t18:30:52Z",
            "2026-11-21T18:30:52z",
            "2026-11-21 18:30:52Z",
            "2026-11-21T18:30:52.Z",
            "2026-11-21T18:30:52,5Z",
            "2026-13-21T18:30:52Z",
            "2026-02-29T18:30:52Z",
            "2026-11-21T24:00:00Z",
            "2026-11-21T18:60:00Z",
            "2026-11-21T18:30:60Z",
            "2026-11-21T18:30:52+24:00",
            "2026-11-21T18:30:52+01:60",
            "2026-11-21T18:30:52+1:00",
            "2026-11-21T18:30:52Zx",
            " 2026-11-21T18:30:52Z",
            "2026-11-2१T18:30:52Z",
        ],
    );
}

#[test]
fn rendered_timestamps() {
    for (micros, text) in [
        (0, "1970-01-01T00:00:00.000000Z"),
        (-1, "1969-12-31T23:59:59.999999Z"),
        (1_795_285_852_123_456, "2026-11-21T18:30:52.123456Z"),
        (i64::MIN, "0000-01-01T00:00:00.000000Z"),
        (i64::MAX, "9999-12-31T23:59:59.999999Z"),
    ] {
        assert_eq!(timestamp::render(micros), text);
    }
}

proptest::proptest! {
    /// The short cut for plain IRIs must not accept what the grammar refuses.
    #[test]
    fn plain_iris_are_iris(rest in "[a-z/?#=&+:@%.~!$'()*,;-]{0,12}") {
        let text = format!("http://{rest}");
        proptest::prop_assert_eq!(iri::is_iri(&text), oxiri::Iri::parse(&*text).is_ok(), "{}", text);
    }

    #[test]
    fn rendered_timestamps_read_back(micros in -62_167_219_200_000_000_i64..=253_402_300_799_999_999) {
        let expected = timestamp::Timestamp { micros, utc: true };
        proptest::prop_assert_eq!(timestamp::parse(&timestamp::render(micros)), Some(expected));
    }

    #[test]
    fn decimals_order_as_integers_do(left in -9999_i64..9999, right in -9999_i64..9999, shift in 0_usize..6) {
        let shifted = format!("{left}{}e-{shift}", "0".repeat(shift));
        proptest::prop_assert_eq!(decimal::compare(&shifted, &right.to_string()), left.cmp(&right));
        let pointed = format!("{right}.{}", "0".repeat(shift + 1));
        proptest::prop_assert_eq!(decimal::compare(&shifted, &pointed), left.cmp(&right));
    }
}

#[test]
fn durations() {
    check(
        |text| duration::parse(text).is_some(),
        &[
            "PT4H35M59.14S",
            "PT16559.14S",
            "P3Y1M29DT4H35M59.14S",
            "P3Y",
            "P4W",
            "P0.5W",
            "PT0S",
            "P1DT12H36M0.12567S",
            "PT1.5H",
            "PT0,5S",
            "P1M",
            "PT1M",
        ],
        &[
            "",
            "should fail",
            "P",
            "PT",
            "P1DT",
            "P4W1D",
            "P1D4W",
            "PA1H0M0S",
            "P1H",
            "PT1D",
            "PT1.5H3M",
            "PT1S1M",
            "PT1M1M",
            "P1Y2Y",
            "PT.5S",
            "PT5.S",
            "PT1.2.3S",
            "-PT1S",
            "P-1D",
            "PT1",
            "PT1S ",
            "PTT1S",
            "1D",
            "P0003-06-04T12:30:05",
            "pt1s",
            "P1Y1MT",
        ],
    );
    for (one, two, equal) in [
        ("P1DT12H36M0.1237S", "P1DT12H36M0.12S", true),
        ("PT0.129S", "PT0.12S", true),
        ("PT1.00S", "PT1S", true),
        ("PT01S", "PT1S", true),
        ("PT1S", "PT0M1S", true),
        ("PT1.001S", "PT1S", true),
        ("PT0.13S", "PT0.12S", false),
        ("PT0.2S", "PT0.02S", false),
        ("PT60S", "PT1M", false),
        ("P1M", "PT1M", false),
        ("PT1.005H", "PT1H", false),
    ] {
        let [first, second] =
            [one, two].map(|text| duration::parse(text).unwrap_or_else(|| panic!("{text}")));
        assert_eq!(first.equals_to_centisecond(&second), equal, "{one} {two}");
    }
}

#[test]
fn decimals() {
    let absurd = format!("1e{}", "9".repeat(100_000));
    for (left, right, expected) in [
        ("0", "-0", Equal),
        ("0", "0e99", Equal),
        ("0.0", "-0.00e-5", Equal),
        ("0.8", "0.80", Equal),
        ("0.8", "8e-1", Equal),
        ("0.8", "0.08E+1", Equal),
        ("100", "1e2", Equal),
        ("0.79999999999999999999", "0.8", Less),
        ("1.00000000000000000001", "1", Greater),
        ("-1.00001", "-1", Less),
        ("-0.5", "0.5", Less),
        ("-2", "-10", Greater),
        ("9", "10", Less),
        ("1e-400", "0", Greater),
        ("-1e400", "1e-400", Less),
        (&absurd, "1", Greater),
        ("1", &absurd, Less),
        ("10", "9.99e0", Greater),
        ("12345678901234567890123", "12345678901234567890124", Less),
    ] {
        assert_eq!(decimal::compare(left, right), expected, "{left} {right}");
        assert_eq!(
            decimal::compare(right, left),
            Ordering::reverse(expected),
            "{right} {left}"
        );
    }
}

#[test]
fn durations_as_microseconds() {
    for (text, micros) in [
        ("PT0S", 0),
        ("PT1S", 1_000_000),
        ("PT2.5S", 2_500_000),
        ("PT0.0000019S", 1),
        ("PT1M1.5S", 61_500_000),
        ("PT0,5H", 1_800_000_000),
        ("P1DT12H", 129_600_000_000),
        ("P1W", 604_800_000_000),
        ("P1Y1M", 34_128_000_000_000),
        ("P99999999999999999999Y", u64::MAX),
        ("PT0.99999999999999999999H", 3_599_999_999),
    ] {
        let duration = duration::parse(text).unwrap_or_else(|| panic!("{text}"));
        assert_eq!(duration.micros(), micros, "{text}");
    }
}
