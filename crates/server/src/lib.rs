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
mod cors;
pub mod logging;
mod path;
mod player;
mod refusal;
mod request;
mod route;
mod serve;
mod socket;
mod sweep;
mod xapi;
