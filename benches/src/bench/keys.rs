//! The questions put to the opened store: how many index keys and blocks a page touches.

use rocksdb::perf::{PerfContext, PerfMetric, PerfStatsLevel, set_perf_stats};
use serde::Serialize;
use storage::query::Order;
use storage::{Error, Page, Query, Store, Tenant};

use crate::scenario::ask::{Ask, Asked, PAGE, Samples};

/// What a page of one kind of question touches.
#[derive(Debug, Clone, Serialize)]
pub struct Touched {
    pub question: String,
    pub questions: usize,
    pub rows: f64,
    pub keys: f64,
    pub keys_most: usize,
    /// Keys touched, divided by the rows and the shortest of the lists that are intersected: the worst question.
    pub ratio_most: f64,
    /// Blocks looked at for one page, rows included.
    pub blocks: f64,
    /// Of these, such as were not in the cache.
    pub blocks_read: f64,
}

const QUESTIONS: usize = 200;
/// The lists of so many questions are measured.
const LISTS: usize = 40;
/// A list is not followed further.
const LIST_MAX: usize = 20_000;
/// The server's `xapi.scan_keys_max`.
pub const KEYS_MAX: usize = 50_000;

/// # Errors
/// When the store cannot be read.
pub fn touched(
    store: &Store,
    samples: &Samples,
    kind: Ask,
    name: &str,
) -> Result<Option<Touched>, Error> {
    let mut touched = Touched {
        question: name.to_owned(),
        questions: 0,
        rows: 0.0,
        keys: 0.0,
        keys_most: 0,
        ratio_most: 0.0,
        blocks: 0.0,
        blocks_read: 0.0,
    };
    set_perf_stats(PerfStatsLevel::EnableCount);
    let mut context = PerfContext::default();
    for asked in samples.ask(kind, QUESTIONS) {
        context.reset();
        let Some(page) = scan(store, &asked, PAGE, KEYS_MAX)? else {
            break;
        };
        let read = context.metric(PerfMetric::BlockReadCount);
        let found = context.metric(PerfMetric::BlockCacheHitCount);
        touched.blocks += (read + found) as f64;
        touched.blocks_read += read as f64;
        touched.rows += page.rows.len() as f64;
        touched.keys += page.keys_touched as f64;
        touched.keys_most = touched.keys_most.max(page.keys_touched);
        if touched.questions < LISTS
            && let Some(shortest) = shortest_list(store, &asked)?
        {
            let least = (page.rows.len() + shortest).max(1);
            let ratio = page.keys_touched as f64 / least as f64;
            touched.ratio_most = touched.ratio_most.max(ratio);
        }
        touched.questions += 1;
    }
    set_perf_stats(PerfStatsLevel::Disable);
    let questions = touched.questions as f64;
    for sum in [
        &mut touched.rows,
        &mut touched.keys,
        &mut touched.blocks,
        &mut touched.blocks_read,
    ] {
        *sum /= questions.max(1.0);
    }
    Ok((touched.questions > 0).then_some(touched))
}

fn scan(
    store: &Store,
    asked: &Asked,
    rows_max: usize,
    keys_max: usize,
) -> Result<Option<Page>, Error> {
    let Some(groups) = &asked.groups else {
        return Ok(None);
    };
    let page = store.scan(&Query {
        tenant: Tenant::DEFAULT,
        groups: groups.clone(),
        scope: Vec::new(),
        after: None,
        up_to: None,
        order: Order::NewestFirst,
        cursor: None,
        rows_max,
        keys_max,
    })?;
    Ok(Some(page))
}

/// Statements that carry the rarest of the terms. `None`: all lists are long, or nothing is intersected.
fn shortest_list(store: &Store, asked: &Asked) -> Result<Option<usize>, Error> {
    let mut shortest = None;
    for group in asked.groups.iter().flatten() {
        let most = shortest.unwrap_or(LIST_MAX);
        let alone = Asked {
            parameters: Vec::new(),
            groups: Some(vec![group.clone()]),
        };
        if let Some(page) = scan(store, &alone, most, usize::MAX)?
            && page.rows.len() < most
        {
            shortest = Some(page.rows.len());
        }
    }
    Ok(shortest)
}

impl Touched {
    pub const HEAD: &str = "question             rows     keys (most)      keys/(rows+rarest) most   blocks   not in cache";

    pub fn line(&self) -> String {
        format!(
            "{:<18} {:>6.1} {:>8.1} {:<10} {:>24.2} {:>8.1} {:>14.2}",
            self.question,
            self.rows,
            self.keys,
            format!("({})", self.keys_most),
            self.ratio_most,
            self.blocks,
            self.blocks_read
        )
    }
}
