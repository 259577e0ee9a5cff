//! Statements, and from each of them forward: its id, its terms, its place among its target's referrers.

use std::collections::BTreeMap;

use uuid::Uuid;
use xapi::{Limits, Version};

use super::pending::is_pending;
use super::{Source, orphans, problem};
use crate::rocksdb::keys::{self, Family};
use crate::rocksdb::values::{self, IdEntry, StoredId};
use crate::term::{self, CHAIN_DEPTH_MAX};
use crate::verify::Report;
use crate::{Chain, Seq, Tenant, Term};

/// Keys that were found where statements need them.
#[derive(Default)]
pub(super) struct Found {
    pub(super) ids: u64,
    pub(super) terms: u64,
    pub(super) referrers: u64,
}

/// A statement, read.
pub(super) struct Known {
    pub(super) id: Uuid,
    pub(super) voiding: bool,
    pub(super) reference: Option<Uuid>,
    pub(super) terms: Vec<Term>,
}

/// Chain bits that a row's term must have, and may have.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Bits {
    must: Chain,
    may: Chain,
}

/// Answers the last place of all.
pub(super) fn check(source: &Source<'_>, report: &mut Report) -> Seq {
    let mut found = Found::default();
    let mut last = Seq(0);
    for family in [Family::Statements, Family::Voided] {
        source.each(family, &[], report, |report, key, value| {
            if family == Family::Voided {
                report.voided += 1;
            } else {
                report.statements += 1;
            }
            let Some((tenant, seq)) = keys::parse_statement(key) else {
                return problem(report, family, key, "not a key of this family");
            };
            last = last.max(seq);
            match read(source, value) {
                Ok(known) => {
                    let statement = Statement {
                        source,
                        family,
                        key,
                        tenant,
                        seq,
                        known,
                    };
                    statement.check(report, &mut found);
                }
                Err(detail) => problem(report, family, key, detail),
            }
        });
    }
    orphans::check(source, &found, report);
    last
}

/// A statement and where it lies.
struct Statement<'s> {
    source: &'s Source<'s>,
    family: Family,
    key: &'s [u8],
    tenant: Tenant,
    seq: Seq,
    known: Known,
}

impl Statement<'_> {
    fn check(&self, report: &mut Report, found: &mut Found) {
        self.check_id(report, found);
        self.check_referrer(report, found);
        if self.family == Family::Statements {
            self.check_terms(report, found);
        }
    }

    fn check_id(&self, report: &mut Report, found: &mut Found) {
        let Known {
            id,
            voiding,
            reference,
            ..
        } = self.known;
        let key = keys::id(self.tenant, id);
        let entry = match self.source.get(Family::Ids, &key, report) {
            None => {
                return problem(
                    report,
                    Family::Ids,
                    &key,
                    format!("statement {id} has no entry"),
                );
            }
            Some(value) => IdEntry::decode(&value),
        };
        let stored = match entry {
            // Reported where all entries are read.
            Err(_) => return,
            Ok(IdEntry::Awaited { .. }) => {
                return problem(
                    report,
                    Family::Ids,
                    &key,
                    format!("statement {id} is stored, not awaited"),
                );
            }
            Ok(IdEntry::Stored(stored)) => stored,
        };
        found.ids += 1;
        let expected = StoredId {
            seq: self.seq,
            voiding,
            reference,
            voided_by: stored.voided_by,
        };
        if stored != expected {
            let detail = format!("says {stored:?} of a statement that is {expected:?}");
            return problem(report, Family::Ids, &key, detail);
        }
        let is_in_lists = self.family == Family::Statements;
        let wrong = match stored.voided_by {
            None if is_in_lists => return,
            None => "lies among the voided, and nothing voided it".to_owned(),
            Some(by) if is_in_lists => format!("stands in lists, and {by} voided it"),
            Some(_) if voiding => "voids and is voided, which cannot be".to_owned(),
            Some(by) if !is_voider(self.source, self.tenant, by, id, report) => {
                format!("{by} is said to have voided it, and did not")
            }
            Some(_) => return,
        };
        problem(report, self.family, self.key, wrong);
    }

    /// It is listed among those that refer to its target, and the target's id knows of it.
    fn check_referrer(&self, report: &mut Report, found: &mut Found) {
        let Some(target) = self.known.reference else {
            return;
        };
        let key = keys::referrer(self.tenant, target, self.seq);
        let id = self.known.id;
        match self.source.get(Family::Referrers, &key, report) {
            None => {
                let detail = format!("statement {id} refers to {target} and is not listed");
                problem(report, Family::Referrers, &key, detail);
            }
            Some(value) => {
                found.referrers += 1;
                if values::decode_referrer(&value) != Ok(id) {
                    let detail = format!("is not the id of the statement there, {id}");
                    problem(report, Family::Referrers, &key, detail);
                }
            }
        }
        let key = keys::id(self.tenant, target);
        let wrong = match self.source.get(Family::Ids, &key, report) {
            None => format!("{id} refers to {target}, which has no entry"),
            Some(value) => match IdEntry::decode(&value) {
                Ok(entry) if self.known.voiding && !is_out_of_reach(&entry) => {
                    format!("{id} voids {target}, which is not voided")
                }
                // Reported where all entries are read.
                Ok(_) | Err(_) => return,
            },
        };
        problem(report, Family::Ids, &key, wrong);
    }

    fn check_terms(&self, report: &mut Report, found: &mut Found) {
        for (term, bits) in bits_along_chain(self.source, self.tenant, &self.known, report) {
            let key = keys::term(self.tenant, term, self.seq);
            let value = self.source.get(Family::Terms, &key, report);
            found.terms += u64::from(value.is_some());
            let chain = match value.as_deref() {
                None => Chain::default(),
                Some(&[chain]) => Chain(chain),
                Some(_) => {
                    problem(report, Family::Terms, &key, "not one byte of chain bits");
                    continue;
                }
            };
            if chain.0 & bits.must.0 != bits.must.0 || chain.0 & !bits.may.0 != 0 {
                let detail = format!(
                    "statement {} has this term at depths {:#010b} of its chain, not {:#010b}",
                    self.known.id, bits.must.0, chain.0
                );
                problem(report, Family::Terms, &key, detail);
            }
        }
    }
}

