//! Rows of tables and their terms, both ways.

use std::collections::BTreeSet;

use super::{Source, problem};
use crate::Seq;
use crate::rocksdb::keys::{self, Family};
use crate::rocksdb::values;
use crate::row::Table;
use crate::verify::Report;

/// Answers the last place that a row was given.
pub(super) fn check(source: &Source<'_>, report: &mut Report) -> Seq {
    let mut last = Seq(0);
    let mut terms_found = 0;
    source.each(Family::Rows, &[], report, |report, key, value| {
        report.rows += 1;
        let Some((tenant, _, seq)) = keys::parse_row(key) else {
            return problem(report, Family::Rows, key, "not a key of this family");
        };
        let row = match values::decode_row(value) {
            Ok(row) => row,
            Err(detail) => return problem(report, Family::Rows, key, detail),
        };
        if !row.is_chosen {
            last = last.max(seq);
        }
        for term in row.terms().collect::<BTreeSet<_>>() {
            let key = keys::term(tenant, term, seq);
            match source.get(Family::RowTerms, &key, report).as_deref() {
                None => problem(report, Family::RowTerms, &key, "a row has this term"),
                Some(value) => {
                    terms_found += 1;
                    if *value != values::ROW_TERM {
                        problem(report, Family::RowTerms, &key, "not the one value of all");
                    }
                }
            }
        }
    });
    if source.count(Family::RowTerms, &[], report) != terms_found {
        find_terms(source, report);
    }
    last
}

/// Back from the index: keys that no row needs.
fn find_terms(source: &Source<'_>, report: &mut Report) {
    source.each(Family::RowTerms, &[], report, |report, key, _| {
        let Some((tenant, term, seq)) = keys::parse_term(key) else {
            return problem(report, Family::RowTerms, key, "not a key of this family");
        };
        for table in Table::ALL {
            let row = source.get(Family::Rows, &keys::row(tenant, table, seq), report);
            let has_term = row.is_some_and(|value| match values::decode_row(&value) {
                Ok(row) => row.terms().any(|other| other == term),
                // It was reported, and may have any term.
                Err(_) => true,
            });
            if has_term {
                return;
            }
        }
        let detail = format!("no row at {} has this term", seq.0);
        problem(report, Family::RowTerms, key, detail);
    });
}
