//! One broken rule: which requirement, where in the request, what was expected and what was there instead.

use serde::Serialize;

/// A rule that the client broke. A request is answered with all of its violations, not the first alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Violation {
    /// ADL's requirement id, `XAPI-00012` or `9.3.0.0-4`, or one of Tessera's own.
    pub requirement: &'static str,
    /// Index of the statement in the request; absent for violations outside a statement.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statement: Option<usize>,
    /// JSON pointer inside that statement or body, or the name of a query parameter or header.
    pub pointer: String,
    pub expected: String,
    /// What was sent, at most [`GOT_CHARS_MAX`] characters of it.
    pub got: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// A longer `got` is cut: an answer must not echo a whole request.
pub const GOT_CHARS_MAX: usize = 120;

impl Violation {
    #[must_use]
    pub fn new(
        requirement: &'static str,
        pointer: impl Into<String>,
        expected: impl Into<String>,
        got: impl Into<String>,
    ) -> Self {
        let mut got = got.into();
        if let Some((cut, _)) = got.char_indices().nth(GOT_CHARS_MAX) {
            got.truncate(cut);
            got.push('…');
        }
        Self {
            requirement,
            statement: None,
            pointer: pointer.into(),
            expected: expected.into(),
            got,
            detail: None,
        }
    }

    #[must_use]
    pub fn in_statement(mut self, index: usize) -> Self {
        self.statement = Some(index);
        self
    }

    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }
}
