//! What a course structure is read as.

use super::fixture::{
    OPENING, TEXTS, accepted, au, course, one_au, refused, warned, with_after, with_url,
};
use crate::course::{Au, LaunchMethod, Limits, Node, parse};
use crate::launch::MoveOn;

fn first_au(document: &str) -> Au {
    let structure = accepted(document);
    structure.aus()[0].1.clone()
}

#[test]
fn the_smallest_course() {
    let structure = accepted(&one_au(""));
    assert_eq!(structure.id, "https://example.com/c");
    assert_eq!(structure.title.strings[0].lang, "en");
    assert_eq!(structure.title.strings[0].text, "T");
    assert_eq!(structure.description.strings[0].lang, "");
    assert_eq!(structure.objectives, None);
    let au = first_au(&one_au(""));
    assert_eq!(au.move_on, MoveOn::NotApplicable);
    assert_eq!(au.launch_method, LaunchMethod::AnyWindow);
    assert_eq!(au.mastery_score, None);
    assert_eq!(au.activity_type, None);
    assert_eq!(au.launch_parameters, None);
    assert_eq!(au.entitlement_key, None);
    assert_eq!(au.objectives, None);
}

#[test]
fn a_course_with_everything() {
    let objective = |n: u8| {
        format!(
            "<objective id='urn:o{n}'><description><langstring lang='de'>Z</langstring></description><title><langstring>O{n}</langstring></title></objective>"
        )
    };
    let document = course(&format!(
        "<objectives>{}{}</objectives>\
        <block id='urn:b'>{TEXTS}<objectives><objective idref=' urn:o1 '/><objective/></objectives>\
        <block id='urn:bb'>{TEXTS}{}</block>{}</block>{}",
        objective(0),
        objective(1),
        au(
            0,
            "moveOn='CompletedAndPassed' launchMethod='OwnWindow'",
            "a/b.html",
            ""
        ),
        au(
            1,
            "masteryScore='0.80' activityType=' urn:t '",
            " \n x.html\t",
            ""
        ),
        au(
            2,
            "",
            "app://x",
            "<launchParameters>\n a  b \n</launchParameters><entitlementKey><![CDATA[ <k>&amp; ]]></entitlementKey>"
        ),
    ));
    let structure = accepted(&document);
    let objectives = structure.objectives.as_ref().expect("it has objectives");
    assert_eq!(objectives.items[1].id, "urn:o1");
    assert_eq!(objectives.items[1].title.strings[0].text, "O1");
    let Node::Block(block) = &structure.children[0] else {
        panic!("the first child is a block");
    };
    assert_eq!(
        block.objectives.as_ref().expect("it has objectives").ids,
        ["urn:o1"]
    );
    assert_eq!(block.children.len(), 2);
    let paths: Vec<String> = structure.aus().into_iter().map(|(path, _)| path).collect();
    assert_eq!(
        paths,
        [
            "/courseStructure/block[1]/block[1]/au[1]",
            "/courseStructure/block[1]/au[1]",
            "/courseStructure/au[1]"
        ]
    );
    let aus: Vec<&Au> = structure.aus().into_iter().map(|(_, au)| au).collect();
    assert_eq!(aus[0].move_on, MoveOn::CompletedAndPassed);
    assert_eq!(aus[0].launch_method, LaunchMethod::OwnWindow);
    assert_eq!(aus[1].mastery_score.as_deref(), Some("0.80"));
    assert_eq!(aus[1].activity_type.as_deref(), Some("urn:t"));
    assert_eq!(aus[1].url, "x.html");
    assert_eq!(aus[2].launch_parameters.as_deref(), Some("a  b"));
    assert_eq!(aus[2].entitlement_key.as_deref(), Some("<k>&amp;"));
    let json = serde_json::to_string(&structure).expect("it is data");
    assert_eq!(
        serde_json::from_str::<crate::course::Structure>(&json).expect("it was written so"),
        structure
    );
}

