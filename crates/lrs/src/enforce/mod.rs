//! Enforcing cmi5 on what is written: which session a statement belongs to, what the rules say of it, and what must be
//! committed with it. The rules are `cmi5`'s; this reads the facts for them and turns what they decide into operations.

mod creation;
mod generated;
mod voids;
mod work;

use std::borrow::Cow;

use cmi5::judge::{self, Writer};
use cmi5::{Finding, Incoming, Seen, Verb};
use storage::{Assert, Op};
use uuid::Uuid;
use xapi::Violation;
use xapi::statement::VERB_VOIDED;

use crate::credential::Role;
use crate::event::Event;
use crate::queue::QueueKey;
use crate::sessions::keys;
use crate::{Caller, Error, Lrs, launch, policies};

pub(crate) use creation::{Creation, newest_session};
pub use generated::Generated;
pub(crate) use generated::{Abandoning, abandoned};
pub(crate) use work::Work;

/// One statement of a request, as enforcement sees it.
pub struct Candidate<'c> {
    /// Its index in the request.
    pub index: usize,
    /// The id under which it would be stored.
    pub id: Uuid,
    pub id_given: bool,
    pub seen: &'c Seen<'c>,
    /// Something voids it already, or does in the same request.
    pub voided: bool,
    /// The statement outside of the request that it voids.
    pub voids: Option<Uuid>,
}

/// What the rules come to for a whole request.
#[derive(Default)]
pub struct Ruling {
    pub findings: Vec<Finding>,
    /// To be committed with the statements; meaningless when something is rejected.
    pub asserts: Vec<Assert>,
    pub ops: Vec<Op>,
    /// Statements of the LRS's own to be stored with the request's.
    pub generated: Vec<Generated>,
    /// What to record of the findings.
    pub violations: Vec<Event>,
}

impl Ruling {
    #[must_use]
    pub fn is_rejected(&self) -> bool {
        cmi5::finding::is_rejected(&self.findings)
    }

    /// Everything that is wrong, for the answer to a refused request.
    #[must_use]
    pub fn into_violations(self) -> Vec<Violation> {
        let mut violations: Vec<Violation> = self
            .findings
            .into_iter()
            .map(|finding| finding.violation)
            .collect();
        violations.truncate(xapi::statement::VIOLATIONS_MAX);
        violations
    }

    /// Ids of the broken rules, each once, in the order found: for the header of an accepted request.
    #[must_use]
    pub fn requirements(&self) -> Vec<&'static str> {
        let mut ids: Vec<&'static str> = Vec::new();
        for finding in &self.findings {
            if !ids.contains(&finding.violation.requirement) {
                ids.push(finding.violation.requirement);
            }
        }
        ids
    }
}

/// On which side of cmi5 a caller writes.
#[must_use]
pub fn writer(caller: &Caller) -> Writer {
    match (&caller.session, caller.credential.role) {
        (Some(_), _) => Writer::Token,
        (None, Role::Au) => Writer::AuKey,
        (None, Role::Lms | Role::LmsAu) => Writer::LmsKey,
    }
}

/// Whether a statement is anything to cmi5 when a key writes it. A session's token and an AU's key are always judged.
#[must_use]
pub fn concerns(seen: &Seen<'_>) -> bool {
    seen.is_defined() || names_session(seen) || seen.verb == VERB_VOIDED
}

fn names_session(seen: &Seen<'_>) -> bool {
    seen.context
        .as_ref()
        .is_some_and(|context| context.extension(cmi5::vocabulary::SESSION_ID).is_some())
}

/// The session to which a statement belongs, whether the store knows it or not: the token's, or the one it names.
fn session_of<'s>(caller: &'s Caller, seen: &'s Seen<'_>) -> Option<Cow<'s, str>> {
    match &caller.session {
        Some(session) => Some(Cow::Borrowed(&session.id)),
        None => seen.session(),
    }
}

/// Turns to wait for: statements that may move a session queue for it, others do not.
#[must_use]
pub fn turns(caller: &Caller, seen: &[Option<Seen<'_>>]) -> Vec<QueueKey> {
    let tenant = caller.tenant();
    let verbs = seen.iter().flatten().filter_map(|seen| {
        let verb = Verb::parse(&seen.verb)?;
        Some((seen, verb))
    });
    let mut turns = Vec::new();
    for (seen, verb) in verbs {
        let session = session_of(caller, seen).filter(|id| keys::is_usable(id));
        turns.extend(session.map(|id| QueueKey::Record(tenant, keys::session(&id))));
        if counts(verb) {
            let registration = seen.context.as_ref().and_then(|of| of.registration.value());
            turns.extend(registration.map(|id| launch::turn(tenant, id)));
        }
    }
    turns
}

/// Whether a statement with this verb may satisfy something: AUs of one registration count in the same blocks.
fn counts(verb: Verb) -> bool {
    match verb {
        Verb::Completed | Verb::Passed | Verb::Waived => true,
        Verb::Launched
        | Verb::Initialized
        | Verb::Failed
        | Verb::Abandoned
        | Verb::Terminated
        | Verb::Satisfied => false,
    }
}

/// Which facts about a token's session its statements are judged by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// Those that the token was checked with. Another request may have changed them since: a commit finds that out, a
    /// refusal would not.
    OfToken,
    Fresh,
}

/// Judges the statements of a request, session by session.
///
/// # Errors
/// When the store cannot be read. That rules are broken is no error here: it is in the ruling.
pub fn rule(
    lrs: &Lrs,
    caller: &Caller,
    candidates: &[Candidate<'_>],
    reading: Reading,
) -> Result<Ruling, Error> {
    let policies = policies::of(lrs, caller.tenant())?;
    let writer = writer(caller);
    let mut work = Work::new(lrs, caller, &policies, reading);
    let mut sessions: Vec<(Option<String>, Vec<&Candidate<'_>>)> = Vec::new();
    for candidate in candidates {
        let incoming = incoming(candidate, writer);
        if let Some(finding) = judge::closed(&incoming) {
            let launch = caller
                .session
                .as_ref()
                .map(|session| &*session.known.launch);
            work.found(finding, launch, Some(candidate));
            continue;
        }
        if candidate.seen.verb == VERB_VOIDED {
            voids::undo(&mut work, candidate)?;
            continue;
        }
        if caller.session.is_none() && !concerns(candidate.seen) {
            // An AU's key writes plain xAPI as any other does.
            continue;
        }
        let id = session_of(caller, candidate.seen).map(Cow::into_owned);
        match sessions.iter_mut().find(|(known, _)| *known == id) {
            Some((_, group)) => group.push(candidate),
            None => sessions.push((id, vec![candidate])),
        }
    }
    // A launch looks at the session before it, which this request may decide on too.
    sessions.sort_by_key(|(_, group)| {
        group
            .iter()
            .any(|candidate| Verb::parse(&candidate.seen.verb) == Some(Verb::Launched))
    });
    for (id, group) in sessions {
        let incoming: Vec<Incoming<'_>> = group
            .iter()
            .map(|candidate| incoming(candidate, writer))
            .collect();
        work.judge(id.as_deref(), &group, &incoming)?;
    }
    work.roll_up(candidates)?;
    Ok(work.finish())
}

fn incoming<'c>(candidate: &Candidate<'c>, writer: Writer) -> Incoming<'c> {
    Incoming {
        seen: candidate.seen,
        index: candidate.index,
        id: candidate.id,
        id_given: candidate.id_given,
        writer,
        voided: candidate.voided,
    }
}
