//! A statement as the rules look at it: from a valid one without loss, or, as far as it goes, from one that breaks
//! xAPI's own rules, so that its cmi5 violations are named too.

mod lenient;

use std::borrow::Cow;

use serde_json::value::RawValue;
use uuid::Uuid;
use xapi::Statement;
use xapi::json::Node;
use xapi::lexical::{duration, timestamp};
use xapi::statement::{Activity, Actor, Context, Extensions, Ifi, Object, ResultOf};

use crate::vocabulary::{CATEGORY_CMI5, CATEGORY_MOVE_ON, PROGRESS, REASON, SESSION_ID, Verb};

/// How deep JSON may nest to be looked at as a tree: more than any server's limit for statements (`json_depth_max`)
/// needs, and far less than a stack holds.
pub(crate) const DEPTH_MAX: usize = 256;

/// One statement.
#[derive(Debug, Clone)]
pub struct Seen<'a> {
    /// The JSON text, as received.
    pub text: Cow<'a, str>,
    /// The id that its sender gave it.
    pub id: Option<Uuid>,
    pub actor: Who,
    pub verb: Cow<'a, str>,
    pub object: Target<'a>,
    pub timestamp: Member<'a, timestamp::Timestamp>,
    pub result: Option<Outcome<'a>>,
    pub context: Option<Frame<'a>>,
}

/// A member that a rule asks for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Member<'a, T> {
    #[default]
    Absent,
    Is(T),
    /// It is there and is something else; as JSON text.
    Wrong(Cow<'a, str>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    Agent {
        /// `xapi::statement::Ifi::canonical`.
        identity: String,
        has_account: bool,
    },
    Group,
    /// Neither, as far as can be seen.
    Unknown,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target<'a> {
    Activity {
        id: Cow<'a, str>,
        /// `definition.type`; looked up for `satisfied` alone.
        kind: Option<String>,
    },
    /// Another kind of object.
    Other,
}

/// `result`.
#[derive(Debug, Clone, Default)]
pub struct Outcome<'a> {
    pub score: Option<Score<'a>>,
    pub success: Member<'a, bool>,
    pub completion: Member<'a, bool>,
    /// A valid ISO 8601 duration, as microseconds (`xapi::lexical::duration`).
    pub duration: Member<'a, u64>,
    /// The extension `progress`, as JSON text.
    pub progress: Option<Cow<'a, str>>,
    /// The extension `reason`, as JSON text.
    pub reason: Option<Cow<'a, str>>,
}

/// `result.score`, numbers as JSON text.
#[derive(Debug, Clone, Default)]
pub struct Score<'a> {
    pub scaled: Option<Cow<'a, str>>,
    pub raw: Option<Cow<'a, str>>,
    pub min: Option<Cow<'a, str>>,
    pub max: Option<Cow<'a, str>>,
}

/// `context`.
#[derive(Debug, Clone, Default)]
pub struct Frame<'a> {
    pub registration: Member<'a, Uuid>,
    /// Activity ids of each list; a single activity is a list of one.
    pub parent: Vec<Cow<'a, str>>,
    pub grouping: Vec<Cow<'a, str>>,
    pub category: Vec<Cow<'a, str>>,
    pub other: Vec<Cow<'a, str>>,
    /// By IRI, values as JSON text.
    pub extensions: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    /// It has `contextAgents` or `contextGroups` (xAPI 2.0).
    pub has_context_agents: bool,
}

impl<T: Copy> Member<'_, T> {
    #[must_use]
    pub fn value(&self) -> Option<T> {
        match self {
            Member::Is(value) => Some(*value),
            Member::Absent | Member::Wrong(_) => None,
        }
    }

    #[must_use]
    pub fn is_absent(&self) -> bool {
        matches!(self, Member::Absent)
    }
}

impl<'a> Seen<'a> {
    /// A statement that is valid xAPI.
    #[must_use]
    pub fn of(statement: &'a Statement<'_>) -> Self {
        Seen {
            text: Cow::Borrowed(statement.text),
            id: statement.id,
            actor: who(&statement.actor),
            verb: Cow::Borrowed(&statement.verb.id),
            object: target(&statement.object, &statement.verb.id),
            timestamp: match statement.timestamp.as_deref() {
                None => Member::Absent,
                Some(text) => match timestamp::parse(text) {
                    Some(at) => Member::Is(at),
                    None => Member::Wrong(Cow::Borrowed(text)),
                },
            },
            result: statement.result.as_ref().map(outcome),
            context: statement.context.as_ref().map(frame),
        }
    }

    /// One that is not valid xAPI, as far as it can be read. `None`: it is no statement at all (no object with actor,
    /// verb and object).
    #[must_use]
    pub fn lenient(text: &'a str) -> Option<Self> {
        lenient::read(text)
    }

    /// The statements of a body that is not valid xAPI: one, or an array of them. `None`: something in it is no
    /// statement at all.
    #[must_use]
    pub fn lenient_batch(body: &'a str) -> Option<Vec<Self>> {
        lenient::read_batch(body)
    }

    /// It has the category by which cmi5 defined statements are known (9.6.2.1-1).
    #[must_use]
    pub fn is_defined(&self) -> bool {
        self.has_category(CATEGORY_CMI5)
    }

    #[must_use]
    pub fn has_move_on(&self) -> bool {
        self.has_category(CATEGORY_MOVE_ON)
    }

