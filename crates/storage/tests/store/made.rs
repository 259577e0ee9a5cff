//! Statements of a small world, so that random ones often have to do with each other.

use uuid::Uuid;
use xapi::statement::Ifi;

pub const AUTHORITY: u8 = 9;
/// The verb of what voids.
pub const VERB_VOIDED: u8 = 9;

/// What distinguishes one statement of the world from another. Numbers name things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Made {
    pub id: u8,
    pub actor: u8,
    pub verb: u8,
    pub object: Object,
    pub registration: Option<u8>,
    pub parent: Option<u8>,
    pub instructor: Option<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Object {
    Activity(u8),
    Refers(u8),
    Voids(u8),
}

impl Made {
    /// By actor 0, verb 0, of activity 0.
    pub fn plain(id: u8) -> Made {
        Made {
            id,
            actor: 0,
            verb: 0,
            object: Object::Activity(0),
            registration: None,
            parent: None,
            instructor: None,
        }
    }

    pub fn verb(self, verb: u8) -> Made {
        Made { verb, ..self }
    }

    pub fn actor(self, actor: u8) -> Made {
        Made { actor, ..self }
    }

    pub fn refers(self, target: u8) -> Made {
        Made {
            object: Object::Refers(target),
            ..self
        }
    }

    pub fn voids(self, target: u8) -> Made {
        Made {
            object: Object::Voids(target),
            ..self
        }
    }

    pub fn uuid(&self) -> Uuid {
        uuid(self.id)
    }

    pub fn is_voiding(&self) -> bool {
        self.voided().is_some()
    }

    /// The statement that this one voids.
    pub fn voided(&self) -> Option<u8> {
        match self.object {
            Object::Voids(target) => Some(target),
            Object::Activity(_) | Object::Refers(_) => None,
        }
    }

    /// The statement that this one's StatementRef names.
    pub fn reference(&self) -> Option<u8> {
        match self.object {
            Object::Voids(target) | Object::Refers(target) => Some(target),
            Object::Activity(_) => None,
        }
    }

    /// The JSON text.
    pub fn text(&self) -> String {
        let verb = if self.is_voiding() {
            VERB_VOIDED
        } else {
            self.verb
        };
        let object = match self.object {
            Object::Activity(activity) => format!(r#"{{"id":"{}"}}"#, activity_id(activity)),
            Object::Refers(target) | Object::Voids(target) => {
                format!(r#"{{"objectType":"StatementRef","id":"{}"}}"#, uuid(target))
            }
        };
        let mut context = Vec::new();
        if let Some(registration) = self.registration {
            context.push(format!(r#""registration":"{}""#, uuid(registration)));
        }
        if let Some(parent) = self.parent {
            let parent = activity_id(parent);
            context.push(format!(
                r#""contextActivities":{{"parent":[{{"id":"{parent}"}}]}}"#
            ));
        }
        if let Some(instructor) = self.instructor {
            context.push(format!(r#""instructor":{}"#, agent(instructor)));
        }
        format!(
            r#"{{"id":"{}","actor":{},"verb":{{"id":"{}"}},"object":{object},"context":{{{}}}}}"#,
            self.uuid(),
            agent(self.actor),
            verb_id(verb),
            context.join(",")
        )
    }
}

pub fn uuid(number: u8) -> Uuid {
    Uuid::from_u128(0x4000_8000_0000_0000_0000 + u128::from(number))
}

pub fn verb_id(verb: u8) -> String {
    match verb {
        VERB_VOIDED => "http://adlnet.gov/expapi/verbs/voided".to_owned(),
        verb => format!("urn:verb:{verb}"),
    }
}

pub fn activity_id(activity: u8) -> String {
    format!("urn:activity:{activity}")
}

/// JSON of an agent.
pub fn agent(agent: u8) -> String {
    format!(r#"{{"mbox":"{}"}}"#, mbox(agent))
}

pub fn agent_canonical(agent: u8) -> String {
    Ifi::Mbox(mbox(agent).into()).canonical()
}

fn mbox(agent: u8) -> String {
    format!("mailto:agent{agent}@example.com")
}
