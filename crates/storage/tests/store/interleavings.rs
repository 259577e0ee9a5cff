//! Threads that race: whatever they end with is what some order of their commits, one after the other, gives.

use proptest::collection::vec;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use storage::batch::{RecordKey, RecordKind};
use storage::query::Order;
use storage::{Assert, Batch, CommitError, Fact, FactKey, Op, Seq, StatementFact, Store, Tenant};

use crate::asks;
use crate::client::{commit_deciding, decide, fact, put, settle};
use crate::histories::{check_facts, questions};
use crate::made::{Made, uuid};
use crate::naive::Naive;

const TENANT: Tenant = Tenant::DEFAULT;
const THREADS: u8 = 6;

fn account(number: u8) -> RecordKey {
    RecordKey {
        kind: RecordKind::Setting,
        key: vec![number],
    }
}

/// Version and balance of each account, from one snapshot.
fn balances(store: &Store, accounts: &[u8]) -> Vec<(u64, u64)> {
    let keys: Vec<_> = accounts
        .iter()
        .map(|one| FactKey::Record(account(*one)))
        .collect();
    let facts = store.facts(TENANT, &keys).expect("the store can be read");
    facts
        .into_iter()
        .map(|fact| match fact {
            Fact::Record(Some(record)) => {
                let value = record.value.try_into().expect("it was a number");
                (record.version, u64::from_be_bytes(value))
            }
            other => panic!("an account was asked for: {other:?}"),
        })
        .collect()
}

/// Money moves between accounts. It neither comes nor goes, every reader sees all of it, and every move counts once.
#[test]
fn moves_between_records_are_serial() {
    const ACCOUNTS: [u8; 3] = [0, 1, 2];
    const MOVES: u64 = 40;
    let opened = crate::open();
    let store = &opened.store;
    let open = |number| Op::PutRecord(account(number), 1_000u64.to_be_bytes().to_vec());
    let ops = ACCOUNTS.map(open).to_vec();
    store
        .commit_blocking(Batch {
            tenant: TENANT,
            asserts: Vec::new(),
            ops,
        })
        .expect("nothing is asserted");
    std::thread::scope(|threads| {
        for thread in 0..THREADS {
            threads.spawn(move || {
                let (from, to) = (thread % 3, (thread + 1) % 3);
                for amount in 1..=MOVES {
                    let decide = || {
                        let [(v1, b1), (v2, b2)] = balances(store, &[from, to])[..] else {
                            panic!("two accounts were asked for");
                        };
                        let amount = amount.min(b1);
                        let write = |number, balance: u64| {
                            Op::PutRecord(account(number), balance.to_be_bytes().to_vec())
                        };
                        Batch {
                            tenant: TENANT,
                            asserts: vec![
                                Assert::RecordVersion(account(from), v1),
                                Assert::RecordVersion(account(to), v2),
                            ],
                            ops: vec![write(from, b1 - amount), write(to, b2 + amount)],
                        }
                    };
                    commit_deciding(store, TENANT, decide).expect("the store takes it");
                    let all = balances(store, &ACCOUNTS);
                    assert_eq!(all.iter().map(|(_, balance)| balance).sum::<u64>(), 3_000);
                }
            });
        }
    });
    let writes: u64 = balances(store, &ACCOUNTS)
        .iter()
        .map(|(version, _)| version)
        .sum();
    assert_eq!(writes, 3 + 2 * MOVES * u64::from(THREADS));
}

/// Of those who rely on the same fact one is right, also when their batches are judged together.
#[test]
fn one_of_many_wins_each_id() {
    const IDS: u8 = 30;
    let opened = crate::open();
    let store = &opened.store;
    let nothing = crate::open();
    let before = &nothing.store;
    let race = |thread: u8| -> Vec<u8> {
        let wins = |id: &u8| {
            let made = Made::plain(*id).actor(thread);
            // Decided on what was true before the race.
            let asserts = vec![Assert::StatementAbsent {
                id: uuid(*id),
                waiting: 0,
            }];
            let ops = decide(before, TENANT, &[made]).ops;
            match store.commit_blocking(Batch {
                tenant: TENANT,
                asserts,
                ops,
            }) {
                Ok(committed) => {
                    assert_eq!(committed.seqs.len(), 1);
                    true
                }
                Err(CommitError::Stale(_)) => false,
                Err(error) => panic!("{error}"),
            }
        };
        (0..IDS).filter(wins).collect()
    };
    let wins = std::thread::scope(|threads| {
        let racers: Vec<_> = (0..THREADS)
            .map(|thread| threads.spawn(move || race(thread)))
            .collect();
        racers
            .into_iter()
            .map(|racer| racer.join().expect("no racer fails"))
            .collect::<Vec<_>>()
    });
    for id in 0..IDS {
        let winners: Vec<u8> = (0..THREADS)
            .zip(&wins)
            .filter(|(_, won)| won.contains(&id))
            .map(|(thread, _)| thread)
            .collect();
        let [winner] = winners[..] else {
            panic!("{winners:?} have stored {id}")
        };
        match fact(store, TENANT, uuid(id)) {
            StatementFact::Stored(stored) => {
                assert_eq!(stored.content.text, Made::plain(id).actor(winner).text());
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(store.verify().problems, []);
}

/// Statements that refer to and void each other come from many threads at once. Their places say in which order
/// they came; in that order the naive model gives the same answers.
#[test]
fn histories_told_by_many_are_serial() {
    let opened = crate::open();
    let store = &opened.store;
    let mut runner = TestRunner::deterministic();
    let questions = vec(questions(), 30);
    for round in 0..40u8 {
        let tenant = Tenant(u32::from(round) + 1);
        let made = |id: u8| {
            let other = id.wrapping_mul(7).wrapping_add(round) % 15;
            let one = Made::plain(id).verb(id % 3).actor(id % 2);
            match (id + round) % 5 {
                0 => one,
                1 => one.voids(other),
                _ => one.refers(other),
            }
        };
        let told = std::thread::scope(|threads| {
            let tellers: Vec<_> = (0..5)
                .map(|teller| {
                    threads.spawn(move || {
                        let tell = |id| (put(store, tenant, &[made(id)])[0], made(id));
                        (0..3)
                            .map(|n| tell(teller + 5 * n))
                            .collect::<Vec<(Seq, Made)>>()
                    })
                })
                .collect();
            tellers
                .into_iter()
                .flat_map(|teller| teller.join().expect("no teller fails"))
                .collect::<Vec<_>>()
        });
        let mut naive = Naive { rows: told };
        naive.rows.sort_unstable_by_key(|(seq, _)| *seq);
        settle(store, naive.rows.last().map_or(Seq(0), |(seq, _)| *seq));
        check_facts(store, tenant, &naive);
        let questions = questions
            .new_tree(&mut runner)
            .expect("nothing is rejected")
            .current();
        for ask in &questions {
            asks::check(store, tenant, &naive, ask);
        }
        for order in [Order::NewestFirst, Order::OldestFirst] {
            asks::check(store, tenant, &naive, &asks::Ask::all(&[], order));
        }
    }
    assert_eq!(store.verify().problems, []);
}
