//! Sessions after the restart: the record, the events and the statements of a session agree with one another and with
//! the steps that were acknowledged; a step in flight is there whole or not at all.

use super::{Reader, Unread};
use crate::crash::player::Failed;
use crate::crash::session::{Session, Step, View};

impl Reader {
    /// Whether the session is there. The step in flight counts as done from now on if it is there, and else leaves the
    /// session.
    pub(super) fn session(&mut self, session: &mut Session) -> bool {
        match self.compare(session) {
            Ok(()) => {}
            Err(Unread(why)) => {
                let line = format!("{}: session {}: {why}", self.place, session.id);
                self.findings.refused.push(line);
                return true;
            }
        }
        session.settled = session.done.len();
        !session.done.is_empty()
    }

    fn compare(&mut self, session: &mut Session) -> Result<(), Unread> {
        let story = self.player.story(session)?;
        let (there, abandoned) = match &story {
            None => (None, None),
            Some(story) => {
                let (view, abandoned) = View::read(story);
                (Some(view), abandoned)
            }
        };
        if there == View::after(&session.with_in_flight()) {
            if let Some(step) = session.in_flight.take() {
                self.in_flight_found += 1;
                self.adopt(session, step, abandoned);
            }
        } else if there != View::after(&session.done) {
            self.blame(session, there.as_ref());
            session.in_flight = None;
            return Ok(());
        }
        let absent = session.in_flight.take();
        for known in absent.iter().flat_map(Step::sent) {
            if self.statement(&known)? {
                let line = format!(
                    "{}: {} is there, its session's change is not",
                    self.place, known.id
                );
                self.findings.half.push(line);
            }
        }
        for known in session.done.iter().flat_map(Step::sent) {
            if !self.statement(&known)? {
                let line = format!("{}: {} of session {}", self.place, known.id, session.id);
                self.findings.lost.push(line);
            }
        }
        match there {
            Some(view) => self.secrets(session, &view),
            None => Ok(()),
        }
    }

    /// A step without an answer that was done all the same.
    fn adopt(&mut self, session: &mut Session, step: Step, abandoned: Option<uuid::Uuid>) {
        session.done.push(match step {
            Step::Abandoned(_) => Step::Abandoned(abandoned),
            // Whether it replaced the URL before it cannot be told from the session, so neither is used any more.
            Step::Asked => {
                session.fetch = None;
                Step::Asked
            }
            other @ (Step::LaunchData
            | Step::Launched(_)
            | Step::Fetched
            | Step::LaunchDataRead
            | Step::PreferencesRead
            | Step::Said(_)) => other,
        });
    }

    /// As after an earlier step: lost; else its parts contradict one another.
    fn blame(&mut self, session: &Session, there: Option<&View>) {
        let earlier = (0..session.done.len())
            .find(|steps| View::after(&session.done[..*steps]).as_ref() == there);
        let what = format!("{}: session {}", self.place, session.id);
        match earlier {
            Some(steps) => self
                .findings
                .lost
                .push(format!("{what}: {steps} steps of {:?}", session.done)),
            None => self.findings.half.push(format!(
                "{what}: after {:?} and perhaps {:?} it is {there:?}",
                session.done, session.in_flight
            )),
        }
    }

    /// A used fetch URL stays used; a token opens what it opened, until its session ends.
    fn secrets(&mut self, session: &Session, view: &View) -> Result<(), Unread> {
        let used = session.fetch.iter().filter(|_| view.fetch_url == "used");
        for path in session.replaced.iter().chain(used) {
            if !self.player.is_used_up(path)? {
                let line = format!("{}: a fetch URL of {} works again", self.place, session.id);
                self.findings.lost.push(line);
            }
        }
        if session.token.is_none() {
            return Ok(());
        }
        if self.player.opens(session)? == session.has_ended() {
            let line = format!(
                "{}: the token of session {}, which is {}, is not as it was",
                self.place, session.id, view.state
            );
            self.findings.lost.push(line);
        }
        Ok(())
    }
}

impl From<Failed> for Unread {
    fn from(failed: Failed) -> Unread {
        Unread(failed.why())
    }
}
