//! Course structures against libxml2, which judges the same documents by the schema itself.
// A test may run a program and write files; the crate may not.
#![allow(clippy::disallowed_methods)]

mod element;
mod mutation;
mod random;
mod round_trip;
mod verdict;
mod xmllint;

use element::Element;
use verdict::Verdict;

/// As many documents as there are mutations of single elements and attributes, and values.
#[test]
fn single_mutations_are_judged_as_libxml2_does() {
    let mut documents = vec![Element::course().to_string()];
    documents.extend(mutation::singles());
    documents.extend(mutation::values());
    verdict::check("single", &documents);
}

#[test]
fn combined_mutations_are_judged_as_libxml2_does() {
    verdict::check("combined", &mutation::combined(600));
}

/// Where the two differ, and which is right. A line that is no longer so fails.
#[test]
fn differences_are_known() {
    let au = |attributes: &str, url: &str, after: &str| {
        format!(
            "<courseStructure xmlns='{}' xmlns:x='urn:x' xmlns:i='{}'><course id='urn:c'>{}</course>\
            <au id='urn:a' {attributes}>{}<url>{url}</url>{after}</au></courseStructure>",
            cmi5::course::NAMESPACE,
            element::XSI,
            element::TEXTS,
            element::TEXTS
        )
    };
    // Ours accepts where libxml2 refuses: libxml2 holds 24 digits, takes CDATA for text even when it is blank, and
    // wants digits behind the colon of a port.
    let ours = [
        au("masteryScore='0.1234567890123456789012345'", "a", ""),
        au("masteryScore='1.00000000000000000000000000'", "a", ""),
        au("", "a", "<![CDATA[ ]]>"),
        au("", "http://h:/", ""),
        au("", "a", "<x:a i:type='x:unknown'/>"),
    ];
    // libxml2 accepts where ours refuses: what is no address in brackets, brackets in a fragment, types of other schemas where anything
    // goes, declarations in the document type.
    let theirs = [
        au("", "http://[zz]/", ""),
        au("", "a#[", ""),
        au(
            "",
            "a",
            "<launchParameters i:type='b:int' xmlns:b='http://www.w3.org/2001/XMLSchema'>1</launchParameters>",
        ),
        format!("<!DOCTYPE courseStructure []>{}", au("", "a", "")),
    ];
    let documents = [&ours[..], &theirs[..]].concat();
    let expected = |at: usize| Verdict {
        ours: at < ours.len(),
        libxml2: at >= ours.len(),
    };
    for (at, verdict) in verdict::verdicts("differences", &documents)
        .into_iter()
        .enumerate()
    {
        assert_eq!(verdict, expected(at), "{}", documents[at]);
    }
}
