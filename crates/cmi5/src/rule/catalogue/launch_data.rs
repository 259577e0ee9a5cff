//! Rules for the document `LMS.LaunchData`, and for launching.

use crate::rule::Applies::LaunchData;
use crate::rule::Force::ByPolicy;
use crate::rule::Rule;
use crate::rule::Side::Lms;

pub static LAUNCH_ACTIVITY_IS_NOT_PUBLISHER: Rule = Rule {
    id: "8.1.5.0-3",
    derived: &[],
    summary: "The activity id of a launch is not the publisher's.",
    hint: "make an activity id for each AU of each registration",
    applies: LaunchData,
    sides: &[Lms],
    force: ByPolicy,
};

pub static RELAUNCH: Rule = Rule {
    id: "9.3.6/relaunch",
    derived: &[],
    summary: "A launch leaves no other session of the same registration open.",
    hint: "abandon the open session before launching again",
    applies: LaunchData,
    sides: &[Lms],
    force: ByPolicy,
};

pub static LAUNCH_PUBLISHER_IN_GROUPING: Rule = Rule {
    id: "9.6.2.3-1",
    derived: &[],
    summary: "The contextTemplate has the publisher id in grouping.",
    hint: "put the id of the AU in the course structure into `contextActivities.grouping`",
    applies: LaunchData,
    sides: &[Lms],
    force: ByPolicy,
};

pub static LAUNCH_SESSION_IS_OWN: Rule = Rule {
    id: "9.6.3.1-1",
    derived: &[],
    summary: "A session id belongs to one launch of one learner in one registration.",
    hint: "make a new session id for each launch",
    applies: LaunchData,
    sides: &[Lms],
    force: ByPolicy,
};

pub static LAUNCH_SESSION_IS_RECORDED: Rule = Rule {
    id: "9.6.3.1-2",
    derived: &[],
    summary: "The session id is in the launch data before the launch.",
    hint: "store LMS.LaunchData before opening the launch URL",
    applies: LaunchData,
    sides: &[Lms],
    force: ByPolicy,
};

pub static LAUNCH_DATA_FIRST: Rule = Rule {
    id: "10.1.0.0-1",
    derived: &[],
    summary: "Launch data are stored before the launch and stay as they were.",
    hint: "store LMS.LaunchData before opening the launch URL, and leave it alone",
    applies: LaunchData,
    sides: &[Lms],
    force: ByPolicy,
};

pub static LAUNCH_DATA_IS_JSON: Rule = Rule {
    id: "10.1.0.0-2",
    derived: &[],
    summary: "Launch data are a JSON object.",
    hint: "store LMS.LaunchData as application/json",
    applies: LaunchData,
    sides: &[Lms],
    force: ByPolicy,
};

pub static LAUNCH_DATA_ACTIVITY: Rule = Rule {
    id: "10.1.0.0-3",
    derived: &[],
    summary: "Launch data are stored under the activity of the launch.",
    hint: "use the activity id of the launch URL",
    applies: LaunchData,
    sides: &[Lms],
    force: ByPolicy,
};

pub static LAUNCH_DATA_AGENT: Rule = Rule {
    id: "10.1.0.0-4",
    derived: &[],
    summary: "Launch data are stored under the actor of the launch.",
    hint: "use the actor of the launch URL, an Agent",
    applies: LaunchData,
    sides: &[Lms],
    force: ByPolicy,
};

pub static LAUNCH_DATA_REGISTRATION: Rule = Rule {
    id: "10.1.0.0-5",
    derived: &[],
    summary: "Launch data are stored under the registration of the launch.",
    hint: "give `registration` when storing LMS.LaunchData",
    applies: LaunchData,
    sides: &[Lms],
    force: ByPolicy,
};

pub static LAUNCH_TEMPLATE: Rule = Rule {
    id: "10.2.1.0-1",
    derived: &[],
    summary: "Launch data have a contextTemplate, a context of xAPI 1.0.3.",
    hint: "give `contextTemplate`, without contextAgents and contextGroups",
    applies: LaunchData,
    sides: &[Lms],
    force: ByPolicy,
};

pub static LAUNCH_SESSION_ID: Rule = Rule {
    id: "10.2.1.0-2",
    derived: &[],
    summary: "The contextTemplate has the session id among its extensions.",
    hint: "put the session id into `contextTemplate.extensions`",
    applies: LaunchData,
    sides: &[Lms],
    force: ByPolicy,
};

pub static LAUNCH_PUBLISHER: Rule = Rule {
    id: "10.2.1.0-3",
    derived: &[],
    summary: "The contextTemplate has the publisher id in grouping.",
    hint: "put the id of the AU in the course structure into `contextActivities.grouping`",
    applies: LaunchData,
    sides: &[Lms],
    force: ByPolicy,
};

pub static LAUNCH_MODE_GIVEN: Rule = Rule {
    id: "10.2.2.0-4",
    derived: &[],
    summary: "launchMode is Normal, Browse or Review.",
    hint: "give `launchMode`",
    applies: LaunchData,
    sides: &[Lms],
    force: ByPolicy,
};

pub static LAUNCH_PARAMETERS_TEXT: Rule = Rule {
    id: "10.2.3.0-1",
    derived: &[],
    summary: "launchParameters is a text.",
    hint: "give `launchParameters` as a string",
    applies: LaunchData,
    sides: &[Lms],
    force: ByPolicy,
};

pub static LAUNCH_MASTERY_SCORE: Rule = Rule {
    id: "10.2.4.0-1",
    derived: &[],
    summary: "masteryScore is a number from 0 to 1 with at most four decimals.",
    hint: "give `masteryScore` as the course structure has it, or leave it out",
    applies: LaunchData,
    sides: &[Lms],
    force: ByPolicy,
};

pub static LAUNCH_MOVE_ON: Rule = Rule {
    id: "10.2.5.0-1",
    derived: &[],
    summary: "moveOn is Passed, Completed, CompletedAndPassed, CompletedOrPassed or NotApplicable.",
    hint: "give `moveOn`",
    applies: LaunchData,
    sides: &[Lms],
    force: ByPolicy,
};

pub static LAUNCH_RETURN_URL: Rule = Rule {
    id: "10.2.6.0-1",
    derived: &[],
    summary: "returnURL is a URL.",
    hint: "give an absolute URL, or leave it out",
    applies: LaunchData,
    sides: &[Lms],
    force: ByPolicy,
};

pub static LAUNCH_ENTITLEMENT_KEY: Rule = Rule {
    id: "10.2.7.0-1",
    derived: &[],
    summary: "entitlementKey is an object.",
    hint: "give an object with `courseStructure`, or leave it out",
    applies: LaunchData,
    sides: &[Lms],
    force: ByPolicy,
};
