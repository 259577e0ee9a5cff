//! Registrations below `/cmi5/v1`: making and listing them, launching and waiving AUs in them, and what came of it.

use actix_web::http::header::{ACCESS_CONTROL_EXPOSE_HEADERS, ETAG};
use actix_web::{HttpRequest, HttpResponse};
use cmi5::MoveOn;
use cmi5::course::LaunchMethod;
use lrs::launch::learner::Learner;
use lrs::launch::registration::RegistrationsQuery;
use lrs::launch::start::{self, Base};
use lrs::launch::view::{self, Kind, View};
use lrs::launch::{Owner, deletion, preferences, records, registration, request as wanted};
use lrs::{Error, Lrs, reports, requirement};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use storage::Document;
use uuid::Uuid;
use xapi::Violation;
use xapi::lexical::{identifier, timestamp};
use xapi::requirement::PARAMETER_VALUE;

use super::fetch::origin;
use super::query::Query;
use super::{Asked, json, text};
use crate::app::Server;
use crate::blocking::ask;
use crate::path::number;
use crate::refusal::Refusal;
use crate::request::{Method, Request};

#[derive(Serialize, JsonSchema)]
pub(super) struct Registrations {
    pub registrations: Vec<Registered>,
    /// Where the list goes on: a path with a query. Absent at its end. A page can be short and have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub more: Option<String>,
}

/// A learner's registration for a course that was imported here.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Registered {
    pub registration: String,
    /// What the player API calls it.
    pub number: u64,
    /// Whose it is. Absent: that of the store's keys.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub launch_tenant: Option<u64>,
    pub course: String,
    /// The learner.
    pub actor: reports::Learner,
    pub created_at: String,
    pub updated_at: String,
    /// When the course was satisfied. Absent: it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub satisfied_at: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewRegistration<'r> {
    /// The id of a course.
    course: String,
    /// The learner: an Agent with an account.
    #[serde(borrow)]
    #[schemars(with = "serde_json::Value")]
    actor: &'r RawValue,
    /// Its id. When it is there already for this learner and course, it is the answer. Without it, a new one.
    #[serde(default)]
    registration: Option<String>,
}

/// What is known of a registration.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Registration {
    #[serde(flatten)]
    pub report: reports::Registration,
    /// For a course that was imported here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registered: Option<Registered>,
    /// The course, and what is satisfied in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tree: Option<Branch>,
}

/// The course, a block, or an AU.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Branch {
    /// `course`, `block` or `au`.
    pub r#type: &'static str,
    /// Its activity id.
    pub lms_id: String,
    pub publisher_id: String,
    pub satisfied: bool,
    /// Of an AU: by which it is launched and waived.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub au_index: Option<usize>,
    /// Of an AU: the one that holds in this registration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub move_on: Option<&'static str>,
    /// Why an AU was waived.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waived_reason: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub children: Vec<Branch>,
}

/// Where to send the learner.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Launched {
    pub session: String,
    pub registration: String,
    /// `AnyWindow` or `OwnWindow`.
    pub launch_method: &'static str,
    pub url: String,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewWaiver {
    /// 1 to 1,000 characters.
    reason: String,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Waived {
    /// The id of the `waived` statement.
    pub statement: String,
}

/// What a learner prefers (section 11).
#[derive(JsonSchema)]
#[serde(rename_all = "camelCase")]
#[expect(
    dead_code,
    reason = "it is the schema of a document that is stored as it came"
)]
pub(crate) struct Preferences {
    /// Languages, the best first, with commas between: `de-CH,en`.
    language_preference: String,
    /// `on` or `off`.
    audio_preference: String,
}

pub(super) async fn list(
    asked: &Asked<'_>,
    owner: &Owner,
    mut query: Query<'_>,
) -> Result<HttpResponse, Refusal> {
    let wanted = RegistrationsQuery {
        course: query.uuid("course"),
        actor: query.agent("actor"),
        launch_tenant: query.number("launchTenant"),
        part: query.part(),
    };
    query.finish()?;
    let read = move |lrs: &Lrs, owner: &Owner| registration::list(lrs, owner, &wanted);
    let page = ask(asked.server, owner, read).await?;
    Ok(json(&Registrations {
        registrations: page.entries.iter().map(registered).collect(),
        more: page.more.map(|cursor| asked.link(&cursor)),
    }))
}

