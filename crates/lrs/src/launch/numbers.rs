//! Numbers that clients of the player API call things by: above 0, each given once in the whole store. They are taken
//! from the store in blocks, so that launches do not wait for each other; a restart leaves a gap.

use std::ops::Range;

use parking_lot::Mutex;
use storage::{Assert, Batch, FactKey, Op, Tenant};

use super::keys;
use crate::commit::{Decision, decide_and_commit};
use crate::queue::QueueKey;
use crate::sessions::records;
use crate::{Error, Lrs};

/// Taken from the store at once.
const BLOCK: u64 = 64;
/// Server-wide records lie here.
pub(crate) const SERVER: Tenant = Tenant(0);

/// Numbers that this process has taken and not given.
#[derive(Default)]
pub struct Numbers(Mutex<Range<u64>>);

/// The next number.
///
/// # Errors
/// When the store cannot be read or written.
pub async fn take(lrs: &Lrs) -> Result<u64, Error> {
    loop {
        if let Some(number) = lrs.numbers.0.lock().next() {
            return Ok(number);
        }
        let key = keys::next_number();
        let turn = QueueKey::Record(SERVER, key.clone());
        let (block, _) = decide_and_commit(lrs, vec![turn], || {
            // Another request may have brought some while this one waited for its turn.
            if !lrs.numbers.0.lock().is_empty() {
                return Ok(Decision {
                    batch: None,
                    answer: 0..0,
                });
            }
            let found = records(lrs, SERVER, &[FactKey::Record(key.clone())])?;
            let record = found.into_iter().next().flatten();
            let version = record.as_ref().map_or(0, |record| record.version);
            let next = match &record {
                None => 1,
                Some(record) => record
                    .value
                    .as_slice()
                    .try_into()
                    .map(u64::from_be_bytes)
                    .map_err(|_| Error::damaged("setting", "launch-numbers", "not a number"))?,
            };
            Ok(Decision {
                batch: Some(Batch {
                    tenant: SERVER,
                    asserts: vec![Assert::RecordVersion(key.clone(), version)],
                    ops: vec![Op::PutRecord(
                        key.clone(),
                        (next + BLOCK).to_be_bytes().to_vec(),
                    )],
                }),
                answer: next..next + BLOCK,
            })
        })
        .await?;
        if !block.is_empty() {
            let mut held = lrs.numbers.0.lock();
            if held.is_empty() {
                *held = block;
            }
        }
    }
}
