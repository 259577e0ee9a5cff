//! The sessions and registrations that one request touches, as it leaves them, and everything found on the way.

use std::collections::BTreeMap;

use cmi5::{
    AuRegistration, Decision, Facts, Finding, Incoming, Judged, Launch, Policies, Session, Side,
    Verb, judge, launch_data,
};
use storage::batch::RecordKey;
use uuid::Uuid;

use super::{Candidate, Creation, Ruling, generated};
use crate::event::{Event, Kind};
use crate::sessions::{self, Change, Known, Reached, RegistrationChange, keys};
use crate::{Caller, Error, Lrs};

/// What is being decided for one request.
pub(crate) struct Work<'w> {
    pub(super) lrs: &'w Lrs,
    pub(super) caller: &'w Caller,
    pub(super) policies: &'w Policies,
    /// Microseconds since 1970, read once.
    pub(super) now: i64,
    sessions: BTreeMap<String, Moved>,
    registrations: BTreeMap<RecordKey, RegistrationChange>,
    ruling: Ruling,
    /// Statements that broke a rule and are stored nevertheless.
    flagged: Vec<Uuid>,
    outcomes: Vec<Event>,
}

/// A session as it was and as it shall be.
struct Moved {
    known: Known,
    session: Session,
    /// The launch, when it is new.
    launch: Option<Launch>,
    latest: Option<i64>,
    relies_on_latest: bool,
}

impl<'w> Work<'w> {
    pub(crate) fn new(lrs: &'w Lrs, caller: &'w Caller, policies: &'w Policies, now: i64) -> Self {
        Self {
            lrs,
            caller,
            policies,
            now,
            sessions: BTreeMap::new(),
            registrations: BTreeMap::new(),
            ruling: Ruling::default(),
            flagged: Vec::new(),
            outcomes: Vec::new(),
        }
    }

