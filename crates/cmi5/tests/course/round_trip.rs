//! What is written is what the schema accepts, and reads back as it was.

use cmi5::MoveOn;
use cmi5::course::{
    Au, Block, Extension, ForeignAttribute, LangString, LaunchMethod, Limits, NAMESPACE, Node,
    Objective, Objectives, References, Structure, Text, parse, write,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use crate::xmllint;

const OBJECTIVES: usize = 3;

/// Any character that XML can hold, without white space around.
fn text() -> impl Strategy<Value = String> {
    let any_text = vec(
        prop_oneof![
            select(vec![
                ' ', '\t', '\n', '\r', '<', '>', '&', '"', '\'', ']', '%', '😀', '\u{a0}',
                '\u{85}', '\u{feff}'
            ]),
            any::<char>().prop_filter("XML can hold it", |c| {
                !matches!(c, '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
            }),
        ],
        0..12,
    );
    any_text.prop_map(|chars| {
        let text: String = chars.into_iter().collect();
        text.trim_matches([' ', '\t', '\n', '\r']).to_owned()
    })
}

fn attributes() -> impl Strategy<Value = Vec<ForeignAttribute>> {
    let attribute =
        |(prefix, namespace, name): (&str, &str, &str), value: String| ForeignAttribute {
            prefix: prefix.to_owned(),
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            value,
        };
    let names = prop::sample::subsequence(
        vec![
            ("xml", "http://www.w3.org/XML/1998/namespace", "lang"),
            ("k", "urn:k&\"", "level"),
            ("k", "urn:k&\"", "other"),
            ("z", "urn:z", "level"),
        ],
        0..3,
    );
    (names, vec(text(), 3)).prop_map(move |(names, values)| {
        names
            .into_iter()
            .zip(values)
            .map(|(name, value)| attribute(name, value))
            .collect()
    })
}

fn extension() -> impl Strategy<Value = Extension> {
    let elements = select(vec![
        "<a xmlns=\"urn:a\"/>",
        "<q:a xmlns:q=\"urn:q\" q:b='1'> <!-- c --><q:b><![CDATA[<]]></q:b>&amp;</q:a>",
        "<q:a xmlns:q='urn:q' xmlns=''><b/></q:a>",
        "<q:a xmlns:q=\"urn:q\" xmlns=\"https://w3id.org/xapi/profiles/cmi5/v1/CourseStructure.xsd\"\r\n><title/></q:a>",
    ]);
    (attributes(), vec(elements, 0..2)).prop_map(|(attributes, elements)| Extension {
        attributes,
        elements: elements.into_iter().map(str::to_owned).collect(),
    })
}

fn texts() -> impl Strategy<Value = Text> {
    let lang = select(vec!["", "en", "de-DE"]).prop_map(str::to_owned);
    let string = (lang, text(), attributes()).prop_map(|(lang, text, attributes)| LangString {
        lang,
        text,
        attributes,
    });
    (vec(string, 1..3), extension()).prop_map(|(strings, extension)| Text { strings, extension })
}

fn references() -> impl Strategy<Value = Option<References>> {
    let ids = vec((0..OBJECTIVES).prop_map(|n| format!("urn:o{n}")), 0..3);
    option::of((ids, extension()).prop_map(|(ids, extension)| References { ids, extension }))
}

fn au() -> impl Strategy<Value = Node> {
    let urls = select(vec![
        "a.html",
        "my file.html?a=1&b=<",
        "https://example.com/ü#f",
        "?",
        "app://x",
    ]);
    let scores = option::of(select(vec!["0", "0.50", "1", "0.123400000000000000000"]));
    let plain = || option::of(text().prop_filter("something", |text| !text.is_empty()));
    let enums = (
        select(MoveOn::ALL.to_vec()),
        select(LaunchMethod::ALL.to_vec()),
    );
    let node = (texts(), texts(), references(), extension());
    (node, urls, scores, plain(), plain(), enums, any::<bool>()).prop_map(
        |(
            (title, description, objectives, extension),
            url,
            score,
            launch_parameters,
            entitlement_key,
            enums,
            typed,
        )| {
            Node::Au(Au {
                id: String::new(),
                title,
                description,
                objectives,
                url: url.to_owned(),
                launch_method: enums.1,
                move_on: enums.0,
                mastery_score: score.map(str::to_owned),
                activity_type: typed.then(|| "urn:type".to_owned()),
                launch_parameters,
                entitlement_key,
                extension,
            })
        },
    )
}

fn nodes() -> impl Strategy<Value = Vec<Node>> {
    let node = au().prop_recursive(3, 12, 3, |inner| {
        let children = vec(inner, 1..3);
        (texts(), texts(), references(), extension(), children).prop_map(
            |(title, description, objectives, extension, children)| {
                Node::Block(Block {
                    id: String::new(),
                    title,
                    description,
                    objectives,
                    children,
                    extension,
                })
            },
        )
    });
    vec(node, 1..4)
}

prop_compose! {
    fn structure()(
        title in texts(), description in texts(), list in vec((texts(), texts()), OBJECTIVES), own in extension(),
        course_extension in extension(), extension in extension(), mut children in nodes(),
    ) -> Structure {
        let items = list.into_iter().enumerate().map(|(n, (title, description))| {
            Objective { id: format!("urn:o{n}"), title, description }
        });
        let mut count = 0;
        number(&mut children, &mut count);
        Structure {
            id: "https://example.com/c?a&b=ü".to_owned(),
            title, description, children, course_extension, extension,
            objectives: Some(Objectives { items: items.collect(), extension: own }),
        }
    }
}

/// Gives every AU and block an id of its own.
fn number(nodes: &mut [Node], count: &mut usize) {
    for node in nodes {
        *count += 1;
        match node {
            Node::Au(au) => au.id = format!("urn:n{count}"),
            Node::Block(block) => {
                block.id = format!("urn:n{count}");
                number(&mut block.children, count);
            }
        }
    }
}

fn read(document: &str) -> Structure {
    let parsed = parse(document.as_bytes(), &Limits::default());
    parsed
        .unwrap_or_else(|faults| panic!("{faults:#?}\n{document}"))
        .0
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn what_is_written_reads_back(structure in structure()) {
        let written = write(&structure);
        prop_assert_eq!(&read(&written), &structure, "{}", written);
        let json = serde_json::to_string(&structure).expect("it is data");
        prop_assert_eq!(serde_json::from_str::<Structure>(&json).unwrap(), structure);
    }

    /// White space around a text is lost, whatever it stands in; nothing else is.
    #[test]
    fn values_in_cdata_are_trimmed(text in text(), before in "[ \t\n]{0,3}", after in "[ \t\n]{0,3}") {
        let cdata = text.replace('\r', " ").replace("]]>", "");
        let document = format!(
            "<courseStructure xmlns='{NAMESPACE}'><course id='urn:c'>{0}</course><au id='urn:a'>{0}<url>a</url>\
            <entitlementKey><![CDATA[{before}{cdata}{after}]]></entitlementKey></au></courseStructure>",
            crate::element::TEXTS
        );
        let structure = read(&document);
        let key = structure.aus()[0].1.entitlement_key.clone().unwrap_or_default();
        prop_assert_eq!(key, cdata.trim_matches([' ', '\t', '\n']));
    }
}

#[test]
fn what_is_written_is_valid() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let written = |_| {
        let tree = structure()
            .new_tree(&mut runner)
            .expect("a structure can be made");
        write(&proptest::strategy::ValueTree::current(&tree))
    };
    let documents: Vec<String> = (0..100).map(written).collect();
    for (document, valid) in documents
        .iter()
        .zip(xmllint::validate("written", &documents))
    {
        assert!(valid, "{document}");
    }
}
