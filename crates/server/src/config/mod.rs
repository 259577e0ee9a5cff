//! The configuration: one struct, each key with its meaning and default. `load` reads it from file and
//! environment, `check` judges what no type can, `sample` writes `config/tessera.toml` from it.
//!
//! Nothing else in the project reads the environment or knows a default.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

mod check;
mod key;
mod launch;
mod load;
mod sample;
#[cfg(test)]
mod tests;

pub use launch::Launch;
pub use load::{KeyAndSecret, Loaded, Problems, load};
pub use sample::{in_force, sample};

/// Everything that can be set. Sections are tables of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The web server.
    pub http: Http,
    /// What xAPI requests may bring and get.
    pub xapi: Xapi,
    /// How strict the server is about cmi5: what holds for a tenant until it is set by `PUT /cmi5/v1/policies`.
    pub cmi5: cmi5::Policies,
    /// The launch service: courses, their files, and LMSes that have them launched here.
    pub launch: Launch,
    /// The record of what was refused by a rule of cmi5.
    pub refusals: Refusals,
    /// The store on disk.
    pub storage: Storage,
    /// How keys and secrets are checked.
    pub credentials: Credentials,
    /// The first key, instead of a random one. Read only while the store has no key.
    pub bootstrap: Bootstrap,
    /// What is written to standard error.
    pub log: Log,
    /// The socket by which commands reach a running server.
    pub admin: Admin,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Http {
    /// Address and port to listen at. `0.0.0.0:8080` listens at all addresses of the machine, port 0 takes a free
    /// one.
    #[serde(deserialize_with = "address_and_port")]
    pub bind: SocketAddr,
    /// Path below which the xAPI resources lie: the endpoint is scheme, host and this path.
    pub base_path: String,
    /// Scheme, host and path by which clients reach the server, without the base path and without a slash at the
    /// end, when a proxy stands before it: `https://lrs.example.com`. When it is not set, nothing is assumed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_url: Option<String>,
    /// Threads that answer requests; 0: one for each processor.
    pub workers: usize,
    /// Connections at one time, all threads together. Further ones wait in the system's queue.
    pub connections_max: usize,
    /// Seconds for which an idle connection is kept. Longer than the load balancer's own, or it meets closed ones.
    pub keep_alive_seconds: u64,
    /// Seconds within which a client must have sent the head of a request, and then each further piece of its
    /// body.
    pub client_seconds_max: u64,
    /// Bytes a second that a client must send of a body, and take of an answer, on average; slower ones are cut off.
    pub client_bytes_per_second_min: u64,
    /// Bytes of memory for the bodies and answers in progress, all connections together. A request that needs more
    /// is answered 503 with `Retry-After`. The first 16 KiB of each are not counted.
    pub memory_bytes_max: usize,
    /// Lists, reports and pieces of attachments that are read or written at one time. Further ones wait, as long as
    /// `client_seconds_max`, and are then answered 503.
    pub disk_threads: usize,
    /// Seconds for which requests in progress may go on after SIGTERM or SIGINT.
    pub shutdown_seconds_max: u64,
    /// Bytes of a request body, or of one part of it, that is read into memory: statements and documents. More is
    /// answered 413 with this number.
    pub request_body_bytes_max: usize,
    /// Bytes of one attachment. Attachments go to disk as they come.
    pub attachment_bytes_max: u64,
    /// Bytes of a whole multipart request: statements and attachments.
    pub multipart_bytes_max: u64,
    /// Origins whose pages may call: `https://lms.example.com`, or `*` for all. Cookies are never used, so `*`
    /// gives a page nothing that its credentials do not.
    pub cors_origins: Vec<String>,
}

