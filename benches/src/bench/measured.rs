//! What was measured of one scenario on one side: rounds, their medians and spread.

use serde::Serialize;

use super::Chosen;
use crate::drive::Outcome;

/// One scenario on one side.
#[derive(Debug, Clone, Serialize)]
pub struct Measured {
    pub scenario: String,
    pub side: String,
    pub connections: usize,
    /// Of one request.
    pub statements: usize,
    pub rounds: Vec<Round>,
}

#[derive(Debug, Clone, Serialize)]
pub struct Round {
    pub requests: u64,
    pub requests_a_second: f64,
    /// Of the side's process.
    pub processor_micros_a_request: f64,
    pub p50_millis: f64,
    pub p99_millis: f64,
    pub p999_millis: f64,
    pub max_millis: f64,
    pub resident_kib: u64,
    pub refused: u64,
    pub failure: Option<String>,
}

impl Round {
    pub fn of(outcome: &Outcome, resident_kib: u64) -> Round {
        Round {
            requests: outcome.requests,
            requests_a_second: outcome.rate(),
            processor_micros_a_request: outcome.cost().unwrap_or(0.0),
            p50_millis: outcome.millis(0.5),
            p99_millis: outcome.millis(0.99),
            p999_millis: outcome.millis(0.999),
            max_millis: outcome.millis(1.0),
            resident_kib,
            refused: outcome.refused.values().sum(),
            failure: outcome.failure.clone(),
        }
    }
}

/// The middle of these; with an even number, the upper one of the two. 0 of none.
pub fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

impl Measured {
    /// No rounds yet.
    pub fn new(chosen: Chosen, side: &str) -> Measured {
        Measured {
            scenario: chosen.name(),
            side: side.to_owned(),
            connections: chosen.connections,
            statements: chosen.scenario.statements(),
            rounds: Vec::new(),
        }
    }

    pub fn median(&self, of: fn(&Round) -> f64) -> f64 {
        median(self.rounds.iter().map(of))
    }

    /// Microseconds of processor time a statement.
    pub fn cost_a_statement(&self) -> f64 {
        self.median(|round| round.processor_micros_a_request) / self.statements.max(1) as f64
    }

    /// Statements a second.
    pub fn statements_a_second(&self) -> f64 {
        self.median(|round| round.requests_a_second) * self.statements as f64
    }

    /// This one against a floor: its rate and its processor time a statement.
    pub fn against(&self, floor: &Measured) -> String {
        let (own, bare) = (self.cost_a_statement(), floor.cost_a_statement());
        format!(
            "{:<19}   against {}: {:.0} % of its rate, {:+.1} us CPU a statement ({:.2} times)",
            self.scenario,
            floor.side,
            100.0 * self.statements_a_second() / floor.statements_a_second(),
            own - bare,
            own / bare,
        )
    }

    fn spread(&self, of: fn(&Round) -> f64) -> (f64, f64) {
        let values = self.rounds.iter().map(of);
        values.fold((f64::INFINITY, 0.0), |(least, most), value| {
            (least.min(value), value.max(most))
        })
    }

    pub const HEAD: &str = "scenario            side         req/s (least-most)        stmt/s  CPU us/req (least-most)  us/stmt   p50 ms   p99 ms p99.9 ms  RSS MiB  refused";

    pub fn line(&self) -> String {
        let (slowest, fastest) = self.spread(|round| round.requests_a_second);
        let (cheapest, dearest) = self.spread(|round| round.processor_micros_a_request);
        let refused: u64 = self.rounds.iter().map(|round| round.refused).sum();
        format!(
            "{:<19} {:<9} {:>8.0} {:<16} {:>8.0} {:>11.1} {:<13} {:>7.1} {:>8.2} {:>8.2} {:>8.2} {:>8.0} {refused:>8}",
            self.scenario,
            self.side,
            self.median(|round| round.requests_a_second),
            format!("({slowest:.0}-{fastest:.0})"),
            self.statements_a_second(),
            self.median(|round| round.processor_micros_a_request),
            format!("({cheapest:.1}-{dearest:.1})"),
            self.cost_a_statement(),
            self.median(|round| round.p50_millis),
            self.median(|round| round.p99_millis),
            self.median(|round| round.p999_millis),
            self.median(|round| round.resident_kib as f64) / 1024.0,
        )
    }
}
