//! Servers of our own on stores of their own, to be tried in this process and over HTTP: one with the default policies
//! of cmi5, and one for each other that vectors ask for, so that they do not disturb one another.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread;

use actix_web::rt::System;
use lrs::Lrs;
use lrs::credential::{Credentials, New, Role, Scope, Scopes};
use server::app::{self, Server};
use server::config::Config;
use storage::{Clock, Durability, Options, Store, Tenant};
use tempfile::TempDir;

use crate::http::Http;
use crate::in_process::InProcess;
use crate::subject::{Key, Kind, Subject};
use crate::transport::{Request, Transport};
use crate::vector::Account;

/// Pages and bodies are small, so that vectors reach their limits with little. The vectors of limits rely on these.
const PAGE_ROWS_DEFAULT: usize = 5;
const PAGE_ROWS_MAX: usize = 10;
const BODY_BYTES_MAX: usize = 128 * 1024;
const STATEMENT_BYTES_MAX: usize = 64 * 1024;
const DOCUMENT_BYTES_MAX: usize = 64 * 1024;
const STATEMENTS_MAX: usize = 50;
const REFERENCES_MAX: usize = 10;
const ATTACHMENTS_MAX: usize = 3;
const JSON_DEPTH_MAX: usize = 8;
const PACKAGE_ENTRIES_MAX: usize = 5;

const ACCOUNTS: [(Account, Role, &[Scope]); 8] = [
    (Account::Owner, Role::LmsAu, &[Scope::All]),
    (Account::Other, Role::LmsAu, &[Scope::All]),
    (Account::Reader, Role::LmsAu, &[Scope::StatementsRead]),
    (
        Account::Writer,
        Role::LmsAu,
        &[Scope::StatementsWrite, Scope::StatementsReadMine],
    ),
    (Account::Lms, Role::Lms, &[Scope::All]),
    (Account::Au, Role::Au, &[Scope::All]),
    (Account::LmsAu, Role::LmsAu, &[Scope::All]),
    (Account::Admin, Role::LmsAu, &[Scope::Admin]),
];

pub struct Own {
    site: Site,
    /// By policies, as JSON.
    others: BTreeMap<String, Site>,
}

struct Site {
    server: Arc<Server>,
    config: Config,
    keys: BTreeMap<Account, Key>,
    _directory: TempDir,
}

impl Own {
    /// # Errors
    /// When a store cannot be made.
    pub fn open(policies: &[String]) -> Result<Self, String> {
        let others = policies.iter();
        let others = others.map(|policies| Ok((policies.clone(), Site::open()?)));
        Ok(Self {
            site: Site::open()?,
            others: others.collect::<Result<_, String>>()?,
        })
    }

    #[must_use]
    pub fn in_process(&self) -> Subject {
        let mut subject = self.site.in_process();
        for (policies, site) in &self.others {
            let set = with(policies, site.in_process());
            subject.policies.insert(policies.clone(), set);
        }
        subject
    }

    /// Listens at free ports until the process ends.
    ///
    /// # Errors
    /// When no port can be had.
    pub fn over_http(&self) -> Result<Subject, String> {
        let mut subject = self.site.over_http()?;
        for (policies, site) in &self.others {
            let set = with(policies, site.over_http()?);
            subject.policies.insert(policies.clone(), set);
        }
        Ok(subject)
    }
}

/// Sets the policies of the one tenant.
fn with(policies: &str, subject: Subject) -> Result<Subject, String> {
    let authorization = subject.authorization(Account::Admin).unwrap_or_default();
    let answer = subject.transport.send(&Request {
        method: "PUT".to_owned(),
        target: "/cmi5/v1/policies".to_owned(),
        headers: vec![
            ("Authorization".to_owned(), authorization),
            ("Content-Type".to_owned(), "application/json".to_owned()),
        ],
        body: Some(policies.as_bytes().to_vec()),
    })?;
    let body = String::from_utf8_lossy(&answer.body);
    match answer.status {
        200 => Ok(subject),
        status => Err(format!("expected 200, got {status}: {body}")),
    }
}

impl Site {
    fn open() -> Result<Self, String> {
        let directory = tempfile::tempdir().map_err(|error| error.to_string())?;
        let options = Options {
            durability: Durability::Unsynced,
            ..Options::default()
        };
        let store = Store::open(directory.path(), options).map_err(|error| error.to_string())?;
        let store = Arc::new(store);
        let settings = lrs::credential::Settings::default();
        let credentials = Credentials::new(Arc::clone(&store), settings, Clock::System);
        let keys = keys(&credentials)?;
        let mut config = Config::default();
        config.http.bind = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
        config.http.workers = 2;
        config.http.request_body_bytes_max = BODY_BYTES_MAX;
        config.launch.spool_path = Some(directory.path().to_owned());
        config.launch.package_entries_max = PACKAGE_ENTRIES_MAX;
        let mut limits = config.limits();
        limits.statement_bytes_max = STATEMENT_BYTES_MAX;
        limits.statements_per_request_max = STATEMENTS_MAX;
        limits.references_max = REFERENCES_MAX;
        limits.attachments_per_statement_max = ATTACHMENTS_MAX;
        limits.json_depth_max = JSON_DEPTH_MAX;
        let settings = lrs::Settings {
            limits,
            page_rows_default: PAGE_ROWS_DEFAULT,
            page_rows_max: PAGE_ROWS_MAX,
            document_bytes_max: DOCUMENT_BYTES_MAX,
            ..lrs::Settings::default()
        };
        let lrs = Lrs::new(store, settings, credentials).map_err(|error| format!("{error:?}"))?;
        Ok(Self {
            server: Arc::new(Server::new(Arc::new(lrs), &config)),
            config,
            keys,
            _directory: directory,
        })
    }

    fn in_process(&self) -> Subject {
        self.subject(Transport::InProcess(InProcess::start(Arc::clone(
            &self.server,
        ))))
    }

    fn over_http(&self) -> Result<Subject, String> {
        let (server, config) = (Arc::clone(&self.server), self.config.clone());
        let (tell, told) = std::sync::mpsc::channel();
        thread::spawn(move || {
            System::new().block_on(async move {
                let bound = app::bind(server, &config).map_err(|error| error.to_string());
                match bound {
                    Err(error) => drop(tell.send(Err(error))),
                    Ok((serving, addresses)) => {
                        drop(tell.send(Ok(addresses)));
                        // It ends with the process.
                        drop(serving.await);
                    }
                }
            });
        });
        let addresses = told.recv().map_err(|error| error.to_string())??;
        let address = addresses.first().ok_or("the server has no address")?;
        Ok(self.subject(Transport::Http(Http::new(format!("http://{address}")))))
    }

    fn subject(&self, transport: Transport) -> Subject {
        Subject {
            kind: Kind::Own,
            transport,
            base_path: self.config.http.base_path.clone(),
            keys: self.keys.clone(),
            policies: BTreeMap::new(),
        }
    }
}

fn keys(credentials: &Credentials) -> Result<BTreeMap<Account, Key>, String> {
    ACCOUNTS
        .into_iter()
        .map(|(account, role, scopes)| {
            let new = New {
                name: format!("{account:?}"),
                tenant: Tenant::DEFAULT,
                role,
                scopes: Scopes::of(scopes),
                assume_version: None,
                authority_home_page: "https://lrs.example.com".to_owned(),
            };
            let made = credentials.add(&new).map_err(|error| error.to_string())?;
            let key = Key {
                key: made.key,
                secret: made.secret,
            };
            Ok((account, key))
        })
        .collect()
}
