//! How a statement moves its session and registration, given what was found wrong with it. A flagged completed,
//! passed or failed sets nothing; a flagged initialized or terminated still moves the state, unless it is a duplicate,
//! out of order or by another actor.

use super::{Facts, Findings, Incoming, Judged, Outcome, case};
use crate::registration::{MARKS_MAX, Mark, mark};
use crate::rule::{self, Rule, Side};
use crate::session::{AbandonedBy, State};
use crate::vocabulary::Verb;

/// Broken ones of these keep a statement from moving the session: a duplicate, out of order, or by another actor.
static HOLD_BACK: [&Rule; 10] = [
    &rule::ACTOR_IS_LAUNCHED,
    &rule::NOTHING_BEFORE_INITIALIZED,
    &rule::INITIALIZED_FIRST,
    &rule::TERMINATED_LAST,
    &rule::REFUSED_AFTER_TERMINATED,
    &rule::NOTHING_AFTER_ABANDONED,
    &rule::NO_VERB_TWICE,
    &rule::INITIALIZED_ONCE,
    &rule::LAUNCHED_ONCE,
    &rule::ABANDONED_ONCE,
];

/// Broken ones of these keep `waived` from setting anything: it was set before, or the AU is another.
static KEEP_UNWAIVED: [&Rule; 5] = [
    &rule::WAIVED_ONCE,
    &rule::WAIVED_ONCE_IN_REGISTRATION,
    &rule::ACTOR_IS_LAUNCHED,
    &rule::REGISTRATION_IS_LAUNCHED,
    &rule::OBJECT_IS_LAUNCHED,
];

pub(super) fn apply(
    facts: &Facts<'_>,
    incoming: &Incoming<'_>,
    findings: &Findings<'_>,
    judged: &mut Judged,
) {
    let side = incoming.side();
    let timestamp = case::timestamp(incoming, facts.now);
    match side {
        Side::Au => judged.latest = judged.latest.max(Some(timestamp)),
        Side::Lms => {}
    }
    let Some(verb) = Verb::parse(&incoming.seen.verb) else {
        return;
    };
    if side == Side::Au && !incoming.seen.is_defined() {
        return;
    }
    let moves = !findings.breaks(&HOLD_BACK);
    let sets = findings.is_clean() && !incoming.voided;
    let happened = match (side, verb) {
        (Side::Au, Verb::Initialized) => moves && initialize(judged, timestamp, facts.now),
        (Side::Au, Verb::Terminated) => moves && terminate(judged, incoming, timestamp, facts.now),
        (Side::Au, Verb::Completed | Verb::Passed | Verb::Failed) => {
            sets && reach(judged, facts, incoming, verb, timestamp)
        }
        (Side::Au, Verb::Launched | Verb::Abandoned | Verb::Waived | Verb::Satisfied) => false,
        (Side::Lms, Verb::Launched) => moves && launch(judged, incoming),
        (Side::Lms, Verb::Abandoned) => moves && abandon(judged, incoming, facts.now),
        (Side::Lms, Verb::Waived) => {
            !incoming.voided
                && !findings.breaks(&KEEP_UNWAIVED)
                && waive(judged, facts, incoming, timestamp)
        }
        (
            Side::Lms,
            Verb::Initialized
            | Verb::Completed
            | Verb::Passed
            | Verb::Failed
            | Verb::Terminated
            | Verb::Satisfied,
        ) => false,
    };
    if happened {
        judged.outcomes.push(Outcome {
            index: incoming.index,
            verb,
        });
    }
}

fn launch(judged: &mut Judged, incoming: &Incoming<'_>) -> bool {
    let session = &mut judged.session;
    if session.launched.is_some() {
        return false;
    }
    session.launched = Some(incoming.id);
    if session.state == State::Created {
        session.state = State::Launched;
    }
    true
}

fn initialize(judged: &mut Judged, timestamp: i64, now: i64) -> bool {
    let session = &mut judged.session;
    match session.state {
        State::Created | State::Launched => {
            session.unlaunched_reported |= session.launched.is_none();
            session.state = State::Initialized;
            session.initialized = Some(timestamp);
            session.initialized_at = Some(now);
            true
        }
        State::Initialized | State::Terminated | State::Abandoned => false,
    }
}

fn terminate(judged: &mut Judged, incoming: &Incoming<'_>, timestamp: i64, now: i64) -> bool {
    let session = &mut judged.session;
    if session.state.has_ended() {
        return false;
    }
    session.state = State::Terminated;
    session.terminated = Some(timestamp);
    let result = incoming.seen.result.as_ref();
    session.duration = result.and_then(|result| result.duration.value());
    session.ended_at = Some(now);
    true
}

fn abandon(judged: &mut Judged, incoming: &Incoming<'_>, now: i64) -> bool {
    let session = &mut judged.session;
    if session.state.has_ended() {
        return false;
    }
    session.state = State::Abandoned;
    session.abandoned = Some(incoming.id);
    session.abandoned_by = Some(AbandonedBy::Statement);
    session.ended_at = Some(now);
    true
}

fn waive(judged: &mut Judged, facts: &Facts<'_>, incoming: &Incoming<'_>, timestamp: i64) -> bool {
    let new = Mark {
        statement: incoming.id,
        session: facts.launch.session.clone(),
        timestamp,
        scaled: None,
    };
    mark(&mut judged.registration.waived, new);
    true
}

fn reach(
    judged: &mut Judged,
    facts: &Facts<'_>,
    incoming: &Incoming<'_>,
    verb: Verb,
    timestamp: i64,
) -> bool {
    let score = incoming
        .seen
        .result
        .as_ref()
        .and_then(|result| result.score.as_ref());
    let new = Mark {
        statement: incoming.id,
        session: facts.launch.session.clone(),
        timestamp,
        scaled: score.and_then(|score| score.scaled.as_deref().map(str::to_owned)),
    };
    let (session, registration) = (&mut judged.session, &mut judged.registration);
    let (of_session, of_registration) = match verb {
        Verb::Completed => (&mut session.completed, &mut registration.completed),
        Verb::Passed => (&mut session.passed, &mut registration.passed),
        Verb::Failed => (&mut session.failed, &mut registration.failed),
        Verb::Launched
        | Verb::Initialized
        | Verb::Abandoned
        | Verb::Waived
        | Verb::Terminated
        | Verb::Satisfied => return false,
    };
    if of_session.len() < MARKS_MAX {
        of_session.push(new.statement);
    }
    mark(of_registration, new);
    true
}
