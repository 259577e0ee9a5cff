//! A client of the store: reads facts, decides, commits with assertions, and decides again when they fail.

use std::collections::BTreeMap;

use storage::statement::{Adds, ContentRef};
use storage::term::{CHAIN_DEPTH_MAX, along_chain, terms};
use storage::{
    Assert, Batch, CommitError, Committed, Fact, FactKey, NewStatement, Op, Seq, StatementFact,
    Store, Tenant, Term,
};
use uuid::Uuid;
use xapi::statement::{parse_actor, parse_one};
use xapi::{Limits, Version};

use crate::made::{AUTHORITY, Made, agent, uuid};

/// Decides and commits until the facts hold.
pub fn commit_deciding(
    store: &Store,
    tenant: Tenant,
    decide: impl Fn() -> Batch,
) -> Result<Committed, CommitError> {
    loop {
        let batch = decide();
        assert_eq!(batch.tenant, tenant);
        match store.commit_blocking(batch) {
            Err(CommitError::Stale(_)) => {}
            answer => return answer,
        }
    }
}

/// Stores all of these in one batch, with what follows from them. None of their ids may be stored.
pub fn put(store: &Store, tenant: Tenant, made: &[Made]) -> Vec<Seq> {
    commit_deciding(store, tenant, || decide(store, tenant, made))
        .expect("the store takes it")
        .seqs
}

/// Until what was committed last can be found by everything that it refers to.
pub fn settle(store: &Store, last: Seq) {
    while store.consistent_through() < last.0 {
        std::thread::yield_now();
    }
}

pub fn fact(store: &Store, tenant: Tenant, id: Uuid) -> StatementFact {
    let facts = store.facts(tenant, &[FactKey::Statement(id)]);
    match facts.expect("the store can be read").pop() {
        Some(Fact::Statement(fact)) => fact,
        other => panic!("one statement was asked for: {other:?}"),
    }
}

/// What a decision reads of a statement's text.
struct Read {
    terms: Vec<Term>,
    reference: Option<Uuid>,
}

fn read(text: &str, authority: &str) -> Read {
    let statement = parse_one(text, Version::V2_0_0, &Limits::default());
    let statement = statement.expect("the world's statements are valid");
    let authority = parse_actor(authority, "/authority").expect("an agent");
    Read {
        terms: terms(&statement, &authority),
        reference: statement.reference(),
    }
}

pub fn decide(store: &Store, tenant: Tenant, made: &[Made]) -> Batch {
    let authority = agent(AUTHORITY);
    let mut absent: BTreeMap<Uuid, u64> = BTreeMap::new();
    let mut ops = Vec::new();
    for one in made {
        let fact = fact(store, tenant, one.uuid());
        let awaited_by = match fact {
            StatementFact::Absent => None,
            StatementFact::Awaited { voided_by, .. } => voided_by,
            StatementFact::Stored(_) => panic!("statement {} is stored", one.id),
        };
        absent.insert(one.uuid(), waiting(&fact));
        let voiders = made.iter().filter(|other| other.voided() == Some(one.id));
        let voided_by = awaited_by.or(voiders.map(Made::uuid).next());
        let own = read(&one.text(), &authority);
        let reference = own.reference;
        let chain = follow(store, tenant, one.uuid(), own, made, &mut absent);
        ops.push(Op::PutStatement(NewStatement {
            id: one.uuid(),
            record: store
                .encode(&ContentRef {
                    id: one.uuid(),
                    text: &one.text(),
                    authority: &authority,
                    adds: Adds::default(),
                    linked_contents: false,
                })
                .into(),
            terms: along_chain(chain.iter().map(Vec::as_slice)),
            reference,
            voiding: one.is_voiding(),
            voided_by: voided_by.filter(|_| !one.is_voiding()),
        }));
        if let Some(target) = one.voided() {
            ops.push(Op::Void {
                target: uuid(target),
                by: one.uuid(),
            });
        }
    }
    let asserts = absent.into_iter();
    let asserts = asserts.map(|(id, waiting)| Assert::StatementAbsent { id, waiting });
    Batch {
        tenant,
        asserts: asserts.collect(),
        ops,
    }
}

/// Own terms of each statement of the chain. Where it ends for want of a statement, the batch relies on the want.
fn follow(
    store: &Store,
    tenant: Tenant,
    first: Uuid,
    own: Read,
    made: &[Made],
    absent: &mut BTreeMap<Uuid, u64>,
) -> Vec<Vec<Term>> {
    let mut members = vec![first];
    let mut chain = vec![own.terms];
    let mut next = own.reference;
    while let Some(target) = next {
        if members.contains(&target) || members.len() >= CHAIN_DEPTH_MAX as usize {
            break;
        }
        let together = made.iter().find(|one| one.uuid() == target);
        let read = match (together, fact(store, tenant, target)) {
            (Some(one), _) => read(&one.text(), &agent(AUTHORITY)),
            (None, StatementFact::Stored(stored)) => {
                read(&stored.content.text, &stored.content.authority)
            }
            (None, fact) => {
                absent.insert(target, waiting(&fact));
                break;
            }
        };
        members.push(target);
        chain.push(read.terms);
        next = read.reference;
    }
    chain
}

fn waiting(fact: &StatementFact) -> u64 {
    match fact {
        StatementFact::Absent | StatementFact::Stored(_) => 0,
        StatementFact::Awaited { waiting, .. } => *waiting,
    }
}
