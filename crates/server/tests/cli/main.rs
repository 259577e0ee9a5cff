//! The `tessera` binary as its users run it: with a server and without one, started, asked, stopped.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tempfile::TempDir;

mod backup;
mod overload;

const KEY: &str = "test-key";
const SECRET: &str = "test-secret";
const PATIENCE: Duration = Duration::from_secs(60);

fn tessera(data: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tessera"));
    command
        .args(arguments)
        .env_clear()
        .current_dir(
            data.parent()
                .expect("the data lies in a temporary directory"),
        )
        .env("TESSERA__STORAGE__PATH", data)
        .env("TESSERA__HTTP__BIND", "127.0.0.1:0");
    command
}

/// Runs to the end; what was written is text.
fn run(data: &Path, arguments: &[&str]) -> (Output, String, String) {
    let output = tessera(data, arguments).output().expect("the binary runs");
    let out = String::from_utf8_lossy(&output.stdout).into_owned();
    let err = String::from_utf8_lossy(&output.stderr).into_owned();
    (output, out, err)
}

#[track_caller]
fn check_works(data: &Path, arguments: &[&str]) -> String {
    let (output, out, err) = run(data, arguments);
    assert!(output.status.success(), "{arguments:?}: {out}{err}");
    out
}

/// Fails with one line on standard error that contains all parts.
#[track_caller]
fn check_fails(data: &Path, arguments: &[&str], parts: &[&str]) {
    let (output, out, err) = run(data, arguments);
    assert!(!output.status.success(), "{arguments:?}: {out}");
    for part in parts {
        assert!(err.contains(part), "`{err}` lacks `{part}`");
    }
}

struct Server {
    child: Child,
    address: SocketAddr,
    lines: Receiver<String>,
    /// Standard error up to the line that says that it listens.
    started: String,
}

impl Server {
    fn start(data: &Path, variables: &[(&str, &str)]) -> Server {
        let mut child = tessera(data, &["serve"])
            .envs(variables.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary runs");
        let stderr = child.stderr.take().expect("it is piped");
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        let mut started = String::new();
        let address = loop {
            let Ok(line) = lines.recv_timeout(PATIENCE) else {
                let _ = child.kill();
                panic!("the server did not start:\n{started}");
            };
            started.push_str(&line);
            started.push('\n');
            let address = line
                .split_once("addresses=[")
                .and_then(|(_, rest)| rest.split([',', ']']).next())
                .and_then(|address| address.parse().ok());
            if let Some(address) = address {
                break address;
            }
        };
        Server {
            child,
            address,
            lines,
            started,
        }
    }

    fn bootstrapped(data: &Path) -> Server {
        Server::start(
            data,
            &[
                ("TESSERA__BOOTSTRAP__KEY", KEY),
                ("TESSERA__BOOTSTRAP__SECRET", SECRET),
            ],
        )
    }

    fn signal(&self, name: &str) {
        // The shell's own `kill`: the program is not on every machine.
        let kill = format!("kill -s {name} {}", self.child.id());
        let status = Command::new("sh").args(["-c", &kill]).status();
        assert!(
            status.is_ok_and(|status| status.success()),
            "the signal is sent"
        );
    }

    /// Ends it by a signal. Answers whether it ended well, what it wrote to standard output, and its log.
    fn stop(mut self, name: &str) -> (bool, String, String) {
        self.signal(name);
        self.ended()
    }

    fn ended(&mut self) -> (bool, String, String) {
        let mut out = String::new();
        let mut stdout = self.child.stdout.take().expect("it is piped");
        stdout.read_to_string(&mut out).expect("it is text");
        let status = self.child.wait().expect("it ends");
        let mut log = self.started.clone();
        while let Ok(line) = self.lines.recv() {
            log.push_str(&line);
            log.push('\n');
        }
        (status.success(), out, log)
    }

    fn request(
        &self,
        method: &str,
        path: &str,
        key: &str,
        secret: &str,
        body: &str,
    ) -> (u16, String) {
        request(self.address, method, path, key, secret, body)
    }

    fn status(&self, key: &str, secret: &str) -> u16 {
        self.request("GET", "/xapi/statements", key, secret, "").0
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn request(
    address: SocketAddr,
    method: &str,
    path: &str,
    key: &str,
    secret: &str,
    body: &str,
) -> (u16, String) {
    let mut stream = TcpStream::connect(address).expect("it listens");
    let token = STANDARD.encode(format!("{key}:{secret}"));
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: t\r\nAuthorization: Basic {token}\r\n\
         X-Experience-API-Version: 1.0.3\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
    .expect("it is sent");
    read_answer(&mut stream)
}

fn read_answer(stream: &mut TcpStream) -> (u16, String) {
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("it is answered");
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let status = answer
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok())
        .unwrap_or(0);
    (status, answer)
}

fn directory() -> TempDir {
    tempfile::tempdir().expect("a temporary directory")
}

/// The value behind a word at the beginning of a line.
fn value(text: &str, word: &str) -> String {
    let line = text
        .lines()
        .find_map(|line| line.trim_start().strip_prefix(word));
    line.unwrap_or_else(|| panic!("no `{word}` in:\n{text}"))
        .trim()
        .to_owned()
}

const STATEMENT: &str = r#"{"actor":{"mbox":"mailto:learner@example.com"},"verb":{"id":"http://example.com/did"},
    "object":{"id":"http://example.com/activity"}}"#;

#[test]
fn the_first_start_prints_a_key_once_and_it_works() {
    let directory = directory();
    let data = directory.path().join("data");
    let server = Server::start(&data, &[]);
    let address = server.address;
    // The server's output is read at its end; the key is in it, so a second start is what proves it.
    let (well, out, log) = server.stop("TERM");
    assert!(well, "{log}");
    let (key, secret) = (value(&out, "key "), value(&out, "secret "));
    assert_eq!(value(&out, "endpoint "), format!("http://{address}/xapi/"));
    assert!(out.contains(&format!("curl -u {key}:{secret} ")), "{out}");
    assert!(!log.contains(&secret), "the log has the secret:\n{log}");
    let mode = std::fs::metadata(&data)
        .expect("it is there")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o700);

