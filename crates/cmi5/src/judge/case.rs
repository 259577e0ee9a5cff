//! What a rule sees of a statement, and where it says that something is wrong.

use xapi::Violation;

use super::{Facts, Incoming, Judged};
use crate::finding::{Decision, Finding};
use crate::launch::Launch;
use crate::policy::{Policies, Policy};
use crate::registration::AuRegistration;
use crate::rule::{Rule, Side};
use crate::seen::{Frame, Seen};
use crate::session::Session;

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
            timestamp: timestamp(incoming, facts.now),
        }
    }

    /// The context; an absent one is an empty one.
    pub(crate) fn context(&self) -> Option<&'c Frame<'c>> {
        self.statement.context.as_ref()
    }
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
        self.push(rule, self.side, violation);
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
        self.push(rule, self.side, violation);
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

    fn push(&mut self, rule: &'static Rule, side: Side, violation: Violation) {
        let Some(decision) = Decision::of(self.policies.of(side, rule)) else {
            return;
        };
        self.broken.push(rule);
        self.list.push(Finding {
            violation: violation.in_statement(self.index),
            side,
            decision,
        });
    }

    /// Whether one of these rules is broken.
    pub(super) fn breaks(&self, rules: &[&'static Rule]) -> bool {
        self.broken.iter().any(|broken| rules.contains(broken))
    }

    /// Nothing was found but warnings.
    pub(super) fn is_clean(&self) -> bool {
        self.broken.is_empty()
    }

    pub(super) fn into_list(self) -> Vec<Finding> {
        self.list
    }
}
