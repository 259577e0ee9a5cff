//! The loader: fills an endpoint with made-up statements, asks it questions, and opens the store afterwards to see
//! how many index keys each question touches.

mod ask;
mod fill;
mod keys;
mod questions;

pub use ask::{Timing, ask};
pub use fill::{Fill, Filled};
pub use keys::{Touched, touched};
pub use questions::{Question, questions};
