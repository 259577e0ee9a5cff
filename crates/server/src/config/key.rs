//! The keys of the configuration as data, read off the structs: order from their fields, meaning from their doc
//! comments, default from `Default`.

use schemars::generate::SchemaSettings;
use serde::de::value::Error;
use serde::{Deserialize, Deserializer, de};
use serde_json::Value;

use super::{Admin, Bootstrap, Config, Credentials, Http, Launch, Log, Refusals, Storage, Xapi};

pub(super) struct Section {
    pub name: &'static str,
    pub meaning: String,
    pub keys: Vec<Key>,
}

pub(super) struct Key {
    pub section: &'static str,
    pub name: &'static str,
    pub meaning: String,
    pub kind: Kind,
    /// `None`: not set unless somebody sets it.
    pub default: Option<Value>,
}

/// How a value is written in an environment variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Integer,
    /// `true` or `false`.
    Truth,
    /// Texts with commas between them.
    List,
    /// `name=text` with commas between them.
    Table,
}

type Fields = &'static [&'static str];
type FieldsFn = fn() -> Fields;

/// INVARIANT: the fields of [`Config`] in their order; a test compares.
pub(super) const SECTIONS: [(&str, FieldsFn); 10] = [
    ("http", fields::<Http>),
    ("xapi", fields::<Xapi>),
    ("cmi5", fields::<cmi5::Policies>),
    ("launch", fields::<Launch>),
    ("refusals", fields::<Refusals>),
    ("storage", fields::<Storage>),
    ("credentials", fields::<Credentials>),
    ("bootstrap", fields::<Bootstrap>),
    ("log", fields::<Log>),
    ("admin", fields::<Admin>),
];

impl Key {
    /// `http.bind`
    pub(super) fn path(&self) -> String {
        format!("{}.{}", self.section, self.name)
    }

    /// `TESSERA__HTTP__BIND`
    pub(super) fn variable(&self) -> String {
        format!("{}{}__{}", super::load::PREFIX, self.section, self.name).to_ascii_uppercase()
    }

    /// What it holds must not be shown.
    pub(super) fn is_secret(&self) -> bool {
        self.section == "bootstrap" && self.name == "secret"
    }
}

pub(super) fn sections() -> Vec<Section> {
    let mut settings = SchemaSettings::default();
    settings.inline_subschemas = true;
    let schema = settings.into_generator().into_root_schema_for::<Config>();
    let defaults = serde_json::to_value(Config::default())
        .expect("the configuration is made of texts, numbers, lists and tables");
    SECTIONS
        .into_iter()
        .map(|(name, fields)| {
            let schema = &schema.as_value()["properties"][name];
            let keys = fields()
                .iter()
                .map(|field| key(name, field, &schema["properties"][field], &defaults[name]))
                .collect();
            Section {
                name,
                meaning: text(&schema["description"]),
                keys,
            }
        })
        .collect()
}

fn key(section: &'static str, name: &'static str, schema: &Value, defaults: &Value) -> Key {
    let is_a = |kind: &str| match &schema["type"] {
        Value::Array(kinds) => kinds.iter().any(|k| k == kind),
        other => other == kind,
    };
    let kind = if is_a("integer") {
        Kind::Integer
    } else if is_a("boolean") {
        Kind::Truth
    } else if is_a("array") {
        Kind::List
    } else if is_a("object") {
        Kind::Table
    } else {
        Kind::Text
    };
    Key {
        section,
        name,
        meaning: text(&schema["description"]),
        kind,
        default: defaults.get(name).cloned(),
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Names of a struct's fields in the order of their declaration, which only its `Deserialize` tells.
pub(super) fn fields<T: for<'de> Deserialize<'de>>() -> Fields {
    let mut fields: Fields = &[];
    // It fails on purpose, after it has asked for the fields.
    let _ = T::deserialize(FieldsOf(&mut fields));
    fields
}

struct FieldsOf<'a>(&'a mut Fields);

impl<'de> Deserializer<'de> for FieldsOf<'_> {
    type Error = Error;

    fn deserialize_any<V: de::Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(de::Error::custom("not a struct"))
    }

    fn deserialize_struct<V: de::Visitor<'de>>(
        self,
        _: &'static str,
        fields: Fields,
        _: V,
    ) -> Result<V::Value, Error> {
        *self.0 = fields;
        Err(de::Error::custom("only its fields were wanted"))
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}
