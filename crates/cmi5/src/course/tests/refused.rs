//! What a course structure is refused for, with the requirement and the place.

use super::fixture::{
    OPENING, TEXTS, au, course, document, faults, one_au, refused, told, with_after, with_url,
};
use crate::course::{Limits, Position};

/// The one fault of a document.
fn check(document: &str, expected: &str) {
    assert_eq!(refused(document), [expected], "{document}");
}

const AU: &str = "/courseStructure/au[1]";

#[test]
fn what_is_no_course_structure() {
    for document in [
        "",
        "nothing",
        "<a>",
        "<a/><b/>",
        "<a b='1' b='2'/>",
        "<a>&nbsp;</a>",
        "<x:a/>",
        "<a>\u{1}</a>",
    ] {
        check(document, "13.2.0.0-1 ");
    }
    let body = format!("<course id=\"https://example.com/c\">{TEXTS}</course>");
    check(
        &format!("<courseStructure>{body}</courseStructure>"),
        "13.2.0.0-1 /courseStructure",
    );
    check(
        &course("").replace("/v1/", "/v2/"),
        "13.2.0.0-1 /courseStructure",
    );
    check(&course(""), "13.2.0.0-1 /courseStructure");
    check(
        &course(&au(0, "", "https://example.com/", "")).replace("courseStructure", "course"),
        "13.2.0.0-1 /course",
    );
}

#[test]
fn order_and_number_of_elements() {
    let url = "<url>https://example.com/a</url>";
    let (title, description) = TEXTS.split_at(TEXTS.find("<description").unwrap());
    for (inner, place) in [
        (format!("{description}{title}{url}"), "/title"),
        (format!("{title}{title}{description}{url}"), "/title[2]"),
        (format!("{url}{title}{description}"), "/title"),
        (format!("{title}{description}{url}{url}"), "/url[2]"),
        (format!("{title}{description}"), ""),
        (format!("{description}{url}"), ""),
        (format!("{TEXTS}{url}<colour/>"), "/colour"),
        (format!("{TEXTS}{url}<colour xmlns=''/>"), "/colour"),
        (
            format!("{TEXTS}{url}<x:a xmlns:x='urn:x'/><entitlementKey/>"),
            "/entitlementKey",
        ),
        (format!("{TEXTS}<x:a xmlns:x='urn:x'/>{url}"), "/url"),
        (format!("{TEXTS}words{url}"), ""),
        (format!("{TEXTS}<objectives/>{url}"), "/objectives"),
        (format!("{TEXTS}{url}<au/>"), "/au[1]"),
    ] {
        let document = course(&format!("<au id=\"https://example.com/au\">{inner}</au>"));
        let faults = refused(&document);
        assert!(
            faults.contains(&format!("13.2.0.0-1 {AU}{place}")),
            "{faults:?}\n{document}"
        );
    }
    check(
        &course(
            "<block id=\"https://example.com/b\"><title><langstring/></title><description><langstring/></description></block>",
        ),
        "13.2.0.0-1 /courseStructure/block[1]",
    );
}

#[test]
fn attributes() {
    for (attributes, name) in [
        ("moveOn='Sometimes'", "moveOn"),
        ("moveOn=' Passed'", "moveOn"),
        ("moveOn=''", "moveOn"),
        ("launchMethod='NoWindow'", "launchMethod"),
        ("masteryScore='1.5'", "masteryScore"),
        ("masteryScore='-0.1'", "masteryScore"),
        ("masteryScore='1e0'", "masteryScore"),
        ("masteryScore=''", "masteryScore"),
        (
            "masteryScore='1.0000000000000000000000000000000001'",
            "masteryScore",
        ),
        ("colour='red'", "colour"),
        (
            "xmlns:c='https://w3id.org/xapi/profiles/cmi5/v1/CourseStructure.xsd' c:moveOn='Passed'",
            "c:moveOn",
        ),
        (
            "xmlns:i='http://www.w3.org/2001/XMLSchema-instance' i:nil='false'",
            "i:nil",
        ),
        (
            "xmlns:i='http://www.w3.org/2001/XMLSchema-instance' i:type='blockType'",
            "i:type",
        ),
    ] {
        check(&one_au(attributes), &format!("13.2.0.0-1 {AU}/@{name}"));
    }
    check(
        &course(&au(0, "", "https://example.com/", "")).replacen("lang=\"en\"", "lang=\"en-\"", 1),
        "13.2.0.0-1 /courseStructure/course/title/langstring[1]/@lang",
    );
}

