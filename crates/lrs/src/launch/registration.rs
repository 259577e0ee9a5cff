//! A learner's registration for a course: making it, and waiving an AU in it.

use storage::row::{Place, PutRow, Table};
use storage::{Assert, Batch, FactKey, Op, Seq, Tenant, Term};
use uuid::Uuid;
use xapi::Violation;

use cmi5::registration::Mark;

use super::learner::Learner;
use super::records::{Course, CourseAu, Registration};
use super::roll_up::RollUp;
use super::statement::{self, Hand};
use super::{Owner, Page, courses, keys, list, numbers, session, turn};
use crate::commit::{Decision, decide_and_commit};
use crate::enforce::Generated;
use crate::event::{Event, Kind};
use crate::reports::Part;
use crate::sessions::{self, RegistrationChange, decode, records};
use crate::statements::{generated, new_id};
use crate::{Error, Lrs, requirement};

/// Why an AU is waived, in characters.
const REASON_CHARACTERS_MAX: usize = 1_000;

/// A registration that is there, and its record's version.
///
/// # Errors
/// When the store cannot be read or is damaged.
pub(super) fn find(
    lrs: &Lrs,
    tenant: Tenant,
    id: Uuid,
) -> Result<Option<(Registration, u64)>, Error> {
    let found = record(lrs, tenant, id)?;
    Ok(found.filter(|(registration, _)| !registration.deleted))
}

/// As [`find`], and one that is being deleted.
///
/// # Errors
/// When the store cannot be read or is damaged.
pub(super) fn record(
    lrs: &Lrs,
    tenant: Tenant,
    id: Uuid,
) -> Result<Option<(Registration, u64)>, Error> {
    let found = records(lrs, tenant, &[FactKey::Record(keys::registration(id))])?;
    let Some(record) = found.into_iter().next().flatten() else {
        return Ok(None);
    };
    let registration = decode(&record, "course registration", &id.to_string())?;
    Ok(Some((registration, record.version)))
}

/// A registration that the owner may know of, and its course, which is there.
///
/// # Errors
/// [`Error::NotFound`], and when the store cannot be read or is damaged.
pub(super) fn seen(lrs: &Lrs, owner: &Owner, id: Uuid) -> Result<(Registration, Course), Error> {
    let tenant = owner.caller.tenant();
    let found = find(lrs, tenant, id)?.filter(|(found, _)| owner.sees(found.launch_tenant));
    let unknown = || Error::NotFound("there is no such registration");
    let (registration, _) = found.ok_or_else(unknown)?;
    let course = courses::find(lrs, tenant, registration.course)?.ok_or_else(unknown)?;
    Ok((registration, course))
}

/// A registration that the owner may know of.
///
/// # Errors
/// [`Error::NotFound`], and when the store cannot be read or is damaged.
pub fn read(lrs: &Lrs, owner: &Owner, id: Uuid) -> Result<Registration, Error> {
    Ok(seen(lrs, owner, id)?.0)
}

/// The id behind a number.
///
/// # Errors
/// [`Error::NotFound`], and when the store cannot be read.
pub fn by_number(lrs: &Lrs, owner: &Owner, number: u64) -> Result<Uuid, Error> {
    super::by_number(lrs, owner, keys::Numbered::Registration, number)?
        .and_then(|text| Uuid::parse_str(&text).ok())
        .ok_or(Error::NotFound("there is no such registration"))
}

/// Registers a learner for a course: a new registration each time, or the one with this id, which may be there.
///
/// # Errors
/// [`Error::NotFound`] for an unknown course, [`Error::Conflict`] when the registration is another learner's or course's.
pub async fn create(
    lrs: &Lrs,
    owner: &Owner,
    (id, course): (Option<Uuid>, Uuid),
    learner: &Learner,
) -> Result<Uuid, Error> {
    let tenant = owner.caller.tenant();
    courses::seen(lrs, owner, course)?;
    let id = id.unwrap_or_else(new_id);
    let number = numbers::take(lrs).await?;
    decide_and_commit(lrs, vec![turn(tenant, id)], || {
        let course = courses::seen(lrs, owner, course)?;
        let mut rolled = RollUp::new(lrs, tenant);
        let mut work = Vec::new();
        let wish = Wish {
            id,
            number: Some(number),
            learner,
            course: &course,
            now: lrs.now(),
        };
        meet_or_make(lrs, owner, &wish, &mut rolled, &mut work)?;
        let batch = commit_rolled(lrs, tenant, rolled, (Vec::new(), Vec::new(), work))?;
        Ok(Decision {
            batch: Some(batch),
            answer: (),
        })
    })
    .await?;
    Ok(id)
}

