//! Packages as they come in: right ones, and each way to be wrong.

mod accepted;
mod fixture;
mod hostile;
mod refused;
