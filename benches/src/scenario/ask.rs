//! Questions about statements that are there, as a client puts them and as the store gets them.

use std::collections::{HashMap, HashSet};

use storage::Term;
use uuid::Uuid;
use xapi::statement::Actor;

use super::fill::Filling;
use crate::generate::{Family, Rng, Sample};

/// A kind of question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    Id,
    /// Registrations of at least a page.
    Registration,
    Agent,
    AgentVerb,
    Activity,
    RelatedActivity,
    /// The newest statements.
    Recent,
    /// A registration and a verb that it never has.
    RareRegistrationVerb,
    /// An agent and an activity of somebody else's.
    RareAgentActivity,
    /// Two terms that stand on many statements, and on none together.
    RareFrequent,
}

/// One question.
#[derive(Debug, Clone)]
pub struct Asked {
    pub parameters: Vec<(&'static str, String)>,
    /// `None`: by id, which needs no index of terms.
    pub groups: Option<Vec<Vec<Term>>>,
}

/// Rows of a page.
pub const PAGE: usize = 50;

const VERB_EXPERIENCED: &str = "http://adlnet.gov/expapi/verbs/experienced";
const VERB_FAILED: &str = "http://adlnet.gov/expapi/verbs/failed";
/// Parts of the filling that are asked about.
const PARTS_MAX: usize = 12;

/// What the questions are about: statements of some parts of the filling.
pub struct Samples {
    samples: Vec<Sample>,
    /// Of at least a page.
    long: Vec<Uuid>,
    /// Of at least a page, and never failed.
    unfailed: Vec<Uuid>,
    category: String,
}

impl Samples {
    pub fn of(filling: &Filling) -> Samples {
        let mut rng = Rng::new(filling.seed ^ 0x5eed);
        let mut parts: Vec<usize> = (0..filling.parts()).collect();
        while parts.len() > PARTS_MAX {
            parts.swap_remove(rng.below(parts.len()));
        }
        let mut samples = Vec::new();
        let mut registrations: HashMap<Uuid, (usize, HashSet<&'static str>)> = HashMap::new();
        for part in parts {
            for sample in filling.part(part) {
                if let Some(registration) = sample.registration {
                    let (count, verbs) = registrations.entry(registration).or_default();
                    *count += 1;
                    verbs.insert(sample.verb);
                }
                // The text is the most of it, and no question needs it.
                samples.push(Sample {
                    text: String::new(),
                    ..sample
                });
            }
        }
        let mut long: Vec<Uuid> = Vec::new();
        let mut unfailed: Vec<Uuid> = Vec::new();
        for (registration, (count, verbs)) in registrations {
            if count >= PAGE {
                long.push(registration);
            }
            if !verbs.contains(VERB_FAILED) {
                unfailed.push(registration);
            }
        }
        long.sort();
        unfailed.sort();
        Samples {
            samples,
            long,
            unfailed,
            category: category(filling.family),
        }
    }

    /// `times` questions of a kind; fewer when the filling has nothing to ask so about.
    pub fn ask(&self, kind: Ask, times: usize) -> Vec<Asked> {
        let mut rng = Rng::new(times as u64);
        let mut asked = Vec::with_capacity(times);
        // Not every sample can be asked about in every way.
        for _ in 0..times * 20 {
            if asked.len() == times || self.samples.is_empty() {
                break;
            }
            asked.extend(self.one(kind, &mut rng));
        }
        asked
    }

    fn one(&self, kind: Ask, rng: &mut Rng) -> Option<Asked> {
        let sample = self.samples.get(rng.below(self.samples.len()))?;
        match kind {
            Ask::Id => Some(Asked {
                parameters: vec![("statementId", sample.id?.to_string())],
                groups: None,
            }),
            Ask::Registration => {
                let registration = self.long.get(rng.below(self.long.len()))?;
                Some(Asked::new(vec![by_registration(*registration)]))
            }
            Ask::Agent => Some(Asked::new(vec![by_agent(sample)?])),
            Ask::AgentVerb => Some(Asked::new(vec![by_agent(sample)?, by_verb(sample.verb)])),
            Ask::Activity => Some(Asked::new(vec![by_activity(&sample.activity)])),
            Ask::RelatedActivity => {
                Some(Asked::related(vec![by_related(sample.related.as_deref()?)]))
            }
            Ask::Recent => Some(Asked::new(Vec::new())),
            Ask::RareRegistrationVerb => {
                let registration = self.unfailed.get(rng.below(self.unfailed.len()))?;
                Some(Asked::new(vec![
                    by_registration(*registration),
                    by_verb(VERB_FAILED),
                ]))
            }
            Ask::RareAgentActivity => {
                let other = self.samples.get(rng.below(self.samples.len()))?;
                Some(Asked::new(vec![
                    by_agent(sample)?,
                    by_activity(&other.activity),
                ]))
            }
            Ask::RareFrequent => Some(Asked::related(vec![
                by_verb(VERB_EXPERIENCED),
                by_related(&self.category),
            ])),
        }
    }
}

/// Only statements that say how a session went have it, and `experienced` is none of them.
fn category(family: Family) -> String {
    let category = "https://w3id.org/xapi/cmi5/context/categories/cmi5";
    match family {
        Family::Plain => crate::generate::plain(category),
        Family::Cmi5 | Family::Mixed | Family::Content | Family::Vle => category.to_owned(),
    }
}

/// One parameter with its terms.
type Part = ((&'static str, String), Vec<Term>);

impl Asked {
    fn new(parts: Vec<Part>) -> Asked {
        let (parameters, groups) = parts.into_iter().unzip();
        Asked {
            parameters,
            groups: Some(groups),
        }
    }

    fn related(parts: Vec<Part>) -> Asked {
        let mut asked = Asked::new(parts);
        asked
            .parameters
            .push(("related_activities", "true".to_owned()));
        asked
    }
}

fn by_registration(registration: Uuid) -> Part {
    (
        ("registration", registration.to_string()),
        vec![Term::registration(registration)],
    )
}

fn by_agent(sample: &Sample) -> Option<Part> {
    let agent = canonical(sample)?;
    Some((("agent", sample.actor.clone()), vec![Term::agent(&agent)]))
}

fn by_verb(verb: &str) -> Part {
    (("verb", verb.to_owned()), vec![Term::verb(verb)])
}

fn by_activity(activity: &str) -> Part {
    (
        ("activity", activity.to_owned()),
        vec![Term::activity(activity)],
    )
}

fn by_related(activity: &str) -> Part {
    (
        ("activity", activity.to_owned()),
        vec![Term::activity(activity), Term::related_activity(activity)],
    )
}

fn canonical(sample: &Sample) -> Option<String> {
    let text = format!(
        r#"{{"actor":{},"verb":{{"id":"http://example.com"}},"object":{{"id":"http://example.com"}}}}"#,
        sample.actor
    );
    let limits = xapi::Limits::default();
    let statement = xapi::statement::parse_one(&text, xapi::Version::V1_0_3, &limits).ok()?;
    match &statement.actor {
        Actor::Agent(agent) => Some(agent.ifi.canonical()),
        Actor::Group(group) => group.ifi.as_ref().map(|ifi| ifi.canonical()),
    }
}
