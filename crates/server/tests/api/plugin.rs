//! A course from its package to its end, as an LMS with a plugin for the player API goes through it: each call with the
//! headers that such a plugin sends, each field that it reads, of the type that it expects.

use std::io::{Cursor, Write as _};

use serde_json::{Value, json};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::bench::{Answer, Bench};

const CATEGORY: &str = "https://w3id.org/xapi/cmi5/context/categories/";
const EXTENSION: &str = "https://w3id.org/xapi/cmi5/context/extensions/";

pub fn package() -> Vec<u8> {
    let text = |what: &str| {
        format!(
            r#"<title><langstring lang="en">{what}</langstring><langstring lang="de">{what} 🎓</langstring></title>
               <description><langstring lang="en">About {what}</langstring></description>"#
        )
    };
    let xml = format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
        <courseStructure xmlns="https://w3id.org/xapi/profiles/cmi5/v1/CourseStructure.xsd">
          <course id="https://p.example/course">{}</course>
          <block id="https://p.example/block">{}
            <au id="https://p.example/first" moveOn="CompletedAndPassed" masteryScore="0.8" launchMethod="OwnWindow">{}
              <url>first/index.html?page=1&amp;x=y</url>
              <launchParameters><![CDATA[ {{"a":"<b>"}} ]]></launchParameters></au></block>
          <au id="https://p.example/second" moveOn="Completed">{}<url>second.html</url></au>
        </courseStructure>"#,
        text("Course"),
        text("Block"),
        text("First"),
        text("Second"),
    );
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in [
        ("cmi5.xml", xml.as_str()),
        ("first/index.html", "<html>first</html>"),
        ("second.html", "<html>second</html>"),
    ] {
        zip.start_file(name, SimpleFileOptions::default())
            .expect("an entry");
        zip.write_all(content.as_bytes()).expect("its content");
    }
    zip.finish().expect("a zip").into_inner()
}

/// An LMS with its launch tenant's token.
struct Lms {
    bench: Bench,
    bearer: String,
}

fn lms() -> Lms {
    let bench = Bench::start();
    let bearer = bench.bearer(bench.launch_tenant("moodle"));
    Lms { bench, bearer }
}

pub fn actor() -> Value {
    json!({ "objectType": "Agent", "account": { "homePage": "https://lms.example", "name": "7" } })
}

impl Lms {
    fn call(&self, method: &str, path: &str, body: Value) -> Answer {
        // Such a plugin sends the type of a body with everything, and takes what it sends.
        let headers = [("Accept", "application/json")];
        let path = format!("/api/v1/{path}");
        self.bench
            .send_with(method, &path, &self.bearer, body, &headers)
    }

    #[track_caller]
    fn ok(&self, method: &str, path: &str, body: Value) -> Value {
        let answer = self.call(method, path, body);
        assert_eq!(answer.status, 200, "{answer:?}");
        assert!(
            answer.body.is_object() && answer.body["statusCode"].is_null(),
            "{answer:?}"
        );
        answer.body
    }

    #[track_caller]
    fn course(&self) -> Value {
        let headers = [("Accept", "application/zip")];
        let (path, kind) = ("/api/v1/course", "application/zip");
        let answer = self
            .bench
            .send_bytes(path, &self.bearer, kind, package(), &headers);
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.body
    }

    #[track_caller]
    fn launch(&self, course: &Value, au: usize, registration: &str) -> Value {
        let body = json!({ "actor": actor(), "returnUrl": "https://lms.example/back", "reg": registration });
        self.ok("POST", &format!("course/{course}/launch-url/{au}"), body)
    }

    /// The token of a launch, after what an AU asks for first.
    #[track_caller]
    fn token(&self, url: &str) -> String {
        let fetch = self.bench.path_of(&parameter(url, "fetch").into());
        let fetched = self.bench.send("POST", &fetch, "", Value::Null);
        let token = format!(
            "Basic {}",
            fetched.body["auth-token"].as_str().expect("a token")
        );
        let agent = encode(&parameter(url, "actor"));
        let path = format!("/xapi/agents/profile?profileId=cmi5LearnerPreferences&agent={agent}");
        let preferences = self.bench.send("GET", &path, &token, Value::Null);
        assert!(matches!(preferences.status, 200 | 404), "{preferences:?}");
        token
    }

