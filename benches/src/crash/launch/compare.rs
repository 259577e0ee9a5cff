//! What was read of a registration after the restart, beside what was asked for and what its statements tell.

use std::sync::Arc;

use cmi5::vocabulary::Verb;

use super::course::Course;
use super::history::{Story, Stretch, replay};
use super::seen::{Seen, SessionView, VERBS, View};
use super::{Deed, Registration, State, What};
use crate::crash::findings::Findings;
use crate::crash::ledger::Known;

/// Compares, and answers how many deeds in flight were done. From then on they count as acknowledged, and the others leave
/// the registration.
pub(in crate::crash) fn compare(registration: &mut Registration, seen: &Seen) -> (Findings, usize) {
    let course = Arc::clone(&registration.course);
    let story = replay(&course, &seen.history);
    let look = Look {
        course: &course,
        story: &story,
        seen,
    };
    let mut findings = Findings::default();
    if seen.view.is_some() || !seen.history.is_empty() {
        findings.wrong.clone_from(&story.faults);
    }
    look.agree(&mut findings);
    look.claim_launches(registration, &mut findings);
    look.claim_statements(registration, &mut findings);
    let waived: Vec<usize> = registration.waived().collect();
    let mut found = 0;
    for deed in &mut registration.deeds {
        let there = look.there(deed);
        match &deed.state {
            State::Acknowledged if there == There::Whole => {}
            State::Acknowledged => findings.lost.push(format!("{:?}", deed.what)),
            State::Refused(why) if !look.explains(&deed.what) => {
                let line = format!("{:?} was refused: {why}", deed.what);
                findings.refused.push(line);
            }
            State::Refused(_) => {}
            State::InFlight => match there {
                There::Whole if !is_of_another(&deed.what, &waived) => {
                    deed.state = State::Acknowledged;
                    found += 1;
                }
                There::Part => findings.half.push(format!("{:?}", deed.what)),
                There::Whole | There::Not => {}
            },
        }
    }
    look.settle(registration);
    (findings, found)
}

/// An AU is waived once: if another one was told so, this was not done.
fn is_of_another(what: &What, waived: &[usize]) -> bool {
    matches!(what, What::Waived { au } if waived.contains(au))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum There {
    Whole,
    Part,
    Not,
}

impl From<bool> for There {
    fn from(is: bool) -> There {
        if is { There::Whole } else { There::Not }
    }
}

struct Look<'l> {
    course: &'l Course,
    story: &'l Story<'l>,
    seen: &'l Seen,
}