#[test]
fn mastery_scores_are_exact() {
    for (written, expected) in [
        ("0", "0"),
        ("+1", "1"),
        (".5", "0.5"),
        ("1.", "1"),
        ("-0", "0"),
        ("-.0", "0.0"),
        (" 0.5 ", "0.5"),
        ("000.70", "0.70"),
        (
            "0.12340000000000000000000000000",
            "0.12340000000000000000000000000",
        ),
        (
            "1.000000000000000000000000000000",
            "1.000000000000000000000000000000",
        ),
    ] {
        let au = first_au(&one_au(&format!("masteryScore='{written}'")));
        assert_eq!(au.mastery_score.as_deref(), Some(expected), "{written}");
    }
}

#[test]
fn values_are_trimmed_and_kept_whole() {
    let document = one_au("")
        .replace("https://example.com/au/0", " \n https://example.com/au/0\t")
        .replace(
            ">T<",
            "> \r\n Größe 😀 &amp; &#x1F600; <![CDATA[ & ]]> <!-- c -->\u{a0}<",
        );
    let au = first_au(&document);
    assert_eq!(au.id, "https://example.com/au/0");
    assert_eq!(au.title.strings[0].text, "Größe 😀 & 😀  &  \u{a0}");
    let url = first_au(&with_url(
        "<![CDATA[\n  https://example.com/a?b=1&c=2\n ]]>",
    ))
    .url;
    assert_eq!(url, "https://example.com/a?b=1&c=2");
    assert_eq!(first_au(&with_url("a?b=1&amp;c=2")).url, "a?b=1&c=2");
    let empty = with_after("<launchParameters> </launchParameters><entitlementKey/>");
    assert_eq!(first_au(&empty).launch_parameters, None);
    assert_eq!(first_au(&empty).entitlement_key, None);
}

#[test]
fn urls() {
    for url in [
        "a",
        "my file.html",
        "my%20file.html",
        "über.html",
        "?a=1",
        "#f",
        "//host/a",
        "/abs",
        "HTTPS://EXAMPLE.COM/",
        "http://example.com",
        "http://example.com?a",
        "http://user@example.com:8080/a b?c=d e#f",
        "http://[::1]/",
        "http://bücher.example/",
        "app://content/1",
        "x+y.z-1://a",
        "a?end=1&amp;point=2&amp;endpoints=3",
        "a?x=endpoint",
        "a#?endpoint=1",
        "a/b:c",
        "a?url=http://example.com/",
    ] {
        accepted(&with_url(url));
    }
}

#[test]
fn ids() {
    for id in [
        "abc:",
        "urn:x",
        "http://example.com/فعل",
        "https://example.com/x?a#b",
        "tag:a,b:c",
    ] {
        accepted(&one_au("").replace("https://example.com/au/0", id));
    }
}

#[test]
fn encodings() {
    let document = one_au("").replace(">T<", ">Größe 😀<");
    let expected = accepted(&document);
    let utf16 = |to: fn(u16) -> [u8; 2], text: &str| -> Vec<u8> {
        text.encode_utf16().flat_map(to).collect()
    };
    let declared = format!("<?xml version=\"1.0\" encoding='utf-16'?>{document}");
    for bytes in [
        [&[0xEF, 0xBB, 0xBF], document.as_bytes()].concat(),
        format!("<?xml version='1.0' encoding=\"UTF-8\"?>\n{document}").into_bytes(),
        utf16(u16::to_be_bytes, &format!("\u{feff}{document}")),
        utf16(u16::to_le_bytes, &format!("\u{feff}{declared}")),
        utf16(u16::to_be_bytes, &declared),
        utf16(u16::to_le_bytes, &declared),
    ] {
        let (structure, _) = parse(&bytes, &Limits::default()).expect("it is right");
        assert_eq!(structure, expected);
    }
    accepted(&format!(
        "<?xml version='1.0' encoding='iso-8859-1'?>{}",
        one_au("")
    ));
}

#[test]
fn document_types_are_passed_over() {
    for doctype in [
        "<!DOCTYPE courseStructure>",
        "<!DOCTYPE courseStructure SYSTEM \"http://example.com/[x]>\">",
        "<!-- [ --><!DOCTYPE courseStructure PUBLIC '-//x[' 'file:///dev/zero'>",
    ] {
        accepted(&format!("{doctype}{}", one_au("")));
    }
}

