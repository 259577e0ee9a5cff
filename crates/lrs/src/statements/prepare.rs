//! What can be made of a received statement before any fact is read, once, however often the commit is decided.

use bytes::Bytes;
use storage::statement::{Adds, AddsVersion, ContentRef};
use storage::{Store, Term};
use uuid::Uuid;
use xapi::statement::Actor;
use xapi::{Statement, Version, format};

use crate::attachment::{self, Part};

/// A statement with everything that its commit needs of itself.
pub struct Prepared<'a> {
    pub statement: &'a Statement<'a>,
    pub id: Uuid,
    pub record: Bytes,
    /// Its own terms, sorted, each once.
    pub terms: Vec<Term>,
    pub reference: Option<Uuid>,
    pub voiding: bool,
}

/// `id` is the statement's own, or one made for it.
pub fn prepare<'a>(
    store: &Store,
    statement: &'a Statement<'a>,
    id: Uuid,
    authority: &str,
    authority_actor: &Actor<'_>,
    version: Version,
    parts: &[Part],
) -> Prepared<'a> {
    let additions = format::Additions::of(statement, version);
    let text = format::normalise(statement);
    let content = ContentRef {
        id,
        text: &text,
        authority,
        adds: Adds {
            id: additions.id,
            timestamp: additions.timestamp,
            version: match (additions.version, version) {
                (None, _) => AddsVersion::None,
                (Some(_), Version::V1_0_3) => AddsVersion::V1_0_0,
                (Some(_), Version::V2_0_0) => AddsVersion::V2_0_0,
            },
        },
        linked_contents: attachment::all_came(statement, parts),
    };
    Prepared {
        statement,
        id,
        record: store.encode(&content).into(),
        terms: storage::term::terms(statement, authority_actor),
        reference: statement.reference(),
        voiding: statement.is_voiding(),
    }
}
