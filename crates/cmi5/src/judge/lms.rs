//! What an LMS writes for itself: launched, abandoned, waived and satisfied (sections 9.3.1, 9.3.6, 9.3.7, 9.3.9).

use xapi::json::pointer;
use xapi::lexical::iri;

use super::case::{self, NOTHING};
use super::{Case, Findings, common, defined, equal, result};
use crate::launch::{LaunchMode, MoveOn};
use crate::registration::AuRegistration;
use crate::rule::{self, Rule};
use crate::seen::{Seen, Target};
use crate::session::State;
use crate::vocabulary::{
    CATEGORY_CMI5, LAUNCH_MODE, LAUNCH_PARAMETERS, LAUNCH_URL, MASTERY_SCORE, MOVE_ON, REASON,
    TYPE_BLOCK, TYPE_COURSE, Verb,
};

const VERB: &str = "/verb/id";
const GROUPING: &str = "/context/contextActivities/grouping";

/// Parameters of the launch URL, which the extension `launchurl` leaves out (9.6.3.4-1).
const LAUNCH_URL_PARAMETERS: [&str; 5] =
    ["endpoint", "fetch", "actor", "registration", "activityId"];

/// One that names a known session.
pub(super) fn check(case: &Case<'_>, findings: &mut Findings<'_>) {
    alone(case.statement, case.verb, findings);
    common::actor(case, findings);
    common::registration(case, findings);
    common::session_id(case, &rule::SESSION_ID_OF_LMS, findings);
    match case.verb {
        Some(Verb::Launched) => {
            of_the_au(case, findings);
            launched(case, findings);
        }
        Some(Verb::Abandoned) => {
            of_the_au(case, findings);
            if case.session.state == State::Abandoned {
                let expected = "abandoned once in a session";
                findings.broken(&rule::ABANDONED_ONCE, VERB, expected, Verb::Abandoned.iri());
            }
        }
        Some(Verb::Waived) => {
            of_the_au(case, findings);
            findings.broken(
                &rule::WAIVED_HAS_OWN_SESSION,
                common::session_id_pointer(),
                "a session id of its own",
                case.launch.session.as_str(),
            );
            waived_once(case.registration, findings);
        }
        Some(Verb::Satisfied) => some_grouping(case.statement, findings),
        Some(
            Verb::Initialized | Verb::Completed | Verb::Passed | Verb::Failed | Verb::Terminated,
        )
        | None => {}
    }
    if case.session.state == State::Abandoned {
        findings.broken(
            &rule::NOTHING_AFTER_ABANDONED,
            VERB,
            "nothing after abandoned",
            case.statement.verb.as_ref(),
        );
    }
}

/// What can be seen without a launch.
pub(super) fn alone(statement: &Seen<'_>, verb: Option<Verb>, findings: &mut Findings<'_>) {
    common::timestamp(statement, findings);
    defined::actor(statement, findings);
    if !statement.is_defined() {
        findings.broken(
            &rule::CMI5_CATEGORY,
            "/context/contextActivities/category",
            CATEGORY_CMI5,
            NOTHING,
        );
    }
    result::check_of_lms(statement, verb, findings);
    common::move_on_elsewhere(statement, findings);
    match verb {
        Some(Verb::Waived) => reason(statement, findings),
        Some(Verb::Satisfied) => block_or_course(statement, findings),
        Some(
            Verb::Launched
            | Verb::Initialized
            | Verb::Completed
            | Verb::Passed
            | Verb::Failed
            | Verb::Abandoned
            | Verb::Terminated,
        )
        | None => {}
    }
}

/// Once for each AU of a registration (9.3.0.0-11, 9.3.7.0-4).
pub(super) fn waived_once(registration: &AuRegistration, findings: &mut Findings<'_>) {
    let Some(earlier) = registration.waived.first() else {
        return;
    };
    for rule in [&rule::WAIVED_ONCE, &rule::WAIVED_ONCE_IN_REGISTRATION] {
        findings.broken_with_detail(
            rule,
            VERB,
            "waived once for an AU of a registration",
            Verb::Waived.iri(),
            format!("see statement {}", earlier.statement),
        );
    }
}

/// The publisher's id, which is not known here, stands in grouping.
pub(super) fn some_grouping(statement: &Seen<'_>, findings: &mut Findings<'_>) {
    if case::context(statement).grouping.is_empty() {
        publisher_missing("the publisher id", findings);
    }
}

fn publisher_missing(expected: &str, findings: &mut Findings<'_>) {
    findings.broken(&rule::PUBLISHER_IN_GROUPING, GROUPING, expected, NOTHING);
}

/// Its object is the AU of the launch, and the AU's publisher id stands in grouping.
fn of_the_au(case: &Case<'_>, findings: &mut Findings<'_>) {
    let expected = case.launch.activity.as_str();
    let got = defined::object_id(case.statement);
    if got != expected {
        findings.broken(&rule::OBJECT_IS_LAUNCHED, "/object/id", expected, got);
    }
    let publisher = &case.launch.publisher;
    let grouping = &case.context().grouping;
    match publisher.first() {
        None => some_grouping(case.statement, findings),
        Some(_)
            if grouping
                .iter()
                .any(|given| publisher.iter().any(|id| given == id)) => {}
        Some(first) => publisher_missing(first, findings),
    }
}

