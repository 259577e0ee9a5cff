//! Courses of nested blocks: as they are sent, and as the server names their parts.

use cmi5::MoveOn;
use serde_json::Value;

/// What an AU asks for a passing score.
const MASTERY: &str = "0.8";

/// A course with the ids that the server gave it.
#[derive(Debug, Clone)]
pub(in crate::crash) struct Course {
    /// The token of its launch tenant.
    pub bearer: String,
    pub number: u64,
    /// What the import was answered with.
    pub answer: Value,
    /// The course itself, then its blocks, each before those inside of it.
    pub nodes: Vec<Node>,
    /// In document order.
    pub aus: Vec<Au>,
}

#[derive(Debug, Clone)]
pub(in crate::crash) struct Node {
    pub id: String,
    pub children: Vec<Child>,
}

#[derive(Debug, Clone)]
pub(in crate::crash) struct Au {
    pub id: String,
    pub move_on: MoveOn,
}

/// By index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::crash) enum Child {
    Node(usize),
    Au(usize),
}

/// What is sent.
pub(in crate::crash) enum Part {
    Au(MoveOn),
    Block(&'static [Part]),
}

use MoveOn::{Completed, CompletedAndPassed, CompletedOrPassed, NotApplicable, Passed};

pub(in crate::crash) const COURSES: [&[Part]; 3] = [
    // Blocks in a block, with every moveOn.
    &[
        Part::Block(&[
            Part::Block(&[Part::Au(Completed), Part::Au(CompletedAndPassed)]),
            Part::Au(Passed),
        ]),
        Part::Au(NotApplicable),
        Part::Au(CompletedOrPassed),
    ],
    // One block needs nothing, another is satisfied with the one inside of it.
    &[
        Part::Block(&[Part::Block(&[Part::Au(NotApplicable)])]),
        Part::Block(&[Part::Block(&[Part::Au(Completed), Part::Au(Completed)])]),
        Part::Au(Passed),
    ],
    // The last statement satisfies three blocks and the course.
    &[Part::Block(&[Part::Block(&[Part::Block(&[
        Part::Au(CompletedOrPassed),
        Part::Au(Completed),
    ])])])],
];

/// The course structure.
pub(in crate::crash) fn xml(parts: &[Part]) -> String {
    let mut body = String::new();
    let mut number = 0;
    write(parts, &mut number, &mut body);
    let text = text("Course");
    format!(
        r#"<courseStructure xmlns="https://w3id.org/xapi/profiles/cmi5/v1/CourseStructure.xsd">
<course id="https://publisher.example.com/crash">{text}</course>{body}</courseStructure>"#
    )
}

/// Recursion as deep as blocks nest.
fn write(parts: &[Part], number: &mut usize, body: &mut String) {
    for part in parts {
        *number += 1;
        let id = format!("https://publisher.example.com/crash/{number}");
        match part {
            Part::Block(inside) => {
                body.push_str(&format!(r#"<block id="{id}">{}"#, text("Block")));
                write(inside, number, body);
                body.push_str("</block>");
            }
            Part::Au(move_on) => body.push_str(&format!(
                r#"<au id="{id}" moveOn="{}" masteryScore="{MASTERY}">{}
<url>https://content.example.com/{number}</url></au>"#,
                move_on.as_str(),
                text("AU"),
            )),
        }
    }
}

fn text(title: &str) -> String {
    format!(
        r#"<title><langstring lang="en">{title}</langstring></title>
<description><langstring lang="en">{title}</langstring></description>"#
    )
}

impl Course {
    /// From the import's answer; `None` if it is not the course that was sent.
    pub(in crate::crash) fn read(parts: &[Part], bearer: &str, answer: Value) -> Option<Course> {
        let mut course = Course {
            bearer: bearer.to_owned(),
            number: answer["id"].as_u64()?,
            answer: Value::Null,
            nodes: Vec::new(),
            aus: Vec::new(),
        };
        course.node(parts, &answer["structure"]["course"])?;
        course.answer = answer;
        Some(course)
    }

    /// Answers its index. Recursion as deep as blocks nest.
    fn node(&mut self, parts: &[Part], entry: &Value) -> Option<usize> {
        let index = self.nodes.len();
        self.nodes.push(Node {
            id: entry["lmsId"].as_str()?.to_owned(),
            children: Vec::new(),
        });
        let entries = entry["children"].as_array()?;
        if entries.len() != parts.len() {
            return None;
        }
        for (part, entry) in parts.iter().zip(entries) {
            let child = match part {
                Part::Block(inside) => Child::Node(self.node(inside, entry)?),
                Part::Au(move_on) => {
                    self.aus.push(Au {
                        id: entry["lmsId"].as_str()?.to_owned(),
                        move_on: *move_on,
                    });
                    Child::Au(self.aus.len() - 1)
                }
            };
            self.nodes[index].children.push(child);
        }
        Some(index)
    }

    pub(in crate::crash) fn au(&self, id: &str) -> Option<usize> {
        self.aus.iter().position(|au| au.id == id)
    }
}
