//! From the text of a request to statements: fast where everything is right, and where not, the list of everything
//! that is wrong.

use serde_json::Deserializer;
use uuid::Uuid;

use super::check::{Check, Checked, Refused, ensure};
use super::raw::{Closed, RawActor, RawStatement};
use super::{Actor, Statement, WHITE_SPACE, walk};
use crate::{Limits, Version, Violation};

/// Reads a POST body: one statement, or an array of them, which may be empty.
///
/// # Errors
/// All violations of all statements, at most [`super::VIOLATIONS_MAX`].
pub fn parse_batch<'a>(
    body: &'a str,
    version: Version,
    limits: &Limits,
) -> Result<Vec<Statement<'a>>, Vec<Violation>> {
    fast_batch(body, version, limits).map_err(|Refused| walk::batch(body, version, limits))
}

/// Reads a PUT body: exactly one statement.
///
/// # Errors
/// All its violations, at most [`super::VIOLATIONS_MAX`].
pub fn parse_one<'a>(
    body: &'a str,
    version: Version,
    limits: &Limits,
) -> Result<Statement<'a>, Vec<Violation>> {
    fast_one(body, version, limits).map_err(|Refused| walk::one(body, version, limits))
}

/// Reads an Agent or Group outside a statement, such as the `agent` parameter. Pointers begin with `pointer`.
///
/// # Errors
/// All its violations.
pub fn parse_actor<'a>(text: &'a str, pointer: &str) -> Result<Actor<'a>, Vec<Violation>> {
    let limits = Limits::default();
    serde_json::from_str(text)
        .map_err(|_| Refused)
        .and_then(|Closed(raw): Closed<RawActor<'a>>| {
            Check::new(Version::V2_0_0, &limits).actor(raw)
        })
        .map_err(|Refused| walk::actor(text, pointer, &limits))
}

fn fast_one<'a>(body: &'a str, version: Version, limits: &Limits) -> Checked<Statement<'a>> {
    let text = body.trim_matches(WHITE_SPACE);
    let Closed(raw): Closed<RawStatement<'a>> = serde_json::from_str(text).map_err(|_| Refused)?;
    Check::new(version, limits).statement(text, raw)
}

fn fast_batch<'a>(body: &'a str, version: Version, limits: &Limits) -> Checked<Vec<Statement<'a>>> {
    let text = body.trim_matches(WHITE_SPACE);
    let Some(mut rest) = text.strip_prefix('[') else {
        return fast_one(text, version, limits).map(|statement| vec![statement]);
    };
    let mut statements = Vec::new();
    loop {
        rest = rest.trim_start_matches(WHITE_SPACE);
        if statements.is_empty() && rest == "]" {
            return Ok(statements);
        }
        ensure(statements.len() < limits.statements_per_request_max)?;
        let (text, raw, tail) = next_statement(rest)?;
        statements.push(Check::new(version, limits).statement(text, raw)?);
        rest = tail.trim_start_matches(WHITE_SPACE);
        if rest == "]" {
            break;
        }
        rest = rest.strip_prefix(',').ok_or(Refused)?;
    }
    let ids: Vec<Uuid> = statements.iter().filter_map(|one| one.id).collect();
    ensure(are_distinct(ids))?;
    Ok(statements)
}

/// The first statement of a text, and what follows it. Read in place: a statement's text is known without a pass of
/// its own.
fn next_statement(text: &str) -> Checked<(&str, RawStatement<'_>, &str)> {
    let mut values = Deserializer::from_str(text).into_iter::<Closed<RawStatement<'_>>>();
    let Some(Ok(Closed(raw))) = values.next() else {
        return Err(Refused);
    };
    let (statement, tail) = text.split_at_checked(values.byte_offset()).ok_or(Refused)?;
    Ok((statement, raw, tail))
}

fn are_distinct(mut ids: Vec<Uuid>) -> bool {
    ids.sort_unstable();
    ids.is_sorted_by(|one, two| one < two)
}
