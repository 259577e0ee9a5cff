//! Rules for the statements that an LMS writes for itself.

use crate::rule::Applies::LmsStatement;
use crate::rule::Force::ByPolicy;
use crate::rule::Rule;
use crate::rule::Side::Lms;

pub static ABANDONED_ONCE: Rule = Rule {
    id: "9.3.0.0-10",
    derived: &["d"],
    summary: "Abandoned comes once in a session.",
    hint: "look at the session's state first",
    applies: LmsStatement,
    sides: &[Lms],
    force: ByPolicy,
};

pub static WAIVED_ONCE: Rule = Rule {
    id: "9.3.0.0-11",
    derived: &["d1"],
    summary: "An AU is waived once in a session and once in a registration.",
    hint: "ask for the statements of the registration first",
    applies: LmsStatement,
    sides: &[Lms],
    force: ByPolicy,
};

pub static LAUNCHED_BEFORE: Rule = Rule {
    id: "9.3.1.0-1",
    derived: &[],
    summary: "Launched is recorded before the AU starts.",
    hint: "store launched before opening the launch URL",
    applies: LmsStatement,
    sides: &[Lms],
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

pub static WAIVED_HAS_REASON: Rule = Rule {
    id: "9.3.7.0-2",
    derived: &["d"],
    summary: "Waived gives a reason.",
    hint: "put the reason into the result extension `reason`",
    applies: LmsStatement,
    sides: &[Lms],
    force: ByPolicy,
};

pub static WAIVED_HAS_OWN_SESSION: Rule = Rule {
    id: "9.3.7.0-3",
    derived: &[],
    summary: "Waived has a session id of its own, which satisfied alone may share.",
    hint: "make a new session id for each waived",
    applies: LmsStatement,
    sides: &[Lms],
    force: ByPolicy,
};

pub static WAIVED_ONCE_IN_REGISTRATION: Rule = Rule {
    id: "9.3.7.0-4",
    derived: &["d"],
    summary: "An AU is waived once in a registration.",
    hint: "ask for the statements of the registration first",
    applies: LmsStatement,
    sides: &[Lms],
    force: ByPolicy,
};

pub static SATISFIED_BLOCK: Rule = Rule {
    id: "9.3.9.0-2",
    derived: &[],
    summary: "The object of satisfied is a block, by its type.",
    hint: "set `object.definition.type` to the block or course type of cmi5",
    applies: LmsStatement,
    sides: &[Lms],
    force: ByPolicy,
};

pub static BLOCK_ID_OF_LMS: Rule = Rule {
    id: "9.3.9.0-4",
    derived: &[],
    summary: "A block's id is the LMS's, not the publisher's.",
    hint: "make an id for each block of each registered course",
    applies: LmsStatement,
    sides: &[Lms],
    force: ByPolicy,
};

pub static SATISFIED_COURSE: Rule = Rule {
    id: "9.3.9.0-6",
    derived: &[],
    summary: "The object of satisfied is a course, by its type, if it is no block.",
    hint: "set `object.definition.type` to the block or course type of cmi5",
    applies: LmsStatement,
    sides: &[Lms],
    force: ByPolicy,
};

pub static COURSE_ID_OF_LMS: Rule = Rule {
    id: "9.3.9.0-8",
    derived: &[],
    summary: "A course's id is the LMS's, not the publisher's.",
    hint: "make an id for each registered course",
    applies: LmsStatement,
    sides: &[Lms],
    force: ByPolicy,
};

pub static SATISFIED_HAS_SESSION: Rule = Rule {
    id: "9.3.9.0-9",
    derived: &[],
    summary: "Satisfied has the session id of the launch that brought it about.",
    hint: "copy the session id of the launch, or make one if there was none",
    applies: LmsStatement,
    sides: &[Lms],
    force: ByPolicy,
};

pub static ABANDONED_DURATION: Rule = Rule {
    id: "9.5.4.2-1",
    derived: &[],
    summary: "Abandoned has a duration.",
    hint: "give the time from launched to the AU's last statement",
    applies: LmsStatement,
    sides: &[Lms],
    force: ByPolicy,
};

pub static REASON_IS_SET: Rule = Rule {
    id: "9.5.5.2-1",
    derived: &[],
    summary: "Waived has the extension reason, a text.",
    hint: "say `Tested Out`, `Equivalent AU`, `Equivalent Outside Activity` or `Administrative`",
    applies: LmsStatement,
    sides: &[Lms],
    force: ByPolicy,
};

pub static CMI5_CATEGORY: Rule = Rule {
    id: "9.6.2.1-1",
    derived: &[],
    summary: "cmi5 defined statements have the cmi5 category.",
    hint: "add the cmi5 activity to `context.contextActivities.category`",
    applies: LmsStatement,
    sides: &[Lms],
    force: ByPolicy,
};

pub static PUBLISHER_IN_GROUPING: Rule = Rule {
    id: "9.6.2.3-2",
    derived: &[],
    summary: "An LMS's own statements have the publisher id in grouping.",
    hint: "copy the grouping list of the contextTemplate",
    applies: LmsStatement,
    sides: &[Lms],
    force: ByPolicy,
};

pub static SESSION_ID_OF_LMS: Rule = Rule {
    id: "9.6.3.1-3",
    derived: &[],
    summary: "An LMS's own statements have the session id.",
    hint: "copy the session id of the launch data",
    applies: LmsStatement,
    sides: &[Lms],
    force: ByPolicy,
};

pub static LAUNCHED_MASTERY_SCORE: Rule = Rule {
    id: "9.6.3.2-1",
    derived: &[],
    summary: "Launched has the mastery score that the launch data have.",
    hint: "copy `masteryScore` into the context extension",
    applies: LmsStatement,
    sides: &[Lms],
    force: ByPolicy,
};

pub static LAUNCHED_MODE: Rule = Rule {
    id: "9.6.3.3-1",
    derived: &[],
    summary: "Launched has the launch mode.",
    hint: "copy `launchMode` into the context extension",
    applies: LmsStatement,
    sides: &[Lms],
    force: ByPolicy,
};

pub static LAUNCHED_URL: Rule = Rule {
    id: "9.6.3.4-1",
    derived: &[],
    summary: "Launched has the URL of the launch without its launch parameters.",
    hint: "give the AU's URL without endpoint, fetch, actor, registration and activityId",
    applies: LmsStatement,
    sides: &[Lms],
    force: ByPolicy,
};

pub static LAUNCHED_MOVE_ON: Rule = Rule {
    id: "9.6.3.6-1",
    derived: &[],
    summary: "Launched has moveOn.",
    hint: "copy `moveOn` into the context extension",
    applies: LmsStatement,
    sides: &[Lms],
    force: ByPolicy,
};

pub static LAUNCHED_PARAMETERS: Rule = Rule {
    id: "9.6.3.7-1",
    derived: &[],
    summary: "Launched has the launch parameters that the launch data have.",
    hint: "copy `launchParameters` into the context extension",
    applies: LmsStatement,
    sides: &[Lms],
    force: ByPolicy,
};
