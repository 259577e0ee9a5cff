//! What is asked of an XML element here, where the parser's own answer is not quite the question.

use roxmltree::{Attribute, Node};

/// The namespace of an element; an undeclared one (`xmlns=""`) is none.
pub(super) fn namespace<'a>(node: Node<'a, '_>) -> Option<&'a str> {
    let namespace = node.tag_name().namespace();
    namespace.filter(|namespace| !namespace.is_empty())
}

/// The attribute of this name that no namespace has. The parser's `attribute` would also find `xml:lang` for `lang`.
pub(super) fn own_attribute<'a, 'input>(
    node: Node<'a, 'input>,
    name: &str,
) -> Option<Attribute<'a, 'input>> {
    node.attributes()
        .find(|attribute| attribute.namespace().is_none() && attribute.name() == name)
}

/// Its value.
pub(super) fn own_value<'a>(node: Node<'a, '_>, name: &str) -> Option<&'a str> {
    own_attribute(node, name).map(|attribute| attribute.value())
}

/// The element's name as it was written, prefix included.
pub(super) fn qualified_name<'input>(node: Node<'_, 'input>) -> &'input str {
    let text = node.document().input_text();
    let tag = text.get(node.range().start + 1..).unwrap_or_default();
    let end = tag.find(|c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>'));
    tag.get(..end.unwrap_or(tag.len())).unwrap_or_default()
}

/// The text of an element that holds nothing else; comments do not count.
pub(super) fn string_value(node: Node<'_, '_>) -> String {
    node.children()
        .filter(Node::is_text)
        .filter_map(|text| text.text())
        .collect()
}

/// The text of an element and everything in it.
pub(super) fn whole_text(node: Node<'_, '_>) -> String {
    node.descendants()
        .filter(Node::is_text)
        .filter_map(|text| text.text())
        .collect()
}
