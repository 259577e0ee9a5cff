//! A statement as it goes into the store and as it comes out.

mod codec;
mod dictionary;
mod own_terms;

use bytes::Bytes;
use uuid::Uuid;

use crate::{Chain, Seq, Term};

pub use dictionary::Dictionaries;
pub(crate) use dictionary::{LEVEL, SHIPPED};
pub(crate) use own_terms::own_terms;
pub use own_terms::parsed;

/// A statement ready to be committed. Everything dear (compression, terms) was done by the caller, so that the
/// commit thread only fills in the place.
#[derive(Debug, Clone)]
pub struct NewStatement {
    pub id: Uuid,
    /// [`Dictionaries::encode`]'s bytes.
    pub record: Bytes,
    /// Index terms of the statement (chain depth 0) and of the statements it refers to (depths 1, 2 …), each term
    /// once, sorted.
    pub terms: Vec<(Term, Chain)>,
    /// The statement that its StatementRef object names.
    pub reference: Option<Uuid>,
    /// Its verb is `voided`: nothing may void it.
    pub voiding: bool,
    /// Set when a voiding statement was there first: it goes into no list.
    pub voided_by: Option<Uuid>,
}

/// [`Content`] that is not stored yet.
#[derive(Debug, Clone, Copy)]
pub struct ContentRef<'a> {
    pub id: Uuid,
    pub text: &'a str,
    pub authority: &'a str,
    pub adds: Adds,
    pub linked_contents: bool,
}

/// What is kept of a statement besides its place: the text as received and what the LRS sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    pub id: Uuid,
    /// The JSON text to keep (`xapi::format::normalise`).
    pub text: String,
    /// JSON of the Agent or Group.
    pub authority: String,
    pub adds: Adds,
    /// The contents of its attachments came with it, also of those that have a `fileUrl`. Without it only the contents
    /// of those that have none are its own: they cannot come in any other way.
    pub linked_contents: bool,
}

impl Content {
    #[must_use]
    pub fn as_ref(&self) -> ContentRef<'_> {
        ContentRef {
            id: self.id,
            text: &self.text,
            authority: &self.authority,
            adds: self.adds,
            linked_contents: self.linked_contents,
        }
    }
}

/// Which members the LRS puts in when it renders, because the client sent none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Adds {
    pub id: bool,
    /// With the value of `stored`.
    pub timestamp: bool,
    pub version: AddsVersion,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AddsVersion {
    /// The text has its own.
    #[default]
    None,
    V1_0_0,
    V2_0_0,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredStatement {
    pub seq: Seq,
    pub content: Content,
    pub voiding: bool,
    /// The first statement that voided it.
    pub voided_by: Option<Uuid>,
}
