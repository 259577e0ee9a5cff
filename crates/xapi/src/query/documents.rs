//! The parameters of the document resources (Communication 2.3, 2.6, 2.7).

use uuid::Uuid;

use super::parameters::Parameters;
use super::{Identity, Method, Pair, parse_iri};
use crate::Violation;
use crate::lexical::{identifier, timestamp};
use crate::requirement::{self, PARAMETER_VALUE};

/// Where a document lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Folder {
    State {
        activity: String,
        agent: Identity,
        /// State without a registration is a folder of its own.
        registration: Option<Uuid>,
    },
    ActivityProfile {
        activity: String,
    },
    AgentProfile {
        agent: Identity,
    },
}

/// One document, or all of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DocumentsQuery {
    One {
        folder: Folder,
        /// `stateId` or `profileId`.
        id: String,
    },
    Many {
        folder: Folder,
        /// Microseconds since 1970; changed after it, exclusive. Never with DELETE.
        since: Option<i64>,
    },
}

/// The requirements of one resource.
struct Requirements {
    missing_activity: ByMethod,
    missing_agent: ByMethod,
    bad_agent: ByMethod,
    bad_registration: ByMethod,
    missing_id: ByMethod,
    bad_since: &'static str,
}

/// For PUT, POST, GET and DELETE. `None` where there is no such rule: the resource has no such parameter, or it may
/// be missing.
type ByMethod = [Option<&'static str>; 4];

const NEVER: ByMethod = [None; 4];

const STATE: Requirements = Requirements {
    missing_activity: [
        Some(requirement::STATE_PUT_ACTIVITY_ID),
        Some(requirement::STATE_POST_ACTIVITY_ID),
        Some(requirement::STATE_GET_ACTIVITY_ID),
        Some(requirement::STATE_DELETE_ACTIVITY_ID),
    ],
    missing_agent: [
        Some(requirement::STATE_PUT_AGENT_PRESENT),
        Some(requirement::STATE_POST_AGENT_PRESENT),
        Some(requirement::STATE_GET_AGENT_PRESENT),
        Some(requirement::STATE_DELETE_AGENT_PRESENT),
    ],
    bad_agent: [
        Some(requirement::STATE_PUT_AGENT),
        Some(requirement::STATE_POST_AGENT),
        Some(requirement::STATE_GET_AGENT),
        Some(requirement::STATE_DELETE_AGENT),
    ],
    bad_registration: [
        Some(requirement::STATE_PUT_REGISTRATION),
        Some(requirement::STATE_POST_REGISTRATION),
        Some(requirement::STATE_GET_REGISTRATION),
        Some(requirement::STATE_DELETE_REGISTRATION),
    ],
    missing_id: [
        Some(requirement::STATE_PUT_ID),
        Some(requirement::STATE_POST_ID),
        None,
        None,
    ],
    bad_since: requirement::STATE_SINCE,
};

const ACTIVITY_PROFILE: Requirements = Requirements {
    missing_activity: [
        Some(requirement::ACTIVITY_PROFILE_PUT_ACTIVITY_ID),
        Some(requirement::ACTIVITY_PROFILE_POST_ACTIVITY_ID),
        Some(requirement::ACTIVITY_PROFILE_GET_ACTIVITY_ID),
        Some(requirement::ACTIVITY_PROFILE_DELETE_ACTIVITY_ID),
    ],
    missing_agent: NEVER,
    bad_agent: NEVER,
    bad_registration: NEVER,
    missing_id: [
        Some(requirement::ACTIVITY_PROFILE_PUT_ID),
        Some(requirement::ACTIVITY_PROFILE_POST_ID),
        None,
        Some(requirement::ACTIVITY_PROFILE_DELETE_ID),
    ],
    bad_since: requirement::ACTIVITY_PROFILE_SINCE,
};

const AGENT_PROFILE: Requirements = Requirements {
    missing_activity: NEVER,
    missing_agent: [
        Some(requirement::AGENT_PROFILE_PUT_AGENT_PRESENT),
        Some(requirement::AGENT_PROFILE_POST_AGENT_PRESENT),
        Some(requirement::AGENT_PROFILE_GET_AGENT_PRESENT),
        Some(requirement::AGENT_PROFILE_DELETE_AGENT_PRESENT),
    ],
    bad_agent: [
        Some(requirement::AGENT_PROFILE_PUT_AGENT),
        Some(requirement::AGENT_PROFILE_POST_AGENT),
        Some(requirement::AGENT_PROFILE_GET_AGENT),
        Some(requirement::AGENT_PROFILE_DELETE_AGENT),
    ],
    bad_registration: NEVER,
    missing_id: [
        Some(requirement::AGENT_PROFILE_PUT_ID),
        Some(requirement::AGENT_PROFILE_POST_ID),
        None,
        Some(requirement::AGENT_PROFILE_DELETE_ID),
    ],
    bad_since: requirement::AGENT_PROFILE_SINCE,
};

impl DocumentsQuery {
    /// Reads the parameters of `/activities/state`.
    ///
    /// # Errors
    /// Every broken rule, by its requirement for this method.
    pub fn parse_state(method: Method, pairs: &[Pair]) -> Result<Self, Vec<Violation>> {
        let names = ["activityId", "agent", "registration", "stateId", "since"];
        let mut parameters = read(method, pairs, &names);
        let activity = activity(&mut parameters, method, &STATE);
        let agent = agent(&mut parameters, method, &STATE);
        let registration = parameters.value(
            "registration",
            of(method, STATE.bad_registration).unwrap_or(PARAMETER_VALUE),
            "a UUID",
            identifier::uuid,
        );
        let folder = activity.zip(agent).map(|(activity, agent)| Folder::State {
            activity,
            agent,
            registration,
        });
        finish(parameters, method, &STATE, "stateId", folder)
    }

    /// Reads the parameters of `/activities/profile`.
    ///
    /// # Errors
    /// Every broken rule, by its requirement for this method.
    pub fn parse_activity_profile(method: Method, pairs: &[Pair]) -> Result<Self, Vec<Violation>> {
        let mut parameters = read(method, pairs, &["activityId", "profileId", "since"]);
        let activity = activity(&mut parameters, method, &ACTIVITY_PROFILE);
        let folder = activity.map(|activity| Folder::ActivityProfile { activity });
        finish(parameters, method, &ACTIVITY_PROFILE, "profileId", folder)
    }

    /// Reads the parameters of `/agents/profile`.
    ///
    /// # Errors
    /// Every broken rule, by its requirement for this method.
    pub fn parse_agent_profile(method: Method, pairs: &[Pair]) -> Result<Self, Vec<Violation>> {
        let mut parameters = read(method, pairs, &["agent", "profileId", "since"]);
        let agent = agent(&mut parameters, method, &AGENT_PROFILE);
        let folder = agent.map(|agent| Folder::AgentProfile { agent });
        finish(parameters, method, &AGENT_PROFILE, "profileId", folder)
    }
}

/// `names` ends in `since`, which only GET knows.
fn read<'p>(method: Method, pairs: &'p [Pair], names: &[&str]) -> Parameters<'p> {
    match (method, names) {
        (Method::Put | Method::Post | Method::Delete, [names @ .., _since]) => {
            Parameters::read(pairs, names)
        }
        (Method::Put | Method::Post | Method::Delete, []) | (Method::Get, _) => {
            Parameters::read(pairs, names)
        }
    }
}

