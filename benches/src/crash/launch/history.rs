//! What the statements of a registration tell, in the order in which they were stored: sessions one after another, and
//! moveOn rolled up over blocks and course. The harness has this of its own, so that it does not share the server's
//! mistakes.

use cmi5::MoveOn;
use cmi5::vocabulary::Verb;

use super::course::{Child, Course};
use crate::crash::ledger::Known;

/// A statement as it was read.
#[derive(Debug, Clone)]
pub(in crate::crash) struct Told {
    pub known: Known,
    /// One without is cmi5 allowed.
    pub verb: Option<Verb>,
    /// The activity's id.
    pub object: String,
    /// The session's id.
    pub session: String,
    /// Microseconds since 1970.
    pub stored: i64,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::crash) struct Reached {
    pub completed: bool,
    pub passed: bool,
    pub waived: bool,
}

/// A session from `launched` to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::crash) struct Stretch {
    pub session: String,
    pub au: usize,
    /// What was said in it, `launched` first.
    pub said: Vec<Verb>,
}

/// What follows from the statements.
#[derive(Debug, Clone)]
pub(in crate::crash) struct Story<'c> {
    course: &'c Course,
    /// Of each AU.
    pub reached: Vec<Reached>,
    /// Whether there is a `satisfied`, of each node.
    pub satisfied: Vec<bool>,
    /// In the order of their launches.
    pub sessions: Vec<Stretch>,
    /// What must not be.
    pub faults: Vec<String>,
    /// The nodes whose `satisfied` is missing, told once.
    missing: Vec<usize>,
    /// The last statement, for faults.
    last: String,
    stored: i64,
}

impl Reached {
    /// Another verb reaches nothing.
    pub(super) fn says(&mut self, verb: Option<Verb>) {
        match verb {
            Some(Verb::Completed) => self.completed = true,
            Some(Verb::Passed) => self.passed = true,
            Some(Verb::Waived) => self.waived = true,
            Some(
                Verb::Launched
                | Verb::Initialized
                | Verb::Failed
                | Verb::Abandoned
                | Verb::Terminated
                | Verb::Satisfied,
            )
            | None => {}
        }
    }

    pub(super) fn has(&self, verb: Option<Verb>) -> bool {
        let mut more = self.clone();
        more.says(verb);
        more == *self
    }

    /// Whether an AU is satisfied by it.
    pub(super) fn meets(&self, move_on: MoveOn) -> bool {
        let by_learner = match move_on {
            MoveOn::NotApplicable => true,
            MoveOn::Completed => self.completed,
            MoveOn::Passed => self.passed,
            MoveOn::CompletedAndPassed => self.completed && self.passed,
            MoveOn::CompletedOrPassed => self.completed || self.passed,
        };
        by_learner || self.waived
    }
}

impl Stretch {
    pub(super) fn has_ended(&self) -> bool {
        self.said
            .iter()
            .any(|verb| matches!(verb, Verb::Terminated | Verb::Abandoned))
    }
}

/// All statements of a registration, the first stored first.
pub(in crate::crash) fn replay<'c>(course: &'c Course, history: &[Told]) -> Story<'c> {
    let mut story = Story {
        course,
        reached: vec![Reached::default(); course.aus.len()],
        satisfied: vec![false; course.nodes.len()],
        sessions: Vec::new(),
        faults: Vec::new(),
        missing: Vec::new(),
        last: "the beginning".to_owned(),
        stored: i64::MIN,
    };
    for told in history {
        story.tell(told);
    }
    story.misses();
    story
}

impl Story<'_> {
    fn tell(&mut self, told: &Told) {
        let verb = told.verb.map_or("experienced", name);
        let this = format!("`{verb}` {} of {}", told.known.id, told.object);
        if told.stored <= self.stored {
            let line = format!("{this} is not stored behind {}", self.last);
            self.faults.push(line);
        }
        self.stored = told.stored;
        if told.verb == Some(Verb::Satisfied) {
            self.satisfies(told, &this);
        } else {
            self.misses();
            match self.course.au(&told.object) {
                Some(au) => self.of_au(told, au, &this),
                None => self.faults.push(format!("{this}, which is no AU")),
            }
        }
        self.last = this;
    }

    /// A node is satisfied by its children, and says so once.
    fn satisfies(&mut self, told: &Told, this: &str) {
        let nodes = &self.course.nodes;
        let Some(node) = nodes.iter().position(|node| node.id == told.object) else {
            self.faults.push(format!("{this}, which is no block"));
            return;
        };
        if self.satisfied[node] {
            self.faults.push(format!("{this} is another one"));
        } else if !self.is_due(node) {
            self.faults.push(format!("{this} has no cause before it"));
        }
        self.satisfied[node] = true;
    }

    /// Whether all children are satisfied: blocks among them have said so.
    fn is_due(&self, node: usize) -> bool {
        let mut children = self.course.nodes[node].children.iter();
        children.all(|child| match child {
            Child::Node(inner) => self.satisfied[*inner],
            Child::Au(au) => self.meets(*au),
        })
    }

    pub(super) fn meets(&self, au: usize) -> bool {
        self.reached[au].meets(self.course.aus[au].move_on)
    }

    /// Behind a statement stands what it satisfies, and nothing in between.
    fn misses(&mut self) {
        for node in 0..self.course.nodes.len() {
            if !self.satisfied[node] && self.is_due(node) && !self.missing.contains(&node) {
                let id = &self.course.nodes[node].id;
                let line = format!("no `satisfied` of {id} directly behind {}", self.last);
                self.faults.push(line);
                self.missing.push(node);
            }
        }
    }

    fn of_au(&mut self, told: &Told, au: usize, this: &str) {
        match told.verb {
            Some(Verb::Launched) => self.launches(told, au, this),
            Some(Verb::Waived) => {
                if self.meets(au) {
                    self.faults.push(format!("{this}, which was satisfied"));
                }
            }
            verb => self.in_session(told, au, verb, this),
        }
        let reached = &mut self.reached[au];
        let is_repeated = matches!(told.verb, Some(Verb::Completed | Verb::Passed));
        if is_repeated && reached.has(told.verb) {
            self.faults.push(format!("{this} is another one"));
        }
        reached.says(told.verb);
    }

    fn launches(&mut self, told: &Told, au: usize, this: &str) {
        let newest = self.sessions.last();
        if let Some(open) = newest.filter(|newest| !newest.has_ended()) {
            let line = format!("{this} while session {} is open", open.session);
            self.faults.push(line);
        }
        self.sessions.push(Stretch {
            session: told.session.clone(),
            au,
            said: vec![Verb::Launched],
        });
    }

    fn in_session(&mut self, told: &Told, au: usize, verb: Option<Verb>, this: &str) {
        let mut sessions = self.sessions.iter_mut();
        let session = sessions.find(|session| session.session == told.session && session.au == au);
        let Some(session) = session else {
            let line = format!("{this} in session {} before its launch", told.session);
            self.faults.push(line);
            return;
        };
        if session.has_ended() {
            let line = format!("{this} in session {} after its end", told.session);
            self.faults.push(line);
        }
        session.said.extend(verb);
    }
}

fn name(verb: Verb) -> &'static str {
    verb.iri().rsplit('/').next().unwrap_or_default()
}
