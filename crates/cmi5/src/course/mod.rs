//! Course structures (sections 13 and 14): reading and judging `cmi5.xml`, the entries of a course package, writing a
//! structure back, what an LMS answers about it and the URL that launches an AU.
//!
//! Nothing here unpacks an archive or fetches anything: bytes and names come in, data and faults go out.

mod any_uri;
mod bounds;
mod decode;
mod fault;
mod foreign;
mod launch_url;
mod limits;
mod listing;
pub mod outline;
mod parse;
mod read;
pub mod requirement;
mod rules;
mod schema;
mod structure;
mod url;
mod validate;
mod values;
mod write;
mod xml;

pub mod package;

pub use fault::{Fault, Position};
pub use launch_url::{LaunchParameters, TooLong, content_url, launch_url};
pub use limits::{DEPTH_MAX, Limits};
pub use listing::{
    AuEntry, CourseEntry, Listing, Localised, Tree, au_lms_id, block_lms_id, listing,
};
pub use parse::parse;
pub use structure::{
    Au, Block, Extension, ForeignAttribute, LangString, LaunchMethod, Node, Objective, Objectives,
    References, Structure, Text,
};
pub use write::write;

/// The namespace of `courseStructure` and all of its elements.
pub const NAMESPACE: &str = "https://w3id.org/xapi/profiles/cmi5/v1/CourseStructure.xsd";

#[cfg(test)]
mod tests;
