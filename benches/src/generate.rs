//! Made-up statements: many learners, courses, registrations and sessions, the same for the same seed.
//! All data is of our own making; the families differ in structure, so that what was tuned on one can be
//! measured on another.

mod cmi5;
mod content;
mod rng;
mod vle;
mod words;
mod world;

#[cfg(test)]
mod tests;

use std::ops::Range;

use chrono::{DateTime, SecondsFormat};
use uuid::Uuid;

pub use rng::Rng;
use world::World;

/// Which senders write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// Sessions of cmi5 AUs with the statements that their LMS writes.
    Cmi5,
    /// Statements as of `Cmi5` without what makes them cmi5's: no session, no category of cmi5. No rule looks at them.
    /// Registrations have some seventy each.
    Plain,
    /// H5P and authoring-tool content outside cmi5.
    Content,
    /// Five in six of `Cmi5`, one in six of `Content`.
    Mixed,
    /// Learning environments' logs and video players. The dictionary was never trained on it.
    Vle,
}

impl Family {
    /// # Errors
    /// When there is none of this name.
    pub fn parse(name: &str) -> Result<Family, String> {
        match name {
            "cmi5" => Ok(Family::Cmi5),
            "plain" => Ok(Family::Plain),
            "content" => Ok(Family::Content),
            "mixed" => Ok(Family::Mixed),
            "vle" => Ok(Family::Vle),
            _ => Err(format!(
                "`{name}` is none of cmi5, plain, content, mixed, vle"
            )),
        }
    }
}

/// Whether the sender sets statement ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ids {
    Client,
    Lrs,
}

/// One statement and what it can be found by.
#[derive(Debug, Clone)]
pub struct Sample {
    /// `None` with [`Ids::Lrs`].
    pub id: Option<Uuid>,
    /// JSON.
    pub text: String,
    /// JSON of the actor.
    pub actor: String,
    pub verb: &'static str,
    /// Id of the object.
    pub activity: String,
    /// Id of an activity of the context that many statements share.
    pub related: Option<String>,
    pub registration: Option<Uuid>,
}

/// An endless iterator of samples.
pub struct Generator {
    rng: Rng,
    family: Family,
    ids: Ids,
    world: World,
    /// Sessions under way; a statement comes from any of them.
    sessions: Vec<cmi5::Session>,
    /// Microseconds since 1970.
    clock: i64,
}

/// Text without the names that make it cmi5's; as long as before.
pub fn plain(text: &str) -> String {
    text.replace(CMI5_CONTEXT, PLAIN_CONTEXT)
}

const CMI5_CONTEXT: &str = "https://w3id.org/xapi/cmi5/context/";
const PLAIN_CONTEXT: &str = "https://w3id.org/xapi/none/context/";
const SESSIONS: usize = 64;
const PAGES: Range<usize> = 2..8;
const PLAIN_SESSIONS: usize = 32;
const PLAIN_PAGES: Range<usize> = 42..55;
/// 2026-01-05T08:00:00Z.
const START: i64 = 1_767_600_000_000_000;

impl Generator {
    pub fn new(seed: u64, family: Family, ids: Ids) -> Generator {
        let mut rng = Rng::new(seed);
        let world = World::new(&mut rng);
        Generator {
            rng,
            family,
            ids,
            world,
            sessions: Vec::new(),
            clock: START,
        }
    }

    /// One of many parts of what one organisation writes: the organisation is that of `seed`.
    pub fn part(seed: u64, part: u64, family: Family, ids: Ids) -> Generator {
        let mut generator = Generator::new(seed, family, ids);
        let mut rng = Rng::new(part);
        generator.rng = Rng::new(seed ^ rng.next_u64());
        generator
    }

    /// JSON of an authority as a store of this world would have it.
    pub fn authority(&self) -> String {
        format!(
            r#"{{"objectType":"Agent","account":{{"homePage":"{}","name":"{}"}}}}"#,
            self.world.lms, self.world.key
        )
    }

    fn draft(&mut self) -> Draft {
        match self.family {
            Family::Cmi5 => self.cmi5(SESSIONS, PAGES),
            Family::Plain => self.plain(),
            Family::Content => content::draft(&mut self.rng, &self.world),
            Family::Mixed if self.rng.below(6) == 0 => content::draft(&mut self.rng, &self.world),
            Family::Mixed => self.cmi5(SESSIONS, PAGES),
            Family::Vle => vle::draft(&mut self.rng, &self.world),
        }
    }

