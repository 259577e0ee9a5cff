//! The specification versions that are spoken, and what differs between them, as data.

/// A negotiated xAPI version: what `X-Experience-API-Version` of a request selects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Version {
    V1_0_3,
    V2_0_0,
}

/// What differs between the versions. Everything else is the same for both.
#[derive(Debug)]
pub struct VersionRules {
    /// `contextAgents` and `contextGroups` are known properties of a context.
    pub context_agents_and_groups: bool,
    /// `version` of a statement may be `2.0` or `2.0.x`.
    pub statement_version_2: bool,
    /// What a statement without `version` is given.
    pub statement_version_default: &'static str,
    /// `POST ?method=…` with a form body stands for another request.
    pub alternate_request_syntax: bool,
    /// A PUT of a new profile document needs `If-Match` or `If-None-Match`.
    pub profile_put_needs_precondition: bool,
    /// A PUT of an existing state document without a precondition is a conflict.
    pub state_put_conflicts_without_precondition: bool,
}

const V1_0_3: VersionRules = VersionRules {
    context_agents_and_groups: false,
    statement_version_2: false,
    statement_version_default: "1.0.0",
    alternate_request_syntax: true,
    profile_put_needs_precondition: true,
    state_put_conflicts_without_precondition: false,
};

const V2_0_0: VersionRules = VersionRules {
    context_agents_and_groups: true,
    statement_version_2: true,
    statement_version_default: "2.0.0",
    alternate_request_syntax: false,
    profile_put_needs_precondition: false,
    state_put_conflicts_without_precondition: true,
};

impl Version {
    pub const ALL: [Version; 2] = [Version::V1_0_3, Version::V2_0_0];

    /// Reads the value of `X-Experience-API-Version`: any of `1.0`, `1.0.x`, `2.0`, `2.0.x` with x a number.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (line, patch) = match text.get(..3)? {
            "1.0" => (Version::V1_0_3, &text[3..]),
            "2.0" => (Version::V2_0_0, &text[3..]),
            _ => return None,
        };
        match patch.strip_prefix('.') {
            None if patch.is_empty() => Some(line),
            Some(x) if (1..=9).contains(&x.len()) && x.bytes().all(|b| b.is_ascii_digit()) => {
                Some(line)
            }
            _ => None,
        }
    }

    /// What the answer's `X-Experience-API-Version` says.
    #[must_use]
    pub fn announced(self) -> &'static str {
        match self {
            Version::V1_0_3 => "1.0.3",
            Version::V2_0_0 => "2.0.0",
        }
    }

    #[must_use]
    pub fn rules(self) -> &'static VersionRules {
        match self {
            Version::V1_0_3 => &V1_0_3,
            Version::V2_0_0 => &V2_0_0,
        }
    }
}

impl VersionRules {
    /// Whether a statement's `version` may be this (XAPI-00101).
    #[must_use]
    pub fn allows_statement_version(&self, text: &str) -> bool {
        match Version::parse(text) {
            Some(Version::V1_0_3) => true,
            Some(Version::V2_0_0) => self.statement_version_2,
            None => false,
        }
    }
}
