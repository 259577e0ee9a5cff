//! Rules for cmi5 defined statements.

use crate::rule::Applies::Cmi5Defined;
use crate::rule::Force::ByPolicy;
use crate::rule::Rule;
use crate::rule::Side::{Au, Lms};

pub static OBJECT_IS_ACTIVITY_ID: Rule = Rule {
    id: "8.1.5.0-6",
    derived: &["d"],
    summary: "The object of a cmi5 defined statement is the activityId of the launch.",
    hint: "use the `activityId` of the launch URL, not the id of the course structure",
    applies: Cmi5Defined,
    sides: &[Au],
    force: ByPolicy,
};

pub static ACTOR_IS_AGENT: Rule = Rule {
    id: "9.2.0.0-2",
    derived: &[],
    summary: "The actor of a cmi5 defined statement is an Agent.",
    hint: "use the `actor` of the launch URL as it is",
    applies: Cmi5Defined,
    sides: &[Au, Lms],
    force: ByPolicy,
};

pub static ACTOR_HAS_ACCOUNT: Rule = Rule {
    id: "9.2.0.0-3",
    derived: &[],
    summary: "The actor is identified by an account.",
    hint: "identify learners by `account`, with homePage and name",
    applies: Cmi5Defined,
    sides: &[Au, Lms],
    force: ByPolicy,
};

