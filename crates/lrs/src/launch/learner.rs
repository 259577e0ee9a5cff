//! The learner of a registration: an Agent with an account (9.2.0.0-2, 9.2.0.0-3).

use cmi5::rule;
use xapi::Violation;
use xapi::statement::{Actor, Ifi, parse_actor};

use crate::Error;

/// A learner as given, and its identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Learner {
    /// JSON of an Agent.
    pub actor: String,
    /// `xapi::statement::Ifi::canonical`.
    pub id: String,
}

impl Learner {
    /// `pointer`: where the request has it.
    ///
    /// # Errors
    /// [`Error::Violations`] when it is no Agent, or has another identifier than an account.
    pub fn parse(text: &str, pointer: &str) -> Result<Self, Error> {
        let agent = match parse_actor(text, pointer)? {
            Actor::Agent(agent) => agent,
            Actor::Group(_) => {
                let rule = rule::ACTOR_IS_AGENT.id;
                return Err(Violation::new(rule, pointer, "an Agent", "a Group").into());
            }
        };
        match &agent.ifi {
            Ifi::Account { .. } => Ok(Self {
                actor: text.to_owned(),
                id: agent.ifi.canonical(),
            }),
            Ifi::Mbox(_) | Ifi::MboxSha1sum(_) | Ifi::OpenId(_) => {
                let rule = rule::ACTOR_HAS_ACCOUNT.id;
                let expected = "an Agent that is identified by `account`";
                Err(Violation::new(rule, pointer, expected, "another identifier").into())
            }
        }
    }
}
