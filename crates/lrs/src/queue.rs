//! Turns by key: requests of one node that rely on the same versioned record wait for each other in the order of
//! arrival, so that a node never conflicts with itself. Requests with nothing in common share no lock but the
//! short one of the table.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use storage::{DocumentKey, Tenant, batch::RecordKey};
use tokio::sync::OwnedMutexGuard;
use uuid::Uuid;

/// A record whose version or content a decision relies on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum QueueKey {
    /// A statement that others void or refer to.
    Statement(Tenant, Uuid),
    Document(Tenant, DocumentKey),
    Record(Tenant, RecordKey),
}

type Turn = Arc<tokio::sync::Mutex<()>>;

#[derive(Default)]
pub struct Queues {
    turns: Mutex<HashMap<QueueKey, Turn>>,
}

/// The turns that a request has; dropping it lets the next ones in.
pub struct Turns<'a> {
    queues: &'a Queues,
    held: Vec<(QueueKey, OwnedMutexGuard<()>)>,
}

impl Queues {
    /// Waits for the turns of all keys. Keys are taken in sorted order, so that two requests never wait for each
    /// other.
    pub async fn wait(&self, mut keys: Vec<QueueKey>) -> Turns<'_> {
        keys.sort_unstable();
        keys.dedup();
        let mut turns = Turns {
            queues: self,
            held: Vec::with_capacity(keys.len()),
        };
        for key in keys {
            let turn = Arc::clone(self.turns.lock().entry(key.clone()).or_default());
            turns.held.push((key, turn.lock_owned().await));
        }
        turns
    }
}

impl Drop for Turns<'_> {
    fn drop(&mut self) {
        if self.held.is_empty() {
            return;
        }
        let mut table = self.queues.turns.lock();
        for (key, guard) in self.held.drain(..) {
            drop(guard);
            // Only the table knows the turn: nobody holds it or waits for it.
            if table
                .get(&key)
                .is_some_and(|turn| Arc::strong_count(turn) == 1)
            {
                table.remove(&key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(n: u128) -> QueueKey {
        QueueKey::Statement(Tenant::DEFAULT, Uuid::from_u128(n))
    }

    #[tokio::test]
    async fn a_key_has_one_turn_at_a_time_and_leaves_nothing_behind() {
        let queues = Arc::new(Queues::default());
        let counter = Arc::new(std::sync::atomic::AtomicU32::new(0));
        let tasks: Vec<_> = (0..50)
            .map(|n| {
                let (queues, counter) = (Arc::clone(&queues), Arc::clone(&counter));
                tokio::spawn(async move {
                    let _turns = queues.wait(vec![key(n % 3), key(7), key(n % 2)]).await;
                    let inside = counter.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                    assert_eq!(inside, 0, "two requests have the turn of the same key");
                    tokio::task::yield_now().await;
                    counter.fetch_sub(1, std::sync::atomic::Ordering::SeqCst);
                })
            })
            .collect();
        for task in tasks {
            task.await.expect("no task panics");
        }
        assert!(queues.turns.lock().is_empty());
    }
}
