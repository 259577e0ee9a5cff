//! The URL of an AU's content, and with it the launch URL.

use crate::course::package::Place;
use crate::course::{LaunchParameters, TooLong, content_url, launch_url};

const PARAMETERS: LaunchParameters<'_> = LaunchParameters {
    endpoint: "https://lrs.example.com/lrs",
    fetch: "f",
    actor: r#"{"a":"ü &+~*"}"#,
    activity_id: "x",
    registration: "r",
};

const QUERY: &str = "endpoint=https%3A%2F%2Flrs.example.com%2Flrs&fetch=f\
    &actor=%7B%22a%22%3A%22%C3%BC%20%26%2B%7E*%22%7D&activityId=x&registration=r";

#[test]
fn parameters_follow_the_own_query_and_precede_the_fragment() {
    for (content, before, after) in [
        ("https://example.com/a", "https://example.com/a?", ""),
        (
            "https://example.com/a?b=1",
            "https://example.com/a?b=1&",
            "",
        ),
        ("https://example.com/a?", "https://example.com/a?", ""),
        ("https://example.com/a?b&", "https://example.com/a?b&", ""),
        ("https://example.com/a#f", "https://example.com/a?", "#f"),
        (
            "https://example.com/a?b=1#f?g",
            "https://example.com/a?b=1&",
            "#f?g",
        ),
        (
            "https://example.com/a#f?g",
            "https://example.com/a?",
            "#f?g",
        ),
        ("app://a", "app://a?", ""),
    ] {
        let expected = format!("{before}{QUERY}{after}");
        assert_eq!(
            launch_url(content, &PARAMETERS, 750),
            Ok(expected),
            "{content}"
        );
    }
}

#[test]
fn a_launch_url_has_a_length() {
    let length = format!("https://example.com/?{QUERY}#f").len();
    let content = "https://example.com/#f";
    assert!(launch_url(content, &PARAMETERS, length).is_ok());
    let length_max = length - 1;
    assert_eq!(
        launch_url(content, &PARAMETERS, length_max),
        Err(TooLong { length, length_max })
    );
}

#[test]
fn content_urls() {
    let entry = |name: &str| Place::Entry(name.to_owned());
    for (place, url, expected) in [
        (
            Place::Elsewhere,
            "https://example.com/a b?c=ü#d",
            "https://example.com/a%20b?c=%C3%BC#d",
        ),
        (Place::Elsewhere, "app://x/%20", "app://x/%20"),
        (
            entry("index.html"),
            "./index.html?a=%20b c#f",
            "https://c.example/1/index.html?a=%20b%20c#f",
        ),
        (
            entry("sub/index.htm"),
            "sub/?a",
            "https://c.example/1/sub/index.htm?a",
        ),
        (
            entry("index.html"),
            "#f",
            "https://c.example/1/index.html#f",
        ),
        (
            entry("100%?#.html"),
            "100%25%3F%23.html",
            "https://c.example/1/100%25%3F%23.html",
        ),
        (
            entry("ü/a+b.html"),
            "ü/a+b.html",
            "https://c.example/1/%C3%BC/a+b.html",
        ),
    ] {
        assert_eq!(content_url("https://c.example/1", &place, url), expected);
    }
}
