//! Files of a course that was launched, as a browser asks for them.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use actix_web::http::Method;
use actix_web::{App, body, test, web};
use cmi5::MoveOn;
use lrs::credential::{Credential, Credentials, Role, Scope, Scopes};
use lrs::launch::learner::Learner;
use lrs::launch::records::{Course, CourseAu, CourseFile, Node};
use lrs::launch::start::{self, Base, How, Wanted};
use lrs::launch::{Owner, keys};
use lrs::{Caller, Lrs, attachment};
use storage::{Batch, Clock, Durability, Op, Options, Store, Tenant};
use tempfile::TempDir;
use uuid::Uuid;
use xapi::Version;

use super::*;

/// 2026-11-21T12:00:00Z.
const BEGAN: u64 = 1_795_262_400_000_000;
const HOUR: u64 = 3_600_000_000;
const COURSE: Uuid = Uuid::from_u128(7);
const LARGE: usize = 700_000;

struct World {
    server: web::Data<Server>,
    clock: Arc<AtomicU64>,
    owner: Owner,
    _directory: TempDir,
}

#[derive(Debug)]
struct Answer {
    status: u16,
    headers: HeaderMap,
    body: Bytes,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

fn large() -> Vec<u8> {
    (0..LARGE)
        .map(|n| u8::try_from(n % 251).unwrap_or_default())
        .collect()
}

/// Its files, and what is in them.
fn files() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("index.html", b"<p>root</p>".to_vec()),
        ("a b.JS", b"0123456789".to_vec()),
        ("sub/index.htm", b"<p>sub</p>".to_vec()),
        ("sub/über.css", b"p{}".to_vec()),
        ("empty.txt", Vec::new()),
        ("data", b"\x00\x01".to_vec()),
        ("cmi5.xml", b"<secret/>".to_vec()),
        ("large.mp4", large()),
    ]
}

impl World {
    fn new(change: impl FnOnce(&mut Config)) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let clock = Arc::new(AtomicU64::new(BEGAN));
        let manual = Clock::Manual(Arc::clone(&clock));
        let options = Options {
            durability: Durability::Unsynced,
            clock: manual.clone(),
            ..Options::default()
        };
        let store = Arc::new(Store::open(directory.path(), options).expect("a store"));
        let settings = lrs::credential::Settings::default();
        let credentials = Credentials::new(Arc::clone(&store), settings, manual);
        let mut config = Config::default();
        change(&mut config);
        let settings = config.lrs();
        // What blocks must not run on a thread that drives tasks.
        let lrs = std::thread::spawn(move || {
            put_course(&store);
            Lrs::new(store, settings, credentials).expect("it can be read")
        });
        let server = Server::new(Arc::new(lrs.join().expect("no panic")), &config);
        Self {
            server: web::Data::new(server),
            clock,
            owner: Owner {
                caller: caller(),
                launch_tenant: None,
            },
            _directory: directory,
        }
    }

    /// A signed segment, of a new registration or of one that has been launched before.
    async fn launch(&self, registration: Option<Uuid>) -> (String, Uuid) {
        let learner =
            r#"{"objectType":"Agent","account":{"homePage":"https://x.example","name":"ada"}}"#;
        let wanted = Wanted {
            learner: Learner::parse(learner, "/actor").expect("a learner"),
            registration,
            how: How::default(),
        };
        let base = Base {
            endpoint: "https://x.example/xapi".to_owned(),
            fetch: "https://x.example/fetch/".to_owned(),
            content: self.server.content.base("https://x.example"),
        };
        let launched = start::start(&self.server.lrs, &self.owner, (COURSE, 0), &wanted, &base);
        let launched = launched.await.expect("it is launched");
        let rest = launched.url.strip_prefix(&format!("{}/", base.content));
        let rest = rest.expect("it begins with the content area");
        let (segment, file) = rest.split_once('/').expect("a segment and a path");
        assert!(file.starts_with("index.html?endpoint="), "{file}");
        (segment.to_owned(), launched.registration)
    }

    async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)]) -> Answer {
        let server = self.server.clone();
        let app = App::new().configure(|app| crate::app::configure(app, server));
        let service = test::init_service(app).await;
        let mut request = test::TestRequest::with_uri(path).method(method);
        for header in headers {
            request = request.insert_header(*header);
        }
        let answer = test::call_service(&service, request.to_request()).await;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let body = body::to_bytes(answer.into_body()).await;
        Answer {
            status,
            headers,
            body: body.expect("it does not break off"),
        }
    }

    async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send(Method::GET, path, headers).await
    }
}

