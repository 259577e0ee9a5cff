//! The answers of the player API: names, numbers for booleans and nulls are what its clients read.

use cmi5::course::{self, Structure};
use cmi5::session::{AbandonedBy, Fetch};
use cmi5::{LaunchMode, MoveOn, State};
use lrs::launch::records::Course;
use lrs::launch::session::Launched as LaunchedSession;
use lrs::launch::start::Launched;
use lrs::launch::view::{AuState, Branch, Kind, View};
use serde_json::{Value, json};
use xapi::lexical::timestamp;

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
fn seconds(micros: Option<u64>) -> Value {
    match micros {
        None => Value::Null,
        Some(micros) if micros % 1_000_000 == 0 => (micros / 1_000_000).into(),
        Some(micros) => (micros as f64 / 1e6).into(),
    }
}

pub(super) fn course(course: &Course, structure: &Structure) -> Value {
    let listing = course::listing(structure, &course.lms_id);
    let at = time(course.created_at);
    json!({
        "id": course.number,
        "createdAt": at,
        "updatedAt": at,
        "tenantId": course.launch_tenant.unwrap_or(0),
        "lmsId": course.lms_id,
        "metadata": listing.metadata,
        "structure": listing.structure,
    })
}

pub(super) fn registration(view: &View) -> Value {
    let registration = &view.registration;
    let aus: Vec<Value> = view.aus.iter().map(au).collect();
    json!({
        "id": registration.number,
        "createdAt": time(registration.created_at),
        "updatedAt": time(registration.updated_at),
        "tenantId": registration.launch_tenant.unwrap_or(0),
        "code": registration.id,
        "courseId": view.course.number,
        "actor": parsed(&registration.actor),
        "isSatisfied": bit(view.tree.satisfied),
        "metadata": { "version": 1, "moveOn": node(&view.tree) },
        "aus": aus,
    })
}

fn au(au: &AuState) -> Value {
    let reached = &au.reached;
    json!({
        "hasBeenAttempted": bit(au.normal.attempted),
        "hasBeenBrowsed": bit(au.browse.attempted),
        "hasBeenReviewed": bit(au.review.attempted),
        "durationNormal": seconds(au.normal.duration),
        "durationBrowse": seconds(au.browse.duration),
        "durationReview": seconds(au.review.duration),
        "isPassed": bit(!reached.passed.is_empty()),
        "isCompleted": bit(!reached.completed.is_empty()),
        "isWaived": bit(!reached.waived.is_empty()),
        "waivedReason": au.in_course.waived_reason,
        "isSatisfied": bit(au.satisfied),
        "metadata": { "version": 1, "moveOn": au.move_on.map(MoveOn::as_str) },
    })
}

/// Recursion as deep as blocks nest.
fn node(branch: &Branch) -> Value {
    let kind = match branch.kind {
        Kind::Course => "course",
        Kind::Block => "block",
        Kind::Au => "au",
    };
    let mut node = json!({
        "type": kind,
        "lmsId": branch.lms_id,
        "pubId": branch.publisher_id,
        "satisfied": branch.satisfied,
    });
    if branch.kind != Kind::Au {
        let children: Vec<Value> = branch.children.iter().map(self::node).collect();
        node["children"] = children.into();
    }
    node
}

pub(super) fn launched(launched: &Launched) -> Value {
    let method = if launched.own_window {
        course::LaunchMethod::OwnWindow
    } else {
        course::LaunchMethod::AnyWindow
    };
    json!({
        "id": launched.number,
        "launchMethod": method.as_str(),
        "url": launched.url,
    })
}

pub(super) fn session(launched: &LaunchedSession) -> Value {
    let LaunchedSession { known, beside } = launched;
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
        false => Value::Null,
    };
    json!({
        "id": beside.number,
        "createdAt": time(session.created_at),
        "updatedAt": time(updated.unwrap_or(session.created_at)),
        "tenantId": beside.launch_tenant.unwrap_or(0),
        "registrationsCoursesAusId": beside.au_number,
        "code": launch.session,
        "lastRequestTime": touched.map(time),
        "launchMode": launch.mode.as_str(),
        "masteryScore": launch.mastery_score.as_deref().map(parsed),
        "contextTemplate": parsed(&beside.context_template),
        "launchTokenId": beside.token_id,
        "launchTokenFetched": bit(session.fetch == Fetch::Used),
        "launchDataFetched": bit(session.launch_data_read),
        "learnerPrefsFetched": bit(session.preferences_read),
        "isLaunched": bit(session.launched.is_some()),
        "isInitialized": bit(session.initialized.is_some()),
        "initializedAt": session.initialized_at.map(time),
        "isCompleted": bit(!session.completed.is_empty()),
        "isPassed": bit(!session.passed.is_empty()),
        "isFailed": bit(!session.failed.is_empty()),
        "isTerminated": bit(session.state == State::Terminated),
        "isAbandoned": bit(session.state == State::Abandoned),
        "abandonedBy": session.abandoned_by.map(abandoned_by),
        "durationNormal": duration(LaunchMode::Normal),
        "durationBrowse": duration(LaunchMode::Browse),
        "durationReview": duration(LaunchMode::Review),
    })
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
        assert_eq!(seconds(None), Value::Null);
        assert_eq!(seconds(Some(3_000_000)), json!(3));
        assert_eq!(seconds(Some(2_500_000)), json!(2.5));
    }
}
