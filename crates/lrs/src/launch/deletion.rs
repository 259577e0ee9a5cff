//! Deleting courses and registrations: nobody sees one any more at once, its parts go in commits of bounded size, and what
//! a crash leaves is removed later. Statements, documents, and contents of files stay.

use storage::batch::RecordKind;
use storage::query::Order;
use storage::row::{RowsPage, RowsQuery, Table};
use storage::{Assert, Batch, FactKey, Op, Seq, Tenant, Term};
use uuid::Uuid;

use super::records::{Course, Registration};
use super::{Owner, keys, list, registration, session};
use crate::commit::{Decision, decide_and_commit};
use crate::queue::QueueKey;
use crate::sessions::{decode, put, records};
use crate::{Error, Lrs};

/// Records or registrations looked at in one go.
const PAGE: usize = 500;

/// Deletes a course with its registrations. One that is not there is no error.
///
/// # Errors
/// When the store cannot be read or written.
pub async fn delete(lrs: &Lrs, owner: &Owner, id: Uuid) -> Result<(), Error> {
    let tenant = owner.caller.tenant();
    let turn = QueueKey::Record(tenant, keys::course(id));
    let (course, _) = decide_and_commit(lrs, vec![turn], || {
        let record = head(lrs, tenant, id)?;
        let Some((course, version)) = record.filter(|(it, _)| owner.sees(it.launch_tenant)) else {
            return Ok(Decision {
                batch: None,
                answer: None,
            });
        };
        let gone = Course {
            deleted: true,
            ..course.clone()
        };
        let ops = vec![
            put(keys::course(id), &gone),
            Op::PutRecord(keys::course_deletion(id), Vec::new()),
            Op::DeleteRecord(keys::number(keys::Numbered::Course, course.number)),
            Op::DeleteRow {
                table: Table::Course,
                row: Seq(course.number),
            },
        ];
        Ok(Decision {
            batch: Some(Batch {
                tenant,
                asserts: vec![Assert::RecordVersion(keys::course(id), version)],
                ops,
            }),
            answer: Some(course),
        })
    })
    .await?;
    match course {
        None => Ok(()),
        Some(_) => remove(lrs, owner, id).await,
    }
}

/// Deletes all courses of a launch tenant.
///
/// # Errors
/// When the store cannot be read or written.
pub(super) async fn delete_all(lrs: &Lrs, owner: &Owner) -> Result<(), Error> {
    let tenant = owner.caller.tenant();
    let Some(number) = owner.launch_tenant else {
        return Ok(());
    };
    let term = Term::row(Table::Course, "launch tenant", &number.to_be_bytes());
    let mut cursor = None;
    loop {
        let page = page(lrs, tenant, (Table::Course, term), cursor)?;
        for course in ids(&page)? {
            delete(lrs, owner, course).await?;
        }
        cursor = page.next;
        if cursor.is_none() {
            return resume(lrs, tenant).await;
        }
    }
}

/// Goes on with what a crash has left of deleted courses: nothing, mostly.
///
/// # Errors
/// When the store cannot be read or written.
pub async fn resume(lrs: &Lrs, tenant: Tenant) -> Result<(), Error> {
    let prefix = keys::COURSE_DELETION;
    let left = lrs
        .store
        .records_page(tenant, RecordKind::Setting, prefix, None, PAGE)?;
    for (key, _) in left {
        let id = key.key.get(prefix.len()..).unwrap_or_default();
        if let Ok(id) = Uuid::from_slice(id) {
            remove(lrs, &Owner::own(lrs, tenant), id).await?;
        }
    }
    Ok(())
}

fn head(lrs: &Lrs, tenant: Tenant, id: Uuid) -> Result<Option<(Course, u64)>, Error> {
    let found = records(lrs, tenant, &[FactKey::Record(keys::course(id))])?;
    let Some(record) = found.into_iter().next().flatten() else {
        return Ok(None);
    };
    let course = decode(&record, "course", &id.to_string())?;
    Ok(Some((course, record.version)))
}

