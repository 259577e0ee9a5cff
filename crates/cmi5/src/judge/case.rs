//! What a rule sees of a statement, and where it says that something is wrong.

use xapi::Violation;

use super::{Facts, Incoming, Judged};
use crate::finding::{Decision, Finding, is_rejected};
use crate::launch::Launch;
use crate::policy::{Policies, Policy};
use crate::registration::AuRegistration;
use crate::rule::{Rule, Side};
use crate::seen::{Frame, Member, Seen};
use crate::session::Session;
use crate::vocabulary::Verb;

/// What was sent where something is missing.
pub(super) const NOTHING: &str = "nothing";

/// The context of a statement without one.
static NO_CONTEXT: Frame<'static> = Frame {
    registration: Member::Absent,
    parent: Vec::new(),
    grouping: Vec::new(),
    category: Vec::new(),
    other: Vec::new(),
    extensions: Vec::new(),
    has_context_agents: false,
};

/// One statement in its turn: the session and the registration are as those before it have left them.
pub(crate) struct Case<'c> {
    pub(crate) launch: &'c Launch,
    pub(crate) session: &'c Session,
    pub(crate) registration: &'c AuRegistration,
    pub(crate) latest: Option<i64>,
    pub(crate) policies: &'c Policies,
    pub(crate) now: i64,
    pub(crate) incoming: &'c Incoming<'c>,
    pub(crate) statement: &'c Seen<'c>,
    /// Its verb, when it is one of cmi5.
    pub(crate) verb: Option<Verb>,
    /// It has the cmi5 category.
    pub(crate) is_defined: bool,
    /// Its timestamp, or the request's time when it has none that is valid.
    pub(crate) timestamp: i64,
}

impl<'c> Case<'c> {
    pub(super) fn new(
        facts: &'c Facts<'_>,
        judged: &'c Judged,
        incoming: &'c Incoming<'c>,
    ) -> Self {
        Self {
            launch: facts.launch,
            session: &judged.session,
            registration: &judged.registration,
            latest: judged.latest,
            policies: facts.policies,
            now: facts.now,
            incoming,
            statement: incoming.seen,
            verb: Verb::parse(&incoming.seen.verb),
            is_defined: incoming.seen.is_defined(),
            timestamp: timestamp(incoming, facts.now),
        }
    }

    /// The context; an absent one is an empty one.
    pub(crate) fn context(&self) -> &Frame<'c> {
        context(self.statement)
    }

    /// It is cmi5 defined and has this verb.
    pub(crate) fn says(&self, verb: Verb) -> bool {
        self.is_defined && self.verb == Some(verb)
    }
}

/// A statement's context; an absent one is an empty one.
pub(super) fn context<'s, 'c>(statement: &'s Seen<'c>) -> &'s Frame<'c> {
    statement.context.as_ref().unwrap_or(&NO_CONTEXT)
}

/// A statement's own timestamp, or the time of the request.
pub(super) fn timestamp(incoming: &Incoming<'_>, now: i64) -> i64 {
    incoming.seen.timestamp.value().map_or(now, |at| at.micros)
}

/// Where checks put what they find. A rule that is off finds nothing.
pub(crate) struct Findings<'f> {
    policies: &'f Policies,
    side: Side,
    index: usize,
    list: Vec<Finding>,
    /// Rules whose violation is no mere warning.
    broken: Vec<&'static Rule>,
}

impl<'f> Findings<'f> {
    pub(super) fn new(policies: &'f Policies, side: Side, index: usize) -> Self {
        Self {
            policies,
            side,
            index,
            list: Vec::new(),
            broken: Vec::new(),
        }
    }

    /// The rule is broken: what was expected at this JSON pointer, and what was there.
    pub(crate) fn broken(
        &mut self,
        rule: &'static Rule,
        pointer: impl Into<String>,
        expected: impl Into<String>,
        got: impl Into<String>,
    ) {
        let violation = Violation::new(rule.id, pointer, expected, got);
        self.push(rule, violation);
    }

    /// As [`Findings::broken`], with a word more, such as what was probably meant.
    pub(crate) fn broken_with_detail(
        &mut self,
        rule: &'static Rule,
        pointer: impl Into<String>,
        expected: impl Into<String>,
        got: impl Into<String>,
        detail: impl Into<String>,
    ) {
        let violation = Violation::new(rule.id, pointer, expected, got).with_detail(detail);
        self.push(rule, violation);
    }

    /// The other side broke it: recorded at most, whatever the policy, since this statement's sender is not to blame.
    pub(crate) fn reported(&mut self, rule: &'static Rule, side: Side, violation: Violation) {
        if self.policies.of(side, rule) != Policy::Off {
            self.list.push(Finding {
                violation: violation.in_statement(self.index),
                side,
                decision: Decision::Flagged,
            });
        }
    }

    /// Worth knowing, and no reason to refuse: recorded at most, whatever the policy.
    pub(crate) fn warned(
        &mut self,
        rule: &'static Rule,
        pointer: impl Into<String>,
        expected: impl Into<String>,
        got: impl Into<String>,
    ) {
        let violation = Violation::new(rule.id, pointer, expected, got);
        self.reported(rule, self.side, violation);
    }

    /// As [`Findings::broken`], for what no policy opens.
    pub(super) fn refused(&mut self, rule: &'static Rule, violation: Violation) {
        self.decided(rule, violation, Decision::Rejected);
    }

    /// As [`Findings::broken`], where something else than the rule's policy has decided.
    pub(super) fn decided(
        &mut self,
        rule: &'static Rule,
        violation: Violation,
        decision: Decision,
    ) {
        self.broken.push(rule);
        self.list.push(Finding {
            violation: violation.in_statement(self.index),
            side: self.side,
            decision,
        });
    }

    fn push(&mut self, rule: &'static Rule, violation: Violation) {
        if let Some(decision) = Decision::of(self.policies.of(self.side, rule)) {
            self.decided(rule, violation, decision);
        }
    }

    /// Whether one of these rules is broken.
    pub(super) fn breaks(&self, rules: &[&'static Rule]) -> bool {
        self.broken.iter().any(|broken| rules.contains(broken))
    }

    /// Whether the statement must not be stored.
    pub(super) fn is_rejected(&self) -> bool {
        is_rejected(&self.list)
    }

    /// Nothing was found but warnings.
    pub(super) fn is_clean(&self) -> bool {
        self.broken.is_empty()
    }

    pub(super) fn into_list(self) -> Vec<Finding> {
        self.list
    }
}
