//! Takes a structure out of a document that has been judged and accepted.

use roxmltree::Node as Element;

use super::NAMESPACE;
use super::foreign;
use super::structure::{
    Au, Block, LangString, LaunchMethod, Node, Objective, Objectives, References, Structure, Text,
};
use super::values::{collapse, score, trim};
use super::xml::{namespace, own_value, string_value, whole_text};
use crate::launch::MoveOn;

pub(super) fn structure(root: Element<'_, '_>) -> Structure {
    let course = child(root, "course").unwrap_or(root);
    Structure {
        id: attribute(course, "id").unwrap_or_default(),
        title: text(course, "title"),
        description: text(course, "description"),
        objectives: child(root, "objectives").map(objectives),
        children: nodes(root),
        course_extension: foreign::extension(course),
        extension: foreign::extension(root),
    }
}

/// Recursion as deep as blocks nest, which `DEPTH_MAX` bounds.
fn nodes(parent: Element<'_, '_>) -> Vec<Node> {
    let node = |child: Element<'_, '_>| match own_name(child)? {
        "au" => Some(Node::Au(au(child))),
        "block" => Some(Node::Block(block(child))),
        _ => None,
    };
    parent.children().filter_map(node).collect()
}

fn block(element: Element<'_, '_>) -> Block {
    Block {
        id: attribute(element, "id").unwrap_or_default(),
        title: text(element, "title"),
        description: text(element, "description"),
        objectives: child(element, "objectives").map(references),
        children: nodes(element),
        extension: foreign::extension(element),
    }
}

fn au(element: Element<'_, '_>) -> Au {
    let plain = |name| {
        let whole = whole_text(child(element, name)?);
        Some(trim(&whole).to_owned()).filter(|text| !text.is_empty())
    };
    let url = child(element, "url").map(string_value).unwrap_or_default();
    Au {
        id: attribute(element, "id").unwrap_or_default(),
        title: text(element, "title"),
        description: text(element, "description"),
        objectives: child(element, "objectives").map(references),
        url: collapse(&url),
        launch_method: attribute(element, "launchMethod")
            .and_then(|method| LaunchMethod::parse(&method))
            .unwrap_or_default(),
        move_on: attribute(element, "moveOn")
            .and_then(|move_on| MoveOn::parse(&move_on))
            .unwrap_or(MoveOn::NotApplicable),
        mastery_score: attribute(element, "masteryScore").and_then(|text| score(&text)),
        activity_type: attribute(element, "activityType").filter(|text| !text.is_empty()),
        launch_parameters: plain("launchParameters"),
        entitlement_key: plain("entitlementKey"),
        extension: foreign::extension(element),
    }
}

fn objectives(element: Element<'_, '_>) -> Objectives {
    let objective = |child: Element<'_, '_>| Objective {
        id: attribute(child, "id").unwrap_or_default(),
        title: text(child, "title"),
        description: text(child, "description"),
    };
    Objectives {
        items: children(element, "objective").map(objective).collect(),
        extension: foreign::extension(element),
    }
}

fn references(element: Element<'_, '_>) -> References {
    References {
        ids: children(element, "objective")
            .filter_map(|child| attribute(child, "idref"))
            .collect(),
        extension: foreign::extension(element),
    }
}

fn text(parent: Element<'_, '_>, name: &str) -> Text {
    let element = child(parent, name).unwrap_or(parent);
    let string = |child: Element<'_, '_>| LangString {
        lang: attribute(child, "lang").unwrap_or_default(),
        text: trim(&string_value(child)).to_owned(),
        attributes: foreign::attributes(child),
    };
    Text {
        strings: children(element, "langstring").map(string).collect(),
        extension: foreign::extension(element),
    }
}

fn attribute(element: Element<'_, '_>, name: &str) -> Option<String> {
    own_value(element, name).map(|value| trim(value).to_owned())
}

fn child<'a, 'input>(parent: Element<'a, 'input>, name: &str) -> Option<Element<'a, 'input>> {
    parent
        .children()
        .find(|child| own_name(*child) == Some(name))
}

fn children<'a, 'input: 'a>(
    parent: Element<'a, 'input>,
    name: &'static str,
) -> impl Iterator<Item = Element<'a, 'input>> {
    parent
        .children()
        .filter(move |child| own_name(*child) == Some(name))
}

fn own_name<'a>(element: Element<'a, '_>) -> Option<&'a str> {
    (namespace(element) == Some(NAMESPACE)).then_some(element.tag_name().name())
}
