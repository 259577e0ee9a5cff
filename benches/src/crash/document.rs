//! Documents that one client writes again and again. What the n-th write leaves is known from n alone.

use serde_json::{Map, Value};

use super::{ACTIVITY, AGENT};

#[derive(Debug, Clone)]
pub(super) struct Document {
    pub id: String,
    pub resource: Resource,
    pub kind: DocumentKind,
    /// Writes that were acknowledged, and that were sent: at most one more.
    pub acknowledged: u64,
    pub sent: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Resource {
    State,
    ActivityProfile,
    AgentProfile,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DocumentKind {
    /// The n-th write replaces the content with `{"n": n, "pad": …}`, or deletes it.
    Put,
    /// The n-th write adds the member `"k<n>": n` by a merging POST, or deletes it all.
    Merge,
}

/// What the n-th write is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DocumentWrite {
    /// Whatever is there.
    Put,
    /// With If-Match, or If-None-Match when nothing is there.
    PutIfUnchanged,
    Merge,
    Delete,
}

/// One write of so many is a DELETE.
const PUTS_EACH_DELETE: u64 = 6;
const MERGES_EACH_DELETE: u64 = 25;

impl Resource {
    pub(super) const ALL: [Resource; 3] = [
        Resource::State,
        Resource::ActivityProfile,
        Resource::AgentProfile,
    ];

    pub(super) fn path(self) -> &'static str {
        match self {
            Resource::State => "/activities/state",
            Resource::ActivityProfile => "/activities/profile",
            Resource::AgentProfile => "/agents/profile",
        }
    }
}

impl Document {
    pub(super) fn query(&self) -> Vec<(&str, &str)> {
        let id = self.id.as_str();
        match self.resource {
            Resource::State => vec![("activityId", ACTIVITY), ("agent", AGENT), ("stateId", id)],
            Resource::ActivityProfile => vec![("activityId", ACTIVITY), ("profileId", id)],
            Resource::AgentProfile => vec![("agent", AGENT), ("profileId", id)],
        }
    }

    /// The n-th write, n from 1.
    pub(super) fn write(&self, n: u64) -> DocumentWrite {
        match (self.kind, self.resource) {
            (DocumentKind::Put, _) if n.is_multiple_of(PUTS_EACH_DELETE) => DocumentWrite::Delete,
            (DocumentKind::Merge, _) if n.is_multiple_of(MERGES_EACH_DELETE) => {
                DocumentWrite::Delete
            }
            (DocumentKind::Put, Resource::State) if !n.is_multiple_of(4) => DocumentWrite::Put,
            // A profile is never overwritten unseen in xAPI 1.0.3.
            (DocumentKind::Put, _) => DocumentWrite::PutIfUnchanged,
            (DocumentKind::Merge, _) => DocumentWrite::Merge,
        }
    }

    /// What is sent with the n-th write.
    pub(super) fn body(&self, n: u64) -> Value {
        match self.kind {
            DocumentKind::Put => {
                serde_json::json!({ "n": n, "pad": "p".repeat((n * 37 % 2_000) as usize) })
            }
            DocumentKind::Merge => serde_json::json!({ format!("k{n}"): n }),
        }
    }

    /// What is there after n writes.
    pub(super) fn content(&self, n: u64) -> Option<Value> {
        match self.kind {
            DocumentKind::Put => (!n.is_multiple_of(PUTS_EACH_DELETE)).then(|| self.body(n)),
            DocumentKind::Merge => {
                let first = n / MERGES_EACH_DELETE * MERGES_EACH_DELETE + 1;
                let members: Map<String, Value> = (first..=n)
                    .map(|k| (format!("k{k}"), Value::from(k)))
                    .collect();
                (!members.is_empty()).then_some(Value::Object(members))
            }
        }
    }

    /// After how many writes this is the content, the likely ones first; `None` if it never was.
    pub(super) fn writes_in(&self, content: Option<&Value>) -> Option<u64> {
        let is_after = |n: &u64| self.content(*n).as_ref() == content;
        [self.acknowledged, self.sent]
            .into_iter()
            .chain((0..self.acknowledged).rev())
            .find(is_after)
    }
}
