//! The most memory that a process takes while something else happens.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::process;

const STEP: Duration = Duration::from_millis(5);

/// What `work` answers, and the most resident memory of the process meanwhile, in KiB.
pub fn peak_kib<T>(pid: u32, work: impl FnOnce() -> T) -> (T, u64) {
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let watching = scope.spawn(|| {
            let mut most = 0;
            while !done.load(Ordering::Relaxed) {
                // A process that is gone takes none.
                most = most.max(process::memory_kib(pid, "VmRSS").unwrap_or(0));
                thread::sleep(STEP);
            }
            most
        });
        let answer = work();
        done.store(true, Ordering::Relaxed);
        (answer, watching.join().unwrap_or(0))
    })
}
