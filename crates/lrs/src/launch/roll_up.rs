//! moveOn rolled up: an AU that becomes satisfied counts for its block, a block for the block around it, and so on up to
//! the course. Each level has a counter of its own, so that neither the size of the course nor other learners cost
//! anything; the counters, and the `satisfied` statements that they cause, are part of the commit that moves them.

use std::collections::BTreeMap;

use cmi5::MoveOn;
use cmi5::move_on::Met;
use storage::batch::RecordKey;
use storage::{Assert, FactKey, Op, Tenant};
use uuid::Uuid;

use super::records::{Course, CourseAu, Left, Node, Registration};
use super::statement::{self, Hand};
use super::{courses, keys};
use crate::enforce::Generated;
use crate::event::{Event, Kind};
use crate::sessions::{RegistrationChange, decode, put, records};
use crate::{Error, Lrs};

/// What one commit satisfies, and the facts that this relies on.
pub(crate) struct RollUp<'r> {
    lrs: &'r Lrs,
    tenant: Tenant,
    registrations: BTreeMap<Uuid, Option<Held>>,
    left: BTreeMap<RecordKey, Counter>,
    /// In the order in which they are to be stored.
    pub(crate) generated: Vec<Generated>,
    pub(crate) events: Vec<Event>,
}

/// A registration as it was, and as it shall be.
struct Held {
    version: u64,
    before: Registration,
    after: Registration,
    course: Course,
}

struct Counter {
    version: u64,
    left: u32,
    moved: bool,
}

/// An AU of a course in a registration that the launch service made.
pub(crate) struct Place {
    pub(crate) registration: Registration,
    pub(crate) au: CourseAu,
}

impl Place {
    /// Whether what was reached satisfies the AU, which it was not before, and with which statement.
    pub(crate) fn newly_met(
        &self,
        change: &RegistrationChange,
        place_of: impl Fn(Uuid) -> Option<usize>,
    ) -> Option<Met> {
        // Such an AU has counted since the registration began.
        let is_met = change.in_course.satisfied || self.au.move_on == MoveOn::NotApplicable;
        let move_on = change.in_course.move_on.unwrap_or(self.au.move_on);
        if is_met {
            return None;
        }
        move_on.met(&change.after, place_of)
    }
}

impl<'r> RollUp<'r> {
    pub(crate) fn new(lrs: &'r Lrs, tenant: Tenant) -> Self {
        Self {
            lrs,
            tenant,
            registrations: BTreeMap::new(),
            left: BTreeMap::new(),
            generated: Vec::new(),
            events: Vec::new(),
        }
    }

    /// Goes on from a registration of this version; 0: this commit makes it.
    pub(super) fn begin(&mut self, registration: &Registration, course: &Course, version: u64) {
        let held = Held {
            version,
            before: registration.clone(),
            after: registration.clone(),
            course: course.clone(),
        };
        self.registrations.insert(registration.id, Some(held));
    }

    /// The learner of a registration as this launch gives it: names change.
    pub(super) fn rename(&mut self, mut registration: Registration, actor: &str) -> Registration {
        actor.clone_into(&mut registration.actor);
        if let Some(Some(held)) = self.registrations.get_mut(&registration.id) {
            actor.clone_into(&mut held.after.actor);
        }
        registration
    }

