//! Index terms: what a statement, or a row of a table, can be found by. Defined here once for every engine.
//!
//! A kind exists because a filter of xAPI 1.0.3 (Communication 2.1.3) asks for it. A related kind holds only what
//! the plain kind does not, so that no value is indexed twice: a broad filter asks for both.

use std::collections::BTreeMap;

use uuid::Uuid;
use xapi::Statement;
use xapi::statement::{Actor, Agent, Context, Group, Ifi, Object, SubStatement};
use xxhash_rust::xxh3::xxh3_128;

use crate::row::Table;

#[cfg(test)]
mod tests;

/// A 128-bit hash of the kind of term and its canonical value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Term(pub [u8; 16]);

/// Which statements of a chain of StatementRefs have a term: bit 0 the statement itself, bit 1 the one it refers
/// to, and so on. All filters of a query must hold on one statement of the chain: a common bit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct Chain(pub u8);

/// Statements of a chain that count, the first included.
pub const CHAIN_DEPTH_MAX: u32 = 8;

/// Numbers go into the hashes on disk and are never used again for another kind.
#[derive(Debug, Clone, Copy)]
#[repr(u8)]
enum Kind {
    Verb = 1,
    Activity = 2,
    RelatedActivity = 3,
    Agent = 4,
    RelatedAgent = 5,
    Registration = 6,
    Row = 7,
}

impl Term {
    /// `verb`: the verb's id.
    #[must_use]
    pub fn verb(id: &str) -> Self {
        Self::of(Kind::Verb, id.as_bytes())
    }

    /// `activity`: the object is this activity.
    #[must_use]
    pub fn activity(id: &str) -> Self {
        Self::of(Kind::Activity, id.as_bytes())
    }

    /// `activity` with `related_activities`, without what [`Term::activity`] finds: ask for both.
    #[must_use]
    pub fn related_activity(id: &str) -> Self {
        Self::of(Kind::RelatedActivity, id.as_bytes())
    }

    /// `agent`: actor or object is this agent or group ([`Ifi::canonical`]), or a group with it as a member.
    #[must_use]
    pub fn agent(canonical: &str) -> Self {
        Self::of(Kind::Agent, canonical.as_bytes())
    }

    /// `agent` with `related_agents`, without what [`Term::agent`] finds: ask for both.
    #[must_use]
    pub fn related_agent(canonical: &str) -> Self {
        Self::of(Kind::RelatedAgent, canonical.as_bytes())
    }

    /// `registration`: the context's.
    #[must_use]
    pub fn registration(id: Uuid) -> Self {
        Self::of(Kind::Registration, id.as_bytes())
    }

    /// What a row of a table is found by: the value of its field `name`.
    #[must_use]
    pub fn row(table: Table, name: &'static str, value: &[u8]) -> Self {
        // The name's length goes in front of it, so that no name and value run together as another pair does.
        let length = u32::try_from(name.len()).unwrap_or(u32::MAX).to_be_bytes();
        let parts = [&[table as u8][..], &length, name.as_bytes(), value];
        Self::of(Kind::Row, &parts.concat())
    }

    fn of(kind: Kind, value: &[u8]) -> Self {
        let mut bytes = Vec::with_capacity(1 + value.len());
        bytes.push(kind as u8);
        bytes.extend_from_slice(value);
        Self(xxh3_128(&bytes).to_be_bytes())
    }
}

impl Chain {
    /// The statement itself.
    pub const OWN: Chain = Chain(1);

    /// The statement at this depth of the chain; `None` beyond [`CHAIN_DEPTH_MAX`].
    #[must_use]
    pub fn at(depth: u32) -> Option<Self> {
        1u8.checked_shl(depth).map(Self)
    }
}

