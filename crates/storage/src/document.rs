//! State, Activity Profile and Agent Profile documents: one generic resource with three kinds of folder.

use uuid::Uuid;

/// Where a document lies. Agents are canonical identifiers (`xapi::statement::Ifi::canonical`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DocumentFolder {
    /// Without a registration it is a folder of its own, not the sum of all registrations.
    State {
        activity: String,
        agent: String,
        registration: Option<Uuid>,
    },
    ActivityProfile {
        activity: String,
    },
    AgentProfile {
        agent: String,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DocumentKey {
    pub folder: DocumentFolder,
    /// stateId or profileId.
    pub id: String,
}

/// SHA-1 of the content, as xAPI 1.0.3 (Communication 3.1) asks.
pub type Etag = [u8; 20];

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    pub content_type: String,
    pub content: Vec<u8>,
    pub etag: Etag,
    /// Microseconds since 1970; set by the commit.
    pub updated: u64,
}
