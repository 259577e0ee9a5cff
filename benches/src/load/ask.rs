//! Questions over HTTP, one after another on one connection: how long an answer takes when nobody else asks.

use std::time::Instant;

use hdrhistogram::Histogram;
use serde_json::Value;

use super::fill::histogram;
use super::questions::Question;
use crate::client::{Client, Endpoint};

#[derive(Debug)]
pub struct Timing {
    /// Microseconds.
    pub latency: Histogram<u64>,
    /// Statements of all answers.
    pub rows: usize,
    /// Answers with a `more` link and less rows than a page has.
    pub short: usize,
    pub failure: Option<String>,
}

pub const PAGE: usize = 100;

pub fn ask(endpoint: &Endpoint, question: &Question) -> Timing {
    let client = Client::new(endpoint);
    let mut timing = Timing {
        latency: histogram(),
        rows: 0,
        short: 0,
        failure: None,
    };
    let limit = PAGE.to_string();
    for asked in &question.asked {
        let mut parameters: Vec<(&str, &str)> = asked
            .parameters
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        if asked.groups.is_some() {
            parameters.push(("limit", &limit));
        }
        let start = Instant::now();
        let answer = client.get("/statements", &parameters);
        timing
            .latency
            .saturating_record(start.elapsed().as_micros() as u64);
        let page = match answer {
            Ok(answer) if answer.status == 200 => {
                serde_json::from_slice::<Value>(&answer.body).map_err(|e| e.to_string())
            }
            Ok(answer) => Err(format!(
                "{} {}",
                answer.status,
                String::from_utf8_lossy(&answer.body)
            )),
            Err(error) => Err(error.to_string()),
        };
        match page {
            Ok(page) => timing.count(&page),
            Err(failure) => timing.failure = Some(failure),
        }
    }
    timing
}

impl Timing {
    fn count(&mut self, page: &Value) {
        let rows = page["statements"].as_array().map_or(1, Vec::len);
        let more = page["more"].as_str().is_some_and(|more| !more.is_empty());
        self.rows += rows;
        self.short += usize::from(more && rows < PAGE);
    }
}
