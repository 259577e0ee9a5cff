//! The shapes of a statement as serde reads them: closed objects, no `null`, no duplicate members, text borrowed.
//!
//! Only JSON is judged here: which members there may be and of which JSON type. What the values mean is judged by
//! `check`.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawStatement<'a> {
    #[serde(borrow, default, deserialize_with = "present")]
    pub(super) id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) actor: Box<Closed<RawActor<'a>>>,
    #[serde(borrow)]
    pub(super) verb: Closed<RawVerb<'a>>,
    #[serde(borrow)]
    pub(super) object: Box<Closed<RawObject<'a>>>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub(super) result: Option<Box<Closed<RawResult<'a>>>>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub(super) context: Option<Box<Closed<RawContext<'a>>>>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub(super) timestamp: Option<Text<'a>>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub(super) stored: Option<Text<'a>>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub(super) authority: Option<Box<Closed<RawActor<'a>>>>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub(super) version: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(super) attachments: Vec<Closed<RawAttachment<'a>>>,
}

/// Agent and Group alike.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawActor<'a> {
    #[serde(borrow, rename = "objectType", default, deserialize_with = "present")]
    pub(super) object_type: Option<Text<'a>>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub(super) name: Option<Text<'a>>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub(super) mbox: Option<Text<'a>>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub(super) mbox_sha1sum: Option<Text<'a>>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub(super) openid: Option<Text<'a>>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub(super) account: Option<Closed<RawAccount<'a>>>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub(super) member: Option<Vec<Closed<RawActor<'a>>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct RawAccount<'a> {
    #[serde(borrow)]
    pub(super) home_page: Text<'a>,
    #[serde(borrow)]
    pub(super) name: Text<'a>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawVerb<'a> {
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub(super) display: Option<&'a RawValue>,
}

/// Every member that any kind of object has: which of them may stand together depends on `object_type`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawObject<'a> {
    #[serde(borrow, rename = "objectType", default, deserialize_with = "present")]
    pub(super) object_type: Option<Text<'a>>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub(super) id: Option<Text<'a>>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub(super) definition: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub(super) name: Option<Text<'a>>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub(super) mbox: Option<Text<'a>>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub(super) mbox_sha1sum: Option<Text<'a>>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub(super) openid: Option<Text<'a>>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub(super) account: Option<Closed<RawAccount<'a>>>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub(super) member: Option<Vec<Closed<RawActor<'a>>>>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub(super) actor: Option<Box<Closed<RawActor<'a>>>>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub(super) verb: Option<Box<Closed<RawVerb<'a>>>>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub(super) object: Option<Box<Closed<RawObject<'a>>>>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub(super) result: Option<Box<Closed<RawResult<'a>>>>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub(super) context: Option<Box<Closed<RawContext<'a>>>>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub(super) timestamp: Option<Text<'a>>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub(super) attachments: Option<Vec<Closed<RawAttachment<'a>>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct RawActivity<'a> {
    #[serde(borrow, default, deserialize_with = "present")]
    pub(super) object_type: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub(super) definition: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct RawDefinition<'a> {
    #[serde(borrow, default, deserialize_with = "present")]
    pub(super) name: Option<RawMap<'a, Text<'a>>>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub(super) description: Option<RawMap<'a, Text<'a>>>,
    #[serde(borrow, rename = "type", default, deserialize_with = "present")]
    pub(super) kind: Option<Text<'a>>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub(super) more_info: Option<Text<'a>>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub(super) extensions: Option<RawMap<'a, &'a RawValue>>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub(super) interaction_type: Option<Text<'a>>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub(super) correct_responses_pattern: Option<Vec<Text<'a>>>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub(super) choices: Option<Vec<Closed<RawComponent<'a>>>>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub(super) scale: Option<Vec<Closed<RawComponent<'a>>>>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub(super) source: Option<Vec<Closed<RawComponent<'a>>>>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub(super) target: Option<Vec<Closed<RawComponent<'a>>>>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub(super) steps: Option<Vec<Closed<RawComponent<'a>>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawComponent<'a> {
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub(super) description: Option<RawMap<'a, Text<'a>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawResult<'a> {
    #[serde(borrow, default, deserialize_with = "present")]
    pub(super) score: Option<Closed<RawScore<'a>>>,
    #[serde(default, deserialize_with = "present")]
    pub(super) success: Option<bool>,
    #[serde(default, deserialize_with = "present")]
    pub(super) completion: Option<bool>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub(super) response: Option<Text<'a>>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub(super) duration: Option<Text<'a>>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub(super) extensions: Option<RawMap<'a, &'a RawValue>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawScore<'a> {
    #[serde(borrow, default, deserialize_with = "present")]
    pub(super) scaled: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub(super) raw: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub(super) min: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub(super) max: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct RawContext<'a> {
    #[serde(borrow, default, deserialize_with = "present")]
    pub(super) registration: Option<Text<'a>>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub(super) instructor: Option<Box<Closed<RawActor<'a>>>>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub(super) team: Option<Box<Closed<RawActor<'a>>>>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub(super) context_activities: Option<Closed<RawContextActivities<'a>>>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub(super) revision: Option<Text<'a>>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub(super) platform: Option<Text<'a>>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub(super) language: Option<Text<'a>>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub(super) statement: Option<Closed<RawStatementRef<'a>>>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub(super) extensions: Option<RawMap<'a, &'a RawValue>>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub(super) context_agents: Option<Vec<Closed<RawContextAgent<'a>>>>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub(super) context_groups: Option<Vec<Closed<RawContextGroup<'a>>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawContextActivities<'a> {
    #[serde(borrow, default)]
    pub(super) parent: OneOrMany<'a>,
    #[serde(borrow, default)]
    pub(super) grouping: OneOrMany<'a>,
    #[serde(borrow, default)]
    pub(super) category: OneOrMany<'a>,
    #[serde(borrow, default)]
    pub(super) other: OneOrMany<'a>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct RawStatementRef<'a> {
    #[serde(borrow)]
    pub(super) object_type: Text<'a>,
    #[serde(borrow)]
    pub(super) id: Text<'a>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct RawContextAgent<'a> {
    #[serde(borrow)]
    pub(super) object_type: Text<'a>,
    #[serde(borrow)]
    pub(super) agent: Closed<RawActor<'a>>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub(super) relevant_types: Option<Vec<Text<'a>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct RawContextGroup<'a> {
    #[serde(borrow)]
    pub(super) object_type: Text<'a>,
    #[serde(borrow)]
    pub(super) group: Closed<RawActor<'a>>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub(super) relevant_types: Option<Vec<Text<'a>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct RawAttachment<'a> {
    #[serde(borrow)]
    pub(super) usage_type: Text<'a>,
    #[serde(borrow)]
    pub(super) display: RawMap<'a, Text<'a>>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub(super) description: Option<RawMap<'a, Text<'a>>>,
    #[serde(borrow)]
    pub(super) content_type: Text<'a>,
    pub(super) length: u64,
    #[serde(borrow)]
    pub(super) sha2: Text<'a>,
    #[serde(borrow, default, deserialize_with = "present")]
    pub(super) file_url: Option<Text<'a>>,
}

/// An `Option` that is absent or a value, never `null`.
fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

/// A string, borrowed where it has no escapes. (serde makes a plain `Cow` own its text always.)
pub(super) struct Text<'a>(pub(super) Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Borrow;
        impl<'de> Visitor<'de> for Borrow {
            type Value = Cow<'de, str>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }
            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Cow::Borrowed(text))
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Cow::Owned(text.to_owned()))
            }
        }
        from.deserialize_str(Borrow).map(Text)
    }
}

