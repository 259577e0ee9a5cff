//! The memory that requests and answers in progress may take together. Who needs more than is left is refused as
//! overload instead of growing the process.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::refusal::Refusal;

/// Bytes of a request or answer that are not counted: most have no more, and `http.connections_max` bounds them.
pub const UNCOUNTED_BYTES: usize = 16 * 1024;

/// Shared by all threads.
pub struct Budget {
    left: AtomicUsize,
}

/// What one request or one answer has taken; given back when it is dropped.
pub struct Share {
    budget: Arc<Budget>,
    taken: Cell<usize>,
}

impl Budget {
    #[must_use]
    pub fn new(bytes: usize) -> Arc<Budget> {
        Arc::new(Budget {
            left: AtomicUsize::new(bytes),
        })
    }

    #[must_use]
    pub fn share(self: &Arc<Self>) -> Share {
        Share {
            budget: Arc::clone(self),
            taken: Cell::new(0),
        }
    }

    fn take(&self, bytes: usize) -> bool {
        self.left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                left.checked_sub(bytes)
            })
            .is_ok()
    }
}

impl Share {
    /// Makes the share large enough for so many bytes in all.
    ///
    /// # Errors
    /// [`Refusal::Overloaded`] when they are not left; the share is what it was then.
    pub fn grow_to(&self, bytes: usize) -> Result<(), Refusal> {
        let more = bytes
            .saturating_sub(UNCOUNTED_BYTES)
            .saturating_sub(self.taken.get());
        if more > 0 {
            if !self.budget.take(more) {
                return Err(Refusal::Overloaded);
            }
            self.taken.set(self.taken.get() + more);
        }
        Ok(())
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.budget
            .left
            .fetch_add(self.taken.get(), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_counted_refused_and_given_back() {
        let budget = Budget::new(100);
        let (one, two) = (budget.share(), budget.share());
        assert!(one.grow_to(UNCOUNTED_BYTES).is_ok());
        assert!(one.grow_to(UNCOUNTED_BYTES + 60).is_ok());
        assert!(one.grow_to(1).is_ok(), "it has more than that");
        assert!(matches!(
            two.grow_to(UNCOUNTED_BYTES + 41),
            Err(Refusal::Overloaded)
        ));
        assert!(two.grow_to(UNCOUNTED_BYTES + 40).is_ok());
        drop(one);
        assert!(two.grow_to(UNCOUNTED_BYTES + 100).is_ok());
        drop(two);
        assert_eq!(budget.left.load(Ordering::Relaxed), 100);
    }
}
