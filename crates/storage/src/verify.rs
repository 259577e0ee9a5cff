//! What a check of a whole store answers.

/// Counts of what was read, and what is wrong with it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Statements that stand in lists.
    pub statements: u64,
    /// Voided statements.
    pub voided: u64,
    pub documents: u64,
    pub records: u64,
    /// Rows of all tables.
    pub rows: u64,
    pub blobs: u64,
    /// The first [`PROBLEMS_MAX`] problems.
    pub problems: Vec<Problem>,
    /// All problems, those that are not listed too.
    pub problems_count: u64,
}

/// More are counted, not listed: one lost file must not fill the memory.
pub const PROBLEMS_MAX: usize = 100;

/// One thing that is not as it was written, or does not fit the rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Part of the store in which it was seen.
    pub family: &'static str,
    /// Key in hex; empty when no key is to blame.
    pub key: String,
    pub detail: String,
}

impl Report {
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.problems_count == 0
    }

    pub(crate) fn add(&mut self, problem: Problem) {
        self.problems_count += 1;
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(problem);
        }
    }
}
