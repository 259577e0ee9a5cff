//! The two verdicts on a document: ours by the schema alone, and libxml2's.

use cmi5::course::{Limits, parse, requirement};

use crate::xmllint;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    pub ours: bool,
    pub libxml2: bool,
}

pub fn verdicts(name: &str, documents: &[String]) -> Vec<Verdict> {
    let theirs = xmllint::validate(name, documents);
    documents
        .iter()
        .zip(theirs)
        .map(|(document, libxml2)| Verdict {
            ours: ours(document),
            libxml2,
        })
        .collect()
}

/// Both agree on every document, and the documents have something for either verdict.
pub fn check(name: &str, documents: &[String]) {
    let verdicts = verdicts(name, documents);
    let different: Vec<String> = documents
        .iter()
        .zip(&verdicts)
        .filter(|(_, verdict)| verdict.ours != verdict.libxml2)
        .map(|(document, verdict)| format!("{verdict:?}\n{document}\n"))
        .collect();
    assert!(
        different.is_empty(),
        "{} of {}:\n{}",
        different.len(),
        documents.len(),
        different.iter().take(10).cloned().collect::<String>()
    );
    let accepted = verdicts.iter().filter(|verdict| verdict.ours).count();
    assert!(documents.len() >= 300, "{} documents", documents.len());
    assert!(accepted * 10 >= documents.len(), "{accepted} accepted");
    assert!(accepted * 10 <= documents.len() * 9, "{accepted} accepted");
}

/// What the schema takes. Rules beyond it have requirements of their own.
fn ours(document: &str) -> bool {
    match parse(document.as_bytes(), &Limits::default()) {
        Ok(_) => true,
        Err(faults) => faults
            .iter()
            .all(|fault| fault.violation.requirement != requirement::SCHEMA),
    }
}