    #[track_caller]
    fn says(&self, token: &str, url: &str, (publisher, session): (&str, &Value), verb: &str) {
        let mut category = vec![json!({ "id": format!("{CATEGORY}cmi5") })];
        let mut extensions = json!({ format!("{EXTENSION}sessionid"): session });
        let mut result = json!({ "duration": "PT3S" });
        match verb {
            "completed" => result["completion"] = true.into(),
            "passed" => {
                result["success"] = true.into();
                result["score"] = json!({ "scaled": 0.9 });
                extensions[format!("{EXTENSION}masteryscore")] = json!(0.8);
            }
            _ => {}
        }
        if matches!(verb, "completed" | "passed") {
            category.push(json!({ "id": format!("{CATEGORY}moveon") }));
        }
        let mut statement = json!({
            "id": random_id(),
            "actor": serde_json::from_str::<Value>(&parameter(url, "actor")).expect("JSON"),
            "verb": { "id": format!("http://adlnet.gov/expapi/verbs/{verb}") },
            "object": { "id": parameter(url, "activityId") },
            "context": {
                "registration": parameter(url, "registration"),
                "contextActivities": { "category": category, "grouping": [{ "id": publisher }] },
                "extensions": extensions,
            },
            "timestamp": now(),
        });
        if verb != "initialized" {
            statement["result"] = result;
        }
        let answer = self
            .bench
            .send("POST", "/xapi/statements", token, statement);
        assert_eq!(answer.status, 200, "{verb}: {answer:?}");
    }
}

fn random_id() -> uuid::Uuid {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("random bytes");
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}

fn now() -> String {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let micros = since.expect("it is after 1970").as_micros();
    xapi::lexical::timestamp::render(i64::try_from(micros).expect("it is this century"))
}

fn encode(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

fn parameter(url: &str, name: &str) -> String {
    let query = url.split_once('?').expect("a query").1;
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(key, _)| *key == name).expect("the parameter");
    let decoded = percent_encoding::percent_decode_str(value).decode_utf8();
    decoded.expect("text").into_owned()
}