/// The registration that is wanted.
pub(super) struct Wish<'w> {
    pub(super) id: Uuid,
    /// For one that has to be made.
    pub(super) number: Option<u64>,
    pub(super) learner: &'w Learner,
    pub(super) course: &'w Course,
    /// Microseconds since 1970.
    pub(super) now: i64,
}

/// The registration with this id, or a new one, with what is satisfied in it at once. `rolled` writes its record.
///
/// # Errors
/// [`Error::Conflict`] when it is another course's or another learner's.
pub(super) fn meet_or_make(
    lrs: &Lrs,
    owner: &Owner,
    wish: &Wish<'_>,
    rolled: &mut RollUp<'_>,
    ops: &mut Vec<Op>,
) -> Result<Registration, Error> {
    let tenant = owner.caller.tenant();
    if let Some((found, version)) = record(lrs, tenant, wish.id)? {
        if found.deleted {
            return Err(Error::Conflict {
                message: "the registration is being deleted: delete it again first".to_owned(),
                violations: Vec::new(),
            });
        }
        let fits = owner.sees(found.launch_tenant)
            && found.course == wish.course.id
            && found.learner == wish.learner.id;
        if !fits {
            return Err(belongs_to_another());
        }
        rolled.begin(&found, wish.course, version);
        return Ok(rolled.rename(found, &wish.learner.actor));
    }
    // A token must not reach what others do under an id that it has seen.
    if owner.launch_tenant.is_some() && !session::is_own(lrs, owner, wish.id)? {
        return Err(belongs_to_another());
    }
    // Somebody has deleted it just now.
    let number = wish.number.ok_or(Error::Overloaded)?;
    let registration = Registration {
        id: wish.id,
        number,
        launch_tenant: wish.course.launch_tenant,
        course: wish.course.id,
        actor: wish.learner.actor.clone(),
        learner: wish.learner.id.clone(),
        created_at: wish.now,
        updated_at: wish.now,
        satisfied_at: None,
        deleted: false,
    };
    rolled.begin(&registration, wish.course, 0);
    let beginning = courses::beginning(lrs, tenant, wish.course.id)?;
    if !beginning.satisfied.is_empty() {
        let hand = (owner.caller.credential.authority.as_str(), wish.now);
        let session = statement::own_session();
        rolled.satisfy_at_once(hand, &registration, &beginning.satisfied, &session);
    }
    ops.push(Op::PutRow(PutRow {
        table: Table::CourseRegistration,
        place: Place::At(Seq(number)),
        terms: row_terms(&registration),
        value: wish.id.to_string().into_bytes(),
        replaces: Vec::new(),
    }));
    let key = keys::number(keys::Numbered::Registration, number);
    ops.push(Op::PutRecord(key, wish.id.to_string().into_bytes()));
    Ok(registration)
}

fn belongs_to_another() -> Error {
    Error::Conflict {
        message: "the registration belongs to another learner or course".to_owned(),
        violations: Vec::new(),
    }
}

pub(super) fn row_terms(registration: &Registration) -> Vec<Term> {
    let term = |name, value: &[u8]| Term::row(Table::CourseRegistration, name, value);
    let mut terms = vec![
        term("course", registration.course.as_bytes()),
        term("learner", registration.learner.as_bytes()),
    ];
    let launch_tenant = registration.launch_tenant.iter();
    terms.extend(launch_tenant.map(|number| term("launch tenant", &number.to_be_bytes())));
    terms.sort_unstable();
    terms
}

/// What the learner has reached in an AU of the course, to be changed.
///
/// # Errors
/// When the store cannot be read or is damaged.
pub(super) fn au_change(
    lrs: &Lrs,
    tenant: Tenant,
    registration: &Registration,
    au: &CourseAu,
) -> Result<RegistrationChange, Error> {
    let learner = registration.learner.as_str();
    let key = sessions::keys::au_registration(registration.id, learner, &au.lms_id);
    let reached = sessions::reached(lrs, tenant, &key)?;
    Ok(RegistrationChange::of(key, learner, &au.lms_id, reached))
}

/// Which registrations are wanted; all that are given must hold.
#[derive(Debug, Clone, Default)]
pub struct RegistrationsQuery {
    pub course: Option<Uuid>,
    /// Identity of the learner (`xapi::statement::Ifi::canonical`).
    pub actor: Option<String>,
    pub launch_tenant: Option<u64>,
    pub part: Part,
}

