//! The running server's ear: a unix socket that only the server's own user may open.

use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::net::UnixStream as BlockingStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use lrs::Lrs;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::{Answer, COMMAND_BYTES_MAX, Command, command};

const CONNECTIONS_MAX: usize = 8;
/// How long a client may take to send a line, or to take its answer.
const LINE_WAIT: Duration = Duration::from_secs(10);

/// A bound socket. Its file is removed when it is dropped.
pub struct Socket {
    path: PathBuf,
    listener: UnixListener,
    /// The user that runs the server.
    owner: u32,
}

impl Socket {
    /// Binds the path, in place of a file that a killed server left.
    ///
    /// # Errors
    /// `AddrInUse` when another server listens there; whatever the file system refuses.
    pub fn bind(path: &Path) -> io::Result<Self> {
        if BlockingStream::connect(path).is_ok() {
            return Err(io::Error::new(
                io::ErrorKind::AddrInUse,
                "another server listens there",
            ));
        }
        // It gets its name only when nobody else can open it any more.
        let unready = path.with_extension("new");
        match fs::remove_file(&unready) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        let listener = UnixListener::bind(&unready)?;
        fs::set_permissions(&unready, fs::Permissions::from_mode(0o600))?;
        let owner = fs::metadata(&unready)?.uid();
        fs::rename(&unready, path)?;
        Ok(Self {
            path: path.to_owned(),
            listener,
            owner,
        })
    }

    /// Answers until it is dropped. `authority_home_page` is that of keys made now.
    pub async fn serve(self, lrs: Arc<Lrs>, authority_home_page: String) {
        let page: Arc<str> = authority_home_page.into();
        let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        loop {
            let Ok(place) = Arc::clone(&places).acquire_owned().await else {
                return;
            };
            let stream = match self.listener.accept().await {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tracing::warn!(%error, "the admin socket did not accept a connection");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            };
            if !self.may_ask(&stream) {
                continue;
            }
            let (lrs, page) = (Arc::clone(&lrs), Arc::clone(&page));
            tokio::spawn(async move {
                if let Err(error) = converse(stream, &lrs, &page).await {
                    tracing::debug!(%error, "a conversation at the admin socket broke off");
                }
                drop(place);
            });
        }
    }

    /// The mode of the file already keeps others out, except in the moment between its making and its mode.
    fn may_ask(&self, stream: &UnixStream) -> bool {
        stream
            .peer_cred()
            .is_ok_and(|peer| peer.uid() == self.owner || peer.uid() == 0)
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.path) {
            tracing::debug!(%error, "the admin socket's file was not removed");
        }
    }
}

async fn converse(stream: UnixStream, lrs: &Arc<Lrs>, page: &Arc<str>) -> io::Result<()> {
    let (reader, mut writer) = stream.into_split();
    let mut reader = BufReader::new(reader);
    loop {
        let mut line = Vec::new();
        let mut bounded = (&mut reader).take(COMMAND_BYTES_MAX);
        timeout(LINE_WAIT, bounded.read_until(b'\n', &mut line)).await??;
        if line.is_empty() {
            return Ok(());
        }
        // A line that is cut off is not what was meant, even if it can be read.
        let whole = line.ends_with(b"\n");
        let answer = match serde_json::from_slice::<Command>(&line) {
            Ok(command) if whole => execute(lrs, page, command).await?,
            Ok(_) | Err(_) => Answer::Refused {
                message: "the server does not understand this command: is it another version?"
                    .to_owned(),
            },
        };
        let mut text = serde_json::to_vec(&answer).expect("an answer is texts and numbers");
        text.push(b'\n');
        timeout(LINE_WAIT, writer.write_all(&text)).await??;
        if !whole {
            return Ok(());
        }
    }
}

async fn execute(lrs: &Arc<Lrs>, page: &Arc<str>, command: Command) -> io::Result<Answer> {
    let (lrs, page) = (Arc::clone(lrs), Arc::clone(page));
    tokio::task::spawn_blocking(move || command::execute(&lrs, &page, command))
        .await
        .map_err(io::Error::other)
}
