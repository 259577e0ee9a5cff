//! Taking out of launch data, or of a `launched` statement, what a session remembers of its launch.

use std::borrow::Cow;

use xapi::json::Node;
use xapi::lexical::iri;

use super::{Address, is_session_id};
use crate::launch::{Launch, LaunchMode, MoveOn, Template, is_mastery_score};
use crate::seen::{Frame, Seen, Target, Who};
use crate::vocabulary::{LAUNCH_MODE, LAUNCH_PARAMETERS, MASTERY_SCORE, MOVE_ON, SESSION_ID};

/// Members of a context that an AU of xAPI 1.0.3 can send, other than the registration, the activities and the
/// extensions. What it cannot send is not asked of it.
const MEMBERS: [&str; 6] = [
    "instructor",
    "team",
    "revision",
    "platform",
    "language",
    "statement",
];

/// The document without the members that are null, which count as absent, and with the last one of each name. Values
/// of extensions stay as they are.
pub(super) fn without_nulls(node: Node<'_>) -> Node<'_> {
    match node {
        Node::Object(members) => Node::Object(
            last_of_each(members)
                .into_iter()
                .map(|(name, member)| match member {
                    Node::Object(extensions) if name == "extensions" => {
                        (name, Node::Object(last_of_each(extensions)))
                    }
                    member => (name, without_nulls(member)),
                })
                .collect(),
        ),
        Node::Array(items) => Node::Array(items.into_iter().map(without_nulls).collect()),
        other @ (Node::Null | Node::Bool(_) | Node::Number(_) | Node::String(_)) => other,
    }
}

type Members<'a> = Vec<(Cow<'a, str>, Node<'a>)>;

fn last_of_each(members: Members<'_>) -> Members<'_> {
    let mut last: std::collections::BTreeMap<Cow<'_, str>, (usize, Node<'_>)> = members
        .into_iter()
        .enumerate()
        .map(|(place, (name, member))| (name, (place, member)))
        .collect();
    last.retain(|_, (_, member)| *member != Node::Null);
    let mut ordered: Vec<_> = last.into_iter().collect();
    ordered.sort_by_key(|(_, (place, _))| *place);
    ordered
        .into_iter()
        .map(|(name, (_, member))| (name, member))
        .collect()
}

/// The launch that the document describes, when it can be told which session it is of.
pub(super) fn launch(document: &Node<'_>, address: &Address<'_>) -> Option<Launch> {
    let context = document.get("contextTemplate")?;
    let session = context.get("extensions")?.get(SESSION_ID)?.as_str()?;
    if !is_session_id(session) {
        return None;
    }
    let text = |name| document.get(name).and_then(Node::as_str);
    let template = template(context);
    Some(Launch {
        session: session.to_owned(),
        registration: address.registration?,
        actor: address.actor.to_owned(),
        activity: address.activity.to_owned(),
        publisher: template.grouping.clone(),
        mode: text("launchMode")
            .and_then(LaunchMode::parse)
            .unwrap_or(LaunchMode::Normal),
        mastery_score: document
            .get("masteryScore")
            .and_then(Node::as_number)
            .filter(|text| is_mastery_score(text))
            .map(str::to_owned),
        move_on: text("moveOn").and_then(MoveOn::parse),
        launch_parameters: text("launchParameters").map(str::to_owned),
        template,
        has_document: true,
    })
}

fn template(context: &Node<'_>) -> Template {
    let extensions = context.get("extensions").and_then(Node::as_object);
    Template {
        parent: activities(context, "parent"),
        grouping: activities(context, "grouping"),
        category: activities(context, "category"),
        other: activities(context, "other"),
        extensions: extensions
            .into_iter()
            .flatten()
            .filter(|(iri, _)| iri != SESSION_ID)
            .map(|(iri, value)| (iri.to_string(), value.to_text()))
            .collect(),
        members: MEMBERS
            .into_iter()
            .filter_map(|name| Some((name.to_owned(), context.get(name)?.to_text())))
            .collect(),
    }
}

/// Ids of a list of the context's activities, or of the single one that stands for a list.
pub(super) fn activities(context: &Node<'_>, list: &str) -> Vec<String> {
    let id = |activity: &Node<'_>| {
        let id = activity.get("id")?.as_str()?;
        iri::is_iri(id).then(|| id.to_owned())
    };
    match context
        .get("contextActivities")
        .and_then(|lists| lists.get(list))
    {
        Some(Node::Array(items)) => items.iter().filter_map(id).collect(),
        Some(one) => id(one).into_iter().collect(),
        None => Vec::new(),
    }
}

/// The launch that a `launched` statement alone describes, as long as there is no document; `None` when its session
/// id, registration, actor (an Agent) or activity is missing. Its template asks for nothing.
#[must_use]
pub fn of_launched(seen: &Seen<'_>) -> Option<Launch> {
    let context = seen.context.as_ref()?;
    let session = seen.session().filter(|id| is_session_id(id))?;
    let (Who::Agent { identity, .. }, Target::Activity { id, .. }) = (&seen.actor, &seen.object)
    else {
        return None;
    };
    let text = |iri| text_of(context, iri);
    Some(Launch {
        session: session.into_owned(),
        registration: context.registration.value()?,
        actor: identity.clone(),
        activity: id.to_string(),
        publisher: context.grouping.iter().map(ToString::to_string).collect(),
        mode: text(LAUNCH_MODE)
            .and_then(|mode| LaunchMode::parse(&mode))
            .unwrap_or(LaunchMode::Normal),
        mastery_score: context
            .extension(MASTERY_SCORE)
            .map(str::trim)
            .filter(|text| is_mastery_score(text))
            .map(str::to_owned),
        move_on: text(MOVE_ON).and_then(|move_on| MoveOn::parse(&move_on)),
        launch_parameters: text(LAUNCH_PARAMETERS),
        template: Template::default(),
        has_document: false,
    })
}

fn text_of(context: &Frame<'_>, iri: &str) -> Option<String> {
    serde_json::from_str(context.extension(iri)?).ok()
}
