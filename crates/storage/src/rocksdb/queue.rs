//! The commit thread and its bounded queue. Two lanes: a small batch does not wait behind all large ones, and a
//! large one waits for a bounded number of groups of small ones.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded, select};
use parking_lot::Mutex;
use tokio::sync::oneshot;

use super::commit::{Answer, Reply, Request};
use super::learn::Learner;
use super::{Engine, Options, propagate};
use crate::{Batch, CommitError, Error, Op};

const SMALL_STATEMENTS_MAX: usize = 16;
const SMALL_BYTES_MAX: usize = 64 << 10;
/// Groups of small batches that may go before a large batch that waits.
const PASSED_OVER_MAX: u32 = 2;

pub(crate) struct Writer {
    small: Sender<Message>,
    large: Sender<Message>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

enum Message {
    Commit(Request),
    /// Do what is queued, then end.
    Stop,
}

impl Writer {
    pub(crate) fn start(engine: Arc<Engine>) -> Result<Writer, Error> {
        let (small, small_lane) = bounded(engine.options.queue_batches_max);
        let (large, large_lane) = bounded(engine.options.queue_batches_max);
        let lanes = Lanes {
            small: small_lane,
            large: large_lane,
            woken_by: None,
            held: None,
            passed_over: 0,
            stopping: false,
        };
        let thread = std::thread::Builder::new()
            .name("commit".to_owned())
            .spawn(move || run(&engine, lanes))
            .map_err(|error| Error::engine("start the commit thread", error))?;
        Ok(Writer {
            small,
            large,
            thread: Mutex::new(Some(thread)),
        })
    }

    pub(crate) fn submit(&self, batch: Batch) -> Result<oneshot::Receiver<Answer>, CommitError> {
        let (reply, answer) = oneshot::channel();
        self.send(Request {
            batch,
            reply: Reply::To(reply),
        })?;
        Ok(answer)
    }

    /// Nobody waits for this one, not even for the disk.
    pub(crate) fn submit_unsynced(&self, batch: Batch) -> Result<(), CommitError> {
        self.send(Request {
            batch,
            reply: Reply::ToNobody,
        })
    }

    fn send(&self, request: Request) -> Result<(), CommitError> {
        let weight = Weight::of(&request.batch);
        let lane = if weight.statements <= SMALL_STATEMENTS_MAX && weight.bytes <= SMALL_BYTES_MAX {
            &self.small
        } else {
            &self.large
        };
        match lane.try_send(Message::Commit(request)) {
            Ok(()) => Ok(()),
            Err(TrySendError::Full(_)) => Err(CommitError::Overloaded),
            Err(TrySendError::Disconnected(_)) => Err(CommitError::Failed(Error::Closed)),
        }
    }

    /// Waits until everything queued is answered and the thread has ended. False when it was stopped before.
    pub(crate) fn stop(&self) -> bool {
        let Some(thread) = self.thread.lock().take() else {
            return false;
        };
        // A thread that is gone already needs no message.
        let _ = self.small.send(Message::Stop);
        if thread.join().is_err() {
            tracing::error!("the commit thread panicked");
        }
        true
    }
}

/// After the thread nobody commits any more, also when it panicked.
struct ReadOnlyAtEnd<'e>(&'e Engine);

impl Drop for ReadOnlyAtEnd<'_> {
    fn drop(&mut self) {
        self.0.read_only.store(true, Ordering::SeqCst);
    }
}

fn run(engine: &Arc<Engine>, mut lanes: Lanes) {
    let _end = ReadOnlyAtEnd(engine);
    let mut propagation = propagate::Propagation::default();
    let mut learner = Learner::default();
    loop {
        if !propagation.has_work(engine) && !lanes.wait() {
            break;
        }
        let requests = lanes.gather(&engine.options);
        if !requests.is_empty() {
            learner.see(&requests);
            engine.commit_group(requests);
            learner.step(engine);
        }
        if lanes.stopping && lanes.are_empty() {
            break;
        }
        propagation.step(engine);
    }
    learner.end();
}

