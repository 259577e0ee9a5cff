//! Statements that are there before anything is asked: in parts that can be made again one by one, so that questions
//! can be about any of them however many there are.

use std::cell::Cell;
use std::rc::Rc;

use crate::client::Body;
use crate::drive::{Outcome, Pace, Plan, Work};
use crate::generate::{Family, Generator, Ids, Sample};
use crate::wire::{Answer, Target};

/// What an endpoint holds.
#[derive(Debug, Clone, Copy)]
pub struct Filling {
    pub family: Family,
    pub seed: u64,
    /// A multiple of [`PART`].
    pub statements: usize,
}

/// Statements of one part. Sessions do not go on from one part to the next.
pub const PART: usize = 10_000;
/// Organisations; the parts go round them.
const WORLDS: usize = 8;
const BATCH: usize = 100;
const CONNECTIONS: usize = 8;

impl Filling {
    pub fn parts(&self) -> usize {
        self.statements / PART
    }

    pub fn part(&self, number: usize) -> impl Iterator<Item = Sample> {
        let world = self.seed + (number % WORLDS) as u64;
        Generator::part(world, number as u64, self.family, Ids::Client).take(PART)
    }

    /// Sends what is missing to an endpoint that has the first `have` statements. The processor time is that of the
    /// process `watched`.
    ///
    /// # Errors
    /// The first failure.
    pub fn fill(
        &self,
        target: &Target,
        have: usize,
        watched: Option<u32>,
    ) -> Result<Outcome, String> {
        let next = Rc::new(Cell::new(have / PART));
        let works = (0..CONNECTIONS).map(|_| -> Box<dyn Work> {
            Box::new(Parts {
                filling: *self,
                target: target.clone(),
                next: Rc::clone(&next),
                part: Vec::new(),
                request: Vec::new(),
            })
        });
        let plan = Plan::to_the_end(Pace::Closed);
        let outcome = crate::drive::run(target, works.collect(), &plan, watched)
            .map_err(|error| error.to_string())?;
        match &outcome.failure {
            Some(failure) => Err(format!("the store could not be filled: {failure}")),
            None => Ok(outcome),
        }
    }
}

/// One connection's share: part after part, as they are left.
struct Parts {
    filling: Filling,
    target: Target,
    next: Rc<Cell<usize>>,
    /// What is left of it, the last statement first.
    part: Vec<String>,
    request: Vec<u8>,
}

impl Work for Parts {
    fn next(&mut self) -> Option<&[u8]> {
        if self.part.is_empty() {
            let number = self.next.get();
            if number >= self.filling.parts() {
                return None;
            }
            self.next.set(number + 1);
            self.part = self
                .filling
                .part(number)
                .map(|sample| sample.text)
                .collect();
            self.part.reverse();
        }
        let rest = self.part.len().saturating_sub(BATCH);
        let mut texts = self.part.split_off(rest);
        texts.reverse();
        let body = format!("[{}]", texts.join(","));
        self.request = self
            .target
            .request("POST", "/statements", &[], Some(Body::json(&body)));
        Some(&self.request)
    }

    fn take(&mut self, answer: &Answer<'_>) -> Result<(), String> {
        super::expect(answer, 200)
    }
}
