//! What is sent, by name: each scenario gives every connection its work.

pub mod ask;
pub mod document;
pub mod fill;
pub mod post;
pub mod read;
pub mod session;

use crate::drive::{self, Pace, Plan, Work};
use crate::generate::Family;
use crate::wire::{Answer, Target};
use ask::{Ask, Samples};
use post::Posts;
use read::{Mixed, Pages, Turns};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scenario {
    /// Single statements by a key.
    Post,
    /// Arrays of so many statements by a key.
    Batch(usize),
    /// Single statements by session tokens, which cmi5 allows in an open session. Tessera only.
    TokenPost,
    /// Whole cmi5 sessions by token. Tessera only.
    Session,
    /// Pages of statements, or one by its id.
    Ask(Ask),
    /// Polling for what is new: the last statements behind a given time.
    Since,
    /// A registration in pages of ten, to its end.
    More,
    StateWrite,
    StateRead,
    /// Nine reads of all kinds, then a single statement.
    Mixed,
}

/// What a scenario needs to know to make its work.
pub struct Setting<'a> {
    pub target: Target,
    pub family: Family,
    pub connections: usize,
    /// Whole sessions of the scenario `session`.
    pub sessions: usize,
    pub seed: u64,
    /// What is there to be asked about.
    pub samples: Option<&'a Samples>,
    /// A time with a few statements behind it.
    pub since: Option<&'a str>,
}

/// Different statements of a scenario, all connections together; they come again with new ids.
const STATEMENTS: usize = 20_000;
/// Different questions of a scenario, all connections together.
const QUESTIONS: usize = 4_000;
/// Documents of one connection.
const DOCUMENTS: usize = 50;

impl Scenario {
    pub const ALL: [Scenario; 21] = [
        Scenario::Post,
        Scenario::Batch(10),
        Scenario::Batch(100),
        Scenario::Batch(1000),
        Scenario::TokenPost,
        Scenario::Session,
        Scenario::Ask(Ask::Id),
        Scenario::Ask(Ask::Registration),
        Scenario::Ask(Ask::Agent),
        Scenario::Ask(Ask::AgentVerb),
        Scenario::Ask(Ask::Activity),
        Scenario::Ask(Ask::RelatedActivity),
        Scenario::Ask(Ask::Recent),
        Scenario::Since,
        Scenario::Ask(Ask::RareRegistrationVerb),
        Scenario::Ask(Ask::RareAgentActivity),
        Scenario::Ask(Ask::RareFrequent),
        Scenario::More,
        Scenario::StateWrite,
        Scenario::StateRead,
        Scenario::Mixed,
    ];

    pub fn name(self) -> String {
        match self {
            Scenario::Post => "post",
            Scenario::Batch(statements) => return format!("batch-{statements}"),
            Scenario::TokenPost => "token-post",
            Scenario::Session => "session",
            Scenario::Ask(Ask::Id) => "get-id",
            Scenario::Ask(Ask::Registration) => "registration",
            Scenario::Ask(Ask::Agent) => "agent",
            Scenario::Ask(Ask::AgentVerb) => "agent-verb",
            Scenario::Ask(Ask::Activity) => "activity",
            Scenario::Ask(Ask::RelatedActivity) => "related-activity",
            Scenario::Ask(Ask::Recent) => "recent",
            Scenario::Since => "since",
            Scenario::Ask(Ask::RareRegistrationVerb) => "rare-registration",
            Scenario::Ask(Ask::RareAgentActivity) => "rare-agent",
            Scenario::Ask(Ask::RareFrequent) => "rare-frequent",
            Scenario::More => "more",
            Scenario::StateWrite => "state-write",
            Scenario::StateRead => "state-read",
            Scenario::Mixed => "mixed",
        }
        .to_owned()
    }

    pub fn parse(name: &str) -> Option<Scenario> {
        let found = Scenario::ALL.into_iter().find(|one| one.name() == name);
        found.or_else(|| {
            let statements = name.strip_prefix("batch-")?.parse().ok()?;
            (statements > 0).then_some(Scenario::Batch(statements))
        })
    }

    /// Statements that one request brings.
    pub fn statements(self) -> usize {
        match self {
            Scenario::Batch(statements) => statements,
            Scenario::Post
            | Scenario::TokenPost
            | Scenario::Session
            | Scenario::Ask(_)
            | Scenario::Since
            | Scenario::More
            | Scenario::StateWrite
            | Scenario::StateRead
            | Scenario::Mixed => 1,
        }
    }

    pub fn connections(self) -> usize {
        match self {
            Scenario::Post | Scenario::TokenPost | Scenario::Session => 64,
            Scenario::Batch(1000) => 4,
            Scenario::Batch(_) | Scenario::Ask(_) | Scenario::Since | Scenario::More => 8,
            Scenario::StateWrite | Scenario::StateRead | Scenario::Mixed => 64,
        }
    }

    /// Whether the work has an end of its own, and is measured to it.
    pub fn ends(self) -> bool {
        self == Scenario::Session
    }

    /// Whether statements must be there that it asks about.
    pub fn asks(self) -> bool {
        match self {
            Scenario::Ask(_) | Scenario::Since | Scenario::More | Scenario::Mixed => true,
            Scenario::Post
            | Scenario::Batch(_)
            | Scenario::TokenPost
            | Scenario::Session
            | Scenario::StateWrite
            | Scenario::StateRead => false,
        }
    }

