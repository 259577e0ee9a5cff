//! What is written reads back as it was.

use super::fixture::{OPENING, TEXTS, accepted, au, course, one_au, with_after};
use crate::course::write;

fn check(document: &str) -> String {
    let structure = accepted(document);
    let written = write(&structure);
    assert_eq!(accepted(&written), structure, "{written}");
    written
}

#[test]
fn plain_courses() {
    check(&one_au(""));
    check(&one_au(
        "moveOn='Completed' launchMethod='OwnWindow' masteryScore='.50' activityType='urn:t'",
    ));
    check(&course(&format!(
        "<objectives><objective id='urn:o'>{TEXTS}</objective></objectives>\
        <block id='urn:b'>{TEXTS}<objectives><objective/></objectives><block id='urn:c'>{TEXTS}{}</block></block>",
        au(
            0,
            "",
            "a b?c=1&amp;d#f",
            "<launchParameters>&lt;p a=\"1\"/&gt;]]&gt;&#13;&#10;x</launchParameters>"
        ),
    )));
}

#[test]
fn text_is_kept_whole() {
    let text = "&lt;&amp;&gt;\"' a\n\t b &#13; c ]]&gt; 😀 \u{85}\u{2028} \u{fffd}";
    let written = check(&one_au("").replace(">T<", &format!(">{text}<")));
    assert!(written.contains("&#13;"));
}

#[test]
fn other_namespaces() {
    let written = check(&with_after(
        "<x:a xmlns:x='urn:x'><x:b x:c='1'>  t <!-- c --><![CDATA[<]]></x:b></x:a><y xmlns='urn:y'/>",
    ));
    assert!(written.contains("<x:b x:c='1'>  t <!-- c --><![CDATA[<]]></x:b>"));
    // Declared around, needed in names, in values and not at all.
    let declared = with_after("<x:a q='http:v'>w:z</x:a>").replacen(
        "<au",
        "<au xmlns:x='urn:x' xmlns:v='urn:v' xmlns:w='urn:w' xmlns:n='urn:n' xmlns:http='urn:&amp;&quot;' w:k='&#10; &lt;' xml:lang='de'",
        1,
    );
    let written = check(&declared);
    assert!(written.contains("xmlns:http=\"urn:&amp;&quot;\""));
    assert!(!written.contains("urn:n"));
    // Without a default namespace around it.
    let prefixed = format!(
        "{}<c:course id='urn:c'>{TEXTS}</c:course><c:au id='urn:a'>{TEXTS}<c:url>a</c:url>\
        <x:a xmlns:x='urn:x'><b/><c:langstring/></x:a></c:au></c:courseStructure>",
        OPENING.replace("<", "<c:").replace("xmlns=", "xmlns:c="),
    );
    let prefixed = prefixed.replace(
        TEXTS,
        "<c:title><c:langstring/></c:title><c:description><c:langstring/></c:description>",
    );
    let written = check(&prefixed);
    assert!(written.contains("xmlns=\"\""), "{written}");
}