/// Registrations first, then the parts, the head and the note of it last.
async fn remove(lrs: &Lrs, owner: &Owner, id: Uuid) -> Result<(), Error> {
    let tenant = owner.caller.tenant();
    let term = Term::row(Table::CourseRegistration, "course", id.as_bytes());
    let mut cursor = None;
    loop {
        let page = page(lrs, tenant, (Table::CourseRegistration, term), cursor)?;
        for registered in ids(&page)? {
            remove_registration(lrs, owner, registered).await?;
        }
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    let turn = QueueKey::Record(tenant, keys::course(id));
    remove_parts(lrs, tenant, (RecordKind::Course, id), &turn).await?;
    let ops = vec![
        Op::DeleteRecord(keys::course(id)),
        Op::DeleteRecord(keys::course_deletion(id)),
    ];
    commit(lrs, tenant, &turn, ops).await
}

/// Ends a registration: its open session is abandoned, and what the launch service knows of it is forgotten. The
/// statements stay. One that is not there is no error; what was broken off goes on when it is asked for again.
///
/// # Errors
/// When the store cannot be read or written.
pub async fn delete_registration(lrs: &Lrs, owner: &Owner, id: Uuid) -> Result<(), Error> {
    let found = registration::record(lrs, owner.caller.tenant(), id)?;
    match found.filter(|(it, _)| owner.sees(it.launch_tenant)) {
        None => Ok(()),
        Some(_) => remove_registration(lrs, owner, id).await,
    }
}

/// As [`delete_registration`], whoever owns it.
async fn remove_registration(lrs: &Lrs, owner: &Owner, id: Uuid) -> Result<(), Error> {
    let tenant = owner.caller.tenant();
    let turn = super::turn(tenant, id);
    // Nothing counts in it from here on: a statement that would finds the record changed.
    let (number, _) = decide_and_commit(lrs, vec![turn.clone()], || {
        let Some((found, version)) = registration::record(lrs, tenant, id)? else {
            return Ok(Decision {
                batch: None,
                answer: None,
            });
        };
        let number = found.number;
        let gone = Registration {
            deleted: true,
            ..found
        };
        Ok(Decision {
            batch: Some(Batch {
                tenant,
                asserts: vec![Assert::RecordVersion(keys::registration(id), version)],
                ops: vec![put(keys::registration(id), &gone)],
            }),
            answer: Some(number),
        })
    })
    .await?;
    let Some(number) = number else {
        return Ok(());
    };
    session::abandon_open(lrs, owner, id).await?;
    remove_sessions(lrs, tenant, id, &turn).await?;
    for kind in [RecordKind::Registration, RecordKind::CourseRegistration] {
        remove_parts(lrs, tenant, (kind, id), &turn).await?;
    }
    let ops = vec![
        Op::DeleteRecord(keys::registration(id)),
        Op::DeleteRecord(keys::number(keys::Numbered::Registration, number)),
        Op::DeleteRow {
            table: Table::CourseRegistration,
            row: Seq(number),
        },
    ];
    commit(lrs, tenant, &turn, ops).await
}

/// What only launched sessions have; the sessions themselves are the LRS's and stay.
async fn remove_sessions(
    lrs: &Lrs,
    tenant: Tenant,
    id: Uuid,
    turn: &QueueKey,
) -> Result<(), Error> {
    let term = Term::row(Table::Session, "registration", id.as_bytes());
    let mut cursor = None;
    loop {
        let page = page(lrs, tenant, (Table::Session, term), cursor)?;
        let mut ops = Vec::new();
        for (_, value) in &page.rows {
            let session = String::from_utf8_lossy(value);
            if let Some(beside) = session::beside(lrs, tenant, &session)? {
                let number = keys::number(keys::Numbered::Session, beside.number);
                ops.push(Op::DeleteRecord(number));
                ops.push(Op::DeleteRecord(keys::launched_session(&session)));
            }
        }
        if !ops.is_empty() {
            commit(lrs, tenant, turn, ops).await?;
        }
        cursor = page.next;
        if cursor.is_none() {
            return Ok(());
        }
    }
}

/// Records whose keys begin with the id and go on.
async fn remove_parts(
    lrs: &Lrs,
    tenant: Tenant,
    (kind, id): (RecordKind, Uuid),
    turn: &QueueKey,
) -> Result<(), Error> {
    let whole = id.as_bytes();
    loop {
        let page = lrs
            .store
            .records_page(tenant, kind, whole, None, PAGE + 1)?;
        let parts = page.iter().filter(|(key, _)| key.key.len() > whole.len());
        let ops: Vec<Op> = parts
            .take(PAGE)
            .map(|(key, _)| Op::DeleteRecord(key.clone()))
            .collect();
        if ops.is_empty() {
            return Ok(());
        }
        commit(lrs, tenant, turn, ops).await?;
    }
}

/// Rows that a term finds, the oldest first.
fn page(
    lrs: &Lrs,
    tenant: Tenant,
    (table, term): (Table, Term),
    cursor: Option<Seq>,
) -> Result<RowsPage, Error> {
    Ok(lrs.store.rows(&RowsQuery {
        tenant,
        table,
        groups: vec![vec![term]],
        after: None,
        up_to: None,
        order: Order::OldestFirst,
        cursor,
        rows_max: PAGE,
        keys_max: lrs.settings.scan_keys_max,
    })?)
}

/// The courses or registrations of a page.
fn ids(page: &RowsPage) -> Result<Vec<Uuid>, Error> {
    let ids = page
        .rows
        .iter()
        .map(|(place, value)| list::id(*place, value));
    ids.collect()
}

async fn commit(lrs: &Lrs, tenant: Tenant, turn: &QueueKey, ops: Vec<Op>) -> Result<(), Error> {
    decide_and_commit(lrs, vec![turn.clone()], || {
        Ok(Decision {
            batch: Some(Batch {
                tenant,
                asserts: Vec::new(),
                ops: ops.clone(),
            }),
            answer: (),
        })
    })
    .await?;
    Ok(())
}
