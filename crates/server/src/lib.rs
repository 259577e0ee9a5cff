//! The LRS over HTTP: configuration, routes, and the `tessera` command.

pub mod app;
pub mod body;
pub mod config;
pub mod logging;
mod cors;
mod refusal;
mod request;
mod route;
mod serve;
mod xapi;
