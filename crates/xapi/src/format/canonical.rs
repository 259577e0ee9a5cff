//! `format=canonical`: definitions as the LRS knows them, and one language for each language map. Actors stay as
//! they were received.

use super::{Languages, Stored, exact};
use crate::json::{self, Node};

const COMPONENT_LISTS: [&str; 5] = ["choices", "scale", "source", "target", "steps"];

/// Appends the statement in the format `canonical`. `definitions` gives the merged definition (JSON) of an activity
/// id; an activity it does not know keeps its own.
///
/// # Errors
/// When the stored text or a definition is no JSON, which means that the store is damaged.
pub fn canonical(
    stored: &Stored<'_>,
    languages: &Languages,
    definitions: &dyn Fn(&str) -> Option<String>,
    out: &mut String,
) -> Result<(), json::Error> {
    let mut text = String::new();
    exact(stored, &mut text);
    // The depth was bounded when the statement came in.
    let mut statement = Node::parse(&text, usize::MAX)?;

    let mut ids = Vec::new();
    each_activity(&mut statement, &mut |activity| {
        if let Some(id) = activity.get("id").and_then(Node::as_str)
            && !ids.iter().any(|known| known == id)
        {
            ids.push(id.to_owned());
        }
    });
    let known: Vec<(String, String)> = ids
        .into_iter()
        .filter_map(|id| definitions(&id).map(|definition| (id, definition)))
        .collect();
    let mut parsed = Vec::with_capacity(known.len());
    for (id, definition) in &known {
        parsed.push((id, Node::parse(definition, usize::MAX)?));
    }

    each_activity(&mut statement, &mut |activity| {
        let id = activity.get("id").and_then(Node::as_str);
        let merged = parsed.iter().find(|(known, _)| Some(known.as_str()) == id);
        if let (Some((_, merged)), Node::Object(members)) = (merged, &mut *activity) {
            members.retain(|(name, _)| name != "definition");
            members.push(("definition".into(), merged.clone()));
        }
        if let Some(definition) = activity.get_mut("definition") {
            choose_in_definition(definition, languages);
        }
    });
    choose_in_verbs(&mut statement, languages);
    statement.write(out);
    Ok(())
}

/// Calls `f` for the object, if it is an activity, and each context activity, also of a SubStatement.
fn each_activity<'a>(statement: &mut Node<'a>, f: &mut dyn FnMut(&mut Node<'a>)) {
    if let Some(object) = statement.get_mut("object") {
        match object.get("objectType").and_then(Node::as_str) {
            Some("SubStatement") => each_activity(object, f),
            Some("Agent" | "Group" | "StatementRef") => {}
            Some(_) | None => f(object),
        }
    }
    let activities = statement
        .get_mut("context")
        .and_then(|context| context.get_mut("contextActivities"));
    if let Some(Node::Object(lists)) = activities {
        for (_, list) in lists {
            if let Node::Array(items) = list {
                items.iter_mut().for_each(&mut *f);
            }
        }
    }
}

fn choose_in_verbs(statement: &mut Node<'_>, languages: &Languages) {
    if let Some(display) = statement
        .get_mut("verb")
        .and_then(|verb| verb.get_mut("display"))
    {
        languages.choose(display);
    }
    if let Some(object) = statement.get_mut("object")
        && object.get("objectType").and_then(Node::as_str) == Some("SubStatement")
    {
        choose_in_verbs(object, languages);
    }
}

fn choose_in_definition(definition: &mut Node<'_>, languages: &Languages) {
    for name in ["name", "description"] {
        if let Some(map) = definition.get_mut(name) {
            languages.choose(map);
        }
    }
    for name in COMPONENT_LISTS {
        if let Some(Node::Array(components)) = definition.get_mut(name) {
            for component in components {
                if let Some(map) = component.get_mut("description") {
                    languages.choose(map);
                }
            }
        }
    }
}
