//! Right and wrong documents: every small change of a valid one, many values, and several changes at once.

use crate::element::{Content, Element};
use crate::random::Random;

type Change = Box<dyn Fn(&mut Vec<Content>, usize)>;

/// Each change of each element but the root.
pub fn singles() -> Vec<String> {
    let course = Element::course();
    let mut documents = Vec::new();
    for number in 1..course.count() {
        for change in changes() {
            let mut changed = course.clone();
            changed.change(number, &change);
            documents.push(changed.to_string());
        }
    }
    documents.extend(roots());
    documents
}

/// A few changes of one document at once.
pub fn combined(count: usize) -> Vec<String> {
    let mut random = Random::new(20);
    let course = Element::course();
    let changes = changes();
    let document = |_| {
        let mut changed = course.clone();
        for _ in 0..=random.below(3) {
            let number = 1 + random.below(changed.count());
            changed.change(number, &changes[random.below(changes.len())]);
        }
        changed.to_string()
    };
    (0..count).map(document).collect()
}

fn changes() -> Vec<Change> {
    let mut changes: Vec<Change> = vec![
        Box::new(|all, at| drop(all.remove(at))),
        Box::new(|all, at| all.insert(at, all[at].clone())),
        Box::new(|all, at| {
            let next = (at + 1) % all.len();
            all.swap(at, next);
        }),
        Box::new(|all, at| {
            let first = all.remove(at);
            all.push(first);
        }),
        Box::new(|all, at| element(all, at, &|element| element.content.clear())),
        Box::new(|all, at| element(all, at, &|element| element.content.reverse())),
        Box::new(|all, at| element(all, at, &|element| element.attributes.clear())),
        // Each attribute becomes one of another namespace.
        Box::new(|all, at| {
            element(all, at, &|element| {
                for (name, _) in &mut element.attributes {
                    *name = format!("x:{}", name.replace(':', ""));
                }
            });
        }),
    ];
    for name in [
        "c:au",
        "colour",
        "x:au",
        "Title",
        "url",
        "block",
        "objective",
        "langstring",
    ] {
        changes.push(Box::new(move |all, at| {
            element(all, at, &|element| name.clone_into(&mut element.name));
        }));
    }
    for raw in [
        " \n\t",
        "text",
        "&#32;",
        "&#160;",
        "<!-- c -->",
        "<?p i?>",
        "<![CDATA[x]]>",
        "<x:a/>",
        "<x:a x:b='1' c='2'>text<title/><d xmlns=''/></x:a>",
        "<x:a><courseStructure/></x:a>",
        "<courseStructure/>",
        "<a xmlns=''/>",
        "<c:url/>",
        "<title/>",
    ] {
        changes.push(Box::new(move |all, at| {
            all.insert(at, Content::Raw(raw.to_owned()))
        }));
        changes.push(Box::new(move |all, at| {
            element(all, at, &|element| {
                element.content.push(Content::Raw(raw.to_owned()))
            });
        }));
    }
    for (name, value) in [
        ("colour", "red"),
        ("x:y", "1"),
        ("c:id", "urn:z"),
        ("xml:lang", "en"),
        ("xml:space", "preserve"),
        ("i:schemaLocation", "urn:x nowhere.xsd"),
        ("i:noNamespaceSchemaLocation", "nowhere.xsd"),
        ("i:nil", "false"),
        ("i:type", "auType"),
        ("i:type", "c:textType"),
        ("i:other", "1"),
        ("xmlns:x", "urn:other"),
        ("lang", "de"),
        ("id", "urn:z"),
        ("idref", "urn:o"),
        ("moveOn", "Passed"),
    ] {
        changes.push(Box::new(move |all, at| {
            element(all, at, &|element| {
                element.attributes.retain(|(known, _)| known != name);
                element.attributes.push((name.to_owned(), value.to_owned()));
            });
        }));
    }
    changes
}

fn element(all: &mut [Content], at: usize, change: &dyn Fn(&mut Element)) {
    if let Content::Element(element) = &mut all[at] {
        change(element);
    }
}

/// What may stand at the root, and around it.
fn roots() -> Vec<String> {
    let course = Element::course().to_string();
    let mut documents: Vec<String> = [
        " colour=''",
        " x:colour=''",
        " c:colour=''",
        " xml:lang='en'",
        " i:type='courseType'",
        " i:type='auType'",
        " i:nil='true'",
        " i:schemaLocation='urn:x nowhere.xsd'",
    ]
    .iter()
    .map(|attribute| course.replacen('>', &format!("{attribute}>"), 1))
    .collect();
    documents.push(course.replace(cmi5::course::NAMESPACE, "urn:other"));
    documents.push(course.replace("courseStructure", "course"));
    documents.push(course.replace("courseStructure", "c:courseStructure"));
    documents.push(format!(
        "<!DOCTYPE courseStructure SYSTEM 'nowhere.dtd'>{course}"
    ));
    documents.push(format!(
        "\u{feff}<?xml version='1.0' encoding='UTF-8'?><!-- c -->{course}\n<!-- c -->"
    ));
    documents.push(format!("<?xml version='1.0' encoding='UTF-16'?>{course}"));
    documents.push(format!("<?xml version='1.0' encoding='bogus'?>{course}"));
    documents.push(format!(" <?xml version='1.0'?>{course}"));
    documents.push(format!("{course}text"));
    documents.push(format!("{course}<a/>"));
    for broken in [
        "</au",
        "<a b=1/>",
        "<a b='1' b='2'/>",
        "&a;",
        "a & b",
        "<a <",
        "]]>",
        "\u{b}",
        "<!-- -- -->",
        "<a x:b='' y:b='' xmlns:y='urn:x'/>",
        "<u:a/>",
    ] {
        documents.push(course.replacen("<x:f", &format!("{broken}<x:f"), 1));
    }
    documents
}

