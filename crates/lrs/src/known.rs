//! What statements teach about activities and agents: definitions merged over all statements, names of agents.
//!
//! A statement usually teaches nothing new. A bounded cache of what was merged last keeps such statements from
//! reading or writing anything here.

use std::num::NonZeroUsize;

use lru::LruCache;
use parking_lot::Mutex;
use storage::batch::{Assert, Op, RecordKey, RecordKind};
use storage::{Fact, FactKey, Store, Tenant};
use xapi::Statement;
use xxhash_rust::xxh3::{xxh3_64, xxh3_128};

use crate::Error;

const REMEMBERED_MAX: usize = 50_000;
/// An agent keeps the newest of its names.
const NAMES_MAX: usize = 16;

/// One thing that a statement says.
pub struct Lesson<'a> {
    subject: Subject<'a>,
    /// Activity definition JSON, or the agent's name.
    content: &'a str,
}

enum Subject<'a> {
    Activity(&'a str),
    /// Canonical identifier.
    Agent(String),
}

/// Remembers by subject what was merged last.
pub struct Known {
    last: Mutex<LruCache<(Tenant, u128), u64>>,
}

impl Default for Known {
    fn default() -> Self {
        let size = NonZeroUsize::new(REMEMBERED_MAX).expect("the constant is above 0");
        Self {
            last: Mutex::new(LruCache::new(size)),
        }
    }
}

/// Everything a statement says about activities and agents.
pub fn lessons<'a>(statement: &'a Statement<'a>) -> Vec<Lesson<'a>> {
    let definitions = statement.activities().into_iter().filter_map(|activity| {
        Some(Lesson {
            subject: Subject::Activity(&activity.id),
            content: activity.definition?.get(),
        })
    });
    let names = statement.agents().into_iter().filter_map(|agent| {
        Some(Lesson {
            subject: Subject::Agent(agent.ifi.canonical()),
            content: agent.name.as_deref()?,
        })
    });
    definitions.chain(names).collect()
}

impl Known {
    /// Keeps the lessons that may be new.
    pub fn news<'a>(&self, tenant: Tenant, lessons: Vec<Lesson<'a>>) -> Vec<Lesson<'a>> {
        let last = self.last.lock();
        lessons
            .into_iter()
            .filter(|lesson| {
                // Not made the newest: that would cost every statement, to spare a lesson learned again now and then.
                last.peek(&(tenant, lesson.subject.hash()))
                    != Some(&xxh3_64(lesson.content.as_bytes()))
            })
            .collect()
    }

    /// To be called once the lessons are in the store.
    pub fn remember(&self, tenant: Tenant, lessons: &[Lesson<'_>]) {
        let mut last = self.last.lock();
        for lesson in lessons {
            last.put(
                (tenant, lesson.subject.hash()),
                xxh3_64(lesson.content.as_bytes()),
            );
        }
    }
}

/// What the lessons change in the store: nothing, mostly.
///
/// # Errors
/// When the store cannot be read.
pub fn learn(
    store: &Store,
    tenant: Tenant,
    lessons: &[Lesson<'_>],
) -> Result<(Vec<Assert>, Vec<Op>), Error> {
    let mut keys: Vec<RecordKey> = lessons.iter().map(Lesson::record).collect();
    keys.sort_unstable();
    keys.dedup();
    let wanted: Vec<FactKey> = keys.iter().cloned().map(FactKey::Record).collect();
    let facts = store.facts(tenant, &wanted)?;
    let (mut asserts, mut ops) = (Vec::new(), Vec::new());
    for (key, fact) in keys.into_iter().zip(facts) {
        let record = match fact {
            Fact::Record(record) => record,
            Fact::Statement(_) | Fact::Document(_) | Fact::Blob(_) => None,
        };
        let version = record.as_ref().map_or(0, |record| record.version);
        let before = record.and_then(|record| String::from_utf8(record.value).ok());
        let mut now = before.clone();
        for lesson in lessons.iter().filter(|lesson| lesson.record() == key) {
            if let Some(merged) = lesson.merge(now.as_deref())? {
                now = Some(merged);
            }
        }
        if now != before
            && let Some(now) = now
        {
            asserts.push(Assert::RecordVersion(key.clone(), version));
            ops.push(Op::PutRecord(key, now.into_bytes()));
        }
    }
    Ok((asserts, ops))
}

/// The merged definition of an activity, as JSON.
///
/// # Errors
/// When the store cannot be read.
pub fn definition(store: &Store, tenant: Tenant, activity: &str) -> Result<Option<String>, Error> {
    read(store, tenant, Subject::Activity(activity).record())
}

/// The names known for an agent, oldest first.
///
/// # Errors
/// When the store cannot be read.
pub fn names(store: &Store, tenant: Tenant, agent: &str) -> Result<Vec<String>, Error> {
    let record = read(store, tenant, Subject::Agent(agent.to_owned()).record())?;
    Ok(record
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default())
}

fn read(store: &Store, tenant: Tenant, key: RecordKey) -> Result<Option<String>, Error> {
    let facts = store.facts(tenant, &[FactKey::Record(key)])?;
    Ok(match facts.into_iter().next() {
        Some(Fact::Record(Some(record))) => String::from_utf8(record.value).ok(),
        _ => None,
    })
}

impl Lesson<'_> {
    /// Where it is kept.
    #[must_use]
    pub fn record(&self) -> RecordKey {
        self.subject.record()
    }

    /// What is known with this lesson; `None` when it says nothing new.
    fn merge(&self, before: Option<&str>) -> Result<Option<String>, Error> {
        match self.subject {
            Subject::Activity(id) => xapi::definition::merge(before, self.content)
                .map_err(|error| Error::damaged("records", id, error)),
            Subject::Agent(_) => {
                let mut names: Vec<String> = before
                    .and_then(|text| serde_json::from_str(text).ok())
                    .unwrap_or_default();
                if names.iter().any(|name| name == self.content) {
                    return Ok(None);
                }
                names.push(self.content.to_owned());
                let surplus = names.len().saturating_sub(NAMES_MAX);
                names.drain(..surplus);
                Ok(Some(serde_json::Value::from(names).to_string()))
            }
        }
    }
}

impl Subject<'_> {
    fn hash(&self) -> u128 {
        match self {
            Subject::Activity(id) => xxh3_128(id.as_bytes()),
            Subject::Agent(ifi) => !xxh3_128(ifi.as_bytes()),
        }
    }

    fn record(&self) -> RecordKey {
        let (kind, text) = match self {
            Subject::Activity(id) => (RecordKind::Definition, *id),
            Subject::Agent(ifi) => (RecordKind::Person, ifi.as_str()),
        };
        RecordKey {
            kind,
            key: xxh3_128(text.as_bytes()).to_be_bytes().to_vec(),
        }
    }
}
