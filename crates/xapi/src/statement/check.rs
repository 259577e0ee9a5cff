//! The fast path's second half: whether what `raw` has read is a statement, and the typed view of it.
//!
//! It only says yes or no. Why not is what `walk` finds out; both must always agree.

use std::borrow::Cow;
use std::cmp::Ordering;

use serde_json::value::RawValue;
use uuid::Uuid;

use super::nested::{all_distinct, is_sound};
use super::raw::{
    Closed, OneOrMany, RawAccount, RawActivity, RawActor, RawAttachment, RawContext, RawMap,
    RawObject, RawResult, RawScore, RawStatement, RawStatementRef, RawVerb, Text,
};
use super::{
    Activity, Actor, Agent, Attachment, Context, ContextActivities, Extensions, Group, Ifi, Object,
    ResultOf, Score, Statement, SubStatement, VERB_VOIDED, Verb, definition,
};
use crate::lexical::{decimal, duration, identifier, iri, language, media_type, timestamp};
use crate::version::VersionRules;
use crate::{Limits, Version};

/// Some rule is broken.
pub(super) struct Refused;

pub(super) type Checked<T> = Result<T, Refused>;

/// One statement's check.
pub(super) struct Check<'r> {
    rules: &'static VersionRules,
    limits: &'r Limits,
    /// Members and context activities so far.
    references: usize,
}

impl<'r> Check<'r> {
    pub(super) fn new(version: Version, limits: &'r Limits) -> Self {
        Self {
            rules: version.rules(),
            limits,
            references: 0,
        }
    }

