//! What a statement says about which things: voiding, references, and every activity and agent that it mentions.

use uuid::Uuid;

use super::{Activity, Actor, Agent, Context, ContextActivities, Object, Statement, VERB_VOIDED};

impl<'a> Statement<'a> {
    /// Its verb is ADL's `voided`; its object then is a reference.
    #[must_use]
    pub fn is_voiding(&self) -> bool {
        self.verb.id == VERB_VOIDED
    }

    /// The statement that its object refers to.
    #[must_use]
    pub fn reference(&self) -> Option<Uuid> {
        match self.object {
            Object::StatementRef(id) => Some(id),
            Object::Activity(_) | Object::Agent(_) | Object::Group(_) | Object::SubStatement(_) => {
                None
            }
        }
    }

    /// Every activity: object and context, a SubStatement's too, in the order of that list.
    #[must_use]
    pub fn activities(&self) -> Vec<&Activity<'a>> {
        let mut found = Vec::new();
        activities_of(&self.object, self.context.as_ref(), &mut found);
        if let Object::SubStatement(sub) = &self.object {
            activities_of(&sub.object, sub.context.as_ref(), &mut found);
        }
        found
    }

    /// Every agent but the authority: actor, object, instructor, context agents and the members of groups, a
    /// SubStatement's too.
    #[must_use]
    pub fn agents(&self) -> Vec<&Agent<'a>> {
        let mut found = Vec::new();
        agents_of(&self.actor, &self.object, self.context.as_ref(), &mut found);
        if let Object::SubStatement(sub) = &self.object {
            agents_of(&sub.actor, &sub.object, sub.context.as_ref(), &mut found);
        }
        found
    }
}

impl<'a> Actor<'a> {
    /// The agent, or the group's members.
    #[must_use]
    pub fn agents(&self) -> &[Agent<'a>] {
        match self {
            Actor::Agent(agent) => std::slice::from_ref(agent),
            Actor::Group(group) => &group.members,
        }
    }
}

impl<'a> ContextActivities<'a> {
    /// Parent, grouping, category, other.
    pub fn all(&self) -> impl Iterator<Item = &Activity<'a>> {
        [&self.parent, &self.grouping, &self.category, &self.other]
            .into_iter()
            .flatten()
    }
}

fn activities_of<'s, 'a>(
    object: &'s Object<'a>,
    context: Option<&'s Context<'a>>,
    found: &mut Vec<&'s Activity<'a>>,
) {
    if let Object::Activity(activity) = object {
        found.push(activity);
    }
    if let Some(context) = context {
        found.extend(context.activities.all());
    }
}

fn agents_of<'s, 'a>(
    actor: &'s Actor<'a>,
    object: &'s Object<'a>,
    context: Option<&'s Context<'a>>,
    found: &mut Vec<&'s Agent<'a>>,
) {
    found.extend(actor.agents());
    match object {
        Object::Agent(agent) => found.push(agent),
        Object::Group(group) => found.extend(&group.members),
        Object::Activity(_) | Object::StatementRef(_) | Object::SubStatement(_) => {}
    }
    if let Some(context) = context {
        found.extend(context.instructor.iter().flat_map(Actor::agents));
        found.extend(context.team.iter().flat_map(|team| &team.members));
        found.extend(&context.agents);
        found.extend(context.groups.iter().flat_map(|group| &group.members));
    }
}
