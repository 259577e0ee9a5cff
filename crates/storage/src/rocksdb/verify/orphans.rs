//! Back from the indexes to the statements: keys that no statement needs.

use std::collections::{BTreeMap, HashMap};

use uuid::Uuid;

use super::statements::{Bits, Found, Known, bits_along_chain, is_voider, read};
use super::{Source, problem};
use crate::rocksdb::keys::{self, Family};
use crate::rocksdb::read::statement_family;
use crate::rocksdb::values::{self, IdEntry};
use crate::verify::Report;
use crate::{Seq, Tenant, Term};

/// Rows whose terms are kept at hand while the keys of one term after another are checked.
const ROWS_AT_HAND_MAX: usize = 4096;

pub(super) fn check(source: &Source<'_>, found: &Found, report: &mut Report) {
    let stored = check_ids(source, report);
    if stored != found.ids {
        find_ids(source, report);
    }
    if source.count(Family::Referrers, &[], report) != found.referrers {
        find_referrers(source, report);
    }
    if source.count(Family::Terms, &[], report) != found.terms {
        find_terms(source, report);
    }
}

/// Reads every entry; how many say that a statement is stored.
fn check_ids(source: &Source<'_>, report: &mut Report) -> u64 {
    let mut stored = 0;
    source.each(Family::Ids, &[], report, |report, key, value| {
        let Some((tenant, id)) = keys::parse_id(key) else {
            return problem(report, Family::Ids, key, "not a key of this family");
        };
        match IdEntry::decode(value) {
            Err(detail) => problem(report, Family::Ids, key, detail),
            Ok(IdEntry::Stored(_)) => stored += 1,
            Ok(IdEntry::Awaited { waiting, voided_by }) => {
                let prefix = keys::referrer_prefix(tenant, id);
                let referrers = source.count(Family::Referrers, &prefix, report);
                // What voids refers too. A void counts again on top.
                if referrers == 0 || waiting < referrers {
                    let detail = format!("{waiting} wait for {id}, and {referrers} refer to it");
                    problem(report, Family::Ids, key, detail);
                }
                if voided_by.is_some_and(|by| !is_voider(source, tenant, by, id, report)) {
                    problem(report, Family::Ids, key, "what is said to void it does not");
                }
            }
        }
    });
    stored
}

fn find_ids(source: &Source<'_>, report: &mut Report) {
    source.each(Family::Ids, &[], report, |report, key, value| {
        let (Some((tenant, id)), Ok(IdEntry::Stored(stored))) =
            (keys::parse_id(key), IdEntry::decode(value))
        else {
            return;
        };
        let place = keys::statement(tenant, stored.seq);
        let statement = source.get(statement_family(stored.voided_by), &place, report);
        match statement.map(|value| read(source, &value)) {
            None => problem(
                report,
                Family::Ids,
                key,
                format!("{id} is not where it should be"),
            ),
            Some(Ok(known)) if known.id != id => {
                let detail = format!("{} lies where {id} should be", known.id);
                problem(report, Family::Ids, key, detail);
            }
            Some(_) => {}
        }
    });
}

fn find_referrers(source: &Source<'_>, report: &mut Report) {
    source.each(Family::Referrers, &[], report, |report, key, value| {
        let Some((tenant, target, seq)) = keys::parse_referrer(key) else {
            return problem(report, Family::Referrers, key, "not a key of this family");
        };
        match at(source, tenant, seq, report) {
            At::Unreadable => {}
            At::Statement(known) if known.reference == Some(target) => {}
            At::Statement(_) | At::Nothing => {
                let id = values::decode_referrer(value).unwrap_or(Uuid::nil());
                let detail = format!("no statement {id} refers to {target} from there");
                problem(report, Family::Referrers, key, detail);
            }
        }
    });
}

fn find_terms(source: &Source<'_>, report: &mut Report) {
    let mut rows: HashMap<(Tenant, Seq), Option<BTreeMap<Term, Bits>>> = HashMap::new();
    source.each(Family::Terms, &[], report, |report, key, _| {
        let Some((tenant, term, seq)) = keys::parse_term(key) else {
            return problem(report, Family::Terms, key, "not a key of this family");
        };
        if rows.len() >= ROWS_AT_HAND_MAX {
            rows.clear();
        }
        let row = rows.entry((tenant, seq)).or_insert_with(|| {
            let value = source.get(Family::Statements, &keys::statement(tenant, seq), report);
            match value.map(|value| read(source, &value)) {
                None => Some(BTreeMap::new()),
                Some(Ok(known)) => Some(bits_along_chain(source, tenant, &known, report)),
                Some(Err(_)) => None,
            }
        });
        // A statement that cannot be read was reported, and may have any term.
        if row.as_ref().is_some_and(|terms| !terms.contains_key(&term)) {
            let detail = format!("no statement in the lists at {} has this term", seq.0);
            problem(report, Family::Terms, key, detail);
        }
    });
}

enum At {
    Nothing,
    Unreadable,
    Statement(Known),
}

/// The statement at a place, voided or not.
fn at(source: &Source<'_>, tenant: Tenant, seq: Seq, report: &mut Report) -> At {
    let key = keys::statement(tenant, seq);
    for family in [Family::Statements, Family::Voided] {
        if let Some(value) = source.get(family, &key, report) {
            return read(source, &value).map_or(At::Unreadable, At::Statement);
        }
    }
    At::Nothing
}