/// Registrations that the owner may know of, newest first.
///
/// # Errors
/// [`Error::Violations`] for a cursor of another list, and when the store cannot be read or is damaged.
pub fn list(
    lrs: &Lrs,
    owner: &Owner,
    query: &RegistrationsQuery,
) -> Result<Page<Registration>, Error> {
    let wanted = list::Wanted {
        table: Table::CourseRegistration,
        launch_tenant: query.launch_tenant,
        filters: vec![
            ("course", query.course.as_ref().map(|id| &id.as_bytes()[..])),
            ("learner", query.actor.as_deref().map(str::as_bytes)),
        ],
        part: &query.part,
    };
    list::page(lrs, owner, &wanted, |id| {
        Ok(find(lrs, owner.caller.tenant(), id)?.map(|(found, _)| found))
    })
}

/// Lets an AU count without the learner (9.3.7). Answers the id of `waived`.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Conflict`] when it is satisfied already, [`Error::Violations`] without a reason.
pub async fn waive(
    lrs: &Lrs,
    owner: &Owner,
    id: Uuid,
    au_index: u32,
    reason: &str,
) -> Result<Uuid, Error> {
    let length = reason.chars().count();
    if !(1..=REASON_CHARACTERS_MAX).contains(&length) {
        let expected = format!("a reason of 1 to {REASON_CHARACTERS_MAX} characters");
        let got = format!("{length} characters");
        return Err(Violation::new(requirement::LAUNCH, "/reason", expected, got).into());
    }
    let tenant = owner.caller.tenant();
    let (statement, _) = decide_and_commit(lrs, vec![turn(tenant, id)], || {
        let (registration, course) = seen(lrs, owner, id)?;
        let au = courses::au(lrs, tenant, course.id, au_index)?
            .ok_or(Error::NotFound("the course has no such AU"))?;
        let (statement, batch) = waived(lrs, owner, &registration, &au, reason)?;
        Ok(Decision {
            batch: Some(batch),
            answer: statement,
        })
    })
    .await?;
    Ok(statement)
}

fn waived(
    lrs: &Lrs,
    owner: &Owner,
    registration: &Registration,
    au: &CourseAu,
    reason: &str,
) -> Result<(Uuid, Batch), Error> {
    let tenant = owner.caller.tenant();
    let mut rolled = RollUp::new(lrs, tenant);
    let place = rolled
        .place(registration.id, &registration.learner, &au.lms_id)?
        .ok_or(Error::NotFound("there is no such registration"))?;
    let mut change = au_change(lrs, tenant, registration, au)?;
    let (authority, now) = (owner.caller.credential.authority.as_str(), lrs.now());
    let session = statement::own_session();
    let hand = Hand { authority, now };
    let waived = statement::waived(hand, registration, au, &session, reason);
    change.after.waived.push(Mark {
        statement: waived.id,
        session: session.clone(),
        timestamp: now,
        scaled: None,
    });
    if place.newly_met(&change, |_| None).is_none() {
        return Err(Error::Conflict {
            message: "the AU is satisfied in this registration already".to_owned(),
            violations: Vec::new(),
        });
    }
    change.in_course.satisfied = true;
    change.in_course.waived_reason = Some(reason.to_owned());
    let event = Event {
        kind: Kind::Waived,
        at: now,
        session: Some(session.clone()),
        registration: Some(registration.id),
        actor: Some(registration.learner.clone()),
        activity: Some(au.lms_id.clone()),
        statement: Some(waived.id),
        violation: None,
    };
    let (mut asserts, mut ops) = (Vec::new(), Vec::new());
    change.write(&mut asserts, &mut ops);
    event.write(&mut ops);
    rolled.satisfy((authority, now), &place, &session, None)?;
    let id = waived.id;
    let batch = commit_rolled(lrs, tenant, rolled, (vec![waived], asserts, ops))?;
    Ok((id, batch))
}

/// One batch of statements, what was rolled up, and the rest.
fn commit_rolled(
    lrs: &Lrs,
    tenant: Tenant,
    mut rolled: RollUp<'_>,
    (mut statements, more_asserts, more_ops): (Vec<Generated>, Vec<Assert>, Vec<Op>),
) -> Result<Batch, Error> {
    statements.append(&mut rolled.generated);
    let (mut asserts, mut ops) = generated(lrs, tenant, &statements)?;
    asserts.extend(more_asserts);
    ops.extend(more_ops);
    rolled.write_records(&mut asserts, &mut ops);
    Ok(Batch {
        tenant,
        asserts,
        ops,
    })
}