fn caller() -> Caller {
    let authority =
        r#"{"objectType":"Agent","account":{"homePage":"https://x.example","name":"lms"}}"#;
    let credential = Credential {
        key: "lms".to_owned(),
        name: "lms".to_owned(),
        tenant: Tenant::DEFAULT,
        role: Role::Lms,
        scopes: Scopes::of(&[Scope::All]),
        assume_version: None,
        authority: authority.to_owned(),
        secrets: Vec::new(),
        created: 0,
        revoked: None,
    };
    Caller {
        credential: Arc::new(credential),
        version: Version::V1_0_3,
        session: None,
    }
}

fn put_course(store: &Store) {
    let course = Course {
        id: COURSE,
        number: 1,
        launch_tenant: None,
        lms_id: "https://x.example/course".to_owned(),
        title: Vec::new(),
        publisher_id: "https://publisher.example/course".to_owned(),
        version: 1,
        created_at: 0,
        aus: 1,
        nodes: 1,
        has_files: true,
        deleted: false,
    };
    let au = CourseAu {
        index: 0,
        lms_id: "https://x.example/course/au/0".to_owned(),
        publisher_id: "https://publisher.example/au".to_owned(),
        url: "index.html".to_owned(),
        file: Some("index.html".to_owned()),
        own_window: false,
        move_on: MoveOn::Completed,
        mastery_score: None,
        launch_parameters: None,
        entitlement_key: None,
        path: vec![Node {
            index: 0,
            lms_id: course.lms_id.clone(),
            publisher_id: course.publisher_id.clone(),
            left: 1,
        }],
    };
    let mut ops = vec![
        Op::PutRecord(
            keys::course(COURSE),
            serde_json::to_vec(&course).expect("JSON"),
        ),
        Op::PutRecord(
            keys::course_au(COURSE, 0),
            serde_json::to_vec(&au).expect("JSON"),
        ),
    ];
    for (n, (path, content)) in files().into_iter().enumerate() {
        // Any hash will do, as long as it is each content's own.
        let sha2 = format!("{n:064x}");
        let mut upload = store.upload(Tenant::DEFAULT).expect("an upload");
        upload.write(&content).expect("it is written");
        let (upload, length) = upload.finish().expect("it ends");
        ops.push(Op::PutBlob {
            sha2: attachment::sha2(&sha2).expect("hex"),
            upload,
            length,
        });
        let record = CourseFile { sha2, length };
        ops.push(Op::PutRecord(
            keys::course_file(COURSE, path),
            serde_json::to_vec(&record).expect("JSON"),
        ));
    }
    let batch = Batch {
        tenant: Tenant::DEFAULT,
        asserts: Vec::new(),
        ops,
    };
    store.commit_blocking(batch).expect("it is written");
}

#[actix_web::test]
async fn files_have_their_type_and_what_keeps_them_safe() {
    let world = World::new(|_| {});
    let (signed, _) = world.launch(None).await;
    for (path, media_type, content) in [
        (
            "index.html",
            "text/html; charset=utf-8",
            &b"<p>root</p>"[..],
        ),
        ("", "text/html; charset=utf-8", b"<p>root</p>"),
        ("sub/", "text/html; charset=utf-8", b"<p>sub</p>"),
        ("a%20b.JS", "text/javascript; charset=utf-8", b"0123456789"),
        ("sub/%C3%BCber.css?v=1", "text/css; charset=utf-8", b"p{}"),
        ("sub%2F%C3%BCber.css", "text/css; charset=utf-8", b"p{}"),
        ("empty.txt", "text/plain; charset=utf-8", b""),
        ("data", "application/octet-stream", b"\x00\x01"),
        ("large.mp4", "video/mp4", &large()),
    ] {
        let answer = world.get(&format!("/content/{signed}/{path}"), &[]).await;
        assert_eq!(answer.status, 200, "{path}");
        assert!(answer.body == content, "{path}");
        for (name, expected) in [
            ("content-type", media_type),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "same-origin"),
            ("cache-control", "private, max-age=3600"),
            ("accept-ranges", "bytes"),
            (
                "content-security-policy",
                "default-src * data: blob: 'unsafe-inline' 'unsafe-eval'",
            ),
        ] {
            assert_eq!(answer.header(name), Some(expected), "{path}: {name}");
        }
        assert_eq!(answer.header("access-control-allow-origin"), None);
    }
}

