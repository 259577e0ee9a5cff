//! References and voids, whichever statement comes first.

use super::*;

/// Statements with what they refer to, committed in this order, each in a group of its own or all in one. Then
/// statement `found` is found by the verb of the others at these depth bits.
fn check(statements: &[(u128, Option<u128>)], expected: &[(u128, &[(u128, u8)])]) {
    let place = Place::new();
    let engine = place.open_engine();
    for (run, order) in (0..).zip(permutations(statements)) {
        for together in [false, true] {
            // Each run has statements of its own.
            let base = 1000 * (2 * run + u128::from(together));
            let order: Vec<_> = order
                .iter()
                .map(|(n, reference)| (base + n, reference.map(|n| base + n)))
                .collect();
            let batches: Vec<Batch> = order
                .iter()
                .map(|(n, reference)| batch(vec![], vec![Op::PutStatement(put(*n, *reference))]))
                .collect();
            let mut seqs = Vec::new();
            if together {
                seqs.extend(commit_all(&engine, &batches));
            } else {
                for batch in &batches {
                    // Whoever commits knows what is stored, and gives the terms of the chain with the statement.
                    let batch = with_chain(&engine, batch);
                    seqs.extend(commit_all(&engine, &[batch]));
                }
            }
            propagate_all(&engine);
            let seq_of = |n: u128| {
                let place = order
                    .iter()
                    .position(|(other, _)| *other == n)
                    .expect("it was committed");
                seqs[place].seqs[0]
            };
            for (found, by) in expected {
                for (other, bit) in *by {
                    let (found, other) = (base + found, base + other);
                    // In one group nobody gave the terms of targets that came before: only what came late is there.
                    let came_late = order.iter().position(|(n, _)| *n == other)
                        > order.iter().position(|(n, _)| *n == found);
                    if together && !came_late && other != found {
                        continue;
                    }
                    let actual = bits(&engine, seq_of(found), other);
                    assert_eq!(
                        actual, *bit,
                        "{found} by {other} in {order:?}, together {together}"
                    );
                }
            }
        }
    }
}

fn with_chain(engine: &Engine, batch: &Batch) -> Batch {
    let mut batch = batch.clone();
    for op in &mut batch.ops {
        let Op::PutStatement(put) = op else { continue };
        let Some(target) = put.reference else {
            continue;
        };
        let mut group = super::super::group::Group::new(engine, Seq(1));
        let chain = group.chain(TENANT, target).expect("the chain is read");
        for (depth, (_, terms)) in
            (1..).zip(chain.iter().take_while(|(member, _)| *member != put.id))
        {
            for term in terms {
                match put.terms.iter_mut().find(|(other, _)| other == term) {
                    Some((_, chain)) => chain.0 |= 1 << depth,
                    None => put.terms.push((*term, Chain(1 << depth))),
                }
            }
        }
        put.terms.sort_unstable_by_key(|(term, _)| *term);
    }
    batch
}