/// An object, and not the array that serde reads a struct from as well.
pub(super) struct Closed<T>(pub(super) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Closed<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Members<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Members<T> {
            type Value = T;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<T, A::Error> {
                T::deserialize(MapAccessDeserializer::new(members))
            }
        }
        from.deserialize_map(Members(PhantomData)).map(Closed)
    }
}

/// An object with free keys, in the order sent; duplicates are still in it.
pub(super) struct RawMap<'a, V>(pub(super) Vec<(Cow<'a, str>, V)>);

impl<'de: 'a, 'a, V: Deserialize<'de>> Deserialize<'de> for RawMap<'a, V> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Entries<V>(PhantomData<V>);
        impl<'de, V: Deserialize<'de>> Visitor<'de> for Entries<V> {
            type Value = Vec<(Cow<'de, str>, V)>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some((Text(key), value)) = map.next_entry()? {
                    entries.push((key, value));
                }
                Ok(entries)
            }
        }
        let entries = from.deserialize_map(Entries(PhantomData))?;
        Ok(RawMap(entries))
    }
}

/// A list of activities, or one in place of a list.
#[derive(Default)]
pub(super) struct OneOrMany<'a> {
    pub(super) list: Vec<RawActivity<'a>>,
    /// It was one in place of a list.
    pub(super) single: bool,
}

impl<'de: 'a, 'a> Deserialize<'de> for OneOrMany<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = OneOrMany<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an activity or an array of activities")
            }
            fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Self::Value, A::Error> {
                let activity = RawActivity::deserialize(MapAccessDeserializer::new(members))?;
                Ok(OneOrMany {
                    list: vec![activity],
                    single: true,
                })
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let mut activities = Vec::new();
                while let Some(Closed(activity)) = list.next_element()? {
                    activities.push(activity);
                }
                Ok(OneOrMany {
                    list: activities,
                    single: false,
                })
            }
        }
        from.deserialize_any(Either)
    }
}