#[test]
fn ids_are_absolute_iris() {
    let check_id = |id: &str, expected: &str| {
        let document = one_au("").replace("https://example.com/au/0", id);
        assert_eq!(refused(&document), [format!("{expected} {AU}/@id")], "{id}");
    };
    for id in [
        "",
        "a",
        "/a",
        "example.com/a",
        "  a  ",
        "http://example.com/a b",
        "//h/a",
    ] {
        check_id(id, "3.0.0.0-1");
    }
    check_id("%zz", "13.2.0.0-1");
    for other in ["", " xmlns:x='urn:x' x:id='urn:x'"] {
        let document = one_au("").replace(" id=\"https://example.com/au/0\"", other);
        check(&document, &format!("13.2.0.0-1 {AU}/@id"));
    }
    for id in ["course", "au", "block", "objective"] {
        let all = everything().replace(&format!("urn:{id}"), id);
        let faults = refused(&all);
        assert!(faults[0].starts_with("3.0.0.0-1"), "{id}: {faults:?}");
    }
    check(
        &one_au("activityType='lesson'"),
        &format!("3.0.0.0-1 {AU}/@activityType"),
    );
}

/// A course with one of each.
fn everything() -> String {
    document(&format!(
        "<course id='urn:course'>{TEXTS}</course>\
        <objectives><objective id='urn:objective'>{TEXTS}</objective></objectives>\
        <block id='urn:block'>{TEXTS}<objectives><objective idref='urn:objective'/></objectives>\
        <au id='urn:au'>{TEXTS}<url>a.html</url></au></block>"
    ))
}

#[test]
fn ids_are_unique_across_kinds() {
    assert!(crate::course::parse(everything().as_bytes(), &Limits::default()).is_ok());
    for (from, to, expected) in [
        (
            "urn:au",
            "urn:block",
            "13.1.4.0-1 /courseStructure/block[1]/au[1]/@id",
        ),
        (
            "urn:au",
            " urn:block ",
            "13.1.4.0-1 /courseStructure/block[1]/au[1]/@id",
        ),
        (
            "urn:au",
            "urn:course",
            "13.1.4.0-1 /courseStructure/block[1]/au[1]/@id",
        ),
        (
            "urn:au",
            "urn:objective",
            "13.1.4.0-1 /courseStructure/block[1]/au[1]/@id",
        ),
        (
            "urn:block",
            "urn:objective",
            "13.1.2.0-1 /courseStructure/block[1]/@id",
        ),
        (
            "urn:course",
            "urn:block",
            "13.1.2.0-1 /courseStructure/block[1]/@id",
        ),
        (
            "urn:course",
            "urn:objective",
            "13.1.3.0-1 /courseStructure/objectives/objective[1]/@id",
        ),
    ] {
        let document = everything().replace(&format!("'{from}'"), &format!("'{to}'"));
        check(&document, expected);
    }
    let twice = [0, 1, 0]
        .map(|n| au(n, "", "https://example.com/", ""))
        .concat();
    check(&course(&twice), "13.1.4.0-1 /courseStructure/au[3]/@id");
    let objective = format!("<objective id='urn:o'>{TEXTS}</objective>");
    let objectives = format!("<objectives>{objective}{objective}</objectives>");
    check(
        &course(&format!(
            "{objectives}{}",
            au(0, "", "https://example.com/", "")
        )),
        "13.1.3.0-1 /courseStructure/objectives/objective[2]/@id",
    );
    let block = format!(
        "<block id='urn:b'>{TEXTS}{}</block>",
        au(0, "", "https://example.com/", "")
    );
    let blocks = format!("{block}{}", block.replace("au/0", "au/1"));
    check(&course(&blocks), "13.1.2.0-1 /courseStructure/block[2]/@id");
}

#[test]
fn references_are_known() {
    let pointer = "/courseStructure/block[1]/objectives/objective[1]/@idref";
    let unknown = everything().replace("idref='urn:objective'", "idref='urn:other'");
    check(&unknown, &format!("13.1.3/idref {pointer}"));
    // An AU is no objective.
    let other_kind = everything().replace("idref='urn:objective'", "idref='urn:au'");
    check(&other_kind, &format!("13.1.3/idref {pointer}"));
}

#[test]
fn urls() {
    for url in ["", " ", "%zz", "a#b#c", "a b:c", "http://h:port/", "<b/>"] {
        check(
            &with_url(url),
            &if url.starts_with('<') {
                String::from("13.2.0.0-1 /courseStructure/au[1]/url/b")
            } else {
                format!("13.2.0.0-1 {AU}/url")
            },
        );
    }
    for url in [
        "http://",
        "http:///a",
        "https://:80/",
        "http://ex .org/",
        "http:a",
        "HTTP:/a",
        "x:",
        "x://",
        "mailto:a@example.com",
        "javascript:alert(1)",
        "JavaScript://%0aalert(1)",
        " javascript:alert(1) ",
        "java&#115;cript://x",
        "data:text/html,x",
        "data://x",
        "file:///etc/passwd",
        "vbscript://x",
        "blob:https://example.com/x",
        "blob://x",
        "about:blank",
        "view-source:http://example.com/",
        "filesystem:http://example.com/",
    ] {
        check(&with_url(url), &format!("13.1.4.0-2 {AU}/url"));
    }
}

