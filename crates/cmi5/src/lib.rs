//! cmi5 as pure code: launch data, sessions, the rules for statements and what follows from them, course structures.
//!
//! `judge` takes facts and statements and gives back findings and the next state: data, not actions. Nothing here
//! reads a clock, a store or the network.

pub mod course;
pub mod finding;
pub mod judge;
pub mod launch;
pub mod launch_data;
pub mod move_on;
pub mod policy;
pub mod preferences;
pub mod registration;
pub mod rule;
pub mod seen;
pub mod session;
pub mod vocabulary;

pub use finding::{Decision, Finding};
pub use judge::{Facts, Incoming, Judged, Outside, Writer, closed, judge, outside};
pub use launch::{Launch, LaunchMode, MoveOn, Template};
pub use policy::{Policies, Policy};
pub use registration::{AuRegistration, Mark};
pub use rule::{Rule, Side};
pub use seen::Seen;
pub use session::{Session, State};
pub use vocabulary::Verb;
