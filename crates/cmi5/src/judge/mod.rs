//! Judging what is written to one session: statements in the order of their timestamps, each seeing the effect of
//! those before it, all violations at once. `effect` says how a statement moves the session; the rules themselves are
//! in `common`, `template`, `order`, `defined`, `result` and `lms`; `outside` is for statements of no known session.

mod case;
mod closed;
mod common;
mod defined;
mod effect;
mod equal;
mod lms;
mod near_miss;
mod order;
mod outside;
mod result;
mod sequence;
mod template;
#[cfg(test)]
mod tests;

use uuid::Uuid;
use xapi::Violation;

use crate::finding::Finding;
use crate::launch::Launch;
use crate::policy::Policies;
use crate::registration::AuRegistration;
use crate::rule::{self, Side};
use crate::seen::Seen;
use crate::session::Session;
use crate::vocabulary::Verb;

pub(crate) use case::{Case, Findings};
pub use closed::closed;
pub use outside::{Outside, outside};

/// What is known of a session when a request comes.
#[derive(Debug, Clone)]
pub struct Facts<'f> {
    pub launch: &'f Launch,
    pub session: &'f Session,
    pub registration: &'f AuRegistration,
    /// The latest timestamp of the AU's statements so far, microseconds since 1970.
    pub latest: Option<i64>,
    pub policies: &'f Policies,
    /// The request's time, read once: microseconds since 1970.
    pub now: i64,
}

/// One statement of the request that belongs to the session.
#[derive(Debug, Clone)]
pub struct Incoming<'i> {
    pub seen: &'i Seen<'i>,
    /// Its index in the request.
    pub index: usize,
    /// The id under which it is stored.
    pub id: Uuid,
    /// The sender gave it that id, in the statement or by a PUT's `statementId`.
    pub id_given: bool,
    pub writer: Writer,
    /// A statement that voids it is there already: it sets nothing.
    pub voided: bool,
}

/// Whose credentials wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writer {
    /// The session's token.
    Token,
    /// A key of role `au`.
    AuKey,
    /// A key of role `lms` or `lms+au`.
    LmsKey,
}

/// What judging comes to. With a rejected finding nothing of it may be stored.
#[derive(Debug, Clone)]
pub struct Judged {
    /// In the order of the request's statements, and for each in the order of the rules.
    pub findings: Vec<Finding>,
    /// The session and the registration as they are afterwards.
    pub session: Session,
    pub registration: AuRegistration,
    /// Latest timestamp of the AU's statements, these included.
    pub latest: Option<i64>,
    /// What happened, in the order of judgement.
    pub outcomes: Vec<Outcome>,
}

/// Something that a statement brought about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// Its index in the request.
    pub index: usize,
    pub verb: Verb,
}

impl Judged {
    #[must_use]
    pub fn is_rejected(&self) -> bool {
        crate::finding::is_rejected(&self.findings)
    }
}

impl Incoming<'_> {
    /// Whose rules and policy hold for it.
    #[must_use]
    pub fn side(&self) -> Side {
        match (self.writer, Verb::parse(&self.seen.verb)) {
            (
                Writer::LmsKey,
                Some(Verb::Launched | Verb::Abandoned | Verb::Waived | Verb::Satisfied),
            ) => Side::Lms,
            (Writer::Token | Writer::AuKey | Writer::LmsKey, _) => Side::Au,
        }
    }
}

/// Judges the request's statements of one session. An LMS's statement that only voids is the caller's to leave out.
/// What [`closed`] finds is found here too.
#[must_use]
pub fn judge(facts: &Facts<'_>, statements: &[Incoming<'_>]) -> Judged {
    let mut judged = Judged {
        findings: Vec::new(),
        session: facts.session.clone(),
        registration: facts.registration.clone(),
        latest: facts.latest,
        outcomes: Vec::new(),
    };
    for incoming in sequence::by_timestamp(statements) {
        judge_one(facts, incoming, &mut judged);
    }
    // Judged by time, told by place: whoever reads the answer counts from the top.
    judged
        .findings
        .sort_by_key(|finding| finding.violation.statement);
    judged
}

fn judge_one(facts: &Facts<'_>, incoming: &Incoming<'_>, judged: &mut Judged) {
    let side = incoming.side();
    let mut findings = Findings::new(facts.policies, side, incoming.index);
    let case = Case::new(facts, judged, incoming);
    match side {
        Side::Au => {
            common::check(&case, &mut findings);
            order::check(&case, &mut findings);
            if case.is_defined {
                defined::check(&case, &mut findings);
                result::check(&case, &mut findings);
            }
        }
        Side::Lms => lms::check(&case, &mut findings),
    }
    let was_reported = judged.session.unlaunched_reported;
    effect::apply(facts, incoming, &findings, judged);
    if judged.session.unlaunched_reported && !was_reported && !findings.is_rejected() {
        let rule = &rule::LAUNCHED_BEFORE;
        let expected = "launched by the LMS before initialized";
        let violation = Violation::new(rule.id, "", expected, "no launched in this session");
        findings.reported(rule, Side::Lms, violation);
    }
    judged.findings.extend(findings.into_list());
}
