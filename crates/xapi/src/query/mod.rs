//! The query parameters of the xAPI resources as types. Names are a closed set and case-sensitive, each may stand
//! once, and all violations come back at once.
//!
//! Values that come in here are decoded already; how a request carries them (query string or form) is not known.

mod documents;
mod parameters;
mod statements;

#[cfg(test)]
mod tests;

use uuid::Uuid;

use crate::Violation;
use crate::lexical::{identifier, iri};
use crate::requirement::{self, PARAMETER_VALUE};
use crate::statement::{Agent, Ifi};
use parameters::Parameters;

pub use documents::{DocumentsQuery, Folder};
pub use statements::{Filters, StatementsQuery};

/// A decoded parameter: name and value.
pub type Pair = (String, String);

/// What a request wants to do. HEAD counts as `Get`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Get,
    Put,
    Post,
    Delete,
}

/// The agent that an `agent` parameter names, owned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    pub kind: IdentityKind,
    pub name: Option<String>,
    pub ifi: Ifi<'static>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdentityKind {
    Agent,
    Group,
}

impl Identity {
    /// The same text for the same agent, whatever its name.
    #[must_use]
    pub fn canonical(&self) -> String {
        self.ifi.canonical()
    }

    #[must_use]
    pub fn to_agent(&self) -> Agent<'_> {
        Agent {
            name: self.name.as_deref().map(Into::into),
            ifi: self.ifi.clone(),
        }
    }
}

/// Reads the parameters of `GET /agents`.
///
/// # Errors
/// Unknown or repeated parameters (XAPI-00324, XAPI-00325), no `agent` (XAPI-00243), no Agent in it (XAPI-00249).
pub fn agent(pairs: &[Pair]) -> Result<Identity, Vec<Violation>> {
    let mut parameters = Parameters::read(pairs, &["agent"]);
    parameters.require(
        "agent",
        requirement::PERSON_AGENT_PRESENT,
        "an Agent as JSON",
    );
    let agent = parameters.agent(requirement::PERSON_AGENT);
    parameters.finish(agent)
}

/// Reads the parameters of `GET /activities`.
///
/// # Errors
/// Unknown or repeated parameters (XAPI-00324, XAPI-00325), no `activityId` (XAPI-00250) or none that is an IRI.
pub fn activity(pairs: &[Pair]) -> Result<String, Vec<Violation>> {
    let mut parameters = Parameters::read(pairs, &["activityId"]);
    parameters.require(
        "activityId",
        requirement::ACTIVITY_ID_PRESENT,
        "an activity id",
    );
    let activity = parameters.value(
        "activityId",
        PARAMETER_VALUE,
        "an IRI with a scheme",
        parse_iri,
    );
    parameters.finish(activity)
}

/// Reads the parameters of `PUT /statements`.
///
/// # Errors
/// Unknown or repeated parameters (XAPI-00324, XAPI-00325), no `statementId` (XAPI-00145) or none that is a UUID.
pub fn statement_id(pairs: &[Pair]) -> Result<Uuid, Vec<Violation>> {
    let mut parameters = Parameters::read(pairs, &["statementId"]);
    parameters.require(
        "statementId",
        requirement::PUT_STATEMENT_ID,
        "the id of the statement",
    );
    let id = parameters.value("statementId", PARAMETER_VALUE, "a UUID", identifier::uuid);
    parameters.finish(id)
}

/// Checks a request that takes no parameters, such as `POST /statements` and `GET /about`.
///
/// # Errors
/// Any parameter (XAPI-00324).
pub fn none(pairs: &[Pair]) -> Result<(), Vec<Violation>> {
    Parameters::read(pairs, &[]).finish(Some(()))
}

fn parse_iri(text: &str) -> Option<String> {
    iri::is_iri(text).then(|| text.to_owned())
}