#[test]
fn namespaces_may_have_prefixes() {
    let document = one_au("moveOn='Passed'");
    let prefixed = document
        .replace("</", "\u{1}")
        .replace('<', "<c:")
        .replace('\u{1}', "</c:")
        .replace("xmlns=", "xmlns:c=");
    assert!(prefixed.starts_with("<c:courseStructure xmlns:c="));
    assert_eq!(accepted(&prefixed), accepted(&document));
}

#[test]
fn other_namespaces() {
    let document = course(&format!(
        "<au xmlns:k='urn:k' k:level='3' id='urn:au'>{TEXTS}<url>https://example.com/</url>\
        <k:word k:a=\"1\">k:x &lt; <b xmlns=''/></k:word><x:y xmlns:x='urn:x'>{OPENING}\
        <course id='urn:c'>{TEXTS}</course>{}</courseStructure></x:y></au>",
        au(0, "", "javascript:inside", "")
    ));
    let (structure, warnings) = warned(&document);
    assert_eq!(structure.aus().len(), 1);
    let extension = &structure.aus()[0].1.extension;
    assert_eq!(extension.attributes[0].name, "level");
    assert_eq!(extension.attributes[0].namespace, "urn:k");
    assert_eq!(
        extension.elements[0],
        "<k:word xmlns:k=\"urn:k\" xmlns=\"https://w3id.org/xapi/profiles/cmi5/v1/CourseStructure.xsd\" \
        k:a=\"1\">k:x &lt; <b xmlns=''/></k:word>"
    );
    let told: Vec<(&str, &str)> = warnings
        .iter()
        .map(|warning| (warning.violation.requirement, &*warning.violation.got))
        .collect();
    assert_eq!(told, [("13.1.5.0-1", "urn:k"), ("13.1.5.0-1", "urn:x")]);
    let located = document.replacen(
        "<courseStructure ",
        "<courseStructure xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' \
        xsi:schemaLocation='urn:k k.xsd\n urn:x x.xsd' xsi:type='courseType' ",
        1,
    );
    let (structure, warnings) = warned(&located);
    assert_eq!(warnings, []);
    assert_eq!(
        structure.extension.attributes.len(),
        1,
        "xsi:type says nothing"
    );
}

#[test]
fn attributes_of_other_namespaces_are_no_own() {
    let document =
        one_au("xmlns:x='urn:x' x:moveOn='Passed' x:masteryScore='7' x:activityType='t'")
            .replace("lang=", "xml:lang=");
    let au = first_au(&document);
    assert_eq!(
        (au.move_on, au.mastery_score, au.activity_type),
        (MoveOn::NotApplicable, None, None)
    );
    assert_eq!(au.title.strings[0].lang, "");
    assert_eq!(au.extension.attributes.len(), 3);
}

#[test]
fn untyped_elements_take_anything() {
    let (structure, warnings) = warned(&with_after(
        "<launchParameters a='1' xmlns:k='urn:k' k:b='2'>x<i>y</i>z</launchParameters>",
    ));
    assert_eq!(
        structure.aus()[0].1.launch_parameters.as_deref(),
        Some("xyz")
    );
    assert_eq!(warnings.len(), 1);
    assert_eq!(warnings[0].violation.requirement, "13.1.4/text");
}

#[test]
fn a_mastery_score_has_at_most_four_decimals() {
    for score in ["0.1234", "0.123400", "1"] {
        let (_, warnings) = warned(&one_au(&format!("masteryScore='{score}'")));
        assert!(warnings.is_empty(), "{score}");
    }
    for score in ["0.12345", "0.33333333333333333333333", "0.00001"] {
        let told = refused(&one_au(&format!("masteryScore='{score}'")));
        assert_eq!(told.len(), 1, "{score}");
        assert!(told[0].contains("10.2.4.0-1"), "{told:?}");
    }
}

#[test]
fn many_aus() {
    let aus: String = (0..2000)
        .map(|n| au(n, "", "https://example.com/", ""))
        .collect();
    let structure = accepted(&course(&aus));
    assert_eq!(structure.aus().len(), 2000);
    assert_eq!(structure.aus()[1999].0, "/courseStructure/au[2000]");
}
