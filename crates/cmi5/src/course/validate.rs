//! Judges a document by the schema. A stack instead of recursion, parents before children.

use roxmltree::{Attribute, Document, Node};
use xapi::Violation;

use super::bounds::at_most;
use super::fault::{Found, path};
use super::requirement::SCHEMA;
use super::schema::{Content, Model, Particle, Type};
use super::values::{collapse, is_space};
use super::xml::{namespace, own_value, qualified_name, string_value, whole_text};
use super::{Limits, NAMESPACE};

pub(super) const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";
const XS: &str = "http://www.w3.org/2001/XMLSchema";

/// An element with what the schema takes it for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Typed<'a, 'input> {
    pub node: Node<'a, 'input>,
    pub of: Type,
    /// It belongs to the course, and not to something that stands inside an element of another namespace.
    pub is_ours: bool,
}

/// Everything that the schema refuses, and all elements in document order.
pub(super) fn validate<'a, 'input>(
    document: &'a Document<'input>,
    limits: &Limits,
    found: &mut Found,
) -> Vec<Typed<'a, 'input>> {
    let root = document.root_element();
    if !is_structure(root) {
        let expected = format!("`courseStructure` in the namespace `{NAMESPACE}`");
        found.element(root, SCHEMA, expected, described(root));
        return Vec::new();
    }
    let mut walk = Walk {
        found,
        limits,
        waiting: vec![Typed {
            node: root,
            of: Type::Structure,
            is_ours: true,
        }],
    };
    let mut seen = Vec::new();
    while let Some(mut typed) = walk.waiting.pop() {
        typed.of = walk.instance_type(typed);
        let children_from = walk.waiting.len();
        walk.attributes(typed);
        walk.content(typed);
        // The last one pushed is the next one seen.
        if let Some(children) = walk.waiting.get_mut(children_from..) {
            children.reverse();
        }
        seen.push(typed);
    }
    seen
}

struct Walk<'w, 'a, 'input> {
    found: &'w mut Found,
    limits: &'w Limits,
    waiting: Vec<Typed<'a, 'input>>,
}