pub static VERB_OF_AU: Rule = Rule {
    id: "9.3.0.0-1",
    derived: &[],
    summary: "An AU uses initialized, completed, passed, failed and terminated, exactly as they are written.",
    hint: "copy the verb id from the specification; send other verbs without the cmi5 category",
    applies: Cmi5Defined,
    sides: &[Au],
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

pub static PASSED_OR_FAILED: Rule = Rule {
    id: "9.3.0.0-3",
    derived: &["d"],
    summary: "A session has passed or failed, not both.",
    hint: "decide once in a session; launch again for another try",
    applies: Cmi5Defined,
    sides: &[Au],
    force: ByPolicy,
};

pub static COMPLETED_ONCE: Rule = Rule {
    id: "9.3.0.0-6",
    derived: &["d1", "d2"],
    summary: "A learner completes an AU once in a registration.",
    hint: "ask for earlier statements of the registration before sending completed",
    applies: Cmi5Defined,
    sides: &[Au],
    force: ByPolicy,
};

pub static PASSED_ONCE: Rule = Rule {
    id: "9.3.0.0-7",
    derived: &["d1", "d2"],
    summary: "A learner passes an AU once in a registration.",
    hint: "ask for earlier statements of the registration before sending passed",
    applies: Cmi5Defined,
    sides: &[Au],
    force: ByPolicy,
};

pub static NO_FAILED_AFTER_PASSED: Rule = Rule {
    id: "9.3.0.0-8",
    derived: &["d"],
    summary: "Nobody fails an AU after passing it in the same registration.",
    hint: "ask for earlier statements of the registration before sending failed",
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

pub static PASSED_REACHES_MASTERY: Rule = Rule {
    id: "9.3.4.0-2",
    derived: &["d1", "d2"],
    summary: "The scaled score of passed reaches the mastery score.",
    hint: "compare the scaled score with `masteryScore` of LMS.LaunchData before choosing the verb",
    applies: Cmi5Defined,
    sides: &[Au],
    force: ByPolicy,
};

pub static FAILED_BELOW_MASTERY: Rule = Rule {
    id: "9.3.5.0-2",
    derived: &["d"],
    summary: "The scaled score of failed is below the mastery score.",
    hint: "compare the scaled score with `masteryScore` of LMS.LaunchData before choosing the verb",
    applies: Cmi5Defined,
    sides: &[Au],
    force: ByPolicy,
};

pub static OBJECT_IS_LAUNCHED: Rule = Rule {
    id: "9.4.0.0-1",
    derived: &["d"],
    summary: "The object is the AU as it was launched.",
    hint: "use the `activityId` of the launch URL, not the id of the course structure",
    applies: Cmi5Defined,
    sides: &[Au, Lms],
    force: ByPolicy,
};

pub static SCORE_AGREES_WITH_MASTERY: Rule = Rule {
    id: "9.5.1.0-1",
    derived: &[],
    summary: "A score and its verb agree with the mastery score.",
    hint: "compare the scaled score with `masteryScore` of LMS.LaunchData before choosing the verb",
    applies: Cmi5Defined,
    sides: &[Au],
    force: ByPolicy,
};

pub static SCORE_WITH_JUDGEMENT: Rule = Rule {
    id: "9.5.1.0-2",
    derived: &["d"],
    summary: "Only passed and failed have a score.",
    hint: "leave `score` out of this statement",
    applies: Cmi5Defined,
    sides: &[Au, Lms],
    force: ByPolicy,
};

pub static RAW_WITH_BOUNDS: Rule = Rule {
    id: "9.5.1.0-3",
    derived: &["d1", "d2"],
    summary: "A raw score comes with min and max.",
    hint: "give `min` and `max` beside `raw`, also for a raw score of 0",
    applies: Cmi5Defined,
    sides: &[Au, Lms],
    force: ByPolicy,
};

pub static RAW_WITHIN_BOUNDS: Rule = Rule {
    id: "9.5.1/raw",
    derived: &[],
    summary: "A raw score lies between min and max.",
    hint: "check `raw` against `min` and `max`",
    applies: Cmi5Defined,
    sides: &[Au, Lms],
    force: ByPolicy,
};

pub static SCALED_WITHIN_BOUNDS: Rule = Rule {
    id: "9.5.1/scaled",
    derived: &[],
    summary: "A scaled score lies between 0 and 1.",
    hint: "scale to 0 to 1; cmi5 knows no negative scores",
    applies: Cmi5Defined,
    sides: &[Au, Lms],
    force: ByPolicy,
};

pub static SUCCESS_TRUE: Rule = Rule {
    id: "9.5.2.0-1",
    derived: &["d1", "d2"],
    summary: "Success is true with passed and waived.",
    hint: "set `result.success` to true",
    applies: Cmi5Defined,
    sides: &[Au, Lms],
    force: ByPolicy,
};

pub static SUCCESS_FALSE: Rule = Rule {
    id: "9.5.2.0-2",
    derived: &["d"],
    summary: "Success is false with failed.",
    hint: "set `result.success` to false",
    applies: Cmi5Defined,
    sides: &[Au],
    force: ByPolicy,
};

pub static SUCCESS_ELSEWHERE: Rule = Rule {
    id: "9.5.2.0-3",
    derived: &["d"],
    summary: "Other statements have no success.",
    hint: "leave `success` out of this statement",
    applies: Cmi5Defined,
    sides: &[Au, Lms],
    force: ByPolicy,
};

pub static COMPLETION_TRUE: Rule = Rule {
    id: "9.5.3.0-1",
    derived: &["d1", "d2"],
    summary: "Completion is true with completed and waived.",
    hint: "set `result.completion` to true",
    applies: Cmi5Defined,
    sides: &[Au, Lms],
    force: ByPolicy,
};

pub static COMPLETION_ELSEWHERE: Rule = Rule {
    id: "9.5.3.0-2",
    derived: &["d"],
    summary: "Other statements have no completion.",
    hint: "leave `completion` out of this statement; send completed for it",
    applies: Cmi5Defined,
    sides: &[Au, Lms],
    force: ByPolicy,
};

pub static TERMINATED_DURATION: Rule = Rule {
    id: "9.5.4.1-1",
    derived: &["d"],
    summary: "Terminated has a duration.",
    hint: "give the time since initialized, such as `PT12M30S`",
    applies: Cmi5Defined,
    sides: &[Au],
    force: ByPolicy,
};

pub static COMPLETED_DURATION: Rule = Rule {
    id: "9.5.4.1-2",
    derived: &["d"],
    summary: "Completed has a duration.",
    hint: "give the time that it took, such as `PT12M30S`",
    applies: Cmi5Defined,
    sides: &[Au],
    force: ByPolicy,
};

pub static PASSED_DURATION: Rule = Rule {
    id: "9.5.4.1-3",
    derived: &["d"],
    summary: "Passed has a duration.",
    hint: "give the time that it took, such as `PT12M30S`",
    applies: Cmi5Defined,
    sides: &[Au],
    force: ByPolicy,
};

pub static FAILED_DURATION: Rule = Rule {
    id: "9.5.4.1-4",
    derived: &["d"],
    summary: "Failed has a duration.",
    hint: "give the time that it took, such as `PT12M30S`",
    applies: Cmi5Defined,
    sides: &[Au],
    force: ByPolicy,
};

pub static PROGRESS_IS_PERCENTAGE: Rule = Rule {
    id: "9.5.5.1/progress",
    derived: &[],
    summary: "Progress is an integer from 0 to 100, and says nothing with completed.",
    hint: "send a whole percentage, and none with completed",
    applies: Cmi5Defined,
    sides: &[Au],
    force: ByPolicy,
};

pub static MOVE_ON_WITH_RESULT: Rule = Rule {
    id: "9.6.2.2-1",
    derived: &["d1", "d2", "d3", "d4"],
    summary: "Statements with success or completion have the moveOn category.",
    hint: "add the moveOn activity to `context.contextActivities.category`",
    applies: Cmi5Defined,
    sides: &[Au, Lms],
    force: ByPolicy,
};

pub static MASTERY_SCORE_GIVEN: Rule = Rule {
    id: "9.6.3.2-2",
    derived: &["d"],
    summary: "Passed and failed with a score have the mastery score that the launch has.",
    hint: "copy `masteryScore` of LMS.LaunchData into the context extension",
    applies: Cmi5Defined,
    sides: &[Au],
    force: ByPolicy,
};

pub static BROWSE_MODE: Rule = Rule {
    id: "10.2.2.0-2",
    derived: &["d"],
    summary: "In Browse mode there are initialized and terminated alone.",
    hint: "look at `launchMode` in LMS.LaunchData before sending anything else",
    applies: Cmi5Defined,
    sides: &[Au],
    force: ByPolicy,
};

pub static REVIEW_MODE: Rule = Rule {
    id: "10.2.2.0-3",
    derived: &["d"],
    summary: "In Review mode there are initialized and terminated alone.",
    hint: "look at `launchMode` in LMS.LaunchData before sending anything else",
    applies: Cmi5Defined,
    sides: &[Au],
    force: ByPolicy,
};