/// What a statement alone is found by: each term once, sorted. `authority` is what the LRS set, whatever the text
/// says.
#[must_use]
pub fn terms(statement: &Statement<'_>, authority: &Actor<'_>) -> Vec<Term> {
    let mut found = Found::default();
    found.related_actor(authority);
    found.plain_actor(&statement.actor);
    match &statement.object {
        Object::Activity(activity) => found.activities.push(&activity.id),
        Object::Agent(agent) => push_agent(&mut found.agents, agent),
        Object::Group(group) => push_group(&mut found.agents, group),
        Object::StatementRef(_) => {}
        Object::SubStatement(sub) => found.sub_statement(sub),
    }
    let mut terms = vec![Term::verb(&statement.verb.id)];
    if let Some(context) = &statement.context {
        found.context(context);
        terms.extend(context.registration.map(Term::registration));
    }
    found.write(&mut terms);
    terms.sort_unstable();
    terms.dedup();
    terms
}

/// The terms of a whole chain, given each statement's own from the referring one on: sorted, each once, with the
/// depths at which it stands. Statements beyond [`CHAIN_DEPTH_MAX`] do not count.
pub fn along_chain<'t>(statements: impl IntoIterator<Item = &'t [Term]>) -> Vec<(Term, Chain)> {
    let mut chains: BTreeMap<Term, Chain> = BTreeMap::new();
    for (depth, terms) in (0..CHAIN_DEPTH_MAX).zip(statements) {
        let Some(bit) = Chain::at(depth) else { break };
        for term in terms {
            chains.entry(*term).or_default().0 |= bit.0;
        }
    }
    chains.into_iter().collect()
}

/// Values gathered from a statement before they become terms.
#[derive(Default)]
struct Found<'s> {
    activities: Vec<&'s str>,
    related_activities: Vec<&'s str>,
    agents: Vec<String>,
    related_agents: Vec<String>,
}

impl<'s> Found<'s> {
    fn plain_actor(&mut self, actor: &Actor<'_>) {
        push_actor(&mut self.agents, actor);
    }

    fn related_actor(&mut self, actor: &Actor<'_>) {
        push_actor(&mut self.related_agents, actor);
    }

    fn context(&mut self, context: &'s Context<'_>) {
        if let Some(instructor) = &context.instructor {
            self.related_actor(instructor);
        }
        for group in context.team.iter().chain(&context.groups) {
            push_group(&mut self.related_agents, group);
        }
        for agent in &context.agents {
            push_agent(&mut self.related_agents, agent);
        }
        let related = context.activities.all().map(|activity| &*activity.id);
        self.related_activities.extend(related);
    }

    fn sub_statement(&mut self, sub: &'s SubStatement<'_>) {
        self.related_actor(&sub.actor);
        match &sub.object {
            Object::Activity(activity) => self.related_activities.push(&activity.id),
            Object::Agent(agent) => push_agent(&mut self.related_agents, agent),
            Object::Group(group) => push_group(&mut self.related_agents, group),
            Object::StatementRef(_) | Object::SubStatement(_) => {}
        }
        if let Some(context) = &sub.context {
            self.context(context);
        }
    }

    fn write(mut self, terms: &mut Vec<Term>) {
        self.activities.sort_unstable();
        self.agents.sort_unstable();
        terms.extend(self.activities.iter().map(|id| Term::activity(id)));
        terms.extend(self.agents.iter().map(|agent| Term::agent(agent)));
        for id in self.related_activities {
            if self.activities.binary_search(&id).is_err() {
                terms.push(Term::related_activity(id));
            }
        }
        for agent in self.related_agents {
            if self.agents.binary_search(&agent).is_err() {
                terms.push(Term::related_agent(&agent));
            }
        }
    }
}

fn push_actor(agents: &mut Vec<String>, actor: &Actor<'_>) {
    match actor {
        Actor::Agent(agent) => push_agent(agents, agent),
        Actor::Group(group) => push_group(agents, group),
    }
}

fn push_agent(agents: &mut Vec<String>, agent: &Agent<'_>) {
    agents.push(agent.ifi.canonical());
}

/// A group is found by its own identifier and by each of its members.
fn push_group(agents: &mut Vec<String>, group: &Group<'_>) {
    agents.extend(group.ifi.iter().map(Ifi::canonical));
    agents.extend(group.members.iter().map(|member| member.ifi.canonical()));
}
