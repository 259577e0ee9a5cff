//! Launching an AU (section 8.1): the learner's registration, launch data, `launched`, a session with its one-time fetch
//! URL, and the end of the session before it, in one commit. Everything is judged before anything is written.

use cmi5::course::package::Place as FilePlace;
use cmi5::course::{LaunchParameters, content_url, launch_url};
use cmi5::vocabulary::STATE_LAUNCH_DATA;
use cmi5::{LaunchMode, MoveOn, Policies, Session, State};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use storage::{Assert, Batch, DocumentFolder, DocumentKey, Op};
use uuid::Uuid;
use xapi::Violation;

use super::learner::Learner;
use super::records::{Course, CourseAu, LaunchedSession, Registration};
use super::registration::Wish;
use super::roll_up::{Place, RollUp};
use super::statement::{self, Hand};
use super::template::{self, EntitlementKey, LaunchData};
use super::{Owner, content, courses, keys, numbers, registration, turn};
use crate::commit::{Decision, decide_and_commit};
use crate::documents::{self, Sent};
use crate::enforce::{Creation, Generated};
use crate::event::{Event, Kind};
use crate::sessions::{Change, RegistrationChange, put};
use crate::statements::{generated, new_id};
use crate::token::FetchUrl;
use crate::{Error, Lrs, policies, requirement};

/// Launch URLs are kept in columns of this length.
const URL_CHARACTERS_MAX: usize = 750;

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub learner: Learner,
    /// Used when it is there, else made; without one a new registration is made.
    pub registration: Option<Uuid>,
    pub how: How,
}

/// Where a launch differs from what the course says.
#[derive(Debug, Clone, Default)]
pub struct How {
    /// Merged into the context template.
    pub template_additions: Option<Map<String, Value>>,
    /// Without one: `Normal` until the AU is satisfied, then `Review`.
    pub mode: Option<LaunchMode>,
    /// The following stand for the course's own.
    pub launch_parameters: Option<String>,
    /// A JSON number.
    pub mastery_score: Option<String>,
    /// From now on in this registration.
    pub move_on: Option<MoveOn>,
    pub alternate_entitlement_key: Option<String>,
    pub return_url: Option<String>,
}

/// Where clients reach this server.
#[derive(Debug, Clone)]
pub struct Base {
    /// The xAPI endpoint, without a slash at its end.
    pub endpoint: String,
    /// What stands before the secret of a fetch URL.
    pub fetch: String,
    /// What stands before the signed path of a course's files.
    pub content: String,
}

/// What the LMS sends the learner to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Launched {
    pub number: u64,
    /// The session id.
    pub session: String,
    pub registration: Uuid,
    pub own_window: bool,
    pub url: String,
}

/// Numbers for what this launch may make.
struct Numbers {
    session: u64,
    registration: Option<u64>,
    au: u64,
}

/// # Errors
/// [`Error::NotFound`] for an unknown course or AU, [`Error::Conflict`] when the registration is another learner's or
/// course's, [`Error::Violations`] for everything that is wrong with what is asked for.
pub async fn start(
    lrs: &Lrs,
    owner: &Owner,
    (course, au_index): (Uuid, u32),
    wanted: &Wanted,
    base: &Base,
) -> Result<Launched, Error> {
    let tenant = owner.caller.tenant();
    let id = wanted.registration.unwrap_or_else(new_id);
    // Told before numbers are taken.
    let au = courses::seen(lrs, owner, course)
        .and_then(|course| courses::au(lrs, tenant, course.id, au_index))?
        .ok_or(Error::NotFound("the course has no such AU"))?;
    let is_registered = registration::find(lrs, tenant, id)?.is_some();
    let numbers = Numbers {
        session: numbers::take(lrs).await?,
        registration: match is_registered {
            true => None,
            false => Some(numbers::take(lrs).await?),
        },
        au: numbers::take(lrs).await?,
    };
    let session = new_id().to_string();
    let mut policies = Policies::clone(&*policies::of(lrs, tenant)?);
    // Exactly one session of a registration is open.
    policies.abandon_on_relaunch = true;
    let (launched, _) = decide_and_commit(lrs, vec![turn(tenant, id)], || {
        let launching = Launching {
            lrs,
            owner,
            policies: &policies,
            wanted,
            base,
            session: &session,
            numbers: &numbers,
            au: &au,
            now: lrs.now(),
        };
        let course = courses::seen(lrs, owner, course)?;
        launching.decide(&course, id)
    })
    .await?;
    Ok(launched)
}

