//! The sessions and registrations that one request touches, as it leaves them, and everything found on the way.

use std::collections::BTreeMap;
use std::sync::Arc;

use cmi5::move_on::Met;
use cmi5::{
    AuRegistration, Decision, Facts, Finding, Incoming, Judged, Launch, Policies, Session, Side,
    Verb, judge, launch_data,
};
use storage::batch::RecordKey;
use uuid::Uuid;

use super::{Candidate, Creation, Reading, Ruling, generated};
use crate::event::{Event, Kind};
use crate::launch::roll_up::RollUp;
use crate::sessions::{self, Change, Known, Reached, RegistrationChange, keys};
use crate::{Caller, Error, Lrs};

/// What is being decided for one request.
pub(crate) struct Work<'w> {
    pub(super) lrs: &'w Lrs,
    pub(super) caller: &'w Caller,
    pub(super) policies: &'w Policies,
    /// Microseconds since 1970, read once.
    pub(super) now: i64,
    reading: Reading,
    sessions: BTreeMap<String, Moved>,
    registrations: BTreeMap<RecordKey, RegistrationChange>,
    ruling: Ruling,
    /// Statements that broke a rule and are stored nevertheless.
    flagged: Vec<Uuid>,
    outcomes: Vec<Event>,
    rolled: RollUp<'w>,
    /// The place in the list of sessions behind those of the sessions made here.
    next_row: u64,
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

impl Moved {
    fn of(known: Known, launch: Option<Launch>) -> Self {
        Self {
            session: known.session.clone(),
            known,
            launch,
            latest: None,
            relies_on_latest: false,
        }
    }
}

impl<'w> Work<'w> {
    pub(crate) fn new(
        lrs: &'w Lrs,
        caller: &'w Caller,
        policies: &'w Policies,
        reading: Reading,
    ) -> Self {
        Self {
            lrs,
            caller,
            policies,
            now: lrs.now(),
            reading,
            sessions: BTreeMap::new(),
            registrations: BTreeMap::new(),
            ruling: Ruling::default(),
            flagged: Vec::new(),
            outcomes: Vec::new(),
            rolled: RollUp::new(lrs, caller.tenant()),
            next_row: 0,
        }
    }

