//! A course as its parts add up: which AU is part of which blocks, and what of it is satisfied from the beginning.

use super::listing::{au_lms_id, block_lms_id};
use super::structure::{Au, Node as Child, Structure};
use crate::launch::MoveOn;

/// The course and its blocks, and the AUs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outline<'a> {
    /// The course first, then its blocks in document order, each before those inside of it.
    pub nodes: Vec<Node<'a>>,
    /// In document order.
    pub aus: Vec<Leaf<'a>>,
}

/// The course, or a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node<'a> {
    pub lms_id: String,
    pub publisher_id: &'a str,
    /// Index of the node around it; `None` for the course.
    pub parent: Option<usize>,
    /// In document order.
    pub children: Vec<Part>,
    /// Children that are not satisfied from the beginning.
    pub left: usize,
}

/// An AU.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf<'a> {
    pub lms_id: String,
    /// Index of the node around it.
    pub parent: usize,
    pub au: &'a Au,
}

/// What a node is made of, by index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Au(usize),
    Node(usize),
}

impl<'a> Outline<'a> {
    /// `course_lms_id`: the course's id in statements.
    #[must_use]
    pub fn of(structure: &'a Structure, course_lms_id: &str) -> Self {
        let mut outline = Self {
            nodes: Vec::new(),
            aus: Vec::new(),
        };
        let course = outline.open(course_lms_id.to_owned(), &structure.id, None);
        outline.fill(course, &structure.children, course_lms_id);
        outline
    }

    /// Indexes of the nodes around an AU: its block, that block's block …, the course last.
    pub fn around(&self, au: &Leaf<'_>) -> impl Iterator<Item = usize> {
        std::iter::successors(Some(au.parent), |&node| {
            self.nodes.get(node).and_then(|node| node.parent)
        })
    }

    /// Indexes of the nodes that are satisfied as soon as a registration begins: inner ones before those around them.
    #[must_use]
    pub fn satisfied_at_once(&self) -> Vec<usize> {
        let mut satisfied = Vec::new();
        self.collect_satisfied(0, &mut satisfied);
        satisfied
    }

    fn collect_satisfied(&self, index: usize, satisfied: &mut Vec<usize>) {
        let Some(node) = self.nodes.get(index) else {
            return;
        };
        for part in &node.children {
            match part {
                Part::Au(_) => {}
                Part::Node(inner) => self.collect_satisfied(*inner, satisfied),
            }
        }
        if node.left == 0 {
            satisfied.push(index);
        }
    }

    fn open(&mut self, lms_id: String, publisher_id: &'a str, parent: Option<usize>) -> usize {
        self.nodes.push(Node {
            lms_id,
            publisher_id,
            parent,
            children: Vec::new(),
            left: 0,
        });
        self.nodes.len() - 1
    }

    /// Recursion as deep as blocks nest.
    fn fill(&mut self, parent: usize, children: &'a [Child], course_lms_id: &str) {
        for child in children {
            let (part, is_satisfied) = match child {
                Child::Au(au) => {
                    let index = self.aus.len();
                    self.aus.push(Leaf {
                        lms_id: au_lms_id(course_lms_id, index),
                        parent,
                        au,
                    });
                    (Part::Au(index), au.move_on == MoveOn::NotApplicable)
                }
                Child::Block(block) => {
                    // The course is the first node and no block.
                    let lms_id = block_lms_id(course_lms_id, self.nodes.len() - 1);
                    let index = self.open(lms_id, &block.id, Some(parent));
                    self.fill(index, &block.children, course_lms_id);
                    let is_satisfied = self.nodes.get(index).is_some_and(|node| node.left == 0);
                    (Part::Node(index), is_satisfied)
                }
            };
            if let Some(node) = self.nodes.get_mut(parent) {
                node.children.push(part);
                node.left += usize::from(!is_satisfied);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::course::{Limits, parse};

    /// Course > (outer > (inner > 0), 1), (all > 2), 3.
    fn structure() -> Structure {
        let text = r#"<title><langstring>t</langstring></title>
            <description><langstring>d</langstring></description>"#;
        let au = |n: usize, move_on: &str| {
            format!(
                r#"<au id="urn:a:{n}" moveOn="{move_on}">{text}<url>https://x.org/{n}</url></au>"#
            )
        };
        let block =
            |id: &str, inside: String| format!(r#"<block id="urn:b:{id}">{text}{inside}</block>"#);
        let inner = block("inner", au(0, "NotApplicable"));
        let outer = block("outer", inner + &au(1, "Passed"));
        let all = block("all", au(2, "NotApplicable"));
        let xml = format!(
            r#"<courseStructure xmlns="{}"><course id="urn:c">{text}</course>{outer}{all}{}</courseStructure>"#,
            crate::course::NAMESPACE,
            au(3, "Completed"),
        );
        let (structure, _) = parse(xml.as_bytes(), &Limits::default()).expect("it is right");
        structure
    }

    #[test]
    fn parts_add_up() {
        let structure = structure();
        let outline = Outline::of(&structure, "https://lms.org/c");
        let nodes: Vec<(&str, &str, Option<usize>, usize)> = outline
            .nodes
            .iter()
            .map(|node| {
                (
                    node.lms_id.as_str(),
                    node.publisher_id,
                    node.parent,
                    node.left,
                )
            })
            .collect();
        assert_eq!(
            nodes,
            [
                ("https://lms.org/c", "urn:c", None, 2),
                ("https://lms.org/c/block/0", "urn:b:outer", Some(0), 1),
                ("https://lms.org/c/block/1", "urn:b:inner", Some(1), 0),
                ("https://lms.org/c/block/2", "urn:b:all", Some(0), 0),
            ]
        );
        let around: Vec<Vec<usize>> = outline
            .aus
            .iter()
            .map(|au| outline.around(au).collect())
            .collect();
        assert_eq!(around, [vec![2, 1, 0], vec![1, 0], vec![3, 0], vec![0]]);
        assert_eq!(outline.aus[3].lms_id, "https://lms.org/c/au/3");
        assert_eq!(outline.satisfied_at_once(), [2, 3]);
    }
}