/// One launch being decided.
struct Launching<'l> {
    lrs: &'l Lrs,
    owner: &'l Owner,
    policies: &'l Policies,
    wanted: &'l Wanted,
    base: &'l Base,
    session: &'l str,
    numbers: &'l Numbers,
    au: &'l CourseAu,
    now: i64,
}

/// What is to be committed.
#[derive(Default)]
struct Work {
    asserts: Vec<Assert>,
    /// In the order in which they are stored.
    statements: Vec<Generated>,
    ops: Vec<Op>,
}

impl Launching<'_> {
    fn decide(&self, course: &Course, id: Uuid) -> Result<Decision<Launched>, Error> {
        let (lrs, tenant) = (self.lrs, self.owner.caller.tenant());
        let mut work = Work::default();
        let mut rolled = RollUp::new(lrs, tenant);
        let wish = Wish {
            id,
            number: self.numbers.registration,
            learner: &self.wanted.learner,
            course,
            now: self.now,
        };
        let registration =
            registration::meet_or_make(lrs, self.owner, &wish, &mut rolled, &mut work.ops)?;
        let change = self.au_in_course(&registration, &mut rolled)?;
        work.statements.append(&mut rolled.generated);
        change.write(&mut work.asserts, &mut work.ops);
        rolled.write_records(&mut work.asserts, &mut work.ops);

        let root = format!(
            "{}/{}",
            self.base.content,
            content::sign(lrs, tenant, self.session, self.now)
        );
        let file = match &self.au.file {
            Some(name) => FilePlace::Entry(name.clone()),
            None => FilePlace::Elsewhere,
        };
        let lies_at = content_url(&root, &file, &self.au.url);
        let fetch = FetchUrl::new(&self.owner.caller, self.session);
        let url = self.url(&lies_at, &fetch, &registration)?;
        self.begin_session(&registration, &change, (&lies_at, &fetch), &mut work)?;

        let (mut asserts, mut ops) = generated(lrs, tenant, &work.statements)?;
        asserts.append(&mut work.asserts);
        ops.append(&mut work.ops);
        Ok(Decision {
            batch: Some(Batch {
                tenant,
                asserts,
                ops,
            }),
            answer: Launched {
                number: self.numbers.session,
                session: self.session.to_owned(),
                registration: registration.id,
                own_window: self.au.own_window,
                url,
            },
        })
    }

    /// What the AU is in the registration from this launch on. A new moveOn may be met by what is there.
    fn au_in_course(
        &self,
        registration: &Registration,
        rolled: &mut RollUp<'_>,
    ) -> Result<RegistrationChange, Error> {
        let tenant = self.owner.caller.tenant();
        let mut change = registration::au_change(self.lrs, tenant, registration, self.au)?;
        change.in_course.number.get_or_insert(self.numbers.au);
        let move_on = self.wanted.how.move_on;
        change.in_course.move_on = move_on.or(change.in_course.move_on);
        let place = Place {
            registration: registration.clone(),
            au: self.au.clone(),
        };
        if place.newly_met(&change, |_| None).is_some() {
            change.in_course.satisfied = true;
            let authority = self.owner.caller.credential.authority.as_str();
            let session = statement::own_session();
            rolled.satisfy((authority, self.now), &place, &session, None)?;
        }
        Ok(change)
    }

    fn url(
        &self,
        lies_at: &str,
        fetch: &FetchUrl,
        registration: &Registration,
    ) -> Result<String, Error> {
        let url = |actor: &str| {
            let parameters = LaunchParameters {
                endpoint: &self.base.endpoint,
                fetch: &format!("{}{}", self.base.fetch, fetch.secret()),
                actor,
                activity_id: &self.au.lms_id,
                registration: &registration.id.to_string(),
            };
            launch_url(lies_at, &parameters, URL_CHARACTERS_MAX)
        };
        let actor = compact(&registration.actor);
        // Its account is all that says who it is.
        let url = url(&actor.to_string()).or_else(|_| url(&without_name(actor).to_string()));
        url.map_err(|long| {
            let expected = format!("a launch URL of at most {} characters", long.length_max);
            let got = format!("{} characters for {lies_at}", long.length);
            Violation::new(requirement::LAUNCH, "", expected, got).into()
        })
    }

    fn begin_session(
        &self,
        registration: &Registration,
        change: &RegistrationChange,
        (lies_at, fetch): (&str, &FetchUrl),
        work: &mut Work,
    ) -> Result<(), Error> {
        let (lrs, caller, au) = (self.lrs, &self.owner.caller, self.au);
        let move_on = change.in_course.move_on.unwrap_or(au.move_on);
        let wanted = &self.wanted.how;
        let mode = wanted.mode.unwrap_or_else(|| mode(change, move_on));
        let parameters = wanted.launch_parameters.as_deref();
        let parameters = parameters.or(au.launch_parameters.as_deref());
        let mastery_score = wanted.mastery_score.as_deref();
        let mastery_score = mastery_score.or(au.mastery_score.as_deref());
        let additions = wanted.template_additions.as_ref();
        let context = template::context(&au.publisher_id, self.session, additions)?;
        let data = LaunchData {
            launch_mode: mode,
            mastery_score: mastery_score
                .and_then(|digits| serde_json::from_str::<&RawValue>(digits).ok()),
            move_on,
            launch_parameters: parameters,
            context_template: &context,
            entitlement_key: EntitlementKey {
                course_structure: au.entitlement_key.as_deref(),
                alternate: wanted.alternate_entitlement_key.as_deref(),
            },
            return_url: wanted.return_url.as_deref(),
        };
        let (document, launch) = data.check(registration.id, &registration.learner, &au.lms_id)?;

        let places = (self.now, 0);
        let creation = Creation::plan(lrs, caller, self.policies, &launch, places, |_| false)?;
        let hand = Hand {
            authority: &caller.credential.authority,
            now: self.now,
        };
        let with = statement::Launched {
            mode,
            move_on,
            url: lies_at,
            parameters,
            mastery_score,
        };
        let launched = statement::launched(hand, registration, au, &launch, &with);
        let session = Session {
            state: State::Launched,
            launched: Some(launched.id),
            fetch: fetch.fetch(),
            ..creation.known.session.clone()
        };
        work.asserts.extend(creation.asserts);
        work.ops.extend(creation.ops);
        Change {
            before: &creation.known,
            session: &session,
            launch: Some(&launch),
            latest: None,
            relies_on_latest: false,
        }
        .write(&mut work.asserts, &mut work.ops);
        for event in &creation.events {
            event.write(&mut work.ops);
        }
        Event::of_session(Kind::Launched, self.now, &launch, Some(launched.id))
            .write(&mut work.ops);
        work.statements.extend(creation.generated);
        work.statements.push(launched);
        work.ops.push(self.document(registration, document)?);
        work.ops.push(fetch.put());
        work.ops.extend(self.beside(registration, change, &context));
        Ok(())
    }

    /// `LMS.LaunchData` replaces what was there.
    fn document(&self, registration: &Registration, content: Vec<u8>) -> Result<Op, Error> {
        let sent = Sent {
            content_type: "application/json".to_owned(),
            content,
        };
        let key = DocumentKey {
            folder: DocumentFolder::State {
                activity: self.au.lms_id.clone(),
                agent: registration.learner.clone(),
                registration: Some(registration.id),
            },
            id: STATE_LAUNCH_DATA.to_owned(),
        };
        Ok(Op::PutDocument(key, documents::checked(self.lrs, sent)?))
    }

    /// What only launched sessions have.
    fn beside(
        &self,
        registration: &Registration,
        change: &RegistrationChange,
        context: &Value,
    ) -> [Op; 2] {
        let number = self.numbers.session;
        let beside = LaunchedSession {
            number,
            launch_tenant: registration.launch_tenant,
            registration: registration.id,
            course: registration.course,
            au_index: self.au.index,
            au_number: change.in_course.number.unwrap_or(self.numbers.au),
            token_id: new_id(),
            context_template: context.to_string(),
        };
        let key = keys::number(keys::Numbered::Session, number);
        [
            put(keys::launched_session(self.session), &beside),
            Op::PutRecord(key, self.session.as_bytes().to_vec()),
        ]
    }
}

/// `Normal` until there is nothing left to reach. An AU with moveOn NotApplicable is satisfied from the beginning, and
/// starts all the same.
fn mode(change: &RegistrationChange, move_on: MoveOn) -> LaunchMode {
    let reached = &change.after;
    let is_done = match move_on {
        MoveOn::NotApplicable => {
            let all = [&reached.completed, &reached.passed, &reached.waived];
            all.iter().any(|marks| !marks.is_empty())
        }
        MoveOn::Passed
        | MoveOn::Completed
        | MoveOn::CompletedAndPassed
        | MoveOn::CompletedOrPassed => change.in_course.satisfied,
    };
    if is_done {
        LaunchMode::Review
    } else {
        LaunchMode::Normal
    }
}

/// An Agent without the blanks and escapes that its sender may have written.
fn compact(actor: &str) -> Value {
    serde_json::from_str(actor).unwrap_or_default()
}

fn without_name(mut actor: Value) -> Value {
    if let Some(members) = actor.as_object_mut() {
        members.remove("name");
    }
    actor
}
