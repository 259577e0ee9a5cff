//! What no policy opens to an AU: voiding, and what an LMS alone says.

use xapi::Violation;
use xapi::statement::VERB_VOIDED;

use super::{Findings, Incoming, Writer};
use crate::finding::{Decision, Finding};
use crate::rule::{self, Rule};
use crate::vocabulary::Verb;

/// What is refused whatever the policies: `voided` by an AU (6.3.0.0-1), and by a key of role `au` also launched,
/// abandoned, waived and satisfied (9.3.0.0-1; a token's are judged by policy). For statements that are neither given
/// to [`super::judge`] nor to [`super::outside`], which look here themselves.
#[must_use]
pub fn closed(incoming: &Incoming<'_>) -> Option<Finding> {
    let (_, violation) = closure(incoming)?;
    Some(Finding {
        violation: violation.in_statement(incoming.index),
        side: incoming.side(),
        decision: Decision::Rejected,
    })
}

pub(super) fn check(incoming: &Incoming<'_>, findings: &mut Findings<'_>) {
    if let Some((rule, violation)) = closure(incoming) {
        findings.refused(rule, violation);
    }
}

/// Whether this is a verb that the key may never write, which needs no other rule then.
pub(super) fn is_verb_of_lms(incoming: &Incoming<'_>) -> bool {
    match (incoming.writer, Verb::parse(&incoming.seen.verb)) {
        (
            Writer::AuKey,
            Some(Verb::Launched | Verb::Abandoned | Verb::Waived | Verb::Satisfied),
        ) => true,
        (Writer::Token | Writer::AuKey | Writer::LmsKey, _) => false,
    }
}

fn closure(incoming: &Incoming<'_>) -> Option<(&'static Rule, Violation)> {
    let verb = incoming.seen.verb.as_ref();
    let is_au = match incoming.writer {
        Writer::Token | Writer::AuKey => true,
        Writer::LmsKey => false,
    };
    let (rule, expected) = if is_au && verb == VERB_VOIDED {
        (&rule::NO_VOIDING, "a verb other than voided")
    } else if is_verb_of_lms(incoming) {
        (&rule::VERB_OF_AU, "a verb that an AU may use")
    } else {
        return None;
    };
    Some((rule, Violation::new(rule.id, "/verb/id", expected, verb)))
}
