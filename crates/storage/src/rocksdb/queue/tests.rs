use bytes::Bytes;

use super::*;
use crate::{NewStatement, Tenant};

/// How many statements each batch of each group has, when these wait in the lanes.
fn check(small: &[usize], large: &[usize], expected: &[&[usize]]) {
    check_woken(None, small, large, expected);
}

/// As [`check`], when a small batch of so many statements woke the thread.
fn check_woken(woken: Option<usize>, small: &[usize], large: &[usize], expected: &[&[usize]]) {
    let request = |statements| {
        let (reply, _) = oneshot::channel();
        Request {
            batch: batch(statements),
            reply: Reply::To(reply),
        }
    };
    let lane = |lane: &[usize]| {
        let (sender, receiver) = bounded(100);
        for statements in lane {
            sender
                .send(Message::Commit(request(*statements)))
                .expect("the lane has room");
        }
        receiver
    };
    let options = Options {
        group_statements_max: 10,
        ..Options::default()
    };
    let mut lanes = Lanes {
        small: lane(small),
        large: lane(large),
        woken_by: woken.map(request),
        held: None,
        passed_over: 0,
        stopping: false,
    };
    let mut groups = Vec::new();
    while !lanes.are_empty() {
        let group = lanes.gather(&options);
        groups.push(
            group
                .iter()
                .map(|request| request.batch.ops.len())
                .collect::<Vec<_>>(),
        );
    }
    assert_eq!(groups, expected);
}

fn batch(statements: usize) -> Batch {
    let statement = NewStatement {
        id: uuid::Uuid::nil(),
        record: Bytes::new(),
        terms: Vec::new(),
        reference: None,
        voiding: false,
        voided_by: None,
    };
    Batch {
        tenant: Tenant::DEFAULT,
        asserts: Vec::new(),
        ops: vec![Op::PutStatement(statement); statements],
    }
}

#[test]
fn a_group_has_a_bound() {
    check(&[], &[], &[]);
    check(&[4, 4, 4, 4], &[], &[&[4, 4, 4], &[4]]);
    check(&[], &[5, 5, 5], &[&[5, 5], &[5]]);
    // One that is larger than a group is a group.
    check(&[], &[5, 50, 5], &[&[5], &[50], &[5]]);
}

#[test]
fn small_batches_go_first_and_large_ones_wait_for_two_groups() {
    check(
        &[5; 8],
        &[8, 8],
        &[&[5, 5], &[5, 5], &[8, 5], &[5, 5], &[5], &[8]],
    );
    check(&[5], &[8, 8], &[&[5], &[8], &[8]]);
}

#[test]
fn a_small_batch_that_woke_the_thread_goes_first() {
    check_woken(Some(1), &[5, 5, 5], &[], &[&[1, 5, 5], &[5]]);
    check_woken(Some(1), &[5; 5], &[8], &[&[1, 5, 5], &[5, 5], &[8, 5]]);
    check_woken(Some(1), &[], &[9, 8], &[&[1, 9], &[8]]);
}
