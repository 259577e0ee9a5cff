//! What cmi5 says of a request's statements: of valid ones before they are stored, and of those that are no valid xAPI
//! before they are refused for that.

use std::collections::HashMap;

use cmi5::Seen;
use uuid::Uuid;
use xapi::{Statement, Violation};

use super::decide::Looked;
use super::prepare::Prepared;
use crate::credential::Role;
use crate::enforce::{self, Candidate, Reading, Ruling};
use crate::{Caller, Error, Lrs, refusals};

/// The statements that cmi5 has something to say of, as its rules see them. Mostly none: then nothing is judged.
pub(super) fn seen<'s>(caller: &Caller, statements: &'s [Statement<'_>]) -> Vec<Option<Seen<'s>>> {
    let is_au = caller.session.is_some() || caller.credential.role == Role::Au;
    if !is_au && !statements.iter().any(may_concern) {
        return Vec::new();
    }
    statements
        .iter()
        .map(|statement| {
            let seen = (is_au || may_concern(statement)).then(|| Seen::of(statement))?;
            (is_au || enforce::concerns(&seen)).then_some(seen)
        })
        .collect()
}

/// Cheap, and never wrong when it says no.
fn may_concern(statement: &Statement<'_>) -> bool {
    let Some(context) = &statement.context else {
        return statement.is_voiding();
    };
    let names_session = context.extensions.as_ref().is_some_and(|extensions| {
        extensions
            .0
            .iter()
            .any(|(iri, _)| iri == cmi5::vocabulary::SESSION_ID)
    });
    let has_category = context
        .activities
        .category
        .iter()
        .any(|category| category.id == cmi5::vocabulary::CATEGORY_CMI5);
    names_session || has_category || statement.is_voiding()
}

/// Judges what is not stored yet.
pub(super) fn rule(
    lrs: &Lrs,
    caller: &Caller,
    prepared: &[Prepared<'_>],
    seen: &[Option<Seen<'_>>],
    looked: &Looked,
    put_id: Option<Uuid>,
    reading: Reading,
) -> Result<Ruling, Error> {
    if seen.is_empty() {
        return Ok(Ruling::default());
    }
    let siblings: HashMap<Uuid, bool> = prepared
        .iter()
        .filter(|one| one.voiding)
        .filter_map(|one| Some((one.reference?, true)))
        .collect();
    let mut indexes: Vec<usize> = looked.to_judge().collect();
    indexes.sort_unstable();
    let candidates: Vec<Candidate<'_>> = indexes
        .into_iter()
        .filter_map(|index| {
            let (one, seen) = (prepared.get(index)?, seen.get(index)?.as_ref()?);
            Some(Candidate {
                index,
                id: one.id,
                id_given: put_id.is_some() || one.statement.id.is_some(),
                seen,
                voided: looked.voided_by.contains_key(&one.id) || siblings.contains_key(&one.id),
                voids: one.voiding.then_some(one.reference).flatten(),
            })
        })
        .collect();
    enforce::rule(lrs, caller, &candidates, reading)
}

/// The refusal of a body that is no valid xAPI: what cmi5 rejects in it comes first (403), and what xAPI says only if
/// that is nothing (400). A body that is no statement at all is xAPI's alone.
pub(super) fn refusal(
    lrs: &Lrs,
    caller: &Caller,
    body: &str,
    put_id: Option<Uuid>,
    violations: Vec<Violation>,
) -> Error {
    let invalid = |violations| refusals::invalid(lrs, caller, body, violations);
    let Some(seen) = Seen::lenient_batch(body) else {
        return invalid(violations);
    };
    let is_au = caller.session.is_some() || caller.credential.role == Role::Au;
    let candidates: Vec<Candidate<'_>> = seen
        .iter()
        .enumerate()
        .filter(|(_, seen)| is_au || enforce::concerns(seen))
        .map(|(index, seen)| Candidate {
            index,
            id: put_id.or(seen.id).unwrap_or_default(),
            id_given: put_id.is_some() || seen.id.is_some(),
            seen,
            voided: false,
            voids: None,
        })
        .collect();
    if candidates.is_empty() {
        return invalid(violations);
    }
    match enforce::rule(lrs, caller, &candidates, Reading::Fresh) {
        Ok(ruling) if ruling.is_rejected() => refusals::reject(lrs, caller, ruling),
        Ok(_) => invalid(violations),
        Err(error) => error,
    }
}
