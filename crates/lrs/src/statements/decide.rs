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

/// What is known of a request's statements before anything is judged.
pub struct Looked {
    asserts: Vec<Assert>,
    /// Indexes of the statements that are new.
    pub new: Vec<usize>,
    /// Indexes of those that are stored already with another content, and where they differ.
    pub conflicts: Vec<(usize, Vec<Violation>)>,
    /// What is voided before it comes, and by which statement.
    pub voided_by: HashMap<Uuid, Uuid>,
}

/// A statement of the LRS's own.
pub struct Own<'a> {
    pub prepared: Prepared<'a>,
    /// As `Generated::behind`.
    pub behind: Option<Uuid>,
}

impl Looked {
    /// As if nothing were known of the statements' ids: mostly so, and the commit finds out where not.
    #[must_use]
    pub fn assume_new(statements: &[Prepared<'_>]) -> Self {
        let absent = |prepared: &Prepared<'_>| Assert::StatementAbsent {
            id: prepared.id,
            waiting: 0,
        };
        Self {
            asserts: statements.iter().map(absent).collect(),
            new: (0..statements.len()).collect(),
            conflicts: Vec::new(),
            voided_by: HashMap::new(),
        }
    }

    /// Statements that are not there already as they came: those that the rules have to judge.
    pub fn to_judge(&self) -> impl Iterator<Item = usize> {
        self.new
            .iter()
            .copied()
            .chain(self.conflicts.iter().map(|(index, _)| *index))
    }

    /// # Errors
    /// [`Error::Conflict`] when an id is stored with another content.
    pub fn agree(&self) -> Result<(), Error> {
        if self.conflicts.is_empty() {
            return Ok(());
        }
        let violations = self.conflicts.iter().flat_map(|(_, found)| found.clone());
        Err(Error::Conflict {
            message: "a statement with this id is stored already, and it is another one".to_owned(),
            violations: violations.collect(),
        })
    }
}

/// # Errors
/// When the store cannot be read.
pub fn look(store: &Store, tenant: Tenant, statements: &[Prepared<'_>]) -> Result<Looked, Error> {
    let known = facts(store, tenant, statements.iter().map(|prepared| prepared.id))?;
    let mut looked = Looked {
        asserts: Vec::with_capacity(statements.len()),
        new: Vec::with_capacity(statements.len()),
        conflicts: Vec::new(),
        voided_by: HashMap::new(),
    };
    for (index, (prepared, fact)) in statements.iter().zip(&known).enumerate() {
        let waiting = match fact {
            StatementFact::Stored(stored) => {
                let differing = conflict(index, prepared, stored)?;
                if !differing.is_empty() {
                    looked.conflicts.push((index, differing));
                }
                continue;
            }
            StatementFact::Absent => 0,
            StatementFact::Awaited { waiting, voided_by } => {
                looked
                    .voided_by
                    .extend(voided_by.map(|by| (prepared.id, by)));
                *waiting
            }
        };
        looked.asserts.push(Assert::StatementAbsent {
            id: prepared.id,
            waiting,
        });
        looked.new.push(index);
    }
    Ok(looked)
}

/// What stores the new statements, and those that the LRS adds of its own.
///
/// # Errors
/// [`Error::Violations`] when something is voided that may not be, and when the store cannot be read.
pub fn write(
    store: &Store,
    tenant: Tenant,
    looked: Looked,
    statements: &[Prepared<'_>],
    own: &[Own<'_>],
) -> Result<(Vec<Assert>, Vec<Op>), Error> {
    let Looked {
        mut asserts,
        new,
        mut voided_by,
        ..
    } = looked;
    asserts.extend(own.iter().map(|own| Assert::StatementAbsent {
        id: own.prepared.id,
        waiting: 0,
    }));
    let new = in_order(&new, statements, own);
    let chains = Chains {
        store,
        tenant,
        new: new
            .iter()
            .map(|&(_, prepared)| (prepared.id, prepared))
            .collect(),
    };
    let voids = voids(&chains, &new, &mut voided_by, &mut asserts)?;
    let mut ops = Vec::with_capacity(new.len() + voids.len());
    for (_, prepared) in &new {
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
    Ok((asserts, ops))
}

/// The new statements with their indexes, each before what it caused.
fn in_order<'p>(
    new: &[usize],
    statements: &'p [Prepared<'p>],
    own: &'p [Own<'p>],
) -> Vec<(usize, &'p Prepared<'p>)> {
    let of_own = |own: &'p Own<'p>| (statements.len(), &own.prepared);
    let mut ordered = Vec::with_capacity(new.len() + own.len());
    for &index in new {
        let Some(prepared) = statements.get(index) else {
            continue;
        };
        ordered.push((index, prepared));
        let caused = own.iter().filter(|own| own.behind == Some(prepared.id));
        ordered.extend(caused.map(of_own));
    }
    let has_cause = |own: &&Own<'_>| {
        let mut causes = new.iter().filter_map(|&index| statements.get(index));
        causes.any(|cause| own.behind == Some(cause.id))
    };
    ordered.extend(own.iter().filter(|own| !has_cause(own)).map(of_own));
    ordered
}

/// Operations for the targets of voiding statements that came before this request or come after it; a target in
/// the request itself is noted in `voided_by`.
fn voids(
    chains: &Chains<'_, '_>,
    new: &[(usize, &Prepared<'_>)],
    voided_by: &mut HashMap<Uuid, Uuid>,
    asserts: &mut Vec<Assert>,
) -> Result<Vec<Op>, Error> {
    let (mut ops, mut violations) = (Vec::new(), Vec::new());
    for &(index, prepared) in new {
        let (true, Some(target)) = (prepared.voiding, prepared.reference) else {
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
