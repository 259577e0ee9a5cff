//! Lists of courses and of registrations, newest first: rows hold ids, and the records behind them are the entries.

use storage::query::Order;
use storage::row::{RowsQuery, Table};
use storage::{Seq, Term};
use uuid::Uuid;

use super::{Owner, Page};
use crate::reports::Part;
use crate::reports::link::{Filters, rows_max};
use crate::{Error, Lrs};

/// Which part of which list.
pub(super) struct Wanted<'w> {
    pub(super) table: Table,
    /// Of one launch tenant, for an owner that sees all.
    pub(super) launch_tenant: Option<u64>,
    /// Terms of the rows by their names; those with a value must hold.
    pub(super) filters: Vec<(&'static str, Option<&'w [u8]>)>,
    pub(super) part: &'w Part,
}

/// `read`: the record behind an id, unless it is gone by now.
///
/// # Errors
/// [`Error::Violations`] for a cursor of another list, and when the store cannot be read or is damaged.
pub(super) fn page<T>(
    lrs: &Lrs,
    owner: &Owner,
    wanted: &Wanted<'_>,
    read: impl Fn(Uuid) -> Result<Option<T>, Error>,
) -> Result<Page<T>, Error> {
    let number = |of: Option<u64>| of.map(u64::to_be_bytes);
    let (own, asked) = (number(owner.launch_tenant), number(wanted.launch_tenant));
    let mut terms = wanted.filters.clone();
    terms.push(("launch tenant", own.as_ref().map(|bytes| &bytes[..])));
    terms.push(("launch tenant", asked.as_ref().map(|bytes| &bytes[..])));
    let mut filters = Filters::of(&format!("{:?}", wanted.table));
    let mut groups = Vec::new();
    for (name, value) in terms {
        filters = filters.and(name, value.map(hex::encode).as_deref());
        groups.extend(value.map(|value| vec![Term::row(wanted.table, name, value)]));
    }
    let found = lrs.store.rows(&RowsQuery {
        tenant: owner.caller.tenant(),
        table: wanted.table,
        groups,
        after: None,
        up_to: None,
        order: Order::NewestFirst,
        cursor: filters.place(lrs, wanted.part)?,
        rows_max: rows_max(lrs, wanted.part),
        keys_max: lrs.settings.scan_keys_max,
    })?;
    let mut entries = Vec::with_capacity(found.rows.len());
    for (place, value) in &found.rows {
        entries.extend(read(id(*place, value)?)?);
    }
    Ok(Page {
        entries,
        more: filters.more(lrs, found.next),
    })
}

/// What a row of courses or registrations holds.
///
/// # Errors
/// When it is something else.
pub(super) fn id(place: Seq, value: &[u8]) -> Result<Uuid, Error> {
    let text = std::str::from_utf8(value).ok();
    text.and_then(|text| Uuid::parse_str(text).ok())
        .ok_or_else(|| Error::damaged("rows", place.0, "not an id"))
}
