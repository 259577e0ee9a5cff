//! A course structure as data, in document order. All values are trimmed (13.1.0.0-1) and defaults filled in.
//!
//! It is stored as JSON, so a member that is renamed is a change of format.

use serde::{Deserialize, Serialize};

use crate::launch::MoveOn;

/// A whole `cmi5.xml`. `parse` makes it; it nests at most as deep as `DEPTH_MAX` allows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Structure {
    /// Publisher id of the course.
    pub id: String,
    pub title: Text,
    pub description: Text,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub objectives: Option<Objectives>,
    /// At least one.
    pub children: Vec<Node>,
    /// What stands in `course` besides.
    #[serde(skip_serializing_if = "Extension::is_empty", default)]
    pub course_extension: Extension,
    /// What stands in `courseStructure` besides.
    #[serde(skip_serializing_if = "Extension::is_empty", default)]
    pub extension: Extension,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum Node {
    Au(Au),
    Block(Block),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Au {
    /// Publisher id.
    pub id: String,
    pub title: Text,
    pub description: Text,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub objectives: Option<References>,
    /// As authored, white space collapsed: relative to the package, or with a scheme.
    pub url: String,
    pub launch_method: LaunchMethod,
    pub move_on: MoveOn,
    /// A JSON number from 0 to 1 with the digits that were written. None and 0 differ.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub mastery_score: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub activity_type: Option<String>,
    /// Never empty.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub launch_parameters: Option<String>,
    /// Never empty.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub entitlement_key: Option<String>,
    #[serde(skip_serializing_if = "Extension::is_empty", default)]
    pub extension: Extension,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// Publisher id.
    pub id: String,
    pub title: Text,
    pub description: Text,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub objectives: Option<References>,
    /// At least one.
    pub children: Vec<Node>,
    #[serde(skip_serializing_if = "Extension::is_empty", default)]
    pub extension: Extension,
}

/// The objectives that a course defines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Objectives {
    /// At least one.
    pub items: Vec<Objective>,
    #[serde(skip_serializing_if = "Extension::is_empty", default)]
    pub extension: Extension,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Objective {
    pub id: String,
    pub title: Text,
    pub description: Text,
}

/// The objectives that a block or an AU names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct References {
    /// Ids of objectives. Empty when the references name none, which the schema allows.
    pub ids: Vec<String>,
    #[serde(skip_serializing_if = "Extension::is_empty", default)]
    pub extension: Extension,
}

/// A text in several languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// At least one.
    pub strings: Vec<LangString>,
    #[serde(skip_serializing_if = "Extension::is_empty", default)]
    pub extension: Extension,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LangString {
    /// Empty when none was given.
    pub lang: String,
    pub text: String,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub attributes: Vec<ForeignAttribute>,
}

/// What other namespaces added to an element (13.1.5).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Extension {
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub attributes: Vec<ForeignAttribute>,
    /// Each element as it was written, together with the namespace declarations that it needs.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub elements: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForeignAttribute {
    pub prefix: String,
    pub namespace: String,
    pub name: String,
    pub value: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum LaunchMethod {
    #[default]
    AnyWindow,
    OwnWindow,
}

impl Extension {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.attributes.is_empty() && self.elements.is_empty()
    }
}

impl LaunchMethod {
    pub const ALL: [LaunchMethod; 2] = [LaunchMethod::AnyWindow, LaunchMethod::OwnWindow];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            LaunchMethod::AnyWindow => "AnyWindow",
            LaunchMethod::OwnWindow => "OwnWindow",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        LaunchMethod::ALL
            .into_iter()
            .find(|method| method.as_str() == text)
    }
}

impl Structure {
    /// Every AU in document order, with its path: `/courseStructure/block[1]/au[2]`.
    #[must_use]
    pub fn aus(&self) -> Vec<(String, &Au)> {
        let mut found = Vec::new();
        collect(&self.children, "/courseStructure", &mut found);
        found
    }
}

fn collect<'a>(children: &'a [Node], path: &str, found: &mut Vec<(String, &'a Au)>) {
    let (mut aus, mut blocks) = (0, 0);
    for child in children {
        match child {
            Node::Au(au) => {
                aus += 1;
                found.push((format!("{path}/au[{aus}]"), au));
            }
            Node::Block(block) => {
                blocks += 1;
                collect(&block.children, &format!("{path}/block[{blocks}]"), found);
            }
        }
    }
}