#[test]
fn names_of_launch_parameters_are_reserved() {
    for query in [
        "endpoint=1",
        "a=1&amp;fetch",
        "a=1&amp;actor=",
        "activityId=1",
        "registration=1#f",
        "ACTIVITYID=1",
        "%65ndpoint=1",
        "End%70oint",
        "a&amp;b&amp;Fetch=2",
    ] {
        for url in ["https://example.com/a", "a.html", ""] {
            check(
                &with_url(&format!("{url}?{query}")),
                &format!("8.1.0.0-6 {AU}/url"),
            );
        }
    }
}

#[test]
fn every_fault_at_once_in_document_order() {
    let first = au(
        0,
        "moveOn='Often' masteryScore='2'",
        "javascript:a",
        "<colour/>",
    );
    let second = au(0, "colour='red'", "a?fetch=1", "");
    let document = course(&format!("\n{first}\n  {second}")).replacen("langstring", "string", 2);
    let found = faults(document.as_bytes(), &Limits::default());
    assert_eq!(
        told(&found),
        [
            "13.2.0.0-1 /courseStructure/course/title",
            "13.2.0.0-1 /courseStructure/course/title/string",
            "13.2.0.0-1 /courseStructure/au[1]/@moveOn",
            "13.2.0.0-1 /courseStructure/au[1]/@masteryScore",
            "13.1.4.0-2 /courseStructure/au[1]/url",
            "13.2.0.0-1 /courseStructure/au[1]/colour",
            "13.1.4.0-1 /courseStructure/au[2]/@id",
            "13.2.0.0-1 /courseStructure/au[2]/@colour",
            "8.1.0.0-6 /courseStructure/au[2]/url",
        ]
    );
    assert_eq!(
        found[2].position,
        Some(Position {
            line: 2,
            column: 35
        })
    );
    assert_eq!(found[6].position, Some(Position { line: 3, column: 7 }));
    assert_eq!(found[2].violation.got, "Often");
    assert!(found[2].violation.expected.contains("`CompletedOrPassed`"));
    let json = serde_json::to_value(&found[2]).unwrap();
    assert_eq!(json["line"], 2);
    assert_eq!(json["requirement"], "13.2.0.0-1");
}

#[test]
fn columns_count_characters() {
    let document =
        one_au("moveOn='x'").replace("https://example.com/au/0", "https://example.com/😀");
    let found = faults(document.as_bytes(), &Limits::default());
    let before = document.split("moveOn").next().unwrap().chars().count();
    let expected = Position {
        line: 1,
        column: before + 1,
    };
    assert_eq!(found[0].position, Some(expected));
}

#[test]
fn what_is_got_is_cut() {
    let long = "x".repeat(1000);
    let found = faults(
        one_au(&format!("moveOn='{long}'")).as_bytes(),
        &Limits::default(),
    );
    assert!(found[0].violation.got.chars().count() <= 121);
}

#[test]
fn the_schema_holds_inside_of_other_namespaces() {
    let inside = format!("<x:a xmlns:x='urn:x'>{OPENING}</courseStructure></x:a>");
    let pointer = "/courseStructure/au[1]/x:a/courseStructure";
    let faults = refused(&with_after(&inside));
    assert_eq!(faults, vec![format!("13.2.0.0-1 {pointer}"); 2]);
}

#[test]
fn encodings() {
    let document = one_au("");
    for (prefix, bytes) in [
        (
            "<?xml version='1.0' encoding='UTF-16'?>",
            document.as_bytes(),
        ),
        (
            "<?xml version='1.0' encoding='bogus'?>",
            document.as_bytes(),
        ),
        (
            "<?xml version='1.0' encoding='iso-8859-1'?><!-- ü -->",
            document.as_bytes(),
        ),
        ("", &[b'<', 0xFF, b'>']),
        ("", &[0xFE, 0xFF, 0xD8, 0x00]),
        ("", &[0xFF, 0xFE, b'<']),
    ] {
        let whole = [prefix.as_bytes(), bytes].concat();
        assert_eq!(told(&faults(&whole, &Limits::default())), ["13.2.0.0-1 "]);
    }
}
