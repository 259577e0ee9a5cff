//! Statements by keys that belong to no known session and are not plain xAPI either: an LMS's waived and satisfied,
//! which rightly have session ids of their own, and strays.

use xapi::Violation;

use super::case::{self, NOTHING};
use super::{Findings, Incoming, Writer, closed, common, lms};
use crate::finding::{Decision, Finding};
use crate::policy::Policies;
use crate::registration::{AuRegistration, Mark};
use crate::rule::{self, Side};
use crate::seen::{Member, Seen, Target, Who};
use crate::vocabulary::{SESSION_ID, Verb};

/// What judging a statement outside any known session comes to.
#[derive(Debug, Clone)]
pub struct Outside {
    pub findings: Vec<Finding>,
    /// What `waived` sets in the registration of its actor, registration and object, unless that is set already.
    pub waives: Option<Mark>,
}

/// Judges one statement. `registration` is that of the statement's own registration, actor and object, as the
/// request's earlier statements have left it; `None` where nothing is known. `now` is the request's time in
/// microseconds since 1970.
///
/// Strays are judged by the policy `unknown_session` alone; what they say besides is not.
#[must_use]
pub fn outside(
    policies: &Policies,
    registration: Option<&AuRegistration>,
    incoming: &Incoming<'_>,
    now: i64,
) -> Outside {
    let (side, verb) = (incoming.side(), Verb::parse(&incoming.seen.verb));
    let mut findings = Findings::new(policies, side, incoming.index);
    let waives = match (side, verb) {
        (Side::Lms, Some(Verb::Waived)) => {
            of_lms(incoming.seen, verb, &mut findings);
            if let Target::Other = incoming.seen.object {
                let (rule, at) = (&rule::OBJECT_IS_LAUNCHED, "/object/id");
                findings.broken(rule, at, "the activity id of the AU", "no Activity");
            }
            if let Some(registration) = registration {
                lms::waived_once(registration, &mut findings);
            }
            waives(incoming, &findings, now)
        }
        (Side::Lms, Some(Verb::Satisfied)) => {
            of_lms(incoming.seen, verb, &mut findings);
            None
        }
        (Side::Lms | Side::Au, _) => {
            closed::check(incoming, &mut findings);
            stray(policies, incoming, &mut findings);
            None
        }
    };
    Outside {
        findings: findings.into_list(),
        waives,
    }
}

fn of_lms(statement: &Seen<'_>, verb: Option<Verb>, findings: &mut Findings<'_>) {
    lms::alone(statement, verb, findings);
    lms::some_grouping(statement, findings);
    let context = case::context(statement);
    let got = match &context.registration {
        Member::Is(_) => None,
        Member::Absent => Some(NOTHING),
        Member::Wrong(sent) => Some(sent.as_ref()),
    };
    if let Some(got) = got {
        findings.broken(
            &rule::REGISTRATION_IS_LAUNCHED,
            "/context/registration",
            "the registration",
            got,
        );
    }
    if statement.session().is_none_or(|id| id.is_empty()) {
        let got = context.extension(SESSION_ID).unwrap_or(NOTHING);
        let expected = "a session id";
        let at = common::session_id_pointer();
        findings.broken(&rule::SESSION_ID_OF_LMS, at.clone(), expected, got);
        if verb == Some(Verb::Satisfied) {
            findings.broken(&rule::SATISFIED_HAS_SESSION, at, expected, got);
        }
    }
}

/// The fact that it sets: also when flagged, and never a second one.
fn waives(incoming: &Incoming<'_>, findings: &Findings<'_>, now: i64) -> Option<Mark> {
    let statement = incoming.seen;
    let is_duplicate = findings.breaks(&[&rule::WAIVED_ONCE, &rule::WAIVED_ONCE_IN_REGISTRATION]);
    if incoming.voided || is_duplicate {
        return None;
    }
    let Who::Agent { .. } = statement.actor else {
        return None;
    };
    let Target::Activity { .. } = statement.object else {
        return None;
    };
    case::context(statement).registration.value()?;
    Some(Mark {
        statement: incoming.id,
        session: statement.session().unwrap_or_default().into_owned(),
        timestamp: case::timestamp(incoming, now),
        scaled: None,
    })
}

fn stray(policies: &Policies, incoming: &Incoming<'_>, findings: &mut Findings<'_>) {
    let policy = match incoming.writer {
        Writer::Token | Writer::AuKey => policies.unknown_session.au,
        Writer::LmsKey => policies.unknown_session.lms,
    };
    let Some(decision) = Decision::of(policy) else {
        return;
    };
    let rule = match incoming.side() {
        Side::Au => &rule::SESSION_ID_OF_AU,
        Side::Lms => &rule::SESSION_ID_OF_LMS,
    };
    let session = incoming.seen.session();
    let detail = match &session {
        Some(session) => format!("the session `{session}` is not known"),
        None => "the statement has the cmi5 category and names no session".to_owned(),
    };
    let violation = Violation::new(
        rule.id,
        common::session_id_pointer(),
        "the session id of a known session",
        case::context(incoming.seen)
            .extension(SESSION_ID)
            .unwrap_or(NOTHING),
    )
    .with_detail(detail);
    findings.decided(rule, violation, decision);
}
