//! Answers of `/cmi5/v1` that are no reports.

use schemars::JsonSchema;
use serde::Serialize;
use xapi::Violation;

/// For the launch URL of an AU (8.1.1, 8.1.2).
#[derive(Debug, Serialize, JsonSchema)]
pub struct FetchUrl {
    /// Where the AU fetches its token, once.
    pub fetch: String,
    /// Where the AU speaks xAPI.
    pub endpoint: String,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Abandoned {
    /// The id of the `abandoned` statement.
    pub statement: String,
}

/// What a fetch URL answers (8.2).
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Fetch {
    Token {
        /// Base64 of user and password, for HTTP Basic.
        #[serde(rename = "auth-token")]
        auth_token: String,
    },
    Failure {
        /// `1`: it was used, replaced, or the session has ended. `2`: nobody made it. `3`: the server failed.
        #[serde(rename = "error-code")]
        error_code: &'static str,
        #[serde(rename = "error-text")]
        error_text: &'static str,
    },
}

/// The body of every refusal.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Refused {
    /// What is wrong, in one line.
    pub error: String,
    /// Every rule that the request breaks.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub violations: Vec<Broken>,
    /// The id of what is there already.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub existing: Option<u64>,
    /// The id of the request, which the log has too.
    pub request: String,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Broken {
    /// The id of the rule.
    pub requirement: String,
    /// Index of the statement in the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statement: Option<usize>,
    /// JSON pointer into the body, or the name of a parameter or header.
    pub pointer: String,
    pub expected: String,
    pub got: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

impl From<Violation> for Broken {
    fn from(violation: Violation) -> Self {
        Self {
            requirement: violation.requirement.to_owned(),
            statement: violation.statement,
            pointer: violation.pointer,
            expected: violation.expected,
            got: violation.got,
            detail: violation.detail,
        }
    }
}