    let server = Server::start(&data, &[]);
    assert_eq!(server.status(&key, &secret), 200);
    assert_eq!(server.status(&key, "wrong"), 401);
    let (well, out, log) = server.stop("INT");
    assert!(well, "{log}");
    assert_eq!(out, "", "nothing is printed again");
}

#[test]
fn keys_change_at_once_on_a_running_server() {
    let directory = directory();
    let data = directory.path().join("data");
    let server = Server::bootstrapped(&data);
    assert_eq!(server.status(KEY, SECRET), 200);
    let made = check_works(
        &data,
        &[
            "key", "add", "--name", "reports", "--role", "lms", "--scope", "all/read",
        ],
    );
    let (key, secret) = (value(&made, "key "), value(&made, "secret "));
    assert_eq!(server.status(&key, &secret), 200);
    let posted = server.request("POST", "/xapi/statements", &key, &secret, STATEMENT);
    assert_eq!(posted.0, 403, "its scope reads alone: {}", posted.1);

    let rotated = check_works(&data, &["key", "rotate", "reports", "--overlap", "600"]);
    let fresh = value(&rotated, "secret ");
    assert_eq!(server.status(&key, &secret), 200);
    assert_eq!(server.status(&key, &fresh), 200);
    check_works(&data, &["key", "rotate", &key, "--overlap", "0"]);
    assert_eq!(server.status(&key, &secret), 401);
    assert_eq!(server.status(&key, &fresh), 401);

    check_works(&data, &["key", "revoke", KEY]);
    assert_eq!(server.status(KEY, SECRET), 401);
    let listed = check_works(&data, &["key", "list"]);
    assert!(
        listed.contains("reports") && listed.contains("all/read"),
        "{listed}"
    );
    assert!(
        listed
            .lines()
            .any(|line| line.starts_with(KEY) && line.contains("revoked")),
        "{listed}"
    );
    assert!(
        !listed.contains(&fresh) && !listed.contains("argon2"),
        "{listed}"
    );
    check_fails(&data, &["key", "revoke", "nobody"], &["`nobody`"]);
    check_fails(
        &data,
        &[
            "key", "add", "--name", "reports", "--role", "lms", "--scope", "all",
        ],
        &["`reports`", "taken"],
    );
    let verified = check_works(&data, &["verify"]);
    assert!(verified.contains("all is well"), "{verified}");

    let (well, _, log) = server.stop("TERM");
    assert!(well, "{log}");
    for hidden in [
        SECRET,
        secret.as_str(),
        fresh.as_str(),
        "learner@example.com",
    ] {
        assert!(!log.contains(hidden), "the log has `{hidden}`:\n{log}");
    }
    assert!(
        log.contains(&format!("key=\"{KEY}\"")),
        "requests name their key: {log}"
    );
}

