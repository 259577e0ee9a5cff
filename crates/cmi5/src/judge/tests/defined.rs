//! Actor, object, verb, repetition and launch mode of cmi5 defined statements.

use uuid::Uuid;

use super::fixture::{
    Row, World, at, by_au_key, by_lms, check, initialized, mark, row, statement, world,
};
use crate::launch::LaunchMode;

fn by_mail(w: &mut World) {
    w.launch.actor = "mbox:mailto:maria@lms.example".to_owned();
}

fn said_completed(w: &mut World) {
    w.session.completed.push(Uuid::from_u128(9));
}

fn said_passed(w: &mut World) {
    w.session.passed.push(Uuid::from_u128(9));
}

fn said_failed(w: &mut World) {
    w.session.failed.push(Uuid::from_u128(9));
}

fn completed_before(w: &mut World) {
    w.registration.completed.push(mark());
}

fn passed_before(w: &mut World) {
    w.registration.passed.push(mark());
}

fn failed_before(w: &mut World) {
    w.registration.failed.push(mark());
}

/// What xAPI allows in the context of activities alone cannot be asked of other objects.
fn any_object(w: &mut World) {
    w.launch.template.members.clear();
}

fn browse(w: &mut World) {
    w.launch.mode = LaunchMode::Browse;
}

fn review(w: &mut World) {
    w.launch.mode = LaunchMode::Review;
}

fn long_ago(w: &mut World) {
    w.session.initialized = Some(at("08:00:00"));
    w.latest = w.session.initialized;
}

