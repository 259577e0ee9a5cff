//! Rows of tables, beside statements: random histories against a naive model, in memory, in files, in both, and after
//! the store was opened again.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use storage::query::Order;
use storage::{
    Batch, Committed, Op, Place, PutRow, RowsPage, RowsQuery, Seq, Store, Table, Tenant, Term,
};

use crate::asks::KEYS_ENOUGH;
use crate::client::decide;
use crate::made::Made;

/// What a row is found by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Fields {
    colour: u8,
    size: Option<u8>,
}

#[derive(Debug, Clone, Copy)]
enum Act {
    /// A statement takes a place too.
    Statement,
    Event(Fields),
    /// A session of this number comes, or is replaced.
    Session(u8, Fields),
    /// Positions count among the table's rows as they are before the batch.
    DeleteEvent(usize),
    DeleteSession(u8),
}

#[derive(Debug, Clone, Copy)]
enum Filter {
    Colour(u8),
    EitherColour(u8, u8),
    Size(u8),
}

#[derive(Debug, Clone)]
struct Ask {
    table: Table,
    filters: Vec<Filter>,
    /// Bounds are positions among the table's rows.
    after: Option<usize>,
    up_to: Option<usize>,
    order: Order,
    rows_max: usize,
    keys_max: usize,
}

fn terms(table: Table, fields: Fields) -> Vec<Term> {
    let colour = Term::row(table, "colour", &[fields.colour]);
    let size = fields.size.map(|size| Term::row(table, "size", &[size]));
    std::iter::once(colour).chain(size).collect()
}

impl Filter {
    fn group(self, table: Table) -> Vec<Term> {
        match self {
            Filter::Colour(colour) => vec![Term::row(table, "colour", &[colour])],
            Filter::EitherColour(one, other) => [one, other]
                .map(|colour| Term::row(table, "colour", &[colour]))
                .to_vec(),
            Filter::Size(size) => vec![Term::row(table, "size", &[size])],
        }
    }

    fn holds(self, fields: Fields) -> bool {
        match self {
            Filter::Colour(colour) => fields.colour == colour,
            Filter::EitherColour(one, other) => [one, other].contains(&fields.colour),
            Filter::Size(size) => fields.size == Some(size),
        }
    }
}

#[derive(Debug, Clone)]
struct Row {
    fields: Fields,
    value: Vec<u8>,
}

/// A tenant: what is to come, what its rows must be, what it is asked.
#[derive(Debug)]
struct World {
    tenant: Tenant,
    coming: Vec<Vec<Act>>,
    rows: BTreeMap<(Table, Seq), Row>,
    /// The last place that was given.
    last: Seq,
    made: u8,
    questions: Vec<Ask>,
}

/// Places of sessions are far below all that are given.
fn session_place(number: u8) -> Seq {
    Seq(1_000 + u64::from(number))
}

impl World {
    fn live(&mut self, store: &Store, batches: usize) {
        let rest = self.coming.split_off(batches.min(self.coming.len()));
        for acts in std::mem::replace(&mut self.coming, rest) {
            self.commit(store, &acts);
        }
    }

    fn commit(&mut self, store: &Store, acts: &[Act]) {
        let mut batch = Batch {
            tenant: self.tenant,
            asserts: Vec::new(),
            ops: Vec::new(),
        };
        let mut events = Vec::new();
        let known: Vec<Seq> = self.of(Table::Event).map(|(seq, _)| seq).collect();
        for act in acts {
            self.made += 1;
            let value = vec![self.made];
            match *act {
                Act::Statement => {
                    let decided = decide(store, self.tenant, &[Made::plain(self.made)]);
                    batch.asserts.extend(decided.asserts);
                    batch.ops.extend(decided.ops);
                }
                Act::Event(fields) => {
                    batch
                        .ops
                        .push(put(Table::Event, Place::Next, fields, &value, None));
                    events.push(Row { fields, value });
                }
                Act::Session(number, fields) => {
                    let place = session_place(number);
                    let key = (Table::Session, place);
                    let before = self.rows.get(&key).map(|row| row.fields);
                    let at = Place::At(place);
                    batch
                        .ops
                        .push(put(Table::Session, at, fields, &value, before));
                    self.rows.insert(key, Row { fields, value });
                }
                Act::DeleteEvent(position) => {
                    // One that never was is no error.
                    let row = known.get(position).copied().unwrap_or(Seq(7));
                    let table = Table::Event;
                    batch.ops.push(Op::DeleteRow { table, row });
                    self.rows.remove(&(table, row));
                }
                Act::DeleteSession(number) => {
                    let (table, row) = (Table::Session, session_place(number));
                    batch.ops.push(Op::DeleteRow { table, row });
                    self.rows.remove(&(table, row));
                }
            }
        }
        let committed = store.commit_blocking(batch).expect("everything holds");
        self.learn(store, acts, &committed, events);
    }

