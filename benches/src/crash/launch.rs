//! Registrations whose AUs the server launches. Several clients work on the same ones at a time; what each of them asked
//! for is a deed, which is there whole or not at all. What must follow from the deeds is in `history` and `compare`.

pub(super) mod class;
pub(super) mod compare;
pub(super) mod course;
pub(super) mod history;
pub(super) mod lms;
pub(super) mod seen;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use cmi5::vocabulary::Verb;
use serde_json::Value;
use uuid::Uuid;

use super::ledger::Known;
use super::session::Said;
use course::Course;
use history::Reached;

/// The launch tenant's token and courses; all of it was acknowledged.
#[derive(Debug, Clone)]
pub(super) struct School {
    pub bearer: String,
    pub courses: Vec<Arc<Course>>,
}

#[derive(Debug, Clone)]
pub(super) struct Registration {
    /// The token of its launch tenant.
    pub bearer: String,
    pub course: Arc<Course>,
    /// Of this registration alone.
    pub learner: String,
    /// Not known before it is answered, if the server chooses it.
    pub code: Option<Uuid>,
    /// In the order in which they were begun.
    pub deeds: Vec<Deed>,
    /// How many of the deeds an earlier round has counted and seen after a restart.
    pub settled: usize,
    pub attempts: Vec<Attempt>,
    /// Of statements that were there at the last look.
    pub statements: Vec<Uuid>,
    /// How many of them were `satisfied`.
    pub satisfied: usize,
}

/// One request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Deed {
    pub what: What,
    pub state: State,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum State {
    /// No answer came: it may be there, or not.
    InFlight,
    Acknowledged,
    /// Answered so, which something else in the registration must explain.
    Refused(String),
}

/// AUs by their index, sessions by the number that the launch was answered with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum What {
    Registered,
    /// The session's number, once it is known.
    Launched {
        au: usize,
        session: Option<u64>,
    },
    Fetched {
        session: u64,
    },
    LaunchDataRead {
        session: u64,
    },
    PreferencesRead {
        session: u64,
    },
    /// By the AU; one request.
    Said {
        session: u64,
        au: usize,
        statements: Vec<Said>,
    },
    /// By the LMS.
    Abandoned {
        session: u64,
    },
    Waived {
        au: usize,
    },
}

/// A session as the client that got its launch URL knows it.
#[derive(Debug, Clone)]
pub(super) struct Attempt {
    pub session: u64,
    pub au: usize,
    /// Path of the fetch URL.
    pub fetch: String,
    pub token: Option<String>,
    pub launch_data: Option<Value>,
    pub preferences_read: bool,
    pub said: Vec<Verb>,
    /// The latest timestamp that was sent.
    pub clock: i64,
    /// A request of it is on its way.
    pub is_busy: bool,
    /// It has ended, or its client cannot go on.
    pub is_over: bool,
}

/// After so many deeds a registration is left alone, however far it has come.
const DEEDS_MAX: usize = 120;

impl Registration {
    /// What the learner has reached by what was acknowledged.
    pub(super) fn reached(&self) -> Vec<Reached> {
        let mut reached = vec![Reached::default(); self.course.aus.len()];
        let done = |deed: &&Deed| deed.state == State::Acknowledged;
        for deed in self.deeds.iter().filter(done) {
            match &deed.what {
                What::Waived { au } => reached[*au].waived = true,
                What::Said { au, statements, .. } => {
                    for (verb, _) in statements {
                        reached[*au].says(*verb);
                    }
                }
                What::Registered
                | What::Launched { .. }
                | What::Fetched { .. }
                | What::LaunchDataRead { .. }
                | What::PreferencesRead { .. }
                | What::Abandoned { .. } => {}
            }
        }
        reached
    }

    /// AUs that nothing acknowledged has satisfied.
    pub(super) fn open_aus(&self) -> Vec<usize> {
        let reached = self.reached();
        let aus = self.course.aus.iter().zip(&reached).enumerate();
        aus.filter(|(_, (au, reached))| !reached.meets(au.move_on))
            .map(|(index, _)| index)
            .collect()
    }

    pub(super) fn is_done(&self) -> bool {
        self.deeds.len() >= DEEDS_MAX || self.open_aus().is_empty()
    }

    /// Acknowledged deeds that no earlier round has counted.
    pub(super) fn fresh(&self) -> impl Iterator<Item = &Deed> {
        let fresh = self.deeds[self.settled..].iter();
        fresh.filter(|deed| deed.state == State::Acknowledged)
    }

    pub(super) fn describe(&self) -> String {
        match self.code {
            Some(code) => format!("registration {code}"),
            None => format!("the registration of {}", self.learner),
        }
    }

    pub(super) fn launches(&self) -> usize {
        let deeds = self.deeds.iter();
        deeds
            .filter(|deed| matches!(deed.what, What::Launched { .. }))
            .count()
    }

    pub(super) fn in_flight(&self) -> usize {
        let deeds = self.deeds.iter();
        deeds.filter(|deed| deed.state == State::InFlight).count()
    }
}

impl What {
    /// The statements that were sent.
    pub(super) fn sent(&self) -> Vec<Known> {
        match self {
            What::Said { statements, .. } => statements.iter().map(|(_, known)| *known).collect(),
            What::Registered
            | What::Launched { .. }
            | What::Fetched { .. }
            | What::LaunchDataRead { .. }
            | What::PreferencesRead { .. }
            | What::Abandoned { .. }
            | What::Waived { .. } => Vec::new(),
        }
    }
}