#[test]
fn keys_and_verify_work_without_a_server() {
    let directory = directory();
    let data = directory.path().join("data");
    check_fails(&data, &["key", "list"], &["no store at", "data"]);
    check_fails(&data, &["verify"], &["no store at"]);
    let add_a = [
        "key", "add", "--name", "a", "--role", "lms+au", "--scope", "all",
    ];
    check_fails(&data, &add_a, &["no store at", "TESSERA__STORAGE__PATH"]);
    assert!(!data.exists(), "asking makes nothing");
    assert!(Server::bootstrapped(&data).stop("TERM").0);
    let made = check_works(&data, &add_a);
    let (key, secret) = (value(&made, "key "), value(&made, "secret "));
    let other = check_works(
        &data,
        &[
            "key",
            "add",
            "--name",
            "b",
            "--role",
            "au",
            "--scope",
            "state",
            "--scope",
            "profile",
            "--assume-version",
            "1.0.3",
        ],
    );
    let other = value(&other, "key ");
    check_works(&data, &["key", "revoke", "b"]);
    let fresh = value(&check_works(&data, &["key", "rotate", "a"]), "secret ");
    let listed = check_works(&data, &["key", "list"]);
    assert_eq!(listed.lines().count(), 4, "{listed}");
    assert!(check_works(&data, &["verify"]).contains("all is well"));

    let server = Server::start(&data, &[]);
    assert_eq!(server.status(&key, &secret), 200, "the old secret overlaps");
    assert_eq!(server.status(&key, &fresh), 200);
    assert_eq!(server.status(&other, &secret), 401);
    let (well, out, log) = server.stop("TERM");
    assert!(well, "{log}");
    assert_eq!(out, "", "a store with keys gets no first key");
}

#[test]
fn what_was_answered_is_there_after_a_kill() {
    let directory = directory();
    let data = directory.path().join("data");
    let server = Server::bootstrapped(&data);
    let (status, answer) = server.request("POST", "/xapi/statements", KEY, SECRET, STATEMENT);
    assert_eq!(status, 200, "{answer}");
    let id = answer
        .split('"')
        .nth(1)
        .expect("an id is answered")
        .to_owned();
    let _ = server.stop("KILL");
    assert!(check_works(&data, &["verify"]).contains("1 statements"));
    let server = Server::bootstrapped(&data);
    let path = format!("/xapi/statements?statementId={id}");
    let (status, answer) = server.request("GET", &path, KEY, SECRET, "");
    assert_eq!(status, 200, "{answer}");
    assert!(answer.contains("learner@example.com"), "{answer}");
}

#[test]
fn bootstrap_counts_only_while_there_is_no_key() {
    let directory = directory();
    let data = directory.path().join("data");
    let server = Server::bootstrapped(&data);
    assert!(server.stop("TERM").0);
    let server = Server::start(
        &data,
        &[
            ("TESSERA__BOOTSTRAP__KEY", "another"),
            ("TESSERA__BOOTSTRAP__SECRET", "another-secret"),
        ],
    );
    assert_eq!(server.status("another", "another-secret"), 401);
    assert_eq!(server.status(KEY, SECRET), 200);
    let (_, _, log) = server.stop("TERM");
    assert!(log.contains("WARN") && log.contains("bootstrap"), "{log}");
    assert!(!log.contains("another-secret"), "{log}");
}

