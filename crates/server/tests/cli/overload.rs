//! Clients that hold connections and memory without using them: each is ended, and others are served meanwhile.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{KEY, PATIENCE, SECRET, Server, directory, read_answer};

const MIB: usize = 1024 * 1024;
const DOCUMENT_BYTES: usize = 4 * MIB;

/// A server that loses its patience after a second, with memory for one document and a half.
fn impatient(data: &std::path::Path) -> Server {
    Server::start(
        data,
        &[
            ("TESSERA__BOOTSTRAP__KEY", KEY),
            ("TESSERA__BOOTSTRAP__SECRET", SECRET),
            ("TESSERA__HTTP__CLIENT_SECONDS_MAX", "1"),
            ("TESSERA__HTTP__KEEP_ALIVE_SECONDS", "1"),
            ("TESSERA__HTTP__MEMORY_BYTES_MAX", "6291456"),
        ],
    )
}

fn connect(server: &Server) -> TcpStream {
    let stream = TcpStream::connect(server.address).expect("it listens");
    stream
        .set_read_timeout(Some(PATIENCE))
        .expect("a timeout can be set");
    stream
}

/// The head of a request with everything but the length of its body.
fn head(method: &str, path: &str) -> String {
    let token = STANDARD.encode(format!("{KEY}:{SECRET}"));
    format!(
        "{method} {path} HTTP/1.1\r\nHost: t\r\nAuthorization: Basic {token}\r\n\
         X-Experience-API-Version: 1.0.3\r\nContent-Type: application/json\r\n"
    )
}

fn state(id: &str) -> String {
    format!(
        "/xapi/activities/state?activityId=http://example.com/a&stateId={id}&\
         agent=%7B%22mbox%22%3A%22mailto:a@example.com%22%7D"
    )
}

/// What comes until the server closes; a reset is an end too.
fn to_the_end(stream: &mut TcpStream) -> Vec<u8> {
    let mut came = Vec::new();
    match stream.read_to_end(&mut came) {
        Ok(_) => {}
        Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset, "{error}"),
    }
    came
}

#[track_caller]
fn ends_with_status(stream: &mut TcpStream, status: &str) {
    let came = to_the_end(stream);
    let text = String::from_utf8_lossy(&came);
    assert!(
        text.starts_with(&format!("HTTP/1.1 {status} ")),
        "{status}: `{text}`"
    );
}

/// Sends a byte now and then until the server does not take it any more.
fn trickle(stream: &mut TcpStream) {
    let started = Instant::now();
    stream
        .set_read_timeout(Some(Duration::from_millis(50)))
        .expect("a timeout can be set");
    let mut answer = [0; 1024];
    loop {
        assert!(started.elapsed() < PATIENCE, "it is taken for ever");
        match stream.read(&mut answer) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Ok(_) | Err(_) => return,
        }
        if stream.write_all(b"a").is_err() {
            return;
        }
    }
}

fn healthy(server: &Server) {
    for path in ["/health/live", "/health/ready"] {
        assert_eq!(
            server.request("GET", path, KEY, SECRET, "").0,
            200,
            "{path}"
        );
    }
    assert_eq!(server.status(KEY, SECRET), 200);
}

#[test]
fn heads_that_do_not_come_are_not_waited_for() {
    let directory = directory();
    let server = impatient(&directory.path().join("data"));
    let mut silent = connect(&server);
    let mut half = connect(&server);
    half.write_all(b"GET /xapi/about HTTP/1.1\r\nHost:")
        .expect("it is sent");
    let mut trickling = connect(&server);
    trickling
        .write_all(b"GET /xapi/about HTTP/1.1\r\nX: ")
        .expect("it is sent");
    // The first request of a connection is whole, the second is not.
    let mut second = connect(&server);
    let request = "GET /health/live HTTP/1.1\r\nHost: t\r\n\r\n";
    write!(second, "{request}GET /health").expect("it is sent");
    let mut vanished = connect(&server);
    vanished.write_all(b"GET /xapi").expect("it is sent");
    vanished.shutdown(Shutdown::Write).expect("it can be shut");
    healthy(&server);
    to_the_end(&mut silent);
    ends_with_status(&mut half, "408");
    trickle(&mut trickling);
    ends_with_status(&mut second, "200");
    to_the_end(&mut vanished);
    healthy(&server);
}

