//! Every rule. Ids are ADL's where there is one.

use super::Applies::{Cmi5Defined, LmsStatement, Statement};
use super::Force::ByPolicy;
use super::Rule;
use super::Side::{Au, Lms};

pub static ACTOR_IS_LAUNCHED: Rule = Rule {
    id: "8.1.3.0-3",
    derived: &["d"],
    summary: "The actor is the learner of the launch.",
    hint: "use the `actor` of the launch URL as it is",
    applies: Statement,
    sides: &[Au],
    force: ByPolicy,
};
pub static NOTHING_BEFORE_INITIALIZED: Rule = Rule {
    id: "7.1.1.0-1",
    derived: &["d1", "d2"],
    summary: "Nothing comes before initialized, neither in arrival nor by timestamp.",
    hint: "send initialized first, and wait for its answer",
    applies: Statement,
    sides: &[Au],
    force: ByPolicy,
};
pub static INITIALIZED_FIRST: Rule = Rule {
    id: "9.3.0.0-4",
    derived: &["d1", "d2"],
    summary: "Initialized is the first statement of a session.",
    hint: "send initialized first, and wait for its answer",
    applies: Statement,
    sides: &[Au],
    force: ByPolicy,
};
pub static TERMINATED_LAST: Rule = Rule {
    id: "9.3.0.0-5",
    derived: &["d1", "d2"],
    summary: "Terminated is the last statement of a session.",
    hint: "send terminated when everything else has been answered",
    applies: Statement,
    sides: &[Au],
    force: ByPolicy,
};
pub static REFUSED_AFTER_TERMINATED: Rule = Rule {
    id: "9.3.8.0-4",
    derived: &[],
    summary: "Nothing is taken once the time after terminated is over.",
    hint: "send terminated when everything else has been answered",
    applies: Statement,
    sides: &[Au],
    force: ByPolicy,
};
pub static NOTHING_AFTER_ABANDONED: Rule = Rule {
    id: "9.3.6.0-2",
    derived: &["d1", "d2"],
    summary: "Nothing is taken after abandoned.",
    hint: "launch the AU again",
    applies: Statement,
    sides: &[Au, Lms],
    force: ByPolicy,
};
pub static NO_VERB_TWICE: Rule = Rule {
    id: "9.3.0.0-2",
    derived: &["d"],
    summary: "No verb is used twice in a session.",
    hint: "remember what has been sent in this session",
    applies: Cmi5Defined,
    sides: &[Au],
    force: ByPolicy,
};
pub static INITIALIZED_ONCE: Rule = Rule {
    id: "9.3.2.0-3",
    derived: &["d"],
    summary: "Initialized comes once in a session.",
    hint: "remember what has been sent in this session",
    applies: Cmi5Defined,
    sides: &[Au],
    force: ByPolicy,
};
pub static LAUNCHED_ONCE: Rule = Rule {
    id: "9.3.1.0-2",
    derived: &["d"],
    summary: "Launched comes once in a session.",
    hint: "make a new session id for each launch",
    applies: LmsStatement,
    sides: &[Lms],
    force: ByPolicy,
};
pub static ABANDONED_ONCE: Rule = Rule {
    id: "9.3.0.0-10",
    derived: &["d"],
    summary: "Abandoned comes once in a session.",
    hint: "look at the session's state first",
    applies: LmsStatement,
    sides: &[Lms],
    force: ByPolicy,
};

/// All rules, in the order of the specification's sections.
pub static RULES: &[&Rule] = &[
    &NOTHING_BEFORE_INITIALIZED,
    &ACTOR_IS_LAUNCHED,
    &NO_VERB_TWICE,
    &INITIALIZED_FIRST,
    &TERMINATED_LAST,
    &ABANDONED_ONCE,
    &LAUNCHED_ONCE,
    &INITIALIZED_ONCE,
    &NOTHING_AFTER_ABANDONED,
    &REFUSED_AFTER_TERMINATED,
];
