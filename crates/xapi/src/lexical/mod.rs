//! The small languages inside xAPI strings: IRIs, timestamps, durations, language tags, identifiers, numbers.
//!
//! Each answers whether a text is well formed, and at most what it means. Nothing is normalised.

pub mod decimal;
pub mod duration;
pub mod identifier;
pub mod iri;
pub mod language;
pub mod media_type;
pub mod timestamp;

pub use duration::Duration;
pub use timestamp::Timestamp;

#[cfg(test)]
mod tests;
