//! Reading a statement that is not valid xAPI: whatever is not what it should be counts as absent or wrong.

use std::borrow::Cow;

use uuid::Uuid;
use xapi::json::Node;
use xapi::lexical::{duration, timestamp};
use xapi::statement::parse_actor;

use super::{DEPTH_MAX, Frame, Member, Outcome, Score, Seen, Target, Who, who};
use crate::vocabulary::{PROGRESS, REASON};

pub(super) fn read(text: &str) -> Option<Seen<'_>> {
    let node = Node::parse(text, DEPTH_MAX).ok()?;
    seen(&node)
}

pub(super) fn read_batch(body: &str) -> Option<Vec<Seen<'_>>> {
    match Node::parse(body, DEPTH_MAX).ok()? {
        Node::Array(items) => items.iter().map(seen).collect(),
        one => Some(vec![seen(&one)?]),
    }
}

fn seen(node: &Node<'_>) -> Option<Seen<'static>> {
    let (actor, verb, object) = (node.get("actor")?, node.get("verb")?, node.get("object")?);
    Some(Seen {
        text: Cow::Owned(node.to_text()),
        id: text_of(node.get("id")).and_then(|id| Uuid::parse_str(&id).ok()),
        actor: match parse_actor(&actor.to_text(), "/actor") {
            Ok(actor) => who(&actor),
            Err(_) => Who::Unknown,
        },
        verb: text_of(verb.get("id")).unwrap_or_default().into(),
        object: target(object),
        timestamp: match (node.get("timestamp"), text_of(node.get("timestamp"))) {
            (None, _) => Member::Absent,
            (Some(_), Some(text)) if timestamp::parse(&text).is_some() => {
                timestamp::parse(&text).map_or(Member::Absent, Member::Is)
            }
            (Some(other), _) => wrong(other),
        },
        result: node.get("result").map(outcome),
        context: node.get("context").map(frame),
    })
}

fn text_of(node: Option<&Node<'_>>) -> Option<String> {
    match node? {
        Node::String(text) => Some(text.to_string()),
        Node::Null | Node::Bool(_) | Node::Number(_) | Node::Array(_) | Node::Object(_) => None,
    }
}

fn wrong<T>(node: &Node<'_>) -> Member<'static, T> {
    Member::Wrong(Cow::Owned(node.to_text()))
}

fn target(object: &Node<'_>) -> Target<'static> {
    let is_activity = match text_of(object.get("objectType")) {
        None => object.get("objectType").is_none(),
        Some(kind) => kind == "Activity",
    };
    match text_of(object.get("id")) {
        Some(id) if is_activity => Target::Activity {
            id: id.into(),
            kind: object
                .get("definition")
                .and_then(|definition| text_of(definition.get("type"))),
        },
        Some(_) | None => Target::Other,
    }
}

fn outcome(result: &Node<'_>) -> Outcome<'static> {
    let extension = |iri: &str| {
        let value = result.get("extensions")?.get(iri)?;
        Some(Cow::Owned(value.to_text()))
    };
    Outcome {
        score: result.get("score").map(|score| {
            let number = |name: &str| score.get(name).map(|value| Cow::Owned(value.to_text()));
            Score {
                scaled: number("scaled"),
                raw: number("raw"),
                min: number("min"),
                max: number("max"),
            }
        }),
        success: boolean(result.get("success")),
        completion: boolean(result.get("completion")),
        duration: match result.get("duration") {
            None => Member::Absent,
            Some(sent) => {
                let text = text_of(Some(sent));
                match text.as_deref().and_then(duration::parse) {
                    Some(duration) => Member::Is(duration.micros()),
                    None => wrong(sent),
                }
            }
        },
        progress: extension(PROGRESS),
        reason: extension(REASON),
    }
}

fn boolean(node: Option<&Node<'_>>) -> Member<'static, bool> {
    match node {
        None => Member::Absent,
        Some(Node::Bool(value)) => Member::Is(*value),
        Some(other) => wrong(other),
    }
}

fn frame(context: &Node<'_>) -> Frame<'static> {
    let list = |name: &str| {
        context
            .get("contextActivities")
            .and_then(|lists| lists.get(name))
            .map(ids)
            .unwrap_or_default()
    };
    let extensions = match context.get("extensions") {
        Some(Node::Object(members)) => members
            .iter()
            .map(|(iri, value)| (Cow::Owned(iri.to_string()), Cow::Owned(value.to_text())))
            .collect(),
        Some(_) | None => Vec::new(),
    };
    Frame {
        registration: match (
            context.get("registration"),
            text_of(context.get("registration")),
        ) {
            (None, _) => Member::Absent,
            (Some(node), Some(text)) => {
                Uuid::parse_str(&text).map_or_else(|_| wrong(node), Member::Is)
            }
            (Some(node), None) => wrong(node),
        },
        parent: list("parent"),
        grouping: list("grouping"),
        category: list("category"),
        other: list("other"),
        extensions,
        has_context_agents: context.get("contextAgents").is_some()
            || context.get("contextGroups").is_some(),
    }
}

fn ids(list: &Node<'_>) -> Vec<Cow<'static, str>> {
    let id = |activity: &Node<'_>| text_of(activity.get("id")).map(Cow::Owned);
    match list {
        Node::Array(items) => items.iter().filter_map(id).collect(),
        one => id(one).into_iter().collect(),
    }
}
