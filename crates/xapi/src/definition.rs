//! What is known of an activity: the definitions of all its statements, merged (Data 2.4.4.1).

use std::borrow::Cow;
use std::collections::HashMap;

use crate::json::{Error, Node};

#[cfg(test)]
mod tests;

/// Maps that are merged entry by entry. Everything else is replaced whole.
const MERGED: [&str; 3] = ["name", "description", "extensions"];

/// The known definition with a new one merged into it, as JSON; `None` when nothing changes. A language or an
/// extension that is there already is overwritten; what the new one lacks stays.
///
/// # Errors
/// When one of the two is no JSON.
pub fn merge(known: Option<&str>, new: &str) -> Result<Option<String>, Error> {
    // The depth was bounded when the definitions came in.
    let new_node = Node::parse(new, usize::MAX)?;
    let Some(known) = known else {
        return Ok(Some(new_node.to_text()));
    };
    if known == new {
        return Ok(None);
    }
    let before = Node::parse(known, usize::MAX)?;
    let mut merged = before.clone();
    if let (Node::Object(merged), Node::Object(new)) = (&mut merged, new_node) {
        for (name, value) in new {
            let entry = merged.iter_mut().find(|(known, _)| *known == name);
            match (entry, value) {
                (Some((_, Node::Object(entries))), Node::Object(new))
                    if MERGED.contains(&&*name) =>
                {
                    let key = if name == "extensions" {
                        exactly
                    } else {
                        in_lower_case
                    };
                    merge_entries(entries, new, key);
                }
                (Some((_, known)), value) => *known = value,
                (None, value) => merged.push((name, value)),
            }
        }
    }
    Ok((merged != before).then(|| merged.to_text()))
}

type Entry<'a> = (Cow<'a, str>, Node<'a>);

fn merge_entries<'a>(entries: &mut Vec<Entry<'a>>, new: Vec<Entry<'a>>, key: fn(&str) -> String) {
    // An index, because extensions may be very many.
    let mut places: HashMap<String, usize> = HashMap::with_capacity(entries.len());
    for (place, (name, _)) in entries.iter().enumerate() {
        places.entry(key(name)).or_insert(place);
    }
    for (name, value) in new {
        let place = *places.entry(key(&name)).or_insert(entries.len());
        match entries.get_mut(place) {
            Some((_, known)) => *known = value,
            None => entries.push((name, value)),
        }
    }
}

fn exactly(name: &str) -> String {
    name.to_owned()
}

/// Language tags are the same in either case.
fn in_lower_case(tag: &str) -> String {
    tag.to_ascii_lowercase()
}
