//! Deleting a course: nobody sees it any more at once, its registrations and parts go in commits of bounded size, and
//! what a crash leaves is removed later. Statements and documents stay.

use storage::batch::RecordKind;
use storage::query::Order;
use storage::row::{RowsQuery, Table};
use storage::{Assert, Batch, FactKey, Op, Seq, Tenant, Term};
use uuid::Uuid;

use super::records::Course;
use super::{Owner, keys, registration};
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
    loop {
        let term = Term::row(Table::Course, "launch tenant", &number.to_be_bytes());
        let page = page(lrs, tenant, Table::Course, term)?;
        if page.is_empty() {
            return resume(lrs, owner).await;
        }
        for id in page {
            delete(lrs, owner, id).await?;
        }
    }
}

/// Goes on with what a crash has left of deleted courses. Answers nothing: there is nothing, mostly.
///
/// # Errors
/// When the store cannot be read or written.
pub async fn resume(lrs: &Lrs, owner: &Owner) -> Result<(), Error> {
    let tenant = owner.caller.tenant();
    let prefix = keys::COURSE_DELETION;
    let left = lrs
        .store
        .records_page(tenant, RecordKind::Setting, prefix, None, PAGE)?;
    for (key, _) in left {
        let id = key.key.get(prefix.len()..).unwrap_or_default();
        if let Ok(id) = Uuid::from_slice(id) {
            remove(lrs, owner, id).await?;
        }
    }
    Ok(())
}

/// Ids of courses or registrations that a term finds: the first ones.
fn page(lrs: &Lrs, tenant: Tenant, table: Table, term: Term) -> Result<Vec<Uuid>, Error> {
    let page = lrs.store.rows(&RowsQuery {
        tenant,
        table,
        groups: vec![vec![term]],
        after: None,
        up_to: None,
        order: Order::OldestFirst,
        cursor: None,
        rows_max: PAGE,
        keys_max: lrs.settings.scan_keys_max,
    })?;
    let ids = page.rows.iter().map(|(place, value)| {
        let text = std::str::from_utf8(value).ok();
        text.and_then(|text| Uuid::parse_str(text).ok())
            .ok_or_else(|| Error::damaged("rows", place.0, "not an id"))
    });
    ids.collect()
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
    loop {
        let term = Term::row(Table::CourseRegistration, "course", id.as_bytes());
        let page = page(lrs, tenant, Table::CourseRegistration, term)?;
        if page.is_empty() {
            break;
        }
        for registered in page {
            registration::remove(lrs, owner, registered).await?;
        }
    }
    loop {
        let page =
            lrs.store
                .records_page(tenant, RecordKind::Course, id.as_bytes(), None, PAGE + 1)?;
        let parts = page.iter().filter(|(key, _)| key.key.len() > 16).take(PAGE);
        let ops: Vec<Op> = parts
            .map(|(key, _)| Op::DeleteRecord(key.clone()))
            .collect();
        if ops.is_empty() {
            break;
        }
        commit(lrs, tenant, id, ops).await?;
    }
    let ops = vec![
        Op::DeleteRecord(keys::course(id)),
        Op::DeleteRecord(keys::course_deletion(id)),
    ];
    commit(lrs, tenant, id, ops).await
}

async fn commit(lrs: &Lrs, tenant: Tenant, id: Uuid, ops: Vec<Op>) -> Result<(), Error> {
    let turn = QueueKey::Record(tenant, keys::course(id));
    decide_and_commit(lrs, vec![turn], || {
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