fn reason(statement: &Seen<'_>, findings: &mut Findings<'_>) {
    let given = result::of(statement).reason.as_deref();
    if given.is_some_and(|json| json.starts_with('"') && json != "\"\"") {
        return;
    }
    for rule in [&rule::WAIVED_HAS_REASON, &rule::REASON_IS_SET] {
        findings.broken(
            rule,
            pointer("/result/extensions", REASON),
            "why the AU was waived, a text",
            given.unwrap_or(NOTHING),
        );
    }
}

fn block_or_course(statement: &Seen<'_>, findings: &mut Findings<'_>) {
    let (id, kind) = match &statement.object {
        Target::Activity { id, kind } => (id.as_ref(), kind.as_deref()),
        Target::Other => ("", None),
    };
    let id_rule = match kind {
        Some(TYPE_BLOCK) => &rule::BLOCK_ID_OF_LMS,
        Some(TYPE_COURSE) => &rule::COURSE_ID_OF_LMS,
        Some(_) | None => {
            for (rule, expected) in [
                (&rule::SATISFIED_BLOCK, TYPE_BLOCK),
                (&rule::SATISFIED_COURSE, TYPE_COURSE),
            ] {
                let at = "/object/definition/type";
                findings.broken(rule, at, expected, kind.unwrap_or(NOTHING));
            }
            return;
        }
    };
    // A single grouping activity is the publisher's; among several the LMS's own may be.
    if let [publisher] = &*case::context(statement).grouping
        && publisher == id
    {
        findings.broken(id_rule, "/object/id", "not the publisher id", id);
    }
}

fn launched(case: &Case<'_>, findings: &mut Findings<'_>) {
    let iri = Verb::Launched.iri();
    if case.session.launched.is_some() {
        let expected = "launched once in a session";
        findings.broken(&rule::LAUNCHED_ONCE, VERB, expected, iri);
    } else if case.session.state != State::Created || case.latest.is_some() {
        let expected = "launched before the session's other statements";
        findings.broken(&rule::LAUNCHED_BEFORE, VERB, expected, iri);
    }
    let launch = case.launch;
    if let Some(score) = launch.mastery_score.as_deref() {
        let holds = |given: &str| equal::is_number(given, score);
        extension(
            case,
            &rule::LAUNCHED_MASTERY_SCORE,
            MASTERY_SCORE,
            score,
            holds,
            findings,
        );
    }
    launch_mode(case, findings);
    let expected = "the URL of the launch without its launch parameters";
    extension(
        case,
        &rule::LAUNCHED_URL,
        LAUNCH_URL,
        expected,
        is_launch_url,
        findings,
    );
    move_on(case, findings);
    if let Some(text) = launch.launch_parameters.as_deref() {
        let holds = |given: &str| equal::is_string(given, text);
        let rule = &rule::LAUNCHED_PARAMETERS;
        extension(case, rule, LAUNCH_PARAMETERS, text, holds, findings);
    }
}

fn launch_mode(case: &Case<'_>, findings: &mut Findings<'_>) {
    let rule = &rule::LAUNCHED_MODE;
    let mode = case.launch.mode.as_str();
    if case.launch.has_document {
        let holds = |given: &str| equal::is_string(given, mode);
        extension(case, rule, LAUNCH_MODE, mode, holds, findings);
    } else {
        let holds = |given: &str| {
            LaunchMode::ALL
                .iter()
                .any(|mode| equal::is_string(given, mode.as_str()))
        };
        let expected = "Normal, Browse or Review";
        extension(case, rule, LAUNCH_MODE, expected, holds, findings);
    }
}

fn move_on(case: &Case<'_>, findings: &mut Findings<'_>) {
    let rule = &rule::LAUNCHED_MOVE_ON;
    match case.launch.move_on {
        Some(move_on) if case.launch.has_document => {
            let holds = |given: &str| equal::is_string(given, move_on.as_str());
            extension(case, rule, MOVE_ON, move_on.as_str(), holds, findings);
        }
        Some(_) | None => {
            let holds = |given: &str| {
                MoveOn::ALL
                    .iter()
                    .any(|move_on| equal::is_string(given, move_on.as_str()))
            };
            let expected = "a moveOn criterion";
            extension(case, rule, MOVE_ON, expected, holds, findings);
        }
    }
}

/// The context extension is there and is what it should be.
fn extension(
    case: &Case<'_>,
    rule: &'static Rule,
    iri: &str,
    expected: &str,
    holds: impl Fn(&str) -> bool,
    findings: &mut Findings<'_>,
) {
    let given = case.context().extension(iri);
    if !given.is_some_and(holds) {
        let at = pointer("/context/extensions", iri);
        findings.broken(rule, at, expected, given.unwrap_or(NOTHING));
    }
}

fn is_launch_url(json: &str) -> bool {
    let Ok(url) = serde_json::from_str::<String>(json) else {
        return false;
    };
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let query = query.split_once('#').map_or(query, |(query, _)| query);
    iri::is_iri(&url)
        && !query.split('&').any(|pair| {
            let name = pair.split_once('=').map_or(pair, |(name, _)| name);
            LAUNCH_URL_PARAMETERS.contains(&name)
        })
}
