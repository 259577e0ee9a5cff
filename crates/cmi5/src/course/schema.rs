//! The schema of course structures as tables: which attributes and children each element takes, in which order.

use super::values::Value;

/// What an element is, by its name and its parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    Structure,
    Course,
    Block,
    Au,
    /// The objectives of the course, and one of them.
    Objectives,
    Objective,
    /// The objectives that a block or AU names, and one of them.
    References,
    Reference,
    Text,
    LangString,
    Url,
    /// `launchParameters` and `entitlementKey`, which take anything.
    Untyped,
    /// Another namespace's, or inside of one that takes anything.
    Foreign,
}

pub(super) struct Model {
    /// The name of the type, where it has one.
    pub name: Option<&'static str>,
    pub attributes: &'static [Attribute],
    /// Attributes of other namespaces are welcome.
    pub is_open: bool,
    pub content: Content,
}

pub(super) struct Attribute {
    pub name: &'static str,
    pub value: Value,
    pub is_required: bool,
}

pub(super) enum Content {
    /// In this order, and then elements of other namespaces.
    Sequence(&'static [Particle]),
    /// Each once, in any order, and nothing else.
    All(&'static [Particle]),
    Empty,
    String,
    Url,
    Anything,
}

/// One place in a sequence.
pub(super) struct Particle {
    pub choices: &'static [(&'static str, Type)],
    pub is_required: bool,
    pub repeats: bool,
}

impl Particle {
    pub(super) fn find(&self, name: &str) -> Option<Type> {
        let choice = self.choices.iter().find(|(known, _)| *known == name)?;
        Some(choice.1)
    }

    /// `` `au` or `block` ``
    pub(super) fn names(&self) -> String {
        let names: Vec<String> = self
            .choices
            .iter()
            .map(|(name, _)| format!("`{name}`"))
            .collect();
        names.join(" or ")
    }
}

const fn once(choices: &'static [(&'static str, Type)]) -> Particle {
    Particle {
        choices,
        is_required: true,
        repeats: false,
    }
}

const fn optional(choices: &'static [(&'static str, Type)]) -> Particle {
    Particle {
        choices,
        is_required: false,
        repeats: false,
    }
}

const fn many(choices: &'static [(&'static str, Type)]) -> Particle {
    Particle {
        choices,
        is_required: true,
        repeats: true,
    }
}

const fn attribute(name: &'static str, value: Value) -> Attribute {
    Attribute {
        name,
        value,
        is_required: false,
    }
}

const ID: Attribute = Attribute {
    name: "id",
    value: Value::AnyUri,
    is_required: true,
};
const TITLE: &[(&str, Type)] = &[("title", Type::Text)];
const DESCRIPTION: &[(&str, Type)] = &[("description", Type::Text)];
const NODES: &[(&str, Type)] = &[("au", Type::Au), ("block", Type::Block)];
const REFERENCES: &[(&str, Type)] = &[("objectives", Type::References)];

impl Type {
    /// Of the types that have a name, for `xsi:type`.
    pub(super) const NAMED: [Type; 6] = [
        Type::Structure,
        Type::Block,
        Type::Au,
        Type::Objectives,
        Type::References,
        Type::Text,
    ];

    pub(super) fn model(self) -> &'static Model {
        match self {
            Type::Structure => &STRUCTURE,
            Type::Course => &COURSE,
            Type::Block => &BLOCK,
            Type::Au => &AU,
            Type::Objectives => &OBJECTIVES,
            Type::Objective => &OBJECTIVE,
            Type::References => &REFERENCE_LIST,
            Type::Reference => &REFERENCE,
            Type::Text => &TEXT,
            Type::LangString => &LANG_STRING,
            Type::Url => &URL,
            Type::Untyped | Type::Foreign => &ANYTHING,
        }
    }
}

static STRUCTURE: Model = Model {
    name: Some("courseType"),
    attributes: &[],
    is_open: true,
    content: Content::Sequence(&[
        once(&[("course", Type::Course)]),
        optional(&[("objectives", Type::Objectives)]),
        many(NODES),
    ]),
};

static COURSE: Model = Model {
    name: None,
    attributes: &[ID],
    is_open: true,
    content: Content::Sequence(&[once(TITLE), once(DESCRIPTION)]),
};

static BLOCK: Model = Model {
    name: Some("blockType"),
    attributes: &[ID],
    is_open: true,
    content: Content::Sequence(&[
        once(TITLE),
        once(DESCRIPTION),
        optional(REFERENCES),
        many(NODES),
    ]),
};

static AU: Model = Model {
    name: Some("auType"),
    attributes: &[
        ID,
        attribute("moveOn", Value::MoveOn),
        attribute("masteryScore", Value::Score),
        attribute("launchMethod", Value::LaunchMethod),
        attribute("activityType", Value::String),
    ],
    is_open: true,
    content: Content::Sequence(&[
        once(TITLE),
        once(DESCRIPTION),
        optional(REFERENCES),
        once(&[("url", Type::Url)]),
        optional(&[("launchParameters", Type::Untyped)]),
        optional(&[("entitlementKey", Type::Untyped)]),
    ]),
};

static OBJECTIVES: Model = Model {
    name: Some("objectivesType"),
    attributes: &[],
    is_open: true,
    content: Content::Sequence(&[many(&[("objective", Type::Objective)])]),
};

static OBJECTIVE: Model = Model {
    name: None,
    attributes: &[ID],
    is_open: false,
    content: Content::All(&[once(TITLE), once(DESCRIPTION)]),
};

static REFERENCE_LIST: Model = Model {
    name: Some("referencesObjectivesType"),
    attributes: &[],
    is_open: true,
    content: Content::Sequence(&[many(&[("objective", Type::Reference)])]),
};

static REFERENCE: Model = Model {
    name: None,
    attributes: &[attribute("idref", Value::AnyUri)],
    is_open: false,
    content: Content::Empty,
};

static TEXT: Model = Model {
    name: Some("textType"),
    attributes: &[],
    is_open: true,
    content: Content::Sequence(&[many(&[("langstring", Type::LangString)])]),
};

static LANG_STRING: Model = Model {
    name: None,
    attributes: &[attribute("lang", Value::Language)],
    is_open: true,
    content: Content::String,
};

static URL: Model = Model {
    name: None,
    attributes: &[],
    is_open: false,
    content: Content::Url,
};

static ANYTHING: Model = Model {
    name: None,
    attributes: &[],
    is_open: true,
    content: Content::Anything,
};
