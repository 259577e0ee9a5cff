//! Courses below `/cmi5/v1`: importing, trying, listing, exporting and deleting them.

use std::io::{Read as _, Seek as _, SeekFrom};
use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::http::header::{CONTENT_DISPOSITION, ContentType};
use bytes::Bytes;
use cmi5::course::{CourseEntry, LangString, listing};
use futures_util::stream;
use lrs::Lrs;
use lrs::launch::courses::CoursesQuery;
use lrs::launch::package::{self, Package};
use lrs::launch::{Owner, courses, export, import, records};
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;
use xapi::Violation;
use xapi::lexical::{identifier, timestamp};
use xapi::requirement::PARAMETER_VALUE;

use super::answers::Broken;
use super::query::Query;
use super::{Asked, json};
use crate::app::Server;
use crate::blocking::{ask, blocking};
use crate::deletion::delete_course;
use crate::refusal::Refusal;
use crate::request::{Body, Request};
use crate::spool::{self, SpoolFile};

/// What is read of an archive and sent at once.
const PIECE_BYTES: usize = 256 * 1024;

#[derive(Serialize, JsonSchema)]
pub(super) struct Courses {
    pub courses: Vec<Course>,
    /// Where the list goes on: a path with a query. Absent at its end. A page can be short and have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub more: Option<String>,
}

/// A course as it was imported once.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Course {
    pub id: String,
    /// What the player API calls it.
    pub number: u64,
    /// Whose it is. Absent: that of the store's keys.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub launch_tenant: Option<u64>,
    /// Its activity id.
    pub lms_id: String,
    /// Its id in `cmi5.xml`.
    pub publisher_id: String,
    pub title: Vec<Title>,
    /// Counts the imports of the publisher's course, from 1.
    pub version: u64,
    pub created_at: String,
    /// How many AUs it has.
    pub aus: u32,
    /// Its content lies here; otherwise the URLs of all AUs lead elsewhere.
    pub has_files: bool,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Title {
    /// Empty when none was given.
    pub lang: String,
    pub text: String,
}

/// A course and all that is in it.
#[derive(Serialize, JsonSchema)]
pub(super) struct WholeCourse<'c> {
    #[serde(flatten)]
    pub course: Course,
    pub structure: CourseEntry<'c>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Imported {
    #[serde(flatten)]
    pub course: Course,
    /// What is odd about it, and no reason to refuse it.
    pub warnings: Vec<Broken>,
}

/// What an import would say.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Judged {
    /// It would be imported.
    pub accepted: bool,
    /// The course's id in `cmi5.xml`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub publisher_id: Option<String>,
    /// How many AUs it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aus: Option<usize>,
    /// Everything for which it would be refused.
    pub violations: Vec<Broken>,
    pub warnings: Vec<Broken>,
}

pub(super) async fn list(
    asked: &Asked<'_>,
    owner: &Owner,
    mut query: Query<'_>,
) -> Result<HttpResponse, Refusal> {
    let wanted = CoursesQuery {
        publisher_id: query.text("publisherId"),
        launch_tenant: query.number("launchTenant"),
        part: query.part(),
    };
    query.finish()?;
    let read = move |lrs: &Lrs, owner: &Owner| courses::list(lrs, owner, &wanted);
    let page = ask(asked.server, owner, read).await?;
    Ok(json(&Courses {
        courses: page.entries.into_iter().map(course).collect(),
        more: page.more.map(|cursor| asked.link(&cursor)),
    }))
}

pub(super) async fn import(
    server: &Server,
    owner: &Owner,
    request: Request,
) -> Result<HttpResponse, Refusal> {
    let (made, package) = receive(server, owner, request).await?;
    Ok(json(&Imported {
        course: course(made),
        warnings: package.warnings.into_iter().map(Broken::from).collect(),
    }))
}

/// What comes in a request's body becomes a course.
///
/// # Errors
/// Everything that is wrong with it, and what the store refuses.
pub(crate) async fn receive(
    server: &Server,
    owner: &Owner,
    request: Request,
) -> Result<(records::Course, Package), Refusal> {
    let spooled = spooled(server, request).await?;
    let (lrs, tenant) = (Arc::clone(&server.lrs), owner.caller.tenant());
    let limits = server.package_limits.clone();
    let work = move || package::receive(&lrs.store, tenant, spooled.source()?, &limits);
    let package = blocking(&server.turns, work).await?;
    match import::import(&server.lrs, owner, &package).await {
        Ok(course) => Ok((course, package)),
        Err(error) => {
            let lrs = Arc::clone(&server.lrs);
            let discard = move || {
                package.discard(&lrs.store, tenant);
                Ok(())
            };
            blocking(&server.turns, discard).await?;
            Err(error.into())
        }
    }
}

async fn spooled(server: &Server, request: Request) -> Result<spool::Spooled, Refusal> {
    match request.body {
        Body::Streaming(incoming) => {
            spool::receive(server, request.content_type.as_deref(), incoming).await
        }
        Body::Form(_) => Err(Refusal::NoSuchPath),
    }
}