    /// Statements and rows have their places in the order of the batch, behind all before.
    fn learn(&mut self, store: &Store, acts: &[Act], committed: &Committed, events: Vec<Row>) {
        let query = RowsQuery {
            after: Some(self.last),
            ..all(self.tenant, Table::Event, Order::OldestFirst)
        };
        let found = rows(store, &query).rows;
        let values: Vec<_> = found.iter().map(|(_, value)| value.clone()).collect();
        let expected: Vec<_> = events.iter().map(|row| row.value.clone()).collect();
        assert_eq!(
            values, expected,
            "new rows come in the order of their batch"
        );
        let mut events = found.into_iter().map(|(seq, _)| seq).zip(events);
        let mut statements = committed.seqs.iter().copied();
        for act in acts {
            let place = match act {
                Act::Statement => statements.next().expect("each statement has a place"),
                Act::Event(_) => {
                    let (seq, row) = events.next().expect("each event has a place");
                    self.rows.insert((Table::Event, seq), row);
                    seq
                }
                Act::Session(..) | Act::DeleteEvent(_) | Act::DeleteSession(_) => continue,
            };
            assert!(place > self.last, "{acts:?}");
            self.last = place;
        }
        assert_eq!(
            statements.next(),
            None,
            "places of rows are not among those of statements"
        );
        assert!(store.consistent_through() >= self.last.0);
    }

    fn of(&self, table: Table) -> impl DoubleEndedIterator<Item = (Seq, &Row)> {
        self.rows
            .range((table, Seq(0))..=(table, Seq(u64::MAX)))
            .map(|((_, seq), row)| (*seq, row))
    }

    fn check(&self, store: &Store) {
        for ask in &self.questions {
            self.check_ask(store, ask);
        }
        for table in Table::ALL {
            for (seq, row) in self.of(table) {
                let value = store.row(self.tenant, table, seq).expect("it can be read");
                assert_eq!(value.as_ref(), Some(&row.value));
            }
        }
        for number in 0..6 {
            let place = session_place(number);
            let value = store.row(self.tenant, Table::Session, place);
            let expected = self
                .rows
                .get(&(Table::Session, place))
                .map(|row| row.value.clone());
            assert_eq!(value.expect("it can be read"), expected);
        }
    }

