//! What the store must answer, by definition: a list of statements, walked from its beginning for every question.

use storage::Seq;
use storage::query::Order;
use storage::term::CHAIN_DEPTH_MAX;

use crate::asks::{Ask, Filter};
use crate::made::{AUTHORITY, Made, Object, VERB_VOIDED};

#[derive(Debug, Default)]
pub struct Naive {
    /// In the order in which they came.
    pub rows: Vec<(Seq, Made)>,
}

impl Naive {
    /// Ids of the rows that answer, all pages together.
    pub fn answer(&self, ask: &Ask) -> Vec<u8> {
        let (after, up_to) = self.bounds(ask);
        let mut found: Vec<u8> = self
            .rows
            .iter()
            .filter(|(seq, _)| after.is_none_or(|after| *seq > after))
            .filter(|(seq, _)| up_to.is_none_or(|up_to| *seq <= up_to))
            .filter(|(_, made)| self.voided_by(made).is_none())
            .filter(|(_, made)| ask.scope.iter().all(|filter| has(made, *filter)))
            .filter(|(_, made)| {
                let mut chain = self.chain(*made).into_iter();
                chain.any(|member| ask.filters.iter().all(|filter| has(&member, *filter)))
            })
            .map(|(_, made)| made.id)
            .collect();
        match ask.order {
            Order::OldestFirst => {}
            Order::NewestFirst => found.reverse(),
        }
        found
    }

    /// Bounds are asked for as positions in the list.
    pub fn bounds(&self, ask: &Ask) -> (Option<Seq>, Option<Seq>) {
        let place = |position: usize| self.rows.get(position % self.rows.len().max(1));
        let place = |position: Option<usize>| position.and_then(place).map(|(seq, _)| *seq);
        (place(ask.after), place(ask.up_to))
    }

    /// The first statement that voids it, whichever came first.
    pub fn voided_by(&self, made: &Made) -> Option<u8> {
        if made.is_voiding() {
            return None;
        }
        self.rows
            .iter()
            .find(|(_, other)| other.voided() == Some(made.id))
            .map(|(_, other)| other.id)
    }

    /// A statement, the one that it refers to, the one which that refers to, and so on.
    fn chain(&self, first: Made) -> Vec<Made> {
        let mut chain: Vec<Made> = Vec::new();
        let mut next = Some(first);
        while let Some(member) = next {
            if chain.contains(&member) || chain.len() == CHAIN_DEPTH_MAX as usize {
                break;
            }
            chain.push(member);
            let is_target = |(_, made): &&(Seq, Made)| Some(made.id) == member.reference();
            next = self.rows.iter().find(is_target).map(|(_, made)| *made);
        }
        chain
    }
}

fn has(made: &Made, filter: Filter) -> bool {
    match filter {
        Filter::Verb(verb) => {
            verb == if made.is_voiding() {
                VERB_VOIDED
            } else {
                made.verb
            }
        }
        Filter::Activity(activity) => made.object == Object::Activity(activity),
        Filter::AnyActivity(activity) => {
            made.object == Object::Activity(activity) || made.parent == Some(activity)
        }
        Filter::Agent(agent) => made.actor == agent,
        Filter::AnyAgent(agent) => {
            made.actor == agent || made.instructor == Some(agent) || agent == AUTHORITY
        }
        Filter::Registration(registration) => made.registration == Some(registration),
    }
}