    /// Whether `success` or `completion` is there, whatever it says.
    #[must_use]
    pub fn has_success_or_completion(&self) -> bool {
        self.result
            .as_ref()
            .is_some_and(|result| !result.success.is_absent() || !result.completion.is_absent())
    }

    fn has_category(&self, id: &str) -> bool {
        self.context
            .as_ref()
            .is_some_and(|context| context.category.iter().any(|category| category == id))
    }

    /// The session that it names: the extension's text.
    #[must_use]
    pub fn session(&self) -> Option<Cow<'_, str>> {
        let value = self.context.as_ref()?.extension(SESSION_ID)?;
        if let Ok(plain) = serde_json::from_str(value) {
            return Some(Cow::Borrowed(plain));
        }
        serde_json::from_str(value).ok().map(Cow::Owned)
    }

    /// The context as JSON, for its members that are no fields here. Reads the whole text.
    #[must_use]
    pub fn context_node(&self) -> Option<Node<'_>> {
        Node::parse(&self.text, DEPTH_MAX).ok()?.remove("context")
    }

    /// The text of the timestamp, for messages. Reads the whole text.
    #[must_use]
    pub fn timestamp_text(&self) -> Option<String> {
        let mut statement = Node::parse(&self.text, DEPTH_MAX).ok()?;
        Some(statement.remove("timestamp")?.as_str()?.to_owned())
    }
}

impl<'a> Frame<'a> {
    /// The lists of context activities with their names.
    #[must_use]
    pub fn lists(&self) -> [(&'static str, &[Cow<'a, str>]); 4] {
        [
            ("parent", &self.parent),
            ("grouping", &self.grouping),
            ("category", &self.category),
            ("other", &self.other),
        ]
    }

    /// The extension's value as JSON text.
    #[must_use]
    pub fn extension(&self, iri: &str) -> Option<&str> {
        self.extensions
            .iter()
            .find(|(known, _)| known == iri)
            .map(|(_, value)| &**value)
    }
}

fn who(actor: &Actor<'_>) -> Who {
    match actor {
        Actor::Agent(agent) => Who::Agent {
            identity: agent.ifi.canonical(),
            has_account: matches!(agent.ifi, Ifi::Account { .. }),
        },
        Actor::Group(_) => Who::Group,
    }
}

fn target<'a>(object: &'a Object<'_>, verb: &str) -> Target<'a> {
    match object {
        Object::Activity(activity) => Target::Activity {
            id: Cow::Borrowed(&activity.id),
            // Only a block or course is asked for its type, and reading a definition costs more than all else here.
            kind: (verb == Verb::Satisfied.iri())
                .then(|| kind(activity))
                .flatten(),
        },
        Object::Agent(_) | Object::Group(_) | Object::StatementRef(_) | Object::SubStatement(_) => {
            Target::Other
        }
    }
}

fn kind(activity: &Activity<'_>) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Definition {
        r#type: Option<String>,
    }
    let definition: &RawValue = activity.definition?;
    serde_json::from_str::<Definition>(definition.get())
        .ok()?
        .r#type
}

fn outcome<'a>(result: &'a ResultOf<'_>) -> Outcome<'a> {
    let boolean = |value: Option<bool>| value.map_or(Member::Absent, Member::Is);
    let extensions = result.extensions.as_ref();
    Outcome {
        score: result.score.as_ref().map(|score| Score {
            scaled: score.scaled.map(Cow::Borrowed),
            raw: score.raw.map(Cow::Borrowed),
            min: score.min.map(Cow::Borrowed),
            max: score.max.map(Cow::Borrowed),
        }),
        success: boolean(result.success),
        completion: boolean(result.completion),
        duration: match result.duration.as_deref() {
            None => Member::Absent,
            Some(text) => match duration::parse(text) {
                Some(duration) => Member::Is(duration.micros()),
                None => Member::Wrong(Cow::Borrowed(text)),
            },
        },
        progress: extension(extensions, PROGRESS),
        reason: extension(extensions, REASON),
    }
}

fn extension<'a>(extensions: Option<&'a Extensions<'_>>, iri: &str) -> Option<Cow<'a, str>> {
    let Extensions(pairs) = extensions?;
    pairs
        .iter()
        .find(|(known, _)| known == iri)
        .map(|(_, value)| Cow::Borrowed(value.get()))
}

fn frame<'a>(context: &'a Context<'_>) -> Frame<'a> {
    let lists = &context.activities;
    let pairs = context.extensions.as_ref().map(|Extensions(pairs)| pairs);
    Frame {
        registration: context.registration.map_or(Member::Absent, Member::Is),
        parent: ids(&lists.parent),
        grouping: ids(&lists.grouping),
        category: ids(&lists.category),
        other: ids(&lists.other),
        extensions: pairs
            .into_iter()
            .flatten()
            .map(|(iri, value)| (Cow::Borrowed(&**iri), Cow::Borrowed(value.get())))
            .collect(),
        has_context_agents: !context.agents.is_empty() || !context.groups.is_empty(),
    }
}

fn ids<'a>(activities: &'a [Activity<'_>]) -> Vec<Cow<'a, str>> {
    activities
        .iter()
        .map(|activity| Cow::Borrowed(&*activity.id))
        .collect()
}
