//! Where the walk stands, as a JSON pointer that is only written out when something is wrong there.

use crate::json;

/// A place, linked to the one around it.
#[derive(Clone, Copy)]
pub(super) enum Path<'p> {
    /// A pointer to begin with: empty, or a parameter's name.
    Root(&'p str),
    Key(&'p Path<'p>, &'p str),
    Index(&'p Path<'p>, usize),
}

impl Path<'_> {
    pub(super) fn key<'p>(&'p self, key: &'p str) -> Path<'p> {
        Path::Key(self, key)
    }

    pub(super) fn index(&self, index: usize) -> Path<'_> {
        Path::Index(self, index)
    }

    /// RFC 6901.
    pub(super) fn pointer(&self) -> String {
        match self {
            Path::Root(text) => (*text).to_owned(),
            Path::Key(parent, key) => json::pointer(&parent.pointer(), key),
            Path::Index(parent, index) => format!("{}/{index}", parent.pointer()),
        }
    }
}
