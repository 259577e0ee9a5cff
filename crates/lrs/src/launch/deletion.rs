//! Deleting courses and registrations: nobody sees one any more at once, its parts go in commits of bounded size, and what
//! a crash leaves is removed later. Statements, documents, and contents of files stay.

use storage::batch::{RecordKey, RecordKind};
use storage::fact::Record;
use storage::query::Order;
use storage::row::{RowsPage, RowsQuery, Table};
use storage::{Assert, Batch, FactKey, Op, Seq, Tenant, Term};
use uuid::Uuid;

use super::records::{Course, Registration};
use super::{Owner, keys, list, registration, session};
use crate::commit::{Decision, decide_and_commit};
use crate::queue::QueueKey;
use crate::sessions::{self, StoredRegistration, decode, put, records};
use crate::{Error, Lrs};

/// Records or registrations looked at in one go.
const PAGE: usize = 500;

/// Deletes a course with its registrations. One that is not there is no error.
///
/// # Errors
/// When the store cannot be read or written.
pub async fn delete(lrs: &Lrs, owner: &Owner, id: Uuid) -> Result<(), Error> {
    match begin(lrs, owner, id).await? {
        true => finish(lrs, owner, id).await,
        false => Ok(()),
    }
}

/// From here on nobody sees the course, whatever happens to [`finish`]: [`resume`] does what is left of it. Answers
/// whether there is anything to finish.
///
/// # Errors
/// When the store cannot be read or written.
pub async fn begin(lrs: &Lrs, owner: &Owner, id: Uuid) -> Result<bool, Error> {
    let tenant = owner.caller.tenant();
    let turn = QueueKey::Record(tenant, keys::course(id));
    let (is_there, _) = decide_and_commit(lrs, vec![turn], || {
        let record = head(lrs, tenant, id)?;
        let Some((course, version)) = record.filter(|(it, _)| owner.sees(it.launch_tenant)) else {
            return Ok(Decision {
                batch: None,
                answer: false,
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
            answer: true,
        })
    })
    .await?;
    Ok(is_there)
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

/// Goes on with what a crash has left of deleted courses and registrations: nothing, mostly.
///
/// # Errors
/// When the store cannot be read or written.
pub async fn resume(lrs: &Lrs, tenant: Tenant) -> Result<(), Error> {
    let own = Owner::own(lrs, tenant);
    let prefix = keys::COURSE_DELETION;
    let left = lrs
        .store
        .records_page(tenant, RecordKind::Setting, prefix, None, PAGE)?;
    for (key, _) in left {
        let id = key.key.get(prefix.len()..).unwrap_or_default();
        if let Ok(id) = Uuid::from_slice(id) {
            finish(lrs, &own, id).await?;
        }
    }
    let prefix = keys::REGISTRATION_DELETION;
    let left = lrs
        .store
        .records_page(tenant, RecordKind::Setting, prefix, None, PAGE)?;
    for (key, record) in left {
        let id = key.key.get(prefix.len()..).unwrap_or_default();
        if let Ok(id) = Uuid::from_slice(id) {
            let number = decode(&record, "course registration", &id.to_string())?;
            remove_registration(lrs, &own, (id, number)).await?;
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

/// Removes what hangs on a course whose deletion has begun: registrations first, then its parts, its head and the note of it
/// last.
///
/// # Errors
/// When the store cannot be read or written.
pub async fn finish(lrs: &Lrs, owner: &Owner, id: Uuid) -> Result<(), Error> {
    let tenant = owner.caller.tenant();
    let term = Term::row(Table::CourseRegistration, "course", id.as_bytes());
    let mut cursor = None;
    loop {
        let page = page(lrs, tenant, (Table::CourseRegistration, term), cursor)?;
        for (registered, (number, _)) in ids(&page)?.into_iter().zip(&page.rows) {
            remove_registration(lrs, owner, (registered, number.0)).await?;
        }
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    let turn = QueueKey::Record(tenant, keys::course(id));
    remove_parts(lrs, tenant, id, &turn).await?;
    let ops = vec![
        Op::DeleteRecord(keys::course(id)),
        Op::DeleteRecord(keys::course_deletion(id)),
    ];
    commit(lrs, tenant, &turn, ops).await
}

/// Ends a registration: its open session is abandoned, and what the launch service knows of it is forgotten. The
/// statements stay. One that is not there is no error; what was broken off goes on by [`resume`].
///
/// # Errors
/// When the store cannot be read or written.
pub async fn delete_registration(lrs: &Lrs, owner: &Owner, id: Uuid) -> Result<(), Error> {
    let found = registration::record(lrs, owner.caller.tenant(), id)?;
    match found.filter(|(it, _)| owner.sees(it.launch_tenant)) {
        None => Ok(()),
        Some((found, _)) => remove_registration(lrs, owner, (id, found.number)).await,
    }
}

/// As [`delete_registration`], whoever owns it. `number`: the registration that is meant. Its id may be another's by
/// now, which nothing happens to.
async fn remove_registration(
    lrs: &Lrs,
    owner: &Owner,
    (id, number): (Uuid, u64),
) -> Result<(), Error> {
    let tenant = owner.caller.tenant();
    // Nothing counts in it from here on: a statement that would finds the record changed. And nothing is launched in
    // it, so that all that is there is its own.
    let (gone, _) = decide_and_commit(lrs, vec![super::turn(tenant, id)], || {
        let found = registration::record(lrs, tenant, id)?;
        let Some((found, version)) = found.filter(|(it, _)| it.number == number) else {
            return Ok(Decision {
                batch: None,
                answer: None,
            });
        };
        let newest = crate::enforce::newest_session(lrs, tenant, id)?;
        let gone = Registration {
            deleted: true,
            ..found
        };
        let ops = vec![
            put(keys::registration(id), &gone),
            put(keys::registration_deletion(id), &number),
        ];
        Ok(Decision {
            batch: Some(Batch {
                tenant,
                asserts: vec![Assert::RecordVersion(keys::registration(id), version)],
                ops,
            }),
            answer: Some((gone, newest)),
        })
    })
    .await?;
    let Some((gone, newest)) = gone else {
        return Ok(());
    };
    if let Some(newest) = newest {
        session::abandon_open(lrs, owner, &newest).await?;
    }
    let removal = Removal { lrs, tenant, gone };
    if removal.sessions().await? && removal.facts().await? && removal.counters().await? {
        removal.end().await?;
    }
    Ok(())
}

/// A registration that nothing happens in any more, being removed in commits of bounded size. Each of them relies on its
/// record being there: whoever is done first ends all others.
struct Removal<'r> {
    lrs: &'r Lrs,
    tenant: Tenant,
    gone: Registration,
}

impl Removal<'_> {
    /// Whether it is still to be removed.
    async fn commit(&self, ops: Vec<Op>) -> Result<bool, Error> {
        let (lrs, tenant, id) = (self.lrs, self.tenant, self.gone.id);
        let (is_there, _) = decide_and_commit(lrs, vec![super::turn(tenant, id)], || {
            let found = registration::record(lrs, tenant, id)?;
            let found = found.filter(|(it, _)| it.deleted && it.number == self.gone.number);
            let batch = found.as_ref().map(|(_, version)| Batch {
                tenant,
                asserts: vec![Assert::RecordVersion(keys::registration(id), *version)],
                ops: ops.clone(),
            });
            Ok(Decision {
                answer: batch.is_some(),
                batch: batch.filter(|batch| !batch.ops.is_empty()),
            })
        })
        .await?;
        Ok(is_there)
    }

    /// What only launched sessions have; the sessions themselves are the LRS's and stay.
    async fn sessions(&self) -> Result<bool, Error> {
        let (lrs, tenant, id) = (self.lrs, self.tenant, self.gone.id);
        let term = Term::row(Table::Session, "registration", id.as_bytes());
        let newest = crate::enforce::newest_session(lrs, tenant, id)?;
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
                    if newest.as_deref() == Some(&*session) {
                        ops.push(Op::DeleteRecord(sessions::keys::registration(id)));
                    }
                }
            }
            if !self.commit(ops).await? {
                return Ok(false);
            }
            cursor = page.next;
            if cursor.is_none() {
                return Ok(true);
            }
        }
    }

    /// What its learner has reached in its course. Other learners' and courses' facts are not its own.
    async fn facts(&self) -> Result<bool, Error> {
        let whole = self.gone.id.as_bytes();
        let of_course = format!("/courses/{}/au/", self.gone.course);
        let mut after: Option<Vec<u8>> = None;
        loop {
            let page = self.page(RecordKind::Registration, after.as_deref())?;
            let mut ops = Vec::new();
            for (key, record) in &page {
                if key.key.len() > whole.len() {
                    let fact: StoredRegistration =
                        decode(record, "registration", &self.gone.id.to_string())?;
                    if fact.actor == self.gone.learner && fact.activity.contains(&of_course) {
                        ops.push(Op::DeleteRecord(key.clone()));
                    }
                }
            }
            if !self.commit(ops).await? {
                return Ok(false);
            }
            match page.last() {
                Some((key, _)) if page.len() == PAGE => after = Some(key.key.clone()),
                Some(_) | None => return Ok(true),
            }
        }
    }

    async fn counters(&self) -> Result<bool, Error> {
        loop {
            let page = self.page(RecordKind::CourseRegistration, None)?;
            let parts = page.iter().filter(|(key, _)| key.key.len() > 16);
            let ops: Vec<Op> = parts
                .map(|(key, _)| Op::DeleteRecord(key.clone()))
                .collect();
            if ops.is_empty() {
                return Ok(true);
            }
            if !self.commit(ops).await? {
                return Ok(false);
            }
        }
    }

    fn page(
        &self,
        kind: RecordKind,
        after: Option<&[u8]>,
    ) -> Result<Vec<(RecordKey, Record)>, Error> {
        let whole = self.gone.id.as_bytes();
        let store = &self.lrs.store;
        Ok(store.records_page(self.tenant, kind, whole, after, PAGE)?)
    }

    async fn end(&self) -> Result<(), Error> {
        let Registration { id, number, .. } = self.gone;
        let ops = vec![
            Op::DeleteRecord(keys::registration(id)),
            Op::DeleteRecord(keys::registration_deletion(id)),
            Op::DeleteRecord(keys::number(keys::Numbered::Registration, number)),
            Op::DeleteRow {
                table: Table::CourseRegistration,
                row: Seq(number),
            },
        ];
        self.commit(ops).await?;
        Ok(())
    }
}

/// Records of a course whose keys begin with its id and go on.
async fn remove_parts(lrs: &Lrs, tenant: Tenant, id: Uuid, turn: &QueueKey) -> Result<(), Error> {
    let (kind, whole) = (RecordKind::Course, id.as_bytes());
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
