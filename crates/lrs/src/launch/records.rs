//! What the launch service keeps, as JSON records. Times are microseconds since 1970.

use cmi5::MoveOn;
use cmi5::course::LangString;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A course as it was imported once. Importing the publisher's course again makes another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Course {
    pub id: Uuid,
    /// Also its place in the list of courses.
    pub number: u64,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub launch_tenant: Option<u64>,
    /// The course's id in statements.
    pub lms_id: String,
    /// The course's id in `cmi5.xml`.
    pub publisher_id: String,
    pub title: Vec<LangString>,
    /// Counts the imports of the publisher's course by its owner, from 1.
    pub version: u64,
    pub created_at: i64,
    pub aus: u32,
    /// The course and its blocks.
    pub nodes: u32,
    /// There are files to serve; otherwise all URLs are absolute.
    pub has_files: bool,
    /// Gone for everybody; its parts are being removed.
    #[serde(default)]
    pub deleted: bool,
}

/// What a launch needs of one AU.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CourseAu {
    pub index: u32,
    /// The AU's id in statements.
    pub lms_id: String,
    pub publisher_id: String,
    /// As authored.
    pub url: String,
    /// The file of the package that a relative URL leads to.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub file: Option<String>,
    pub own_window: bool,
    pub move_on: MoveOn,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub mastery_score: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub launch_parameters: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub entitlement_key: Option<String>,
    /// What it is part of: its block, that block's block …, the course last.
    pub path: Vec<Node>,
}

/// A block, or the course.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    /// 0 is the course, the others are its blocks in the order of the document.
    pub index: u32,
    pub lms_id: String,
    pub publisher_id: String,
    /// Children that are not satisfied when a registration begins.
    pub left: u32,
}

/// Blocks, and perhaps the course, that are satisfied as soon as a registration begins: inner ones first.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Beginning {
    pub satisfied: Vec<Node>,
}

/// A learner's registration for a course.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registration {
    pub id: Uuid,
    /// Also its place in the list of registrations.
    pub number: u64,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub launch_tenant: Option<u64>,
    pub course: Uuid,
    /// The learner as given: JSON of an Agent.
    pub actor: String,
    /// The learner's identity (`xapi::statement::Ifi::canonical`).
    pub learner: String,
    pub created_at: i64,
    pub updated_at: i64,
    /// Microseconds since 1970 at which the course became satisfied.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub satisfied_at: Option<i64>,
    /// Gone for everybody; its parts are being removed.
    #[serde(default)]
    pub deleted: bool,
}

/// How many children of a node are not satisfied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Left {
    pub left: u32,
}

/// What only launched sessions have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaunchedSession {
    pub number: u64,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub launch_tenant: Option<u64>,
    pub registration: Uuid,
    pub course: Uuid,
    pub au_index: u32,
    /// What stands for the AU in the registration, as a number.
    pub au_number: u64,
    /// Not secret: clients keep it where others gave them the token's id.
    pub token_id: Uuid,
    /// The template of the launch data, JSON.
    pub context_template: String,
}

/// A file of a package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CourseFile {
    /// Under which its content is stored: hex.
    pub sha2: String,
    pub length: u64,
}