#[test]
fn a_taken_port_and_a_taken_store_are_told_apart() {
    let directory = directory();
    let data = directory.path().join("data");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let taken = listener
        .local_addr()
        .expect("it has an address")
        .to_string();
    let output = tessera(&data, &["serve"])
        .env("TESSERA__HTTP__BIND", &taken)
        .output()
        .expect("the binary runs");
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    for part in [taken.as_str(), "http.bind", "TESSERA__HTTP__BIND"] {
        assert!(err.contains(part), "`{err}` lacks `{part}`");
    }
    assert!(
        output.stdout.is_empty(),
        "no key is made when nobody will be served"
    );

    let server = Server::bootstrapped(&data);
    check_fails(
        &data,
        &["serve"],
        &["open in another process", "storage.path"],
    );
    assert_eq!(server.status(KEY, SECRET), 200, "the first server goes on");
}

#[test]
fn a_stop_lets_a_request_in_progress_end_and_does_not_wait_for_idle_connections() {
    let directory = directory();
    let data = directory.path().join("data");
    let server = Server::bootstrapped(&data);
    // One connection that is kept alive and idle.
    let mut idle = TcpStream::connect(server.address).expect("it listens");
    write!(idle, "GET /health/live HTTP/1.1\r\nHost: t\r\n\r\n").expect("it is sent");
    let mut first = [0; 12];
    idle.read_exact(&mut first).expect("it is answered");
    assert_eq!(&first, b"HTTP/1.1 200");
    // One whose body is still on its way.
    let mut busy = TcpStream::connect(server.address).expect("it listens");
    let token = STANDARD.encode(format!("{KEY}:{SECRET}"));
    write!(
        busy,
        "POST /xapi/statements HTTP/1.1\r\nHost: t\r\nAuthorization: Basic {token}\r\n\
         X-Experience-API-Version: 1.0.3\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{}",
        STATEMENT.len(),
        &STATEMENT[..10]
    )
    .expect("it is sent");
    busy.flush().expect("it is sent");
    assert_eq!(
        server.status(KEY, SECRET),
        200,
        "the server has read what was sent before"
    );
    server.signal("TERM");
    loop {
        let line = server
            .lines
            .recv_timeout(PATIENCE)
            .expect("it says that it stops");
        if line.contains("stopping") {
            break;
        }
    }
    let begun = Instant::now();
    busy.write_all(&STATEMENT.as_bytes()[10..])
        .expect("the connection is open");
    let (status, answer) = read_answer(&mut busy);
    assert_eq!(status, 200, "{answer}");
    let mut server = server;
    let (well, _, log) = server.ended();
    assert!(well, "{log}");
    assert!(
        begun.elapsed() < Duration::from_secs(15),
        "it waited for the idle one:\n{log}"
    );
    assert!(check_works(&data, &["verify"]).contains("1 statements"));
}