#[actix_web::test]
async fn no_path_leads_anywhere_else() {
    let world = World::new(|_| {});
    let (signed, _) = world.launch(None).await;
    for path in [
        "other.html",
        "INDEX.html",
        "index.html/",
        "sub/index.html",
        "sub/../index.html",
        "sub/%2e%2e/index.html",
        "sub%2F..%2Findex.html",
        "../../etc/passwd",
        "%2e%2e/%2e%2e/etc/passwd",
        "./index.html",
        "/index.html",
        "sub//index.htm",
        "a%2520b.JS",
        "a+b.JS",
        "index.html%00",
        "%ff",
        "cmi5.xml",
        "%63mi5.xml",
        "../../xapi/statements",
        &"x".repeat(3_000),
    ] {
        let answer = world.get(&format!("/content/{signed}/{path}"), &[]).await;
        assert_eq!(answer.status, 404, "{path}");
    }
    for path in [
        format!("/content/{signed}"),
        "/content/".to_owned(),
        "/content//index.html".to_owned(),
        format!("/content/{COURSE}/index.html"),
        format!("/content/B{}/index.html", &signed[1..]),
        format!("/content/{signed}A/index.html"),
        format!("/content/{signed}%2E/index.html"),
    ] {
        assert_eq!(world.get(&path, &[]).await.status, 404, "{path}");
    }
    let path = format!("/content/{signed}/index.html");
    let post = world.send(Method::POST, &path, &[]).await;
    assert_eq!(post.status, 405);
    assert_eq!(post.header("allow"), Some("GET, HEAD, OPTIONS"));
}

#[actix_web::test]
async fn a_file_takes_less_memory_than_its_length() {
    let world = World::new(|config| config.http.memory_bytes_max = LARGE - 100_000);
    let (signed, _) = world.launch(None).await;
    let path = format!("/content/{signed}/large.mp4");
    let whole = world.get(&path, &[]).await;
    assert_eq!((whole.status, whole.body.len()), (200, LARGE));
    let range = world.get(&path, &[("range", "bytes=1-")]).await;
    assert_eq!((range.status, range.body.len()), (206, LARGE - 1));
    let head = world.send(Method::HEAD, &path, &[]).await;
    assert_eq!(head.status, 200);
}

#[actix_web::test]
async fn a_directory_without_its_slash_leads_to_it() {
    let world = World::new(|_| {});
    let (signed, _) = world.launch(None).await;
    for (path, location) in [("sub", "./sub/"), ("s%75b?a=%20b", "./sub/?a=%20b")] {
        let answer = world.get(&format!("/content/{signed}/{path}"), &[]).await;
        assert_eq!(answer.status, 308, "{path}");
        assert_eq!(answer.header("location"), Some(location));
    }
    for path in ["sub/deeper", "subs", "index"] {
        let answer = world.get(&format!("/content/{signed}/{path}"), &[]).await;
        assert_eq!(
            (answer.status, answer.header("location")),
            (404, None),
            "{path}"
        );
    }
}

#[actix_web::test]
async fn a_segment_is_good_for_a_day_and_as_long_as_its_session() {
    let world = World::new(|_| {});
    let status = async |segment: &str| {
        let path = format!("/content/{segment}/index.html");
        world.get(&path, &[]).await.status
    };
    let (first, registration) = world.launch(None).await;
    world.clock.fetch_add(HOUR, Ordering::SeqCst);
    // Ends the first session.
    let (second, _) = world.launch(Some(registration)).await;
    world.clock.fetch_add(22 * HOUR, Ordering::SeqCst);
    assert_eq!((status(&first).await, status(&second).await), (200, 200));
    world.clock.fetch_add(2 * HOUR, Ordering::SeqCst);
    assert_eq!((status(&first).await, status(&second).await), (404, 200));
    world.clock.fetch_add(240 * HOUR, Ordering::SeqCst);
    assert_eq!(status(&second).await, 200, "its session is open");
    let other = World::new(|_| {});
    let (foreign, _) = other.launch(None).await;
    assert_eq!(status(&foreign).await, 404, "another server has signed it");
}

