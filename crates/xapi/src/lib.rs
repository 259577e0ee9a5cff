//! The xAPI data model as pure code: parse, judge, compare, render.
//!
//! Nothing here reads a clock, a file or a socket; time and ids are arguments. What a server answers (status
//! codes, headers) and what a store keeps (keys, records) live in other crates.

pub mod definition;
pub mod equivalence;
pub mod format;
pub mod json;
pub mod lexical;
pub mod limits;
pub mod multipart;
pub mod person;
pub mod query;
pub mod requirement;
pub mod signature;
pub mod statement;
pub mod version;
pub mod violation;

pub use limits::Limits;
pub use statement::Statement;
pub use version::Version;
pub use violation::Violation;
