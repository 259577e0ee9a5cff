//! `tessera session …`: asks, and prints the answer.

use super::store::{perform, unexpected};
use super::{Session, story};
use crate::admin::{Answer, Command};
use crate::config::Config;

pub(super) fn run(config: &Config, session: Session) -> Result<(), String> {
    let Session::Show { id } = session;
    match perform(config, &Command::SessionShow { id })? {
        Answer::Session { story } => super::print(&story::render(&story)),
        other => Err(unexpected(other)),
    }
}
