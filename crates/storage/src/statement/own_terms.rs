//! The terms of a statement that is stored, worked out again from its text.

use xapi::{Limits, Version, statement};

use super::Content;
use crate::{Term, term};

/// Of the statement alone, without those it refers to: each once, sorted. None if today's rules refuse what was
/// accepted once: the statement then is not found by them, which is better than that nothing can be written to it.
pub(crate) fn own_terms(content: &Content) -> Vec<Term> {
    // What version 2.0 allows contains what 1.0.3 allows, and limits may have been wider when it came.
    let limits = Limits {
        statements_per_request_max: 1 << 30,
        statement_bytes_max: 1 << 30,
        json_depth_max: 512,
        references_max: 1 << 30,
        attachments_per_statement_max: 1 << 30,
    };
    let statement = statement::parse_one(&content.text, Version::V2_0_0, &limits);
    let authority = statement::parse_actor(&content.authority, "/authority");
    match (statement, authority) {
        (Ok(statement), Ok(authority)) => term::terms(&statement, &authority),
        (Err(_), _) | (_, Err(_)) => {
            tracing::error!(id = %content.id, "a stored statement cannot be parsed for its terms");
            Vec::new()
        }
    }
}
