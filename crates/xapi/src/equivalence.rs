//! Whether two statements are the same statement (Data 2.3.1): what an LRS may set or change does not count, and
//! neither does how JSON writes the same value.
//! Does not count: `stored`, `authority`, `version`; `id` and `timestamp` where only one has them; a verb's display;
//! activity definitions; the order of members of objects, of agents of a group and of attachments; a single
//! context activity or a list of one; the case of what is case-insensitive.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::json::{Error, Node, pointer};
use crate::lexical::{decimal, duration, identifier, timestamp};

#[cfg(test)]
mod tests;

/// No more differences are listed than this.
pub const DIFFERENCES_MAX: usize = 20;

/// JSON pointers to where two statements differ in meaning, in the order of the first; empty when they are the same.
///
/// # Errors
/// When one of the two is no JSON.
pub fn differences(one: &str, other: &str) -> Result<Vec<String>, Error> {
    if one == other {
        return Ok(Vec::new());
    }
    // The depth was bounded when the statements came in.
    let (one, other) = (
        Node::parse(one, usize::MAX)?,
        Node::parse(other, usize::MAX)?,
    );
    Ok(differences_of(&one, &other))
}

/// [`differences`] of two statements that are read already.
pub(crate) fn differences_of(one: &Node<'_>, other: &Node<'_>) -> Vec<String> {
    let mut found = Differences(Vec::new());
    found.compare(Kind::Statement, one, other, "");
    found.0
}

/// What a value is, which decides how it is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Statement,
    SubStatement,
    Object,
    Actor,
    Actors,
    Verb,
    Activity,
    /// One activity or a list.
    Activities,
    ContextActivities,
    Context,
    /// `contextAgents` and `contextGroups`.
    ContextActors,
    Result,
    Attachment,
    Attachments,
    StatementRef,
    LanguageMap,
    Uuid,
    Timestamp,
    Duration,
    Mbox,
    /// Hex and language tags.
    AnyCase,
    /// Just JSON: numbers by value, lists in order, strings by their characters.
    Json,
}

/// What becomes of a member of an object.
enum Rule {
    Compare(Kind),
    /// Only where both have it.
    CompareIfBoth(Kind),
    Ignore,
}

fn rule(kind: Kind, name: &str) -> Rule {
    use Rule::{Compare, CompareIfBoth, Ignore};
    Compare(match (kind, name) {
        (Kind::Statement, "id") => return CompareIfBoth(Kind::Uuid),
        (Kind::Statement, "timestamp") => return CompareIfBoth(Kind::Timestamp),
        (Kind::Statement, "stored" | "authority" | "version")
        | (Kind::Verb, "display")
        | (Kind::Activity, "definition") => return Ignore,
        (Kind::SubStatement, "timestamp") => Kind::Timestamp,
        (Kind::Statement | Kind::SubStatement, "actor") => Kind::Actor,
        (Kind::Statement | Kind::SubStatement, "verb") => Kind::Verb,
        (Kind::Statement | Kind::SubStatement, "object") => Kind::Object,
        (Kind::Statement | Kind::SubStatement, "result") => Kind::Result,
        (Kind::Statement | Kind::SubStatement, "context") => Kind::Context,
        (Kind::Statement | Kind::SubStatement, "attachments") => Kind::Attachments,
        (Kind::Actor, "mbox") => Kind::Mbox,
        (Kind::Actor, "mbox_sha1sum") => Kind::AnyCase,
        (Kind::Actor, "member") => Kind::Actors,
        (Kind::StatementRef, "id") | (Kind::Context, "registration") => Kind::Uuid,
        (Kind::Context, "instructor" | "team") => Kind::Actor,
        (Kind::Context, "contextActivities") => Kind::ContextActivities,
        (Kind::Context, "contextAgents" | "contextGroups") => Kind::ContextActors,
        (Kind::Context, "language") => Kind::AnyCase,
        (Kind::Context, "statement") => Kind::StatementRef,
        (Kind::ContextActors, "agent" | "group") => Kind::Actor,
        (Kind::ContextActivities, _) => Kind::Activities,
        (Kind::Result, "duration") => Kind::Duration,
        (Kind::Attachment, "display" | "description") => Kind::LanguageMap,
        (Kind::Attachment, "sha2") => Kind::AnyCase,
        _ => Kind::Json,
    })
}

struct Differences(Vec<String>);

impl Differences {
    fn add(&mut self, at: &str) {
        if self.0.len() < DIFFERENCES_MAX {
            self.0.push(at.to_owned());
        }
    }

    fn compare(&mut self, kind: Kind, one: &Node<'_>, other: &Node<'_>, at: &str) {
        match (kind, one, other) {
            (Kind::Activities, one, other) => {
                self.compare_lists(Kind::Activity, as_list(one), as_list(other), at);
            }
            (Kind::Actors, Node::Array(one), Node::Array(other)) => {
                self.compare_bags(Kind::Actor, one, other, at);
            }
            (Kind::Attachments, Node::Array(one), Node::Array(other)) => {
                self.compare_bags(Kind::Attachment, one, other, at);
            }
            (_, Node::Array(one), Node::Array(other)) => self.compare_lists(kind, one, other, at),
            (_, Node::Object(_), Node::Object(_)) => self.compare_objects(kind, one, other, at),
            (_, Node::String(one), Node::String(other)) => {
                if !same_text(kind, one, other) {
                    self.add(at);
                }
            }
            (_, Node::Number(one), Node::Number(other)) => {
                if decimal::compare(one, other).is_ne() {
                    self.add(at);
                }
            }
            (_, Node::Bool(one), Node::Bool(other)) if one == other => {}
            (_, Node::Null, Node::Null) => {}
            (_, _, _) => self.add(at),
        }
    }