/// Whether `by` is stored and voids `target`.
pub(super) fn is_voider(
    source: &Source<'_>,
    tenant: Tenant,
    by: Uuid,
    target: Uuid,
    report: &mut Report,
) -> bool {
    let entry = source.get(Family::Ids, &keys::id(tenant, by), report);
    match entry.map(|value| IdEntry::decode(&value)) {
        Some(Ok(IdEntry::Stored(by))) => by.voiding && by.reference == Some(target),
        Some(Ok(IdEntry::Awaited { .. }) | Err(_)) | None => false,
    }
}

/// Whether a void had its effect on its target, or could have none.
fn is_out_of_reach(target: &IdEntry) -> bool {
    match target {
        IdEntry::Awaited { voided_by, .. } => voided_by.is_some(),
        IdEntry::Stored(stored) => stored.voided_by.is_some() || stored.voiding,
    }
}

/// A value of [`Family::Statements`] or [`Family::Voided`].
pub(super) fn read(source: &Source<'_>, value: &[u8]) -> Result<Known, String> {
    let (voiding, record) = values::decode_statement(value)?;
    let content = source.engine.dictionaries.decode(record)?;
    let limits = Limits {
        statements_per_request_max: usize::MAX,
        statement_bytes_max: usize::MAX,
        json_depth_max: usize::MAX,
        references_max: usize::MAX,
        attachments_per_statement_max: usize::MAX,
    };
    // The newest version accepts what every version accepts.
    let statement = xapi::statement::parse_one(&content.text, Version::V2_0_0, &limits)
        .map_err(|violations| format!("the text is no statement: {:?}", violations.first()))?;
    let authority = xapi::statement::parse_actor(&content.authority, "/authority")
        .map_err(|violations| format!("the authority is no actor: {:?}", violations.first()))?;
    if statement.id.is_some_and(|id| id != content.id) {
        return Err("the text has another id".to_owned());
    }
    if statement.is_voiding() != voiding {
        return Err("the text and the mark of voiding differ".to_owned());
    }
    Ok(Known {
        id: content.id,
        voiding,
        reference: statement.reference(),
        terms: term::terms(&statement, &authority),
    })
}

/// Follows the references from a statement; one that comes again ends the chain. What is still to be propagated may
/// be missing.
pub(super) fn bits_along_chain(
    source: &Source<'_>,
    tenant: Tenant,
    first: &Known,
    report: &mut Report,
) -> BTreeMap<Term, Bits> {
    let mut bits: BTreeMap<Term, Bits> = BTreeMap::new();
    let mut seen = Vec::new();
    let mut is_due = true;
    let mut next: Option<Known> = None;
    for depth in 0..CHAIN_DEPTH_MAX {
        let at = next.as_ref().unwrap_or(first);
        if seen.contains(&at.id) {
            break;
        }
        seen.push(at.id);
        is_due = is_due && (depth == 0 || !is_pending(source, tenant, at.id, report));
        let chain = Chain::at(depth).unwrap_or_default();
        for term in &at.terms {
            let bits = bits.entry(*term).or_default();
            bits.may.0 |= chain.0;
            if is_due {
                bits.must.0 |= chain.0;
            }
        }
        let Some(target) = at.reference else { break };
        match stored(source, tenant, target, report) {
            Some(known) => next = Some(known),
            None => break,
        }
    }
    bits
}

/// The statement of this id, if it is stored and readable.
fn stored(source: &Source<'_>, tenant: Tenant, id: Uuid, report: &mut Report) -> Option<Known> {
    let entry = source.get(Family::Ids, &keys::id(tenant, id), report)?;
    match IdEntry::decode(&entry).ok()? {
        IdEntry::Awaited { .. } => None,
        IdEntry::Stored(stored) => {
            let family = crate::rocksdb::read::statement_family(stored.voided_by);
            let value = source.get(family, &keys::statement(tenant, stored.seq), report)?;
            read(source, &value).ok()
        }
    }
}