    /// Judges the statements that belong to one session, or to none that the store knows.
    pub(super) fn judge(
        &mut self,
        id: Option<&str>,
        group: &[&Candidate<'_>],
        incoming: &[Incoming<'_>],
    ) -> Result<(), Error> {
        let mut moved = match self.session(id)? {
            Some(moved) => moved,
            None => match launched_here(incoming) {
                Some(launch) => self.create(launch)?,
                None => return self.judge_outside(group, incoming),
            },
        };
        let launch = Arc::clone(&moved.known.launch);
        let registration = self.reached(&launch, reaches(incoming))?;
        let judged = judge::judge(
            &Facts {
                launch: &launch,
                session: &moved.session,
                registration: &registration,
                latest: moved.known.latest(),
                policies: self.policies,
                now: self.now,
            },
            incoming,
        );
        moved.latest = group
            .iter()
            .any(|one| is_of_au(one, self.caller))
            .then_some(judged.latest)
            .flatten();
        self.take(&launch, group, judged, moved);
        Ok(())
    }

    /// A session as this request has left it so far.
    fn session(&mut self, id: Option<&str>) -> Result<Option<Moved>, Error> {
        let Some(id) = id else {
            return Ok(None);
        };
        if let Some(moved) = self.sessions.remove(id) {
            return Ok(Some(moved));
        }
        let known = match (&self.caller.session, self.reading) {
            (Some(token), Reading::OfToken) if token.id == id => Some(token.known.clone()),
            (Some(_) | None, Reading::OfToken | Reading::Fresh) => {
                sessions::read(self.lrs, self.caller.tenant(), id)?
            }
        };
        Ok(known.map(|known| Moved::of(known, None)))
    }

    fn take(
        &mut self,
        launch: &Launch,
        group: &[&Candidate<'_>],
        judged: Judged,
        mut moved: Moved,
    ) {
        let candidate = |index: usize| group.iter().find(|one| one.index == index).copied();
        for finding in judged.findings {
            let about = finding.violation.statement.and_then(candidate);
            self.found(finding, Some(launch), about);
        }
        for outcome in &judged.outcomes {
            let statement = candidate(outcome.index).map(|one| one.id);
            let kind = Kind::of(outcome.verb);
            let event = Event::of_session(kind, self.now, launch, statement);
            self.outcomes.push(event);
        }
        let key = keys::au_registration(launch.registration, &launch.actor, &launch.activity);
        if let Some(change) = self.registrations.get_mut(&key) {
            change.after = judged.registration;
        }
        moved.relies_on_latest =
            judged.session.state != moved.session.state && judged.session.state.has_ended();
        moved.session = judged.session;
        self.sessions.insert(launch.session.clone(), moved);
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
    fn create(&mut self, launch: Launch) -> Result<Moved, Error> {
        let is_busy = |id: &str| self.sessions.contains_key(id);
        let (lrs, caller, policies) = (self.lrs, self.caller, self.policies);
        let places = (self.now, self.next_row);
        let creation = Creation::plan(lrs, caller, policies, &launch, places, is_busy)?;
        self.next_row = creation.known.session.row + 1;
        self.ruling.asserts.extend(creation.asserts);
        self.ruling.ops.extend(creation.ops);
        self.ruling.generated.extend(creation.generated);
        for finding in creation.findings {
            self.found(finding, Some(&launch), None);
        }
        self.outcomes.extend(creation.events);
        Ok(Moved::of(creation.known, Some(launch)))
    }

    /// What a learner has reached in the launch's AU. Without need an empty record stands for it, unless the request has
    /// looked at it already: what it has left there must not be lost.
    fn reached(&mut self, launch: &Launch, needed: Needed) -> Result<AuRegistration, Error> {
        let key = keys::au_registration(launch.registration, &launch.actor, &launch.activity);
        match needed {
            Needed::No if !self.registrations.contains_key(&key) => Ok(AuRegistration::default()),
            Needed::No | Needed::Yes => self.reached_at(&key, &launch.actor, &launch.activity),
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
        let change = RegistrationChange::of(key.clone(), actor, activity, before);
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
        if let Some(mut moved) = self.session(session)? {
            forgot |= moved.session.forget(statement);
            launch = Some(Arc::clone(&moved.known.launch));
            self.sessions
                .insert(moved.known.launch.session.clone(), moved);
        }
        if let (true, Some(launch)) = (forgot, launch) {
            let event = Event::of_session(Kind::Voided, self.now, &launch, Some(statement));
            self.outcomes.push(event);
        }
        Ok(())
    }

    /// What the request's statements satisfy in courses that were registered here.
    pub(super) fn roll_up(&mut self, candidates: &[Candidate<'_>]) -> Result<(), Error> {
        if self.ruling.is_rejected() {
            return Ok(());
        }
        let place_of = |id: Uuid| {
            let one = candidates.iter().find(|one| one.id == id)?;
            Some(one.index)
        };
        let hand = (self.caller.credential.authority.as_str(), self.now);
        for change in self.registrations.values_mut() {
            let Some(id) = keys::registration_of(&change.key).filter(|_| change.reaches_more())
            else {
                continue;
            };
            let place = self.rolled.place(id, &change.actor, &change.activity)?;
            let Some((place, met)) = place.and_then(|place| {
                let met = place.newly_met(change, place_of)?;
                Some((place, met))
            }) else {
                continue;
            };
            let cause = match met {
                Met::Before => None,
                Met::At(index) => candidates.iter().find(|one| one.index == index),
            };
            let cause = cause.map(|one| one.id);
            let session = change.session_of(cause).unwrap_or_default();
            change.in_course.satisfied = true;
            self.rolled.satisfy(hand, &place, &session, cause)?;
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
            rolled,
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
        rolled.write_records(asserts, ops);
        ruling.generated.extend(rolled.generated);
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
