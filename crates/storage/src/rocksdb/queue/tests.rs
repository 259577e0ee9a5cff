use super::*;
use crate::{NewStatement, Tenant};

/// How many statements each batch of each group has, when these wait in the lanes.
fn check(small: &[usize], large: &[usize], expected: &[&[usize]]) {
    let (small_sender, small_lane) = bounded(100);
    let (large_sender, large_lane) = bounded(100);
    for (sender, lane) in [(small_sender, small), (large_sender, large)] {
        for statements in lane {
            let (reply, _) = oneshot::channel();
            let request = Request {
                batch: batch(*statements),
                reply: Reply::To(reply),
            };
            sender
                .send(Message::Commit(request))
                .expect("the lane has room");
        }
    }
    let options = Options {
        group_statements_max: 10,
        ..Options::default()
    };
    let mut lanes = Lanes {
        small: small_lane,
        large: large_lane,
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
        record: Vec::new(),
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
