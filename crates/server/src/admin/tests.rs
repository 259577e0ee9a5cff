//! The socket's protocol, and commands on a store that is open here.

use std::io::{Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

use lrs::Lrs;
use lrs::credential::{Credentials, Settings};
use storage::{Clock, Options, Store};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;

use super::socket::Socket;
use super::{Answer, COMMAND_BYTES_MAX, Command, client};

struct Running {
    path: PathBuf,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
    _directory: TempDir,
}

fn runtime() -> Runtime {
    Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
}

fn bind(path: &Path) -> std::io::Result<Socket> {
    let runtime = runtime();
    let _inside = runtime.enter();
    Socket::bind(path)
}

fn running() -> Running {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let store = Store::open(&directory.path().join("db"), Options::default()).expect("a store");
    let store = Arc::new(store);
    let credentials = Credentials::new(Arc::clone(&store), Settings::default(), Clock::System);
    let lrs = Lrs::new(store, lrs::Settings::default(), credentials).expect("it can be read");
    let path = directory.path().join("admin.sock");
    let (stop, stopped) = oneshot::channel();
    let (ready, is_ready) = std::sync::mpsc::channel();
    let thread = std::thread::spawn({
        let path = path.clone();
        move || {
            runtime().block_on(async {
                let socket = Socket::bind(&path).expect("the path can be bound");
                ready.send(()).expect("somebody waits");
                tokio::select! {
                    () = socket.serve(Arc::new(lrs), "https://lrs.example".to_owned()) => {}
                    _ = stopped => {}
                }
            });
        }
    });
    is_ready.recv().expect("the server binds its socket");
    Running {
        path,
        stop: Some(stop),
        thread: Some(thread),
        _directory: directory,
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn ask(path: &Path, command: &Command) -> Answer {
    client::ask(path, command)
        .expect("it is understood")
        .expect("a server is there")
}

fn add(name: &str, role: &str, scope: &str, assume_version: Option<&str>) -> Command {
    Command::KeyAdd {
        name: name.to_owned(),
        role: role.to_owned(),
        scopes: vec![scope.to_owned()],
        assume_version: assume_version.map(str::to_owned),
    }
}

#[test]
fn keys_are_made_listed_rotated_and_revoked() {
    let server = running();
    let Answer::Secret { key, secret } =
        ask(&server.path, &add("moodle", "lms+au", "all", Some("1.0.3")))
    else {
        panic!("a key is made");
    };
    let rotate = Command::KeyRotate {
        key: "moodle".to_owned(),
        overlap_seconds: 60,
    };
    let Answer::Secret {
        key: same,
        secret: fresh,
    } = ask(&server.path, &rotate)
    else {
        panic!("it is rotated");
    };
    assert_eq!(same, key);
    assert_ne!(fresh, secret);
    let Answer::Keys { keys } = ask(&server.path, &Command::KeyList {}) else {
        panic!("keys are listed");
    };
    let [listed] = keys.as_slice() else {
        panic!("one key, not {}", keys.len());
    };
    assert_eq!(
        (
            listed.key.as_str(),
            listed.name.as_str(),
            listed.role.as_str(),
            listed.scopes.as_str()
        ),
        (key.as_str(), "moodle", "lms+au", "all")
    );
    assert_eq!(listed.assume_version.as_deref(), Some("1.0.3"));
    assert!(
        listed
            .overlap_until
            .is_some_and(|until| until > listed.created)
    );
    let revoke = Command::KeyRevoke { key: key.clone() };
    assert!(matches!(ask(&server.path, &revoke), Answer::Revoked { key: gone, .. } if gone == key));
    assert!(
        matches!(ask(&server.path, &Command::Verify {}), Answer::Verified { report } if report.problems_count == 0)
    );
}

#[test]
fn what_cannot_be_is_refused_in_words() {
    let server = running();
    let refused = |command: &Command, part: &str| match ask(&server.path, command) {
        Answer::Refused { message } => assert!(message.contains(part), "{message}"),
        Answer::Secret { .. }
        | Answer::Keys { .. }
        | Answer::Revoked { .. }
        | Answer::Verified { .. }
        | Answer::BackedUp { .. }
        | Answer::Session { .. } => panic!("{command:?} is answered"),
    };
    refused(&add("a", "boss", "all", None), "`boss`");
    refused(&add("a", "lms", "everything", None), "`everything`");
    refused(&add("a", "lms", "all", Some("9")), "`9`");
    refused(&add("", "lms", "all", None), "name");
    let nobody = || "nobody".to_owned();
    refused(&Command::KeyRevoke { key: nobody() }, "`nobody`");
    refused(&Command::SessionShow { id: nobody() }, "`nobody`");
    refused(
        &Command::KeyRotate {
            key: nobody(),
            overlap_seconds: u64::MAX,
        },
        "`nobody`",
    );
}

/// Sends bytes as they are and reads all that comes back.
fn send(path: &Path, bytes: &[u8]) -> String {
    let mut stream = UnixStream::connect(path).expect("a server is there");
    // The server may have closed it before all was sent.
    let _ = stream.write_all(bytes);
    let _ = stream.shutdown(std::net::Shutdown::Write);
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    answer
}

#[test]
fn nonsense_is_answered_or_dropped_and_the_server_goes_on() {
    let server = running();
    let long = vec![b'a'; 2 * usize::try_from(COMMAND_BYTES_MAX).expect("it is small")];
    for nonsense in [
        &b"\n"[..],
        b"{}\n",
        b"{\"command\":\"key-list\",\"more\":1}\n",
        b"{\"command\":\"key-list\"}",
        b"[[[[\n",
        b"\xff\xfe\n",
        &long,
    ] {
        let answer = send(&server.path, nonsense);
        assert!(answer.starts_with("{\"answer\":\"refused\""), "{answer}");
    }
    assert_eq!(send(&server.path, b""), "");
    let both = send(
        &server.path,
        b"{\"command\":\"key-list\"}\n{\"command\":\"key-list\"}\n",
    );
    assert_eq!(both, "{\"answer\":\"keys\",\"keys\":[]}\n".repeat(2));
}

#[test]
fn the_socket_is_its_users_alone_and_leaves_with_its_server() {
    let server = running();
    let mode = std::fs::metadata(&server.path)
        .expect("it is there")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let kind = bind(&server.path).err().map(|error| error.kind());
    assert_eq!(
        kind,
        Some(std::io::ErrorKind::AddrInUse),
        "a second server is told"
    );
    let path = server.path.clone();
    drop(server);
    assert!(!path.exists());
    let silence = client::ask(&path, &Command::KeyList {});
    assert!(matches!(silence, Ok(None)));
}

#[test]
fn a_killed_servers_file_is_in_nobodys_way() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let left = directory.path().join("left.sock");
    drop(std::os::unix::net::UnixListener::bind(&left).expect("it can be bound"));
    assert!(left.exists());
    assert!(
        matches!(client::ask(&left, &Command::KeyList {}), Ok(None)),
        "nobody is there"
    );
    bind(&left).expect("the file is replaced");
}
