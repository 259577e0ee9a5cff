//! Rows as JSON in the format asked for.

use storage::StoredStatement;
use storage::statement::AddsVersion;
use xapi::format::{self, Additions, Format, Languages, StatementResult, Stored};
use xapi::lexical::timestamp;

use crate::{Caller, Error, Lrs, known};

/// How statements are to look.
pub struct Look {
    pub format: Format,
    /// From `Accept-Language`; matters to `canonical` alone.
    pub languages: Languages,
}

/// One statement.
///
/// # Errors
/// When the store is damaged or cannot be read.
pub fn one(
    lrs: &Lrs,
    caller: &Caller,
    look: &Look,
    row: &StoredStatement,
) -> Result<String, Error> {
    let mut out = String::new();
    append(lrs, caller, look, row, &mut out)?;
    Ok(out)
}

/// A StatementResult. `more` is the relative IRL of the next page.
///
/// # Errors
/// When the store is damaged or cannot be read.
pub fn list(
    lrs: &Lrs,
    caller: &Caller,
    look: &Look,
    rows: &[StoredStatement],
    more: Option<&str>,
) -> Result<String, Error> {
    let bytes = rows.iter().map(|row| row.content.text.len() + 512).sum();
    let mut result = StatementResult::with_capacity(bytes);
    for row in rows {
        append(lrs, caller, look, row, result.place())?;
    }
    Ok(result.finish(more))
}

fn append(
    lrs: &Lrs,
    caller: &Caller,
    look: &Look,
    row: &StoredStatement,
    out: &mut String,
) -> Result<(), Error> {
    let stored = timestamp::render(i64::try_from(row.seq.0).unwrap_or(i64::MAX));
    let content = &row.content;
    let shown = Stored {
        id: content.id,
        text: &content.text,
        stored: &stored,
        authority: &content.authority,
        additions: Additions {
            id: content.adds.id,
            timestamp: content.adds.timestamp,
            version: match content.adds.version {
                AddsVersion::None => None,
                AddsVersion::V1_0_0 => Some("1.0.0"),
                AddsVersion::V2_0_0 => Some("2.0.0"),
            },
        },
    };
    let definitions = |activity: &str| {
        known::definition(&lrs.store, caller.tenant(), activity).unwrap_or_else(|error| {
            tracing::error!(?error, "the definition of an activity cannot be read");
            None
        })
    };
    format::render(look.format, &shown, &look.languages, &definitions, out)
        .map_err(|error| Error::damaged("statements", content.id, error))
}
