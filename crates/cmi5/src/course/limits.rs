//! How much a course structure may hold.

/// Elements nest at most this deep. So a structure can be stored as JSON and walked by recursion: 46 blocks in each
/// other are 97 levels of JSON, and serde_json reads 127.
pub const DEPTH_MAX: usize = 50;

/// Bounds of one document. What goes beyond is refused as `requirement::LIMIT`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the document as sent.
    pub bytes_max: usize,
    /// Elements, those of other namespaces among them.
    pub elements_max: usize,
    pub aus_max: usize,
    /// Attributes of one element, namespace declarations among them.
    pub attributes_max: usize,
    /// Bytes of one attribute's value or one element's text.
    pub text_bytes_max: usize,
    /// Faults that are told; a last one says how many more there are.
    pub faults_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes_max: 16 * 1024 * 1024,
            elements_max: 400_000,
            aus_max: 10_000,
            attributes_max: 100,
            text_bytes_max: 64 * 1024,
            faults_max: 200,
        }
    }
}
