//! A store makes compression dictionaries of its own statements: what the one that ships knows nothing of (a publisher's
//! vocabulary, the courses' names) then costs a few bytes in each record instead of hundreds. ADR 0005 has the figures.

use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;

use bytes::Bytes;
use rocksdb::WriteBatch;
use sha2::{Digest as _, Sha256};
use xxhash_rust::xxh3::xxh3_64;
use zstd::bulk::Compressor;
use zstd::dict::{EncoderDictionary, from_samples};

use super::commit::Request;
use super::{Durability, Engine, keys};
use crate::statement::{self, Dictionaries};
use crate::{Error, NewStatement, Op};

#[cfg(test)]
mod tests;

/// Statements since the start, or since the last attempt, after which a store makes its first dictionary …
pub(super) const FIRST_AFTER: u64 = 2_000;
/// … and times this for each that it has made or tried to make: what was learned from few is replaced by what was learned from many.
const LATER_TIMES: u64 = 16;
const SAMPLE_MAX: usize = 4_096;
/// A larger one is rare, or no text that others share.
const SAMPLED_RECORD_BYTES_MAX: usize = 4 << 10;
/// Of the sampled records inflated, together.
const BODIES_BYTES_MAX: usize = 16 << 20;
const DICTIONARY_BYTES: usize = 64 << 10;
/// Every so many bodies are not trained on: they tell what the dictionary is worth.
const HELD_OUT_EVERY: usize = 5;
/// Worth its place when records get this much smaller.
const GAIN_PERCENT_MIN: usize = 5;

/// Lives on the commit thread.
#[derive(Default)]
pub(super) struct Learner {
    sample: Sample,
    /// Also those that came to nothing: where there is nothing to learn, trying must not cost more and more.
    attempts: u32,
    thread: Option<JoinHandle<()>>,
}

/// Each statement that was seen is in it with the same chance.
#[derive(Default)]
struct Sample {
    seen: u64,
    records: Vec<Bytes>,
}

impl Learner {
    /// To be called with every group before it is committed. One that fails teaches as well.
    pub(super) fn see(&mut self, requests: &[Request]) {
        for request in requests {
            for op in &request.batch.ops {
                if let Op::PutStatement(NewStatement { record, .. }) = op {
                    self.sample.see(record);
                }
            }
        }
    }

    /// Makes a dictionary when enough was seen, on a thread of its own.
    pub(super) fn step(&mut self, engine: &Arc<Engine>) {
        if self.sample.seen < due_after(&engine.dictionaries, self.attempts)
            || self
                .thread
                .as_ref()
                .is_some_and(|thread| !thread.is_finished())
        {
            return;
        }
        self.end();
        self.attempts = self.attempts.max(engine.dictionaries.own_count()) + 1;
        let Sample { records, seen } = std::mem::take(&mut self.sample);
        let engine = Arc::clone(engine);
        let learn = move || {
            if let Err(error) = engine.learn(&records, seen) {
                tracing::warn!(%error, "no compression dictionary was made");
            }
        };
        match std::thread::Builder::new()
            .name("dictionary".to_owned())
            .spawn(learn)
        {
            Ok(thread) => self.thread = Some(thread),
            Err(error) => tracing::warn!(%error, "no thread for a compression dictionary"),
        }
    }

    /// Waits for a dictionary that is being made: a second at most.
    pub(super) fn end(&mut self) {
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("making a compression dictionary panicked");
        }
    }
}

fn due_after(dictionaries: &Dictionaries, attempts: u32) -> u64 {
    match dictionaries.next_own() {
        Some(_) => {
            let times = LATER_TIMES.saturating_pow(attempts.max(dictionaries.own_count()));
            FIRST_AFTER.saturating_mul(times)
        }
        None => u64::MAX,
    }
}

impl Sample {
    fn see(&mut self, record: &Bytes) {
        let number = self.seen;
        self.seen += 1;
        if record.len() > SAMPLED_RECORD_BYTES_MAX {
            return;
        }
        if self.records.len() < SAMPLE_MAX {
            self.records.push(record.clone());
            return;
        }
        // Nobody gains by guessing which: a hash is random enough.
        let place = (xxh3_64(&number.to_le_bytes()) % self.seen) as usize;
        if let Some(kept) = self.records.get_mut(place) {
            *kept = record.clone();
        }
    }
}

impl Engine {
    /// Makes a dictionary of these records, keeps it when it is worth it, and writes with it from then on.
    pub(super) fn learn(&self, records: &[Bytes], seen: u64) -> Result<(), Error> {
        let Some(number) = self.dictionaries.next_own() else {
            return Ok(());
        };
        let failed = |error: io::Error| Error::engine("make a compression dictionary", error);
        let (trained_on, held_out) = self.bodies(records);
        let candidate = from_samples(&trained_on, DICTIONARY_BYTES).map_err(failed)?;
        let newest = self.dictionaries.newest_bytes();
        let before = length_compressed(newest, &held_out).map_err(failed)?;
        let after = length_compressed(&candidate, &held_out).map_err(failed)?;
        let count = held_out.len().max(1);
        let (before_mean, after_mean) = (before / count, after / count);
        if after * 100 > before * (100 - GAIN_PERCENT_MIN) {
            tracing::info!(
                seen,
                before_mean,
                after_mean,
                "another dictionary is not worth it"
            );
            return Ok(());
        }
        // On disk before the first record that needs it.
        let mut write = WriteBatch::new();
        write.put(
            keys::dictionary(number),
            [&Sha256::digest(&candidate)[..], &candidate[..]].concat(),
        );
        self.write(write, Durability::Synced)?;
        self.dictionaries.add_own(number, &candidate);
        tracing::info!(
            number,
            seen,
            before_mean,
            after_mean,
            "a new compression dictionary"
        );
        Ok(())
    }

    /// What was compressed: to train on, and to measure with.
    fn bodies(&self, records: &[Bytes]) -> (Vec<Vec<u8>>, Vec<Vec<u8>>) {
        let (mut trained_on, mut held_out, mut bytes) = (Vec::new(), Vec::new(), 0);
        for (index, record) in records.iter().enumerate() {
            let Ok(body) = self.dictionaries.body(record) else {
                continue;
            };
            bytes += body.len();
            if bytes > BODIES_BYTES_MAX {
                break;
            }
            if index % HELD_OUT_EVERY == 0 {
                held_out.push(body);
            } else {
                trained_on.push(body);
            }
        }
        (trained_on, held_out)
    }
}

fn length_compressed(dictionary: &[u8], bodies: &[Vec<u8>]) -> io::Result<usize> {
    let prepared = EncoderDictionary::copy(dictionary, statement::LEVEL);
    let mut compressor = Compressor::with_prepared_dictionary(&prepared)?;
    let mut sum = 0;
    for body in bodies {
        sum += compressor.compress(body)?.len();
    }
    Ok(sum)
}