fn permutations<T: Clone>(items: &[T]) -> Vec<Vec<T>> {
    if items.is_empty() {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for (place, item) in items.iter().enumerate() {
        let mut rest = items.to_vec();
        rest.remove(place);
        for mut order in permutations(&rest) {
            order.insert(0, item.clone());
            all.push(order);
        }
    }
    all
}

#[test]
fn a_reference_is_found_by_its_target() {
    check(
        &[(1, None), (2, Some(1))],
        &[(2, &[(1, 0b10), (2, 1)]), (1, &[(1, 1), (2, 0)])],
    );
}

#[test]
fn a_chain_of_four_is_found_at_each_depth() {
    check(
        &[(1, None), (2, Some(1)), (3, Some(2)), (4, Some(3))],
        &[
            (4, &[(1, 0b1000), (2, 0b100), (3, 0b10), (4, 1)]),
            (3, &[(1, 0b100), (2, 0b10), (3, 1), (4, 0)]),
            (2, &[(1, 0b10), (2, 1), (3, 0), (4, 0)]),
        ],
    );
}

#[test]
fn several_refer_to_one() {
    check(
        &[(1, None), (2, Some(1)), (3, Some(1)), (4, Some(2))],
        &[
            (2, &[(1, 0b10), (3, 0)]),
            (3, &[(1, 0b10), (2, 0)]),
            (4, &[(1, 0b100), (2, 0b10), (3, 0)]),
        ],
    );
}

#[test]
fn cycles_end() {
    check(&[(1, Some(1))], &[(1, &[(1, 1)])]);
    check(
        &[(1, Some(2)), (2, Some(1))],
        &[(1, &[(1, 1), (2, 0b10)]), (2, &[(1, 0b10), (2, 1)])],
    );
    check(
        &[(1, Some(2)), (2, Some(3)), (3, Some(1)), (4, Some(1))],
        &[
            (1, &[(1, 1), (2, 0b10), (3, 0b100), (4, 0)]),
            (2, &[(2, 1), (3, 0b10), (1, 0b100)]),
            (4, &[(4, 1), (1, 0b10), (2, 0b100), (3, 0b1000)]),
        ],
    );
}

#[test]
fn a_chain_counts_eight_statements() {
    let place = Place::new();
    let engine = place.open_engine();
    let mut seqs = Vec::new();
    for n in (1..=10).rev() {
        let reference = (n > 1).then(|| n - 1);
        seqs.push(
            commit_all(
                &engine,
                &[batch(vec![], vec![Op::PutStatement(put(n, reference))])],
            )[0]
            .seqs[0],
        );
        propagate_all(&engine);
    }
    // 10 came first. Its chain goes down to 3.
    assert_eq!(bits(&engine, seqs[0], 3), 1 << 7);
    assert_eq!(bits(&engine, seqs[0], 2), 0);
    assert_eq!(bits(&engine, seqs[9 - 1], 1), 0b10);
}

#[test]
fn many_referrers_are_worked_off_in_steps() {
    let place = Place::new();
    let engine = place.open_engine();
    let ops = (2..=402)
        .map(|n| Op::PutStatement(put(n, Some(1))))
        .collect();
    let seqs = commit_all(&engine, &[batch(vec![], ops)]).remove(0).seqs;
    place.time.store(START + 10_000, Ordering::SeqCst);
    let arrived = commit_all(
        &engine,
        &[batch(vec![], vec![Op::PutStatement(put(1, None))])],
    )[0]
    .seqs[0];
    assert_eq!(engine.consistent_through(), arrived.0 - 1);
    engine
        .propagate(arrived, TENANT, id(1))
        .expect("propagation works");
    let done = seqs
        .iter()
        .filter(|seq| bits(&engine, **seq, 1) != 0)
        .count();
    assert!(done > 0 && done < seqs.len(), "one step does {done}");
    assert_eq!(engine.consistent_through(), arrived.0 - 1);
    propagate_all(&engine);
    assert!(seqs.iter().all(|seq| bits(&engine, *seq, 1) == 0b10));
    assert!(engine.consistent_through() >= arrived.0);
}

fn void(target: u128, by: u128) -> Op {
    Op::Void {
        target: id(target),
        by: id(by),
    }
}

fn voiding(n: u128, target: u128) -> Op {
    Op::PutStatement(NewStatement {
        voiding: true,
        ..put(n, Some(target))
    })
}

/// Where the payload lies: lists, voided.
fn lies(engine: &Engine, seq: Seq) -> (bool, bool) {
    let key = keys::statement(TENANT, seq);
    let there = |family| {
        engine
            .read(family, &key, |_| Ok(()))
            .expect("the store is read")
            .is_some()
    };
    (there(Family::Statements), there(Family::Voided))
}

#[test]
fn a_void_takes_a_statement_out_of_every_list() {
    for together in [false, true] {
        let place = Place::new();
        let engine = place.open_engine();
        let batches = [
            // 2 refers to 1, which comes late, so that 2 also has terms from propagation.
            batch(vec![], vec![Op::PutStatement(put(2, Some(1)))]),
            batch(vec![], vec![Op::PutStatement(put(1, None))]),
            batch(vec![], vec![voiding(3, 2), void(2, 3)]),
        ];
        let committed = if together {
            commit_all(&engine, &batches)
        } else {
            batches
                .iter()
                .flat_map(|batch| {
                    let committed = commit_all(&engine, std::slice::from_ref(batch));
                    propagate_all(&engine);
                    committed
                })
                .collect()
        };
        propagate_all(&engine);
        let seq = committed[0].seqs[0];
        assert_eq!(lies(&engine, seq), (false, true), "together {together}");
        assert_eq!(
            (bits(&engine, seq, 2), bits(&engine, seq, 1)),
            (0, 0),
            "together {together}"
        );
        let StatementFact::Stored(stored) = statement_fact(&engine, 2) else {
            panic!("it is stored")
        };
        assert_eq!(
            (stored.seq, stored.voided_by, stored.content.id),
            (seq, Some(id(3)), id(2))
        );
        // A second void changes nothing, and nothing voids a statement that voids.
        commit_all(&engine, &[batch(vec![], vec![void(2, 4), void(3, 4)])]);
        let StatementFact::Stored(stored) = statement_fact(&engine, 2) else {
            panic!("it is stored")
        };
        assert_eq!(stored.voided_by, Some(id(3)));
        let StatementFact::Stored(stored) = statement_fact(&engine, 3) else {
            panic!("it is stored")
        };
        assert_eq!((stored.voiding, stored.voided_by), (true, None));
    }
}

#[test]
fn a_void_in_the_batch_of_its_target_works() {
    let place = Place::new();
    let engine = place.open_engine();
    let ops = vec![Op::PutStatement(put(1, None)), voiding(2, 1), void(1, 2)];
    let seq = commit_all(&engine, &[batch(vec![], ops)])[0].seqs[0];
    assert_eq!(
        (lies(&engine, seq), bits(&engine, seq, 1)),
        ((false, true), 0)
    );
}

#[test]
fn a_chain_is_voided_in_one_batch_in_any_order() {
    for targets in permutations(&[1, 2, 3]) {
        let place = Place::new();
        let engine = place.open_engine();
        let chain = [(1, None), (2, Some(1)), (3, Some(2))]
            .map(|(n, reference)| batch(vec![], vec![Op::PutStatement(put(n, reference))]));
        let seqs: Vec<Seq> = chain
            .iter()
            .flat_map(|batch| commit_all(&engine, &[with_chain(&engine, batch)]))
            .map(|committed| committed.seqs[0])
            .collect();
        let mut ops: Vec<Op> = targets.iter().map(|&n| voiding(10 + n, n)).collect();
        ops.extend(targets.iter().map(|&n| void(n, 10 + n)));
        commit_all(&engine, &[batch(vec![], ops)]);
        for seq in seqs {
            assert_eq!(lies(&engine, seq), (false, true), "{targets:?}");
            let found = [1, 2, 3].map(|by| bits(&engine, seq, by));
            assert_eq!(found, [0, 0, 0], "{targets:?}");
        }
    }
}

#[test]
fn a_void_may_come_before_its_target() {
    let place = Place::new();
    let engine = place.open_engine();
    let by = commit_all(&engine, &[batch(vec![], vec![voiding(2, 1), void(1, 2)])])[0].seqs[0];
    let StatementFact::Awaited {
        waiting: 2,
        voided_by,
    } = statement_fact(&engine, 1)
    else {
        panic!("{:?}", statement_fact(&engine, 1))
    };
    assert_eq!(voided_by, Some(id(2)));
    let target = NewStatement {
        voided_by,
        ..put(1, None)
    };
    let arrives = batch(
        vec![Assert::StatementAbsent {
            id: id(1),
            waiting: 2,
        }],
        vec![Op::PutStatement(target)],
    );
    let seq = commit_all(&engine, &[arrives])[0].seqs[0];
    propagate_all(&engine);
    assert_eq!(
        (lies(&engine, seq), bits(&engine, seq, 1)),
        ((false, true), 0)
    );
    // The voiding statement is found by the terms of what it voids.
    assert_eq!(bits(&engine, by, 1), 0b10);
}

#[test]
fn a_voiding_statement_that_was_voided_ahead_stays() {
    let place = Place::new();
    let engine = place.open_engine();
    commit_all(&engine, &[batch(vec![], vec![voiding(2, 1), void(1, 2)])]);
    let seq = commit_all(&engine, &[batch(vec![], vec![voiding(1, 5)])])[0].seqs[0];
    assert_eq!(lies(&engine, seq), (true, false));
}
