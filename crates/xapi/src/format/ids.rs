//! `format=ids`: agents, groups, verbs and activities reduced to what identifies them, wherever they stand.

use super::{Stored, exact};
use crate::json::{self, Node};

const AGENT_MEMBERS: &[&str] = &["objectType", "mbox", "mbox_sha1sum", "openid", "account"];
const ANONYMOUS_GROUP_MEMBERS: &[&str] = &["objectType", "member"];

/// Appends the statement in the format `ids`. Result, attachments, extensions and the rest stay as they are.
///
/// # Errors
/// When the stored text is no JSON, which means that the store is damaged.
pub fn ids(stored: &Stored<'_>, out: &mut String) -> Result<(), json::Error> {
    let mut text = String::new();
    exact(stored, &mut text);
    // The depth was bounded when the statement came in.
    let mut statement = Node::parse(&text, usize::MAX)?;
    reduce_statement(&mut statement);
    statement.write(out);
    Ok(())
}

/// For a statement and for a SubStatement.
fn reduce_statement(statement: &mut Node<'_>) {
    for name in ["actor", "authority"] {
        if let Some(actor) = statement.get_mut(name) {
            reduce_actor(actor);
        }
    }
    if let Some(verb) = statement.get_mut("verb") {
        keep(verb, &["id"]);
    }
    if let Some(object) = statement.get_mut("object") {
        match object.get("objectType").and_then(Node::as_str) {
            Some("Agent" | "Group") => reduce_actor(object),
            Some("SubStatement") => reduce_statement(object),
            Some("StatementRef") => {}
            Some(_) | None => keep(object, &["id"]),
        }
    }
    if let Some(context) = statement.get_mut("context") {
        reduce_context(context);
    }
}

fn reduce_context(context: &mut Node<'_>) {
    for name in ["instructor", "team"] {
        if let Some(actor) = context.get_mut(name) {
            reduce_actor(actor);
        }
    }
    for (list, member) in [("contextAgents", "agent"), ("contextGroups", "group")] {
        for item in items(context.get_mut(list)) {
            if let Some(actor) = item.get_mut(member) {
                reduce_actor(actor);
            }
        }
    }
    if let Some(Node::Object(lists)) = context.get_mut("contextActivities") {
        for (_, list) in lists {
            for activity in items(Some(list)) {
                keep(activity, &["id"]);
            }
        }
    }
}

fn reduce_actor(actor: &mut Node<'_>) {
    let group = actor.get("objectType").and_then(Node::as_str) == Some("Group");
    let identified = AGENT_MEMBERS
        .iter()
        .skip(1)
        .any(|name| actor.get(name).is_some());
    if !group || identified {
        keep(actor, AGENT_MEMBERS);
        return;
    }
    keep(actor, ANONYMOUS_GROUP_MEMBERS);
    for member in items(actor.get_mut("member")) {
        keep(member, AGENT_MEMBERS);
    }
}

fn items<'n, 'a>(list: Option<&'n mut Node<'a>>) -> &'n mut [Node<'a>] {
    match list {
        Some(Node::Array(items)) => items,
        Some(Node::Null | Node::Bool(_) | Node::Number(_) | Node::String(_) | Node::Object(_))
        | None => &mut [],
    }
}

fn keep(node: &mut Node<'_>, names: &[&str]) {
    if let Node::Object(members) = node {
        members.retain(|(name, _)| names.contains(&&**name));
    }
}
