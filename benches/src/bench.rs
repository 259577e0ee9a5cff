//! Measures a server of our own beside the floors, in one run, and prints one table.

mod measured;
mod sides;

pub use measured::{Measured, Round, median};
pub use sides::{Place, Side, record};
