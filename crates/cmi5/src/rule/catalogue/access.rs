//! What a session token opens at all: closures that no policy opens.

use crate::rule::Applies::Access;
use crate::rule::Force::Always;
use crate::rule::Rule;
use crate::rule::Side::Au;

pub static TOKEN_OF_OPEN_SESSION: Rule = Rule {
    id: "8.1.2.0-2",
    derived: &["d"],
    summary: "A token is good from its fetch to the end of its session.",
    hint: "launch the AU again",
    applies: Access,
    sides: &[Au],
    force: Always,
};

pub static TOKEN_IN_EVERY_REQUEST: Rule = Rule {
    id: "8.1.2.0-5",
    derived: &["d"],
    summary: "Every request carries credentials.",
    hint: "send the token as `Authorization: Basic` with every request",
    applies: Access,
    sides: &[Au],
    force: Always,
};

pub static REGISTRATION_OF_DOCUMENTS: Rule = Rule {
    id: "8.1.4.0-3",
    derived: &["d"],
    summary: "An AU uses the registration of its launch.",
    hint: "use the `registration` of the launch URL",
    applies: Access,
    sides: &[Au],
    force: Always,
};

pub static FETCHED_ONCE: Rule = Rule {
    id: "8.2.3.0-1",
    derived: &["d"],
    summary: "A fetch URL gives its token once.",
    hint: "keep the token for as long as the page lives",
    applies: Access,
    sides: &[Au],
    force: Always,
};

pub static LAUNCH_DATA_READ_ONLY: Rule = Rule {
    id: "10.2.1.0-5",
    derived: &["d"],
    summary: "An AU neither changes nor deletes LMS.LaunchData.",
    hint: "keep state of your own under another stateId",
    applies: Access,
    sides: &[Au],
    force: Always,
};

pub static AGENT_OF_PROFILES: Rule = Rule {
    id: "11.0.0.0-1",
    derived: &["d"],
    summary: "The agent of profile requests is the learner of the launch.",
    hint: "use the `actor` of the launch URL as it is",
    applies: Access,
    sides: &[Au],
    force: Always,
};

pub static PREFERENCES_READ_ONLY: Rule = Rule {
    id: "11.0.0.0-2",
    derived: &[],
    summary: "Whether an AU may change the preferences is the decision of the LMS.",
    hint: "take the 403 as an answer, not as an error",
    applies: Access,
    sides: &[Au],
    force: Always,
};
