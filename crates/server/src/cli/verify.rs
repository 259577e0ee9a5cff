//! `tessera verify`: fails when the store is not what it should be.

use crate::admin::{Answer, Command, Report};
use crate::config::Config;

pub(super) fn run(config: &Config) -> Result<(), String> {
    match super::store::perform(config, &Command::Verify {})? {
        Answer::Verified { report } => tell(&report),
        other => Err(super::store::unexpected(other)),
    }
}

/// Prints what was found; problems make the command fail.
pub(super) fn tell(report: &Report) -> Result<(), String> {
    let mut text = format!(
        "{} statements, {} of them voided; {} documents, {} records, {} blobs\n",
        report.statements + report.voided,
        report.voided,
        report.documents,
        report.records,
        report.blobs
    );
    for problem in &report.problems {
        text.push_str(problem);
        text.push('\n');
    }
    let unlisted = report
        .problems_count
        .saturating_sub(report.problems.len() as u64);
    if unlisted > 0 {
        text.push_str(&format!("and {unlisted} more\n"));
    }
    if report.problems_count == 0 {
        text.push_str("all is well\n");
    }
    super::print(&text)?;
    match report.problems_count {
        0 => Ok(()),
        1 => Err("the store has 1 problem".to_owned()),
        n => Err(format!("the store has {n} problems")),
    }
}
