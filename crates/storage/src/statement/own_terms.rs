//! A stored statement read again: its terms, and what it refers to.

use xapi::statement::Actor;
use xapi::{Limits, Statement, Version, statement};

use super::Content;
use crate::{Term, term};

/// What version 2.0 allows contains what 1.0.3 allows, and limits may have been wider when a statement came.
const WIDEST: Limits = Limits {
    statements_per_request_max: 1 << 30,
    statement_bytes_max: 1 << 30,
    json_depth_max: 512,
    references_max: 1 << 30,
    attachments_per_statement_max: 1 << 30,
};

/// The statement and its authority. None, and an error in the log, if today's rules refuse what was accepted once: the
/// statement then is not found by its terms, which is better than that nothing can be written to it.
#[must_use]
pub fn parsed(content: &Content) -> Option<(Statement<'_>, Actor<'_>)> {
    let statement = statement::parse_one(&content.text, Version::V2_0_0, &WIDEST).ok();
    let authority = statement::parse_actor(&content.authority, "/authority").ok();
    let both = statement.zip(authority);
    if both.is_none() {
        tracing::error!(id = %content.id, "a stored statement cannot be parsed again");
    }
    both
}

/// Of the statement alone, without those it refers to: each once, sorted.
pub(crate) fn own_terms(content: &Content) -> Vec<Term> {
    parsed(content)
        .map(|(statement, authority)| term::terms(&statement, &authority))
        .unwrap_or_default()
}
