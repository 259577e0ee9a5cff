//! Requirement ids that the operations and their requests cite; those of a statement's form are in
//! `xapi::requirement`. ADL's ids where there is one, else Tessera's own.

/// Data 2.3.2: a voiding statement is not to be voided.
pub const VOIDING_NOT_VOIDED: &str = "XAPI-00016";
/// Communication 2.1.1: a stored statement is never changed by another one with its id.
pub const STATEMENT_ID_CONFLICT: &str = "XAPI-00142";
/// Communication 2.1.1: the id in a PUT's body is that of its parameter.
pub const PUT_ID_MISMATCH: &str = "xapi/put-id";
/// Communication 2.1.3: a `more` link belongs to its query.
pub const MORE_TOKEN: &str = "xapi/more";
/// Communication 4.2: what a credential's scopes permit.
pub const SCOPE: &str = "xapi/scope";
/// Communication 3.1: a PUT of a profile says whether it knows the stored document.
pub const DOCUMENT_PUT_PRECONDITION: &str = "XAPI-00322";
/// Communication 2.3: a merge is of two documents of type application/json.
pub const STATE_MERGE_TYPE: &str = "XAPI-00232";
/// Communication 2.3: a merge is of two JSON objects.
pub const STATE_MERGE_OBJECT: &str = "XAPI-00229";
/// Communication 2.3: what says that it is JSON is JSON.
pub const STATE_JSON: &str = "XAPI-00235";
/// Communication 2.7: a merge is of two documents of type application/json.
pub const ACTIVITY_PROFILE_MERGE_TYPE: &str = "XAPI-00309";
/// Communication 2.7: a merge is of two JSON objects.
pub const ACTIVITY_PROFILE_MERGE_OBJECT: &str = "XAPI-00313";
/// Communication 2.7: what says that it is JSON is JSON.
pub const ACTIVITY_PROFILE_JSON: &str = "XAPI-00314";
/// Communication 2.6: a merge is of two documents of type application/json.
pub const AGENT_PROFILE_MERGE_TYPE: &str = "XAPI-00278";
/// Communication 2.6: a merge is of two JSON objects.
pub const AGENT_PROFILE_MERGE_OBJECT: &str = "XAPI-00281";
/// Communication 2.6: what says that it is JSON is JSON.
pub const AGENT_PROFILE_JSON: &str = "XAPI-00284";
/// Communication 1.3: how a form stands for another request.
pub const ALTERNATE_SYNTAX: &str = "XAPI-00336";
/// Communication 1.5.1: statements are JSON or multipart/mixed.
pub const STATEMENTS_CONTENT_TYPE: &str = "XAPI-00127";
/// Communication 1.5.2: the form of a multipart body.
pub const MULTIPART: &str = "XAPI-00130";
/// Communication 1.5.2: a part's hash is that of its content.
pub const PART_HASH: &str = "xapi/part-hash";
/// Communication 3.3: every request names its version.
pub const VERSION_HEADER: &str = "XAPI-00331";
/// Data 2.2: a parameter's value is of its type, in UTF-8.
pub const PARAMETER_ENCODING: &str = "XAPI-00012";
/// Data 2.2: a body of JSON is UTF-8.
pub const BODY_ENCODING: &str = "xapi/utf-8";
/// Data 2.6: a signature is small enough to be checked.
pub const SIGNATURE_SIZE: &str = "xapi/signature-size";
/// Tessera: what a tenant's policies may say.
pub const POLICIES: &str = "xapi/policies";
/// Tessera: the form of what `POST /cmi5/v1/check` takes.
pub const CHECK: &str = "xapi/check";
/// Course structures come as XML or in a zip.
pub const PACKAGE_TYPE: &str = "14.0.0.0-1";
/// Tessera: a package stays within the limits.
pub const PACKAGE_LIMIT: &str = "14.1/limit";
/// Tessera: the form of what the launch service takes.
pub const LAUNCH: &str = "xapi/launch";
