//! Questions to the list of statements, put to the store page by page.

use storage::query::Order;
use storage::{Query, Store, Tenant, Term};

use crate::made::{activity_id, agent_canonical, uuid, verb_id};
use crate::naive::Naive;

#[derive(Debug, Clone, Copy)]
pub enum Filter {
    Verb(u8),
    Activity(u8),
    /// With `related_activities`.
    AnyActivity(u8),
    Agent(u8),
    /// With `related_agents`.
    AnyAgent(u8),
    Registration(u8),
}

#[derive(Debug, Clone)]
pub struct Ask {
    pub filters: Vec<Filter>,
    pub scope: Vec<Filter>,
    /// Bounds are positions in the list of all statements.
    pub after: Option<usize>,
    pub up_to: Option<usize>,
    pub order: Order,
    pub rows_max: usize,
    pub keys_max: usize,
}

/// Enough that no page ends for it.
pub const KEYS_ENOUGH: usize = 100_000;

impl Ask {
    /// All of these filters, in one page.
    pub fn all(filters: &[Filter], order: Order) -> Ask {
        Ask {
            filters: filters.to_vec(),
            scope: Vec::new(),
            after: None,
            up_to: None,
            order,
            rows_max: 1_000,
            keys_max: KEYS_ENOUGH,
        }
    }
}

impl Ask {
    /// The first page, without bounds: they need the list.
    pub fn query(&self, tenant: Tenant) -> Query {
        let groups = |filters: &[Filter]| filters.iter().map(|filter| filter.group()).collect();
        Query {
            tenant,
            groups: groups(&self.filters),
            scope: groups(&self.scope),
            after: None,
            up_to: None,
            order: self.order,
            cursor: None,
            rows_max: self.rows_max,
            keys_max: self.keys_max,
        }
    }
}

impl Filter {
    fn group(self) -> Vec<Term> {
        match self {
            Filter::Verb(verb) => vec![Term::verb(&verb_id(verb))],
            Filter::Activity(activity) => vec![Term::activity(&activity_id(activity))],
            Filter::AnyActivity(activity) => {
                let id = activity_id(activity);
                vec![Term::activity(&id), Term::related_activity(&id)]
            }
            Filter::Agent(agent) => vec![Term::agent(&agent_canonical(agent))],
            Filter::AnyAgent(agent) => {
                let agent = agent_canonical(agent);
                vec![Term::agent(&agent), Term::related_agent(&agent)]
            }
            Filter::Registration(registration) => vec![Term::registration(uuid(registration))],
        }
    }
}

/// The store answers as the naive model does, in pages that keep their promises.
pub fn check(store: &Store, tenant: Tenant, naive: &Naive, ask: &Ask) {
    let expected = naive.answer(ask);
    let (after, up_to) = naive.bounds(ask);
    let mut query = Query {
        after,
        up_to,
        ..ask.query(tenant)
    };
    let mut found = Vec::new();
    loop {
        let page = store.scan(&query).expect("the store can be read");
        assert!(page.rows.len() <= ask.rows_max, "{ask:?}");
        for row in &page.rows {
            let (seq, made) = naive
                .rows
                .iter()
                .find(|(_, made)| made.uuid() == row.content.id)
                .expect("only what was stored comes back");
            assert_eq!(row.seq, *seq);
            assert_eq!(row.content.text, made.text());
            assert_eq!((row.voiding, row.voided_by), (made.is_voiding(), None));
            found.push(made.id);
        }
        if ask.keys_max == KEYS_ENOUGH {
            let more = found.len() < expected.len();
            assert_eq!(
                page.next.is_some(),
                more,
                "a full answer has no next: {ask:?}"
            );
        }
        let Some(next) = page.next else { break };
        assert_ne!(query.cursor, Some(next), "every page gets on: {ask:?}");
        query.cursor = Some(next);
    }
    assert_eq!(found, expected, "{ask:?} of {naive:#?}");
}
