//! The Agents resource (xAPI 1.0.3 Communication 2.4): the Person behind an Agent.

use xapi::query::Identity;

use crate::credential::Permission;
use crate::{Caller, Error, Lrs, access, known};

/// The Person as JSON: what the request said of the agent and the names that statements gave it.
///
/// # Errors
/// [`Error::Forbidden`], and when the store cannot be read.
pub fn get(lrs: &Lrs, caller: &Caller, agent: &Identity) -> Result<String, Error> {
    caller.needs(Permission::ReadDefinitions)?;
    access::person(lrs, caller, agent)?;
    let names = known::names(&lrs.store, caller.tenant(), &agent.canonical())?;
    Ok(xapi::person::person(agent, &names))
}
