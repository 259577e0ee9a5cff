//! POST to a document: two JSON objects become one, member by member at the top level (Communication 2.2).

use std::borrow::Cow;
use std::collections::HashMap;

use storage::{Document, DocumentFolder};
use xapi::Violation;
use xapi::json::Node;

use super::Sent;
use crate::{Error, requirement};

/// The sent members over the stored ones; numbers and order stay as they were written.
///
/// # Errors
/// One of the two is not `application/json`, no JSON, or no object.
pub(super) fn merge(
    stored: &Document,
    sent: &Sent,
    folder: &DocumentFolder,
) -> Result<Sent, Error> {
    for (content_type, what) in [
        (&stored.content_type, "the stored document"),
        (&sent.content_type, "the document that is posted"),
    ] {
        if !is_json(content_type) {
            return Err(unmergeable(folder, Fault::Type, what, content_type));
        }
    }
    let before = object_text(&stored.content, folder, "the stored document")?;
    let after = object_text(&sent.content, folder, "the document that is posted")?;
    let (Node::Object(mut members), Node::Object(news)) = (before, after) else {
        let what = "one of the two documents";
        return Err(unmergeable(
            folder,
            Fault::Object,
            what,
            "another JSON value",
        ));
    };
    // By name, because both sides may have very many members.
    let mut places: HashMap<Cow<'_, str>, usize> = members
        .iter()
        .enumerate()
        .map(|(place, (name, _))| (name.clone(), place))
        .collect();
    for (name, value) in news {
        match places.get(&name).and_then(|&place| members.get_mut(place)) {
            Some((_, old)) => *old = value,
            None => {
                places.insert(name.clone(), members.len());
                members.push((name, value));
            }
        }
    }
    let mut content = String::with_capacity(stored.content.len() + sent.content.len());
    Node::Object(members).write(&mut content);
    Ok(Sent {
        content_type: stored.content_type.clone(),
        content: content.into_bytes(),
    })
}

/// Nesting that a merge reads; deeper documents can be PUT, not merged.
const MERGE_DEPTH_MAX: usize = 64;

pub(super) fn object_text<'a>(
    content: &'a [u8],
    folder: &DocumentFolder,
    what: &str,
) -> Result<Node<'a>, Error> {
    let text = std::str::from_utf8(content)
        .map_err(|_| unmergeable(folder, Fault::Json, what, "bytes that are no UTF-8"))?;
    Node::parse(text, MERGE_DEPTH_MAX)
        .map_err(|error| unmergeable(folder, Fault::Json, what, &error.to_string()))
}

/// Why a document cannot be merged.
#[derive(Clone, Copy)]
enum Fault {
    /// It is not application/json.
    Type,
    /// It says so, and is no JSON.
    Json,
    /// It is JSON, but no object.
    Object,
}

fn unmergeable(folder: &DocumentFolder, fault: Fault, what: &str, got: &str) -> Error {
    let [of_type, of_json, of_object] = match folder {
        DocumentFolder::State { .. } => [
            requirement::STATE_MERGE_TYPE,
            requirement::STATE_JSON,
            requirement::STATE_MERGE_OBJECT,
        ],
        DocumentFolder::ActivityProfile { .. } => [
            requirement::ACTIVITY_PROFILE_MERGE_TYPE,
            requirement::ACTIVITY_PROFILE_JSON,
            requirement::ACTIVITY_PROFILE_MERGE_OBJECT,
        ],
        DocumentFolder::AgentProfile { .. } => [
            requirement::AGENT_PROFILE_MERGE_TYPE,
            requirement::AGENT_PROFILE_JSON,
            requirement::AGENT_PROFILE_MERGE_OBJECT,
        ],
    };
    let requirement = match fault {
        Fault::Type => of_type,
        Fault::Json => of_json,
        Fault::Object => of_object,
    };
    Violation::new(
        requirement,
        "",
        format!("{what} is a JSON object of type application/json"),
        got,
    )
    .into()
}

pub(super) fn is_json(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("application/json")
}
