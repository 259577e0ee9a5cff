//! What an LMS writes for itself in a known session.

use super::fixture::{
    Row, World, abandoned, at, by_lms, check, created, initialized, mark, row, terminated,
};

fn no_document(w: &mut World) {
    w.launch.has_document = false;
}

fn nothing_optional(w: &mut World) {
    w.launch.mastery_score = None;
    w.launch.launch_parameters = None;
    w.launch.move_on = None;
}

fn no_publisher(w: &mut World) {
    w.launch.publisher.clear();
}

fn something_taken(w: &mut World) {
    w.latest = Some(at("10:00:00"));
}

fn late_launch(w: &mut World) {
    w.session.launched = None;
}

fn waived_before(w: &mut World) {
    w.registration.waived.push(mark());
}

const CMI5: &str = "[{\"id\":\"https://w3id.org/xapi/cmi5/context/categories/cmi5\"}]";
const CATEGORY: &str = "/context/contextActivities/category";
const GROUPING: &str = "/context/contextActivities/grouping";

pub(super) const ROWS: &[Row] = &[
    row(&[created, by_lms], "launched", &[], &[]),
    row(&[initialized, by_lms], "abandoned", &[], &[]),
    row(&[initialized, by_lms], "satisfied", &[], &[]),
    row(&[terminated, by_lms], "satisfied", &[], &[]),
    // What holds for all of them.
    row(
        &[initialized, by_lms],
        "abandoned",
        &[("/timestamp", "")],
        &["9.7.0.0-1 /timestamp"],
    ),
    row(
        &[initialized, by_lms],
        "satisfied",
        &[("/timestamp", "\"2026-11-21T10:10:00-01:00\"")],
        &["9.7.0.0-2 /timestamp"],
    ),
    row(
        &[created, by_lms],
        "launched",
        &[(CATEGORY, "")],
        &["9.6.2.1-1 /context/contextActivities/category"],
    ),
    row(
        &[created, by_lms],
        "launched",
        &[("/actor/account/name", "\"mario\"")],
        &["8.1.3.0-3 /actor"],
    ),
    row(
        &[initialized, by_lms],
        "abandoned",
        &[
            ("/actor/account", ""),
            ("/actor/mbox", "\"mailto:maria@lms.example\""),
        ],
        &["9.2.0.0-3 /actor", "8.1.3.0-3 /actor"],
    ),
    row(
        &[initialized, by_lms],
        "satisfied",
        &[("/context/registration", "")],
        &["9.6.1.0-1 /context/registration"],
    ),
    row(
        &[created, by_lms],
        "launched",
        &[("{sessionid}", "")],
        &["9.6.3.1-3 {sessionid}"],
    ),
    row(
        &[initialized, by_lms],
        "abandoned",
        &[("/result/success", "false")],
        &[
            "9.5.2.0-3 /result/success",
            "9.6.2.2-1 /context/contextActivities/category",
        ],
    ),
    row(
        &[initialized, by_lms],
        "abandoned",
        &[("/object/id", "\"https://lms.example/activity/8\"")],
        &["9.4.0.0-1 /object/id"],
    ),
    // The publisher id in grouping.
    row(
        &[created, by_lms],
        "launched",
        &[(GROUPING, "[{\"id\":\"https://content.example/theme\"}]")],
        &["9.6.2.3-2 /context/contextActivities/grouping"],
    ),
    row(
        &[initialized, by_lms, no_publisher],
        "abandoned",
        &[(GROUPING, "")],
        &["9.6.2.3-2 /context/contextActivities/grouping"],
    ),
    row(&[initialized, by_lms, no_publisher], "abandoned", &[], &[]),
    row(
        &[initialized, by_lms],
        "satisfied",
        &[(GROUPING, "[{\"id\":\"https://publisher.example/block/2\"}]")],
        &[],
    ),
    row(
        &[initialized, by_lms],
        "satisfied",
        &[(GROUPING, "[]")],
        &["9.6.2.3-2 /context/contextActivities/grouping"],
    ),
    // Launched.
    row(&[by_lms], "launched", &[], &["9.3.1.0-2 /verb/id"]),
    row(
        &[initialized, late_launch, by_lms],
        "launched",
        &[],
        &["9.3.1.0-1 /verb/id"],
    ),
    row(
        &[created, something_taken, by_lms],
        "launched",
        &[],
        &["9.3.1.0-1 /verb/id"],
    ),
    row(
        &[created, by_lms],
        "launched",
        &[("{launchmode}", "")],
        &["9.6.3.3-1 {launchmode}"],
    ),
    row(
        &[created, by_lms],
        "launched",
        &[("{launchmode}", "\"Review\"")],
        &["9.6.3.3-1 {launchmode}"],
    ),
    row(
        &[created, by_lms, no_document],
        "launched",
        &[("{launchmode}", "\"Review\"")],
        &[],
    ),
    row(
        &[created, by_lms, no_document],
        "launched",
        &[("{launchmode}", "\"review\"")],
        &["9.6.3.3-1 {launchmode}"],
    ),
    row(
        &[created, by_lms],
        "launched",
        &[("{launchurl}", "")],
        &["9.6.3.4-1 {launchurl}"],
    ),
    row(
        &[created, by_lms],
        "launched",
        &[("{launchurl}", "\"start.html\"")],
        &["9.6.3.4-1 {launchurl}"],
    ),
    row(
        &[created, by_lms],
        "launched",
        &[(
            "{launchurl}",
            "\"https://content.example/start.html?lang=en&fetch=https%3A%2F%2Flms.example#top\"",
        )],
        &["9.6.3.4-1 {launchurl}"],
    ),
    row(
        &[created, by_lms],
        "launched",
        &[("{moveon}", "")],
        &["9.6.3.6-1 {moveon}"],
    ),
    row(
        &[created, by_lms],
        "launched",
        &[("{moveon}", "\"Passed\"")],
        &["9.6.3.6-1 {moveon}"],
    ),
    row(
        &[created, by_lms, no_document],
        "launched",
        &[("{moveon}", "\"Passed\"")],
        &[],
    ),
    row(
        &[created, by_lms, no_document],
        "launched",
        &[("{moveon}", "\"Done\"")],
        &["9.6.3.6-1 {moveon}"],
    ),
    row(
        &[created, by_lms],
        "launched",
        &[("{masteryscore}", "0.79")],
        &["9.6.3.2-1 {masteryscore}"],
    ),
    row(
        &[created, by_lms],
        "launched",
        &[("{masteryscore}", "")],
        &["9.6.3.2-1 {masteryscore}"],
    ),
    row(
        &[created, by_lms],
        "launched",
        &[("{launchparameters}", "\"a\"")],
        &["9.6.3.7-1 {launchparameters}"],
    ),
    row(
        &[created, by_lms, nothing_optional],
        "launched",
        &[("{masteryscore}", ""), ("{launchparameters}", "")],
        &[],
    ),
    row(
        &[created, by_lms, nothing_optional],
        "launched",
        &[("{moveon}", "")],
        &["9.6.3.6-1 {moveon}"],
    ),
    // Abandoned.
    row(
        &[initialized, by_lms],
        "abandoned",
        &[("/result/duration", "")],
        &["9.5.4.2-1 /result/duration"],
    ),
    row(
        &[abandoned, by_lms],
        "abandoned",
        &[],
        &["9.3.0.0-10 /verb/id", "9.3.6.0-2 /verb/id"],
    ),
    row(
        &[abandoned, by_lms],
        "satisfied",
        &[],
        &["9.3.6.0-2 /verb/id"],
    ),
    // Waived has a session id of its own.
    row(
        &[initialized, by_lms],
        "waived",
        &[],
        &["9.3.7.0-3 {sessionid}"],
    ),
    row(
        &[initialized, by_lms, waived_before],
        "waived",
        &[],
        &[
            "9.3.7.0-3 {sessionid}",
            "9.3.0.0-11 /verb/id",
            "9.3.7.0-4 /verb/id",
        ],
    ),
    // Satisfied.
    row(
        &[initialized, by_lms],
        "satisfied",
        &[("/result/completion", "true"), (CATEGORY, CMI5)],
        &[
            "9.5.3.0-2 /result/completion",
            "9.6.2.2-1 /context/contextActivities/category",
        ],
    ),
];

#[test]
fn what_an_lms_writes() {
    check(ROWS);
}
