//! The xAPI resources over HTTP: parameters in, answers out.

pub mod about;
pub mod definitions;
pub mod documents;
pub mod receive;
pub mod statements;