pub(super) async fn create(
    server: &Server,
    owner: &Owner,
    request: Request,
) -> Result<HttpResponse, Refusal> {
    let body = text(server, request).await?;
    let new: NewRegistration<'_> = wanted::read(&body, "`course`, `actor` and `registration`")?;
    let learner = Learner::parse(new.actor.get(), "/actor")?;
    let course = member("/course", &new.course)?;
    let registration = new.registration.as_deref();
    let registration = registration.map(|text| member("/registration", text));
    let registration = registration.transpose()?;
    let which = (registration, course);
    let id = registration::create(&server.lrs, owner, which, &learner).await?;
    Ok(json(&registered(&registration::read(
        &server.lrs,
        owner,
        id,
    )?)))
}

/// What the reports know, and what the launch service does: one of them is enough.
pub(super) async fn read(
    server: &Server,
    owner: &Owner,
    id: &str,
) -> Result<HttpResponse, Refusal> {
    let id = named(id)?;
    let read = move |lrs: &Lrs, owner: &Owner| {
        let view = known(view::read(lrs, owner, id))?;
        // A launch tenant's token sees nothing else.
        if view.is_none() && owner.launch_tenant.is_some() {
            return Err(Error::NotFound("there is no such registration"));
        }
        let mut report = known(reports::registration(lrs, &owner.caller, id))?;
        if let (Some(report), Some(view), Some(_)) = (&mut report, &view, owner.launch_tenant) {
            narrow(report, view);
        }
        match (view, report) {
            (None, None) => Err(Error::NotFound("nothing is known of this registration")),
            (view, report) => Ok((view, report)),
        }
    };
    let (view, report) = ask(server, owner, read).await?;
    let report = report.unwrap_or_else(|| reports::Registration {
        registration: id.to_string(),
        aus: Vec::new(),
        satisfied: Vec::new(),
        more: false,
    });
    Ok(json(&Registration {
        report,
        registered: view.as_ref().map(|view| registered(&view.registration)),
        tree: view.as_ref().map(tree),
    }))
}

