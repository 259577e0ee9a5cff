//! Course structures as text in, faults or data out.

mod accepted;
mod fixture;
mod hostile;
mod launched;
mod listed;
mod packaged;
mod refused;
mod written;
