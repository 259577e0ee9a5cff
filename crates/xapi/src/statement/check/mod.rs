//! The fast path's second half: whether what `raw` has read is a statement, and the typed view of it.
//!
//! It only says yes or no. Why not is what `walk` finds out; both must always agree.

mod values;

use std::borrow::Cow;

use super::raw::{
    Closed, OneOrMany, RawActivity, RawActor, RawAttachment, RawContext, RawObject, RawResult,
    RawStatement, Text,
};
use super::{
    Activity, Actor, Attachment, Context, ContextActivities, Group, Object, ResultOf, Statement,
    SubStatement, VERB_VOIDED, definition,
};
use crate::lexical::{duration, language};
use crate::version::VersionRules;
use crate::{Limits, Version};
use values::{
    agent, attachment, each, ifi, iri, is, kept, moment, optional, relevant_types, score,
    statement_ref, text, uuid, verb,
};
pub(super) use values::{at_most, ensure, extensions, language_map};

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
            score: optional(raw.score, |raw| score(raw.0))?,
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