    /// Judges the statements that belong to one session, or to none that the store knows.
    pub(super) fn judge(
        &mut self,
        id: Option<&str>,
        group: &[&Candidate<'_>],
        incoming: &[Incoming<'_>],
    ) -> Result<(), Error> {
        let known = match id {
            Some(id) => sessions::read(self.lrs, self.caller.tenant(), id)?,
            None => None,
        };
        let (known, new) = match known {
            Some(known) => (known, None),
            None => match launched_here(incoming) {
                Some(launch) => (self.create(&launch)?, Some(launch)),
                None => return self.judge_outside(group, incoming),
            },
        };
        let launch = std::sync::Arc::clone(&known.launch);
        let registration = self.reached(&launch, reaches(incoming))?;
        let judged = judge::judge(
            &Facts {
                launch: &launch,
                session: &known.session,
                registration: &registration,
                latest: known.latest(),
                policies: self.policies,
                now: self.now,
            },
            incoming,
        );
        self.take(&launch, group, judged, known, new);
        Ok(())
    }

    fn take(
        &mut self,
        launch: &Launch,
        group: &[&Candidate<'_>],
        judged: Judged,
        known: Known,
        new: Option<Launch>,
    ) {
        let candidate = |index: usize| group.iter().find(|one| one.index == index).copied();
        for finding in judged.findings {
            let about = finding.violation.statement.and_then(candidate);
            self.found(finding, Some(launch), about);
        }
        for outcome in &judged.outcomes {
            let statement = candidate(outcome.index).map(|one| one.id);
            self.outcomes.extend(
                Kind::of(outcome.verb)
                    .map(|kind| Event::of_session(kind, self.now, launch, statement)),
            );
        }
        let key = keys::au_registration(launch.registration, &launch.actor, &launch.activity);
        if let Some(change) = self.registrations.get_mut(&key) {
            change.after = judged.registration;
        }
        let ends = judged.session.state != known.session.state && judged.session.state.has_ended();
        let touches =
            judged.latest != known.latest() || group.iter().any(|one| is_of_au(one, self.caller));
        self.sessions.insert(
            launch.session.clone(),
            Moved {
                latest: touches.then_some(judged.latest).flatten(),
                relies_on_latest: ends,
                session: judged.session,
                launch: new,
                known,
            },
        );
    }

    /// Statements that name no session, or one that nobody launched here.
    fn judge_outside(
        &mut self,
        group: &[&Candidate<'_>],
        incoming: &[Incoming<'_>],
    ) -> Result<(), Error> {
        for (candidate, incoming) in group.iter().zip(incoming) {
            let place = generated::learner(candidate.seen);
            let registration = match &place {
                Some(place) if Verb::parse(&candidate.seen.verb) == Some(Verb::Waived) => {
                    Some(self.reached_at(&place.key(), &place.actor, &place.activity)?)
                }
                Some(_) | None => None,
            };
            let outside = judge::outside(self.policies, registration.as_ref(), incoming, self.now);
            for finding in outside.findings {
                self.found(finding, None, Some(candidate));
            }
            if let (Some(mark), Some(place)) = (outside.waives, place) {
                if let Some(change) = self.registrations.get_mut(&place.key()) {
                    change.after.waived.push(mark);
                }
                self.outcomes.push(Event {
                    kind: Kind::Waived,
                    at: self.now,
                    session: candidate.seen.session().map(std::borrow::Cow::into_owned),
                    registration: Some(place.registration),
                    actor: Some(place.actor),
                    activity: Some(place.activity),
                    statement: Some(candidate.id),
                    violation: None,
                });
            }
        }
        Ok(())
    }

    /// Makes a session of a `launched` that names one which the store does not know.
    fn create(&mut self, launch: &Launch) -> Result<Known, Error> {
        let is_busy = |id: &str| self.sessions.contains_key(id);
        let (lrs, caller, policies) = (self.lrs, self.caller, self.policies);
        let creation = Creation::plan(lrs, caller, policies, launch, self.now, is_busy)?;
        Ok(self.absorb(creation))
    }

    /// Takes over what a new session brings with it.
    pub(super) fn absorb(&mut self, creation: Creation) -> Known {
        self.ruling.asserts.extend(creation.asserts);
        self.ruling.ops.extend(creation.ops);
        self.ruling.generated.extend(creation.generated);
        for finding in creation.findings {
            self.found(finding, Some(&creation.known.launch), None);
        }
        self.outcomes.extend(creation.events);
        creation.known
    }

    /// What a learner has reached in the launch's AU; without need an empty record stands for it.
    fn reached(&mut self, launch: &Launch, needed: Needed) -> Result<AuRegistration, Error> {
        match needed {
            Needed::No => Ok(AuRegistration::default()),
            Needed::Yes => {
                let key =
                    keys::au_registration(launch.registration, &launch.actor, &launch.activity);
                self.reached_at(&key, &launch.actor, &launch.activity)
            }
        }
    }

    /// As this request has left it so far.
    pub(super) fn reached_at(
        &mut self,
        key: &RecordKey,
        actor: &str,
        activity: &str,
    ) -> Result<AuRegistration, Error> {
        if let Some(change) = self.registrations.get(key) {
            return Ok(change.after.clone());
        }
        let before: Reached = sessions::reached(self.lrs, self.caller.tenant(), key)?;
        let after = before.registration.clone();
        let change = RegistrationChange {
            key: key.clone(),
            actor: actor.to_owned(),
            activity: activity.to_owned(),
            before,
            after: after.clone(),
        };
        self.registrations.insert(key.clone(), change);
        Ok(after)
    }

    /// Takes back in session and registration what a voided statement had set.
    pub(super) fn forget(
        &mut self,
        session: Option<&str>,
        key: &RecordKey,
        statement: Uuid,
    ) -> Result<(), Error> {
        let mut forgot = self
            .registrations
            .get_mut(key)
            .is_some_and(|change| change.after.forget(statement));
        let mut launch = None;
        if let Some(id) = session {
            if !self.sessions.contains_key(id)
                && let Some(known) = sessions::read(self.lrs, self.caller.tenant(), id)?
            {
                let moved = Moved {
                    session: known.session.clone(),
                    launch: None,
                    latest: None,
                    relies_on_latest: false,
                    known,
                };
                self.sessions.insert(id.to_owned(), moved);
            }
            if let Some(moved) = self.sessions.get_mut(id) {
                forgot |= moved.session.forget(statement);
                launch = Some(std::sync::Arc::clone(&moved.known.launch));
            }
        }
        if let (true, Some(launch)) = (forgot, launch) {
            let event = Event::of_session(Kind::Voided, self.now, &launch, Some(statement));
            self.outcomes.push(event);
        }
        Ok(())
    }

    /// Keeps a finding, and what is to be recorded of it.
    pub(super) fn found(
        &mut self,
        finding: Finding,
        launch: Option<&Launch>,
        about: Option<&Candidate<'_>>,
    ) {
        let credential = &self.caller.credential.name;
        let mut event = Event::of_finding(
            &finding,
            self.now,
            launch,
            about.map(|one| one.id),
            credential,
        );
        if launch.is_none()
            && let Some(seen) = about.map(|one| one.seen)
        {
            event.session = seen.session().map(std::borrow::Cow::into_owned);
            if let Some(place) = generated::learner(seen) {
                event.registration = Some(place.registration);
                event.actor = Some(place.actor);
                event.activity = Some(place.activity);
            }
        }
        if finding.decision == Decision::Rejected {
            let max = self.lrs.settings.refusals.text_bytes_max;
            if let (Some(violation), Some(one)) = (&mut event.violation, about) {
                violation.text = Some(crate::refusals::cut(&one.seen.text, max));
            }
        }
        if let (Side::Au, Decision::Flagged, Some(one)) = (finding.side, finding.decision, about)
            && !self.flagged.contains(&one.id)
        {
            self.flagged.push(one.id);
        }
        self.ruling.violations.push(event);
        self.ruling.findings.push(finding);
    }

    /// Everything to be committed, in the order in which readers should meet it.
    pub(crate) fn finish(self) -> Ruling {
        let Work {
            sessions,
            registrations,
            mut ruling,
            flagged,
            outcomes,
            policies,
            lrs,
            ..
        } = self;
        if ruling.is_rejected() {
            return ruling;
        }
        let (asserts, ops) = (&mut ruling.asserts, &mut ruling.ops);
        for moved in sessions.values() {
            Change {
                before: &moved.known,
                session: &moved.session,
                launch: moved.launch.as_ref(),
                latest: moved.latest,
                relies_on_latest: moved.relies_on_latest,
            }
            .write(asserts, ops);
        }
        for change in registrations.values() {
            change.write(asserts, ops);
        }
        for event in outcomes.iter().chain(&ruling.violations) {
            event.write(ops);
        }
        if policies.void_flagged {
            let voiding = flagged.iter().map(|id| generated::voiding(lrs, *id));
            ruling.generated.extend(voiding);
        }
        ruling
    }
}

/// Whether a decision rests on what the learner has reached before.
enum Needed {
    Yes,
    No,
}

fn reaches(incoming: &[Incoming<'_>]) -> Needed {
    let any = incoming
        .iter()
        .any(|one| match Verb::parse(&one.seen.verb) {
            Some(Verb::Completed | Verb::Passed | Verb::Failed | Verb::Waived) => true,
            Some(
                Verb::Launched
                | Verb::Initialized
                | Verb::Abandoned
                | Verb::Terminated
                | Verb::Satisfied,
            )
            | None => false,
        });
    if any { Needed::Yes } else { Needed::No }
}

/// Statements of the AU are its activity, also when none has a later timestamp than those before.
fn is_of_au(candidate: &Candidate<'_>, caller: &Caller) -> bool {
    super::incoming(candidate, super::writer(caller)).side() == Side::Au
}

/// The launch that an LMS's `launched` statement describes.
fn launched_here(incoming: &[Incoming<'_>]) -> Option<Launch> {
    incoming
        .iter()
        .filter(|one| one.side() == Side::Lms)
        .filter(|one| Verb::parse(&one.seen.verb) == Some(Verb::Launched))
        .find_map(|one| launch_data::of_launched(one.seen))
}
