//! Verb ids that are nearly one of cmi5's. Published guides print some of them, so people send them.

use crate::vocabulary::Verb;

/// The verb of an AU that was probably meant: another scheme, case or host, `www.` before or a slash behind.
pub(super) fn of_verb(iri: &str) -> Option<Verb> {
    let lower = iri.to_ascii_lowercase();
    let rest = lower
        .strip_prefix("https://")
        .or_else(|| lower.strip_prefix("http://"))?;
    let rest = rest.strip_prefix("www.").unwrap_or(rest);
    let name = ["adlnet.gov/expapi/verbs/", "w3id.org/xapi/adl/verbs/"]
        .iter()
        .find_map(|start| rest.strip_prefix(start))?
        .trim_end_matches('/');
    let meant = match name {
        "initialized" => Verb::Initialized,
        "completed" => Verb::Completed,
        "passed" => Verb::Passed,
        "failed" => Verb::Failed,
        "terminated" => Verb::Terminated,
        _ => return None,
    };
    (meant.iri() != iri).then_some(meant)
}