fn of(method: Method, requirements: ByMethod) -> Option<&'static str> {
    let [put, post, get, delete] = requirements;
    match method {
        Method::Put => put,
        Method::Post => post,
        Method::Get => get,
        Method::Delete => delete,
    }
}

fn activity(
    parameters: &mut Parameters<'_>,
    method: Method,
    requirements: &Requirements,
) -> Option<String> {
    if let Some(missing) = of(method, requirements.missing_activity) {
        parameters.require("activityId", missing, "an activity id");
    }
    parameters.value(
        "activityId",
        PARAMETER_VALUE,
        "an IRI with a scheme",
        parse_iri,
    )
}

fn agent(
    parameters: &mut Parameters<'_>,
    method: Method,
    requirements: &Requirements,
) -> Option<Identity> {
    if let Some(missing) = of(method, requirements.missing_agent) {
        parameters.require("agent", missing, "an Agent as JSON");
    }
    parameters.agent(of(method, requirements.bad_agent).unwrap_or(PARAMETER_VALUE))
}

fn finish(
    mut parameters: Parameters<'_>,
    method: Method,
    requirements: &Requirements,
    id_name: &str,
    folder: Option<Folder>,
) -> Result<DocumentsQuery, Vec<Violation>> {
    if let Some(missing) = of(method, requirements.missing_id) {
        parameters.require(id_name, missing, "the id of a document");
    }
    // With an id it changes nothing, but it must be a timestamp all the same.
    let since = parameters
        .value(
            "since",
            requirements.bad_since,
            "an RFC 3339 timestamp",
            timestamp::parse,
        )
        .map(|timestamp| timestamp.micros);
    let id = parameters.text(id_name).map(str::to_owned);
    let query = folder.map(|folder| match id {
        Some(id) => DocumentsQuery::One { folder, id },
        None => DocumentsQuery::Many { folder, since },
    });
    parameters.finish(query)
}
