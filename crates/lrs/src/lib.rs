//! The learning record store as a library: one function per operation, no HTTP.
//!
//! Each write reads facts, decides purely, and commits with assertions (`commit`). What a request may do is its
//! [`Caller`]; what it broke is an [`Error`] that the server turns into a status.

pub mod abandon;
pub mod access;
pub mod activities;
pub mod agents;
pub mod attachment;
pub mod caller;
pub mod check;
pub mod commit;
pub mod credential;
pub mod cursor;
pub mod documents;
pub mod enforce;
pub mod error;
pub mod event;
pub mod known;
pub mod launch;
pub mod policies;
pub mod queue;
pub mod refusals;
pub mod reports;
pub mod requirement;
pub mod sessions;
pub mod statements;
pub mod token;

use std::sync::Arc;

use storage::{Clock, Store};

pub use caller::Caller;
pub use error::Error;

/// Everything an operation needs, shared by all requests.
pub struct Lrs {
    pub store: Arc<Store>,
    pub settings: Settings,
    pub credentials: credential::Credentials,
    pub refusals: refusals::Refusals,
    clock: Clock,
    queues: queue::Queues,
    known: known::Known,
    cursors: cursor::Signer,
    launches: sessions::Launches,
    tokens: token::Tokens,
    policies: policies::Known,
    numbers: launch::numbers::Numbers,
    launch_tokens: launch::tokens::Signer,
}

/// What the configuration sets for this crate.
#[derive(Debug, Clone)]
pub struct Settings {
    pub limits: xapi::Limits,
    /// Statements in a page when the client names no `limit`, or 0.
    pub page_rows_default: usize,
    pub page_rows_max: usize,
    /// Index keys that one page may touch.
    pub scan_keys_max: usize,
    /// Bytes of one document.
    pub document_bytes_max: usize,
    /// How long a write is decided again when others were faster, in milliseconds.
    pub commit_deadline_millis: u64,
    /// The policies of tenants that have set none.
    pub cmi5: Arc<cmi5::Policies>,
    pub refusals: refusals::Settings,
    pub launch_tokens: launch::tokens::Settings,
    /// JSON of the Agent that is the authority of the LRS's own statements.
    pub own_authority: String,
    /// What the ids of courses begin with: an IRI.
    pub home_page: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            limits: xapi::Limits::default(),
            page_rows_default: 100,
            page_rows_max: 1_000,
            scan_keys_max: 50_000,
            document_bytes_max: 8 * 1024 * 1024,
            commit_deadline_millis: 10_000,
            cmi5: Arc::new(cmi5::Policies::default()),
            refusals: refusals::Settings::default(),
            launch_tokens: launch::tokens::Settings::default(),
            own_authority: own_authority("https://tessera.invalid"),
            home_page: "https://tessera.invalid".to_owned(),
        }
    }
}

impl Lrs {
    /// Blocks at the first start of a store, when it makes its signing key: not to be called in an async context.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub fn new(
        store: Arc<Store>,
        settings: Settings,
        credentials: credential::Credentials,
    ) -> Result<Self, Error> {
        let cursors = cursor::Signer::open(&store)?;
        let launch_tokens = launch::tokens::Signer::new(&cursors);
        Ok(Self {
            store,
            refusals: refusals::Refusals::new(&settings.refusals),
            settings,
            clock: credentials.clock(),
            credentials,
            queues: queue::Queues::default(),
            known: known::Known::default(),
            cursors,
            launches: sessions::Launches::default(),
            tokens: token::Tokens::default(),
            policies: policies::Known::default(),
            numbers: launch::numbers::Numbers::default(),
            launch_tokens,
        })
    }

    /// Microseconds since 1970.
    #[must_use]
    pub fn now(&self) -> i64 {
        i64::try_from(self.clock.now()).unwrap_or(i64::MAX)
    }
}

/// JSON of the Agent that writes for the LRS itself.
#[must_use]
pub fn own_authority(home_page: &str) -> String {
    serde_json::json!({
        "objectType": "Agent",
        "account": { "homePage": home_page, "name": "tessera" },
    })
    .to_string()
}