/// Leaves what is of this learner in this course: others may have used the id as well.
fn narrow(report: &mut reports::Registration, view: &View) {
    let learner = reports::Learner::of(&view.registration.learner);
    let of_course = |activity: &str| {
        let rest = activity.strip_prefix(view.course.lms_id.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let aus = &mut report.aus;
    aus.retain(|au| au.actor == learner && of_course(&au.activity));
    let satisfied = &mut report.satisfied;
    satisfied.retain(|one| one.actor.as_ref() == Some(&learner) && of_course(&one.object));
}

fn known<T>(found: Result<T, Error>) -> Result<Option<T>, Error> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(Error::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

pub(super) async fn delete(
    server: &Server,
    owner: &Owner,
    id: &str,
) -> Result<HttpResponse, Refusal> {
    deletion::delete_registration(&server.lrs, owner, named(id)?).await?;
    Ok(HttpResponse::NoContent().finish())
}

pub(super) async fn launch(
    server: &Server,
    owner: &Owner,
    http: &HttpRequest,
    (id, au_index): (&str, &str),
    request: Request,
) -> Result<HttpResponse, Refusal> {
    let (id, au_index) = (named(id)?, index(au_index)?);
    let body = text(server, request).await?;
    let registration = registration::read(&server.lrs, owner, id)?;
    let wanted = wanted::launch_in(&body, &registration)?;
    let au = (registration.course, au_index);
    let launched = start::start(&server.lrs, owner, au, &wanted, &base(server, http)).await?;
    Ok(json(&Launched {
        session: launched.session,
        registration: launched.registration.to_string(),
        launch_method: launch_method(launched.own_window),
        url: launched.url,
    }))
}

pub(crate) fn launch_method(own_window: bool) -> &'static str {
    match own_window {
        true => LaunchMethod::OwnWindow.as_str(),
        false => LaunchMethod::AnyWindow.as_str(),
    }
}

/// Where this request's client, and so its learners' browsers, reach the server.
pub(crate) fn base(server: &Server, http: &HttpRequest) -> Base {
    let origin = origin(server, http);
    Base {
        endpoint: format!("{origin}{}", server.base_path),
        fetch: format!("{origin}/cmi5/v1/fetch/"),
        content: server.content.base(&origin),
    }
}

pub(super) async fn waive(
    server: &Server,
    owner: &Owner,
    (id, au_index): (&str, &str),
    request: Request,
) -> Result<HttpResponse, Refusal> {
    let (id, au_index) = (named(id)?, index(au_index)?);
    let body = text(server, request).await?;
    let NewWaiver { reason } = wanted::read(&body, "a `reason`")?;
    let statement = registration::waive(&server.lrs, owner, id, au_index, &reason).await?;
    Ok(json(&Waived {
        statement: statement.to_string(),
    }))
}

pub(super) async fn learner_preferences(
    server: &Server,
    owner: &Owner,
    id: &str,
    request: Request,
) -> Result<HttpResponse, Refusal> {
    let (lrs, id) = (&server.lrs, named(id)?);
    match request.method {
        Method::Put => {
            let content = text(server, request).await?;
            preferences::write(lrs, owner, id, content.into_bytes()).await?;
            Ok(HttpResponse::NoContent().finish())
        }
        Method::Delete => {
            preferences::delete(lrs, owner, id).await?;
            Ok(HttpResponse::NoContent().finish())
        }
        Method::Get | Method::Head | Method::Post | Method::Options => {
            Ok(document(preferences::read(lrs, owner, id).await?))
        }
    }
}

/// Preferences as they were stored.
pub(crate) fn document(found: Document) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((ETAG, format!("\"{}\"", hex::encode(found.etag))))
        .insert_header((ACCESS_CONTROL_EXPOSE_HEADERS, "ETag"))
        .content_type(found.content_type)
        .body(found.content)
}

fn named(text: &str) -> Result<Uuid, Refusal> {
    identifier::uuid(text)
        .ok_or_else(|| Violation::new(PARAMETER_VALUE, "registration", "a UUID", text).into())
}

fn member(pointer: &str, text: &str) -> Result<Uuid, Refusal> {
    identifier::uuid(text)
        .ok_or_else(|| Violation::new(requirement::LAUNCH, pointer, "a UUID", text).into())
}

/// There are no AUs above what fits.
pub(crate) fn index(text: &str) -> Result<u32, Refusal> {
    Ok(u32::try_from(number("auIndex", text)?).unwrap_or(u32::MAX))
}

fn registered(found: &records::Registration) -> Registered {
    Registered {
        registration: found.id.to_string(),
        number: found.number,
        launch_tenant: found.launch_tenant,
        course: found.course.to_string(),
        actor: reports::Learner::of(&found.learner),
        created_at: timestamp::render(found.created_at),
        updated_at: timestamp::render(found.updated_at),
        satisfied_at: found.satisfied_at.map(timestamp::render),
    }
}

fn tree(view: &View) -> Branch {
    branch(&view.tree, view, &mut 0)
}

/// `index` counts AUs. Recursion as deep as blocks nest.
fn branch(of: &view::Branch, view: &View, index: &mut usize) -> Branch {
    let au_index = (of.kind == Kind::Au).then_some(*index);
    *index += usize::from(au_index.is_some());
    let au = au_index.and_then(|index| view.aus.get(index));
    let children = of.children.iter();
    Branch {
        r#type: of.kind.as_str(),
        lms_id: of.lms_id.clone(),
        publisher_id: of.publisher_id.clone(),
        satisfied: of.satisfied,
        au_index,
        move_on: au.and_then(|au| au.move_on).map(MoveOn::as_str),
        waived_reason: au.and_then(|au| au.in_course.waived_reason.clone()),
        children: children.map(|one| branch(one, view, index)).collect(),
    }
}