struct Lanes {
    small: Receiver<Message>,
    large: Receiver<Message>,
    /// Taken from the small lane; leads the next group.
    woken_by: Option<Request>,
    /// Taken from the large lane; leads the next group it may.
    held: Option<Request>,
    passed_over: u32,
    stopping: bool,
}

impl Lanes {
    /// Until a batch is there. False when there will be none.
    fn wait(&mut self) -> bool {
        if !self.are_empty() {
            return true;
        }
        select! {
            recv(self.small) -> message => match message {
                Ok(message) => self.woken_by = self.unwrap(message),
                Err(_) => return false,
            },
            recv(self.large) -> message => match message {
                Ok(message) => self.held = self.unwrap(message),
                Err(_) => return false,
            },
        }
        true
    }

    fn are_empty(&self) -> bool {
        self.woken_by.is_none()
            && self.held.is_none()
            && self.small.is_empty()
            && self.large.is_empty()
    }

    /// What goes into the next group; none if nothing waits.
    fn gather(&mut self, options: &Options) -> Vec<Request> {
        let mut group = Gathered::default();
        if let Some(request) = self.woken_by.take() {
            group.push(request);
        }
        self.hold_large();
        if self.passed_over >= PASSED_OVER_MAX || self.small.is_empty() {
            self.passed_over = 0;
            while let Some(request) = self.held.take_if(|held| group.has_room(held, options)) {
                group.push(request);
                self.hold_large();
            }
        } else if self.held.is_some() {
            self.passed_over += 1;
        }
        while !group.is_full(options) {
            let Ok(message) = self.small.try_recv() else {
                break;
            };
            if let Some(request) = self.unwrap(message) {
                group.push(request);
            }
        }
        group.requests
    }

    fn hold_large(&mut self) {
        if self.held.is_none() {
            self.held = self
                .large
                .try_recv()
                .ok()
                .and_then(|message| self.unwrap(message));
        }
    }

    fn unwrap(&mut self, message: Message) -> Option<Request> {
        match message {
            Message::Commit(request) => Some(request),
            Message::Stop => {
                self.stopping = true;
                None
            }
        }
    }
}

#[derive(Default)]
struct Gathered {
    requests: Vec<Request>,
    weight: Weight,
}

impl Gathered {
    fn push(&mut self, request: Request) {
        let weight = Weight::of(&request.batch);
        self.weight.statements += weight.statements;
        self.weight.bytes += weight.bytes;
        self.requests.push(request);
    }

    /// The first one always has: a batch larger than a group is a group.
    fn has_room(&self, request: &Request, options: &Options) -> bool {
        let weight = Weight::of(&request.batch);
        self.requests.is_empty()
            || (self.weight.statements + weight.statements <= options.group_statements_max
                && self.weight.bytes + weight.bytes <= options.group_bytes_max)
    }

    fn is_full(&self, options: &Options) -> bool {
        self.weight.statements >= options.group_statements_max
            || self.weight.bytes >= options.group_bytes_max
            || self.requests.len() >= options.group_statements_max
    }
}

#[derive(Default, Clone, Copy)]
struct Weight {
    statements: usize,
    bytes: usize,
}

impl Weight {
    fn of(batch: &Batch) -> Weight {
        let mut weight = Weight::default();
        for op in &batch.ops {
            match op {
                Op::PutStatement(put) => {
                    weight.statements += 1;
                    weight.bytes += put.record.len();
                }
                Op::PutDocument(_, document) => weight.bytes += document.content.len(),
                Op::PutRecord(_, value) => weight.bytes += value.len(),
                Op::PutRow(put) => weight.bytes += put.value.len(),
                Op::Void { .. }
                | Op::DeleteDocument(_)
                | Op::DeleteRecord(_)
                | Op::Touch { .. }
                | Op::DeleteRow { .. }
                | Op::PutBlob { .. } => {}
            }
        }
        weight
    }
}

#[cfg(test)]
mod tests;
