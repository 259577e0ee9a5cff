//! The Statements resource: storing (`post`), finding (`get`), and turning rows into answers (`render`).
//!
//! `prepare` does what costs time and needs no facts; `decide` is pure given its facts.

mod decide;
pub mod get;
pub mod post;
mod prepare;
pub mod render;
