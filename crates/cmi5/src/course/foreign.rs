//! What other namespaces add (13.1.5): attributes with their values, elements as they were written. An element is
//! given the namespace declarations that it needs, so that it means the same wherever it is written back.

use roxmltree::{Attribute, Node};

use super::NAMESPACE;
use super::structure::{Extension, ForeignAttribute};
use super::validate::XSI;
use super::write::escape_attribute;
use super::xml::{namespace, qualified_name};

/// The prefix that needs no declaration.
pub(super) const XML_PREFIX: &str = "xml";

pub(super) fn extension(node: Node<'_, '_>) -> Extension {
    let is_foreign = |child: &Node<'_, '_>| {
        child.is_element() && namespace(*child).is_some_and(|uri| uri != NAMESPACE)
    };
    Extension {
        attributes: attributes(node),
        elements: node.children().filter(is_foreign).map(element).collect(),
    }
}

/// All but `xsi:type`, which can only name the type that the element has anyhow.
pub(super) fn attributes(node: Node<'_, '_>) -> Vec<ForeignAttribute> {
    let text = node.document().input_text();
    let foreign = |attribute: Attribute<'_, '_>| {
        let namespace = attribute.namespace()?;
        let written = text.get(attribute.range_qname()).unwrap_or_default();
        let (prefix, name) = written.split_once(':')?;
        (namespace != XSI || name != "type").then(|| ForeignAttribute {
            prefix: prefix.to_owned(),
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            value: attribute.value().to_owned(),
        })
    };
    node.attributes().filter_map(foreign).collect()
}

/// The text of an element, made independent of what is declared around it.
///
/// A prefix counts as needed when it occurs before a colon anywhere: values may hold qualified names as well. Writing
/// the element into another document and reading it there gives the same text.
fn element(node: Node<'_, '_>) -> String {
    let text = node.document().input_text();
    let mut written = text.get(node.range()).unwrap_or_default().to_owned();
    let name_end = 1 + qualified_name(node).len();
    let declared = declarations(&written);
    let is_default_needed = node
        .descendants()
        .any(|inner| inner.is_element() && !qualified_name(inner).contains(':'));
    if is_default_needed && !declared.iter().any(String::is_empty) {
        let default = node.default_namespace().unwrap_or_default();
        written.insert_str(
            name_end,
            &format!(" xmlns=\"{}\"", escape_attribute(default)),
        );
    }
    let mut around: Vec<(&str, &str)> = node
        .namespaces()
        .filter_map(|namespace| Some((namespace.name()?, namespace.uri())))
        .filter(|(prefix, _)| {
            *prefix != XML_PREFIX && !declared.iter().any(|known| known == prefix)
        })
        .collect();
    // A declaration that is added may hold a prefix itself: until there is nothing to add.
    while let Some(at) = around
        .iter()
        .position(|(prefix, _)| mentions(&written, prefix))
    {
        let (prefix, uri) = around.swap_remove(at);
        let declaration = format!(" xmlns:{prefix}=\"{}\"", escape_attribute(uri));
        written.insert_str(name_end, &declaration);
    }
    written
}

/// Whether the prefix occurs before a colon, and not as the end of a longer word.
fn mentions(written: &str, prefix: &str) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    written
        .match_indices(&format!("{prefix}:"))
        .any(|(at, _)| !written.get(..at).unwrap_or_default().ends_with(is_word))
}

/// The prefixes that an element's own tag declares; the default namespace is the empty one.
fn declarations(written: &str) -> Vec<String> {
    let mut declared = Vec::new();
    let mut quote = None;
    let mut name = String::new();
    for c in written.chars() {
        match (quote, c) {
            (Some(open), _) if open == c => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => {
                quote = Some(c);
                let prefix = match name.trim() {
                    "xmlns" => Some(""),
                    name => name.strip_prefix("xmlns:"),
                };
                declared.extend(prefix.map(str::to_owned));
                name.clear();
            }
            (None, '>') => break,
            (None, c) if c == '=' || c.is_ascii_whitespace() => {
                if c != '=' {
                    name.push(' ');
                }
            }
            (None, c) => {
                if name.ends_with(' ') {
                    name.clear();
                }
                name.push(c);
            }
        }
    }
    declared
}
