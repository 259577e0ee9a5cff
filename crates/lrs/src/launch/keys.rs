//! Keys of the launch service's records.

use storage::Tenant;
use storage::batch::{RecordKey, RecordKind};
use uuid::Uuid;

/// What a number calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Numbered {
    Course = 1,
    Registration = 2,
    Session = 3,
}

/// The next number that nobody has (tenant 0).
#[must_use]
pub fn next_number() -> RecordKey {
    of(RecordKind::Setting, b"launch-numbers".to_vec())
}

/// The id behind a number, as text.
#[must_use]
pub fn number(numbered: Numbered, number: u64) -> RecordKey {
    let mut key = vec![numbered as u8];
    key.extend(number.to_be_bytes());
    of(RecordKind::Number, key)
}

/// What [`launch_tenant`] begins with.
pub const LAUNCH_TENANTS: &[u8] = b"n";

/// In tenant 0.
#[must_use]
pub fn launch_tenant(number: u64) -> RecordKey {
    let key = [LAUNCH_TENANTS, &number.to_be_bytes()[..]].concat();
    of(RecordKind::LaunchTenant, key)
}

/// In tenant 0: the number of the store tenant's launch tenant with this code.
#[must_use]
pub fn launch_tenant_code(tenant: Tenant, code: &str) -> RecordKey {
    let mut key = launch_tenant_codes(tenant);
    key.extend(code.as_bytes());
    of(RecordKind::LaunchTenant, key)
}

/// What all of the store tenant's [`launch_tenant_code`] begin with.
#[must_use]
pub fn launch_tenant_codes(tenant: Tenant) -> Vec<u8> {
    [b"c", &tenant.0.to_be_bytes()[..]].concat()
}

/// In tenant 0; below the launch tenant's number.
#[must_use]
pub fn launch_token(launch_tenant: u64, id: Uuid) -> RecordKey {
    let mut key = launch_tokens(launch_tenant);
    key.extend(id.as_bytes());
    of(RecordKind::LaunchToken, key)
}

/// What all of the launch tenant's [`launch_token`] begin with.
#[must_use]
pub fn launch_tokens(launch_tenant: u64) -> Vec<u8> {
    launch_tenant.to_be_bytes().to_vec()
}

#[must_use]
pub fn course(id: Uuid) -> RecordKey {
    of(RecordKind::Course, id.as_bytes().to_vec())
}

/// The whole structure: large, and read for lists and exports alone.
#[must_use]
pub fn course_structure(id: Uuid) -> RecordKey {
    below_course(id, b's', &[])
}

/// What a new registration begins with.
#[must_use]
pub fn course_beginning(id: Uuid) -> RecordKey {
    below_course(id, b'b', &[])
}

#[must_use]
pub fn course_au(id: Uuid, index: u32) -> RecordKey {
    below_course(id, b'a', &index.to_be_bytes())
}

/// A file of the package, by its path in it.
#[must_use]
pub fn course_file(id: Uuid, path: &str) -> RecordKey {
    below_course(id, b'f', path.as_bytes())
}

/// The newest version of a publisher's course: a hash of launch tenant and the publisher's id.
#[must_use]
pub fn course_newest(digest: &[u8]) -> RecordKey {
    of(RecordKind::Course, [b"newest/", digest].concat())
}

/// What [`course_deletion`] begins with.
pub const COURSE_DELETION: &[u8] = b"course-deletion/";

/// There until everything of a deleted course is gone.
#[must_use]
pub fn course_deletion(id: Uuid) -> RecordKey {
    of(
        RecordKind::Setting,
        [COURSE_DELETION, &id.as_bytes()[..]].concat(),
    )
}

/// What [`registration_deletion`] begins with.
pub const REGISTRATION_DELETION: &[u8] = b"registration-deletion/";

/// There until everything of a deleted registration is gone: its number.
#[must_use]
pub fn registration_deletion(id: Uuid) -> RecordKey {
    let key = [REGISTRATION_DELETION, &id.as_bytes()[..]].concat();
    of(RecordKind::Setting, key)
}

#[must_use]
pub fn registration(id: Uuid) -> RecordKey {
    of(RecordKind::CourseRegistration, id.as_bytes().to_vec())
}

/// How much is left in a block, or in the course, until it is satisfied.
#[must_use]
pub fn left_in_node(registration: Uuid, node: u32) -> RecordKey {
    let mut key = registration.as_bytes().to_vec();
    key.extend(node.to_be_bytes());
    of(RecordKind::CourseRegistration, key)
}

#[must_use]
pub fn launched_session(session: &str) -> RecordKey {
    of(RecordKind::LaunchedSession, session.as_bytes().to_vec())
}

fn below_course(id: Uuid, part: u8, rest: &[u8]) -> RecordKey {
    let mut key = id.as_bytes().to_vec();
    key.push(part);
    key.extend(rest);
    of(RecordKind::Course, key)
}

fn of(kind: RecordKind, key: Vec<u8>) -> RecordKey {
    RecordKey { kind, key }
}