#[actix_web::test]
async fn parts_are_answered_as_they_are_asked_for() {
    let world = World::new(|_| {});
    let (signed, _) = world.launch(None).await;
    let (path, whole) = (format!("/content/{signed}/large.mp4"), large());
    for (range, first, last) in [
        ("bytes=0-0", 0, 0),
        ("bytes=0-1023", 0, 1_023),
        ("bytes=262143-262144", 262_143, 262_144),
        ("bytes=100000-699998", 100_000, 699_998),
        ("bytes=699999-", LARGE - 1, LARGE - 1),
        ("bytes=-5", LARGE - 5, LARGE - 1),
        ("bytes=-9999999", 0, LARGE - 1),
        ("bytes=600000-9999999", 600_000, LARGE - 1),
    ] {
        let answer = world.get(&path, &[("Range", range)]).await;
        assert_eq!(answer.status, 206, "{range}");
        let expected = format!("bytes {first}-{last}/{LARGE}");
        assert_eq!(answer.header("content-range"), Some(&*expected));
        assert!(answer.body == whole[first..=last], "{range}");
    }
    for range in ["bytes=700000-", "bytes=-0"] {
        let answer = world.get(&path, &[("Range", range)]).await;
        assert_eq!(answer.status, 416, "{range}");
        assert_eq!(answer.header("content-range"), Some("bytes */700000"));
        assert!(answer.body.is_empty());
    }
    let answer = world.get(&path, &[("Range", "bytes=0-1,4-5")]).await;
    assert_eq!((answer.status, answer.body.len()), (200, LARGE));
    let etag = answer.header("etag").expect("a tag").to_owned();
    for (tag, status) in [
        (etag.as_str(), 206),
        ("\"other\"", 200),
        (&format!("W/{etag}"), 200),
        ("Sat, 21 Nov 2026 12:00:00 GMT", 200),
    ] {
        let headers = [("Range", "bytes=1-2"), ("If-Range", tag)];
        assert_eq!(world.get(&path, &headers).await.status, status, "{tag}");
    }
}

#[actix_web::test]
async fn what_a_browser_has_is_not_sent_again_and_head_sends_nothing() {
    let world = World::new(|_| {});
    let (signed, _) = world.launch(None).await;
    let path = format!("/content/{signed}/a%20b.JS");
    let whole = world.get(&path, &[]).await;
    let etag = whole.header("etag").expect("a tag").to_owned();
    assert_eq!(etag, format!("\"{:064x}\"", 1));
    for (tags, status) in [
        (etag.clone(), 304),
        (format!("\"x\", W/{etag}"), 304),
        ("*".to_owned(), 304),
        ("\"x\"".to_owned(), 200),
    ] {
        let headers = [("If-None-Match", &*tags), ("Range", "bytes=0-1")];
        let answer = world.get(&path, &headers[..1]).await;
        assert_eq!(answer.status, status, "{tags}");
        assert_eq!(answer.header("etag"), Some(&*etag));
        assert_eq!(
            answer.header("cache-control"),
            Some("private, max-age=3600")
        );
        assert_eq!(answer.body.is_empty(), status == 304);
        let answer = world.get(&path, &headers).await;
        assert_eq!(
            answer.status == 304,
            status == 304,
            "it goes before `Range`"
        );
    }
    for (file, length) in [("a%20b.JS", "10"), ("large.mp4", "700000"), ("", "11")] {
        let path = format!("/content/{signed}/{file}");
        let head = world.send(Method::HEAD, &path, &[("Range", "bytes=0-1")]);
        let head = head.await;
        assert_eq!(head.status, 200);
        assert_eq!(head.header("content-length"), Some(length));
        assert!(head.body.is_empty());
        assert!(head.header("etag").is_some());
    }
    let path = format!("/content/{signed}/none");
    assert_eq!(world.send(Method::HEAD, &path, &[]).await.status, 404);
}

