//! The LRS over HTTP: configuration, routes, and the `tessera` command.

pub mod admin;
pub mod app;
mod blocking;
pub mod body;
pub mod budget;
pub mod cli;
mod cmi5;
pub mod config;
mod connection;
pub mod content;
mod cors;
mod deletion;
pub mod logging;
mod openapi;
mod operation;
mod path;
mod player;
mod refusal;
mod request;
mod route;
mod serve;
mod socket;
pub mod spool;
mod sweep;
mod xapi;
