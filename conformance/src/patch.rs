//! Changes to JSON texts in one line each: `/verb/id = "http://…"` sets what is at a pointer, `- /verb/id` removes it.
//!
//! Values keep the text that they are written in, so that `1.0` stays `1.0`.

use std::fmt::Write;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// JSON whose scalars are texts and whose members keep their order.
#[derive(Debug, Clone)]
pub enum Json {
    Text(String),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    /// # Errors
    /// When the text is no JSON.
    pub fn parse(text: &str) -> Result<Self, String> {
        serde_json::from_str(text).map_err(|error| format!("`{text}` is no JSON: {error}"))
    }

    /// # Errors
    /// When the line is no change, or its pointer leads nowhere.
    pub fn apply(&mut self, line: &str) -> Result<(), String> {
        let wrong = || format!("`{line}` does not fit");
        if let Some(pointer) = line.strip_prefix("- ") {
            return self.remove(pointer).ok_or_else(wrong);
        }
        let (pointer, value) = line.split_once(" = ").ok_or_else(wrong)?;
        self.set(pointer, Json::parse(value)?).ok_or_else(wrong)
    }

    /// Sets the value at the pointer; objects on the way are made, and `-` is the end of an array.
    pub fn set(&mut self, pointer: &str, value: Json) -> Option<()> {
        let Some((key, rest)) = split(pointer) else {
            *self = value;
            return Some(());
        };
        match self {
            Json::Text(_) => None,
            Json::Array(items) => {
                if key == "-" {
                    items.push(value);
                    return Some(());
                }
                items.get_mut(key.parse::<usize>().ok()?)?.set(rest, value)
            }
            Json::Object(members) => {
                let at = members.iter().position(|(known, _)| *known == key);
                let at = at.unwrap_or_else(|| {
                    members.push((key, Json::Object(Vec::new())));
                    members.len() - 1
                });
                members.get_mut(at)?.1.set(rest, value)
            }
        }
    }

    /// Removes the member or item at the pointer.
    pub fn remove(&mut self, pointer: &str) -> Option<()> {
        let (key, rest) = split(pointer)?;
        match self {
            Json::Text(_) => None,
            Json::Array(items) => {
                let at = key.parse::<usize>().ok()?;
                if rest.is_empty() {
                    (at < items.len()).then(|| drop(items.remove(at)))
                } else {
                    items.get_mut(at)?.remove(rest)
                }
            }
            Json::Object(members) => {
                let at = members.iter().position(|(known, _)| *known == key)?;
                if rest.is_empty() {
                    members.remove(at);
                    Some(())
                } else {
                    members.get_mut(at)?.1.remove(rest)
                }
            }
        }
    }

    /// What is at the pointer.
    #[must_use]
    pub fn at(&self, pointer: &str) -> Option<&Json> {
        let Some((key, rest)) = split(pointer) else {
            return Some(self);
        };
        match self {
            Json::Text(_) => None,
            Json::Array(items) => items.get(key.parse::<usize>().ok()?)?.at(rest),
            Json::Object(_) => self.member(&key)?.at(rest),
        }
    }

    /// As [`Json::at`], to be changed.
    pub fn at_mut(&mut self, pointer: &str) -> Option<&mut Json> {
        let Some((key, rest)) = split(pointer) else {
            return Some(self);
        };
        match self {
            Json::Text(_) => None,
            Json::Array(items) => items.get_mut(key.parse::<usize>().ok()?)?.at_mut(rest),
            Json::Object(members) => {
                let (_, value) = members.iter_mut().find(|(known, _)| *known == key)?;
                value.at_mut(rest)
            }
        }
    }

    #[must_use]
    pub fn member(&self, key: &str) -> Option<&Json> {
        match self {
            Json::Text(_) | Json::Array(_) => None,
            Json::Object(members) => {
                let (_, value) = members.iter().find(|(known, _)| known == key)?;
                Some(value)
            }
        }
    }

    /// The text of a JSON string.
    #[must_use]
    pub fn as_string(&self) -> Option<String> {
        match self {
            Json::Text(raw) => serde_json::from_str(raw).ok(),
            Json::Array(_) | Json::Object(_) => None,
        }
    }

    /// Adds the members of another object that are not there, at every depth, and the items of its arrays.
    pub fn take_what_lacks(&mut self, other: &Json) {
        match (self, other) {
            (Json::Object(members), Json::Object(others)) => {
                for (key, other) in others {
                    match members.iter_mut().find(|(known, _)| known == key) {
                        Some((_, value)) => value.take_what_lacks(other),
                        None => members.push((key.clone(), other.clone())),
                    }
                }
            }
            (Json::Array(items), Json::Array(others)) => items.extend(others.iter().cloned()),
            // What is there stays.
            (Json::Text(_) | Json::Array(_) | Json::Object(_), _) => {}
        }
    }

    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        self.write(&mut text);
        text
    }

    fn write(&self, text: &mut String) {
        match self {
            Json::Text(raw) => text.push_str(raw),
            Json::Array(items) => {
                text.push('[');
                for (index, item) in items.iter().enumerate() {
                    text.push_str(if index == 0 { "" } else { "," });
                    item.write(text);
                }
                text.push(']');
            }
            Json::Object(members) => {
                text.push('{');
                for (index, (key, value)) in members.iter().enumerate() {
                    let comma = if index == 0 { "" } else { "," };
                    let key = serde_json::Value::from(key.as_str());
                    write!(text, "{comma}{key}:").expect("writing to a string cannot fail");
                    value.write(text);
                }
                text.push('}');
            }
        }
    }
}

/// The first key of a pointer, and the pointer after it.
fn split(pointer: &str) -> Option<(String, &str)> {
    let path = pointer.strip_prefix('/')?;
    let end = path.find('/').unwrap_or(path.len());
    let (key, rest) = path.split_at(end);
    Some((key.replace("~1", "/").replace("~0", "~"), rest))
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let text = raw.get();
        let nested = match text.as_bytes().first() {
            Some(b'{') => serde_json::from_str(text).map(|Members(members)| Json::Object(members)),
            Some(b'[') => serde_json::from_str(text).map(Json::Array),
            _ => return Ok(Json::Text(text.to_owned())),
        };
        nested.map_err(serde::de::Error::custom)
    }
}

struct Members(Vec<(String, Json)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Members;
            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Reader)
    }
}
