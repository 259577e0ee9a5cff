use tempfile::TempDir;
use uuid::Uuid;

use super::*;
use crate::rocksdb::values;
use crate::statement::{Adds, Content, Dictionaries};
use crate::{Chain, Options, Term};

const TENANT: Tenant = Tenant(7);

fn term(name: u8) -> Term {
    Term([name; 16])
}

/// A store with one row a line: its terms and their chain bits. Places count from 1.
fn engine(rows: &[&[(u8, u8)]]) -> (TempDir, Engine) {
    let directory = TempDir::new().expect("a directory for the test");
    let engine = Engine::open(directory.path(), Options::default()).expect("an empty store opens");
    for (seq, terms) in (1..).map(Seq).zip(rows) {
        let content = Content {
            id: Uuid::from_u128(u128::from(seq.0)),
            text: "{}".to_owned(),
            authority: "{}".to_owned(),
            adds: Adds::default(),
            linked_contents: false,
        };
        let value =
            values::encode_statement(false, &Dictionaries::shipped().encode(&content.as_ref()));
        put(
            &engine,
            Family::Statements,
            &keys::statement(TENANT, seq),
            &value,
        );
        for (name, bits) in *terms {
            put(
                &engine,
                Family::Terms,
                &keys::term(TENANT, term(*name), seq),
                &[*bits],
            );
        }
    }
    (directory, engine)
}

fn put(engine: &Engine, family: Family, key: &[u8], value: &[u8]) {
    engine
        .db
        .put_cf(engine.family(family), key, value)
        .expect("the test's disk takes a key");
}

fn query(groups: &[&[u8]], order: Order) -> Query {
    let group = |names: &&[u8]| names.iter().map(|name| term(*name)).collect();
    Query {
        tenant: TENANT,
        groups: groups.iter().map(group).collect(),
        scope: Vec::new(),
        after: None,
        up_to: None,
        order,
        cursor: None,
        rows_max: 100,
        keys_max: 10_000,
    }
}

fn seqs(page: &Page) -> Vec<u64> {
    page.rows.iter().map(|row| row.seq.0).collect()
}

/// All rows in ascending order, the same in both directions and in pages of every size.
fn check(engine: &Engine, query: &Query, expected: &[u64]) {
    for order in [Order::NewestFirst, Order::OldestFirst] {
        let mut expected = expected.to_vec();
        if order == Order::NewestFirst {
            expected.reverse();
        }
        for (rows_max, keys_max) in [(100, 10_000), (1, 10_000), (2, 10_000), (100, 1), (3, 7)] {
            let mut page_query = Query {
                order,
                rows_max,
                keys_max,
                ..query.clone()
            };
            let mut found = Vec::new();
            loop {
                let page = engine.scan(&page_query).expect("the store is sound");
                assert!(page.rows.len() <= rows_max);
                found.extend(seqs(&page));
                if keys_max == 10_000 {
                    let more = found.len() < expected.len();
                    assert_eq!(page.next.is_some(), more, "{page_query:?}");
                }
                let Some(next) = page.next else { break };
                assert_ne!(
                    page_query.cursor,
                    Some(next),
                    "a page must get on: {page_query:?}"
                );
                page_query.cursor = Some(next);
            }
            assert_eq!(found, expected, "{page_query:?}");
        }
    }
}

#[test]
fn groups_are_intersected_and_their_terms_are_alternatives() {
    let (_directory, engine) = engine(&[
        &[(1, 1), (2, 1)],
        &[(1, 1)],
        &[(2, 1)],
        &[(1, 1), (3, 1)],
        &[(1, 1), (2, 1), (3, 1)],
    ]);
    for (groups, expected) in [
        (&[][..], &[1, 2, 3, 4, 5][..]),
        (&[&[1][..]], &[1, 2, 4, 5]),
        (&[&[1], &[2]], &[1, 5]),
        (&[&[2, 3]], &[1, 3, 4, 5]),
        (&[&[1], &[2, 3]], &[1, 4, 5]),
        (&[&[3], &[2], &[1]], &[5]),
        (&[&[1], &[9]], &[]),
        (&[&[1], &[]], &[]),
    ] {
        check(&engine, &query(groups, Order::NewestFirst), expected);
    }
}

#[test]
fn a_page_of_large_rows_ends_early_and_nothing_is_left_out() {
    let rows = [&[(1, 1), (2, 1)][..]; 150];
    let (_directory, mut engine) = engine(&rows);
    let all: Vec<u64> = (1..=150).collect();
    let list = query(&[], Order::NewestFirst);
    let found = query(&[&[1], &[2]], Order::NewestFirst);
    let size = engine.scan(&list).expect("the store is sound").rows[0]
        .content
        .text
        .len();
    for page_rows in [1, 2, 64, 65] {
        engine.options.page_bytes_max = page_rows * size;
        for query in [&list, &found] {
            let page = engine.scan(query).expect("the store is sound");
            assert_eq!(page.rows.len(), page_rows, "{query:?}");
            check(&engine, query, &all);
        }
    }
}