    fn plain(&mut self) -> Draft {
        let mut draft = self.cmi5(PLAIN_SESSIONS, PLAIN_PAGES);
        draft.context = plain(&draft.context);
        draft
    }

    /// From one of so many sessions at one time, each over a number of pages in this range.
    fn cmi5(&mut self, sessions: usize, pages: Range<usize>) -> Draft {
        while self.sessions.len() < sessions {
            let session = cmi5::Session::new(&mut self.rng, &self.world, pages.clone());
            self.sessions.push(session);
        }
        let at = self.rng.below(sessions);
        let session = &mut self.sessions[at];
        let draft = session.next(&mut self.rng, &self.world);
        if session.is_over() {
            self.sessions.swap_remove(at);
        }
        draft
    }
}

impl Iterator for Generator {
    type Item = Sample;

    fn next(&mut self) -> Option<Sample> {
        self.clock += 1_000 + self.rng.below(120_000) as i64;
        let draft = self.draft();
        let id = match self.ids {
            Ids::Client => Some(self.rng.uuid()),
            Ids::Lrs => None,
        };
        Some(draft.finish(id, self.clock))
    }
}

/// How one sender's library writes: the order of members and the precision of times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    /// `id, actor, verb, object, result, context, timestamp`, milliseconds.
    Plain,
    /// `actor, verb, object, context, result, id, timestamp`, seconds.
    Late,
    /// `timestamp, id, actor, verb, context, object, result`, microseconds with an offset.
    Early,
    /// `id, timestamp, actor, verb, result, context, object`, milliseconds, with spaces.
    Spaced,
}

/// A statement before it is written down: the members' JSON.
struct Draft {
    style: Style,
    actor: String,
    verb: &'static str,
    verb_json: String,
    activity: String,
    object: String,
    result: Option<String>,
    context: String,
    related: Option<String>,
    registration: Option<Uuid>,
}

impl Draft {
    fn finish(self, id: Option<Uuid>, clock: i64) -> Sample {
        let id_json = id.map(|id| format!("\"{id}\""));
        let timestamp = format!("\"{}\"", self.style.timestamp(clock));
        let member = |name: &'static str| -> Option<&str> {
            match name {
                "id" => id_json.as_deref(),
                "actor" => Some(&self.actor),
                "verb" => Some(&self.verb_json),
                "object" => Some(&self.object),
                "result" => self.result.as_deref(),
                "context" => Some(&self.context),
                _ => Some(&timestamp),
            }
        };
        let (open, colon, comma, close) = self.style.punctuation();
        let mut text = String::with_capacity(2048);
        text.push_str(open);
        for name in self.style.members() {
            let Some(value) = member(name) else { continue };
            if text.len() > open.len() {
                text.push_str(comma);
            }
            text.extend(["\"", name, "\"", colon, value]);
        }
        text.push_str(close);
        Sample {
            id,
            text,
            actor: self.actor,
            verb: self.verb,
            activity: self.activity,
            related: self.related,
            registration: self.registration,
        }
    }
}

impl Style {
    const ALL: [Style; 4] = [Style::Plain, Style::Late, Style::Early, Style::Spaced];

    fn members(self) -> [&'static str; 7] {
        match self {
            Style::Plain => [
                "id",
                "actor",
                "verb",
                "object",
                "result",
                "context",
                "timestamp",
            ],
            Style::Late => [
                "actor",
                "verb",
                "object",
                "context",
                "result",
                "id",
                "timestamp",
            ],
            Style::Early => [
                "timestamp",
                "id",
                "actor",
                "verb",
                "context",
                "object",
                "result",
            ],
            Style::Spaced => [
                "id",
                "timestamp",
                "actor",
                "verb",
                "result",
                "context",
                "object",
            ],
        }
    }

    fn punctuation(self) -> (&'static str, &'static str, &'static str, &'static str) {
        match self {
            Style::Plain | Style::Late | Style::Early => ("{", ":", ",", "}"),
            Style::Spaced => ("{ ", ": ", ", ", " }"),
        }
    }

    fn timestamp(self, clock: i64) -> String {
        let time = DateTime::from_timestamp_micros(clock).unwrap_or_default();
        match self {
            Style::Plain | Style::Spaced => time.to_rfc3339_opts(SecondsFormat::Millis, true),
            Style::Late => time.to_rfc3339_opts(SecondsFormat::Secs, true),
            Style::Early => time.to_rfc3339_opts(SecondsFormat::Micros, false),
        }
    }
}