    /// What an activity is in a registration; `None` for those that were not made here.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(crate) fn place(
        &mut self,
        registration: Uuid,
        learner: &str,
        activity: &str,
    ) -> Result<Option<Place>, Error> {
        let (lrs, tenant) = (self.lrs, self.tenant);
        let Some(held) = self.registration(registration)? else {
            return Ok(None);
        };
        if held.after.learner != learner {
            return Ok(None);
        }
        let registration = held.after.clone();
        let au = courses::au_of(lrs, tenant, &held.course, activity)?;
        Ok(au.map(|au| Place { registration, au }))
    }

    fn registration(&mut self, id: Uuid) -> Result<Option<&mut Held>, Error> {
        if !self.registrations.contains_key(&id) {
            let held = match super::registration::find(self.lrs, self.tenant, id)? {
                None => None,
                Some((registration, version)) => {
                    let course = courses::find(self.lrs, self.tenant, registration.course)?;
                    course.map(|course| Held {
                        version,
                        before: registration.clone(),
                        after: registration,
                        course,
                    })
                }
            };
            self.registrations.insert(id, held);
        }
        Ok(self.registrations.get_mut(&id).and_then(Option::as_mut))
    }

    /// An AU has become satisfied, once in its registration: counts it in what it is part of. `behind`: the statement
    /// that causes it, if it is part of the request.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(crate) fn satisfy(
        &mut self,
        hand: (&str, i64),
        place: &Place,
        session: &str,
        behind: Option<Uuid>,
    ) -> Result<(), Error> {
        for node in &place.au.path {
            if self.count(place.registration.id, node)? > 0 {
                return Ok(());
            }
            self.write(hand, &place.registration, node, session, behind);
        }
        Ok(())
    }

    /// What is satisfied already when a registration begins.
    pub(super) fn satisfy_at_once(
        &mut self,
        hand: (&str, i64),
        registration: &Registration,
        nodes: &[Node],
        session: &str,
    ) {
        for node in nodes {
            self.write(hand, registration, node, session, None);
        }
    }

    fn write(
        &mut self,
        (authority, now): (&str, i64),
        registration: &Registration,
        node: &Node,
        session: &str,
        behind: Option<Uuid>,
    ) {
        let hand = Hand { authority, now };
        let statement = Generated {
            behind,
            ..statement::satisfied(hand, registration, node, session)
        };
        self.events.push(Event {
            kind: Kind::Satisfied,
            at: now,
            session: Some(session.to_owned()),
            registration: Some(registration.id),
            actor: Some(registration.learner.clone()),
            activity: Some(node.lms_id.clone()),
            statement: Some(statement.id),
            violation: None,
        });
        self.generated.push(statement);
        if node.index == 0
            && let Some(Some(held)) = self.registrations.get_mut(&registration.id)
        {
            held.after.satisfied_at = Some(now);
            held.after.updated_at = now;
        }
    }

    /// One child less is left in the node; answers how many are.
    fn count(&mut self, registration: Uuid, node: &Node) -> Result<u32, Error> {
        let key = keys::left_in_node(registration, node.index);
        if !self.left.contains_key(&key) {
            let found = records(self.lrs, self.tenant, &[FactKey::Record(key.clone())])?;
            let counter = match found.into_iter().next().flatten() {
                None => Counter {
                    version: 0,
                    left: node.left,
                    moved: false,
                },
                Some(record) => {
                    let Left { left } = decode(&record, "course registration", &node.lms_id)?;
                    Counter {
                        version: record.version,
                        left,
                        moved: false,
                    }
                }
            };
            self.left.insert(key.clone(), counter);
        }
        let Some(counter) = self.left.get_mut(&key) else {
            return Ok(0);
        };
        let Some(left) = counter.left.checked_sub(1) else {
            let detail = "more has become satisfied in it than it has";
            return Err(Error::damaged("course registration", &node.lms_id, detail));
        };
        counter.left = left;
        counter.moved = true;
        Ok(left)
    }

    /// Adds what makes it so, and what it relies on; the statements are the caller's to store.
    pub(crate) fn write_records(&self, asserts: &mut Vec<Assert>, ops: &mut Vec<Op>) {
        for held in self.registrations.values().flatten() {
            let key = keys::registration(held.after.id);
            asserts.push(Assert::RecordVersion(key.clone(), held.version));
            if held.version == 0 {
                // INVARIANT: a course's head is written once; only its deletion writes it again.
                asserts.push(Assert::RecordVersion(keys::course(held.course.id), 1));
            }
            if held.version == 0 || held.before != held.after {
                ops.push(put(key, &held.after));
            }
        }
        for (key, counter) in self.left.iter().filter(|(_, counter)| counter.moved) {
            asserts.push(Assert::RecordVersion(key.clone(), counter.version));
            ops.push(put(key.clone(), &Left { left: counter.left }));
        }
        for event in &self.events {
            event.write(ops);
        }
    }
}