    pub(super) fn statement<'a>(
        &mut self,
        text: &'a str,
        raw: RawStatement<'a>,
    ) -> Checked<Statement<'a>> {
        ensure(text.len() <= self.limits.statement_bytes_max)?;
        let verb = verb(raw.verb.0)?;
        let object = self.object(raw.object.0)?;
        ensure(verb.id != VERB_VOIDED || matches!(object, Object::StatementRef(_)))?;
        Ok(Statement {
            text,
            id: optional(raw.id, uuid)?,
            actor: self.actor(raw.actor.0)?,
            result: optional(raw.result, |result| self.result(result.0))?,
            context: optional(raw.context, |context| self.context(context.0, &object))?,
            timestamp: optional(raw.timestamp, moment)?,
            stored: optional(raw.stored, moment)?,
            authority: optional(raw.authority, |authority| self.authority(authority.0))?,
            version: optional(raw.version, |version| self.version(version))?,
            attachments: self.attachments(raw.attachments)?,
            verb,
            object,
        })
    }

    pub(super) fn actor<'a>(&mut self, raw: RawActor<'a>) -> Checked<Actor<'a>> {
        match raw.object_type.as_ref().map(|kind| &*kind.0) {
            None | Some("Agent") => agent(raw).map(Actor::Agent),
            Some("Group") => self.group(raw).map(Actor::Group),
            Some(_) => Err(Refused),
        }
    }

    /// A Group; `objectType` has been looked at.
    fn group<'a>(&mut self, raw: RawActor<'a>) -> Checked<Group<'a>> {
        let ifi = ifi(raw.mbox, raw.mbox_sha1sum, raw.openid, raw.account)?;
        let members = raw.member.unwrap_or_default();
        ensure(ifi.is_some() || !members.is_empty())?;
        self.count(members.len())?;
        Ok(Group {
            name: text(raw.name),
            ifi,
            members: each(members, |member| agent(member.0))?,
        })
    }

    fn named_group<'a>(&mut self, raw: RawActor<'a>) -> Checked<Group<'a>> {
        ensure(is(raw.object_type.as_ref(), "Group"))?;
        self.group(raw)
    }

    /// An Agent, or two of them in an anonymous Group (OAuth's application and user).
    fn authority<'a>(&mut self, raw: RawActor<'a>) -> Checked<Actor<'a>> {
        let authority = self.actor(raw)?;
        match &authority {
            Actor::Agent(_) => Ok(authority),
            Actor::Group(group) => {
                ensure(group.ifi.is_none() && group.members.len() == 2)?;
                Ok(authority)
            }
        }
    }

    fn object<'a>(&mut self, raw: RawObject<'a>) -> Checked<Object<'a>> {
        let kind = raw.object_type.as_ref().map(|kind| &*kind.0);
        match kind {
            None | Some("Activity") => {
                raw.has_only(Members::Activity)?;
                self.activity(RawActivity {
                    object_type: None,
                    id: raw.id.ok_or(Refused)?,
                    definition: raw.definition,
                })
                .map(Object::Activity)
            }
            Some("StatementRef") => {
                raw.has_only(Members::StatementRef)?;
                uuid(raw.id.ok_or(Refused)?).map(Object::StatementRef)
            }
            Some("Agent" | "Group") => {
                raw.has_only(Members::Actor)?;
                let actor = self.actor(RawActor {
                    object_type: raw.object_type,
                    name: raw.name,
                    mbox: raw.mbox,
                    mbox_sha1sum: raw.mbox_sha1sum,
                    openid: raw.openid,
                    account: raw.account,
                    member: raw.member,
                })?;
                Ok(match actor {
                    Actor::Agent(agent) => Object::Agent(agent),
                    Actor::Group(group) => Object::Group(group),
                })
            }
            Some("SubStatement") => {
                raw.has_only(Members::SubStatement)?;
                self.sub_statement(raw)
            }
            Some(_) => Err(Refused),
        }
    }

    fn sub_statement<'a>(&mut self, raw: RawObject<'a>) -> Checked<Object<'a>> {
        let object = raw.object.ok_or(Refused)?.0;
        ensure(!is(object.object_type.as_ref(), "SubStatement"))?;
        let object = self.object(object)?;
        let verb = verb(raw.verb.ok_or(Refused)?.0)?;
        ensure(verb.id != VERB_VOIDED || matches!(object, Object::StatementRef(_)))?;
        Ok(Object::SubStatement(Box::new(SubStatement {
            actor: self.actor(raw.actor.ok_or(Refused)?.0)?,
            result: optional(raw.result, |result| self.result(result.0))?,
            context: optional(raw.context, |context| self.context(context.0, &object))?,
            timestamp: optional(raw.timestamp, moment)?,
            attachments: self.attachments(raw.attachments.unwrap_or_default())?,
            verb,
            object,
        })))
    }

    fn activity<'a>(&self, raw: RawActivity<'a>) -> Checked<Activity<'a>> {
        ensure(raw.object_type.is_none() || is(raw.object_type.as_ref(), "Activity"))?;
        if let Some(definition) = raw.definition {
            definition::check(definition, self.limits)?;
        }
        Ok(Activity {
            id: iri(raw.id)?,
            definition: raw.definition,
        })
    }

    fn activities<'a>(&mut self, raw: OneOrMany<'a>) -> Checked<Vec<Activity<'a>>> {
        self.count(raw.list.len())?;
        each(raw.list, |activity| self.activity(activity))
    }

    fn result<'a>(&self, raw: RawResult<'a>) -> Checked<ResultOf<'a>> {
        Ok(ResultOf {
            score: optional(raw.score, |score| self::score(score.0))?,
            success: raw.success,
            completion: raw.completion,
            response: text(raw.response),
            duration: optional(raw.duration, |text| {
                kept(text, |text| duration::parse(text).is_some())
            })?,
            extensions: optional(raw.extensions, |map| extensions(map, self.limits))?,
        })
    }

    fn context<'a>(&mut self, raw: RawContext<'a>, object: &Object<'_>) -> Checked<Context<'a>> {
        let about_activity = matches!(object, Object::Activity(_));
        ensure(about_activity || (raw.revision.is_none() && raw.platform.is_none()))?;
        let actors = raw.context_agents.is_some() || raw.context_groups.is_some();
        ensure(!actors || self.rules.context_agents_and_groups)?;
        let agents = raw.context_agents.unwrap_or_default();
        let groups = raw.context_groups.unwrap_or_default();
        self.count(agents.len() + groups.len())?;
        let activities = raw.context_activities.map(|lists| lists.0);
        Ok(Context {
            registration: optional(raw.registration, uuid)?,
            instructor: optional(raw.instructor, |actor| self.actor(actor.0))?,
            team: optional(raw.team, |team| self.named_group(team.0))?,
            activities: match activities {
                None => ContextActivities::default(),
                Some(lists) => ContextActivities {
                    single: lists.parent.single
                        || lists.grouping.single
                        || lists.category.single
                        || lists.other.single,
                    parent: self.activities(lists.parent)?,
                    grouping: self.activities(lists.grouping)?,
                    category: self.activities(lists.category)?,
                    other: self.activities(lists.other)?,
                },
            },
            revision: text(raw.revision),
            platform: text(raw.platform),
            language: optional(raw.language, |tag| kept(tag, language::is_tag))?,
            statement: optional(raw.statement, |reference| statement_ref(&reference.0))?,
            extensions: optional(raw.extensions, |map| extensions(map, self.limits))?,
            agents: each(agents, |Closed(raw)| {
                ensure(raw.object_type.0 == "contextAgent")?;
                relevant_types(raw.relevant_types)?;
                ensure(
                    raw.agent.0.object_type.is_none()
                        || is(raw.agent.0.object_type.as_ref(), "Agent"),
                )?;
                agent(raw.agent.0)
            })?,
            groups: each(groups, |Closed(raw)| {
                ensure(raw.object_type.0 == "contextGroup")?;
                relevant_types(raw.relevant_types)?;
                self.named_group(raw.group.0)
            })?,
        })
    }

    fn version<'a>(&self, version: Text<'a>) -> Checked<Cow<'a, str>> {
        kept(version, |text| self.rules.allows_statement_version(text))
    }

    fn attachments<'a>(&self, raw: Vec<Closed<RawAttachment<'a>>>) -> Checked<Vec<Attachment<'a>>> {
        ensure(raw.len() <= self.limits.attachments_per_statement_max)?;
        each(raw, |raw| attachment(raw.0))
    }

    fn count(&mut self, references: usize) -> Checked<()> {
        self.references += references;
        ensure(self.references <= self.limits.references_max)
    }
}