#[test]
fn all_filters_hold_on_one_statement_of_the_chain_and_the_scope_on_the_row() {
    let (_directory, engine) = engine(&[
        &[(1, 0b01), (2, 0b10)],
        &[(1, 0b10), (2, 0b10)],
        &[(1, 0b11), (2, 0b01)],
        &[(1, 0b01), (2, 0b01), (3, 0b10)],
    ]);
    check(
        &engine,
        &query(&[&[1], &[2]], Order::NewestFirst),
        &[2, 3, 4],
    );
    // Alternatives on different statements of the chain.
    check(
        &engine,
        &query(&[&[2], &[1, 3]], Order::NewestFirst),
        &[2, 3, 4],
    );
    check(&engine, &query(&[&[3], &[1]], Order::NewestFirst), &[]);
    let scoped = |groups: &[&[u8]], scope: u8| Query {
        scope: vec![vec![term(scope)]],
        ..query(groups, Order::NewestFirst)
    };
    check(&engine, &scoped(&[&[2]], 1), &[1, 3, 4]);
    check(&engine, &scoped(&[], 1), &[1, 3, 4]);
    check(&engine, &scoped(&[&[1]], 3), &[]);
}

#[test]
fn bounds_hold_with_and_without_groups() {
    let (_directory, engine) = engine(&[&[(1, 1)][..]; 6]);
    let bounds = |after: Option<u64>, up_to: Option<u64>| (after.map(Seq), up_to.map(Seq));
    for ((after, up_to), expected) in [
        (bounds(Some(2), None), &[3, 4, 5, 6][..]),
        (bounds(None, Some(2)), &[1, 2]),
        (bounds(Some(2), Some(4)), &[3, 4]),
        (bounds(Some(3), Some(3)), &[]),
        (bounds(Some(9), None), &[]),
        (bounds(Some(u64::MAX), None), &[]),
        (bounds(Some(0), Some(u64::MAX)), &[1, 2, 3, 4, 5, 6]),
    ] {
        for groups in [&[][..], &[&[1][..]]] {
            let query = Query {
                after,
                up_to,
                ..query(groups, Order::NewestFirst)
            };
            check(&engine, &query, expected);
        }
    }
}

#[test]
fn a_rare_group_bounds_the_keys_that_are_touched() {
    let rows: Vec<&[(u8, u8)]> = (0..500)
        .map(|n: u32| {
            if n.is_multiple_of(100) {
                &[(1, 1), (2, 1)][..]
            } else {
                &[(1, 1)][..]
            }
        })
        .collect();
    let (_directory, engine) = engine(&rows);
    for groups in [[&[1][..], &[2]], [&[2], &[1]]] {
        for order in [Order::NewestFirst, Order::OldestFirst] {
            let page = engine
                .scan(&query(&groups, order))
                .expect("the store is sound");
            assert_eq!(page.rows.len(), 5);
            assert!(page.keys_touched < 30, "{} keys", page.keys_touched);
        }
    }
}

#[test]
fn a_page_ends_before_it_touches_too_many_keys() {
    let (_directory, engine) = engine(&[&[(1, 0b01), (2, 0b10)][..]; 50]);
    for keys_max in [1, 4, 5, 20, 49] {
        for order in [Order::NewestFirst, Order::OldestFirst] {
            let limited = Query {
                keys_max,
                ..query(&[&[1], &[2]], order)
            };
            let page = engine.scan(&limited).expect("the store is sound");
            assert!(
                page.keys_touched <= keys_max.max(4),
                "{} keys",
                page.keys_touched
            );
            assert!(page.next.is_some());
        }
    }
}

#[test]
fn an_index_key_without_its_statement_is_loud() {
    let (_directory, engine) = engine(&[&[(1, 1)]]);
    put(
        &engine,
        Family::Terms,
        &keys::term(TENANT, term(1), Seq(9)),
        &[1],
    );
    let found = engine.scan(&query(&[&[1]], Order::NewestFirst));
    assert!(matches!(found, Err(Error::Corrupt { .. })), "{found:?}");
}

#[test]
fn other_tenants_and_terms_are_not_seen() {
    let (_directory, engine) = engine(&[&[(1, 1)], &[(1, 1)]]);
    for other in [Tenant(6), Tenant(8)] {
        put(
            &engine,
            Family::Terms,
            &keys::term(other, term(1), Seq(1)),
            &[1],
        );
        put(
            &engine,
            Family::Statements,
            &keys::statement(other, Seq(1)),
            &[],
        );
    }
    for (name, chain) in [(0, Chain(1)), (2, Chain(1))] {
        put(
            &engine,
            Family::Terms,
            &keys::term(TENANT, term(name), Seq(2)),
            &[chain.0],
        );
    }
    check(&engine, &query(&[&[1]], Order::NewestFirst), &[1, 2]);
    check(&engine, &query(&[], Order::NewestFirst), &[1, 2]);
}
