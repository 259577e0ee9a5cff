//! The IRIs and names that cmi5 defines. They are exact: another case, scheme or a slash at the end is another IRI.

/// The nine verbs of cmi5 (section 9.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verb {
    Launched,
    Initialized,
    Completed,
    Passed,
    Failed,
    Abandoned,
    Waived,
    Terminated,
    Satisfied,
}

impl Verb {
    pub const ALL: [Verb; 9] = [
        Verb::Launched,
        Verb::Initialized,
        Verb::Completed,
        Verb::Passed,
        Verb::Failed,
        Verb::Abandoned,
        Verb::Waived,
        Verb::Terminated,
        Verb::Satisfied,
    ];

    #[must_use]
    pub fn iri(self) -> &'static str {
        match self {
            Verb::Launched => "http://adlnet.gov/expapi/verbs/launched",
            Verb::Initialized => "http://adlnet.gov/expapi/verbs/initialized",
            Verb::Completed => "http://adlnet.gov/expapi/verbs/completed",
            Verb::Passed => "http://adlnet.gov/expapi/verbs/passed",
            Verb::Failed => "http://adlnet.gov/expapi/verbs/failed",
            Verb::Abandoned => "https://w3id.org/xapi/adl/verbs/abandoned",
            Verb::Waived => "https://w3id.org/xapi/adl/verbs/waived",
            Verb::Terminated => "http://adlnet.gov/expapi/verbs/terminated",
            Verb::Satisfied => "https://w3id.org/xapi/adl/verbs/satisfied",
        }
    }

    #[must_use]
    pub fn parse(iri: &str) -> Option<Self> {
        Verb::ALL.into_iter().find(|verb| verb.iri() == iri)
    }
}

/// Category of every cmi5 defined statement (section 9.6.2.1).
pub const CATEGORY_CMI5: &str = "https://w3id.org/xapi/cmi5/context/categories/cmi5";
/// Category of statements that count for moveOn (section 9.6.2.2).
pub const CATEGORY_MOVE_ON: &str = "https://w3id.org/xapi/cmi5/context/categories/moveon";

/// Context extensions (section 9.6.3).
pub const SESSION_ID: &str = "https://w3id.org/xapi/cmi5/context/extensions/sessionid";
pub const MASTERY_SCORE: &str = "https://w3id.org/xapi/cmi5/context/extensions/masteryscore";
pub const LAUNCH_MODE: &str = "https://w3id.org/xapi/cmi5/context/extensions/launchmode";
pub const LAUNCH_URL: &str = "https://w3id.org/xapi/cmi5/context/extensions/launchurl";
pub const MOVE_ON: &str = "https://w3id.org/xapi/cmi5/context/extensions/moveon";
pub const LAUNCH_PARAMETERS: &str =
    "https://w3id.org/xapi/cmi5/context/extensions/launchparameters";

/// Result extensions (section 9.5.5).
pub const PROGRESS: &str = "https://w3id.org/xapi/cmi5/result/extensions/progress";
pub const REASON: &str = "https://w3id.org/xapi/cmi5/result/extensions/reason";

/// Activity types of what `satisfied` is about (section 9.4).
pub const TYPE_BLOCK: &str = "https://w3id.org/xapi/cmi5/activitytype/block";
pub const TYPE_COURSE: &str = "https://w3id.org/xapi/cmi5/activitytype/course";

/// State document of a launch (section 10.1).
pub const STATE_LAUNCH_DATA: &str = "LMS.LaunchData";
/// Agent profile document of the learner (section 11).
pub const PROFILE_LEARNER_PREFERENCES: &str = "cmi5LearnerPreferences";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verbs_are_read_exactly() {
        for verb in Verb::ALL {
            assert_eq!(Verb::parse(verb.iri()), Some(verb));
            assert_eq!(Verb::parse(&format!("{}/", verb.iri())), None);
            assert_eq!(Verb::parse(&verb.iri().to_uppercase()), None);
        }
        assert_eq!(Verb::parse("https://adlnet.gov/expapi/verbs/passed"), None);
    }
}
