//! Rules for every statement of a session, cmi5 defined or allowed.

use crate::rule::Applies::Statement;
use crate::rule::Force::{Always, ByPolicy};
use crate::rule::Rule;
use crate::rule::Side::{Au, Lms};

pub static NO_VOIDING: Rule = Rule {
    id: "6.3.0.0-1",
    derived: &[],
    summary: "An AU voids nothing.",
    hint: "leave voiding to the LMS; send a corrected statement instead",
    applies: Statement,
    sides: &[Au],
    force: Always,
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

pub static ALLOWED_IN_BETWEEN: Rule = Rule {
    id: "7.1.3.0-1",
    derived: &["d1", "d2"],
    summary: "cmi5 allowed statements lie between initialized and terminated.",
    hint: "send your own statements after initialized and before terminated",
    applies: Statement,
    sides: &[Au],
    force: ByPolicy,
};

pub static ACTOR_IS_LAUNCHED: Rule = Rule {
    id: "8.1.3.0-3",
    derived: &["d"],
    summary: "The actor is the learner of the launch.",
    hint: "use the `actor` of the launch URL as it is",
    applies: Statement,
    sides: &[Au, Lms],
    force: ByPolicy,
};

pub static ID_GIVEN: Rule = Rule {
    id: "9.1.0.0-1",
    derived: &["d"],
    summary: "The AU gives each statement an id.",
    hint: "make a random UUID for each statement and keep it when sending again",
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

pub static NOTHING_AFTER_ABANDONED: Rule = Rule {
    id: "9.3.6.0-2",
    derived: &["d1", "d2"],
    summary: "Nothing is taken after abandoned.",
    hint: "launch the AU again",
    applies: Statement,
    sides: &[Au, Lms],
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

pub static CONTEXT_PRESENT: Rule = Rule {
    id: "9.6.0.0-1",
    derived: &["d"],
    summary: "A statement has a context.",
    hint: "start from a copy of the contextTemplate in LMS.LaunchData",
    applies: Statement,
    sides: &[Au, Lms],
    force: ByPolicy,
};

pub static REGISTRATION_IS_LAUNCHED: Rule = Rule {
    id: "9.6.1.0-1",
    derived: &["d"],
    summary: "The registration of the context is that of the launch.",
    hint: "use the `registration` of the launch URL",
    applies: Statement,
    sides: &[Au, Lms],
    force: ByPolicy,
};

pub static TEMPLATE_ACTIVITIES_KEPT: Rule = Rule {
    id: "9.6.2.0-1",
    derived: &["d"],
    summary: "Every activity of the contextTemplate is in its list, in any position.",
    hint: "keep the lists of the contextTemplate and append your own activities",
    applies: Statement,
    sides: &[Au],
    force: ByPolicy,
};

pub static MOVE_ON_ONLY_WITH_RESULT: Rule = Rule {
    id: "9.6.2.2-2",
    derived: &["d"],
    summary: "Only cmi5 defined statements with success or completion have the moveOn category.",
    hint: "take the moveOn category off this statement",
    applies: Statement,
    sides: &[Au, Lms],
    force: ByPolicy,
};

pub static SESSION_ID_OF_AU: Rule = Rule {
    id: "9.6.3.1-4",
    derived: &["d"],
    summary: "Each statement of an AU has its session id.",
    hint: "take the session id from the contextTemplate of LMS.LaunchData",
    applies: Statement,
    sides: &[Au],
    force: ByPolicy,
};

pub static TIMESTAMP_PRESENT: Rule = Rule {
    id: "9.7.0.0-1",
    derived: &["d"],
    summary: "Each statement comes with its timestamp.",
    hint: "set `timestamp` when the thing happens, not when it is sent",
    applies: Statement,
    sides: &[Au, Lms],
    force: ByPolicy,
};

pub static TIMESTAMP_IN_UTC: Rule = Rule {
    id: "9.7.0.0-2",
    derived: &["d"],
    summary: "Timestamps are in UTC.",
    hint: "write timestamps with `Z` at the end, as Date.toISOString does",
    applies: Statement,
    sides: &[Au, Lms],
    force: ByPolicy,
};

pub static TEMPLATE_KEPT: Rule = Rule {
    id: "10.2.1.0-6",
    derived: &["d"],
    summary: "The context has everything that the contextTemplate has.",
    hint: "start from a copy of the contextTemplate in LMS.LaunchData and add to it",
    applies: Statement,
    sides: &[Au],
    force: ByPolicy,
};

pub static TEMPLATE_NOT_OVERWRITTEN: Rule = Rule {
    id: "10.2.1.0-7",
    derived: &["d"],
    summary: "The context changes nothing of the contextTemplate.",
    hint: "add to the copy of the contextTemplate, and change nothing in it",
    applies: Statement,
    sides: &[Au],
    force: ByPolicy,
};

pub static PREFERENCES_READ: Rule = Rule {
    id: "11.0.0.0-3",
    derived: &["d1", "d2"],
    summary: "The AU asks for the learner preferences before its first statement.",
    hint: "GET the agent profile cmi5LearnerPreferences at the start; a 404 is an answer too",
    applies: Statement,
    sides: &[Au],
    force: ByPolicy,
};
