//! What a session's token may see of the list: statements of its own registration and learner. A `more` link of such a
//! list stays as narrow, whoever follows it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use storage::statement::parsed;
use storage::{Seq, StoredStatement, Term};
use uuid::Uuid;
use xapi::statement::Actor;

use crate::{Caller, Lrs};

/// One registration of one learner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Narrow {
    registration: Uuid,
    /// Canonical identity.
    actor: String,
}

impl Narrow {
    /// `None` for a key: its scopes alone say what it sees.
    pub(super) fn of(caller: &Caller) -> Option<Self> {
        let launch = &caller.session.as_ref()?.known.launch;
        Some(Self {
            registration: launch.registration,
            actor: launch.actor.clone(),
        })
    }

    /// What a row of the list can be found by.
    pub(super) fn terms(&self) -> [Vec<Term>; 2] {
        [
            vec![Term::registration(self.registration)],
            vec![Term::agent(&self.actor)],
        ]
    }

    /// The learner is its actor; a term also finds those of which it is the object.
    pub(super) fn shows(&self, row: &StoredStatement) -> bool {
        let Some((statement, _)) = parsed(&row.content) else {
            return false;
        };
        let context = statement.context.as_ref();
        let is_actor = match &statement.actor {
            Actor::Agent(agent) => agent.ifi.canonical() == self.actor,
            Actor::Group(_) => false,
        };
        is_actor && context.and_then(|context| context.registration) == Some(self.registration)
    }

    fn to_text(&self) -> String {
        format!("{} {}", self.registration, self.actor)
    }

    fn parse(text: &str) -> Option<Self> {
        let (registration, actor) = text.split_once(' ')?;
        Some(Self {
            registration: Uuid::parse_str(registration).ok()?,
            actor: actor.to_owned(),
        })
    }
}

/// The token of a `more` link: the place, and how narrow the list was, signed with the filters.
pub(super) fn sign(lrs: &Lrs, seq: Seq, filters: &str, narrow: Option<&Narrow>) -> String {
    match narrow {
        None => lrs.cursors.sign(seq, filters),
        Some(narrow) => {
            let narrow = narrow.to_text();
            let signed = lrs.cursors.sign(seq, &both(filters, &narrow));
            format!("{signed}.{}", URL_SAFE_NO_PAD.encode(narrow))
        }
    }
}

/// What a token says; `None` when it is not ours or belongs to other filters.
pub(super) fn open(lrs: &Lrs, token: &str, filters: &str) -> Option<(Seq, Option<Narrow>)> {
    match token.split_once('.') {
        None => Some((lrs.cursors.open_token(token, filters)?, None)),
        Some((signed, narrow)) => {
            let narrow = String::from_utf8(URL_SAFE_NO_PAD.decode(narrow).ok()?).ok()?;
            let seq = lrs.cursors.open_token(signed, &both(filters, &narrow))?;
            Some((seq, Some(Narrow::parse(&narrow)?)))
        }
    }
}

fn both(filters: &str, narrow: &str) -> String {
    format!("{filters}\n{narrow}")
}
