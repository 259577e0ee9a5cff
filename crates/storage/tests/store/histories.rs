//! Random histories, asked at random, against the naive model; with rows in memory, in files, and in both.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU32, Ordering};

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use storage::query::Order;
use storage::{Seq, StatementFact, Store, Tenant};

use crate::asks::{self, Ask, Filter, KEYS_ENOUGH};
use crate::client::{fact, put, settle};
use crate::made::{AUTHORITY, Made, Object, VERB_VOIDED, uuid};
use crate::naive::Naive;

/// Where rows lie when they are asked for.
#[derive(Debug, Clone, Copy)]
enum Placement {
    Memory,
    Files,
    Both,
}

/// A statement without its id, and whether it comes in the batch of the one before.
type Event = (Made, bool);

#[test]
fn histories_in_memory() {
    check_histories(Placement::Memory);
}

#[test]
fn histories_in_files() {
    check_histories(Placement::Files);
}

#[test]
fn histories_in_both() {
    check_histories(Placement::Both);
}

fn check_histories(placement: Placement) {
    let opened = crate::open();
    let store = &opened.store;
    // Each history is a tenant of its own, with the others as neighbours.
    let tenants = AtomicU32::new(1);
    let config = Config {
        cases: 40,
        // A failure is to be told within the minute.
        max_shrink_iters: 300,
        failure_persistence: None,
        ..Config::default()
    };
    let history = (vec(events(), 1..14), vec(questions(), 12..24));
    TestRunner::new(config)
        .run(&vec(history, 1..6), |histories| {
            let mut worlds: Vec<World> = histories
                .into_iter()
                .map(|(events, questions)| {
                    let tenant = Tenant(tenants.fetch_add(1, Ordering::SeqCst));
                    World {
                        tenant,
                        coming: batches(&events),
                        naive: Naive::default(),
                        questions,
                    }
                })
                .collect();
            for world in &mut worlds {
                world.live_half(store);
            }
            if matches!(placement, Placement::Both) {
                store.flush().expect("the disk takes it");
            }
            for world in &mut worlds {
                world.live(store, usize::MAX);
            }
            if matches!(placement, Placement::Files) {
                store.flush().expect("the disk takes it");
            }
            for world in &worlds {
                world.check(store);
            }
            Ok(())
        })
        .unwrap_or_else(|failure| panic!("{failure}"));
    assert_eq!(store.verify().problems, []);
}

fn batches(events: &[Event]) -> VecDeque<Vec<Made>> {
    let mut batches: VecDeque<Vec<Made>> = VecDeque::new();
    for (id, (made, joins)) in (0..).zip(events) {
        let made = Made { id, ..*made };
        match batches.back_mut() {
            Some(batch) if *joins => batch.push(made),
            Some(_) | None => batches.push_back(vec![made]),
        }
    }
    batches
}

/// A tenant with its history, what it must answer, and what it is asked.
struct World {
    tenant: Tenant,
    coming: VecDeque<Vec<Made>>,
    naive: Naive,
    questions: Vec<Ask>,
}

impl World {
    fn live_half(&mut self, store: &Store) {
        self.live(store, self.coming.len() / 2);
    }

    fn live(&mut self, store: &Store, batches_max: usize) {
        for batch in self.coming.drain(..batches_max.min(self.coming.len())) {
            let rows = &mut self.naive.rows;
            let seqs = put(store, self.tenant, &batch);
            assert!(
                seqs.is_sorted_by(|one, two| one < two),
                "places follow the batch's order"
            );
            assert!(
                rows.last()
                    .is_none_or(|(last, _)| Some(last) < seqs.first())
            );
            rows.extend(seqs.into_iter().zip(batch));
        }
        settle(
            store,
            self.naive.rows.last().map_or(Seq(0), |(seq, _)| *seq),
        );
    }

    fn check(&self, store: &Store) {
        for ask in &self.questions {
            asks::check(store, self.tenant, &self.naive, ask);
        }
        check_facts(store, self.tenant, &self.naive);
    }
}

/// What is known of each id, also of those that never came.
pub fn check_facts(store: &Store, tenant: Tenant, naive: &Naive) {
    for id in 0..16 {
        let row = naive.rows.iter().find(|(_, made)| made.id == id);
        let waits = naive
            .rows
            .iter()
            .any(|(_, made)| made.reference() == Some(id));
        let voider = naive
            .rows
            .iter()
            .find(|(_, made)| made.voided() == Some(id));
        match (fact(store, tenant, uuid(id)), row) {
            (StatementFact::Stored(stored), Some((seq, made))) => {
                assert_eq!(stored.seq, *seq);
                assert_eq!(stored.content.text, made.text());
                assert_eq!(stored.voiding, made.is_voiding());
                assert_eq!(stored.voided_by, naive.voided_by(made).map(uuid));
            }
            (StatementFact::Awaited { voided_by, waiting }, None) => {
                assert!(waits && waiting > 0);
                assert_eq!(voided_by, voider.map(|(_, made)| made.uuid()));
            }
            (StatementFact::Absent, None) => assert!(!waits),
            (fact, row) => panic!("{fact:?} of {row:?}"),
        }
    }
}

fn events() -> impl Strategy<Value = Event> {
    let object = prop_oneof![
        3 => (0u8..3).prop_map(Object::Activity),
        // Now and then something that never comes, or itself.
        4 => (0u8..16).prop_map(Object::Refers),
        1 => (0u8..16).prop_map(Object::Voids),
    ];
    let rest = (option::of(0u8..2), option::of(0u8..3), option::of(0u8..3));
    (0u8..3, 0u8..3, object, rest, any::<bool>()).prop_map(
        |(actor, verb, object, (registration, parent, instructor), joins)| {
            let made = Made {
                id: 0,
                actor,
                verb,
                object,
                registration,
                parent,
                instructor,
            };
            (made, joins)
        },
    )
}

pub fn questions() -> impl Strategy<Value = Ask> {
    let keys_max = prop_oneof![Just(KEYS_ENOUGH), Just(1), Just(4), Just(9)];
    let order = prop_oneof![Just(Order::NewestFirst), Just(Order::OldestFirst)];
    let bounds = (
        option::weighted(0.3, 0usize..14),
        option::weighted(0.3, 0usize..14),
    );
    (
        vec(filters(), 0..4),
        vec(filters(), 0..2),
        bounds,
        order,
        1usize..5,
        keys_max,
    )
        .prop_map(
            |(filters, scope, (after, up_to), order, rows_max, keys_max)| Ask {
                filters,
                scope,
                after,
                up_to,
                order,
                rows_max,
                keys_max,
            },
        )
}

fn filters() -> impl Strategy<Value = Filter> {
    prop_oneof![
        (0u8..3).prop_map(Filter::Verb),
        Just(Filter::Verb(VERB_VOIDED)),
        (0u8..3).prop_map(Filter::Activity),
        (0u8..3).prop_map(Filter::AnyActivity),
        (0u8..3).prop_map(Filter::Agent),
        (0u8..3).prop_map(Filter::AnyAgent),
        Just(Filter::AnyAgent(AUTHORITY)),
        (0u8..2).prop_map(Filter::Registration),
    ]
}