/// The members that each kind of object has, besides `objectType`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Members {
    Activity,
    StatementRef,
    Actor,
    SubStatement,
}

impl RawObject<'_> {
    fn has_only(&self, kind: Members) -> Checked<()> {
        let id = self.id.is_some();
        let definition = self.definition.is_some();
        let actor = self.name.is_some()
            || self.mbox.is_some()
            || self.mbox_sha1sum.is_some()
            || self.openid.is_some()
            || self.account.is_some()
            || self.member.is_some();
        let statement = self.actor.is_some()
            || self.verb.is_some()
            || self.object.is_some()
            || self.result.is_some()
            || self.context.is_some()
            || self.timestamp.is_some()
            || self.attachments.is_some();
        ensure(match kind {
            Members::Activity => !actor && !statement,
            Members::StatementRef => !definition && !actor && !statement,
            Members::Actor => !id && !definition && !statement,
            Members::SubStatement => !id && !definition && !actor,
        })
    }
}

fn agent(raw: RawActor<'_>) -> Checked<Agent<'_>> {
    ensure(raw.object_type.is_none() || is(raw.object_type.as_ref(), "Agent"))?;
    ensure(raw.member.is_none())?;
    Ok(Agent {
        name: text(raw.name),
        ifi: ifi(raw.mbox, raw.mbox_sha1sum, raw.openid, raw.account)?.ok_or(Refused)?,
    })
}

/// At most one.
fn ifi<'a>(
    mbox: Option<Text<'a>>,
    mbox_sha1sum: Option<Text<'a>>,
    openid: Option<Text<'a>>,
    account: Option<Closed<RawAccount<'a>>>,
) -> Checked<Option<Ifi<'a>>> {
    match (mbox, mbox_sha1sum, openid, account) {
        (None, None, None, None) => Ok(None),
        (Some(mbox), None, None, None) => Ok(Some(Ifi::Mbox(kept(mbox, identifier::is_mbox)?))),
        (None, Some(sha1), None, None) => {
            Ok(Some(Ifi::MboxSha1sum(kept(sha1, identifier::is_sha1)?)))
        }
        (None, None, Some(openid), None) => Ok(Some(Ifi::OpenId(iri(openid)?))),
        (None, None, None, Some(Closed(account))) => Ok(Some(Ifi::Account {
            home_page: iri(account.home_page)?,
            name: account.name.0,
        })),
        _ => Err(Refused),
    }
}