impl<'a, 'input> Walk<'_, 'a, 'input> {
    /// `xsi:type` may name a narrower type, and no type of the schema has one. Where anything is taken it may ask for
    /// one of the schema's types; types of other schemas are not known here.
    fn instance_type(&mut self, typed: Typed<'a, 'input>) -> Type {
        let Some(attribute) = typed.node.attribute_node((XSI, "type")) else {
            return typed.of;
        };
        let name = collapse(attribute.value());
        let (prefix, local) = match name.split_once(':') {
            Some((prefix, local)) => (Some(prefix), local),
            None => (None, &*name),
        };
        let of_name = typed.node.lookup_namespace_uri(prefix);
        let named = Type::NAMED
            .into_iter()
            .find(|of| of_name == Some(NAMESPACE) && of.model().name == Some(local));
        match (typed.of, named) {
            (Type::Foreign, named) => named.unwrap_or(Type::Foreign),
            (Type::Untyped, Some(named)) => named,
            (Type::Untyped, None) if (of_name, local) == (Some(XS), "anyType") => Type::Untyped,
            (of, Some(named)) if of == named => of,
            (of, _) => {
                self.attribute_fault(typed.node, attribute, "no other type than the schema's");
                of
            }
        }
    }

    fn attributes(&mut self, typed: Typed<'a, 'input>) {
        let model = typed.of.model();
        for attribute in typed.node.attributes() {
            let length = attribute.value().len();
            let text_bytes_max = self.limits.text_bytes_max;
            if let Err(violation) = at_most(length, text_bytes_max, "bytes of an attribute") {
                let step = format!("/@{}", attribute.name());
                self.limit(typed.node, attribute.range().start, &step, violation);
            } else if !matches!(typed.of, Type::Foreign) {
                self.attribute(typed, model, attribute);
            }
        }
        for known in model.attributes.iter().filter(|known| known.is_required) {
            if own_value(typed.node, known.name).is_none() {
                let expected = known.value.expected();
                self.found
                    .attribute(typed.node, known.name, SCHEMA, expected, "nothing");
            }
        }
    }

    fn attribute(
        &mut self,
        typed: Typed<'a, 'input>,
        model: &Model,
        attribute: Attribute<'a, 'input>,
    ) {
        let name = attribute.name();
        match attribute.namespace() {
            Some(XSI) if name == "nil" => {
                self.attribute_fault(typed.node, attribute, "no `nil`: no element may be null");
            }
            Some(XSI)
                if ["type", "schemaLocation", "noNamespaceSchemaLocation"].contains(&name) => {}
            _ if typed.of == Type::Untyped => {}
            Some(NAMESPACE) => {
                self.attribute_fault(typed.node, attribute, "an attribute without a prefix");
            }
            Some(_) if model.is_open => {}
            Some(_) => {
                let expected = "no attribute of another namespace";
                self.attribute_fault(typed.node, attribute, expected);
            }
            None => match model.attributes.iter().find(|known| known.name == name) {
                Some(known) if known.value.takes(attribute.value()) => {}
                Some(known) => {
                    self.attribute_fault(typed.node, attribute, known.value.expected());
                }
                None => {
                    let names: Vec<&str> =
                        model.attributes.iter().map(|known| known.name).collect();
                    let expected = match &*names {
                        [] => "no attribute".to_owned(),
                        names => format!("`{}`", names.join("`, `")),
                    };
                    self.attribute_fault(typed.node, attribute, expected);
                }
            },
        }
    }

    fn content(&mut self, typed: Typed<'a, 'input>) {
        match &typed.of.model().content {
            Content::Sequence(particles) => self.sequence(typed, particles),
            Content::All(particles) => self.all(typed, particles),
            Content::Empty => {
                for child in typed
                    .node
                    .children()
                    .filter(|child| !child.is_comment() && !child.is_pi())
                {
                    self.child_fault(child, "nothing, not even white space");
                }
            }
            Content::String | Content::Url => {
                let elements = typed.node.children().filter(Node::is_element);
                for child in elements {
                    self.child_fault(child, "text alone");
                }
                let text = string_value(typed.node);
                self.text_length(typed.node, text.len());
                let is_url = typed.of == Type::Url && typed.node.first_element_child().is_none();
                let url = collapse(&text);
                if is_url && (url.is_empty() || !super::any_uri::is_any_uri(&url)) {
                    let expected = "a URI (xs:anyURI) of at least one character";
                    self.found.element(typed.node, SCHEMA, expected, text);
                }
            }
            Content::Anything => {
                if typed.of == Type::Untyped {
                    self.text_length(typed.node, whole_text(typed.node).len());
                }
                for child in typed.node.children().filter(Node::is_element) {
                    self.foreign(child);
                }
            }
        }
    }

    /// Elements in the order of the particles, then elements of other namespaces.
    fn sequence(&mut self, typed: Typed<'a, 'input>, particles: &'static [Particle]) {
        let (mut next, mut is_past) = (0, false);
        self.no_text(typed.node);
        for child in typed.node.children().filter(Node::is_element) {
            let name = child.tag_name().name();
            match namespace(child) {
                Some(NAMESPACE) => {
                    let place = (next..particles.len())
                        .find(|at| particles[*at].find(name).is_some())
                        .filter(|_| !is_past);
                    if let Some(at) = place {
                        next = if particles[at].repeats { at } else { at + 1 };
                    } else {
                        self.out_of_place(child, particles);
                    }
                    let of = particles.iter().find_map(|particle| particle.find(name));
                    self.own(child, of, typed.is_ours);
                }
                Some(_) => {
                    is_past = true;
                    self.foreign(child);
                }
                None => self.out_of_place(child, particles),
            }
        }
        self.missing(typed.node, particles);
    }

    fn all(&mut self, typed: Typed<'a, 'input>, particles: &'static [Particle]) {
        self.no_text(typed.node);
        let mut names = Vec::new();
        for child in typed.node.children().filter(Node::is_element) {
            let name = child.tag_name().name();
            let is_own = namespace(child) == Some(NAMESPACE);
            let of = particles
                .iter()
                .find_map(|particle| particle.find(name))
                .filter(|_| is_own);
            if of.is_none() || names.contains(&name) {
                self.out_of_place(child, particles);
            }
            names.push(name);
            self.own(child, of, typed.is_ours);
        }
        self.missing(typed.node, particles);
    }

    fn own(&mut self, node: Node<'a, 'input>, of: Option<Type>, is_ours: bool) {
        self.waiting
            .extend(of.map(|of| Typed { node, of, is_ours }));
    }

    /// Where anything is taken, the one element that the schema declares for everywhere is still judged by it.
    fn foreign(&mut self, node: Node<'a, 'input>) {
        let of = if is_structure(node) {
            Type::Structure
        } else {
            Type::Foreign
        };
        self.own(node, Some(of), false);
    }

    fn missing(&mut self, node: Node<'a, 'input>, particles: &[Particle]) {
        for particle in particles.iter().filter(|particle| particle.is_required) {
            let is_there = node.children().any(|child| {
                namespace(child) == Some(NAMESPACE)
                    && particle.find(child.tag_name().name()).is_some()
            });
            if !is_there {
                self.found
                    .element(node, SCHEMA, particle.names(), "nothing");
            }
        }
    }

    fn no_text(&mut self, node: Node<'a, 'input>) {
        let is_blank = |text: &Node<'_, '_>| text.text().unwrap_or_default().chars().all(is_space);
        let text = node
            .children()
            .find(|child| child.is_text() && !is_blank(child));
        if let Some(text) = text {
            self.child_fault(text, "elements alone, no text between them");
        }
    }

    fn out_of_place(&mut self, child: Node<'a, 'input>, particles: &[Particle]) {
        let names: Vec<String> = particles.iter().map(Particle::names).collect();
        let expected = format!("{}, in this order and number", names.join(", "));
        self.found
            .element(child, SCHEMA, expected, described(child));
    }

    fn child_fault(&mut self, child: Node<'a, 'input>, expected: &str) {
        let at = child.range().start;
        let got = if child.is_element() {
            described(child)
        } else {
            child.text().unwrap_or_default().to_owned()
        };
        self.found
            .push(at, || Violation::new(SCHEMA, path(child), expected, got));
    }

    fn attribute_fault(
        &mut self,
        node: Node<'a, 'input>,
        attribute: Attribute<'a, 'input>,
        expected: impl Into<String>,
    ) {
        let text = node.document().input_text();
        let name = text.get(attribute.range_qname()).unwrap_or_default();
        self.found.push(attribute.range().start, || {
            let pointer = format!("{}/@{name}", path(node));
            Violation::new(SCHEMA, pointer, expected, attribute.value())
        });
    }

    fn text_length(&mut self, node: Node<'a, 'input>, length: usize) {
        if let Err(violation) = at_most(length, self.limits.text_bytes_max, "bytes of text") {
            self.limit(node, node.range().start, "", violation);
        }
    }

    fn limit(
        &mut self,
        node: Node<'a, 'input>,
        at: usize,
        step: &str,
        mut violation: Box<Violation>,
    ) {
        self.found.push(at, || {
            violation.pointer = path(node) + step;
            *violation
        });
    }
}

fn is_structure(node: Node<'_, '_>) -> bool {
    node.tag_name() == (NAMESPACE, "courseStructure").into()
}

/// `` `title` `` or `` `x:title` in the namespace `…` ``
fn described(node: Node<'_, '_>) -> String {
    match namespace(node) {
        Some(NAMESPACE) => format!("`{}`", node.tag_name().name()),
        Some(other) => format!("`{}` in the namespace `{other}`", qualified_name(node)),
        None => format!("`{}` without a namespace", qualified_name(node)),
    }
}
