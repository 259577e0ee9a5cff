//! A server of our own on a store of its own, to be tried in this process and over HTTP.

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
use crate::transport::Transport;
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

const ACCOUNTS: [(Account, &[Scope]); 4] = [
    (Account::Owner, &[Scope::All]),
    (Account::Other, &[Scope::All]),
    (Account::Reader, &[Scope::StatementsRead]),
    (
        Account::Writer,
        &[Scope::StatementsWrite, Scope::StatementsReadMine],
    ),
];

pub struct Own {
    server: Arc<Server>,
    config: Config,
    keys: BTreeMap<Account, Key>,
    _directory: TempDir,
}

impl Own {
    /// # Errors
    /// When no store can be made.
    pub fn open() -> Result<Self, String> {
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

    #[must_use]
    pub fn in_process(&self) -> Subject {
        self.subject(Transport::InProcess(InProcess::start(Arc::clone(
            &self.server,
        ))))
    }

    /// Listens at a free port until the process ends.
    ///
    /// # Errors
    /// When no port can be had.
    pub fn over_http(&self) -> Result<Subject, String> {
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
        }
    }
}

fn keys(credentials: &Credentials) -> Result<BTreeMap<Account, Key>, String> {
    ACCOUNTS
        .into_iter()
        .map(|(account, scopes)| {
            let new = New {
                name: format!("{account:?}"),
                tenant: Tenant::DEFAULT,
                role: Role::LmsAu,
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
