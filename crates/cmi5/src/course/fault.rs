//! What is wrong with a course, and where: a violation with the element's path and its line and column.

use roxmltree::Node;
use serde::Serialize;
use xapi::Violation;

use super::xml::{namespace, own_attribute, qualified_name};
use super::{NAMESPACE, requirement};

/// One fault or warning. The violation's pointer is a path such as `/courseStructure/block[2]/au[1]/@moveOn`, counted
/// from 1 among elements of the same name, or the name of an archive's entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    #[serde(flatten)]
    pub violation: Violation,
    /// Where in the document; absent for what is wrong with the package around it.
    #[serde(flatten)]
    pub position: Option<Position>,
}

/// Lines and columns count from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Position {
    pub line: usize,
    pub column: usize,
}

impl Fault {
    pub(super) fn of_package(violation: Violation) -> Self {
        Self {
            violation,
            position: None,
        }
    }

    /// About the document as a whole, before there are elements.
    pub(super) fn of_document(violation: Violation, text: &str, offset: usize) -> Self {
        let mut found = Found::new(1);
        found.push(offset, || violation);
        let mut faults = found.finish(text);
        faults.swap_remove(0)
    }
}

/// Collects faults by their place in the text.
pub(super) struct Found {
    list: Vec<(usize, Violation)>,
    faults_max: usize,
    /// Faults beyond `faults_max`.
    more: usize,
}

impl Found {
    pub(super) fn new(faults_max: usize) -> Self {
        Self {
            list: Vec::new(),
            faults_max,
            more: 0,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty() && self.more == 0
    }

    /// `make` is not called when there are too many already: paths cost time.
    pub(super) fn push(&mut self, offset: usize, make: impl FnOnce() -> Violation) {
        if self.list.len() < self.faults_max {
            self.list.push((offset, make()));
        } else {
            self.more += 1;
        }
    }

    /// A fault of a whole element.
    pub(super) fn element(
        &mut self,
        node: Node<'_, '_>,
        requirement: &'static str,
        expected: impl Into<String>,
        got: impl Into<String>,
    ) {
        let at = node.range().start;
        self.push(at, || {
            Violation::new(requirement, path(node), expected, got)
        });
    }

    /// A fault of an attribute, which may be absent.
    pub(super) fn attribute(
        &mut self,
        node: Node<'_, '_>,
        name: &str,
        requirement: &'static str,
        expected: impl Into<String>,
        got: impl Into<String>,
    ) {
        let attribute = own_attribute(node, name);
        let at = attribute.map_or(node.range().start, |attribute| attribute.range().start);
        self.push(at, || {
            let pointer = format!("{}/@{name}", path(node));
            Violation::new(requirement, pointer, expected, got)
        });
    }

    /// All faults in document order with their lines and columns.
    pub(super) fn finish(mut self, text: &str) -> Vec<Fault> {
        self.list.sort_by_key(|(offset, _)| *offset);
        let mut place = Place::start();
        let mut faults: Vec<Fault> = self
            .list
            .into_iter()
            .map(|(offset, violation)| Fault {
                violation,
                position: Some(place.move_to(text, offset)),
            })
            .collect();
        if self.more > 0 {
            let expected = format!("at most {} faults", self.faults_max);
            let got = format!("{} more", self.more);
            let violation = Violation::new(requirement::LIMIT, "", expected, got);
            faults.push(Fault::of_package(violation));
        }
        faults
    }
}

/// Counts lines and columns forwards.
struct Place {
    offset: usize,
    position: Position,
}

impl Place {
    fn start() -> Self {
        let position = Position { line: 1, column: 1 };
        Self {
            offset: 0,
            position,
        }
    }

    fn move_to(&mut self, text: &str, offset: usize) -> Position {
        for c in text.get(self.offset..offset).unwrap_or_default().chars() {
            if c == '\n' {
                self.position.line += 1;
                self.position.column = 1;
            } else {
                self.position.column += 1;
            }
        }
        self.offset = offset;
        self.position
    }
}

/// `/courseStructure/block[2]/au[1]`: elements of other namespaces with their prefix.
pub(super) fn path(node: Node<'_, '_>) -> String {
    let mut steps: Vec<String> = node
        .ancestors()
        .filter(Node::is_element)
        .map(step)
        .collect();
    steps.reverse();
    steps.concat()
}

fn step(node: Node<'_, '_>) -> String {
    let name = node.tag_name();
    let is_same = |other: &Node<'_, '_>| other.is_element() && other.tag_name() == name;
    let before = node.prev_siblings().skip(1).filter(is_same).count();
    let repeats = ["au", "block", "objective", "langstring"].contains(&name.name());
    let shown = if namespace(node) == Some(NAMESPACE) {
        name.name()
    } else {
        qualified_name(node)
    };
    if before > 0 || repeats {
        format!("/{shown}[{}]", before + 1)
    } else {
        format!("/{shown}")
    }
}
