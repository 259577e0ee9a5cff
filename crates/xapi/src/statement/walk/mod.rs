//! The slow path: a tolerant walk over a refused request that lists all its violations.

use crate::json::Node;
use crate::{Limits, Version, Violation};

/// More violations than this are not listed.
pub const VIOLATIONS_MAX: usize = 100;

pub(super) fn batch(body: &str, _version: Version, limits: &Limits) -> Vec<Violation> {
    actor(body, "", limits)
}

pub(super) fn one(body: &str, _version: Version, limits: &Limits) -> Vec<Violation> {
    actor(body, "", limits)
}

pub(super) fn actor(text: &str, pointer: &str, limits: &Limits) -> Vec<Violation> {
    let got = match Node::parse(text, limits.tree_depth_max()) {
        Ok(_) => "something else".to_owned(),
        Err(error) => error.to_string(),
    };
    vec![Violation::new(
        "XAPI-00014",
        pointer,
        "a valid statement",
        got,
    )]
}
