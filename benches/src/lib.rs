//! What measures and breaks the store from outside: made-up statements, a loader, a simulated power loss.
//! Nothing here ships with the server.

pub mod bench;
pub mod client;
pub mod crash;
pub mod drive;
pub mod floor;
pub mod generate;
pub mod hostile;
pub mod power;
mod preload;
pub mod process;
pub mod scenario;
pub mod wire;
