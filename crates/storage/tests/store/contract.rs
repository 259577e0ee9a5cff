//! Statements: facts, assertions, voiding, references, lists.

use storage::query::Order;
use storage::{Assert, Batch, CommitError, Op, Seq, StatementFact, Store, Tenant};

use uuid::Uuid;

use crate::asks::{self, Ask, Filter};
use crate::client::{decide, fact, put, settle};
use crate::histories::check_facts;
use crate::made::{Made, VERB_VOIDED, uuid};
use crate::naive::Naive;

const TENANT: Tenant = Tenant::DEFAULT;

/// Batches in the order in which they come.
type History<'a> = &'a [&'a [Made]];

/// Stores each history for a tenant of its own; then facts and lists are as the naive model says, in memory, in files,
/// in both, and after the store was opened again.
fn check(histories: &[History<'_>]) {
    let opened = crate::open();
    let store = &opened.store;
    let worlds = |first: u32| -> Vec<World> {
        let tenants = (first..).map(Tenant);
        tenants
            .zip(histories)
            .map(|(tenant, _)| World {
                tenant,
                naive: Naive::default(),
            })
            .collect()
    };

    let mut whole = worlds(1);
    for (world, history) in whole.iter_mut().zip(histories) {
        world.live(store, history);
        check_all(store, world);
    }
    let mut halved = worlds(1_000);
    for (world, history) in halved.iter_mut().zip(histories) {
        world.live(store, &history[..history.len() / 2]);
    }
    store.flush().expect("the disk takes it");
    for (world, history) in halved.iter_mut().zip(histories) {
        world.live(store, &history[history.len() / 2..]);
    }
    let check_all = |store: &Store| {
        for world in whole.iter().chain(&halved) {
            check_all(store, world);
        }
        assert_eq!(store.verify().problems, []);
    };
    check_all(store);
    store.flush().expect("the disk takes it");
    check_all(store);
    check_all(&opened.reopen().store);
}

/// A tenant and what its part of the store must answer.
struct World {
    tenant: Tenant,
    naive: Naive,
}

impl World {
    fn live(&mut self, store: &Store, history: History<'_>) {
        for batch in history {
            let seqs = put(store, self.tenant, batch);
            self.naive
                .rows
                .extend(seqs.into_iter().zip(batch.iter().copied()));
        }
    }
}

fn check_all(store: &Store, World { tenant, naive }: &World) {
    settle(store, naive.rows.last().map_or(Seq(0), |(seq, _)| *seq));
    check_facts(store, *tenant, naive);
    for order in [Order::NewestFirst, Order::OldestFirst] {
        let mut filters = vec![vec![], vec![Filter::Verb(VERB_VOIDED)]];
        for (_, made) in &naive.rows {
            filters.push(vec![Filter::Verb(made.verb)]);
            filters.push(vec![Filter::Agent(made.actor)]);
            filters.push(vec![Filter::Verb(made.verb), Filter::Agent(made.actor)]);
            filters.push(vec![Filter::Verb(made.verb), Filter::AnyActivity(0)]);
        }
        for filters in filters {
            let ask = Ask::all(&filters, order);
            asks::check(store, *tenant, naive, &ask);
            asks::check(store, *tenant, naive, &Ask { rows_max: 2, ..ask });
        }
    }
}

#[test]
fn statements_are_listed_in_the_order_of_their_batches() {
    let made = |id: u8| Made::plain(id).verb(id % 3).actor(id % 2);
    check(&[&[
        &[made(5), made(2), made(7)],
        &[made(1)],
        &[made(4), made(3)],
    ]]);
}

#[test]
fn a_void_takes_its_target_out_whichever_comes_first() {
    let (target, other) = (Made::plain(1).verb(1), Made::plain(2));
    let (void, again) = (
        Made::plain(3).voids(1).actor(1),
        Made::plain(4).voids(1).actor(2),
    );
    check(&[
        &[&[target, other], &[void]],
        &[&[void], &[target, other]],
        &[&[target, void, other]],
        &[&[void, target, other]],
        &[&[target], &[void], &[again]],
        &[&[void], &[again], &[target]],
        &[&[void], &[target], &[again]],
    ]);
}

#[test]
fn a_void_of_a_void_is_left_alone() {
    let (target, void) = (Made::plain(1).verb(1), Made::plain(2).voids(1));
    let unvoid = Made::plain(3).voids(2).actor(1);
    check(&[
        &[&[target], &[void], &[unvoid]],
        &[&[unvoid], &[void], &[target]],
        &[&[target, void, unvoid]],
        &[&[Made::plain(1).voids(1)]],
    ]);
}

#[test]
fn what_refers_is_found_by_its_target_whichever_comes_first() {
    let target = Made::plain(1).verb(1);
    let referrer = Made::plain(2).refers(1).actor(1);
    let further = Made::plain(3).refers(2).actor(2);
    let void = Made::plain(4).voids(1);
    let void_between = Made::plain(5).voids(2);
    check(&[
        &[&[target], &[referrer], &[further]],
        &[&[further], &[referrer], &[target]],
        &[&[referrer], &[further], &[target]],
        &[&[further, target, referrer]],
        // Also when the target is voided, before or after.
        &[&[target], &[void], &[referrer], &[further]],
        &[&[further], &[referrer], &[target], &[void]],
        &[&[void], &[further], &[referrer], &[target]],
        // And when what stands between is voided.
        &[&[target], &[referrer], &[void_between], &[further]],
        &[&[further], &[void_between], &[referrer], &[target]],
    ]);
}

#[test]
fn references_in_a_circle_end() {
    let member = |id: u8| Made::plain(id).refers(id % 3 + 1).verb(id).actor(id);
    let [one, two, three] = [1, 2, 3].map(member);
    let itself = Made::plain(4).refers(4).verb(2);
    check(&[
        &[&[one, two, three]],
        &[&[one], &[two], &[three]],
        &[&[three], &[two], &[one]],
        &[&[one], &[three, Made::plain(5).refers(1)], &[two]],
        &[&[itself], &[Made::plain(5).refers(4)]],
        &[&[Made::plain(5).refers(4)], &[itself]],
    ]);
}

#[test]
fn chains_count_to_their_depth_and_no_further() {
    let mut chain = vec![Made::plain(0).verb(1).actor(1)];
    chain.extend((1..12).map(|id| Made::plain(id).refers(id - 1)));
    let mut backward = chain.clone();
    backward.reverse();
    let mut middle_last = chain.clone();
    middle_last.swap(6, 11);
    check(&[
        &[&chain],
        &[&backward],
        &singly(&chain),
        &singly(&backward),
        &singly(&middle_last),
    ]);
}

/// Each in a batch of its own.
fn singly(made: &[Made]) -> Vec<&[Made]> {
    made.chunks(1).collect()
}

#[test]
fn more_referrers_than_one_step_of_late_work_takes() {
    let opened = crate::open();
    let referrers: Vec<Made> = (1..=250).map(|id| Made::plain(id).refers(0)).collect();
    let target = Made::plain(0).verb(1).actor(1);
    let mut naive = Naive::default();
    for batch in referrers.chunks(100).chain([&[target][..]]) {
        let seqs = put(&opened.store, TENANT, batch);
        naive
            .rows
            .extend(seqs.into_iter().zip(batch.iter().copied()));
    }
    settle(
        &opened.store,
        naive.rows.last().map_or(Seq(0), |(seq, _)| *seq),
    );
    let ask = Ask::all(&[Filter::Verb(1), Filter::Agent(1)], Order::NewestFirst);
    assert_eq!(naive.answer(&ask).len(), 251);
    asks::check(&opened.store, TENANT, &naive, &ask);
    assert_eq!(opened.store.verify().problems, []);
}

#[test]
fn an_assertion_that_does_not_hold_drops_the_whole_batch() {
    let opened = crate::open();
    let store = &opened.store;
    put(store, TENANT, &[Made::plain(1), Made::plain(2).refers(9)]);
    let fresh = decide(store, TENANT, &[Made::plain(3)]);
    for (id, waiting) in [(1, 0), (2, 1), (9, 0), (9, 2), (8, 1)] {
        let stale = Assert::StatementAbsent {
            id: uuid(id),
            waiting,
        };
        let mut batch = fresh.clone();
        batch.asserts.push(stale.clone());
        let answer = store.commit_blocking(batch);
        assert!(matches!(answer, Err(CommitError::Stale(why)) if why == stale));
        assert!(matches!(
            fact(store, TENANT, uuid(3)),
            StatementFact::Absent
        ));
    }
    let mut batch = fresh;
    batch.asserts.push(Assert::StatementAbsent {
        id: uuid(9),
        waiting: 1,
    });
    store
        .commit_blocking(batch.clone())
        .expect("everything holds");
    // The same again: an id is stored once, even if nothing is asserted.
    batch.asserts.clear();
    assert!(matches!(
        store.commit_blocking(batch),
        Err(CommitError::Stale(_))
    ));
}

#[test]
fn what_waits_for_a_statement_changes_its_version() {
    let opened = crate::open();
    let store = &opened.store;
    let mut seen = vec![0];
    let waits = [
        Made::plain(1).refers(9),
        Made::plain(2).refers(9),
        Made::plain(3).voids(9),
    ];
    for one in waits {
        put(store, TENANT, &[one]);
        match fact(store, TENANT, uuid(9)) {
            StatementFact::Awaited { waiting, .. } => seen.push(waiting),
            other => panic!("{other:?}"),
        }
    }
    assert!(seen.is_sorted_by(|one, two| one < two), "{seen:?}");
}

#[test]
fn a_batch_without_operations_is_nothing() {
    let opened = crate::open();
    let empty = Batch {
        tenant: TENANT,
        asserts: Vec::new(),
        ops: Vec::new(),
    };
    let committed = opened
        .store
        .commit_blocking(empty)
        .expect("there is nothing to refuse");
    assert_eq!(committed.seqs, []);
}

/// Between pages something new comes, and both the row at which the page ended and the one behind it are voided.
#[test]
fn pages_go_on_while_statements_come_and_are_voided() {
    for (tenant, order) in [
        (Tenant(1), Order::NewestFirst),
        (Tenant(2), Order::OldestFirst),
    ] {
        for (tenant, filters) in [
            (tenant, vec![]),
            (Tenant(tenant.0 + 2), vec![Filter::Agent(1)]),
        ] {
            let opened = crate::open();
            let store = &opened.store;
            let first: Vec<Made> = (0..20).map(|id| Made::plain(id).actor(1)).collect();
            put(store, tenant, &first);
            let mut query = Ask {
                rows_max: 3,
                ..Ask::all(&filters, order)
            }
            .query(tenant);
            let mut found = Vec::new();
            let (mut voided, mut gone) = (Vec::new(), Vec::new());
            let mut fresh = 100;
            loop {
                let page = store.scan(&query).expect("the store can be read");
                found.extend(page.rows.iter().map(|row| row.content.id));
                query.cursor = page.next;
                if page.next.is_none() {
                    break;
                }
                let behind = first
                    .iter()
                    .map(Made::uuid)
                    .filter(|id| !voided.contains(id));
                let mut behind: Vec<_> = behind.filter(|id| !found.contains(id)).collect();
                if order == Order::NewestFirst {
                    behind.reverse();
                }
                let last = found.last().copied();
                for target in last.into_iter().chain(behind.first().copied()) {
                    let target = (0..20).find(|id| uuid(*id) == target);
                    let void = target.map(|target| Made::plain(fresh).actor(2).voids(target));
                    put(store, tenant, &void.into_iter().collect::<Vec<_>>());
                    fresh += 1;
                }
                voided.extend(last.into_iter().chain(behind.first().copied()));
                gone.extend(behind.first().copied());
                // So that the end is reached, only some of what comes is asked for.
                if fresh < 106 {
                    put(store, tenant, &[Made::plain(fresh + 100).actor(1)]);
                }
            }
            let mut expected: Vec<_> = first.iter().map(Made::uuid).collect();
            expected.retain(|id| found.contains(id) || !voided.contains(id));
            if order == Order::NewestFirst {
                expected.reverse();
            }
            let is_first = |id: &Uuid| first.iter().any(|made| made.uuid() == *id);
            let of_first: Vec<_> = found.iter().copied().filter(is_first).collect();
            assert_eq!(of_first, expected);
            assert!(gone.iter().all(|id| !found.contains(id)));
            assert_eq!(order == Order::OldestFirst, found.len() > of_first.len());
        }
    }
}

#[test]
fn tenants_do_not_see_each_other() {
    let opened = crate::open();
    let store = &opened.store;
    let worlds = [(Tenant(1), 1), (Tenant(2), 2), (Tenant(u32::MAX), 3)].map(|(tenant, verb)| {
        let made = [
            Made::plain(1).verb(verb),
            Made::plain(2).refers(1),
            Made::plain(3).voids(1),
        ];
        let seqs = put(store, tenant, &made[..verb as usize]);
        (
            tenant,
            Naive {
                rows: seqs.into_iter().zip(made).collect(),
            },
        )
    });
    for (tenant, naive) in &worlds {
        check_facts(store, *tenant, naive);
        for verb in 0..4 {
            let ask = Ask::all(&[Filter::Verb(verb)], Order::OldestFirst);
            asks::check(store, *tenant, naive, &ask);
        }
        asks::check(store, *tenant, naive, &Ask::all(&[], Order::NewestFirst));
    }
}

#[test]
fn nothing_is_stored_at_or_below_a_time_that_was_told() {
    let opened = crate::open();
    let store = &opened.store;
    for id in 0..50 {
        let told = store.consistent_through();
        let seqs = put(store, TENANT, &[Made::plain(id)]);
        assert!(seqs.iter().all(|seq| seq.0 > told));
        assert!(seqs.iter().all(|seq| seq.0 <= store.consistent_through()));
    }
}

#[test]
fn the_time_of_a_commit_is_not_before_its_statements() {
    let opened = crate::open();
    let batch = decide(&opened.store, TENANT, &[Made::plain(1), Made::plain(2)]);
    let committed = opened
        .store
        .commit_blocking(batch)
        .expect("everything holds");
    let [first, second] = committed.seqs[..] else {
        panic!("two places: {committed:?}")
    };
    assert!(committed.at <= first.0 && first < second);
    let void = Op::Void {
        target: uuid(7),
        by: uuid(1),
    };
    let batch = Batch {
        tenant: TENANT,
        asserts: Vec::new(),
        ops: vec![void],
    };
    let later = opened
        .store
        .commit_blocking(batch)
        .expect("nothing is asserted");
    assert!(later.at > second.0);
}
