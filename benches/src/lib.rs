//! What measures and breaks the store from outside: made-up statements, a loader, a simulated power loss.
//! Nothing here ships with the server.

pub mod generate;
pub mod power;