pub(super) const ROWS: &[Row] = &[
    row(&[initialized], "completed", &[], &[]),
    row(&[initialized], "passed", &[], &[]),
    row(&[initialized], "failed", &[], &[]),
    row(&[initialized], "terminated", &[], &[]),
    row(&[initialized, by_lms], "passed", &[], &[]),
    // Actor.
    row(
        &[initialized],
        "completed",
        &[("/actor/objectType", "\"Group\"")],
        &["8.1.3.0-3 /actor", "9.2.0.0-2 /actor"],
    ),
    row(
        &[initialized],
        "completed",
        &[
            ("/actor/account", ""),
            ("/actor/mbox", "\"mailto:maria@lms.example\""),
        ],
        &["8.1.3.0-3 /actor", "9.2.0.0-3 /actor"],
    ),
    row(
        &[initialized, by_mail],
        "completed",
        &[
            ("/actor/account", ""),
            ("/actor/mbox", "\"mailto:maria@lms.example\""),
        ],
        &["9.2.0.0-3 /actor"],
    ),
    row(
        &[initialized, by_mail],
        "allowed",
        &[
            ("/actor/account", ""),
            ("/actor/mbox", "\"mailto:maria@lms.example\""),
        ],
        &[],
    ),
    // Object.
    row(
        &[initialized],
        "completed",
        &[("/object/id", "\"https://publisher.example/au/1\"")],
        &["9.4.0.0-1 /object/id", "8.1.5.0-6 /object/id"],
    ),
    row(
        &[initialized, any_object],
        "terminated",
        &[
            (
                "/object",
                "{\"objectType\":\"Agent\",\"mbox\":\"mailto:maria@lms.example\"}",
            ),
            ("/context/platform", ""),
        ],
        &["9.4.0.0-1 /object/id", "8.1.5.0-6 /object/id"],
    ),
    row(
        &[initialized],
        "allowed",
        &[("/object/id", "\"https://publisher.example/au/1\"")],
        &[],
    ),
    // Verb.
    row(
        &[initialized],
        "allowed",
        &[(
            "/context/contextActivities/category",
            "{\"id\":\"https://w3id.org/xapi/cmi5/context/categories/cmi5\"}",
        )],
        &["9.3.0.0-1 /verb/id"],
    ),
    row(&[initialized], "launched", &[], &["9.3.0.0-1 /verb/id"]),
    row(&[initialized], "waived", &[], &["9.3.0.0-1 /verb/id"]),
    row(
        &[initialized, by_au_key],
        "launched",
        &[],
        &["9.3.0.0-1 /verb/id"],
    ),
    row(
        &[initialized, by_lms],
        "terminated",
        &[("/verb/id", "\"http://adlnet.gov/expapi/verbs/Terminated\"")],
        &["9.3.0.0-1 /verb/id"],
    ),
    row(
        &[initialized],
        "allowed",
        &[("/verb/id", "\"https://adlnet.gov/expapi/verbs/passed\"")],
        &[],
    ),
    // An AU voids nothing, whatever else is wrong with it.
    row(
        &[initialized, any_object],
        "allowed",
        &[
            ("/verb/id", "\"http://adlnet.gov/expapi/verbs/voided\""),
            ("/context/platform", ""),
            (
                "/object",
                "{\"objectType\":\"StatementRef\",\"id\":\"5c1d2f3e-0a4b-4c6d-8e7f-901234567890\"}",
            ),
        ],
        &["6.3.0.0-1 /verb/id"],
    ),
    // Said before in the session.
    row(
        &[initialized],
        "initialized",
        &[],
        &["9.3.0.0-2 /verb/id", "9.3.2.0-3 /verb/id"],
    ),
    row(
        &[initialized, long_ago],
        "initialized",
        &[],
        &["9.3.0.0-2 /verb/id", "9.3.2.0-3 /verb/id"],
    ),
    row(
        &[initialized, said_completed],
        "completed",
        &[],
        &["9.3.0.0-2 /verb/id"],
    ),
    row(&[initialized, said_completed], "passed", &[], &[]),
    row(
        &[initialized, said_passed],
        "passed",
        &[],
        &["9.3.0.0-2 /verb/id"],
    ),
    row(
        &[initialized, said_passed],
        "failed",
        &[],
        &["9.3.0.0-3 /verb/id"],
    ),
    row(
        &[initialized, said_failed],
        "passed",
        &[],
        &["9.3.0.0-3 /verb/id"],
    ),
    row(
        &[initialized, said_failed],
        "failed",
        &[],
        &["9.3.0.0-2 /verb/id"],
    ),
    row(&[initialized, said_failed], "completed", &[], &[]),
    // Said before in the registration.
    row(
        &[initialized, completed_before],
        "completed",
        &[],
        &["9.3.0.0-6 /verb/id"],
    ),
    row(&[initialized, completed_before], "passed", &[], &[]),
    row(
        &[initialized, passed_before],
        "passed",
        &[],
        &["9.3.0.0-7 /verb/id"],
    ),
    row(
        &[initialized, passed_before],
        "failed",
        &[],
        &["9.3.0.0-8 /verb/id"],
    ),
    row(&[initialized, passed_before], "completed", &[], &[]),
    row(&[initialized, failed_before], "failed", &[], &[]),
    row(&[initialized, failed_before], "passed", &[], &[]),
    // Launch mode.
    row(&[browse], "initialized", &[], &[]),
    row(&[initialized, review], "terminated", &[], &[]),
    row(&[initialized, browse], "allowed", &[], &[]),
    row(
        &[initialized, browse],
        "completed",
        &[],
        &["10.2.2.0-2 /verb/id"],
    ),
    row(
        &[initialized, browse],
        "passed",
        &[],
        &["10.2.2.0-2 /verb/id"],
    ),
    row(
        &[initialized, review],
        "failed",
        &[],
        &["10.2.2.0-3 /verb/id"],
    ),
    row(
        &[initialized, review],
        "completed",
        &[],
        &["10.2.2.0-3 /verb/id"],
    ),
];

#[test]
fn defined_rules() {
    check(ROWS);
}

#[test]
fn near_misses_are_explained() {
    let right = "http://adlnet.gov/expapi/verbs/passed";
    for (sent, meant) in [
        ("https://adlnet.gov/expapi/verbs/passed", Some(right)),
        ("http://adlnet.gov/expapi/verbs/passed/", Some(right)),
        ("http://www.adlnet.gov/expapi/verbs/passed", Some(right)),
        ("http://adlnet.gov/expapi/verbs/Passed", Some(right)),
        ("https://w3id.org/xapi/adl/verbs/passed", Some(right)),
        ("http://adlnet.gov/expapi/verbs/pass", None),
        ("http://adlnet.gov/expapi/verbs/experienced", None),
        ("https://adlnet.gov/expapi/verbs/launched", None),
        ("passed:verb", None),
    ] {
        let text = statement(0, "passed", &[("/verb/id", &format!("\"{sent}\""))]);
        let found = world(&[initialized]).findings(&text);
        let verb = found
            .iter()
            .find(|finding| finding.violation.requirement == "9.3.0.0-1");
        let expected = meant.map(|meant| format!("did you mean `{meant}`"));
        assert_eq!(verb.unwrap().violation.detail, expected, "{sent}");
    }
}
