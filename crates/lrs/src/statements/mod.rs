//! The Statements resource: storing (`post`), finding (`get`), and turning rows into answers (`render`).
//!
//! `prepare` does what costs time and needs no facts; `decide` is pure given its facts.

mod decide;
pub mod get;
pub mod post;
mod prepare;
pub mod render;

use xapi::{Limits, Statement, Version};

const UNLIMITED: Limits = Limits {
    statements_per_request_max: usize::MAX,
    statement_bytes_max: usize::MAX,
    json_depth_max: 128,
    references_max: usize::MAX,
    attachments_per_statement_max: usize::MAX,
};

/// Reads the text of a stored statement again. The rules of 2.0 accept whatever either version accepted, and
/// limits that were lowered later do not hide what is stored. `None` means that the store is damaged.
#[must_use]
pub fn reparse(text: &str) -> Option<Statement<'_>> {
    xapi::statement::parse_one(text, Version::V2_0_0, &UNLIMITED).ok()
}
