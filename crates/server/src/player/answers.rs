//! The answers of the player API: names, numbers for booleans and nulls are what its clients read.

use cmi5::course::{Listing, Structure, listing};
use cmi5::session::{AbandonedBy, Fetch};
use cmi5::{LaunchMode, MoveOn, State};
use lrs::launch::view::{AuState, Branch, Kind, View};
use lrs::launch::{records, session, start};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Number, Value};
use xapi::lexical::timestamp;

use crate::cmi5::answers::Broken;
use crate::cmi5::registrations::launch_method;

const SECOND: i64 = 1_000_000;

/// To the second, cut: nothing that was stored afterwards is before it.
fn time(micros: i64) -> String {
    let text = timestamp::render(micros.div_euclid(SECOND) * SECOND);
    let whole = text.split(['.', 'Z']).next().unwrap_or(&text);
    format!("{whole}.000Z")
}

/// What a column of a database would say.
fn bit(is: bool) -> u8 {
    u8::from(is)
}

/// JSON that is known to be some.
fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}

/// Seconds, whole ones as integers.
fn seconds(micros: Option<u64>) -> Option<Number> {
    let micros = micros?;
    match micros % 1_000_000 {
        0 => Some((micros / 1_000_000).into()),
        _ => Number::from_f64(micros as f64 / 1e6),
    }
}

/// The body of every refusal of the player API.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "PlayerRefused")]
pub struct Refused {
    pub status_code: u16,
    /// The status in words.
    pub error: String,
    /// What is wrong, in one line.
    pub message: String,
    /// The first rule that is broken, when it is one of ADL's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub violated_req_id: Option<String>,
    /// Every rule that the request breaks.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub violations: Vec<Broken>,
    /// The number of what is there already.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<u64>,
    /// The id of the request, which the log has too.
    pub request: String,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "PlayerCourse")]
pub(super) struct Course<'c> {
    id: u64,
    created_at: String,
    updated_at: String,
    tenant_id: u64,
    /// Its activity id.
    lms_id: String,
    #[serde(flatten)]
    listing: Listing<'c>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "PlayerRegistration")]
pub(super) struct Registration {
    id: u64,
    created_at: String,
    updated_at: String,
    tenant_id: u64,
    /// The registration in statements, a UUID.
    code: String,
    course_id: u64,
    /// The learner as given.
    actor: Value,
    /// 0 or 1, as all that begins with `is` or `has`.
    is_satisfied: u8,
    metadata: RegistrationMetadata,
    /// In the order of their indexes.
    aus: Vec<RegistrationAu>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct RegistrationMetadata {
    version: u8,
    move_on: Node,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct RegistrationAu {
    has_been_attempted: u8,
    has_been_browsed: u8,
    has_been_reviewed: u8,
    /// Seconds.
    #[schemars(with = "Option<f64>")]
    duration_normal: Option<Number>,
    #[schemars(with = "Option<f64>")]
    duration_browse: Option<Number>,
    #[schemars(with = "Option<f64>")]
    duration_review: Option<Number>,
    is_passed: u8,
    is_completed: u8,
    is_waived: u8,
    waived_reason: Option<String>,
    is_satisfied: u8,
    metadata: AuMetadata,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct AuMetadata {
    version: u8,
    move_on: Option<&'static str>,
}

/// The course, a block, or an AU.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Node {
    r#type: &'static str,
    lms_id: String,
    pub_id: String,
    satisfied: bool,
    /// Absent for AUs.
    #[serde(skip_serializing_if = "Option::is_none")]
    children: Option<Vec<Node>>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "PlayerLaunched")]
pub(super) struct Launched {
    /// The session's number.
    id: u64,
    launch_method: &'static str,
    url: String,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "PlayerSession")]
pub(super) struct Session {
    id: u64,
    created_at: String,
    updated_at: String,
    tenant_id: u64,
    registrations_courses_aus_id: u64,
    /// The session id.
    code: String,
    last_request_time: Option<String>,
    launch_mode: &'static str,
    #[schemars(with = "Option<f64>")]
    mastery_score: Option<Value>,
    context_template: Value,
    /// Opens nothing.
    launch_token_id: String,
    launch_token_fetched: u8,
    launch_data_fetched: u8,
    learner_prefs_fetched: u8,
    is_launched: u8,
    is_initialized: u8,
    initialized_at: Option<String>,
    is_completed: u8,
    is_passed: u8,
    is_failed: u8,
    is_terminated: u8,
    is_abandoned: u8,
    /// `new-launch`, `api`, `idle` or `lms`.
    abandoned_by: Option<&'static str>,
    /// Seconds.
    #[schemars(with = "Option<f64>")]
    duration_normal: Option<Number>,
    #[schemars(with = "Option<f64>")]
    duration_browse: Option<Number>,
    #[schemars(with = "Option<f64>")]
    duration_review: Option<Number>,
}

