//! Launched registrations after the restart: everything that reads say of one, for `compare` to judge.

use std::sync::Arc;

use cmi5::vocabulary::{SESSION_ID, Verb};
use serde_json::Value;
use uuid::Uuid;

use super::{Reader, Unread};
use crate::crash::launch::compare::compare;
use crate::crash::launch::course::Course;
use crate::crash::launch::history::Told;
use crate::crash::launch::lms::actor;
use crate::crash::launch::seen::{Seen, SessionView, View};
use crate::crash::launch::{Registration, What};

impl Reader {
    /// Whether the registration is there.
    pub(super) fn registration(&mut self, registration: &mut Registration) -> bool {
        let what = format!("{}: {}", self.place, registration.describe());
        match self.seen(registration) {
            Ok(seen) => {
                let (findings, found) = compare(registration, &seen);
                self.in_flight_found += found;
                self.findings.extend(findings.of(&what));
                !registration.deeds.is_empty()
            }
            Err(Unread(why)) => {
                self.findings.refused.push(format!("{what}: {why}"));
                true
            }
        }
    }

    /// A course answers as its import did.
    pub(super) fn course(&mut self, course: &mut Arc<Course>) -> bool {
        let what = format!("{}: course {}", self.place, course.number);
        let path = format!("course/{}", course.number);
        match self.lms.see(&course.bearer, &path).map_err(Unread::from) {
            Ok(Some(answer)) if answer == course.answer => {}
            Ok(Some(answer)) => self.findings.wrong.push(format!("{what}: {answer}")),
            Ok(None) => self.findings.lost.push(what),
            Err(Unread(why)) => self.findings.refused.push(format!("{what}: {why}")),
        }
        true
    }

    fn seen(&self, registration: &mut Registration) -> Result<Seen, Unread> {
        if registration.code.is_none() {
            registration.code = self.code(&registration.learner)?;
        }
        let Some(code) = registration.code else {
            return Ok(Seen::default());
        };
        let history = self.lms.statements(("registration", &code.to_string()))?;
        let history: Vec<Told> = history.iter().map(Told::read).collect();
        let view = self.see(registration, &format!("registration/{code}"))?;
        Ok(Seen {
            view: view.as_ref().map(View::read),
            sessions: self.sessions(registration, &history)?,
            launch_data: self.launch_data(registration, code)?,
            tokens: self.tokens(registration)?,
            history,
        })
    }

    /// Of a registration whose making was not answered; nobody else has its learner.
    fn code(&self, learner: &str) -> Result<Option<Uuid>, Unread> {
        let statements = self
            .lms
            .statements(("agent", &actor(learner).to_string()))?;
        let first = statements.first();
        let code = first.and_then(|statement| statement["context"]["registration"].as_str());
        Ok(code.and_then(|code| code.parse().ok()))
    }

    fn see(&self, registration: &Registration, path: &str) -> Result<Option<Value>, Unread> {
        Ok(self.lms.see(&registration.bearer, path)?)
    }

    /// By the numbers that were answered, and by the ids of those that were not.
    fn sessions(
        &self,
        registration: &Registration,
        history: &[Told],
    ) -> Result<Vec<SessionView>, Unread> {
        let mut sessions: Vec<SessionView> = Vec::new();
        for deed in &registration.deeds {
            if let What::Launched {
                session: Some(number),
                ..
            } = deed.what
            {
                let answer = self.see(registration, &format!("session/{number}"))?;
                sessions.extend(answer.as_ref().map(SessionView::read));
            }
        }
        let launched = history
            .iter()
            .filter(|told| told.verb == Some(Verb::Launched));
        for Told { session, .. } in launched {
            if !sessions.iter().any(|known| known.session == *session) {
                let answer = self.see(registration, &format!("session/{session}"))?;
                sessions.extend(answer.as_ref().map(SessionView::read));
            }
        }
        Ok(sessions)
    }

    fn launch_data(
        &self,
        registration: &Registration,
        code: Uuid,
    ) -> Result<Vec<(usize, String)>, Unread> {
        let mut sessions = Vec::new();
        for (index, au) in registration.course.aus.iter().enumerate() {
            let document = self.lms.launch_data(&au.id, &registration.learner, code)?;
            sessions.extend(document.map(|document| {
                let session = &document["contextTemplate"]["extensions"][SESSION_ID];
                (index, session.as_str().unwrap_or_default().to_owned())
            }));
        }
        Ok(sessions)
    }

    fn tokens(&self, registration: &Registration) -> Result<Vec<(u64, bool)>, Unread> {
        let attempts = registration.attempts.iter();
        attempts
            .filter(|attempt| attempt.token.is_some())
            .map(|attempt| Ok((attempt.session, self.lms.opens(attempt)?)))
            .collect()
    }
}
