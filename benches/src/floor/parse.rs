//! A statement as far as an index needs it, borrowed from the bytes. Nothing is checked but the JSON.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Statement<'a> {
    #[serde(borrow)]
    pub(super) id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) actor: Actor<'a>,
    #[serde(borrow)]
    pub(super) verb: Verb<'a>,
    #[serde(borrow)]
    pub(super) object: Object<'a>,
    #[serde(borrow)]
    pub(super) result: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) context: Option<Context<'a>>,
    #[serde(borrow)]
    pub(super) timestamp: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Actor<'a> {
    #[serde(borrow)]
    pub(super) object_type: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) mbox: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) account: Option<Account<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Account<'a> {
    #[serde(borrow)]
    pub(super) home_page: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) name: Cow<'a, str>,
}

#[derive(Deserialize)]
pub(super) struct Verb<'a> {
    #[serde(borrow)]
    pub(super) id: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) display: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Object<'a> {
    #[serde(borrow)]
    pub(super) object_type: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) definition: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Context<'a> {
    #[serde(borrow)]
    pub(super) registration: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) context_activities: Option<Activities<'a>>,
    #[serde(borrow)]
    pub(super) extensions: Option<&'a RawValue>,
}

#[derive(Deserialize)]
pub(super) struct Activities<'a> {
    #[serde(borrow)]
    pub(super) parent: Option<Vec<Object<'a>>>,
    #[serde(borrow)]
    pub(super) grouping: Option<Vec<Object<'a>>>,
    #[serde(borrow)]
    pub(super) category: Option<Vec<Object<'a>>>,
}

/// One statement or an array of them.
pub(super) fn parse(body: &[u8]) -> Result<Vec<Statement<'_>>, serde_json::Error> {
    if body.first() == Some(&b'[') {
        serde_json::from_slice(body)
    } else {
        serde_json::from_slice(body).map(|statement| vec![statement])
    }
}

impl Statement<'_> {
    /// Looks at everything that was read, so that no compiler leaves it out.
    pub(super) fn weight(&self) -> usize {
        let text = |text: &Option<Cow<'_, str>>| text.as_ref().map_or(0, |text| text.len());
        let raw = |raw: &Option<&RawValue>| raw.map_or(0, |raw| raw.get().len());
        let object = |object: &Object<'_>| {
            text(&object.object_type) + text(&object.id) + raw(&object.definition)
        };
        let objects =
            |list: &Option<Vec<Object<'_>>>| -> usize { list.iter().flatten().map(object).sum() };
        let account = |account: &Account<'_>| account.home_page.len() + account.name.len();
        let actor = &self.actor;
        let activities = |activities: &Activities<'_>| {
            objects(&activities.parent)
                + objects(&activities.grouping)
                + objects(&activities.category)
        };
        let context = |context: &Context<'_>| {
            text(&context.registration)
                + raw(&context.extensions)
                + context.context_activities.as_ref().map_or(0, activities)
        };
        text(&self.id)
            + text(&self.timestamp)
            + text(&actor.object_type)
            + text(&actor.name)
            + text(&actor.mbox)
            + actor.account.as_ref().map_or(0, account)
            + self.verb.id.len()
            + raw(&self.verb.display)
            + object(&self.object)
            + raw(&self.result)
            + self.context.as_ref().map_or(0, context)
    }
}
