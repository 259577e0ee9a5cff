//! The registrations that all clients of a round share. Each takes a deed, does it and books the answer; in between the
//! others do theirs, so that launches abandon one another and AUs of one block count at the same time.

use std::sync::Arc;

use cmi5::vocabulary::Verb;
use parking_lot::Mutex;
use serde_json::Value;
use uuid::Uuid;

use super::course::{COURSES, Course};
use super::lms::{Lms, statement};
use super::{Attempt, Deed, Registration, School, State, What};
use crate::crash::ledger::Known;
use crate::crash::player::Failed;
use crate::crash::session::Said;
use crate::generate::Rng;

pub(in crate::crash) struct Class(Mutex<Rows>);

struct Rows {
    school: School,
    registrations: Vec<Registration>,
}

/// A deed on its way.
pub(in crate::crash) struct Task {
    /// Index of the registration, and of the deed in it.
    at: usize,
    deed: usize,
    pub(super) what: What,
    pub(super) bearer: String,
    pub(super) course: Arc<Course>,
    pub(super) learner: String,
    pub(super) code: Option<Uuid>,
    /// The session as it is after the deed, and its index; a new one has none.
    pub(super) attempt: Option<(Option<usize>, Attempt)>,
    /// Statements.
    pub(super) body: String,
}

/// Registrations that are worked on at a time.
pub(in crate::crash) const OPEN: usize = 8;

impl Class {
    pub(in crate::crash) fn new(school: School, registrations: Vec<Registration>) -> Class {
        Class(Mutex::new(Rows {
            school,
            registrations,
        }))
    }

    pub(in crate::crash) fn close(self) -> (School, Vec<Registration>) {
        let rows = self.0.into_inner();
        (rows.school, rows.registrations)
    }

    /// One request. A refusal is booked, and explained or not when all is over.
    pub(in crate::crash) fn work(
        &self,
        lms: &Lms,
        name: &str,
        rng: &mut Rng,
    ) -> Result<(), Failed> {
        if rng.below(100) == 0 {
            return self.import(lms, rng);
        }
        let mut task = self.0.lock().begin(name, rng);
        let done = lms.perform(&mut task);
        self.0.lock().end(task, done)
    }

    fn import(&self, lms: &Lms, rng: &mut Rng) -> Result<(), Failed> {
        let bearer = self.0.lock().school.bearer.clone();
        let course = lms.import(&bearer, rng.below(COURSES.len()))?;
        self.0.lock().school.courses.push(Arc::new(course));
        Ok(())
    }
}

impl Rows {
    fn begin(&mut self, name: &str, rng: &mut Rng) -> Task {
        let at = self.choose(name, rng);
        let registration = &mut self.registrations[at];
        let (what, attempt) = registration.choose(rng);
        let mut task = Task {
            at,
            deed: registration.deeds.len(),
            what,
            bearer: registration.bearer.clone(),
            course: Arc::clone(&registration.course),
            learner: registration.learner.clone(),
            code: registration.code,
            attempt: None,
            body: String::new(),
        };
        if let Some(index) = attempt {
            let attempt = &mut registration.attempts[index];
            task.say(attempt, rng);
            attempt.is_busy = true;
            task.attempt = Some((Some(index), attempt.clone()));
        }
        registration.deeds.push(Deed {
            what: task.what.clone(),
            state: State::InFlight,
        });
        task
    }

    /// Index of a registration that is not done, a new one if there are few.
    fn choose(&mut self, name: &str, rng: &mut Rng) -> usize {
        let open: Vec<usize> = (0..self.registrations.len())
            .filter(|index| !self.registrations[*index].is_done())
            .collect();
        let known = |index: &usize| self.registrations[*index].code.is_some();
        let usable: Vec<usize> = open.iter().copied().filter(known).collect();
        if open.len() >= OPEN && !usable.is_empty() {
            // Mostly one in whose session nobody else is at work, so that sessions come to their ends too.
            let is_free = |index: &usize| {
                let mut attempts = self.registrations[*index].attempts.iter();
                !attempts.any(|attempt| attempt.is_busy)
            };
            let free: Vec<usize> = usable.iter().copied().filter(is_free).collect();
            return match free.is_empty() || rng.below(5) == 0 {
                true => rng.pick(&usable),
                false => rng.pick(&free),
            };
        }
        let index = self.registrations.len();
        let course = rng.below(self.school.courses.len());
        self.registrations.push(Registration {
            bearer: self.school.bearer.clone(),
            course: Arc::clone(&self.school.courses[course]),
            learner: format!("launched-{name}-{index}"),
            // Without one it is asked for; else the first launch makes it.
            code: (rng.below(2) == 0).then(|| rng.uuid()),
            deeds: Vec::new(),
            settled: 0,
            attempts: Vec::new(),
            statements: Vec::new(),
            satisfied: 0,
        });
        index
    }

    fn end(&mut self, task: Task, done: Result<(), Failed>) -> Result<(), Failed> {
        let registration = &mut self.registrations[task.at];
        let deed = &mut registration.deeds[task.deed];
        let done = match done {
            Ok(()) => {
                deed.state = State::Acknowledged;
                deed.what = task.what.clone();
                registration.code = task.code;
                Ok(())
            }
            Err(Failed::Refused(why)) => {
                deed.state = State::Refused(why);
                Ok(())
            }
            // It may have been done.
            Err(failed @ (Failed::Gone(_) | Failed::Broke(_))) => Err(failed),
        };
        let state = deed.state.clone();
        let Some((index, mut attempt)) = task.attempt else {
            return done;
        };
        match state {
            State::Acknowledged => {}
            State::Refused(_) => attempt.is_refused(&task.what),
            State::InFlight => attempt.is_over = true,
        }
        attempt.is_busy = false;
        match index {
            None => registration.attempts.push(attempt),
            Some(index) => registration.attempts[index] = attempt,
        }
        done
    }
}

