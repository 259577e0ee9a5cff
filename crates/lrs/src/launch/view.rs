//! A registration as its owner sees it: each AU, and the tree of what is satisfied.

use std::collections::{BTreeMap, HashMap};

use cmi5::course::outline::{Outline, Part};
use cmi5::{AuRegistration, LaunchMode, MoveOn};
use storage::Tenant;
use storage::Term;
use storage::batch::{RecordKey, RecordKind};
use storage::fact::Record;
use storage::query::Order;
use storage::row::{RowsQuery, Table};
use uuid::Uuid;

use super::records::{Course, Left, Registration};
use super::{Owner, courses, registration};
use crate::sessions::{self, InCourse, StoredRegistration, decode};
use crate::{Error, Lrs};

const PAGE: usize = 1_000;
/// Sessions of one registration that are looked at.
const SESSIONS_MAX: usize = 10_000;

/// A registration.
#[derive(Debug, Clone)]
pub struct View {
    pub registration: Registration,
    pub course: Course,
    /// In document order.
    pub aus: Vec<AuState>,
    pub tree: Branch,
}

/// What the learner has done in an AU.
#[derive(Debug, Clone, Default)]
pub struct AuState {
    pub lms_id: String,
    pub publisher_id: String,
    /// The one that holds in this registration.
    pub move_on: Option<MoveOn>,
    pub reached: AuRegistration,
    pub in_course: InCourse,
    pub satisfied: bool,
    pub normal: Use,
    pub browse: Use,
    pub review: Use,
}

/// What a launch mode was used for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Use {
    /// A session of this mode was initialized.
    pub attempted: bool,
    /// Durations that its sessions told, microseconds.
    pub duration: Option<u64>,
}

/// The course, a block, or an AU.
#[derive(Debug, Clone)]
pub struct Branch {
    pub kind: Kind,
    pub lms_id: String,
    pub publisher_id: String,
    pub satisfied: bool,
    pub children: Vec<Branch>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Course,
    Block,
    Au,
}

impl Kind {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Course => "course",
            Kind::Block => "block",
            Kind::Au => "au",
        }
    }
}

/// # Errors
/// [`Error::NotFound`], and when the store cannot be read or is damaged.
pub fn read(lrs: &Lrs, owner: &Owner, id: Uuid) -> Result<View, Error> {
    let tenant = owner.caller.tenant();
    let (registration, course) = registration::seen(lrs, owner, id)?;
    let structure = courses::structure(lrs, tenant, course.id)?;
    let outline = Outline::of(&structure, &course.lms_id);
    let left = left(lrs, tenant, id)?;
    let mut aus = aus(lrs, tenant, &registration, &outline)?;
    add_sessions(lrs, tenant, id, &mut aus)?;
    let tree = branch(&outline, &aus, &left, 0);
    Ok(View {
        registration,
        course,
        aus,
        tree,
    })
}

fn each(
    lrs: &Lrs,
    tenant: Tenant,
    (kind, prefix): (RecordKind, &[u8]),
    mut visit: impl FnMut(&RecordKey, &Record) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut after: Option<Vec<u8>> = None;
    loop {
        let page = lrs
            .store
            .records_page(tenant, kind, prefix, after.as_deref(), PAGE)?;
        for (key, record) in &page {
            // The registration's own record has no more of a key than its id.
            if key.key.len() > prefix.len() {
                visit(key, record)?;
            }
        }
        match page.last() {
            Some((key, _)) if page.len() == PAGE => after = Some(key.key.clone()),
            Some(_) | None => return Ok(()),
        }
    }
}

/// What is left in those nodes in which something has moved.
fn left(lrs: &Lrs, tenant: Tenant, id: Uuid) -> Result<HashMap<usize, u32>, Error> {
    let mut found = HashMap::new();
    let of = (RecordKind::CourseRegistration, &id.as_bytes()[..]);
    each(lrs, tenant, of, |key, record| {
        let Left { left } = decode(record, "course registration", &id.to_string())?;
        let index = key.key.get(16..).and_then(|rest| rest.try_into().ok());
        if let Some(index) = index.map(u32::from_be_bytes) {
            found.insert(index as usize, left);
        }
        Ok(())
    })?;
    Ok(found)
}

