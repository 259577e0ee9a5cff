//! Verb ids that are nearly one of cmi5's. Published guides print some of them, so people send them.

use super::Writer;
use crate::vocabulary::Verb;

/// The verb that was probably meant: another scheme, case or host, `www.` before or a slash behind. Verbs of an LMS
/// are never what an AU should send instead.
pub(super) fn of_verb(iri: &str, writer: Writer) -> Option<Verb> {
    let lower = iri.to_ascii_lowercase();
    let rest = lower
        .strip_prefix("https://")
        .or_else(|| lower.strip_prefix("http://"))?;
    let rest = rest.strip_prefix("www.").unwrap_or(rest);
    let name = ["adlnet.gov/expapi/verbs/", "w3id.org/xapi/adl/verbs/"]
        .iter()
        .find_map(|start| rest.strip_prefix(start))?
        .trim_end_matches('/');
    Verb::ALL.into_iter().find(|verb| {
        verb.iri() != iri
            && verb.iri().rsplit('/').next() == Some(name)
            && (is_of_au(*verb) || writer == Writer::LmsKey)
    })
}

fn is_of_au(verb: Verb) -> bool {
    match verb {
        Verb::Initialized | Verb::Completed | Verb::Passed | Verb::Failed | Verb::Terminated => {
            true
        }
        Verb::Launched | Verb::Abandoned | Verb::Waived | Verb::Satisfied => false,
    }
}
