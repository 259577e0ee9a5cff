//! What is asked of a filled endpoint: each kind of question many times, with values of the statements in it.

use storage::Term;
use xapi::statement::Actor;

use crate::generate::{Family, Generator, Ids, Rng, Sample};

/// One kind of question with the values for each time it is asked.
#[derive(Debug)]
pub struct Question {
    pub label: &'static str,
    pub asked: Vec<Asked>,
}

/// The question as a client puts it, and as the store gets it.
#[derive(Debug)]
pub struct Asked {
    pub parameters: Vec<(&'static str, String)>,
    /// `None`: by id, which needs no index of terms.
    pub groups: Option<Vec<Vec<Term>>>,
}

/// What to ask about a sample; `None`: about another one.
type Ask = fn(&Sample) -> Option<Asked>;

const VERB_EXPERIENCED: &str = "http://adlnet.gov/expapi/verbs/experienced";
const VERB_SATISFIED: &str = "https://w3id.org/xapi/adl/verbs/satisfied";
const CATEGORY: &str = "https://w3id.org/xapi/cmi5/context/categories/cmi5";

/// `times` of each kind about statements that a fill with this seed over so many connections has sent. Only the first
/// `known` of each connection are used.
pub fn questions(
    seed: u64,
    connections: usize,
    family: Family,
    known: usize,
    times: usize,
) -> Vec<Question> {
    let mut rng = Rng::new(seed ^ 0x5eed);
    let mut samples: Vec<Sample> = Vec::new();
    for connection in 0..connections as u64 {
        samples.extend(Generator::new(seed + connection, family, Ids::Client).take(known));
    }
    let kinds: [(&'static str, Ask); 9] = [
        ("one by its id", by_id),
        ("newest 100", |_| Some(Asked::new(Vec::new(), Vec::new()))),
        ("registration", registration),
        ("agent + verb", agent_and_verb),
        ("activity", activity),
        ("related activity", related),
        ("verb", verb),
        (
            "registration + verb, no match",
            registration_and_absent_verb,
        ),
        ("two frequent terms, no match", frequent_without_match),
    ];
    kinds
        .into_iter()
        .map(|(label, ask)| {
            let mut asked = Vec::with_capacity(times);
            while asked.len() < times {
                asked.extend(ask(&samples[rng.below(samples.len())]));
            }
            Question { label, asked }
        })
        .collect()
}

impl Asked {
    fn new(parameters: Vec<(&'static str, String)>, groups: Vec<Vec<Term>>) -> Asked {
        Asked {
            parameters,
            groups: Some(groups),
        }
    }
}

fn by_id(sample: &Sample) -> Option<Asked> {
    Some(Asked {
        parameters: vec![("statementId", sample.id?.to_string())],
        groups: None,
    })
}

fn registration(sample: &Sample) -> Option<Asked> {
    let registration = sample.registration?;
    Some(Asked::new(
        vec![("registration", registration.to_string())],
        vec![vec![Term::registration(registration)]],
    ))
}

fn agent_and_verb(sample: &Sample) -> Option<Asked> {
    let agent = canonical(sample)?;
    Some(Asked::new(
        vec![
            ("agent", sample.actor.clone()),
            ("verb", sample.verb.to_owned()),
        ],
        vec![vec![Term::agent(&agent)], vec![Term::verb(sample.verb)]],
    ))
}

fn activity(sample: &Sample) -> Option<Asked> {
    Some(Asked::new(
        vec![("activity", sample.activity.clone())],
        vec![vec![Term::activity(&sample.activity)]],
    ))
}

fn related(sample: &Sample) -> Option<Asked> {
    let related = sample.related.as_ref()?;
    Some(Asked::new(
        vec![
            ("activity", related.clone()),
            ("related_activities", "true".to_owned()),
        ],
        vec![vec![
            Term::activity(related),
            Term::related_activity(related),
        ]],
    ))
}

fn verb(sample: &Sample) -> Option<Asked> {
    Some(Asked::new(
        vec![("verb", sample.verb.to_owned())],
        vec![vec![Term::verb(sample.verb)]],
    ))
}

/// Registrations of content outside cmi5 are never satisfied.
fn registration_and_absent_verb(sample: &Sample) -> Option<Asked> {
    let registration = sample.registration?;
    if sample.text.contains("https://w3id.org/xapi/cmi5/") {
        return None;
    }
    Some(Asked::new(
        vec![
            ("registration", registration.to_string()),
            ("verb", VERB_SATISFIED.to_owned()),
        ],
        vec![
            vec![Term::registration(registration)],
            vec![Term::verb(VERB_SATISFIED)],
        ],
    ))
}

/// The worst there is: both terms are on hundreds of thousands of statements, and on none together (only cmi5
/// defined statements have the category, and `experienced` is none of them).
fn frequent_without_match(_: &Sample) -> Option<Asked> {
    Some(Asked::new(
        vec![
            ("verb", VERB_EXPERIENCED.to_owned()),
            ("activity", CATEGORY.to_owned()),
            ("related_activities", "true".to_owned()),
        ],
        vec![
            vec![Term::verb(VERB_EXPERIENCED)],
            vec![Term::activity(CATEGORY), Term::related_activity(CATEGORY)],
        ],
    ))
}

fn canonical(sample: &Sample) -> Option<String> {
    let limits = xapi::Limits::default();
    let statement =
        xapi::statement::parse_one(&sample.text, xapi::Version::V1_0_3, &limits).ok()?;
    match &statement.actor {
        Actor::Agent(agent) => Some(agent.ifi.canonical()),
        Actor::Group(group) => group.ifi.as_ref().map(|ifi| ifi.canonical()),
    }
}