    fn check_ask(&self, store: &Store, ask: &Ask) {
        let places: Vec<Seq> = self.of(ask.table).map(|(seq, _)| seq).collect();
        let place = |position: Option<usize>| position.and_then(|n| places.get(n).copied());
        let (after, up_to) = (place(ask.after), place(ask.up_to));
        let mut expected: Vec<(Seq, Vec<u8>)> = self
            .of(ask.table)
            .filter(|(seq, _)| after.is_none_or(|after| *seq > after))
            .filter(|(seq, _)| up_to.is_none_or(|up_to| *seq <= up_to))
            .filter(|(_, row)| ask.filters.iter().all(|filter| filter.holds(row.fields)))
            .map(|(seq, row)| (seq, row.value.clone()))
            .collect();
        match ask.order {
            Order::OldestFirst => {}
            Order::NewestFirst => expected.reverse(),
        }
        let groups = ask.filters.iter().map(|filter| filter.group(ask.table));
        let mut query = RowsQuery {
            groups: groups.collect(),
            after,
            up_to,
            rows_max: ask.rows_max,
            keys_max: ask.keys_max,
            ..all(self.tenant, ask.table, ask.order)
        };
        let mut found = Vec::new();
        loop {
            let page = rows(store, &query);
            assert!(page.rows.len() <= ask.rows_max, "{ask:?}");
            found.extend(page.rows);
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
        assert_eq!(found, expected, "{ask:?} of {self:#?}");
    }
}

fn put(table: Table, place: Place, fields: Fields, value: &[u8], before: Option<Fields>) -> Op {
    Op::PutRow(PutRow {
        table,
        place,
        terms: terms(table, fields),
        value: value.to_vec(),
        replaces: before.map_or_else(Vec::new, |before| terms(table, before)),
    })
}

fn all(tenant: Tenant, table: Table, order: Order) -> RowsQuery {
    RowsQuery {
        tenant,
        table,
        groups: Vec::new(),
        after: None,
        up_to: None,
        order,
        cursor: None,
        rows_max: 1_000,
        keys_max: KEYS_ENOUGH,
    }
}

fn rows(store: &Store, query: &RowsQuery) -> RowsPage {
    store.rows(query).expect("the store can be read")
}

#[test]
fn histories_of_rows() {
    let mut opened = crate::open();
    let mut last: Vec<World> = Vec::new();
    let tenants = AtomicU32::new(1);
    let config = Config {
        cases: 25,
        max_shrink_iters: 300,
        failure_persistence: None,
        ..Config::default()
    };
    let batches = vec(vec(acts(), 1..5), 1..8);
    let store = &opened.store;
    let lived = std::cell::RefCell::new(&mut last);
    TestRunner::new(config)
        .run(
            &vec((batches, vec(questions(), 12..24)), 1..5),
            |histories| {
                let mut worlds: Vec<World> = histories
                    .into_iter()
                    .map(|(coming, questions)| World {
                        tenant: Tenant(tenants.fetch_add(1, Ordering::SeqCst)),
                        coming,
                        rows: BTreeMap::new(),
                        last: Seq(store.consistent_through()),
                        made: 0,
                        questions,
                    })
                    .collect();
                let check = |worlds: &[World]| worlds.iter().for_each(|world| world.check(store));
                for world in &mut worlds {
                    world.live(store, world.coming.len() / 2);
                }
                check(&worlds);
                store.flush().expect("the disk takes it");
                check(&worlds);
                for world in &mut worlds {
                    world.live(store, usize::MAX);
                }
                check(&worlds);
                lived.borrow_mut().extend(worlds);
                Ok(())
            },
        )
        .unwrap_or_else(|failure| panic!("{failure}"));
    assert_eq!(store.verify().problems, []);
    opened = opened.reopen();
    last.iter().for_each(|world| world.check(&opened.store));
    let report = opened.store.verify();
    assert_eq!(report.problems, []);
    let rows = last
        .iter()
        .map(|world| world.rows.len() as u64)
        .sum::<u64>();
    assert_eq!(report.rows, rows);
    // What was a row's last is behind every place, also now.
    for mut world in last {
        world.commit(
            &opened.store,
            &[Act::Event(FIELDS), Act::Statement, Act::Event(FIELDS)],
        );
    }
}

const FIELDS: Fields = Fields {
    colour: 1,
    size: Some(1),
};

/// The same place, field and value in both tables, and in a neighbouring tenant.
#[test]
fn tables_and_tenants_do_not_see_each_other() {
    let opened = crate::open();
    let store = &opened.store;
    let place = Place::At(Seq(5));
    let (one, other) = (Tenant(1), Tenant(2));
    for (tenant, table, value) in [
        (one, Table::Event, b"a"),
        (one, Table::Session, b"b"),
        (other, Table::Session, b"c"),
    ] {
        let ops = vec![put(table, place, FIELDS, value, None)];
        commit(store, tenant, ops);
    }
    let check = |tenant, table, expected: &[&[u8]]| {
        let groups = vec![vec![Term::row(table, "colour", &[FIELDS.colour])]];
        for order in [Order::NewestFirst, Order::OldestFirst] {
            for groups in [Vec::new(), groups.clone()] {
                let query = RowsQuery {
                    groups,
                    ..all(tenant, table, order)
                };
                let found = rows(store, &query).rows;
                assert_eq!(
                    found.iter().map(|(_, value)| &**value).collect::<Vec<_>>(),
                    expected
                );
            }
        }
        let row = store.row(tenant, table, Seq(5)).expect("it can be read");
        assert_eq!(row.as_deref(), expected.first().copied());
    };
    check(one, Table::Event, &[b"a"]);
    check(one, Table::Session, &[b"b"]);
    check(other, Table::Session, &[b"c"]);
    check(other, Table::Event, &[]);
    let (table, row) = (Table::Session, Seq(5));
    commit(store, one, vec![Op::DeleteRow { table, row }]);
    check(one, Table::Event, &[b"a"]);
    check(one, Table::Session, &[]);
    check(other, Table::Session, &[b"c"]);
    assert_eq!(store.verify().problems, []);
}

fn commit(store: &Store, tenant: Tenant, ops: Vec<Op>) {
    let batch = Batch {
        tenant,
        asserts: Vec::new(),
        ops,
    };
    store.commit_blocking(batch).expect("nothing is asserted");
}

fn acts() -> impl Strategy<Value = Act> {
    prop_oneof![
        2 => Just(Act::Statement),
        5 => fields().prop_map(Act::Event),
        5 => (0u8..5, fields()).prop_map(|(number, fields)| Act::Session(number, fields)),
        2 => (0usize..6).prop_map(Act::DeleteEvent),
        2 => (0u8..6).prop_map(Act::DeleteSession),
    ]
}

fn fields() -> impl Strategy<Value = Fields> {
    (0u8..3, option::of(0u8..2)).prop_map(|(colour, size)| Fields { colour, size })
}

fn questions() -> impl Strategy<Value = Ask> {
    let table = prop_oneof![Just(Table::Event), Just(Table::Session)];
    let filter = prop_oneof![
        (0u8..3).prop_map(Filter::Colour),
        (0u8..3, 0u8..3).prop_map(|(one, other)| Filter::EitherColour(one, other)),
        (0u8..2).prop_map(Filter::Size),
    ];
    let bounds = (
        option::weighted(0.3, 0usize..12),
        option::weighted(0.3, 0usize..12),
    );
    let order = prop_oneof![Just(Order::NewestFirst), Just(Order::OldestFirst)];
    let keys_max = prop_oneof![Just(KEYS_ENOUGH), Just(1), Just(4), Just(9)];
    (table, vec(filter, 0..3), bounds, order, 1usize..5, keys_max).prop_map(
        |(table, filters, (after, up_to), order, rows_max, keys_max)| Ask {
            table,
            filters,
            after,
            up_to,
            order,
            rows_max,
            keys_max,
        },
    )
}