fn aus(
    lrs: &Lrs,
    tenant: Tenant,
    registration: &Registration,
    outline: &Outline<'_>,
) -> Result<Vec<AuState>, Error> {
    let mut stored: BTreeMap<String, StoredRegistration> = BTreeMap::new();
    let of = (RecordKind::Registration, &registration.id.as_bytes()[..]);
    each(lrs, tenant, of, |_, record| {
        let one: StoredRegistration = decode(record, "registration", &registration.id.to_string())?;
        if one.actor == registration.learner {
            stored.insert(one.activity.clone(), one);
        }
        Ok(())
    })?;
    let state = |leaf: &cmi5::course::outline::Leaf<'_>| {
        let known = stored.remove(&leaf.lms_id);
        let (reached, in_course) =
            known.map_or_else(Default::default, |known| (known.reached, known.in_course));
        AuState {
            lms_id: leaf.lms_id.clone(),
            publisher_id: leaf.au.id.clone(),
            move_on: Some(in_course.move_on.unwrap_or(leaf.au.move_on)),
            satisfied: in_course.satisfied || leaf.au.move_on == MoveOn::NotApplicable,
            reached,
            in_course,
            ..AuState::default()
        }
    };
    Ok(outline.aus.iter().map(state).collect())
}

fn add_sessions(lrs: &Lrs, tenant: Tenant, id: Uuid, aus: &mut [AuState]) -> Result<(), Error> {
    let page = lrs.store.rows(&RowsQuery {
        tenant,
        table: Table::Session,
        groups: vec![vec![Term::row(
            Table::Session,
            "registration",
            id.as_bytes(),
        )]],
        after: None,
        up_to: None,
        order: Order::OldestFirst,
        cursor: None,
        rows_max: SESSIONS_MAX,
        keys_max: lrs.settings.scan_keys_max,
    })?;
    let mut places: HashMap<String, usize> = HashMap::new();
    for (index, au) in aus.iter().enumerate() {
        places.insert(au.lms_id.clone(), index);
    }
    for (_, session) in &page.rows {
        let session = String::from_utf8_lossy(session);
        let Some(known) = sessions::read(lrs, tenant, &session)? else {
            continue;
        };
        let index = places.get(&known.launch.activity).copied();
        let Some(au) = index.and_then(|index| aus.get_mut(index)) else {
            continue;
        };
        let used = match known.launch.mode {
            LaunchMode::Normal => &mut au.normal,
            LaunchMode::Browse => &mut au.browse,
            LaunchMode::Review => &mut au.review,
        };
        used.attempted |= known.session.initialized.is_some();
        if let Some(duration) = known.session.duration {
            let sum = used.duration.unwrap_or(0).saturating_add(duration);
            used.duration = Some(sum);
        }
    }
    Ok(())
}

/// Recursion as deep as blocks nest.
fn branch(
    outline: &Outline<'_>,
    aus: &[AuState],
    left: &HashMap<usize, u32>,
    index: usize,
) -> Branch {
    let Some(node) = outline.nodes.get(index) else {
        return Branch {
            kind: Kind::Block,
            lms_id: String::new(),
            publisher_id: String::new(),
            satisfied: false,
            children: Vec::new(),
        };
    };
    let child = |part: &Part| match part {
        Part::Node(inner) => Some(branch(outline, aus, left, *inner)),
        Part::Au(au) => aus.get(*au).map(|au| Branch {
            kind: Kind::Au,
            lms_id: au.lms_id.clone(),
            publisher_id: au.publisher_id.clone(),
            satisfied: au.satisfied,
            children: Vec::new(),
        }),
    };
    let left_now = left.get(&index).map_or(node.left, |left| *left as usize);
    Branch {
        kind: if index == 0 {
            Kind::Course
        } else {
            Kind::Block
        },
        lms_id: node.lms_id.clone(),
        publisher_id: node.publisher_id.to_owned(),
        satisfied: left_now == 0,
        children: node.children.iter().filter_map(child).collect(),
    }
}
