//! A stored statement as text: what is kept when it comes in, and the three formats in which it goes out
//! (xAPI 1.0.3 Communication 2.1.3). `exact` is a splice of the kept text; `ids` and `canonical` walk a tree.

mod canonical;
mod ids;
mod languages;
mod normalise;
mod span;

#[cfg(test)]
mod tests;

use uuid::Uuid;

use crate::json;
use crate::{Statement, Version};

pub use canonical::canonical;
pub use ids::ids;
pub use languages::Languages;
pub use normalise::normalise;

/// The `format` parameter of a statement query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Format {
    /// Agents, groups, verbs and activities reduced to what identifies them.
    Ids,
    /// As it was received.
    #[default]
    Exact,
    /// One language for each map, definitions as the LRS knows them.
    Canonical,
}

impl Format {
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "ids" => Some(Format::Ids),
            "exact" => Some(Format::Exact),
            "canonical" => Some(Format::Canonical),
            _ => None,
        }
    }

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Format::Ids => "ids",
            Format::Exact => "exact",
            Format::Canonical => "canonical",
        }
    }
}

/// One statement as the store keeps it.
#[derive(Debug, Clone, Copy)]
pub struct Stored<'a> {
    pub id: Uuid,
    /// The JSON object that [`normalise`] gave, from `{` to `}`; it has at least one member.
    pub text: &'a str,
    /// An RFC 3339 timestamp.
    pub stored: &'a str,
    /// A JSON object.
    pub authority: &'a str,
    pub additions: Additions,
}

/// Which properties the LRS puts in because the client did not send them. `stored` and `authority` are always
/// the LRS's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Additions {
    pub id: bool,
    /// `timestamp` is then the same as `stored` (Data 2.4.7).
    pub timestamp: bool,
    pub version: Option<&'static str>,
}

impl Additions {
    /// What a statement lacks that came in under this version of the specification.
    #[must_use]
    pub fn of(statement: &Statement<'_>, version: Version) -> Self {
        Self {
            id: statement.id.is_none(),
            timestamp: statement.timestamp.is_none(),
            version: match &statement.version {
                Some(_) => None,
                None => Some(version.rules().statement_version_default),
            },
        }
    }
}

/// Appends the statement as it was received, with what the LRS adds.
pub fn exact(stored: &Stored<'_>, out: &mut String) {
    let members = stored
        .text
        .strip_prefix('{')
        .and_then(|text| text.strip_suffix('}'))
        .unwrap_or_default();
    // What is added beside the three texts is shorter than this.
    out.reserve(members.len() + stored.stored.len() * 2 + stored.authority.len() + 128);
    out.push('{');
    if stored.additions.id {
        let mut buffer = Uuid::encode_buffer();
        out.push_str("\"id\":\"");
        out.push_str(stored.id.hyphenated().encode_lower(&mut buffer));
        out.push_str("\",");
    }
    out.push_str(members);
    if stored.additions.timestamp {
        out.push_str(",\"timestamp\":\"");
        out.push_str(stored.stored);
        out.push('"');
    }
    out.push_str(",\"stored\":\"");
    out.push_str(stored.stored);
    out.push_str("\",\"authority\":");
    out.push_str(stored.authority);
    if let Some(version) = stored.additions.version {
        out.push_str(",\"version\":\"");
        out.push_str(version);
        out.push('"');
    }
    out.push('}');
}

/// Appends the statement in the format asked for. `definitions` gives the merged definition (JSON) of an activity
/// id, when the LRS knows one; it and `languages` matter to `canonical` alone.
///
/// # Errors
/// When the stored text is no JSON, which means that the store is damaged.
pub fn render(
    format: Format,
    stored: &Stored<'_>,
    languages: &Languages,
    definitions: &dyn Fn(&str) -> Option<String>,
    out: &mut String,
) -> Result<(), json::Error> {
    match format {
        Format::Exact => {
            exact(stored, out);
            Ok(())
        }
        Format::Ids => ids(stored, out),
        Format::Canonical => canonical(stored, languages, definitions, out),
    }
}

/// Writes a StatementResult (Data 2.5): `{"statements":[…],"more":"…"}`.
#[derive(Debug)]
pub struct StatementResult {
    out: String,
    count: usize,
}

impl StatementResult {
    #[must_use]
    pub fn with_capacity(bytes: usize) -> Self {
        let mut out = String::with_capacity(bytes);
        out.push_str("{\"statements\":[");
        Self { out, count: 0 }
    }

    /// Where to append the next statement. Exactly one must be appended after each call.
    pub fn place(&mut self) -> &mut String {
        if self.count > 0 {
            self.out.push(',');
        }
        self.count += 1;
        &mut self.out
    }

    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    /// `more` is the relative IRL of the next page; without one an empty string says that there is none.
    #[must_use]
    pub fn finish(mut self, more: Option<&str>) -> String {
        self.out.push_str("],\"more\":");
        json::write_string(more.unwrap_or_default(), &mut self.out);
        self.out.push('}');
        self.out
    }
}
