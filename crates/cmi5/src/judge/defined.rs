//! What holds for cmi5 defined statements besides: actor, object, verb, what has been said already, launch mode.

use super::case::NOTHING;
use super::{Case, Findings, closed, near_miss};
use crate::launch::LaunchMode;
use crate::rule;
use crate::seen::{Seen, Target, Who};
use crate::vocabulary::Verb;

const VERB: &str = "/verb/id";

pub(super) fn check(case: &Case<'_>, findings: &mut Findings<'_>) {
    actor(case.statement, findings);
    object(case, findings);
    verb(case, findings);
    repetition(case, findings);
    registration(case, findings);
    mode(case, findings);
}

/// Actors that cannot be read at all are left to xAPI's own rules.
pub(super) fn actor(statement: &Seen<'_>, findings: &mut Findings<'_>) {
    match &statement.actor {
        Who::Agent {
            has_account: true, ..
        }
        | Who::Unknown => {}
        Who::Agent { identity, .. } => findings.broken(
            &rule::ACTOR_HAS_ACCOUNT,
            "/actor",
            "an Agent identified by an account",
            identity.as_str(),
        ),
        Who::Group => findings.broken(
            &rule::ACTOR_IS_AGENT,
            "/actor",
            "an Agent identified by an account",
            "a Group",
        ),
    }
}

fn object(case: &Case<'_>, findings: &mut Findings<'_>) {
    let expected = case.launch.activity.as_str();
    let got = object_id(case.statement);
    if got != expected {
        findings.broken(&rule::OBJECT_IS_LAUNCHED, "/object/id", expected, got);
        findings.broken(&rule::OBJECT_IS_ACTIVITY_ID, "/object/id", expected, got);
    }
}

/// The object's id, for comparison and for messages.
pub(super) fn object_id<'s>(statement: &'s Seen<'_>) -> &'s str {
    match &statement.object {
        Target::Activity { id, .. } => id,
        Target::Other => "no Activity",
    }
}

fn verb(case: &Case<'_>, findings: &mut Findings<'_>) {
    match case.verb {
        Some(
            Verb::Initialized | Verb::Completed | Verb::Passed | Verb::Failed | Verb::Terminated,
        ) => return,
        Some(Verb::Launched | Verb::Abandoned | Verb::Waived | Verb::Satisfied)
            if closed::is_verb_of_lms(case.incoming) =>
        {
            return;
        }
        Some(Verb::Launched | Verb::Abandoned | Verb::Waived | Verb::Satisfied) | None => {}
    }
    let expected = "one of initialized, completed, passed, failed and terminated";
    let sent = case.statement.verb.as_ref();
    let got = if sent.is_empty() { NOTHING } else { sent };
    match near_miss::of_verb(sent, case.incoming.writer) {
        Some(meant) => findings.broken_with_detail(
            &rule::VERB_OF_AU,
            VERB,
            expected,
            got,
            format!("did you mean `{}`", meant.iri()),
        ),
        None => findings.broken(&rule::VERB_OF_AU, VERB, expected, got),
    }
}

/// What has been said in this session (9.3.0.0-2, -3, 9.3.2.0-3).
fn repetition(case: &Case<'_>, findings: &mut Findings<'_>) {
    let session = case.session;
    let (passed, failed) = (!session.passed.is_empty(), !session.failed.is_empty());
    let got = case.statement.verb.as_ref();
    let (is_repeated, is_judged) = match case.verb {
        Some(Verb::Initialized) => (session.initialized.is_some(), false),
        Some(Verb::Terminated) => (session.terminated.is_some(), false),
        Some(Verb::Completed) => (!session.completed.is_empty(), false),
        Some(Verb::Passed) => (passed, failed),
        Some(Verb::Failed) => (failed, passed),
        Some(Verb::Launched | Verb::Abandoned | Verb::Waived | Verb::Satisfied) | None => return,
    };
    if is_repeated {
        let expected = "each verb once in a session";
        findings.broken(&rule::NO_VERB_TWICE, VERB, expected, got);
        if case.verb == Some(Verb::Initialized) {
            findings.broken(&rule::INITIALIZED_ONCE, VERB, expected, got);
        }
    }
    if is_judged {
        let expected = "only one of passed and failed in a session";
        findings.broken(&rule::PASSED_OR_FAILED, VERB, expected, got);
    }
}

/// What the learner has reached in this AU and registration, in whichever session (9.3.0.0-6, -7, -8).
fn registration(case: &Case<'_>, findings: &mut Findings<'_>) {
    let reached = case.registration;
    let (rule, earlier, expected) = match case.verb {
        Some(Verb::Completed) => (
            &rule::COMPLETED_ONCE,
            reached.completed.first(),
            "completed at most once in a registration",
        ),
        Some(Verb::Passed) => (
            &rule::PASSED_ONCE,
            reached.passed.first(),
            "passed at most once in a registration",
        ),
        Some(Verb::Failed) => (
            &rule::NO_FAILED_AFTER_PASSED,
            reached.passed.first(),
            "no failed after passed in a registration",
        ),
        Some(
            Verb::Launched
            | Verb::Initialized
            | Verb::Abandoned
            | Verb::Waived
            | Verb::Terminated
            | Verb::Satisfied,
        )
        | None => return,
    };
    if let Some(earlier) = earlier {
        findings.broken_with_detail(
            rule,
            VERB,
            expected,
            case.statement.verb.as_ref(),
            format!(
                "see statement {} of session `{}`",
                earlier.statement, earlier.session
            ),
        );
    }
}

/// Browse and Review know initialized and terminated alone.
fn mode(case: &Case<'_>, findings: &mut Findings<'_>) {
    let rule = match case.launch.mode {
        LaunchMode::Normal => return,
        LaunchMode::Browse => &rule::BROWSE_MODE,
        LaunchMode::Review => &rule::REVIEW_MODE,
    };
    match case.verb {
        Some(Verb::Initialized | Verb::Terminated) => {}
        Some(
            Verb::Launched
            | Verb::Completed
            | Verb::Passed
            | Verb::Failed
            | Verb::Abandoned
            | Verb::Waived
            | Verb::Satisfied,
        )
        | None => findings.broken(
            rule,
            VERB,
            format!(
                "initialized or terminated in a session launched as {}",
                case.launch.mode.as_str()
            ),
            case.statement.verb.as_ref(),
        ),
    }
}