impl Task {
    /// Makes the statements that are to be said.
    fn say(&mut self, attempt: &mut Attempt, rng: &mut Rng) {
        let What::Said { statements, .. } = &self.what else {
            return;
        };
        let verbs: Vec<Option<Verb>> = statements.iter().map(|(verb, _)| *verb).collect();
        let mut said: Vec<Said> = Vec::new();
        let mut texts = Vec::new();
        for verb in verbs {
            let statement = statement(self, attempt, verb, rng);
            let id = statement["id"].as_str().and_then(|id| id.parse().ok());
            let text = statement.to_string();
            said.push((verb, Known::of(id.unwrap_or_default(), &text)));
            texts.push(text);
        }
        self.body = format!("[{}]", texts.join(","));
        if let What::Said { statements, .. } = &mut self.what {
            *statements = said;
        }
    }

    pub(super) fn path(&self) -> String {
        let code = self.code.unwrap_or_default();
        format!("/api/v1/registration/{code}")
    }
}

impl Registration {
    /// What to do next, and the session in which it is done.
    fn choose(&self, rng: &mut Rng) -> (What, Option<usize>) {
        let Some(_) = self.code else {
            return (What::Registered, None);
        };
        let is_there = self.settled > 0
            || self
                .deeds
                .iter()
                .any(|deed| deed.state == State::Acknowledged);
        let open: Vec<usize> = (0..self.attempts.len())
            .filter(|index| !self.attempts[*index].is_over)
            .collect();
        let idle: Vec<usize> = open
            .iter()
            .copied()
            .filter(|index| !self.attempts[*index].is_busy)
            .collect();
        let launch = |rng: &mut Rng| What::Launched {
            au: self.choose_au(rng),
            session: None,
        };
        if !is_there {
            return (launch(rng), None);
        }
        match (rng.below(100), open.last(), idle.last()) {
            (0..6, _, _) => (
                What::Waived {
                    au: self.choose_au(rng),
                },
                None,
            ),
            (6..8, Some(newest), _) => {
                let session = self.attempts[*newest].session;
                (What::Abandoned { session }, None)
            }
            (6..14, _, _) | (_, _, None) => (launch(rng), None),
            (roll, _, Some(newest)) => {
                // Those before the newest have been abandoned, and are refused.
                let index = if roll < 18 { idle[0] } else { *newest };
                (self.next(&self.attempts[index], rng), Some(index))
            }
        }
    }

    /// Rather one that is not satisfied.
    fn choose_au(&self, rng: &mut Rng) -> usize {
        let open = self.open_aus();
        match rng.below(6) {
            0 => rng.below(self.course.aus.len()),
            _ => open[rng.below(open.len())],
        }
    }

    /// The next step of a session.
    fn next(&self, attempt: &Attempt, rng: &mut Rng) -> What {
        let session = attempt.session;
        let Some(_) = attempt.token else {
            return What::Fetched { session };
        };
        let Some(data) = &attempt.launch_data else {
            return What::LaunchDataRead { session };
        };
        if !attempt.preferences_read {
            return What::PreferencesRead { session };
        }
        let verbs = self.verbs(attempt, data, rng);
        What::Said {
            session,
            au: attempt.au,
            statements: verbs.iter().map(|verb| (*verb, Known::NONE)).collect(),
        }
    }

    fn verbs(&self, attempt: &Attempt, data: &Value, rng: &mut Rng) -> Vec<Option<Verb>> {
        let mut verbs = Vec::new();
        if !attempt.said.contains(&Verb::Initialized) {
            verbs.push(Some(Verb::Initialized));
            if rng.below(3) > 0 {
                return verbs;
            }
        }
        let is_normal = data["launchMode"] == "Normal";
        let reached = &self.reached()[attempt.au];
        let mut left: Vec<Verb> = [Verb::Completed, Verb::Passed]
            .into_iter()
            .filter(|verb| !attempt.said.contains(verb) && !reached.has(Some(*verb)))
            .collect();
        if attempt.said.contains(&Verb::Failed) {
            left.retain(|verb| *verb != Verb::Passed);
        }
        if !is_normal || left.is_empty() {
            verbs.push(Some(Verb::Terminated));
            return verbs;
        }
        match rng.below(8) {
            0 => verbs.extend([None, None]),
            1 if left.contains(&Verb::Passed) => verbs.push(Some(Verb::Failed)),
            2 => verbs.extend(left.into_iter().map(Some)),
            3 => verbs.extend([None, Some(rng.pick(&left)), Some(Verb::Terminated)]),
            _ => verbs.push(Some(rng.pick(&left))),
        }
        verbs
    }
}

impl Attempt {
    /// What was reached in another session cannot be reached again; any other refusal is the end.
    fn is_refused(&mut self, what: &What) {
        let said: Vec<Verb> = match what {
            What::Said { statements, .. } => {
                let verbs = statements.iter().filter_map(|(verb, _)| *verb);
                verbs
                    .filter(|verb| matches!(verb, Verb::Completed | Verb::Passed | Verb::Failed))
                    .collect()
            }
            What::Registered
            | What::Launched { .. }
            | What::Fetched { .. }
            | What::LaunchDataRead { .. }
            | What::PreferencesRead { .. }
            | What::Abandoned { .. }
            | What::Waived { .. } => Vec::new(),
        };
        self.is_over = said.is_empty();
        self.said.extend(said);
    }
}