#[test]
fn the_configuration_is_checked_and_sampled() {
    let directory = directory();
    let data = directory.path().join("data");
    let sample = check_works(&data, &["config", "sample"]);
    let file = directory.path().join("t.toml");
    std::fs::write(&file, &sample).expect("it is written");
    let file = file.to_str().expect("a temporary path is text");
    let shown = check_works(&data, &["config", "check", "--config", file]);
    assert!(shown.contains(&format!("# file: {file}")), "{shown}");
    assert!(
        shown.contains("# environment TESSERA__STORAGE__PATH"),
        "{shown}"
    );
    std::fs::write(file, "[http]\nbnd = 1\n[log]\nformat = \"xml\"\n").expect("it is written");
    let both = ["`http.bnd`", "`http.bind`", "`log.format`"];
    check_fails(&data, &["config", "check", "--config", file], &both);
    check_fails(&data, &["serve", "--config", file], &both);
    check_fails(&data, &["key", "list", "--config", file], &both);
    let version = check_works(&data, &["version"]);
    assert_eq!(version, format!("tessera {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn memory_at_rest_does_not_grow_with_the_secrets_that_were_checked() {
    let directory = directory();
    let data = directory.path().join("data");
    let server = Server::bootstrapped(&data);
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let address = server.address;
            scope.spawn(move || {
                for n in 0..4 {
                    let secret = format!("wrong {thread} {n}");
                    let answer = request(address, "GET", "/xapi/statements", KEY, &secret, "");
                    assert_eq!(answer.0, 401, "{}", answer.1);
                }
            });
        }
    });
    // What is freed is given back a second later.
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let status = std::fs::read_to_string(format!("/proc/{}/status", server.child.id()))
            .expect("the server runs");
        let kibibytes = value(&status, "RssAnon:")
            .trim_end_matches(" kB")
            .parse::<u64>();
        if kibibytes.is_ok_and(|kib| kib < 24 * 1024) {
            break;
        }
        assert!(Instant::now() < deadline, "{status}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn logs_are_json_when_asked() {
    let directory = directory();
    let data = directory.path().join("data");
    let mut child = tessera(&data, &["serve"])
        .env("TESSERA__LOG__FORMAT", "json")
        .stderr(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("the binary runs");
    let stderr = child.stderr.take().expect("it is piped");
    let listens = BufReader::new(stderr)
        .lines()
        .map_while(Result::ok)
        .map(|line| serde_json::from_str::<serde_json::Value>(&line).expect("each line is JSON"))
        .any(|event| event["message"] == "listening");
    let _ = child.kill();
    let _ = child.wait();
    assert!(listens);
}

/// What it prints, with the key in the environment.
fn demo(data: &Path, endpoint: &str, secret: &str) -> (bool, String, String) {
    let output = tessera(data, &["demo", "--endpoint", endpoint])
        .env("TESSERA_KEY", KEY)
        .env("TESSERA_SECRET", secret)
        .output()
        .expect("the binary runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (
        output.status.success(),
        text(&output.stdout),
        text(&output.stderr),
    )
}

#[test]
fn the_demo_plays_and_sessions_can_be_shown() {
    let directory = directory();
    let data = directory.path().join("data");
    let server = Server::bootstrapped(&data);
    let endpoint = format!("http://{}/xapi/", server.address);
    for _ in 0..2 {
        let (well, out, err) = demo(&data, &endpoint, SECRET);
        assert!(well, "{out}{err}");
        assert!(out.contains("are as they should be"), "{out}");
        for part in ["A clean session", "9.3.0.0-4", "no `completed` was stored"] {
            assert!(out.contains(part), "no `{part}`:\n{out}");
        }
    }
    let listed = server.request("GET", "/cmi5/v1/sessions?limit=1", KEY, SECRET, "");
    let (_, rest) = listed.1.split_once("\"id\":\"").expect("a session");
    let (id, _) = rest.split_once('"').expect("its id");
    let shown = check_works(&data, &["session", "show", id]);
    for part in [
        id,
        "Terminated",
        "no `completed` was stored; one was refused",
        "9.5.4.1-2 rejected, broken by the AU",
        "hint",
        "initialized",
        "mastery score",
    ] {
        assert!(shown.contains(part), "no `{part}`:\n{shown}");
    }
    check_fails(&data, &["session", "show", "none"], &["no session `none`"]);
    let (well, _, log) = server.stop("TERM");
    assert!(well, "{log}");
    assert!(
        !log.contains("/fetch/1.") && !log.contains("auth-token"),
        "the log has a secret:\n{log}"
    );
    let alone = check_works(&data, &["session", "show", id]);
    assert_eq!(alone, shown, "without a server it is the same");
}

#[test]
fn the_demo_says_what_it_lacks() {
    let directory = directory();
    let data = directory.path().join("data");
    check_fails(&data, &["demo"], &["TESSERA_KEY", "tessera key add"]);
    let server = Server::bootstrapped(&data);
    let endpoint = format!("http://{}/xapi", server.address);
    let (well, _, err) = demo(&data, &endpoint, "wrong-secret");
    assert!(!well && err.contains("401"), "{err}");
    let elsewhere = format!("http://{}", server.address);
    let (well, _, err) = demo(&data, &elsewhere, SECRET);
    assert!(!well && err.contains("xAPI endpoint"), "{err}");
}