/// A dry run: what is wrong with a package is the answer.
pub(super) async fn check(server: &Server, request: Request) -> Result<HttpResponse, Refusal> {
    let spooled = spooled(server, request).await?;
    let limits = server.package_limits.clone();
    let work = move || package::check(spooled.source()?, &limits);
    let judged = match blocking(&server.turns, work).await {
        Ok(checked) => Judged {
            accepted: true,
            publisher_id: Some(checked.structure.id),
            aus: Some(checked.places.len()),
            violations: Vec::new(),
            warnings: checked.warnings.into_iter().map(Broken::from).collect(),
        },
        Err(Refusal::Lrs(lrs::Error::Violations(violations))) => Judged {
            accepted: false,
            publisher_id: None,
            aus: None,
            violations: violations.into_iter().map(Broken::from).collect(),
            warnings: Vec::new(),
        },
        Err(refusal) => return Err(refusal),
    };
    Ok(json(&judged))
}

pub(super) async fn read(
    server: &Server,
    owner: &Owner,
    id: &str,
) -> Result<HttpResponse, Refusal> {
    let id = named(id)?;
    let read = move |lrs: &Lrs, owner: &Owner| courses::read(lrs, owner, id);
    let (found, structure) = ask(server, owner, read).await?;
    let listing = listing(&structure, &found.lms_id);
    Ok(json(&WholeCourse {
        course: course(found),
        structure: listing.structure.course,
    }))
}

pub(super) async fn delete(
    server: &Server,
    owner: &Owner,
    id: &str,
) -> Result<HttpResponse, Refusal> {
    delete_course(server, owner, named(id)?).await?;
    Ok(HttpResponse::NoContent().finish())
}

pub(super) async fn structure(
    server: &Server,
    owner: &Owner,
    id: &str,
) -> Result<HttpResponse, Refusal> {
    let id = named(id)?;
    let write = move |lrs: &Lrs, owner: &Owner| export::structure(lrs, owner, id);
    let (_, text) = ask(server, owner, write).await?;
    Ok(HttpResponse::Ok()
        .content_type(ContentType::xml())
        .body(text))
}

/// Written to a file first: what cannot be read is told by the status, and a slow client holds no thread.
pub(super) async fn package(
    server: &Server,
    owner: &Owner,
    id: &str,
) -> Result<HttpResponse, Refusal> {
    let id = named(id)?;
    // Found before there is a file for it.
    courses::seen(&server.lrs, owner, id)?;
    let mut spooled = server.spool.file(&server.turns).await?;
    let write = move |lrs: &Lrs, owner: &Owner| {
        export::package(lrs, owner, id, &spooled.file)?;
        let length = spooled.file.stream_position().map_err(spool::failed)?;
        spooled
            .file
            .seek(SeekFrom::Start(0))
            .map_err(spool::failed)?;
        Ok((spooled, length))
    };
    let (spooled, length) = ask(server, owner, write).await?;
    let name = format!("attachment; filename=\"{id}.zip\"");
    Ok(HttpResponse::Ok()
        .content_type("application/zip")
        .insert_header((CONTENT_DISPOSITION, name))
        .no_chunking(length)
        .streaming(stream::unfold(Some(spooled), next_piece)))
}

async fn next_piece(
    rest: Option<SpoolFile>,
) -> Option<(Result<Bytes, actix_web::Error>, Option<SpoolFile>)> {
    let spooled = rest?;
    let read = actix_web::web::block(move || {
        let mut piece = Vec::with_capacity(PIECE_BYTES);
        let mut part = (&spooled.file).take(PIECE_BYTES as u64);
        let read = part.read_to_end(&mut piece);
        read.map(|_| (piece, spooled))
    });
    match read.await {
        Ok(Ok((piece, _))) if piece.is_empty() => None,
        Ok(Ok((piece, spooled))) => Some((Ok(Bytes::from(piece)), Some(spooled))),
        // A length was promised: breaking off tells the client that this is not all of it.
        Ok(Err(error)) => {
            tracing::error!(%error, "an exported course cannot be read");
            let broken_off = actix_web::error::ErrorInternalServerError("broken off");
            Some((Err(broken_off), None))
        }
        Err(_) => None,
    }
}

pub(super) fn named(text: &str) -> Result<Uuid, Refusal> {
    identifier::uuid(text)
        .ok_or_else(|| Violation::new(PARAMETER_VALUE, "course", "a UUID", text).into())
}

fn course(found: records::Course) -> Course {
    Course {
        id: found.id.to_string(),
        number: found.number,
        launch_tenant: found.launch_tenant,
        lms_id: found.lms_id,
        publisher_id: found.publisher_id,
        title: found.title.into_iter().map(title).collect(),
        version: found.version,
        created_at: timestamp::render(found.created_at),
        aus: found.aus,
        has_files: found.has_files,
    }
}

fn title(string: LangString) -> Title {
    Title {
        lang: string.lang,
        text: string.text,
    }
}
