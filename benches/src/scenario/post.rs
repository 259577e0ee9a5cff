//! Statements that are posted: made before the clock starts, and given new ids while it runs.

use uuid::Uuid;

use crate::client::Body;
use crate::drive::Work;
use crate::generate::{Family, Generator, Ids, Rng, Sample};
use crate::wire::{Answer, Target};

/// Requests that one connection sends in turn, each time with new ids.
pub struct Posts {
    requests: Vec<Template>,
    next: usize,
    ids: Rng,
    /// Requests that are still to be sent.
    left: usize,
    status: u16,
}

struct Template {
    bytes: Vec<u8>,
    /// Where ids stand.
    ids: Vec<usize>,
}

const ID_LENGTH: usize = 36;

impl Posts {
    /// `statements` of a generator in requests of `batch`; 1 sends single ones without an array.
    pub fn of_family(
        target: &Target,
        family: Family,
        seed: u64,
        statements: usize,
        batch: usize,
    ) -> Posts {
        let mut generator = Generator::new(seed, family, Ids::Client);
        let requests = (0..statements.div_ceil(batch).max(1)).map(|_| {
            let samples: Vec<Sample> = generator.by_ref().take(batch).collect();
            template(target, &samples)
        });
        Posts::new(requests.collect(), seed)
    }

    /// Single statements, each with its id.
    pub fn of_statements(target: &Target, samples: &[Sample], seed: u64) -> Posts {
        let requests = samples.chunks(1).map(|one| template(target, one));
        Posts::new(requests.collect(), seed)
    }

    /// One batch of statements that refer to another one, again and again.
    pub fn of_references(target: &Target, referred: Uuid, seed: u64, batch: usize) -> Posts {
        let mut rng = Rng::new(seed);
        let samples: Vec<Sample> = (0..batch)
            .map(|_| reference(rng.uuid(), referred))
            .collect();
        Posts::new(vec![template(target, &samples)], seed)
    }

    /// Requests with the id in each that is new every time, and the status that they get.
    pub fn of_bodies(requests: impl Iterator<Item = (Vec<u8>, String)>, status: u16) -> Posts {
        let requests = requests.map(|(bytes, id)| Template {
            ids: find(&bytes, &id).into_iter().collect(),
            bytes,
        });
        Posts {
            status,
            ..Posts::new(requests.collect(), 0)
        }
    }

    fn new(requests: Vec<Template>, seed: u64) -> Posts {
        let mut random = [0; 8];
        getrandom::fill(&mut random).expect("the operating system gives random bytes");
        Posts {
            requests,
            next: 0,
            // Not of the seed alone: a second run on the same store must not meet its own ids.
            ids: Rng::new(seed ^ u64::from_le_bytes(random)),
            left: usize::MAX,
            status: 200,
        }
    }

    /// Ends after so many requests.
    #[must_use]
    pub fn times(self, requests: usize) -> Posts {
        Posts {
            left: requests,
            ..self
        }
    }
}

fn reference(id: Uuid, referred: Uuid) -> Sample {
    let actor = r#"{"mbox":"mailto:reviewer@example.com"}"#;
    let verb = "http://adlnet.gov/expapi/verbs/commented";
    let text = format!(
        r#"{{"id":"{id}","actor":{actor},"verb":{{"id":"{verb}"}},"object":{{"objectType":"StatementRef","id":"{referred}"}}}}"#
    );
    Sample {
        id: Some(id),
        text,
        actor: actor.to_owned(),
        verb,
        activity: String::new(),
        related: None,
        registration: None,
    }
}

fn template(target: &Target, samples: &[Sample]) -> Template {
    let texts: Vec<&str> = samples.iter().map(|sample| &*sample.text).collect();
    let body = match &texts[..] {
        [one] => (*one).to_owned(),
        several => format!("[{}]", several.join(",")),
    };
    let bytes = target.request("POST", "/statements", &[], Some(Body::json(&body)));
    let mut from = bytes.len() - body.len();
    let mut ids = Vec::with_capacity(samples.len());
    for id in samples.iter().filter_map(|sample| sample.id) {
        let rest = bytes.get(from..).unwrap_or_default();
        if let Some(found) = find(rest, &id.to_string()) {
            ids.push(from + found);
            from += found + ID_LENGTH;
        }
    }
    Template { bytes, ids }
}

fn find(bytes: &[u8], id: &str) -> Option<usize> {
    bytes
        .windows(ID_LENGTH)
        .position(|part| part == id.as_bytes())
}

impl Work for Posts {
    fn next(&mut self) -> Option<&[u8]> {
        self.left = self.left.checked_sub(1)?;
        let count = self.requests.len();
        let template = self.requests.get_mut(self.next)?;
        self.next = (self.next + 1) % count;
        for &at in &template.ids {
            if let Some(id) = template.bytes.get_mut(at..at + ID_LENGTH) {
                self.ids.uuid().hyphenated().encode_lower(id);
            }
        }
        Some(&template.bytes)
    }

    fn take(&mut self, answer: &Answer<'_>) -> Result<(), String> {
        super::expect(answer, self.status)
    }
}

#[cfg(test)]
mod tests;
