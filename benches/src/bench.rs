//! Measures a server of our own beside the floors, in one run, and prints one table.

mod chosen;
mod compare;
mod growth;
mod keys;
mod measured;
mod overload;
mod report;
mod restart;
mod sides;
mod watch;

pub use chosen::Chosen;
pub use compare::{Timing, alone_floors, compare, has_canned, since};
pub use growth::{Growth, grow};
pub use keys::{Touched, touched};
pub use measured::{Measured, Round, median};
pub use overload::{Trial, trial};
pub use report::{Figure, Report};
pub use restart::{disk, restarts};
pub use sides::{Place, Side, record};
