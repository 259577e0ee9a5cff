//! Courses: what was imported, and what a launch needs of it.

use cmi5::course::Structure;
use storage::row::Table;
use storage::{FactKey, Tenant};
use uuid::Uuid;

use super::content::File;
use super::records::{Beginning, Course, CourseAu, CourseFile};
use super::{Owner, Page, keys, list};
use crate::reports::Part;
use crate::sessions::{decode, records};
use crate::{Error, Lrs};

/// A course that is there.
///
/// # Errors
/// When the store cannot be read or is damaged.
pub(super) fn find(lrs: &Lrs, tenant: Tenant, id: Uuid) -> Result<Option<Course>, Error> {
    let course: Option<Course> = part(lrs, tenant, &FactKey::Record(keys::course(id)), id)?;
    Ok(course.filter(|course| !course.deleted))
}

/// A course that the owner may know of.
///
/// # Errors
/// [`Error::NotFound`], and when the store cannot be read or is damaged.
pub fn seen(lrs: &Lrs, owner: &Owner, id: Uuid) -> Result<Course, Error> {
    find(lrs, owner.caller.tenant(), id)?
        .filter(|course| owner.sees(course.launch_tenant))
        .ok_or(Error::NotFound("there is no such course"))
}

/// Which courses are wanted; all that are given must hold.
#[derive(Debug, Clone, Default)]
pub struct CoursesQuery {
    /// The course's id in `cmi5.xml`.
    pub publisher_id: Option<String>,
    pub launch_tenant: Option<u64>,
    pub part: Part,
}

/// Courses that the owner may know of, newest first.
///
/// # Errors
/// [`Error::Violations`] for a cursor of another list, and when the store cannot be read or is damaged.
pub fn list(lrs: &Lrs, owner: &Owner, query: &CoursesQuery) -> Result<Page<Course>, Error> {
    let publisher_id = query.publisher_id.as_deref();
    let wanted = list::Wanted {
        table: Table::Course,
        launch_tenant: query.launch_tenant,
        filters: vec![("publisher", publisher_id.map(str::as_bytes))],
        part: &query.part,
    };
    list::page(lrs, owner, &wanted, |id| {
        find(lrs, owner.caller.tenant(), id)
    })
}

/// The id behind a number.
///
/// # Errors
/// [`Error::NotFound`], and when the store cannot be read.
pub fn by_number(lrs: &Lrs, owner: &Owner, number: u64) -> Result<Uuid, Error> {
    super::by_number(lrs, owner, keys::Numbered::Course, number)?
        .and_then(|text| Uuid::parse_str(&text).ok())
        .ok_or(Error::NotFound("there is no such course"))
}

/// A course, and what its `cmi5.xml` says.
///
/// # Errors
/// [`Error::NotFound`], and when the store cannot be read or is damaged.
pub fn read(lrs: &Lrs, owner: &Owner, id: Uuid) -> Result<(Course, Structure), Error> {
    let course = seen(lrs, owner, id)?;
    let structure = structure(lrs, owner.caller.tenant(), course.id)?;
    Ok((course, structure))
}

/// # Errors
/// When the store cannot be read or is damaged.
pub(super) fn structure(lrs: &Lrs, tenant: Tenant, course: Uuid) -> Result<Structure, Error> {
    let key = FactKey::Record(keys::course_structure(course));
    part(lrs, tenant, &key, course)?
        .ok_or_else(|| Error::damaged("course", course, "its structure is missing"))
}

/// # Errors
/// When the store cannot be read or is damaged.
pub(super) fn file(
    lrs: &Lrs,
    tenant: Tenant,
    course: Uuid,
    path: &str,
) -> Result<Option<File>, Error> {
    let key = FactKey::Record(keys::course_file(course, path));
    let Some(file): Option<CourseFile> = part(lrs, tenant, &key, course)? else {
        return Ok(None);
    };
    let blob = match crate::attachment::sha2(&file.sha2) {
        Some(sha2) => lrs.store.blob(tenant, &sha2)?,
        None => None,
    };
    let lost = || {
        Error::damaged(
            "course",
            course,
            format!("the content of `{path}` is missing"),
        )
    };
    let blob = blob.ok_or_else(lost)?;
    Ok(Some(File { file, blob }))
}

/// # Errors
/// When the store cannot be read or is damaged.
pub(super) fn au(
    lrs: &Lrs,
    tenant: Tenant,
    course: Uuid,
    index: u32,
) -> Result<Option<CourseAu>, Error> {
    part(
        lrs,
        tenant,
        &FactKey::Record(keys::course_au(course, index)),
        course,
    )
}

/// The AU with this id in statements.
///
/// # Errors
/// When the store cannot be read or is damaged.
pub(super) fn au_of(
    lrs: &Lrs,
    tenant: Tenant,
    course: &Course,
    activity: &str,
) -> Result<Option<CourseAu>, Error> {
    let index = activity
        .strip_prefix(course.lms_id.as_str())
        .and_then(|rest| rest.strip_prefix("/au/"))
        .and_then(|index| index.parse().ok());
    let Some(index) = index else {
        return Ok(None);
    };
    let au = au(lrs, tenant, course.id, index)?;
    Ok(au.filter(|au| au.lms_id == activity))
}

/// # Errors
/// When the store cannot be read or is damaged.
pub(super) fn beginning(lrs: &Lrs, tenant: Tenant, course: Uuid) -> Result<Beginning, Error> {
    let key = FactKey::Record(keys::course_beginning(course));
    Ok(part(lrs, tenant, &key, course)?.unwrap_or_default())
}

fn part<T: serde::de::DeserializeOwned>(
    lrs: &Lrs,
    tenant: Tenant,
    key: &FactKey,
    course: Uuid,
) -> Result<Option<T>, Error> {
    let found = records(lrs, tenant, std::slice::from_ref(key))?;
    let record = found.into_iter().next().flatten();
    record
        .map(|record| decode(&record, "course", &course.to_string()))
        .transpose()
}
