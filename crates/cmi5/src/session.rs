//! A session's state and what happened in it so far. What it was launched with is its `Launch`.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Times are microseconds since 1970: `…_at` by the server's clock, the others are timestamps of statements.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    pub state: State,
    pub created_at: i64,
    /// The `launched` statement.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub launched: Option<Uuid>,
    /// Timestamp of `initialized`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub initialized: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub initialized_at: Option<i64>,
    /// Timestamp of `terminated`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub terminated: Option<i64>,
    /// When `terminated` or `abandoned` came.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ended_at: Option<i64>,
    /// The `abandoned` statement.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub abandoned: Option<Uuid>,
    /// Why it was abandoned.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub abandoned_by: Option<AbandonedBy>,
    /// The duration that `terminated` tells, in microseconds.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub duration: Option<u64>,
    /// Statements that completed, passed and failed it; more than one only where a rule is off.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub completed: Vec<Uuid>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub passed: Vec<Uuid>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub failed: Vec<Uuid>,
    /// The token asked for the learner's preferences (11.0.0.0-3).
    #[serde(default)]
    pub preferences_read: bool,
    /// The token read the launch data.
    #[serde(default)]
    pub launch_data_read: bool,
    /// `initialized` came without `launched`, and that was recorded (9.3.1.0-1).
    #[serde(default)]
    pub unlaunched_reported: bool,
    #[serde(default)]
    pub fetch: Fetch,
    /// Version of the `Launch` record that belongs to it.
    pub launch_version: u64,
    /// Its place in the list of sessions.
    pub row: u64,
    /// Key of its timer: the activity by which it was last armed. 0: none.
    #[serde(default)]
    pub timer: u64,
}

/// Cancelled by nothing: an ended session stays ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum State {
    /// There is launch data, and no `launched`.
    Created,
    Launched,
    Initialized,
    Terminated,
    Abandoned,
}

/// What ended a session in its AU's stead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AbandonedBy {
    /// Another launch of its registration.
    Relaunch,
    /// Somebody asked for it.
    Request,
    /// It had been idle for too long.
    Idle,
    /// The LMS wrote `abandoned`.
    Statement,
}

/// The one-time URL at which the AU gets its token.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Fetch {
    /// Nobody asked for one.
    #[default]
    None,
    /// The hash (hex) of the URL that works; an older one is used up.
    Open(String),
    Used,
}

impl State {
    pub const ALL: [State; 5] = [
        State::Created,
        State::Launched,
        State::Initialized,
        State::Terminated,
        State::Abandoned,
    ];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            State::Created => "Created",
            State::Launched => "Launched",
            State::Initialized => "Initialized",
            State::Terminated => "Terminated",
            State::Abandoned => "Abandoned",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        State::ALL.into_iter().find(|state| state.as_str() == text)
    }

    #[must_use]
    pub fn has_ended(self) -> bool {
        match self {
            State::Created | State::Launched | State::Initialized => false,
            State::Terminated | State::Abandoned => true,
        }
    }
}

impl Session {
    /// A session that has just been made known. `row` is its place in the list of sessions.
    #[must_use]
    pub fn new(created_at: i64, row: u64) -> Self {
        Self {
            state: State::Created,
            created_at,
            launched: None,
            initialized: None,
            initialized_at: None,
            terminated: None,
            ended_at: None,
            abandoned: None,
            abandoned_by: None,
            duration: None,
            completed: Vec::new(),
            passed: Vec::new(),
            failed: Vec::new(),
            preferences_read: false,
            launch_data_read: false,
            unlaunched_reported: false,
            fetch: Fetch::None,
            launch_version: 0,
            row,
            timer: 0,
        }
    }

    /// What a token of this session still opens at `now`.
    #[must_use]
    pub fn admits(&self, now: i64, grace_seconds: u32) -> Admits {
        admits(self.state, self.ended_at, now, grace_seconds)
    }

    /// Takes back what a voided statement set. The state is never undone.
    pub fn forget(&mut self, statement: Uuid) -> bool {
        let mut forgot = false;
        for set in [&mut self.completed, &mut self.passed, &mut self.failed] {
            let before = set.len();
            set.retain(|id| *id != statement);
            forgot |= set.len() != before;
        }
        forgot
    }
}

/// Whether a session's token still opens anything at `now` (microseconds since 1970): everything until the session ends,
/// and statements until the grace after `terminated` is over (8.1.2.0-2, 9.3.8.0-4).
#[must_use]
pub fn admits(state: State, ended_at: Option<i64>, now: i64, grace_seconds: u32) -> Admits {
    let grace_micros = i64::from(grace_seconds) * 1_000_000;
    match (state, ended_at) {
        (State::Created | State::Launched | State::Initialized, _) => Admits::Everything,
        (State::Terminated, Some(ended)) if now < ended.saturating_add(grace_micros) => {
            Admits::Statements
        }
        (State::Terminated | State::Abandoned, _) => Admits::Nothing,
    }
}

/// What a session's token opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admits {
    Everything,
    /// Within the grace after `terminated`.
    Statements,
    Nothing,
}
