//! Which statements of a request are new, which are there already, which contradict; what they void and refer to.

use std::collections::HashMap;

use storage::statement::parsed;
use storage::term::{CHAIN_DEPTH_MAX, along_chain, terms};
use storage::{
    Assert, Chain, Fact, FactKey, NewStatement, Op, StatementFact, Store, StoredStatement, Tenant,
    Term,
};
use uuid::Uuid;
use xapi::Violation;

use super::prepare::Prepared;
use crate::{Error, requirement};

/// What a request's statements come to.
pub struct Decided {
    pub asserts: Vec<Assert>,
    pub ops: Vec<Op>,
    /// Indexes of the statements that are new.
    pub new: Vec<usize>,
}

/// # Errors
/// [`Error::Conflict`] when an id is stored with another content, [`Error::Violations`] when something is voided
/// that may not be, and when the store cannot be read.
pub fn decide(
    store: &Store,
    tenant: Tenant,
    statements: &[Prepared<'_>],
) -> Result<Decided, Error> {
    let known = facts(store, tenant, statements.iter().map(|prepared| prepared.id))?;
    let (mut asserts, mut new, mut conflicts) = (Vec::new(), Vec::new(), Vec::new());
    let mut voided_by: HashMap<Uuid, Uuid> = HashMap::new();
    for (index, (prepared, fact)) in statements.iter().zip(&known).enumerate() {
        let waiting = match fact {
            StatementFact::Stored(stored) => {
                conflicts.extend(conflict(index, prepared, stored)?);
                continue;
            }
            StatementFact::Absent => 0,
            StatementFact::Awaited {
                waiting,
                voided_by: by,
            } => {
                voided_by.extend(by.map(|by| (prepared.id, by)));
                *waiting
            }
        };
        asserts.push(Assert::StatementAbsent {
            id: prepared.id,
            waiting,
        });
        new.push(index);
    }
    if !conflicts.is_empty() {
        return Err(Error::Conflict {
            message: "a statement with this id is stored already, and it is another one".to_owned(),
            violations: conflicts,
        });
    }
    let chains = Chains {
        store,
        tenant,
        new: new
            .iter()
            .filter_map(|&index| statements.get(index))
            .map(|prepared| (prepared.id, prepared))
            .collect(),
    };
    let voids = voids(&chains, statements, &new, &mut voided_by, &mut asserts)?;
    let mut ops = Vec::with_capacity(new.len() + voids.len());
    for prepared in new.iter().filter_map(|&index| statements.get(index)) {
        ops.push(Op::PutStatement(NewStatement {
            id: prepared.id,
            record: prepared.record.clone(),
            terms: chains.terms(prepared, &mut asserts)?,
            reference: prepared.reference,
            voiding: prepared.voiding,
            voided_by: (!prepared.voiding)
                .then(|| voided_by.get(&prepared.id).copied())
                .flatten(),
        }));
    }
    ops.extend(voids);
    Ok(Decided { asserts, ops, new })
}

/// Operations for the targets of voiding statements that came before this request or come after it; a target in
/// the request itself is noted in `voided_by`.
fn voids(
    chains: &Chains<'_, '_>,
    statements: &[Prepared<'_>],
    new: &[usize],
    voided_by: &mut HashMap<Uuid, Uuid>,
    asserts: &mut Vec<Assert>,
) -> Result<Vec<Op>, Error> {
    let (mut ops, mut violations) = (Vec::new(), Vec::new());
    for &index in new {
        let Some(prepared) = statements.get(index).filter(|prepared| prepared.voiding) else {
            continue;
        };
        let Some(target) = prepared.reference else {
            continue;
        };
        let target_is_voiding = if let Some(sibling) = chains.new.get(&target) {
            voided_by.entry(target).or_insert(prepared.id);
            sibling.voiding
        } else {
            ops.push(Op::Void {
                target,
                by: prepared.id,
            });
            match chains.look_up(target, asserts)? {
                Some(stored) => stored.voiding,
                None => false,
            }
        };
        if target_is_voiding {
            violations.push(
                Violation::new(
                    requirement::VOIDING_NOT_VOIDED,
                    "/object/id",
                    "the id of a statement that is not a voiding statement",
                    target.to_string(),
                )
                .in_statement(index),
            );
        }
    }
    if violations.is_empty() {
        Ok(ops)
    } else {
        Err(Error::Violations(violations))
    }
}

/// Where the statement differs from the one that is stored under its id; nowhere, mostly: it was sent again.
fn conflict(
    index: usize,
    prepared: &Prepared<'_>,
    stored: &StoredStatement,
) -> Result<Vec<Violation>, Error> {
    let (kept, sent) = (&stored.content.text, prepared.statement.text);
    if kept == sent {
        return Ok(Vec::new());
    }
    let differing = xapi::equivalence::differences(kept, sent)
        .map_err(|error| Error::damaged("statements", prepared.id, error))?;
    let violations = differing.into_iter().map(|pointer| {
        Violation::new(
            requirement::STATEMENT_ID_CONFLICT,
            pointer,
            "what is stored under this id",
            "something else",
        )
        .in_statement(index)
        .with_detail(prepared.id.to_string())
    });
    Ok(violations.collect())
}

/// Follows StatementRefs through the request's own statements and those stored.
struct Chains<'s, 'p> {
    store: &'s Store,
    tenant: Tenant,
    new: HashMap<Uuid, &'p Prepared<'p>>,
}

/// A statement of a chain: its own terms, and what it refers to.
struct Link {
    terms: Vec<Term>,
    next: Option<Uuid>,
}

impl Chains<'_, '_> {
    /// The terms of the statement and of those it refers to, each with its places in the chain.
    fn terms(
        &self,
        prepared: &Prepared<'_>,
        asserts: &mut Vec<Assert>,
    ) -> Result<Vec<(Term, Chain)>, Error> {
        let Some(mut target) = prepared.reference else {
            let own = prepared.terms.iter();
            return Ok(own.map(|&term| (term, Chain::OWN)).collect());
        };
        let mut chain = vec![(prepared.id, prepared.terms.clone())];
        while chain.len() < CHAIN_DEPTH_MAX as usize
            && chain.iter().all(|(member, _)| *member != target)
        {
            let Some(Link { terms, next }) = self.link(target, asserts)? else {
                break;
            };
            chain.push((target, terms));
            match next {
                Some(next) => target = next,
                None => break,
            }
        }
        Ok(along_chain(chain.iter().map(|(_, terms)| terms.as_slice())))
    }

    /// A statement's own terms and what it refers to; `None` when it is not there.
    fn link(&self, id: Uuid, asserts: &mut Vec<Assert>) -> Result<Option<Link>, Error> {
        if let Some(sibling) = self.new.get(&id) {
            return Ok(Some(Link {
                terms: sibling.terms.clone(),
                next: sibling.reference,
            }));
        }
        let stored = self.look_up(id, asserts)?;
        let parsed = stored.as_ref().and_then(|stored| parsed(&stored.content));
        Ok(parsed.map(|(statement, authority)| Link {
            terms: terms(&statement, &authority),
            next: statement.reference(),
        }))
    }

    /// A statement outside the request. If it is not there, the decision relies on that.
    fn look_up(
        &self,
        id: Uuid,
        asserts: &mut Vec<Assert>,
    ) -> Result<Option<Box<StoredStatement>>, Error> {
        let waiting = match facts(self.store, self.tenant, std::iter::once(id))?.pop() {
            Some(StatementFact::Stored(stored)) => return Ok(Some(stored)),
            Some(StatementFact::Awaited { waiting, .. }) => waiting,
            Some(StatementFact::Absent) | None => 0,
        };
        let absent = Assert::StatementAbsent { id, waiting };
        if !asserts.contains(&absent) {
            asserts.push(absent);
        }
        Ok(None)
    }
}

fn facts(
    store: &Store,
    tenant: Tenant,
    ids: impl Iterator<Item = Uuid>,
) -> Result<Vec<StatementFact>, Error> {
    let keys: Vec<FactKey> = ids.map(FactKey::Statement).collect();
    let facts = store.facts(tenant, &keys)?;
    Ok(facts
        .into_iter()
        .map(|fact| match fact {
            Fact::Statement(fact) => fact,
            Fact::Document(_) | Fact::Record(_) | Fact::Blob(_) => StatementFact::Absent,
        })
        .collect())
}
