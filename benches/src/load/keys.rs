//! The same questions put to the opened store: how many index keys a page touches.

use storage::query::Order;
use storage::{Error, Query, Store, Tenant};

use super::ask::PAGE;
use super::questions::Question;

#[derive(Debug, Default, Clone, Copy)]
pub struct Touched {
    pub least: usize,
    pub mean: f64,
    pub most: usize,
}

/// `keys_max` is the server's `xapi.scan_keys_max`.
pub fn touched(
    store: &Store,
    question: &Question,
    keys_max: usize,
) -> Result<Option<Touched>, Error> {
    let mut counts = Vec::new();
    for asked in &question.asked {
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
            rows_max: PAGE,
            keys_max,
        })?;
        counts.push(page.keys_touched);
    }
    Ok(Some(Touched {
        least: counts.iter().copied().min().unwrap_or(0),
        mean: counts.iter().sum::<usize>() as f64 / counts.len().max(1) as f64,
        most: counts.iter().copied().max().unwrap_or(0),
    }))
}
