//! What is sent, by name: each scenario gives every connection its work.

pub mod post;
pub mod session;

use std::time::Duration;

use crate::drive::{self, Pace, Plan, Work};
use crate::generate::Family;
use crate::wire::{Answer, Target};
use post::Posts;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scenario {
    /// Single statements by a key.
    Post,
    /// Arrays of so many statements by a key.
    Batch(usize),
    /// Single statements by session tokens, which cmi5 allows in an open session.
    TokenPost,
    /// Whole cmi5 sessions by token.
    Session,
}

/// What a scenario needs to know to make its work.
#[derive(Debug, Clone)]
pub struct Setting {
    pub target: Target,
    pub family: Family,
    pub connections: usize,
    /// Whole sessions of the scenario `session`.
    pub sessions: usize,
    pub seed: u64,
}

/// Different statements of a scenario, all connections together; they come again with new ids.
const STATEMENTS: usize = 20_000;

impl Scenario {
    pub const ALL: [Scenario; 6] = [
        Scenario::Post,
        Scenario::Batch(10),
        Scenario::Batch(100),
        Scenario::Batch(1000),
        Scenario::TokenPost,
        Scenario::Session,
    ];

    pub fn name(self) -> String {
        match self {
            Scenario::Post => "post".to_owned(),
            Scenario::Batch(statements) => format!("batch-{statements}"),
            Scenario::TokenPost => "token-post".to_owned(),
            Scenario::Session => "session".to_owned(),
        }
    }

    pub fn parse(name: &str) -> Option<Scenario> {
        let found = Scenario::ALL.into_iter().find(|one| one.name() == name);
        found.or_else(|| {
            let statements = name.strip_prefix("batch-")?.parse().ok()?;
            (statements > 0).then_some(Scenario::Batch(statements))
        })
    }

    /// Statements of one request.
    pub fn statements(self) -> usize {
        match self {
            Scenario::Batch(statements) => statements,
            Scenario::Post | Scenario::TokenPost | Scenario::Session => 1,
        }
    }

    pub fn connections(self) -> usize {
        match self {
            Scenario::Post | Scenario::TokenPost | Scenario::Session => 64,
            Scenario::Batch(_) => 8,
        }
    }

    /// Whether the work has an end of its own, and is measured to it.
    pub fn ends(self) -> bool {
        match self {
            Scenario::Session => true,
            Scenario::Post | Scenario::Batch(_) | Scenario::TokenPost => false,
        }
    }

    /// What comes before the clock starts is done here.
    ///
    /// # Errors
    /// When the other side refuses what must be there first.
    pub fn works(self, setting: &Setting) -> Result<Vec<Box<dyn Work>>, String> {
        let (target, connections) = (&setting.target, setting.connections.max(1));
        let seeds = (0..connections as u64).map(|number| setting.seed + number);
        match self {
            Scenario::Post | Scenario::Batch(_) => Ok(seeds
                .map(|seed| -> Box<dyn Work> {
                    let (batch, each) = (self.statements(), STATEMENTS / connections);
                    Box::new(Posts::of_family(target, setting.family, seed, each, batch))
                })
                .collect()),
            Scenario::TokenPost => {
                let learners = session::launch(target, connections)?;
                let openings = learners.iter().map(|learner| -> Box<dyn Work> {
                    Box::new(session::opening(target, learner))
                });
                finish(target, openings.collect())?;
                let each = STATEMENTS / connections;
                Ok(learners
                    .iter()
                    .map(|learner| -> Box<dyn Work> {
                        Box::new(session::allowed(target, learner, each))
                    })
                    .collect())
            }
            Scenario::Session => {
                let learners = session::launch(target, setting.sessions.max(connections))?;
                Ok(learners
                    .chunks(learners.len().div_ceil(connections))
                    .map(|learners| -> Box<dyn Work> { Box::new(session::whole(target, learners)) })
                    .collect())
            }
        }
    }
}

const FINISHING: Duration = Duration::from_secs(600);

/// Does work to its end, unmeasured.
///
/// # Errors
/// The first failure.
pub fn finish(target: &Target, works: Vec<Box<dyn Work>>) -> Result<(), String> {
    let plan = Plan {
        warm_up: Duration::ZERO,
        window: FINISHING,
        pace: Pace::Closed,
    };
    let outcome = drive::run(target, works, &plan, None).map_err(|error| error.to_string())?;
    outcome.failure.map_or(Ok(()), Err)
}

fn expect(answer: &Answer<'_>, status: u16) -> Result<(), String> {
    if answer.status == status {
        return Ok(());
    }
    let text = String::from_utf8_lossy(answer.body);
    let text: String = text.chars().take(400).collect();
    Err(format!("{} instead of {status}: {text}", answer.status))
}
