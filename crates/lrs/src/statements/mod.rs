//! The Statements resource: storing (`post`), finding (`get`), and turning rows into answers (`render`).
//!
//! `prepare` does what costs time and needs no facts; `decide` is pure given its facts; `judge` asks what cmi5 says of
//! a request; `own` are statements of the LRS itself.

mod decide;
pub mod get;
mod judge;
mod narrow;
mod own;
pub mod post;
mod prepare;
pub mod render;

pub(crate) use own::{generated, new_id};
