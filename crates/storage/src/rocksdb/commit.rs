//! One group, one write, one sync. The commit thread calls this; so do tests, with the batches they choose.

use std::sync::atomic::Ordering;

use rocksdb::{WriteBatch, WriteOptions};
use tokio::sync::oneshot;

use super::group::Group;
use super::keys::{self, Family};
use super::{Durability, Engine};
use crate::{Batch, CommitError, Committed, Error, Op, Seq};

pub(crate) type Answer = Result<Committed, CommitError>;

/// A batch and who waits for its answer.
pub(super) struct Request {
    pub(super) batch: Batch,
    pub(super) reply: Reply,
}

pub(super) enum Reply {
    To(oneshot::Sender<Answer>),
    /// What goes wrong is logged, and the disk is not waited for.
    ToNobody,
}

impl Request {
    fn is_unsynced(&self) -> bool {
        match self.reply {
            Reply::To(_) => false,
            Reply::ToNobody => true,
        }
    }
}

impl Engine {
    /// Commits the batches in their order, atomically, and answers each. One whose sender waits syncs them all.
    pub(super) fn commit_group(&self, requests: Vec<Request>) {
        let durability = if requests.iter().all(Request::is_unsynced) {
            Durability::Unsynced
        } else {
            self.options.durability
        };
        let batches: Vec<&Batch> = requests.iter().map(|request| &request.batch).collect();
        let answers = self.commit_batches(&batches, durability);
        for (request, answer) in requests.into_iter().zip(answers) {
            match (request.reply, answer) {
                // Who does not wait any more needs no answer.
                (Reply::To(reply), answer) => drop(reply.send(answer)),
                (Reply::ToNobody, Ok(_)) => {}
                (Reply::ToNobody, Err(error)) => {
                    tracing::warn!(%error, "a commit that nobody waits for was dropped");
                }
            }
        }
    }

    /// One answer for each batch, in their order.
    pub(super) fn commit_batches(&self, batches: &[&Batch], durability: Durability) -> Vec<Answer> {
        if self.read_only.load(Ordering::SeqCst) {
            return batches.iter().map(|_| Err(CommitError::ReadOnly)).collect();
        }
        // The sweep of uploads must not take what a batch is about to name.
        let names_upload = |op: &Op| matches!(op, Op::PutBlob { .. });
        let _uploads = batches
            .iter()
            .any(|batch| batch.ops.iter().any(names_upload))
            .then(|| self.uploads.sweeping.lock());

        let first = self.clock.begin();
        let mut group = Group::new(self, first);
        match group.judge(batches) {
            Ok(answers) => self.write_group(group, answers, durability),
            Err(error) => {
                drop(group);
                self.clock.end(first, []);
                if batches.len() > 1 {
                    drop(_uploads);
                    // What one batch cannot read must not fail its neighbours.
                    return batches
                        .iter()
                        .flat_map(|batch| self.commit_batches(&[batch], durability))
                        .collect();
                }
                tracing::error!(%error, "a commit failed while reading");
                vec![Err(CommitError::Failed(error))]
            }
        }
    }

    fn write_group(
        &self,
        mut group: Group<'_>,
        mut answers: Vec<Answer>,
        durability: Durability,
    ) -> Vec<Answer> {
        let last = Seq(group.at.max(group.next.0 - 1));
        if answers.iter().all(Result::is_err) {
            self.clock.end(last, []);
            return answers;
        }
        group.write.put(
            keys::META_LAST_SEQ,
            last.0.max(self.clock.highest()).to_be_bytes(),
        );
        let arrived = std::mem::take(&mut group.arrived);
        match self.write(group.into_write(), durability) {
            Ok(()) => self.clock.end(last, arrived),
            Err(error) => {
                self.clock.end(last, []);
                for answer in answers.iter_mut().filter(|answer| answer.is_ok()) {
                    *answer = Err(CommitError::Failed(error.clone()));
                }
            }
        }
        answers
    }

    /// A write that fails makes the store read-only: what is on disk is then not known.
    pub(super) fn write(&self, batch: WriteBatch, durability: Durability) -> Result<(), Error> {
        let written = self.try_write(batch, durability);
        if let Err(error) = &written {
            self.read_only.store(true, Ordering::SeqCst);
            tracing::error!(%error, "a write failed, the store is read-only from now on");
        }
        written
    }

    fn try_write(&self, batch: WriteBatch, durability: Durability) -> Result<(), Error> {
        #[cfg(test)]
        if self
            .writes_to_fail
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                left.checked_sub(1)
            })
            .is_ok()
        {
            return Err(Error::engine("write", "the test wants it so"));
        }
        #[cfg(test)]
        if durability == Durability::Synced {
            self.writes_synced.fetch_add(1, Ordering::SeqCst);
        }
        let mut options = WriteOptions::default();
        options.set_sync(durability == Durability::Synced);
        self.db
            .write_opt(batch, &options)
            .map_err(|error| Error::engine("write", error))
    }

    /// Also what was told as Consistent-Through since the last group. Only once nobody commits any more: a group in
    /// flight writes a higher place.
    pub(crate) fn keep_last_place(&self) -> Result<(), Error> {
        let last = self.clock.highest().to_be_bytes();
        self.db
            .put(keys::META_LAST_SEQ, last)
            .map_err(|error| Error::engine("write the last place", error))
    }

    /// Everything that is in memory goes to the disk.
    pub(crate) fn flush(&self) -> Result<(), Error> {
        for family in Family::ALL {
            self.db
                .flush_cf(self.family(family))
                .map_err(|error| Error::engine("flush", error))?;
        }
        self.db
            .flush_wal(true)
            .map_err(|error| Error::engine("sync the write-ahead log", error))
    }
}

impl<'b> Group<'b> {
    fn judge(&mut self, batches: &[&'b Batch]) -> Result<Vec<Answer>, Error> {
        let mut answers = Vec::with_capacity(batches.len());
        for batch in batches {
            answers.push(match self.refuses(batch)? {
                Some(refusal) => Err(refusal),
                None => Ok(self.apply(batch)?),
            });
        }
        Ok(answers)
    }
}