#[test]
fn a_plugin_finds_every_field_that_it_reads() {
    let lms = lms();
    let course = lms.course();
    assert!(
        course["id"].is_u64() && course["lmsId"].is_string(),
        "{course}"
    );
    let aus = course["metadata"]["aus"].as_array().expect("a list");
    assert_eq!(aus.len(), 2);
    for (index, au) in aus.iter().enumerate() {
        for key in ["id", "launchMethod", "lmsId", "url", "type", "moveOn"] {
            assert!(au[key].is_string(), "{key}: {au}");
        }
        assert_eq!(au["auIndex"], index);
        let members = au.as_object().expect("an object");
        assert!(
            ["parents", "objectives", "activityType"]
                .iter()
                .all(|key| members.contains_key(*key))
        );
        assert!(au["title"][0]["text"].is_string() && au["description"][0]["text"].is_string());
        assert!(au["lmsId"].as_str().is_some_and(|id| id.len() <= 255));
    }
    assert_eq!(aus[0]["title"][1]["text"], "First 🎓");
    assert_eq!(aus[0]["launchParameters"], r#"{"a":"<b>"}"#);
    assert_eq!(aus[0]["parents"][0]["id"], "https://p.example/block");
    assert_eq!(
        lms.ok("GET", &format!("course/{}", course["id"]), Value::Null),
        course
    );

    // The course's number comes as text.
    let asked = json!({ "courseId": course["id"].to_string(), "actor": actor() });
    let registration = lms.ok("POST", "registration", asked);
    let code = registration["code"].as_str().expect("a code").to_owned();
    assert_eq!(code.len(), 36);
    let seen = lms.ok("GET", &format!("registration/{code}"), Value::Null);
    assert_eq!(seen, registration);
    assert_eq!(
        lms.ok(
            "GET",
            &format!("registration/{}", registration["id"]),
            Value::Null
        ),
        registration
    );
    let children = seen["metadata"]["moveOn"]["children"]
        .as_array()
        .expect("a list");
    for (child, kind) in children.iter().zip(["block", "au"]) {
        assert_eq!(
            (child["type"].as_str(), child["satisfied"].as_bool()),
            (Some(kind), Some(false))
        );
        assert!(child["lmsId"].is_string());
    }
    assert_eq!(
        children[0]["children"][0]["pubId"],
        "https://p.example/first"
    );
    assert!(children[1].get("children").is_none());

    let launched = lms.launch(&course["id"], 0, &code);
    assert!(
        launched["id"]
            .as_u64()
            .is_some_and(|id| (1..1 << 31).contains(&id)),
        "{launched}"
    );
    assert_eq!(launched["launchMethod"], "OwnWindow");
    let url = launched["url"].as_str().expect("a URL");
    assert!(
        url.len() <= 750 && url.contains("/first/index.html?page=1&x=y&endpoint="),
        "{url}"
    );
    assert!(!parameter(url, "endpoint").ends_with('/'));
    assert_eq!(parameter(url, "registration"), code);
    let page = lms
        .bench
        .send("GET", &lms.bench.path_of(&url.into()), "", Value::Null);
    assert_eq!(
        (page.status, page.header("content-type")),
        (200, Some("text/html; charset=utf-8"))
    );

    let session = lms.ok("GET", &format!("session/{}", launched["id"]), Value::Null);
    for key in [
        "code",
        "createdAt",
        "updatedAt",
        "launchMode",
        "launchTokenId",
    ] {
        assert!(session[key].is_string(), "{key}: {session}");
    }
    for (key, expected) in [
        ("isLaunched", 1),
        ("isInitialized", 0),
        ("isCompleted", 0),
        ("isPassed", 0),
        ("isFailed", 0),
        ("isTerminated", 0),
        ("isAbandoned", 0),
        ("launchTokenFetched", 0),
    ] {
        assert_eq!(session[key], expected, "{key}: {session}");
    }
    assert_eq!(session["masteryScore"], 0.8);
    assert!(session["lastRequestTime"].is_null() && session["initializedAt"].is_null());
    assert!(session["tenantId"].is_u64() && session["registrationsCoursesAusId"].is_u64());
    // What it asks the LRS for after each launch.
    let since = session["createdAt"].as_str().expect("a time");
    assert!(since.len() <= 30);
    let told = lms.bench.get(&format!(
        "/xapi//statements?registration={code}&since={since}"
    ));
    let first = &told.body["statements"][0];
    assert_eq!(first["verb"]["display"]["en"], "launched");
    assert_eq!(
        first["context"]["extensions"][format!("{EXTENSION}sessionid")],
        session["code"]
    );
}

#[test]
fn a_course_is_launched_to_its_end_and_the_feed_tells_all_of_it() {
    let lms = lms();
    let course = lms.course()["id"].clone();
    let asked = json!({ "courseId": course, "actor": actor() });
    let registration = lms.ok("POST", "registration", asked);
    let code = registration["code"].as_str().expect("a code");
    for (au, publisher, verbs) in [
        (
            0,
            "https://p.example/first",
            &["initialized", "completed", "passed", "terminated"][..],
        ),
        (
            1,
            "https://p.example/second",
            &["initialized", "completed", "terminated"][..],
        ),
    ] {
        let launched = lms.launch(&course, au, code);
        let url = launched["url"].as_str().expect("a URL");
        let token = lms.token(url);
        let session = lms.ok("GET", &format!("session/{}", launched["id"]), Value::Null);
        for verb in verbs {
            lms.says(&token, url, (publisher, &session["code"]), verb);
        }
        let session = lms.ok("GET", &format!("session/{}", launched["id"]), Value::Null);
        assert_eq!(
            (&session["isTerminated"], &session["durationNormal"]),
            (&json!(1), &json!(3))
        );
        assert_eq!(
            (&session["isCompleted"], &session["launchTokenFetched"]),
            (&json!(1), &json!(1))
        );
    }
    let seen = lms.ok("GET", &format!("registration/{code}"), Value::Null);
    assert_eq!(seen["isSatisfied"], 1);
    assert_eq!(seen["metadata"]["moveOn"]["satisfied"], true);
    let first = &seen["aus"][0];
    for (key, expected) in [
        ("hasBeenAttempted", 1),
        ("isPassed", 1),
        ("isCompleted", 1),
        ("isWaived", 0),
        ("isSatisfied", 1),
        ("durationNormal", 3),
    ] {
        assert_eq!(first[key], expected, "{key}: {first}");
    }
    let stored = lms.bench.get(&format!(
        "/xapi/statements?registration={code}&ascending=true"
    ));
    let verbs: Vec<&str> = stored.body["statements"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|one| one["verb"]["id"].as_str()?.rsplit('/').next())
        .collect();
    assert_eq!(
        verbs,
        [
            "launched",
            "initialized",
            "completed",
            "passed",
            "satisfied",
            "terminated",
            "launched",
            "initialized",
            "completed",
            "satisfied",
            "terminated",
        ]
    );
    // The feed, page by page: nothing twice, nothing left out, and where it ends it goes on.
    let mut kinds: Vec<String> = Vec::new();
    let mut after = String::new();
    loop {
        let page = lms.bench.get(&format!("/cmi5/v1/events?limit=5{after}"));
        assert_eq!(page.status, 200, "{page:?}");
        let events = page.body["events"].as_array().expect("a list");
        for event in events {
            assert_eq!(event["registration"].as_str(), Some(code), "{event}");
            kinds.push(event["kind"].as_str().expect("a kind").to_owned());
        }
        after = format!("&after={}", page.body["next"].as_str().expect("a place"));
        if page.body["more"] == false {
            break;
        }
    }
    assert_eq!(
        kinds,
        [
            "created",
            "launched",
            "fetched",
            "initialized",
            "completed",
            "passed",
            "satisfied",
            "terminated",
            "created",
            "launched",
            "fetched",
            "initialized",
            "completed",
            "satisfied",
            "terminated",
        ]
    );
    let nothing = lms.bench.get(&format!("/cmi5/v1/events?limit=5{after}"));
    assert_eq!(nothing.body["events"], json!([]));
    let again = lms.launch(&course, 0, code);
    let more = lms.bench.get(&format!(
        "/cmi5/v1/events?{}",
        after.trim_start_matches('&')
    ));
    assert_eq!(more.body["events"].as_array().map(Vec::len), Some(2));
    let session = lms.ok("GET", &format!("session/{}", again["id"]), Value::Null);
    assert_eq!(session["launchMode"], "Review");
}

#[test]
fn waiving_preferences_abandoning_and_deleting_answer_as_clients_expect() {
    let lms = lms();
    let course = lms.course()["id"].clone();
    let asked = json!({ "courseId": course, "actor": actor() });
    let registration = lms.ok("POST", "registration", asked);
    let code = registration["code"].as_str().expect("a code");
    let waive = format!("registration/{code}/waive-au/1");
    assert_eq!(
        lms.call("POST", &waive, json!({ "reason": "knows it" }))
            .status,
        204
    );
    let again = lms.call("POST", &waive, json!({ "reason": "knows it" }));
    assert_eq!(
        (again.status, &again.body["statusCode"]),
        (409, &json!(409)),
        "{again:?}"
    );
    for wrong in [json!({}), json!({ "reason": "" }), json!({ "reason": 1 })] {
        let refused = lms.call("POST", &waive, wrong);
        assert_eq!(
            (refused.status, &refused.body["message"]),
            (400, &json!("Invalid request payload input"))
        );
    }
    let seen = lms.ok("GET", &format!("registration/{code}"), Value::Null);
    assert_eq!(
        (&seen["aus"][1]["isWaived"], &seen["aus"][1]["waivedReason"]),
        (&json!(1), &json!("knows it"))
    );

    let prefs = format!("registration/{code}/learner-prefs");
    assert_eq!(lms.call("GET", &prefs, Value::Null).status, 404);
    let wanted = json!({ "languagePreference": "de,en-GB", "audioPreference": "off" });
    for _ in 0..2 {
        assert_eq!(lms.call("POST", &prefs, wanted.clone()).status, 204);
    }
    let read = lms.call("GET", &prefs, Value::Null);
    assert_eq!((read.status, &read.body), (200, &wanted));
    assert!(read.header("etag").is_some());
    let wrong = lms.call("POST", &prefs, json!({ "languagePreference": "de en" }));
    assert_eq!(wrong.status, 400, "{wrong:?}");
    assert_eq!(lms.call("DELETE", &prefs, Value::Null).status, 204);
    assert_eq!(lms.call("GET", &prefs, Value::Null).status, 404);

    let launched = lms.launch(&course, 0, code);
    let session = format!("session/{}", launched["id"]);
    for _ in 0..2 {
        assert_eq!(
            lms.call("POST", &format!("{session}/abandon"), Value::Null)
                .status,
            204
        );
    }
    let ended = lms.ok("GET", &session, Value::Null);
    assert_eq!(
        (&ended["isAbandoned"], &ended["abandonedBy"]),
        (&json!(1), &json!("api"))
    );
    let by_code = format!("session/{}", ended["code"].as_str().expect("a code"));
    assert_eq!(lms.ok("GET", &by_code, Value::Null), ended);

    // Another launch tenant sees none of it.
    let other = lms.bench.bearer(lms.bench.launch_tenant("other"));
    for path in [
        format!("course/{course}"),
        format!("registration/{code}"),
        session.clone(),
    ] {
        let answer = lms
            .bench
            .send("GET", &format!("/api/v1/{path}"), &other, Value::Null);
        assert_eq!(
            (answer.status, &answer.body["statusCode"]),
            (404, &json!(404)),
            "{path}"
        );
    }
    for path in [
        format!("registration/{}", registration["id"]),
        format!("course/{course}"),
    ] {
        for _ in 0..2 {
            assert_eq!(lms.call("DELETE", &path, Value::Null).status, 204, "{path}");
        }
        assert_eq!(lms.call("GET", &path, Value::Null).status, 404, "{path}");
    }
    // What a launch tenant has goes with it.
    let more = lms.course()["id"].clone();
    let tenant = lms.ok("GET", "about", Value::Null)["tenantId"].clone();
    let path = format!("/api/v1/tenant/{tenant}");
    let gone = lms
        .bench
        .send("DELETE", &path, &lms.bench.admin, Value::Null);
    assert_eq!(gone.status, 204);
    let unknown = lms.call("GET", &format!("course/{more}"), Value::Null);
    assert_eq!(unknown.status, 401);
    let left = lms
        .bench
        .get(&format!("/xapi/statements?registration={code}"));
    assert_eq!(
        left.body["statements"].as_array().map(Vec::len),
        Some(3),
        "statements stay"
    );
}

#[test]
fn what_is_wrong_is_told_before_anything_is_written() {
    let lms = lms();
    let course = lms.course()["id"].clone();
    let path = format!("course/{course}/launch-url/0");
    for body in [
        json!({}),
        json!({ "actor": { "mbox": "mailto:a@example.com" } }),
        json!({ "actor": actor(), "reg": "7" }),
        json!({ "actor": actor(), "launchMode": "Bogus" }),
        json!({ "actor": actor(), "moveOn": "Bogus" }),
        json!({ "actor": actor(), "masteryScore": 2 }),
        json!({ "actor": actor(), "returnUrl": "" }),
        json!({ "actor": actor(), "unknown": 1 }),
    ] {
        let refused = lms.call("POST", &path, body.clone());
        assert_eq!(
            (refused.status, &refused.body["statusCode"]),
            (400, &json!(400)),
            "{body}: {refused:?}"
        );
    }
    for path in [
        "course/99999/launch-url/0".to_owned(),
        format!("course/{course}/launch-url/2"),
    ] {
        let refused = lms.call("POST", &path, json!({ "actor": actor() }));
        assert_eq!(refused.status, 404, "{path}");
    }
    let none = lms.bench.get("/xapi/statements");
    assert_eq!(none.body["statements"], json!([]));
    // A package that is wrong names the requirement.
    let send = |kind: &str, bytes: &[u8]| {
        let answer = lms
            .bench
            .send_bytes("/api/v1/course", &lms.bearer, kind, bytes.to_vec(), &[]);
        let id = answer.body["violatedReqId"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        (answer.status, id)
    };
    let refused = |id: &str| (400, id.to_owned());
    assert_eq!(
        send("application/octet-stream", b"x"),
        refused("14.0.0.0-1")
    );
    assert_eq!(
        send("application/zip", b"no zip at all"),
        refused("14.1.0.0-1")
    );
    assert_eq!(
        send("text/xml; charset=utf-8", b"<courseStructure/>"),
        refused("13.2.0.0-1")
    );
}
