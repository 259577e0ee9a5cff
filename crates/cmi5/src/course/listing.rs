//! What an LMS answers about a course: the flat list of AUs and the tree, with the ids that the LMS gives them.
//!
//! The shape is that of ADL's player, which clients read: keys, nulls and absences are part of it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::value::RawValue;

use super::structure::{Au, Block, Node, Objective, References, Structure, Text};

/// `metadata` and `structure` of a course.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Listing<'a> {
    pub metadata: Metadata<'a>,
    pub structure: Tree<'a>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Metadata<'a> {
    pub version: u32,
    /// In document order.
    pub aus: Vec<AuEntry<'a>>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Tree<'a> {
    pub version: &'static str,
    pub course: CourseEntry<'a>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CourseEntry<'a> {
    pub r#type: &'static str,
    pub lms_id: String,
    pub id: &'a str,
    pub title: Vec<Localised<'a>>,
    pub description: Vec<Localised<'a>>,
    /// By their ids, in document order; null when the course defines none.
    #[schemars(with = "Option<BTreeMap<String, ObjectiveEntry<'a>>>")]
    pub objectives: Option<ObjectiveEntries<'a>>,
    pub children: Vec<Entry<'a>>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Entry<'a> {
    Au(AuEntry<'a>),
    Block(BlockEntry<'a>),
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuEntry<'a> {
    pub r#type: &'static str,
    pub id: &'a str,
    pub lms_id: String,
    pub au_index: usize,
    pub objectives: Option<&'a [String]>,
    /// The blocks around it, the outermost first.
    pub parents: Vec<Parent<'a>>,
    pub title: Vec<Localised<'a>>,
    pub description: Vec<Localised<'a>>,
    pub url: &'a str,
    pub launch_method: &'static str,
    pub move_on: &'static str,
    /// The number with its own digits.
    #[schemars(with = "Option<f64>")]
    pub mastery_score: Option<Box<RawValue>>,
    pub activity_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub launch_parameters: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entitlement_key: Option<&'a str>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BlockEntry<'a> {
    pub r#type: &'static str,
    pub id: &'a str,
    pub lms_id: String,
    pub title: Vec<Localised<'a>>,
    pub description: Vec<Localised<'a>>,
    pub objectives: Option<&'a [String]>,
    pub children: Vec<Entry<'a>>,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Parent<'a> {
    pub id: &'a str,
    pub title: Vec<Localised<'a>>,
}

#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
pub struct Localised<'a> {
    /// Empty when none was given.
    pub lang: &'a str,
    pub text: &'a str,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct ObjectiveEntry<'a> {
    pub title: Vec<Localised<'a>>,
    pub description: Vec<Localised<'a>>,
}

#[derive(Debug)]
pub struct ObjectiveEntries<'a>(&'a [Objective]);

/// The activity id of an AU: `n` counts AUs from 0 in document order.
#[must_use]
pub fn au_lms_id(course_lms_id: &str, n: usize) -> String {
    format!("{course_lms_id}/au/{n}")
}

/// The activity id of a block: `m` counts blocks from 0, each before those inside of it.
#[must_use]
pub fn block_lms_id(course_lms_id: &str, m: usize) -> String {
    format!("{course_lms_id}/block/{m}")
}

/// Lists a course under the id that the LMS gave it.
#[must_use]
pub fn listing<'a>(structure: &'a Structure, course_lms_id: &str) -> Listing<'a> {
    let mut lister = Lister {
        course_lms_id,
        aus: Vec::new(),
        blocks: 0,
    };
    let children = lister.children(&structure.children, &[]);
    let objectives = structure.objectives.as_ref();
    let course = CourseEntry {
        r#type: "course",
        lms_id: course_lms_id.to_owned(),
        id: &structure.id,
        title: localised(&structure.title),
        description: localised(&structure.description),
        objectives: objectives.map(|objectives| ObjectiveEntries(&objectives.items)),
        children,
    };
    Listing {
        metadata: Metadata {
            version: 1,
            aus: lister.aus,
        },
        structure: Tree {
            version: "1.0.0",
            course,
        },
    }
}

struct Lister<'a, 'c> {
    course_lms_id: &'c str,
    aus: Vec<AuEntry<'a>>,
    /// How many blocks were met.
    blocks: usize,
}

impl<'a> Lister<'a, '_> {
    /// Recursion as deep as blocks nest.
    fn children(&mut self, nodes: &'a [Node], parents: &[Parent<'a>]) -> Vec<Entry<'a>> {
        let entry = |node: &'a Node| match node {
            Node::Au(au) => Entry::Au(self.au(au, parents)),
            Node::Block(block) => Entry::Block(self.block(block, parents)),
        };
        nodes.iter().map(entry).collect()
    }

    fn au(&mut self, au: &'a Au, parents: &[Parent<'a>]) -> AuEntry<'a> {
        let au_index = self.aus.len();
        let score = au.mastery_score.clone();
        let entry = AuEntry {
            r#type: "au",
            id: &au.id,
            lms_id: au_lms_id(self.course_lms_id, au_index),
            au_index,
            objectives: references(au.objectives.as_ref()),
            parents: parents.to_vec(),
            title: localised(&au.title),
            description: localised(&au.description),
            url: &au.url,
            launch_method: au.launch_method.as_str(),
            move_on: au.move_on.as_str(),
            mastery_score: score.and_then(|score| RawValue::from_string(score).ok()),
            activity_type: au.activity_type.as_deref(),
            launch_parameters: au.launch_parameters.as_deref(),
            entitlement_key: au.entitlement_key.as_deref(),
        };
        self.aus.push(entry.clone());
        entry
    }

    fn block(&mut self, block: &'a Block, parents: &[Parent<'a>]) -> BlockEntry<'a> {
        let lms_id = block_lms_id(self.course_lms_id, self.blocks);
        self.blocks += 1;
        let mut around = parents.to_vec();
        around.push(Parent {
            id: &block.id,
            title: localised(&block.title),
        });
        BlockEntry {
            r#type: "block",
            id: &block.id,
            lms_id,
            title: localised(&block.title),
            description: localised(&block.description),
            objectives: references(block.objectives.as_ref()),
            children: self.children(&block.children, &around),
        }
    }
}

fn localised(text: &Text) -> Vec<Localised<'_>> {
    text.strings
        .iter()
        .map(|string| Localised {
            lang: &string.lang,
            text: &string.text,
        })
        .collect()
}

/// Null when there are none.
fn references(references: Option<&References>) -> Option<&[String]> {
    let ids = references?.ids.as_slice();
    (!ids.is_empty()).then_some(ids)
}

impl Serialize for ObjectiveEntries<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for objective in self.0 {
            let value = ObjectiveEntry {
                title: localised(&objective.title),
                description: localised(&objective.description),
            };
            map.serialize_entry(&objective.id, &value)?;
        }
        map.end()
    }
}
