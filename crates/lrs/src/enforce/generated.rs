//! Statements that the LRS writes itself: `abandoned` for a session that nobody ends, and `voided` for what was
//! flagged.

use cmi5::vocabulary::{CATEGORY_CMI5, SESSION_ID};
use cmi5::{Launch, Seen, Verb};
use serde_json::{Value, json};
use storage::batch::RecordKey;
use uuid::Uuid;
use xapi::lexical::{iri, timestamp};
use xapi::statement::{Ifi, VERB_VOIDED};

use crate::Lrs;
use crate::sessions::keys;
use crate::statements::new_id;

/// Grouping activities that go into a statement of ours.
const GROUPING_MAX: usize = 100;

/// A statement to be stored as if it had been sent.
#[derive(Debug, Clone)]
pub struct Generated {
    pub id: Uuid,
    /// JSON.
    pub text: String,
    /// JSON of its authority.
    pub authority: String,
    /// The request's statement that causes it, directly behind which it is stored; else it stands behind them all.
    pub behind: Option<Uuid>,
}

/// Voids what was flagged (6.3.0.0-2). It names no session and has no category: it is not part of the AU's story.
pub(super) fn voiding(lrs: &Lrs, target: Uuid) -> Generated {
    let id = new_id();
    let actor: Value = own(&lrs.settings.own_authority);
    let text = json!({
        "id": id,
        "actor": actor,
        "verb": { "id": VERB_VOIDED, "display": { "en": "voided" } },
        "object": { "objectType": "StatementRef", "id": target },
    });
    Generated {
        id,
        text: text.to_string(),
        authority: lrs.settings.own_authority.clone(),
        behind: None,
    }
}

/// What an `abandoned` says besides its launch.
pub(crate) struct Abandoning<'a> {
    /// The learner as `launched` has it.
    pub(crate) actor: Option<Value>,
    pub(crate) authority: &'a str,
    /// Microseconds since 1970.
    pub(crate) now: i64,
    /// From launched to the AU's last statement, microseconds.
    pub(crate) duration: u64,
}

/// Ends a session for an AU that did not (9.3.6).
pub(crate) fn abandoned(launch: &Launch, with: &Abandoning<'_>) -> Generated {
    let id = new_id();
    // Launch data that were only flagged may hold ids that no statement can, and more than a statement may have.
    let publisher = launch.publisher.iter().filter(|id| iri::is_iri(id));
    let grouping: Vec<Value> = publisher
        .take(GROUPING_MAX)
        .map(|id| json!({ "objectType": "Activity", "id": id }))
        .collect();
    let text = json!({
        "id": id,
        "actor": with.actor.clone().unwrap_or_else(|| agent(&launch.actor)),
        "verb": { "id": Verb::Abandoned.iri(), "display": { "en": "abandoned" } },
        "object": { "objectType": "Activity", "id": launch.activity },
        "result": { "duration": seconds(with.duration) },
        "context": {
            "registration": launch.registration,
            "contextActivities": {
                "category": [{ "objectType": "Activity", "id": CATEGORY_CMI5 }],
                "grouping": grouping,
            },
            "extensions": { SESSION_ID: launch.session },
        },
        "timestamp": timestamp::render(with.now),
    });
    Generated {
        id,
        text: text.to_string(),
        authority: with.authority.to_owned(),
        behind: None,
    }
}

fn own(authority: &str) -> Value {
    serde_json::from_str(authority)
        .unwrap_or_else(|_| json!({ "mbox": "mailto:lrs@tessera.invalid" }))
}

/// The agent of a canonical identity.
fn agent(canonical: &str) -> Value {
    match Ifi::from_canonical(canonical) {
        Some(Ifi::Account { home_page, name }) => {
            json!({ "objectType": "Agent", "account": { "homePage": home_page, "name": name } })
        }
        Some(Ifi::Mbox(mbox)) => json!({ "objectType": "Agent", "mbox": mbox }),
        Some(Ifi::MboxSha1sum(sha1)) => json!({ "objectType": "Agent", "mbox_sha1sum": sha1 }),
        Some(Ifi::OpenId(openid)) => json!({ "objectType": "Agent", "openid": openid }),
        None => json!({ "objectType": "Agent", "mbox": "mailto:unknown@tessera.invalid" }),
    }
}

/// An ISO 8601 duration to the hundredth of a second.
fn seconds(micros: u64) -> String {
    let hundredths = micros / 10_000;
    match (hundredths / 100, hundredths % 100) {
        (whole, 0) => format!("PT{whole}S"),
        (whole, part) => format!("PT{whole}.{part:02}S"),
    }
}

/// The registration, learner and AU of a statement outside any session.
pub(super) struct Learner {
    pub(super) registration: Uuid,
    pub(super) actor: String,
    pub(super) activity: String,
}

impl Learner {
    pub(super) fn key(&self) -> RecordKey {
        keys::au_registration(self.registration, &self.actor, &self.activity)
    }
}

pub(super) fn learner(seen: &Seen<'_>) -> Option<Learner> {
    let registration = seen.context.as_ref()?.registration.value()?;
    let (cmi5::seen::Who::Agent { identity, .. }, cmi5::seen::Target::Activity { id, .. }) =
        (&seen.actor, &seen.object)
    else {
        return None;
    };
    Some(Learner {
        registration,
        actor: identity.clone(),
        activity: id.to_string(),
    })
}