/// The standard library's own message does not say what an address looks like.
fn address_and_port<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SocketAddr, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(|_| {
        serde::de::Error::custom("expected an IP address and a port, such as `127.0.0.1:8080`")
    })
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Xapi {
    /// What `X-Experience-API-Version` says in the answer to a request that names no version: `1.0.3` or `2.0.0`.
    pub version_announced: VersionAnnounced,
    /// Statements of one request.
    pub statements_per_request_max: usize,
    /// Bytes of JSON of one statement.
    pub statement_bytes_max: usize,
    /// Nesting of objects and arrays in a statement.
    pub json_depth_max: usize,
    /// Group members and context activities of one statement, together.
    pub references_max: usize,
    /// Attachments of one statement.
    pub attachments_per_statement_max: usize,
    /// Bytes of one State or Profile document.
    pub document_bytes_max: usize,
    /// Statements of an answer when the request names no `limit`.
    pub page_rows_default: usize,
    /// Statements of an answer, whatever `limit` says.
    pub page_rows_max: usize,
    /// Index entries that one request may touch; then its answer is short and has a `more` link.
    pub scan_keys_max: usize,
    /// Milliseconds for which a write is tried again while others change the same things; then 503.
    pub commit_milliseconds_max: u64,
    /// `account.homePage` of the authority that statements get; `account.name` is the name of the key. Set it once,
    /// to an address of yours: it is fixed in each key when the key is made. When it is not set, it is
    /// `http.public_url`, or else `https://tessera.invalid`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authority_home_page: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum VersionAnnounced {
    #[serde(rename = "1.0.3")]
    V1_0_3,
    #[serde(rename = "2.0.0")]
    V2_0_0,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Refusals {
    /// Days for which a refusal is kept with the text that was refused. Flagged violations stay as long as their
    /// statements.
    pub kept_days: u32,
    /// Refusals recorded in a minute for each key or token; further ones are counted only.
    pub per_minute_max: u32,
    /// Bytes of a refused statement that are kept.
    pub statement_bytes_max: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Storage {
    /// Directory of the data; made when it is not there. One server at a time can have it open.
    pub path: PathBuf,
    /// Bytes of memory for blocks that were read.
    pub block_cache_bytes: usize,
    /// Bytes of memory for what was written and is not in files yet.
    pub memtable_bytes: usize,
    /// Bytes of log since the last flush: more of it makes the start after a crash slower.
    pub wal_bytes_max: u64,
    /// Statements that share one sync at most.
    pub group_statements_max: usize,
    /// Bytes of records that share one sync at most.
    pub group_bytes_max: usize,
    /// Writes that may wait for their turn, small and large ones apart; more are answered 503.
    pub queue_batches_max: usize,
    /// Bytes of the statements of one answer; a list with more ends early, with a `more` link.
    pub page_bytes_max: usize,
    /// `always`: a write is answered after it is on disk. `never`: a power cut loses what was answered; only for
    /// tests.
    pub sync: Sync,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Sync {
    Always,
    Never,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Credentials {
    /// Seconds for which a checked secret is not checked again. A revoked key is refused at once by the server that
    /// revoked it, and after this time by other servers of the same data.
    pub cache_seconds: u64,
    /// Checked secrets that are remembered.
    pub cache_entries_max: NonZeroUsize,
    /// Seconds for which a wrong secret is refused without checking it again.
    pub refused_seconds: u64,
    /// Secrets checked at one time. Each takes about 25 ms of a processor and 19 MiB.
    pub checks_max: usize,
    /// Seconds for which a request waits for its check; then 503.
    pub check_wait_seconds_max: u64,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Bootstrap {
    /// Key: 1 to 128 visible ASCII characters, no colon. It gets role `lms+au` and scopes `all` and `admin`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Its secret, at least 8 characters. Better in the environment (`TESSERA__BOOTSTRAP__SECRET`) than in a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<Secret>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// What is logged: `error`, `warn`, `info`, `debug`, `trace`, or by part: `info,server=debug`. Secrets never are;
    /// learners' data only at `debug` and below.
    pub filter: String,
    /// `text` or `json`, one line an event.
    pub format: LogFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    Text,
    Json,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Admin {
    /// Unix socket by which `tessera key` and `tessera verify` reach a running server; only its user may open it.
    /// When it is not set, `admin.sock` in `storage.path`. At most 100 bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub socket: Option<PathBuf>,
}

/// A value that is never shown: not in logs, not by `config check`, not when it is serialised.
#[derive(Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

impl Serialize for Secret {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(MASK)
    }
}

const MASK: &str = "********";

impl Config {
    /// What the parser is told.
    #[must_use]
    pub fn limits(&self) -> xapi::Limits {
        xapi::Limits {
            statements_per_request_max: self.xapi.statements_per_request_max,
            statement_bytes_max: self.xapi.statement_bytes_max,
            json_depth_max: self.xapi.json_depth_max,
            references_max: self.xapi.references_max,
            attachments_per_statement_max: self.xapi.attachments_per_statement_max,
        }
    }

    /// What the record store is told.
    #[must_use]
    pub fn lrs(&self) -> lrs::Settings {
        lrs::Settings {
            limits: self.limits(),
            page_rows_default: self.xapi.page_rows_default,
            page_rows_max: self.xapi.page_rows_max,
            scan_keys_max: self.xapi.scan_keys_max,
            document_bytes_max: self.xapi.document_bytes_max,
            commit_deadline_millis: self.xapi.commit_milliseconds_max,
            cmi5: Arc::new(self.cmi5.clone()),
            refusals: lrs::refusals::Settings {
                kept_days: self.refusals.kept_days,
                per_minute_max: self.refusals.per_minute_max,
                text_bytes_max: self.refusals.statement_bytes_max,
            },
            launch_tokens: lrs::launch::tokens::Settings {
                lifetime_seconds: NonZeroU32::new(self.launch.token_lifetime_seconds),
            },
            own_authority: lrs::own_authority(self.authority_home_page()),
            home_page: self.authority_home_page().to_owned(),
        }
    }

    /// `account.homePage` of the authorities of keys made from now on.
    #[must_use]
    pub fn authority_home_page(&self) -> &str {
        match (&self.xapi.authority_home_page, &self.http.public_url) {
            (Some(page), _) | (None, Some(page)) => page,
            (None, None) => "https://tessera.invalid",
        }
    }

    #[must_use]
    pub fn admin_socket(&self) -> PathBuf {
        match &self.admin.socket {
            Some(path) => path.clone(),
            None => self.storage.path.join("admin.sock"),
        }
    }
}

impl VersionAnnounced {
    #[must_use]
    pub fn version(self) -> xapi::Version {
        match self {
            VersionAnnounced::V1_0_3 => xapi::Version::V1_0_3,
            VersionAnnounced::V2_0_0 => xapi::Version::V2_0_0,
        }
    }
}

const MIB: usize = 1024 * 1024;

impl Default for Http {
    fn default() -> Self {
        Self {
            bind: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8080),
            base_path: "/xapi".to_owned(),
            public_url: None,
            workers: 0,
            connections_max: 4_096,
            keep_alive_seconds: 75,
            client_seconds_max: 10,
            client_bytes_per_second_min: 1_000,
            memory_bytes_max: 128 * MIB,
            disk_threads: 8,
            shutdown_seconds_max: 25,
            request_body_bytes_max: 16 * MIB,
            attachment_bytes_max: 256 * MIB as u64,
            multipart_bytes_max: 1024 * MIB as u64,
            cors_origins: vec!["*".to_owned()],
        }
    }
}

impl Default for Xapi {
    fn default() -> Self {
        let settings = lrs::Settings::default();
        let limits = settings.limits;
        Self {
            version_announced: VersionAnnounced::V1_0_3,
            statements_per_request_max: limits.statements_per_request_max,
            statement_bytes_max: limits.statement_bytes_max,
            json_depth_max: limits.json_depth_max,
            references_max: limits.references_max,
            attachments_per_statement_max: limits.attachments_per_statement_max,
            document_bytes_max: settings.document_bytes_max,
            page_rows_default: settings.page_rows_default,
            page_rows_max: settings.page_rows_max,
            scan_keys_max: settings.scan_keys_max,
            commit_milliseconds_max: settings.commit_deadline_millis,
            authority_home_page: None,
        }
    }
}

impl Default for Refusals {
    fn default() -> Self {
        let settings = lrs::refusals::Settings::default();
        Self {
            kept_days: settings.kept_days,
            per_minute_max: settings.per_minute_max,
            statement_bytes_max: settings.text_bytes_max,
        }
    }
}

impl Default for Storage {
    fn default() -> Self {
        let options = storage::Options::default();
        Self {
            path: PathBuf::from("tessera-data"),
            block_cache_bytes: options.block_cache_bytes,
            memtable_bytes: options.memtable_bytes,
            wal_bytes_max: options.wal_bytes_max,
            group_statements_max: options.group_statements_max,
            group_bytes_max: options.group_bytes_max,
            queue_batches_max: options.queue_batches_max,
            page_bytes_max: options.page_bytes_max,
            sync: Sync::Always,
        }
    }
}

impl Default for Credentials {
    fn default() -> Self {
        let settings = lrs::credential::Settings::default();
        Self {
            cache_seconds: settings.cache.as_secs(),
            cache_entries_max: settings.cache_entries_max,
            refused_seconds: settings.refused.as_secs(),
            checks_max: settings.checks_max,
            check_wait_seconds_max: settings.wait.as_secs(),
        }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self {
            filter: "info".to_owned(),
            format: LogFormat::Text,
        }
    }
}