    /// What comes before the clock starts is done here.
    ///
    /// # Errors
    /// When the other side refuses what must be there first, or has nothing to ask about.
    pub fn works(self, setting: &Setting<'_>) -> Result<Vec<Box<dyn Work>>, String> {
        let (target, connections) = (&setting.target, setting.connections.max(1));
        match self {
            Scenario::Post | Scenario::Batch(_) => Ok(setting.each(|number| {
                let (batch, each) = (self.statements(), STATEMENTS / connections);
                let seed = setting.seed + number as u64;
                Posts::of_family(target, setting.family, seed, each, batch)
            })),
            Scenario::TokenPost => token_posts(target, connections),
            Scenario::Session => {
                let learners = session::launch(target, setting.sessions.max(connections))?;
                let each = learners.len().div_ceil(connections);
                Ok(learners
                    .chunks(each)
                    .map(|learners| boxed(session::whole(target, learners)))
                    .collect())
            }
            Scenario::Ask(kind) => {
                let requests = setting.questions(kind, QUESTIONS)?;
                Ok(setting.each(|number| setting.turns(&requests, number)))
            }
            Scenario::Since => {
                let since = setting
                    .since
                    .ok_or("there are no statements to ask about")?;
                Ok(setting.each(|_| Turns::new(vec![read::poll(target, since)])))
            }
            Scenario::More => {
                let asked = setting.samples()?.ask(Ask::Registration, QUESTIONS);
                let share = asked.len().div_ceil(connections).max(1);
                Ok(asked
                    .chunks(share)
                    .map(|asked| boxed(Pages::new(target, asked)))
                    .collect())
            }
            Scenario::StateWrite => {
                Ok(setting.each(|number| document::writes(target, number, DOCUMENTS)))
            }
            Scenario::StateRead => {
                finish(
                    target,
                    setting.each(|number| {
                        document::writes(target, number, DOCUMENTS).times(DOCUMENTS)
                    }),
                )?;
                Ok(setting.each(|number| document::reads(target, number, DOCUMENTS)))
            }
            Scenario::Mixed => setting.mixed(),
        }
    }
}

fn token_posts(target: &Target, connections: usize) -> Result<Vec<Box<dyn Work>>, String> {
    let learners = session::launch(target, connections)?;
    let openings = learners
        .iter()
        .map(|learner| boxed(session::opening(target, learner)));
    finish(target, openings.collect())?;
    let each = STATEMENTS / connections;
    Ok(learners
        .iter()
        .map(|learner| boxed(session::allowed(target, learner, each)))
        .collect())
}

fn boxed(work: impl Work + 'static) -> Box<dyn Work> {
    Box::new(work)
}

impl Setting<'_> {
    fn each<W: Work + 'static>(&self, work: impl Fn(usize) -> W) -> Vec<Box<dyn Work>> {
        (0..self.connections.max(1))
            .map(|number| boxed(work(number)))
            .collect()
    }

    fn samples(&self) -> Result<&Samples, String> {
        self.samples.ok_or_else(|| {
            "there are no statements to ask about: fill the endpoint first".to_owned()
        })
    }

    fn questions(&self, kind: Ask, times: usize) -> Result<Vec<Vec<u8>>, String> {
        let asked = self.samples()?.ask(kind, times);
        if asked.is_empty() {
            return Err(format!("there is nothing that can be asked so: {kind:?}"));
        }
        let requests = asked
            .iter()
            .map(|asked| read::question(&self.target, asked));
        Ok(requests.collect())
    }

    /// A connection's share of the requests, begun at another place than its neighbours'.
    fn turns(&self, requests: &[Vec<u8>], number: usize) -> Turns {
        let mut own = requests.to_vec();
        own.rotate_left(number * requests.len() / self.connections.max(1) % requests.len().max(1));
        own.truncate(requests.len().div_ceil(self.connections.max(1)));
        Turns::new(own)
    }

    fn mixed(&self) -> Result<Vec<Box<dyn Work>>, String> {
        let kinds = [
            Ask::Id,
            Ask::Registration,
            Ask::AgentVerb,
            Ask::Activity,
            Ask::Recent,
        ];
        let mut requests = Vec::new();
        for kind in kinds {
            requests.push(self.questions(kind, QUESTIONS / kinds.len())?);
        }
        let most = requests.iter().map(Vec::len).max().unwrap_or(0);
        let in_turn: Vec<Vec<u8>> = (0..most)
            .flat_map(|at| {
                requests
                    .iter()
                    .filter_map(move |kind| kind.get(at).cloned())
            })
            .collect();
        let each = STATEMENTS / self.connections.max(1);
        Ok(self.each(|number| {
            let seed = self.seed + number as u64;
            let writes = Posts::of_family(&self.target, self.family, seed, each, 1);
            Mixed::new(self.turns(&in_turn, number), writes)
        }))
    }
}

/// Does work to its end, unmeasured.
///
/// # Errors
/// The first failure.
pub fn finish(target: &Target, works: Vec<Box<dyn Work>>) -> Result<(), String> {
    let plan = Plan::to_the_end(Pace::Closed);
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
