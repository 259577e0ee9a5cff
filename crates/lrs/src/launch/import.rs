//! A checked package becomes a course: everything of it in one commit.

use cmi5::course::LaunchMethod;
use cmi5::course::outline::{Leaf, Outline};
use cmi5::course::package::Place as FilePlace;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use storage::row::{Place, PutRow, Table};
use storage::{Assert, Batch, FactKey, Op, Seq, Term};
use uuid::Uuid;

use super::package::Package;
use super::records::{Beginning, Course, CourseAu, CourseFile, Node};
use super::{Owner, keys, numbers, tenants};
use crate::commit::{Decision, decide_and_commit};
use crate::queue::QueueKey;
use crate::sessions::{decode, put, records};
use crate::statements::new_id;
use crate::{Error, Lrs, attachment};

/// The newest version of a publisher's course.
#[derive(Debug, Serialize, Deserialize)]
struct Newest {
    course: Uuid,
    version: u64,
}

/// Stores a course. The publisher's course may be there already: it gets a new version, and what runs goes on with
/// the one that it began with.
///
/// # Errors
/// [`Error::NotFound`] when the launch tenant was deleted meanwhile; when the store cannot be read or written.
pub async fn import(lrs: &Lrs, owner: &Owner, package: &Package) -> Result<Course, Error> {
    let tenant = owner.caller.tenant();
    let (id, number) = (new_id(), numbers::take(lrs).await?);
    let newest_key = keys::course_newest(&publisher_digest(owner, &package.structure.id));
    let lms_id = format!(
        "{}/courses/{id}",
        lrs.settings.home_page.trim_end_matches('/')
    );
    let outline = Outline::of(&package.structure, &lms_id);
    let ops = parts(id, &outline, package);
    let turn = QueueKey::Record(tenant, newest_key.clone());
    let (course, _) = decide_and_commit(lrs, vec![turn], || {
        // A package takes a while to come in.
        if let Some(number) = owner.launch_tenant {
            tenants::is_there(lrs, number)?;
        }
        let found = records(lrs, tenant, &[FactKey::Record(newest_key.clone())])?;
        let newest = found.into_iter().next().flatten();
        let before: Option<Newest> = newest
            .as_ref()
            .map(|record| decode(record, "course", &package.structure.id))
            .transpose()?;
        let course = Course {
            id,
            number,
            launch_tenant: owner.launch_tenant,
            lms_id: lms_id.clone(),
            publisher_id: package.structure.id.clone(),
            title: package.structure.title.strings.clone(),
            version: before.map_or(0, |before| before.version) + 1,
            created_at: lrs.now(),
            aus: count(outline.aus.len()),
            nodes: count(outline.nodes.len()),
            has_files: !package.files.is_empty(),
            deleted: false,
        };
        let newest_version = newest.map_or(0, |record| record.version);
        let mut ops = ops.clone();
        ops.push(put(
            newest_key.clone(),
            &Newest {
                course: id,
                version: course.version,
            },
        ));
        ops.extend(head(&course));
        Ok(Decision {
            batch: Some(Batch {
                tenant,
                asserts: vec![Assert::RecordVersion(newest_key.clone(), newest_version)],
                ops,
            }),
            answer: course,
        })
    })
    .await?;
    Ok(course)
}

fn publisher_digest(owner: &Owner, publisher_id: &str) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(owner.launch_tenant.unwrap_or(0).to_be_bytes());
    hash.update(publisher_id);
    hash.finalize().into()
}

fn head(course: &Course) -> [Op; 3] {
    [
        put(keys::course(course.id), course),
        Op::PutRecord(
            keys::number(keys::Numbered::Course, course.number),
            course.id.to_string().into_bytes(),
        ),
        Op::PutRow(PutRow {
            table: Table::Course,
            place: Place::At(Seq(course.number)),
            terms: row_terms(course),
            value: course.id.to_string().into_bytes(),
            replaces: Vec::new(),
        }),
    ]
}

fn row_terms(course: &Course) -> Vec<Term> {
    let term = |name, value: &[u8]| Term::row(Table::Course, name, value);
    let mut terms = vec![term("publisher", course.publisher_id.as_bytes())];
    let launch_tenant = course.launch_tenant.iter();
    terms.extend(launch_tenant.map(|number| term("launch tenant", &number.to_be_bytes())));
    terms.sort_unstable();
    terms
}

/// Structure, beginning, AUs and files.
fn parts(id: Uuid, outline: &Outline<'_>, package: &Package) -> Vec<Op> {
    let node = |index: usize| {
        let node = outline.nodes.get(index)?;
        Some(Node {
            index: count(index),
            lms_id: node.lms_id.clone(),
            publisher_id: node.publisher_id.to_owned(),
            left: count(node.left),
        })
    };
    let beginning = Beginning {
        satisfied: outline
            .satisfied_at_once()
            .into_iter()
            .filter_map(node)
            .collect(),
    };
    let mut ops = vec![
        put(keys::course_structure(id), &package.structure),
        put(keys::course_beginning(id), &beginning),
    ];
    for (index, (leaf, place)) in outline.aus.iter().zip(&package.places).enumerate() {
        let path = outline.around(leaf).filter_map(node).collect();
        let au = course_au(count(index), leaf, place, path);
        ops.push(put(keys::course_au(id, au.index), &au));
    }
    for file in &package.files {
        let kept = CourseFile {
            sha2: file.sha2.clone(),
            length: file.length,
        };
        ops.push(put(keys::course_file(id, &file.path), &kept));
        ops.extend(attachment::sha2(&file.sha2).map(|sha2| Op::PutBlob {
            sha2,
            upload: file.upload,
            length: file.length,
        }));
    }
    ops
}

fn course_au(index: u32, leaf: &Leaf<'_>, place: &FilePlace, path: Vec<Node>) -> CourseAu {
    let au = leaf.au;
    CourseAu {
        index,
        lms_id: leaf.lms_id.clone(),
        publisher_id: au.id.clone(),
        url: au.url.clone(),
        file: match place {
            FilePlace::Elsewhere => None,
            FilePlace::Entry(name) => Some(name.clone()),
        },
        own_window: au.launch_method == LaunchMethod::OwnWindow,
        move_on: au.move_on,
        mastery_score: au.mastery_score.clone(),
        launch_parameters: au.launch_parameters.clone(),
        entitlement_key: au.entitlement_key.clone(),
        path,
    }
}

/// There are fewer than 2³² of anything in a course.
fn count(of: usize) -> u32 {
    u32::try_from(of).unwrap_or(u32::MAX)
}
