//! From a session as it was and as it shall be to assertions and operations.

use cmi5::{AuRegistration, Launch, Session};
use storage::batch::RecordKey;
use storage::row::{Place, PutRow, Table};
use storage::{Assert, Op, Seq};
use uuid::Uuid;

use super::{InCourse, Known, Reached, StoredRegistration, keys};

/// What a decision makes of one session.
pub struct Change<'c> {
    pub before: &'c Known,
    pub session: &'c Session,
    /// The launch, when it is new or has changed.
    pub launch: Option<&'c Launch>,
    /// The latest timestamp of the AU's statements, when it wrote some.
    pub latest: Option<i64>,
    /// The decision relied on the latest timestamp.
    pub relies_on_latest: bool,
}

impl Change<'_> {
    /// Adds what makes the change, and what it relies on.
    pub fn write(&self, asserts: &mut Vec<Assert>, ops: &mut Vec<Op>) {
        let launch = self.launch.unwrap_or(&self.before.launch);
        let id = launch.session.as_str();
        asserts.push(Assert::RecordVersion(
            keys::session(id),
            self.before.session_version,
        ));
        if self.relies_on_latest {
            asserts.push(Assert::RecordVersion(
                keys::touch(id),
                self.before.touch_version,
            ));
        }
        if let Some(latest) = self.latest {
            ops.push(Op::Touch {
                key: keys::touch(id),
                // Before 1970 no session began.
                highest: u64::try_from(latest).unwrap_or(0),
            });
        }
        let mut session = self.session.clone();
        if let Some(launch) = self.launch {
            session.launch_version = self.before.session.launch_version + 1;
            asserts.push(Assert::RecordVersion(
                keys::launch(id),
                self.before.session.launch_version,
            ));
            ops.push(put(keys::launch(id), launch));
        }
        if session != self.before.session || self.before.session_version == 0 {
            self.write_session(launch, session, asserts, ops);
        }
    }

    fn write_session(
        &self,
        launch: &Launch,
        mut session: Session,
        asserts: &mut Vec<Assert>,
        ops: &mut Vec<Op>,
    ) {
        let id = launch.session.as_str();
        let is_new = self.before.session_version == 0;
        if is_new {
            // Nothing else makes a place in the list its session's own.
            asserts.push(Assert::RecordVersion(keys::row(session.row), 0));
            ops.push(Op::PutRecord(
                keys::row(session.row),
                id.as_bytes().to_vec(),
            ));
            session.timer = session.row;
            ops.push(Op::PutRecord(keys::timer(session.timer, id), Vec::new()));
        }
        if session.state.has_ended() && session.timer != 0 {
            ops.push(Op::DeleteRecord(keys::timer(session.timer, id)));
            session.timer = 0;
        }
        let before = self.before.session.state;
        if is_new || self.launch.is_some() || session.state != before {
            ops.push(Op::PutRow(PutRow {
                table: Table::Session,
                place: Place::At(Seq(session.row)),
                terms: keys::row_terms(launch, session.state),
                value: id.as_bytes().to_vec(),
                replaces: if is_new {
                    Vec::new()
                } else {
                    keys::row_terms(&self.before.launch, before)
                },
            }));
        }
        ops.push(put(keys::session(id), &session));
    }
}

/// What a decision makes of what a learner has reached in an AU.
pub struct RegistrationChange {
    pub key: RecordKey,
    pub actor: String,
    pub activity: String,
    pub before: Reached,
    pub after: AuRegistration,
    pub in_course: InCourse,
}

impl RegistrationChange {
    /// Nothing changed yet.
    #[must_use]
    pub fn of(key: RecordKey, actor: &str, activity: &str, before: Reached) -> Self {
        Self {
            key,
            actor: actor.to_owned(),
            activity: activity.to_owned(),
            after: before.registration.clone(),
            in_course: before.in_course.clone(),
            before,
        }
    }

    /// Whether there is something that may satisfy the AU and was not there before.
    #[must_use]
    pub fn reaches_more(&self) -> bool {
        let (before, after) = (&self.before.registration, &self.after);
        after.completed.len() > before.completed.len()
            || after.passed.len() > before.passed.len()
            || after.waived.len() > before.waived.len()
    }

    /// The session of the statement that reached something, or else of the last one that did.
    #[must_use]
    pub fn session_of(&self, statement: Option<Uuid>) -> Option<String> {
        let after = &self.after;
        let all = [&after.completed, &after.passed, &after.waived];
        let mut marks = all.into_iter().flatten();
        let mark = match statement {
            Some(id) => marks.find(|mark| mark.statement == id),
            None => marks.max_by_key(|mark| mark.timestamp),
        };
        mark.map(|mark| mark.session.clone())
    }

    /// Adds what makes the change, and what it relies on.
    pub fn write(&self, asserts: &mut Vec<Assert>, ops: &mut Vec<Op>) {
        asserts.push(Assert::RecordVersion(self.key.clone(), self.before.version));
        if self.before.registration != self.after || self.before.in_course != self.in_course {
            let stored = StoredRegistration {
                actor: self.actor.clone(),
                activity: self.activity.clone(),
                reached: self.after.clone(),
                in_course: self.in_course.clone(),
            };
            ops.push(put(self.key.clone(), &stored));
        }
    }
}

/// A record as JSON.
pub(crate) fn put(key: RecordKey, value: &impl serde::Serialize) -> Op {
    let bytes = serde_json::to_vec(value).expect("records are strings, numbers and lists");
    Op::PutRecord(key, bytes)
}
