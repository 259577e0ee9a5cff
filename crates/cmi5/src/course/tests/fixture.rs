//! Small documents, and what is said about them.

use crate::course::{Fault, Limits, Structure, parse};

pub(super) const OPENING: &str =
    r#"<courseStructure xmlns="https://w3id.org/xapi/profiles/cmi5/v1/CourseStructure.xsd">"#;

pub(super) const TEXTS: &str = "<title><langstring lang=\"en\">T</langstring></title>\
    <description><langstring>D</langstring></description>";

/// A document around what stands in `courseStructure`.
pub(super) fn document(inner: &str) -> String {
    format!("{OPENING}{inner}</courseStructure>")
}

/// A course around its objectives, blocks and AUs.
pub(super) fn course(inner: &str) -> String {
    document(&format!(
        "<course id=\"https://example.com/c\">{TEXTS}</course>{inner}"
    ))
}

/// An AU with a number, further attributes and what stands after its URL.
pub(super) fn au(n: usize, attributes: &str, url: &str, after: &str) -> String {
    format!(
        "<au id=\"https://example.com/au/{n}\" {attributes}>{TEXTS}<url>{url}</url>{after}</au>"
    )
}

pub(super) fn one_au(attributes: &str) -> String {
    course(&au(0, attributes, "https://example.com/a", ""))
}

pub(super) fn with_url(url: &str) -> String {
    course(&au(0, "", url, ""))
}

pub(super) fn with_after(after: &str) -> String {
    course(&au(0, "", "https://example.com/a", after))
}

pub(super) fn accepted(document: &str) -> Structure {
    warned(document).0
}

pub(super) fn warned(document: &str) -> (Structure, Vec<Fault>) {
    match parse(document.as_bytes(), &Limits::default()) {
        Ok(parsed) => parsed,
        Err(faults) => panic!("{document}\nwas refused: {faults:#?}"),
    }
}

/// `requirement pointer` of each fault, in order.
pub(super) fn refused(document: &str) -> Vec<String> {
    told(&faults(document.as_bytes(), &Limits::default()))
}

pub(super) fn faults(document: &[u8], limits: &Limits) -> Vec<Fault> {
    match parse(document, limits) {
        Ok((structure, _)) => {
            let document: String = String::from_utf8_lossy(document)
                .chars()
                .take(2000)
                .collect();
            panic!("{document}\nwas accepted: {} AUs", structure.aus().len())
        }
        Err(faults) => faults,
    }
}

pub(super) fn told(faults: &[Fault]) -> Vec<String> {
    faults
        .iter()
        .map(|Fault { violation, .. }| format!("{} {}", violation.requirement, violation.pointer))
        .collect()
}
