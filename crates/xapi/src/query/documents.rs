//! The parameters of the document resources (Communication 2.3, 2.6, 2.7).

use uuid::Uuid;

use super::parameters::Parameters;
use super::{Identity, Method, Pair, VALUE, parse_iri};
use crate::Violation;
use crate::lexical::{identifier, timestamp};

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

/// The requirements of one resource, by method: PUT, POST, GET, DELETE.
struct Requirements {
    missing_activity: [&'static str; 4],
    missing_agent: [&'static str; 4],
    bad_agent: [&'static str; 4],
    bad_registration: [&'static str; 4],
    missing_id: [&'static str; 4],
    bad_since: &'static str,
}

const STATE: Requirements = Requirements {
    missing_activity: ["XAPI-00210", "XAPI-00209", "XAPI-00208", "XAPI-00207"],
    missing_agent: ["XAPI-00215", "XAPI-00214", "XAPI-00213", "XAPI-00212"],
    bad_agent: ["XAPI-00199", "XAPI-00198", "XAPI-00197", "XAPI-00196"],
    bad_registration: ["XAPI-00203", "XAPI-00202", "XAPI-00201", "XAPI-00200"],
    // GET and DELETE do without: they mean all documents then.
    missing_id: ["XAPI-00206", "XAPI-00211", "", ""],
    bad_since: "XAPI-00204",
};

const ACTIVITY_PROFILE: Requirements = Requirements {
    missing_activity: ["XAPI-00299", "XAPI-00298", "XAPI-00296", "XAPI-00297"],
    missing_agent: [""; 4],
    bad_agent: [""; 4],
    bad_registration: [""; 4],
    missing_id: ["XAPI-00302", "XAPI-00301", "", "XAPI-00300"],
    bad_since: "XAPI-00295",
};

const AGENT_PROFILE: Requirements = Requirements {
    missing_activity: [""; 4],
    missing_agent: ["XAPI-00264", "XAPI-00263", "XAPI-00261", "XAPI-00262"],
    bad_agent: ["XAPI-00257", "XAPI-00256", "XAPI-00258", "XAPI-00255"],
    bad_registration: [""; 4],
    missing_id: ["XAPI-00267", "XAPI-00266", "", "XAPI-00265"],
    bad_since: "XAPI-00260",
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
            of(method, STATE.bad_registration),
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

fn of(method: Method, requirements: [&'static str; 4]) -> &'static str {
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
    let missing = of(method, requirements.missing_activity);
    parameters.require("activityId", missing, "an activity id");
    parameters.value("activityId", VALUE, "an IRI with a scheme", parse_iri)
}

fn agent(
    parameters: &mut Parameters<'_>,
    method: Method,
    requirements: &Requirements,
) -> Option<Identity> {
    let missing = of(method, requirements.missing_agent);
    parameters.require("agent", missing, "an Agent as JSON");
    parameters.agent(of(method, requirements.bad_agent))
}

fn finish(
    mut parameters: Parameters<'_>,
    method: Method,
    requirements: &Requirements,
    id_name: &str,
    folder: Option<Folder>,
) -> Result<DocumentsQuery, Vec<Violation>> {
    let missing = of(method, requirements.missing_id);
    if !missing.is_empty() {
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