#[actix_web::test]
async fn the_configuration_says_where_and_how() {
    let world = World::new(|config| {
        config.launch.content_url = Some("https://files.example/c/d".to_owned());
        config.launch.content_security_policy = String::new();
        config.launch.content_cache_seconds = 5;
        config.http.cors_origins = vec!["https://lms.example".to_owned()];
    });
    let (signed, _) = world.launch(None).await;
    for area in ["/content", "/c/d"] {
        let path = format!("{area}/{signed}/index.html");
        let answer = world.get(&path, &[("Origin", "https://lms.example")]).await;
        assert_eq!(answer.status, 200, "{area}");
        assert_eq!(answer.header("content-security-policy"), None);
        assert_eq!(answer.header("cache-control"), Some("private, max-age=5"));
        assert_eq!(
            answer.header("access-control-allow-origin"),
            Some("https://lms.example")
        );
        let answer = world.get(&path, &[("Origin", "https://x.example")]).await;
        assert_eq!(answer.header("access-control-allow-origin"), None);
        let preflight = world.send(Method::OPTIONS, &path, &[]).await;
        assert_eq!(preflight.status, 204);
    }
    assert_eq!(
        world
            .get(&format!("/c/{signed}/index.html"), &[])
            .await
            .status,
        404
    );
}

/// Sends a request and reads its answer's head, and as much of a body as the head promises.
fn exchange(connection: &mut BufReader<TcpStream>, request: &str) -> (String, Vec<u8>) {
    let stream = connection.get_mut();
    write!(stream, "{request}\r\nHost: x.example\r\n\r\n").expect("it is sent");
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        let read = connection.read_line(&mut head).expect("it is received");
        assert!(read > 0, "it ends within its head: {head}");
    }
    head.make_ascii_lowercase();
    assert!(!head.contains("transfer-encoding"), "{head}");
    let lengths: Vec<&str> = head
        .lines()
        .filter_map(|line| line.strip_prefix("content-length: "))
        .collect();
    let length = match lengths.as_slice() {
        [] => 0,
        [length] => length.parse().expect("a number"),
        _ => panic!("several lengths: {head}"),
    };
    let mut body = vec![
        0;
        if request.starts_with("HEAD") {
            0
        } else {
            length
        }
    ];
    connection.read_exact(&mut body).expect("it is received");
    (head, body)
}

#[actix_web::test]
async fn one_connection_takes_answer_after_answer() {
    let world = World::new(|_| {});
    let (signed, _) = world.launch(None).await;
    let mut config = Config::default();
    config.http.bind.set_port(0);
    config.http.workers = 1;
    let (running, addresses) =
        crate::app::bind(world.server.clone().into_inner(), &config).expect("a free port");
    let handle = running.handle();
    let serving = actix_web::rt::spawn(running);
    let asked = web::block(move || {
        let stream = TcpStream::connect(addresses[0]).expect("it listens");
        let patience = Some(std::time::Duration::from_secs(20));
        stream.set_read_timeout(patience).expect("a socket");
        let mut connection = BufReader::new(stream);
        let path = format!("/content/{signed}/large.mp4");
        for _ in 0..2 {
            let (head, body) = exchange(&mut connection, &format!("GET {path} HTTP/1.1"));
            assert!(head.starts_with("http/1.1 200 "), "{head}");
            assert!(body == large());
            let part = format!("GET {path} HTTP/1.1\r\nRange: bytes=1-300000");
            let (head, body) = exchange(&mut connection, &part);
            assert!(head.starts_with("http/1.1 206 "), "{head}");
            assert!(body == large()[1..=300_000]);
            let (head, _) = exchange(&mut connection, &format!("HEAD {path} HTTP/1.1"));
            assert!(head.contains("\r\ncontent-length: 700000\r\n"), "{head}");
            let known = format!("GET {path} HTTP/1.1\r\nIf-None-Match: *");
            let (head, _) = exchange(&mut connection, &known);
            assert!(head.starts_with("http/1.1 304 "), "{head}");
            let beyond = format!("GET {path} HTTP/1.1\r\nRange: bytes=700000-");
            let (head, _) = exchange(&mut connection, &beyond);
            assert!(head.starts_with("http/1.1 416 "), "{head}");
        }
    });
    asked.await.expect("no panic");
    handle.stop(false).await;
    serving.await.expect("no panic").expect("it stops");
}
