//! Rules for every statement of a session.

use super::fixture::{Row, World, by_au_key, by_lms, check, created, initialized, row};

fn unread(w: &mut World) {
    w.session.preferences_read = false;
}

fn unread_allowed(w: &mut World) {
    w.session.preferences_read = false;
    w.policies.require_preferences_read = false;
}

fn something_taken(w: &mut World) {
    w.latest = Some(0);
}

fn bare_template(w: &mut World) {
    w.launch.template = crate::launch::Template::default();
}

fn odd_session(w: &mut World) {
    w.launch.session = "a \"b\" \u{e9}".to_owned();
}

pub(super) const ROWS: &[Row] = &[
    row(&[], "initialized", &[], &[]),
    row(&[initialized], "allowed", &[], &[]),
    row(&[initialized, by_au_key], "allowed", &[], &[]),
    row(&[initialized, by_lms], "allowed", &[], &[]),
    // The learner preferences are asked for before the first statement, by a token.
    row(&[unread], "initialized", &[], &["11.0.0.0-3 "]),
    row(&[unread_allowed], "initialized", &[], &[]),
    row(&[unread, by_au_key], "initialized", &[], &[]),
    row(&[unread, something_taken], "initialized", &[], &[]),
    row(&[initialized, unread], "completed", &[], &[]),
    // Id.
    row(
        &[initialized],
        "completed",
        &[("/id", "")],
        &["9.1.0.0-1 /id"],
    ),
    row(
        &[initialized],
        "allowed",
        &[("/id", "")],
        &["9.1.0.0-1 /id"],
    ),
    // Timestamp.
    row(
        &[initialized],
        "completed",
        &[("/timestamp", "")],
        &["9.7.0.0-1 /timestamp"],
    ),
    row(
        &[initialized],
        "allowed",
        &[("/timestamp", "\"2026-11-21T12:10:00+02:00\"")],
        &["9.7.0.0-2 /timestamp"],
    ),
    row(
        &[initialized],
        "allowed",
        &[("/timestamp", "\"2026-11-21T10:10:00+00:00\"")],
        &[],
    ),
    row(
        &[initialized],
        "allowed",
        &[("/timestamp", "\"2026-11-21T10:10:00+0000\"")],
        &[],
    ),
    row(
        &[initialized],
        "allowed",
        &[("/timestamp", "\"2026-11-21T10:10:00+00\"")],
        &[],
    ),
    // No context: what it should hold is missing too.
    row(
        &[initialized],
        "allowed",
        &[("/context", "")],
        &[
            "9.6.0.0-1 /context",
            "9.6.1.0-1 /context/registration",
            "9.6.3.1-4 {sessionid}",
            "10.2.1.0-6 /context/contextActivities/grouping",
            "10.2.1.0-6 /context/contextActivities/other",
            "10.2.1.0-6 /context/extensions/https:~1~1lms.example~1tenant",
            "10.2.1.0-6 /context/platform",
        ],
    ),
    // Actor.
    row(
        &[initialized],
        "allowed",
        &[("/actor/account/name", "\"Maria\"")],
        &["8.1.3.0-3 /actor"],
    ),
    row(
        &[initialized],
        "allowed",
        &[
            ("/actor/account", ""),
            ("/actor/mbox", "\"mailto:maria@lms.example\""),
        ],
        &["8.1.3.0-3 /actor"],
    ),
    row(
        &[initialized],
        "allowed",
        &[("/actor/objectType", "\"Group\"")],
        &["8.1.3.0-3 /actor"],
    ),
    row(&[initialized], "allowed", &[("/actor/name", "\"M\"")], &[]),
    // Registration and session id, which have rules of their own.
    row(
        &[initialized],
        "completed",
        &[("/context/registration", "")],
        &["9.6.1.0-1 /context/registration"],
    ),
    row(
        &[initialized],
        "allowed",
        &[(
            "/context/registration",
            "\"5c1d2f3e-0a4b-4c6d-8e7f-901234567891\"",
        )],
        &["9.6.1.0-1 /context/registration"],
    ),
    row(
        &[initialized],
        "allowed",
        &[(
            "/context/registration",
            "\"5C1D2F3E-0A4B-4C6D-8E7F-901234567890\"",
        )],
        &[],
    ),
    row(
        &[initialized],
        "completed",
        &[("{sessionid}", "")],
        &["9.6.3.1-4 {sessionid}"],
    ),
    row(
        &[initialized],
        "allowed",
        &[("{sessionid}", "\"s-2\"")],
        &["9.6.3.1-4 {sessionid}"],
    ),
    row(
        &[initialized],
        "allowed",
        &[("{sessionid}", "[\"s-1\"]")],
        &["9.6.3.1-4 {sessionid}"],
    ),
    row(
        &[initialized],
        "allowed",
        &[("{sessionid}", "\"\\u0073-1\"")],
        &[],
    ),
    row(
        &[initialized, odd_session],
        "allowed",
        &[("{sessionid}", "\"a \\\"b\\\" \u{e9}\"")],
        &[],
    ),
    row(
        &[initialized, odd_session],
        "allowed",
        &[("{sessionid}", "\"a \\\"b\\\" \\u00e8\"")],
        &["9.6.3.1-4 {sessionid}"],
    ),
    // The template: activities by id, in the same list, in any position, single or in a list.
    row(
        &[initialized],
        "completed",
        &[("/context/contextActivities/other", "")],
        &[
            "10.2.1.0-6 /context/contextActivities/other",
            "9.6.2.0-1 /context/contextActivities/other",
        ],
    ),
    row(
        &[initialized],
        "allowed",
        &[
            ("/context/contextActivities/grouping", ""),
            (
                "/context/contextActivities/parent",
                "{\"id\":\"https://publisher.example/au/1\"}",
            ),
        ],
        &["10.2.1.0-6 /context/contextActivities/grouping"],
    ),
    row(
        &[initialized],
        "completed",
        &[(
            "/context/contextActivities/grouping",
            "{\"id\":\"https://publisher.example/au/1\",\"definition\":{\"name\":{\"en\":\"Knots\"}}}",
        )],
        &[],
    ),
    // Extensions and members: equal as JSON.
    row(
        &[initialized],
        "allowed",
        &[("/context/extensions/https:~1~1lms.example~1tenant", "")],
        &["10.2.1.0-6 /context/extensions/https:~1~1lms.example~1tenant"],
    ),
    row(
        &[initialized],
        "completed",
        &[(
            "/context/extensions/https:~1~1lms.example~1tenant",
            "{\"a\":1,\"b\":[null,true]}",
        )],
        &["10.2.1.0-7 /context/extensions/https:~1~1lms.example~1tenant"],
    ),
    row(
        &[initialized],
        "allowed",
        &[(
            "/context/extensions/https:~1~1lms.example~1tenant",
            "{\"a\":1,\"b\":[true,null],\"c\":0}",
        )],
        &["10.2.1.0-7 /context/extensions/https:~1~1lms.example~1tenant"],
    ),
    row(
        &[initialized],
        "allowed",
        &[("/context/platform", "")],
        &["10.2.1.0-6 /context/platform"],
    ),
    row(
        &[initialized],
        "allowed",
        &[("/context/platform", "\"Example lms\"")],
        &["10.2.1.0-7 /context/platform"],
    ),
    row(
        &[initialized],
        "allowed",
        &[("/context/platform", "\"Ex\\u0061mple LMS\"")],
        &[],
    ),
    row(
        &[initialized],
        "allowed",
        &[("/context/revision", "\"7\"")],
        &[],
    ),
    row(
        &[initialized, bare_template],
        "allowed",
        &[
            ("/context/platform", ""),
            ("/context/contextActivities", ""),
        ],
        &[],
    ),
    // The moveOn category in a statement that has nothing to do with moving on.
    row(
        &[initialized],
        "allowed",
        &[(
            "/context/contextActivities/parent",
            "{\"id\":\"https://w3id.org/xapi/cmi5/context/categories/moveon\"}",
        )],
        &["9.6.2.2-2 /context/contextActivities/parent"],
    ),
    row(
        &[initialized],
        "allowed",
        &[
            (
                "/context/contextActivities/category",
                "[{\"id\":\"https://w3id.org/xapi/cmi5/context/categories/moveon\"}]",
            ),
            ("/result/success", "true"),
        ],
        &["9.6.2.2-2 /context/contextActivities/category"],
    ),
    row(
        &[],
        "initialized",
        &[(
            "/context/contextActivities/category",
            "[{\"id\":\"https://w3id.org/xapi/cmi5/context/categories/cmi5\"},
              {\"id\":\"https://w3id.org/xapi/cmi5/context/categories/moveon\"}]",
        )],
        &["9.6.2.2-2 /context/contextActivities/category"],
    ),
    // An LMS that did not say launched is reported; the AU is not to blame.
    row(&[created], "initialized", &[], &["9.3.1.0-1 "]),
];

#[test]
fn common_rules() {
    check(ROWS);
}
