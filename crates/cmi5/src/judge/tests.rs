//! Each rule once kept and once broken, by tables: what the session is like, a statement, what is wrong with it.

mod batch;
mod common;
mod defined;
mod effect;
mod fixture;
mod lenient;
mod lms;
mod order;
mod outside;
mod property;
mod result;

use std::collections::BTreeSet;

use fixture::Row;

use crate::rule::{Applies, RULES};

/// All tables of single statements.
fn rows() -> impl Iterator<Item = &'static Row> {
    [
        common::ROWS,
        order::ROWS,
        defined::ROWS,
        result::ROWS,
        lms::ROWS,
        outside::ROWS,
    ]
    .into_iter()
    .flatten()
}

#[test]
fn every_rule_about_statements_is_broken_once() {
    let broken: BTreeSet<&str> = rows()
        .chain(lenient::ROWS)
        .flat_map(|row| row.broken)
        .filter_map(|broken| broken.split(' ').next())
        .collect();
    for rule in RULES {
        match rule.applies {
            Applies::Statement | Applies::Cmi5Defined | Applies::LmsStatement => {
                assert!(broken.contains(rule.id), "no test breaks {}", rule.id);
            }
            Applies::LaunchData | Applies::Preferences | Applies::Access => {}
        }
    }
}
