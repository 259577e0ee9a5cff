//! Sessions under concurrency: whatever many AUs send at once, what is stored breaks no rule.

mod interleavings;
mod launches;
mod races;
mod sweeps;
mod world;
