//! Limits on what is parsed. The server's configuration sets them; these are the defaults.

/// Bounds on one request's statements. What exceeds one is a [`crate::Violation`] that names the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    pub statements_per_request_max: usize,
    /// Bytes of JSON text of one statement.
    pub statement_bytes_max: usize,
    /// Nesting of objects and arrays in one extension's value. Elsewhere the data model bounds it.
    pub json_depth_max: usize,
    /// Members of all groups and entries of all context activity lists of one statement, together.
    pub references_max: usize,
    pub attachments_per_statement_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            statements_per_request_max: 2_000,
            statement_bytes_max: 1024 * 1024,
            json_depth_max: 64,
            references_max: 1_000,
            attachments_per_statement_max: 64,
        }
    }
}

/// Nesting that the data model itself needs around an extension's value, rounded up.
const MODEL_DEPTH: usize = 16;

impl Limits {
    /// The depth of JSON that holds any statement within these limits: what `json::Node::parse` has to be given.
    #[must_use]
    pub fn tree_depth_max(&self) -> usize {
        self.json_depth_max.saturating_add(MODEL_DEPTH)
    }
}