impl Look<'_> {
    /// The server's other answers say what the statements say.
    fn agree(&self, findings: &mut Findings) {
        let expected = View::after(self.course, self.story);
        match &self.seen.view {
            Some(view) => findings.half.extend(view.differs(&expected)),
            None if self.seen.history.is_empty() => {}
            None => findings.half.push("statements alone are there".to_owned()),
        }
        for stretch in &self.story.sessions {
            self.agree_on_session(stretch, findings);
        }
        for (session, opens) in &self.seen.tokens {
            if *opens == self.has_ended(*session) {
                let line = format!("the token of session {session} is not as it was");
                findings.lost.push(line);
            }
        }
        for au in 0..self.course.aus.len() {
            let mut launches = self.story.sessions.iter().rev();
            let newest = launches.find(|stretch| stretch.au == au);
            let newest = newest.map(|stretch| stretch.session.as_str());
            let mut data = self.seen.launch_data.iter();
            let data = data
                .find(|(of, _)| *of == au)
                .map(|(_, data)| data.as_str());
            if newest != data {
                findings.half.push(format!(
                    "AU {au} was launched last as {newest:?}, and its launch data are of {data:?}"
                ));
            }
        }
    }

    fn agree_on_session(&self, stretch: &Stretch, findings: &mut Findings) {
        let session = &stretch.session;
        let Some(view) = self.of_code(session) else {
            findings
                .half
                .push(format!("session {session} is not there"));
            return;
        };
        let said: Vec<Verb> = VERBS
            .iter()
            .map(|(_, verb)| *verb)
            .filter(|verb| stretch.said.contains(verb))
            .collect();
        if view.said != said {
            findings.half.push(format!(
                "session {session} has the statements {said:?}, and it is {:?}",
                view.said
            ));
        }
    }

    fn of_code(&self, session: &str) -> Option<&SessionView> {
        let mut views = self.seen.sessions.iter();
        views.find(|view| view.session == session)
    }

    fn of_number(&self, number: u64) -> Option<&SessionView> {
        let mut views = self.seen.sessions.iter();
        views.find(|view| view.number == number)
    }

    fn stretch(&self, number: u64) -> Option<&Stretch> {
        let view = self.of_number(number)?;
        let mut stretches = self.story.sessions.iter();
        stretches.find(|stretch| stretch.session == view.session)
    }

    /// Each session was asked for: it was answered, or one launch in flight made it.
    fn claim_launches(&self, registration: &mut Registration, findings: &mut Findings) {
        for stretch in &self.story.sessions {
            let Some(view) = self.of_code(&stretch.session) else {
                continue;
            };
            let made = |what: &What| matches!(what, What::Launched { session: Some(number), .. } if *number == view.number);
            if registration.deeds.iter().any(|deed| made(&deed.what)) {
                continue;
            }
            let unknown = What::Launched {
                au: stretch.au,
                session: None,
            };
            let mut deeds = registration.deeds.iter_mut();
            match deeds.find(|deed| deed.state == State::InFlight && deed.what == unknown) {
                Some(deed) => {
                    deed.what = What::Launched {
                        au: stretch.au,
                        session: Some(view.number),
                    };
                }
                None => {
                    let line = format!("nobody asked for session {}", stretch.session);
                    findings.wrong.push(line);
                }
            }
        }
    }

    /// Each statement of an AU and each `waived` was asked for.
    fn claim_statements(&self, registration: &Registration, findings: &mut Findings) {
        let deeds = || {
            let deeds = registration.deeds.iter();
            deeds.filter(|deed| !matches!(deed.state, State::Refused(_)))
        };
        for told in &self.seen.history {
            let is_asked = match told.verb {
                // By the server, because of what has been looked at.
                Some(Verb::Launched | Verb::Abandoned | Verb::Satisfied) => true,
                Some(Verb::Waived) => deeds().any(
                    |deed| matches!(deed.what, What::Waived { au } if self.course.aus[au].id == told.object),
                ),
                Some(
                    Verb::Initialized
                    | Verb::Completed
                    | Verb::Passed
                    | Verb::Failed
                    | Verb::Terminated,
                )
                | None => deeds().any(|deed| deed.what.sent().contains(&told.known)),
            };
            if !is_asked {
                let line = format!("nobody sent {} so: {told:?}", told.known.id);
                findings.wrong.push(line);
            }
        }
    }

    fn there(&self, deed: &Deed) -> There {
        let of = |session: &u64| self.of_number(*session);
        match &deed.what {
            What::Registered => self.seen.view.is_some().into(),
            What::Launched { au, session } => session
                .and_then(|number| self.stretch(number))
                .is_some_and(|stretch| stretch.au == *au)
                .into(),
            What::Fetched { session } => of(session).is_some_and(|view| view.has_fetched).into(),
            What::LaunchDataRead { session } => {
                of(session).is_some_and(|view| view.launch_data_read).into()
            }
            What::PreferencesRead { session } => {
                of(session).is_some_and(|view| view.preferences_read).into()
            }
            What::Abandoned { session } => self.has_ended(*session).into(),
            What::Waived { au } => self.story.reached[*au].waived.into(),
            What::Said { .. } => {
                let sent = deed.what.sent();
                let is_there = |known: &&Known| {
                    let mut history = self.seen.history.iter();
                    history.any(|told| told.known == **known)
                };
                match sent.iter().filter(is_there).count() {
                    0 => There::Not,
                    there if there == sent.len() => There::Whole,
                    _ => There::Part,
                }
            }
        }
    }

    fn has_ended(&self, session: u64) -> bool {
        self.stretch(session).is_some_and(Stretch::has_ended)
    }

    /// Whether something in the registration gives reason to refuse it.
    fn explains(&self, what: &What) -> bool {
        match what {
            What::Registered | What::Launched { .. } | What::Abandoned { .. } => false,
            What::Fetched { session }
            | What::LaunchDataRead { session }
            | What::PreferencesRead { session } => self.has_ended(*session),
            What::Waived { au } => self.story.meets(*au),
            What::Said {
                session,
                au,
                statements,
            } => {
                let reached = &self.story.reached[*au];
                let is_reached = |verb: Option<Verb>| match verb {
                    Some(Verb::Completed) => reached.completed,
                    Some(Verb::Passed | Verb::Failed) => reached.passed,
                    Some(
                        Verb::Launched
                        | Verb::Initialized
                        | Verb::Abandoned
                        | Verb::Waived
                        | Verb::Terminated
                        | Verb::Satisfied,
                    )
                    | None => false,
                };
                self.has_ended(*session) || statements.iter().any(|(verb, _)| is_reached(*verb))
            }
        }
    }

    /// From now on the registration is as it was found.
    fn settle(&self, registration: &mut Registration) {
        let deeds = &mut registration.deeds;
        deeds.retain(|deed| deed.state == State::Acknowledged);
        registration.settled = deeds.len();
        registration.statements = self.seen.history.iter().map(|told| told.known.id).collect();
        let satisfied = self.seen.history.iter();
        registration.satisfied = satisfied
            .filter(|told| told.verb == Some(Verb::Satisfied))
            .count();
        for attempt in &mut registration.attempts {
            attempt.is_busy = false;
            let view = self.of_number(attempt.session);
            // A token that went down with the answer is lost to the AU.
            let is_stuck = attempt.token.is_none() && view.is_some_and(|view| view.has_fetched);
            attempt.is_over |= is_stuck || self.has_ended(attempt.session);
            if let Some(stretch) = self.stretch(attempt.session) {
                attempt.said.clone_from(&stretch.said);
            }
        }
    }
}

impl Registration {
    /// AUs of which it was told that they are waived.
    fn waived(&self) -> impl Iterator<Item = usize> {
        let told = |deed: &&Deed| deed.state == State::Acknowledged;
        let deeds = self.deeds.iter().filter(told);
        deeds.filter_map(|deed| match deed.what {
            What::Waived { au } => Some(au),
            What::Registered
            | What::Launched { .. }
            | What::Fetched { .. }
            | What::LaunchDataRead { .. }
            | What::PreferencesRead { .. }
            | What::Said { .. }
            | What::Abandoned { .. } => None,
        })
    }
}