#[test]
fn bodies_that_do_not_come_or_do_not_end_are_refused() {
    let directory = directory();
    let server = impatient(&directory.path().join("data"));
    let promise = |length: &str| {
        let mut stream = connect(&server);
        let head = head("PUT", &state("s"));
        write!(stream, "{head}{length}\r\n\r\n{{").expect("it is sent");
        stream
    };
    let mut stopped = promise("Content-Length: 1000");
    let mut trickling = promise("Content-Length: 100000");
    healthy(&server);
    ends_with_status(&mut stopped, "408");
    trickle(&mut trickling);
    let mut endless = connect(&server);
    write!(
        endless,
        "{}Transfer-Encoding: chunked\r\n\r\n",
        head("PUT", &state("s"))
    )
    .expect("it is sent");
    let piece = format!("10000\r\n{}\r\n", "a".repeat(0x10000));
    let started = Instant::now();
    while endless.write_all(piece.as_bytes()).is_ok() {
        assert!(started.elapsed() < PATIENCE, "it is taken for ever");
    }
    healthy(&server);
}

#[test]
fn heads_without_measure_are_refused_and_pipelined_ones_answered() {
    let directory = directory();
    let server = impatient(&directory.path().join("data"));
    let mut huge = connect(&server);
    let header = format!("X-Long: {}\r\n", "a".repeat(MIB));
    let _ = write!(huge, "GET /xapi/about HTTP/1.1\r\n{header}\r\n");
    let mut many = connect(&server);
    let headers: String = (0..10_000).map(|n| format!("X-{n}: a\r\n")).collect();
    let _ = write!(many, "GET /xapi/about HTTP/1.1\r\n{headers}\r\n");
    for mut stream in [huge, many] {
        let came = to_the_end(&mut stream);
        let text = String::from_utf8_lossy(&came);
        assert!(text.is_empty() || text.starts_with("HTTP/1.1 4"), "{text}");
    }
    let mut pipelined = connect(&server);
    let requests = "GET /health/live HTTP/1.1\r\nHost: t\r\n\r\n".repeat(1_000);
    pipelined
        .write_all(requests.as_bytes())
        .expect("it is sent");
    let came = to_the_end(&mut pipelined);
    let answers = String::from_utf8_lossy(&came)
        .matches("HTTP/1.1 200")
        .count();
    assert_eq!(answers, 1_000);
    healthy(&server);
}

#[test]
fn answers_that_are_not_taken_are_counted_and_dropped() {
    let directory = directory();
    let server = impatient(&directory.path().join("data"));
    let path = state("large");
    let body = format!("\"{}\"", "a".repeat(DOCUMENT_BYTES - 2));
    assert_eq!(server.request("PUT", &path, KEY, SECRET, &body).0, 204);
    let mut reader = connect(&server);
    write!(reader, "{}\r\n", head("GET", &path)).expect("it is sent");
    let get = || server.request("GET", &path, KEY, SECRET, "");
    // It is answered, and then nothing of it is read.
    let mut first = [0; 12];
    reader.read_exact(&mut first).expect("it is answered");
    assert_eq!(&first, b"HTTP/1.1 200");
    let (status, answer) = get();
    assert_eq!(status, 503, "the memory is taken");
    let answer = answer.to_ascii_lowercase();
    assert!(answer.contains("\r\nretry-after: 1\r\n"), "{answer}");
    healthy(&server);
    let started = Instant::now();
    while get().0 != 200 {
        assert!(started.elapsed() < PATIENCE, "the memory stays taken");
        std::thread::sleep(Duration::from_millis(50));
    }
    let came = to_the_end(&mut reader).len();
    assert!(came < DOCUMENT_BYTES, "{came} bytes came");
}

#[test]
fn bodies_that_need_more_memory_than_is_left_are_told_to_come_again() {
    let directory = directory();
    let server = impatient(&directory.path().join("data"));
    let half = "a".repeat(DOCUMENT_BYTES - 1000);
    let mut first = connect(&server);
    let head = head("PUT", &state("first"));
    write!(
        first,
        "{head}Content-Length: {DOCUMENT_BYTES}\r\n\r\n{half}"
    )
    .expect("it is sent");
    let started = Instant::now();
    let mut second = connect(&server);
    let length = half.len();
    write!(second, "{head}Content-Length: {length}\r\n\r\n").expect("it is sent");
    let _ = second.write_all(half.as_bytes());
    let (status, answer) = read_answer(&mut second);
    let patient = started.elapsed() < Duration::from_millis(900);
    healthy(&server);
    let came = to_the_end(&mut first);
    let came = String::from_utf8_lossy(&came);
    // Nothing says which is read first: the memory is taken for the other, unless it came too late.
    let is_refused = came.starts_with("HTTP/1.1 503 ");
    assert!(is_refused || came.starts_with("HTTP/1.1 408 "), "{came}");
    assert!(status == 503 || is_refused || !patient, "{answer}");
    let started = Instant::now();
    while server.request("PUT", &state("third"), KEY, SECRET, &half).0 == 503 {
        assert!(started.elapsed() < PATIENCE, "the memory stays taken");
        std::thread::sleep(Duration::from_millis(50));
    }
}
