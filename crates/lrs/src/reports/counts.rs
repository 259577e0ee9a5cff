//! How often each rule was broken, in all and by activity: from tallies, which nothing has to count.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::FactKey;
use storage::batch::RecordKind;

use super::link::{Filters, rows_max};
use super::{Part, needs_reports};
use crate::event::{TALLIES, tally};
use crate::sessions::records;
use crate::{Caller, Error, Lrs};

/// Which counts are wanted.
#[derive(Debug, Clone, Default)]
pub struct CountsQuery {
    /// The id of a rule; all rules otherwise.
    pub requirement: Option<String>,
    pub part: Part,
}

/// One page of counts. Refusals stay counted when the record of them is gone.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Counts {
    pub counts: Vec<Count>,
    /// Where the list goes on: a path with a query. Absent at its end.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub more: Option<String>,
}

/// How often one rule was broken.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Count {
    pub requirement: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub summary: Option<String>,
    /// By all activities, also by those on other pages.
    pub count: u64,
    pub activities: Vec<ActivityCount>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ActivityCount {
    /// The AU's activity id; empty where no session is known.
    pub activity: String,
    pub count: u64,
}

/// # Errors
/// As [`super::sessions`].
pub fn counts(lrs: &Lrs, caller: &Caller, query: &CountsQuery) -> Result<Counts, Error> {
    needs_reports(caller)?;
    let tenant = caller.tenant();
    let filters = Filters::of("counts").and("requirement", query.requirement.as_deref());
    let after = filters.key(lrs, &query.part)?;
    let prefix = match &query.requirement {
        Some(requirement) => tally(requirement, Some("")).key,
        None => TALLIES.to_vec(),
    };
    let rows = rows_max(lrs, &query.part);
    let page =
        lrs.store
            .records_page(tenant, RecordKind::Touch, &prefix, after.as_deref(), rows)?;
    let mut counts: Vec<Count> = Vec::new();
    for (key, record) in &page {
        let Some((requirement, activity)) = parse(&key.key) else {
            continue;
        };
        let known = counts
            .last()
            .is_some_and(|last| last.requirement == requirement);
        if !known {
            counts.push(count(lrs, caller, requirement)?);
        }
        if let (Some(activity), Some(last)) = (activity, counts.last_mut()) {
            last.activities.push(ActivityCount {
                activity: activity.to_owned(),
                count: record.version,
            });
        }
    }
    let last = page.last().filter(|_| page.len() == rows);
    Ok(Counts {
        counts,
        more: last.map(|(key, _)| filters.more_behind(lrs, &key.key)),
    })
}

/// All violations of a rule.
fn count(lrs: &Lrs, caller: &Caller, requirement: &str) -> Result<Count, Error> {
    let key = FactKey::Record(tally(requirement, None));
    let found = records(lrs, caller.tenant(), &[key])?;
    let total = found.into_iter().next().flatten();
    Ok(Count {
        requirement: requirement.to_owned(),
        summary: cmi5::rule::find(requirement).map(|rule| rule.summary.to_owned()),
        count: total.map_or(0, |record| record.version),
        activities: Vec::new(),
    })
}

/// The rule of a tally, and its activity unless it is that of all.
fn parse(key: &[u8]) -> Option<(&str, Option<&str>)> {
    let text = std::str::from_utf8(key.strip_prefix(TALLIES)?).ok()?;
    Some(match text.split_once('\0') {
        Some((requirement, activity)) => (requirement, Some(activity)),
        None => (text, None),
    })
}
