//! Cursors of the reports: as those of statements, they hold a place and belong to their filters.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use storage::Seq;
use xapi::Violation;

use super::Part;
use crate::{Error, Lrs, requirement};

/// The filters of one list, spelled out: what a cursor of it is good for.
pub(crate) struct Filters(String);

impl Filters {
    pub(crate) fn of(list: &str) -> Self {
        Self(format!("{list}\n"))
    }

    /// With its length before it no value can pass for another filter.
    pub(crate) fn and(mut self, name: &str, value: Option<&str>) -> Self {
        if let Some(value) = value {
            self.0
                .push_str(&format!("{name} {} {value}\n", value.len()));
        }
        self
    }

    /// Where the page before this one ended.
    pub(crate) fn place(&self, lrs: &Lrs, part: &Part) -> Result<Option<Seq>, Error> {
        let Some(cursor) = part.cursor.as_deref() else {
            return Ok(None);
        };
        match lrs.cursors.open_token(cursor, &self.0) {
            Some(seq) => Ok(Some(seq)),
            None => Err(foreign(cursor)),
        }
    }

    pub(crate) fn more(&self, lrs: &Lrs, next: Option<Seq>) -> Option<String> {
        next.map(|seq| lrs.cursors.sign(seq, &self.0))
    }

    /// As [`Filters::place`], for a list that is ordered by keys.
    pub(crate) fn key(&self, lrs: &Lrs, part: &Part) -> Result<Option<Vec<u8>>, Error> {
        let Some(cursor) = part.cursor.as_deref() else {
            return Ok(None);
        };
        let opened = cursor.split_once('.').and_then(|(token, key)| {
            let text = format!("{}{key}", self.0);
            lrs.cursors.open_token(token, &text)?;
            URL_SAFE_NO_PAD.decode(key).ok()
        });
        opened.map(Some).ok_or_else(|| foreign(cursor))
    }

    pub(crate) fn more_behind(&self, lrs: &Lrs, key: &[u8]) -> String {
        let key = URL_SAFE_NO_PAD.encode(key);
        let token = lrs.cursors.sign(Seq(0), &format!("{}{key}", self.0));
        format!("{token}.{key}")
    }
}

/// How many entries a page has.
pub(crate) fn rows_max(lrs: &Lrs, part: &Part) -> usize {
    match part.limit {
        None | Some(0) => lrs.settings.page_rows_default,
        Some(limit) => limit.min(lrs.settings.page_rows_max),
    }
}

fn foreign(cursor: &str) -> Error {
    Violation::new(
        requirement::MORE_TOKEN,
        "cursor",
        "a cursor from the `more` link of this list",
        cursor,
    )
    .into()
}
