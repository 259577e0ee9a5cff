//! How much a package may hold.

/// A file's path is part of a record's key, which has room for no more.
pub const PATH_BYTES_MAX: usize = 512 - 17;

/// Bounds of one package. They hold for the bytes that come out of the archive, whatever its directory says; what the
/// directory says is refused where it is too much already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Files and directories of the archive.
    pub entries_max: usize,
    /// Bytes of all files together.
    pub unpacked_bytes_max: u64,
    /// Bytes of one file.
    pub file_bytes_max: u64,
    /// How many bytes may come out of one byte of the archive, in each file and on average. The first
    /// [`RATIO_FREE_BYTES`] are free.
    pub ratio_max: u64,
    /// Bytes of a path, at most [`PATH_BYTES_MAX`].
    pub path_bytes_max: usize,
    /// Of `cmi5.xml`. Its `faults_max` is also how many findings are told of the package.
    pub xml: cmi5::course::Limits,
}

/// Small files may be as dense as deflate can make them: a blank image harms nobody.
pub const RATIO_FREE_BYTES: u64 = 1024 * 1024;

impl Limits {
    /// Whether so many bytes are too many to have come out of so few.
    pub(super) fn is_dense(&self, unpacked: u64, packed: u64) -> bool {
        unpacked > RATIO_FREE_BYTES && unpacked > packed.saturating_mul(self.ratio_max)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            entries_max: 20_000,
            unpacked_bytes_max: 2 * 1024 * 1024 * 1024,
            file_bytes_max: 1024 * 1024 * 1024,
            ratio_max: 200,
            path_bytes_max: PATH_BYTES_MAX,
            xml: cmi5::course::Limits::default(),
        }
    }
}
