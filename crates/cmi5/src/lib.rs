//! cmi5 as pure code. For now its vocabulary alone; sessions, rules and moveOn come next.

pub mod vocabulary;

pub use vocabulary::Verb;