    fn compare_objects(&mut self, kind: Kind, one: &Node<'_>, other: &Node<'_>, at: &str) {
        let kind = match kind {
            Kind::Object => kind_of_object(one),
            kind => kind,
        };
        // Sorted, because an extension may have very many members.
        let mut rest = members(kind, other);
        for (name, value) in in_order(kind, one) {
            let counterpart = rest.remove(&name);
            match (rule(kind, &name), counterpart) {
                (Rule::Compare(kind) | Rule::CompareIfBoth(kind), Some(other)) => {
                    self.compare(kind, value, other, &pointer(at, &name));
                }
                (Rule::Compare(_), None) => self.add(&pointer(at, &name)),
                (Rule::CompareIfBoth(_), None) | (Rule::Ignore, _) => {}
            }
        }
        for name in rest.into_keys() {
            match rule(kind, &name) {
                Rule::Compare(_) => self.add(&pointer(at, &name)),
                Rule::CompareIfBoth(_) | Rule::Ignore => {}
            }
        }
    }

    fn compare_lists(&mut self, kind: Kind, one: &[Node<'_>], other: &[Node<'_>], at: &str) {
        if one.len() != other.len() {
            self.add(at);
            return;
        }
        for (index, (one, other)) in one.iter().zip(other).enumerate() {
            self.compare(kind, one, other, &format!("{at}/{index}"));
        }
    }

    /// Lists whose order means nothing.
    fn compare_bags(&mut self, kind: Kind, one: &[Node<'_>], other: &[Node<'_>], at: &str) {
        if one.len() != other.len() {
            self.add(at);
            return;
        }
        let mut left: Vec<&Node<'_>> = other.iter().collect();
        for (index, item) in one.iter().enumerate() {
            // The same order is by far the most frequent.
            match left.iter().position(|other| same(kind, item, other)) {
                Some(found) => {
                    left.remove(found);
                }
                None => self.add(&format!("{at}/{index}")),
            }
        }
    }
}

fn same(kind: Kind, one: &Node<'_>, other: &Node<'_>) -> bool {
    let mut found = Differences(Vec::new());
    found.compare(kind, one, other, "");
    found.0.is_empty()
}

fn kind_of_object(object: &Node<'_>) -> Kind {
    match object.get("objectType").and_then(Node::as_str) {
        Some("Agent" | "Group") => Kind::Actor,
        Some("SubStatement") => Kind::SubStatement,
        Some("StatementRef") => Kind::StatementRef,
        Some(_) | None => Kind::Activity,
    }
}

fn as_list<'n, 'a>(node: &'n Node<'a>) -> &'n [Node<'a>] {
    node.as_array().unwrap_or(std::slice::from_ref(node))
}

fn in_order<'n, 'a>(
    kind: Kind,
    object: &'n Node<'a>,
) -> impl Iterator<Item = (Cow<'n, str>, &'n Node<'a>)> {
    let members = object.as_object().unwrap_or_default();
    members.iter().map(move |(name, value)| {
        // Language tags are the same in either case.
        let name = if kind == Kind::LanguageMap {
            Cow::Owned(name.to_ascii_lowercase())
        } else {
            Cow::Borrowed(&**name)
        };
        (name, value)
    })
}

fn members<'n, 'a>(kind: Kind, object: &'n Node<'a>) -> BTreeMap<Cow<'n, str>, &'n Node<'a>> {
    in_order(kind, object).collect()
}

fn same_text(kind: Kind, one: &str, other: &str) -> bool {
    if one == other {
        return true;
    }
    let both = |same: Option<bool>| same.unwrap_or(false);
    match kind {
        Kind::AnyCase => one.eq_ignore_ascii_case(other),
        Kind::Uuid => both(
            identifier::uuid(one)
                .zip(identifier::uuid(other))
                .map(|(one, other)| one == other),
        ),
        Kind::Timestamp => both(
            timestamp::parse(one)
                .zip(timestamp::parse(other))
                .map(|(one, other)| one.micros == other.micros),
        ),
        Kind::Duration => both(
            duration::parse(one)
                .zip(duration::parse(other))
                .map(|(one, other)| one.equals_to_centisecond(&other)),
        ),
        // Only the domain is case-insensitive.
        Kind::Mbox => both(one.rsplit_once('@').zip(other.rsplit_once('@')).map(
            |((local, domain), (other_local, other_domain))| {
                local == other_local && domain.eq_ignore_ascii_case(other_domain)
            },
        )),
        Kind::Statement
        | Kind::SubStatement
        | Kind::Object
        | Kind::Actor
        | Kind::Actors
        | Kind::Verb
        | Kind::Activity
        | Kind::Activities
        | Kind::ContextActivities
        | Kind::Context
        | Kind::ContextActors
        | Kind::Result
        | Kind::Attachment
        | Kind::Attachments
        | Kind::StatementRef
        | Kind::LanguageMap
        | Kind::Json => false,
    }
}
