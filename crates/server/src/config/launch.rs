//! The keys of `[launch]`.

use std::path::PathBuf;

use lrs::launch::package;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Restricts nothing that contents use, and says that this is meant.
const SECURITY_POLICY: &str = "default-src * data: blob: 'unsafe-inline' 'unsafe-eval'";

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Launch {
    /// Seconds for which a launch tenant's token counts; 0: until it is revoked or its tenant deleted, as clients that
    /// keep it in their settings need. A request for a token can ask for less.
    pub token_lifetime_seconds: u32,
    /// Scheme, host and path by which clients reach the files of courses, without a slash at the end:
    /// `https://content.example.com/files`. Another host than the API's keeps contents and API apart in the browser.
    /// Files are served below this path and below `/content`. When it is not set, it is `/content` below
    /// `http.public_url`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_url: Option<String>,
    /// `Content-Security-Policy` of the files of courses; empty: none. The default restricts neither scripts nor
    /// framing, because contents need both.
    pub content_security_policy: String,
    /// Seconds for which a browser may use a file again without asking. Files of a course never change.
    pub content_cache_seconds: u64,
    /// Directory of packages that are being received, as unnamed files: large enough, and a disk rather than memory.
    /// When it is not set, `storage.path`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spool_path: Option<PathBuf>,
    /// Packages that are received or exported at one time; for one more the answer is 503. Each takes its size of
    /// `spool_path`.
    pub packages_at_once_max: usize,
    /// Bytes of a course package. More is answered 413 with this number.
    pub package_bytes_max: u64,
    /// Files and directories of a package.
    pub package_entries_max: usize,
    /// Bytes of all files of a package together.
    pub package_unpacked_bytes_max: u64,
    /// Bytes of one file of a package.
    pub package_file_bytes_max: u64,
    /// How many bytes may come out of one byte of a package, in each file and on average; the first MiB is free.
    pub package_ratio_max: u64,
    /// Bytes of a file's path in a package; at most 495.
    pub package_path_bytes_max: usize,
    /// Bytes of a course structure, `cmi5.xml`.
    pub structure_bytes_max: usize,
    /// Elements of `cmi5.xml`.
    pub structure_elements_max: usize,
    /// AUs of one course structure.
    pub structure_aus_max: usize,
    /// Attributes of one element of `cmi5.xml`.
    pub structure_attributes_max: usize,
    /// Bytes of one text or attribute of `cmi5.xml`.
    pub structure_text_bytes_max: usize,
    /// Findings that are told about a package that is refused; of more, only how many there are.
    pub findings_max: usize,
}

impl Launch {
    /// What the reader of packages is told.
    #[must_use]
    pub fn package_limits(&self) -> package::Limits {
        package::Limits {
            entries_max: self.package_entries_max,
            unpacked_bytes_max: self.package_unpacked_bytes_max,
            file_bytes_max: self.package_file_bytes_max,
            ratio_max: self.package_ratio_max,
            path_bytes_max: self.package_path_bytes_max,
            xml: cmi5::course::Limits {
                bytes_max: self.structure_bytes_max,
                elements_max: self.structure_elements_max,
                aus_max: self.structure_aus_max,
                attributes_max: self.structure_attributes_max,
                text_bytes_max: self.structure_text_bytes_max,
                faults_max: self.findings_max,
            },
        }
    }
}

impl Default for Launch {
    fn default() -> Self {
        let package = package::Limits::default();
        Self {
            token_lifetime_seconds: 0,
            content_url: None,
            content_security_policy: SECURITY_POLICY.to_owned(),
            content_cache_seconds: 3_600,
            spool_path: None,
            packages_at_once_max: 8,
            package_bytes_max: 512 * super::MIB as u64,
            package_entries_max: package.entries_max,
            package_unpacked_bytes_max: package.unpacked_bytes_max,
            package_file_bytes_max: package.file_bytes_max,
            package_ratio_max: package.ratio_max,
            package_path_bytes_max: package.path_bytes_max,
            structure_bytes_max: package.xml.bytes_max,
            structure_elements_max: package.xml.elements_max,
            structure_aus_max: package.xml.aus_max,
            structure_attributes_max: package.xml.attributes_max,
            structure_text_bytes_max: package.xml.text_bytes_max,
            findings_max: package.xml.faults_max,
        }
    }
}
