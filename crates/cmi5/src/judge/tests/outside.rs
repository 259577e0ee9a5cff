//! Statements of no known session.

use super::fixture::{
    Row, World, by_au_key, by_lms, check, id, mark, row, statement, unknown, world,
};
use crate::judge::{Outside, Writer, closed, outside};
use crate::policy::Policy;
use crate::seen::Seen;
use xapi::statement::parse_batch;
use xapi::{Limits, Version};

fn waived_before(w: &mut World) {
    w.registration.waived.push(mark());
}

fn strays_pass(w: &mut World) {
    w.policies.unknown_session.au = Policy::Off;
}

const CATEGORY: &str = "/context/contextActivities/category";
const GROUPING: &str = "/context/contextActivities/grouping";
const TYPE: &str = "/object/definition/type";

pub(super) const ROWS: &[Row] = &[
    // Strays: one thing is said, whatever else is wrong.
    row(
        &[unknown, by_au_key],
        "completed",
        &[("/result", "")],
        &["9.6.3.1-4 {sessionid}"],
    ),
    row(
        &[unknown, by_au_key],
        "completed",
        &[("{sessionid}", "")],
        &["9.6.3.1-4 {sessionid}"],
    ),
    row(
        &[unknown, by_lms],
        "completed",
        &[],
        &["9.6.3.1-4 {sessionid}"],
    ),
    row(
        &[unknown, by_lms],
        "abandoned",
        &[],
        &["9.6.3.1-3 {sessionid}"],
    ),
    row(&[unknown, by_au_key, strays_pass], "completed", &[], &[]),
    // What no policy opens to a key of an AU.
    row(
        &[unknown, by_au_key],
        "waived",
        &[],
        &["9.3.0.0-1 /verb/id", "9.6.3.1-4 {sessionid}"],
    ),
    row(
        &[unknown, by_au_key, strays_pass],
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
    // Waived by an LMS.
    row(&[unknown, by_lms], "waived", &[], &[]),
    row(
        &[unknown, by_lms],
        "waived",
        &[("<reason>", "")],
        &["9.3.7.0-2 <reason>", "9.5.5.2-1 <reason>"],
    ),
    row(
        &[unknown, by_lms],
        "waived",
        &[("<reason>", "7")],
        &["9.3.7.0-2 <reason>", "9.5.5.2-1 <reason>"],
    ),
    row(
        &[unknown, by_lms],
        "waived",
        &[("/result/success", "false")],
        &["9.5.2.0-1 /result/success"],
    ),
    row(
        &[unknown, by_lms],
        "waived",
        &[("/result/completion", "")],
        &["9.5.3.0-1 /result/completion"],
    ),
    row(
        &[unknown, by_lms],
        "waived",
        &[(
            CATEGORY,
            "[{\"id\":\"https://w3id.org/xapi/cmi5/context/categories/cmi5\"}]",
        )],
        &["9.6.2.2-1 /context/contextActivities/category"],
    ),
    row(
        &[unknown, by_lms],
        "waived",
        &[("{sessionid}", ""), ("/context/registration", "")],
        &["9.6.1.0-1 /context/registration", "9.6.3.1-3 {sessionid}"],
    ),
    row(
        &[unknown, by_lms],
        "waived",
        &[(GROUPING, ""), ("/timestamp", "")],
        &[
            "9.7.0.0-1 /timestamp",
            "9.6.2.3-2 /context/contextActivities/grouping",
        ],
    ),
    row(
        &[unknown, by_lms],
        "waived",
        &[
            (
                "/object",
                "{\"objectType\":\"Agent\",\"mbox\":\"mailto:a@lms.example\"}",
            ),
            ("/context/platform", ""),
        ],
        &["9.4.0.0-1 /object/id"],
    ),
    row(
        &[unknown, by_lms, waived_before],
        "waived",
        &[],
        &["9.3.0.0-11 /verb/id", "9.3.7.0-4 /verb/id"],
    ),
    // Satisfied by an LMS.
    row(&[unknown, by_lms], "satisfied", &[], &[]),
    row(
        &[unknown, by_lms],
        "satisfied",
        &[(TYPE, "\"https://w3id.org/xapi/cmi5/activitytype/course\"")],
        &[],
    ),
    row(
        &[unknown, by_lms],
        "satisfied",
        &[("/object/definition", "")],
        &[
            "9.3.9.0-2 /object/definition/type",
            "9.3.9.0-6 /object/definition/type",
        ],
    ),
    row(
        &[unknown, by_lms],
        "satisfied",
        &[(TYPE, "\"https://w3id.org/xapi/cmi5/activities/course\"")],
        &[
            "9.3.9.0-2 /object/definition/type",
            "9.3.9.0-6 /object/definition/type",
        ],
    ),
    row(
        &[unknown, by_lms],
        "satisfied",
        &[(GROUPING, "[{\"id\":\"https://lms.example/block/2\"}]")],
        &["9.3.9.0-4 /object/id"],
    ),
    row(
        &[unknown, by_lms],
        "satisfied",
        &[
            (TYPE, "\"https://w3id.org/xapi/cmi5/activitytype/course\""),
            (GROUPING, "{\"id\":\"https://lms.example/block/2\"}"),
        ],
        &["9.3.9.0-8 /object/id"],
    ),
    row(
        &[unknown, by_lms],
        "satisfied",
        &[("{sessionid}", "\"\"")],
        &["9.6.3.1-3 {sessionid}", "9.3.9.0-9 {sessionid}"],
    ),
];

#[test]
fn outside_any_session() {
    check(ROWS);
}

fn judged(changes: &[(&str, &str)], voided: bool) -> Outside {
    let text = statement(7, "waived", changes);
    let statements = parse_batch(&text, Version::V1_0_3, &Limits::default()).unwrap();
    let seen = Seen::of(&statements[0]);
    let mut world = world(&[unknown, by_lms]);
    world.policies.lms = Policy::Flag;
    let mut incoming = world.incoming(0, &seen);
    incoming.voided = voided;
    outside(&world.policies, None, &incoming, world.now)
}

#[test]
fn waived_sets_its_mark_also_when_flagged() {
    let kept = judged(&[], false).waives.unwrap();
    assert_eq!((kept.statement, &*kept.session), (id(7), "s-1"));
    assert_eq!(kept.timestamp, super::fixture::at("10:10:00"));

    let flagged = judged(&[("/result", ""), ("/timestamp", "")], false);
    assert!(!flagged.findings.is_empty());
    assert_eq!(flagged.waives.unwrap().timestamp, world(&[]).now);

    assert_eq!(judged(&[], true).waives, None);
    assert_eq!(judged(&[("/context/registration", "")], false).waives, None);
}

#[test]
fn a_second_waived_sets_nothing() {
    let text = statement(7, "waived", &[]);
    let statements = parse_batch(&text, Version::V1_0_3, &Limits::default()).unwrap();
    let seen = Seen::of(&statements[0]);
    let world = world(&[unknown, by_lms, waived_before]);
    let incoming = world.incoming(0, &seen);
    let judged = outside(&world.policies, Some(&world.registration), &incoming, 0);
    assert_eq!(judged.waives, None);
}

#[test]
fn closures_hold_for_plain_statements() {
    for (verb, writer, id) in [
        (
            "http://adlnet.gov/expapi/verbs/voided",
            Writer::Token,
            Some("6.3.0.0-1"),
        ),
        (
            "http://adlnet.gov/expapi/verbs/voided",
            Writer::AuKey,
            Some("6.3.0.0-1"),
        ),
        (
            "http://adlnet.gov/expapi/verbs/voided",
            Writer::LmsKey,
            None,
        ),
        (
            "http://adlnet.gov/expapi/verbs/launched",
            Writer::AuKey,
            Some("9.3.0.0-1"),
        ),
        (
            "https://w3id.org/xapi/adl/verbs/waived",
            Writer::AuKey,
            Some("9.3.0.0-1"),
        ),
        (
            "https://w3id.org/xapi/adl/verbs/satisfied",
            Writer::AuKey,
            Some("9.3.0.0-1"),
        ),
        (
            "https://w3id.org/xapi/adl/verbs/abandoned",
            Writer::AuKey,
            Some("9.3.0.0-1"),
        ),
        (
            "https://w3id.org/xapi/adl/verbs/abandoned",
            Writer::Token,
            None,
        ),
        (
            "https://w3id.org/xapi/adl/verbs/abandoned",
            Writer::LmsKey,
            None,
        ),
        ("http://adlnet.gov/expapi/verbs/passed", Writer::AuKey, None),
    ] {
        let text = format!(r#"{{"actor":{{}},"verb":{{"id":"{verb}"}},"object":{{}}}}"#);
        let seen = Seen::lenient(&text).unwrap();
        let mut world = world(&[]);
        world.writer = writer;
        world.policies.au = Policy::Off;
        let found = closed(&world.incoming(3, &seen));
        let told =
            found.map(|finding| (finding.violation.requirement, finding.violation.statement));
        assert_eq!(told, id.map(|id| (id, Some(3))), "{verb} by {writer:?}");
    }
}
