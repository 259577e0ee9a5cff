//! An LMS voids what an AU has reached: the fact is taken back, the state is not.

use cmi5::Seen;
use storage::statement::parsed;
use storage::{Fact, FactKey, StatementFact};

use super::generated::learner;
use super::{Candidate, Work};
use crate::Error;

/// Takes back what the target of a voiding statement had set, if it had set anything.
pub(super) fn undo(work: &mut Work<'_>, voiding: &Candidate<'_>) -> Result<(), Error> {
    let Some(target) = voiding.voids else {
        return Ok(());
    };
    let facts = work
        .lrs
        .store
        .facts(work.caller.tenant(), &[FactKey::Statement(target)])?;
    let Some(Fact::Statement(StatementFact::Stored(stored))) = facts.into_iter().next() else {
        return Ok(());
    };
    let Some((statement, _)) = parsed(&stored.content) else {
        return Ok(());
    };
    let seen = Seen::of(&statement);
    let (true, Some(place)) = (seen.is_defined(), learner(&seen)) else {
        return Ok(());
    };
    let key = place.key();
    work.reached_at(&key, &place.actor, &place.activity)?;
    let session = seen.session();
    work.forget(session.as_deref(), &key, target)
}
