//! The requirements that a course structure or package is refused by: ADL's ids, and Tessera's own with a slash where
//! ADL has none.

/// Ids are absolute IRIs.
pub const ABSOLUTE_IRI: &str = "3.0.0.0-1";
/// The query of an AU's URL has none of the launch parameters.
pub const RESERVED_QUERY: &str = "8.1.0.0-6";
/// A mastery score has at most four decimals (13.1.4), which the schema does not say: with more there is no launch data.
pub const MASTERY_SCORE: &str = "10.2.4.0-1";
/// The id of a block occurs once in the course structure.
pub const BLOCK_ID: &str = "13.1.2.0-1";
/// The id of an objective occurs once in the course structure.
pub const OBJECTIVE_ID: &str = "13.1.3.0-1";
/// An objective that is referred to is defined.
pub const OBJECTIVE_KNOWN: &str = "13.1.3/idref";
/// The id of an AU occurs once in the course structure.
pub const AU_ID: &str = "13.1.4.0-1";
/// The URL of an AU is one that a browser can be sent to.
pub const AU_URL: &str = "13.1.4.0-2";
/// Launch parameters and entitlement keys are plain text: only warned about, for the schema allows markup.
pub const PLAIN_TEXT: &str = "13.1.4/text";
/// Elements of other namespaces come with a schema: only warned about.
pub const EXTENSION_SCHEMA: &str = "13.1.5.0-1";
/// The document is well-formed XML that the schema of course structures accepts.
pub const SCHEMA: &str = "13.2.0.0-1";
/// The document stays within the limits.
pub const LIMIT: &str = "13.2/limit";
/// The archive names each of its files once.
pub const ARCHIVE: &str = "14.1.0.0-1";
/// The archive has `cmi5.xml` at its root, and no name that leads out of it.
pub const PACKAGE_ROOT: &str = "14.1.0.0-2";
/// What is not in the archive is referred to by a fully qualified URL.
pub const PACKAGE_ENTRY: &str = "14.1.0.0-4";
/// Without an archive every URL is fully qualified.
pub const QUALIFIED_URL: &str = "14.2.0.0-1";