fn verb(raw: RawVerb<'_>) -> Checked<Verb<'_>> {
    if let Some(display) = raw.display {
        let map: RawMap<'_, Text<'_>> = serde_json::from_str(display.get()).map_err(|_| Refused)?;
        language_map(&map)?;
    }
    Ok(Verb {
        id: iri(raw.id)?,
        display: raw.display,
    })
}

fn statement_ref(raw: &RawStatementRef<'_>) -> Checked<Uuid> {
    ensure(raw.object_type.0 == "StatementRef")?;
    identifier::uuid(&raw.id.0).ok_or(Refused)
}

fn relevant_types(raw: Option<Vec<Text<'_>>>) -> Checked<()> {
    ensure(raw.is_none_or(|types| !types.is_empty() && types.iter().all(|iri| iri::is_iri(&iri.0))))
}

fn score(raw: RawScore<'_>) -> Checked<Score<'_>> {
    let score = Score {
        scaled: optional(raw.scaled, number)?,
        raw: optional(raw.raw, number)?,
        min: optional(raw.min, number)?,
        max: optional(raw.max, number)?,
    };
    ensure(at_most(Some("-1"), score.scaled) && at_most(score.scaled, Some("1")))?;
    ensure(at_most(score.min, score.raw) && at_most(score.raw, score.max))?;
    if let (Some(min), Some(max)) = (score.min, score.max) {
        ensure(decimal::compare(min, max) == Ordering::Less)?;
    }
    Ok(score)
}

/// True as well when there is nothing to compare.
pub(super) fn at_most(low: Option<&str>, high: Option<&str>) -> bool {
    match (low, high) {
        (Some(low), Some(high)) => decimal::compare(low, high) != Ordering::Greater,
        (None, _) | (_, None) => true,
    }
}

fn number(raw: &RawValue) -> Checked<&str> {
    let text = raw.get();
    ensure(text.starts_with(|first: char| first == '-' || first.is_ascii_digit()))?;
    Ok(text)
}

fn attachment(raw: RawAttachment<'_>) -> Checked<Attachment<'_>> {
    language_map(&raw.display)?;
    if let Some(description) = &raw.description {
        language_map(description)?;
    }
    Ok(Attachment {
        usage_type: iri(raw.usage_type)?,
        content_type: kept(raw.content_type, media_type::is_media_type)?,
        length: raw.length,
        sha2: kept(raw.sha2, identifier::is_sha2)?,
        file_url: optional(raw.file_url, iri)?,
    })
}

pub(super) fn language_map(map: &RawMap<'_, Text<'_>>) -> Checked<()> {
    ensure(
        map.0.iter().all(|(tag, _)| language::is_tag(tag)) && all_distinct(&map.0, |(tag, _)| tag),
    )
}

pub(super) fn extensions<'a>(
    map: RawMap<'a, &'a RawValue>,
    limits: &Limits,
) -> Checked<Extensions<'a>> {
    let sound = |(key, value): &(Cow<'_, str>, &RawValue)| {
        iri::is_iri(key) && is_sound(value.get(), limits.json_depth_max)
    };
    ensure(map.0.iter().all(sound) && all_distinct(&map.0, |(key, _)| key))?;
    Ok(Extensions(map.0))
}

fn uuid(text: Text<'_>) -> Checked<Uuid> {
    identifier::uuid(&text.0).ok_or(Refused)
}

fn iri(text: Text<'_>) -> Checked<Cow<'_, str>> {
    kept(text, iri::is_iri)
}

fn moment(text: Text<'_>) -> Checked<Cow<'_, str>> {
    kept(text, |text| timestamp::parse(text).is_some())
}

fn kept<'a>(text: Text<'a>, is_valid: impl FnOnce(&str) -> bool) -> Checked<Cow<'a, str>> {
    ensure(is_valid(&text.0))?;
    Ok(text.0)
}

fn text(text: Option<Text<'_>>) -> Option<Cow<'_, str>> {
    text.map(|text| text.0)
}

fn is(text: Option<&Text<'_>>, expected: &str) -> bool {
    text.is_some_and(|text| text.0 == expected)
}

fn optional<T, U>(raw: Option<T>, check: impl FnOnce(T) -> Checked<U>) -> Checked<Option<U>> {
    raw.map(check).transpose()
}

fn each<T, U>(raw: Vec<T>, check: impl FnMut(T) -> Checked<U>) -> Checked<Vec<U>> {
    raw.into_iter().map(check).collect()
}

pub(super) fn ensure(holds: bool) -> Checked<()> {
    if holds { Ok(()) } else { Err(Refused) }
}
