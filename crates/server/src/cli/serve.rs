//! `tessera serve`: opens the store, listens, drains and closes. What can fail fails before anything is changed: the
//! first key is made only when the address is bound and its secret can be shown.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use actix_web::dev::ServerHandle;
use lrs::Lrs;
use lrs::credential::Generated;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::store::{self, Unopened};
use crate::admin::socket::Socket;
use crate::app::{self, Server};
use crate::config::{Config, Loaded};
use crate::logging;
use crate::socket;
use crate::sweep::sweep;

/// Files of the store that are open at one time, and a few more.
const FILES_BESIDE_CONNECTIONS: u64 = 1_100;

pub(super) fn serve(loaded: &Loaded) -> Result<(), String> {
    let config = &loaded.config;
    logging::start(&config.log);
    if let Some(file) = &loaded.file {
        tracing::info!(file = %file.display(), "configuration read");
    }
    let files = socket::raise_open_files();
    if files < FILES_BESIDE_CONNECTIONS + config.http.connections_max as u64 {
        tracing::warn!(
            files,
            connections_max = config.http.connections_max,
            "the system lets this process open few files: raise `ulimit -n` or LimitNOFILE, or lower \
             `http.connections_max`"
        );
    }
    let store = store::open(config).map_err(|unopened| match unopened {
        Unopened::InUse => format!(
            "the store `{}` is open in another process: stop that one, or give this one another \
             `storage.path` (TESSERA__STORAGE__PATH)",
            config.storage.path.display()
        ),
        Unopened::Because(message) => message,
    })?;
    let store = Arc::new(store);
    let credentials = store::credentials(config, Arc::clone(&store));
    let lrs = Lrs::new(Arc::clone(&store), config.lrs(), credentials)
        .map(Arc::new)
        .map_err(|error| format!("the store could not be read: {error:?}"))?;
    let system = actix_web::rt::System::new();
    let served = system.block_on(listen(config, &lrs));
    let closed = store
        .close()
        .map_err(|error| format!("the store did not close: {error}"));
    // A backup in progress is waited for here: who cannot wait may kill the process now, and the store lacks nothing.
    drop(system);
    served.and(closed)?;
    tracing::info!("stopped");
    Ok(())
}

async fn listen(config: &Config, lrs: &Arc<Lrs>) -> Result<(), String> {
    let mut signals = Signals::new().map_err(|error| format!("no signals: {error}"))?;
    let path = config.admin_socket();
    let socket = Socket::bind(&path).map_err(|error| {
        format!(
            "the admin socket `{}` cannot be made: {error}; `admin.socket` names it",
            path.display()
        )
    })?;
    let server = Arc::new(Server::new(Arc::clone(lrs), config));
    let (running, addresses) =
        app::bind(server, config).map_err(|error| unbound(config.http.bind, &error))?;
    let endpoint = endpoint(config, &addresses);
    first_key(config, Arc::clone(lrs), &endpoint).await?;
    let page = config.authority_home_page().to_owned();
    let listening = actix_web::rt::spawn(socket.serve(Arc::clone(lrs), page));
    let sweeping = actix_web::rt::spawn(sweep(Arc::clone(lrs)));
    tracing::info!(?addresses, %endpoint, "listening");
    let handle = running.handle();
    let mut running = actix_web::rt::spawn(running);
    let ended = tokio::select! {
        ended = &mut running => Some(ended),
        name = signals.next() => {
            tracing::info!(signal = name, "stopping: requests in progress may end");
            None
        }
    };
    let outcome = match ended {
        None => drain(&handle, &mut signals).await,
        Some(Ok(Ok(()))) => Err("the server stopped by itself".to_owned()),
        Some(Ok(Err(error))) => Err(format!("the server failed: {error}")),
        Some(Err(error)) => Err(format!("the server failed: {error}")),
    };
    sweeping.abort();
    listening.abort();
    // Its end removes the file.
    let _ = listening.await;
    outcome
}

/// Waits for requests in progress, as long as the configuration lets them; a second signal does not.
async fn drain(handle: &ServerHandle, signals: &mut Signals) -> Result<(), String> {
    tokio::select! {
        () = handle.stop(true) => {}
        name = signals.next() => {
            tracing::warn!(signal = name, "stopping at once");
            handle.stop(false).await;
        }
    }
    Ok(())
}

struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }
}

fn unbound(address: SocketAddr, error: &io::Error) -> String {
    let advice = match error.kind() {
        io::ErrorKind::AddrInUse => "another program listens there: stop it, or choose another",
        io::ErrorKind::PermissionDenied => "ports below 1024 need a privilege: choose another",
        io::ErrorKind::AddrNotAvailable => "this machine has no such address: choose another",
        _ => "choose another",
    };
    format!(
        "cannot listen at {address}: {error}; {advice} address with `http.bind` (TESSERA__HTTP__BIND)"
    )
}

/// Where a client on this machine, or behind the proxy, finds xAPI.
fn endpoint(config: &Config, addresses: &[SocketAddr]) -> String {
    let base = match (&config.http.public_url, addresses.first()) {
        (Some(url), _) => url.clone(),
        (None, Some(address)) => format!("http://{}", reachable(*address)),
        (None, None) => format!("http://{}", reachable(config.http.bind)),
    };
    format!("{base}{}", config.http.base_path)
}

/// A server that listens at all addresses is found at the machine's own.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

async fn first_key(config: &Config, lrs: Arc<Lrs>, endpoint: &str) -> Result<(), String> {
    let given = match (&config.bootstrap.key, &config.bootstrap.secret) {
        (Some(key), Some(secret)) => Some(Generated {
            key: key.clone(),
            secret: secret.expose().to_owned(),
        }),
        (Some(_) | None, _) => None,
    };
    let page = config.authority_home_page().to_owned();
    let endpoint = endpoint.to_owned();
    tokio::task::spawn_blocking(move || {
        let made = lrs.credentials.bootstrap(given.clone(), &page).map_err(|e| e.to_string())?;
        match (made, given) {
            (Some(made), None) => super::print(&welcome(&endpoint, &made)),
            (Some(made), Some(_)) => {
                tracing::info!(key = made.key, "the first key was made as `bootstrap` says");
                Ok(())
            }
            (None, Some(given)) => {
                let known = lrs.credentials.accepts(&given.key, &given.secret);
                if !known.map_err(|error| error.to_string())? {
                    tracing::warn!(
                        key = given.key,
                        "`bootstrap` counts only while the store has no key; this key and secret are not accepted"
                    );
                }
                Ok(())
            }
            (None, None) => Ok(()),
        }
    })
    .await
    .map_err(|error| format!("the first key could not be made: {error}"))?
}

fn welcome(endpoint: &str, made: &Generated) -> String {
    let Generated { key, secret } = made;
    format!(
        "The store has no key yet, so one was made. It may do everything. Its secret is not shown again.\n\n  \
         endpoint  {endpoint}/\n  key       {key}\n  secret    {secret}\n\nTry it:\n\n  \
         curl -u {key}:{secret} -H 'X-Experience-API-Version: 1.0.3' {endpoint}/statements\n\n"
    )
}