/// Many values of each simple type.
pub fn values() -> Vec<String> {
    let course = Element::course().to_string();
    let mut documents = Vec::new();
    let mut put = |from: &str, values: &[&str]| {
        for value in values {
            let place = course.find(from).expect("the course has such a value");
            let (quoted, rest) = from.split_at(from.find('\u{22}').unwrap_or(from.len() - 1) + 1);
            let end = rest.find(['"', '<']).unwrap_or(rest.len());
            let mut changed = course.clone();
            let start = place + quoted.len();
            changed.replace_range(start..start + end, value);
            documents.push(changed);
        }
    };
    put("masteryScore=\"0.5\"", DECIMALS);
    put("lang=\"en\"", LANGUAGES);
    put("moveOn=\"Passed\"", MOVE_ONS);
    put("launchMethod=\"OwnWindow\"", LAUNCH_METHODS);
    put(
        "activityType=\"urn:t\"",
        &["", " ", "lesson", "%zz", "&#10;", "😀"],
    );
    for (from, to) in [
        ("<url>a.html<", "<url>VALUE<"),
        ("<au id=\"urn:a0\"", "<au id=\"VALUE\""),
        ("idref=\"urn:o\"", "idref=\"VALUE\""),
    ] {
        let slot = course.replacen(from, to, 1);
        assert!(slot.contains("VALUE"), "{from}");
        documents.extend(
            URIS.iter()
                .map(|uri| slot.replacen("VALUE", &uri.replace('"', "&quot;"), 1)),
        );
    }
    documents
}

const DECIMALS: &[&str] = &[
    "0",
    "1",
    "+1",
    "+0",
    "-0",
    "-0.0",
    ".5",
    "1.",
    "0.",
    "-.0",
    "+.5",
    "1e0",
    "0.5e0",
    " 0.5 ",
    "&#10;0.5",
    "0 .5",
    "",
    " ",
    ".",
    "+",
    "-",
    "+-1",
    "--0",
    "1.0000",
    "1.0001",
    "00001",
    "0001.50",
    "-0.0000001",
    "-1",
    "2",
    "10",
    "0,5",
    "٠",
    "INF",
    "NaN",
    "0x1",
    "1_0",
    "0.12345678901234567890",
    "1.00000000000000000001",
    "0.5f",
    "½",
    "1/2",
    "0..5",
    "0.5.",
    "true",
];

const LANGUAGES: &[&str] = &[
    "en",
    "EN",
    "en-US",
    "e",
    "x-a",
    "i-b-c",
    "en-12345678",
    "en-123456789",
    "abcdefgh",
    "abcdefghi",
    "",
    " ",
    " en ",
    "&#9;en",
    "en us",
    "en-",
    "-en",
    "en--a",
    "en_US",
    "1",
    "en1",
    "a-1",
    "ü",
    "zh-Hant-TW-x-y",
    "en-ü",
    "*",
];

const MOVE_ONS: &[&str] = &[
    "NotApplicable",
    "Passed",
    "Completed",
    "CompletedAndPassed",
    "CompletedOrPassed",
    "",
    " Passed",
    "Passed ",
    "passed",
    "PASSED",
    "Pas&#115;ed",
    "Failed",
    "Passed Completed",
    "&#10;Passed",
];

const LAUNCH_METHODS: &[&str] = &[
    "AnyWindow",
    "OwnWindow",
    "",
    "anywindow",
    " AnyWindow",
    "AnyWindow&#32;",
    "NoWindow",
];

const URIS: &[&str] = &[
    "",
    " ",
    "a",
    "  a  ",
    "a b",
    "a&#10;b",
    "%zz",
    "%",
    "%4",
    "a%",
    "%41",
    "#%",
    "http://ex .org/",
    "http://",
    "http:",
    "a#b#c",
    "a:b",
    "1a:b",
    ":x",
    "//h/a",
    "///a",
    "?a",
    "?a?b",
    "#f",
    "#a b",
    "#a?b/c",
    "[x]",
    "a[b",
    "a?b[c]",
    "http://[::1]/",
    "http://[::1",
    "http://]/",
    "http://h:port/",
    "http://h:8080/",
    "http://h:-1/",
    "a{b}",
    "a\\b",
    "a|b",
    "a^`",
    "a&lt;b&gt;",
    "\"",
    "a'b",
    "ü",
    "http://ü/",
    "😀",
    "&#127;",
    "&#x85;",
    "a b:c",
    "a/b:c",
    "./a:b",
    "a?b:c",
    "http://a@b@c/",
    "http://u:p@h:80/",
    "http://@/",
    "http://:80/",
    "javascript:alert(1)",
    "a!*();@&amp;=+$,",
    "http:///a",
    "x://",
    "x:",
    "urn:a:b",
    "a-b+c.d:e",
    "http://%41/",
    "http://a_b/",
    "http://1.2.3.400/",
    "http://[v1.a]/",
    "mailto:a b@c",
    "http://h/;a=b",
    "~",
    "a~b",
    "é%C3%A9",
];
