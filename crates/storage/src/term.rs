//! Index terms: what a statement can be found by. Defined here once for every engine.

/// A 128-bit hash of the kind of term and its canonical value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Term(pub [u8; 16]);

/// Which statements of a chain of StatementRefs have a term: bit 0 the statement itself, bit 1 the one it refers
/// to, and so on. All filters of a query must hold on one statement of the chain: a common bit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct Chain(pub u8);

/// Statements of a chain that count, the first included.
pub const CHAIN_DEPTH_MAX: u32 = 8;