pub(super) fn course<'s>(course: &records::Course, structure: &'s Structure) -> Course<'s> {
    let at = time(course.created_at);
    Course {
        id: course.number,
        created_at: at.clone(),
        updated_at: at,
        tenant_id: course.launch_tenant.unwrap_or(0),
        lms_id: course.lms_id.clone(),
        listing: listing(structure, &course.lms_id),
    }
}

pub(super) fn registration(view: &View) -> Registration {
    let registration = &view.registration;
    Registration {
        id: registration.number,
        created_at: time(registration.created_at),
        updated_at: time(registration.updated_at),
        tenant_id: registration.launch_tenant.unwrap_or(0),
        code: registration.id.to_string(),
        course_id: view.course.number,
        actor: parsed(&registration.actor),
        is_satisfied: bit(view.tree.satisfied),
        metadata: RegistrationMetadata {
            version: 1,
            move_on: node(&view.tree),
        },
        aus: view.aus.iter().map(au).collect(),
    }
}

fn au(au: &AuState) -> RegistrationAu {
    let reached = &au.reached;
    RegistrationAu {
        has_been_attempted: bit(au.normal.attempted),
        has_been_browsed: bit(au.browse.attempted),
        has_been_reviewed: bit(au.review.attempted),
        duration_normal: seconds(au.normal.duration),
        duration_browse: seconds(au.browse.duration),
        duration_review: seconds(au.review.duration),
        is_passed: bit(!reached.passed.is_empty()),
        is_completed: bit(!reached.completed.is_empty()),
        is_waived: bit(!reached.waived.is_empty()),
        waived_reason: au.in_course.waived_reason.clone(),
        is_satisfied: bit(au.satisfied),
        metadata: AuMetadata {
            version: 1,
            move_on: au.move_on.map(MoveOn::as_str),
        },
    }
}

/// Recursion as deep as blocks nest.
fn node(branch: &Branch) -> Node {
    let children = (branch.kind != Kind::Au).then(|| branch.children.iter().map(node).collect());
    Node {
        r#type: branch.kind.as_str(),
        lms_id: branch.lms_id.clone(),
        pub_id: branch.publisher_id.clone(),
        satisfied: branch.satisfied,
        children,
    }
}

pub(super) fn launched(launched: &start::Launched) -> Launched {
    Launched {
        id: launched.number,
        launch_method: launch_method(launched.own_window),
        url: launched.url.clone(),
    }
}

pub(super) fn session(launched: &session::Launched) -> Session {
    let session::Launched { known, beside } = launched;
    let (session, launch) = (&known.session, &known.launch);
    let touched = known
        .touched
        .and_then(|touched| i64::try_from(touched.at).ok());
    let moments = [
        Some(session.created_at),
        session.initialized_at,
        session.ended_at,
        touched,
    ];
    let updated = moments.into_iter().flatten().max();
    let duration = |mode: LaunchMode| match launch.mode == mode {
        true => seconds(session.duration),
        false => None,
    };
    Session {
        id: beside.number,
        created_at: time(session.created_at),
        updated_at: time(updated.unwrap_or(session.created_at)),
        tenant_id: beside.launch_tenant.unwrap_or(0),
        registrations_courses_aus_id: beside.au_number,
        code: launch.session.clone(),
        last_request_time: touched.map(time),
        launch_mode: launch.mode.as_str(),
        mastery_score: launch.mastery_score.as_deref().map(parsed),
        context_template: parsed(&beside.context_template),
        launch_token_id: beside.token_id.to_string(),
        launch_token_fetched: bit(session.fetch == Fetch::Used),
        launch_data_fetched: bit(session.launch_data_read),
        learner_prefs_fetched: bit(session.preferences_read),
        is_launched: bit(session.launched.is_some()),
        is_initialized: bit(session.initialized.is_some()),
        initialized_at: session.initialized_at.map(time),
        is_completed: bit(!session.completed.is_empty()),
        is_passed: bit(!session.passed.is_empty()),
        is_failed: bit(!session.failed.is_empty()),
        is_terminated: bit(session.state == State::Terminated),
        is_abandoned: bit(session.state == State::Abandoned),
        abandoned_by: session.abandoned_by.map(abandoned_by),
        duration_normal: duration(LaunchMode::Normal),
        duration_browse: duration(LaunchMode::Browse),
        duration_review: duration(LaunchMode::Review),
    }
}

fn abandoned_by(by: AbandonedBy) -> &'static str {
    match by {
        AbandonedBy::Relaunch => "new-launch",
        AbandonedBy::Request => "api",
        AbandonedBy::Idle => "idle",
        AbandonedBy::Statement => "lms",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_cut_to_the_second() {
        for (micros, expected) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (1_999_999, "1970-01-01T00:00:01.000Z"),
            (1_795_262_400_000_001, "2026-11-21T12:00:00.000Z"),
        ] {
            assert_eq!(time(micros), expected);
        }
    }

    #[test]
    fn seconds_are_whole_where_they_are() {
        assert_eq!(seconds(None), None);
        assert_eq!(seconds(Some(3_000_000)), Some(3.into()));
        assert_eq!(seconds(Some(2_500_000)), Number::from_f64(2.5));
    }
}
