//! Courses and registrations below `/cmi5/v1`: what keys and launch tenants' tokens do with them.

use std::io::{Cursor, Read as _};

use serde_json::{Value, json};
use zip::ZipArchive;

use crate::bench::{Answer, Bench, Launch, encode};
use crate::plugin::{actor, package};

const COURSES: &str = "/cmi5/v1/courses";
const REGISTRATIONS: &str = "/cmi5/v1/registrations";
const ZIP: &str = "application/zip";

#[track_caller]
fn import(bench: &Bench, who: &str) -> Value {
    let answer = bench.send_bytes(COURSES, who, ZIP, package(), &[]);
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body
}

#[track_caller]
fn register(bench: &Bench, who: &str, course: &Value) -> String {
    let body = json!({ "course": course["id"], "actor": actor() });
    let answer = bench.send("POST", REGISTRATIONS, who, body);
    assert_eq!(answer.status, 200, "{answer:?}");
    let id = answer.body["registration"].as_str().expect("an id");
    format!("{REGISTRATIONS}/{id}")
}

/// The ids in a list that is read in pages of two.
#[track_caller]
fn all(bench: &Bench, who: &str, path: &str, (of, member): (&str, &str)) -> Vec<Value> {
    let begin = if path.contains('?') { '&' } else { '?' };
    let mut next = Some(format!("{path}{begin}limit=2"));
    let mut found = Vec::new();
    while let Some(path) = next {
        let page = bench.send("GET", &path, who, Value::Null);
        assert_eq!(page.status, 200, "{path} {page:?}");
        let entries = page.body[of].as_array().expect("entries");
        assert!(entries.len() <= 2);
        found.extend(entries.iter().map(|one| one[member].clone()));
        next = page.body["more"].as_str().map(str::to_owned);
    }
    found
}

/// Names and contents.
fn unzipped(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).expect("a zip");
    let mut files = Vec::new();
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).expect("an entry");
        let mut content = Vec::new();
        file.read_to_end(&mut content).expect("its content");
        let name = file.name().expect("a name").into_owned();
        files.push((name, content));
    }
    files.sort();
    files
}

/// What the course is, without the ids that it got here.
fn structure(bench: &Bench, course: &Value) -> String {
    let id = course["id"].as_str().expect("an id");
    let read = bench.get(&format!("{COURSES}/{id}"));
    assert_eq!(read.status, 200, "{read:?}");
    let lms_id = course["lmsId"].as_str().expect("an id");
    read.body["structure"].to_string().replace(lms_id, "")
}

#[test]
fn courses_are_imported_listed_and_deleted() {
    let bench = Bench::start();
    let lms = bench.lms.clone();
    let made: Vec<Value> = (0..3).map(|_| import(&bench, &lms)).collect();
    let first = &made[0];
    assert_eq!(first["publisherId"], "https://p.example/course");
    assert_eq!(
        first["title"][1],
        json!({ "lang": "de", "text": "Course 🎓" })
    );
    assert_eq!(
        [&first["aus"], &first["hasFiles"], &first["warnings"]],
        [&json!(2), &json!(true), &json!([])]
    );
    let versions: Vec<_> = made.iter().map(|one| one["version"].clone()).collect();
    assert_eq!(versions, [1, 2, 3]);
    let tenants = ["a", "b"].map(|code| bench.launch_tenant(code));
    let bearer = bench.bearer(tenants[0]);
    let own = import(&bench, &bearer);
    assert_eq!([&own["launchTenant"], &own["version"]], [tenants[0], 1]);
    let list = |who: &str, path: &str| all(&bench, who, path, ("courses", "id"));
    let ids: Vec<_> = made.iter().map(|one| one["id"].clone()).collect();
    let newest_first = [&own["id"], &ids[2], &ids[1], &ids[0]];
    assert_eq!(list(&lms, COURSES), newest_first.map(Value::clone));
    assert_eq!(list(&bearer, COURSES), [own["id"].clone()]);
    let of = |number: u64| list(&lms, &format!("{COURSES}?launchTenant={number}"));
    assert_eq!((of(tenants[0]).len(), of(tenants[1]).len()), (1, 0));
    let publisher = encode("https://p.example/course");
    let named = |id: &str| list(&lms, &format!("{COURSES}?publisherId={id}")).len();
    assert_eq!((named(&publisher), named("https")), (4, 0));
    // A token cannot ask for more than its own.
    let foreign = format!("{COURSES}?launchTenant={}", tenants[1]);
    assert!(list(&bearer, &foreign).is_empty());
    let path = format!("{COURSES}/{}", ids[0].as_str().expect("an id"));
    let read = |who: &str| bench.send("GET", &path, who, Value::Null).status;
    assert_eq!((read(&lms), read(&bearer)), (200, 404));
    // Nothing happens to what it may not know of.
    assert_eq!(
        bench.send("DELETE", &path, &bearer, Value::Null).status,
        204
    );
    assert_eq!(read(&lms), 200);
    for _ in 0..2 {
        assert_eq!(bench.send("DELETE", &path, &lms, Value::Null).status, 204);
        assert_eq!(read(&lms), 404);
    }
    assert_eq!(list(&lms, COURSES).len(), 3);
}

#[test]
fn a_cursor_belongs_to_its_list() {
    let bench = Bench::start();
    let lms = bench.lms.clone();
    for _ in 0..2 {
        import(&bench, &lms);
    }
    let page = bench.get(&format!("{COURSES}?limit=1"));
    let more = page.body["more"].as_str().expect("there is more");
    let cursor = more.split("cursor=").nth(1).expect("a cursor");
    for path in [
        format!("{REGISTRATIONS}?cursor={cursor}"),
        format!("{COURSES}?launchTenant=7&cursor={cursor}"),
        format!("{COURSES}?cursor=x"),
    ] {
        assert_eq!(bench.get(&path).status, 400, "{path}");
    }
    let token = bench.bearer(bench.launch_tenant("a"));
    let path = format!("{COURSES}?cursor={cursor}");
    assert_eq!(bench.send("GET", &path, &token, Value::Null).status, 400);
}

#[test]
fn a_dry_run_judges_and_stores_nothing() {
    let bench = Bench::start();
    let check = |kind: &str, bytes: Vec<u8>| {
        bench.send_bytes(&format!("{COURSES}/check"), &bench.lms, kind, bytes, &[])
    };
    let good = check(ZIP, package());
    assert_eq!(good.status, 200, "{good:?}");
    assert_eq!(
        good.body,
        json!({
            "accepted": true, "publisherId": "https://p.example/course", "aus": 2,
            "violations": [], "warnings": [],
        })
    );
    let bad = check("text/xml", b"<courseStructure/>".to_vec());
    assert_eq!((bad.status, &bad.body["accepted"]), (200, &json!(false)));
    assert!(!bad.rules().is_empty(), "{bad:?}");
    let broken = check(ZIP, b"no zip".to_vec());
    assert_eq!(broken.rules(), ["14.1.0.0-1"]);
    let typed = check("text/html", package());
    assert_eq!((typed.status, typed.rules()), (400, vec!["14.0.0.0-1"]));
    let refused = bench.send_bytes(COURSES, &bench.lms, ZIP, b"no zip".to_vec(), &[]);
    assert_eq!((refused.status, refused.rules()), (400, vec!["14.1.0.0-1"]));
    assert_eq!(bench.get(COURSES).body, json!({ "courses": [] }));
}

#[test]
fn what_is_exported_is_imported_as_the_same() {
    let bench = Bench::start();
    let course = import(&bench, &bench.lms);
    let path = format!("{COURSES}/{}", course["id"].as_str().expect("an id"));
    let xml = bench.get(&format!("{path}/cmi5.xml"));
    assert_eq!(xml.status, 200);
    assert!(
        xml.header("content-type")
            .is_some_and(|of| of.starts_with("text/xml"))
    );
    let exported = bench.get(&format!("{path}/package"));
    assert_eq!(
        (exported.status, exported.header("content-type")),
        (200, Some(ZIP))
    );
    let (before, after) = (unzipped(&package()), unzipped(&exported.bytes));
    let files = |of: &[(String, Vec<u8>)]| -> Vec<_> {
        of.iter()
            .filter(|(name, _)| name != "cmi5.xml")
            .cloned()
            .collect()
    };
    assert_eq!(files(&before), files(&after));
    assert!(after.contains(&("cmi5.xml".to_owned(), xml.bytes)));
    let again = bench.send_bytes(COURSES, &bench.lms, ZIP, exported.bytes, &[]);
    assert_eq!(again.status, 200, "{again:?}");
    assert_eq!(structure(&bench, &again.body), structure(&bench, &course));
    let twice = bench.get(&format!(
        "{COURSES}/{}/package",
        again.body["id"].as_str().expect("an id")
    ));
    assert_eq!(unzipped(&twice.bytes), after);
}

#[test]
fn a_registration_goes_from_its_launch_to_satisfied() {
    let bench = Bench::start();
    let lms = bench.lms.clone();
    let course = import(&bench, &lms);
    let path = register(&bench, &lms, &course);
    let fresh = bench.get(&path);
    assert_eq!(fresh.status, 200, "{fresh:?}");
    assert_eq!(fresh.body["aus"], json!([]));
    assert_eq!(
        fresh.body["registered"]["actor"]["account"],
        actor()["account"]
    );
    let launched = bench.post(
        &format!("{path}/aus/0/launch"),
        json!({ "masteryScore": 0.5 }),
    );
    assert_eq!(launched.status, 200, "{launched:?}");
    assert_eq!(launched.body["launchMethod"], "OwnWindow");
    assert!(path.ends_with(launched.body["registration"].as_str().expect("an id")));
    let url = launched.body["url"].as_str().expect("a URL");
    assert!(
        url.contains("/first/index.html?page=1&x=y&endpoint="),
        "{url}"
    );
    let session = launched.body["session"].as_str().expect("an id");
    let told = bench.get(&format!("/cmi5/v1/sessions/{session}"));
    assert_eq!(told.body["launchData"]["masteryScore"], 0.5);
    for index in [0, 1] {
        let body = json!({ "reason": "tested out" });
        let waived = bench.post(&format!("{path}/aus/{index}/waive"), body.clone());
        assert_eq!(waived.status, 200, "{waived:?}");
        let id = waived.body["statement"].as_str().expect("an id");
        let read = bench.get(&format!("/xapi/statements?statementId={id}"));
        assert_eq!(
            read.body["verb"]["id"],
            "https://w3id.org/xapi/adl/verbs/waived"
        );
        assert_eq!(
            bench
                .post(&format!("{path}/aus/{index}/waive"), body)
                .status,
            409
        );
    }
    let done = bench.get(&path).body;
    let tree = &done["tree"];
    assert_eq!(
        (&tree["type"], &tree["satisfied"]),
        (&json!("course"), &json!(true))
    );
    assert_eq!(done["satisfied"].as_array().map(Vec::len), Some(2));
    assert!(done["registered"]["satisfiedAt"].is_string());
    let second = &tree["children"][1];
    assert_eq!(
        [
            &second["auIndex"],
            &second["moveOn"],
            &second["waivedReason"]
        ],
        [&json!(1), &json!("Completed"), &json!("tested out")]
    );
    assert_eq!(tree["children"][0]["children"][0]["auIndex"], 0);
    // The statements and the session stay, the registration does not.
    assert_eq!(bench.send("DELETE", &path, &lms, Value::Null).status, 204);
    let left = bench.get(&path).body;
    assert_eq!(
        (&left["registered"], &left["tree"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(left["satisfied"].as_array().map(Vec::len), Some(2));
    assert_eq!(
        bench
            .post(&format!("{path}/aus/0/launch"), json!({}))
            .status,
        404
    );
}

#[test]
fn a_registration_can_have_an_id_of_the_lms() {
    let bench = Bench::start();
    let course = import(&bench, &bench.lms);
    let id = "6a2c1d0e-53a5-4a5c-9c55-0d1b8e8c2f10";
    let make = |name: &str| {
        let learner = json!({ "account": { "homePage": "https://lms.example", "name": name } });
        let body = json!({ "course": course["id"], "actor": learner, "registration": id });
        bench.post(REGISTRATIONS, body)
    };
    let made = make("7");
    assert_eq!((made.status, &made.body["registration"]), (200, &json!(id)));
    assert_eq!(make("7").body, made.body);
    assert_eq!(make("8").status, 409);
    let other = json!({ "course": course["id"], "actor": actor() });
    for _ in 0..3 {
        assert_eq!(bench.post(REGISTRATIONS, other.clone()).status, 200);
    }
    let list = |filter: &str| {
        let path = format!("{REGISTRATIONS}?{filter}");
        all(&bench, &bench.lms, &path, ("registrations", "registration")).len()
    };
    let learner = |name: &str| {
        let agent = json!({ "account": { "homePage": "https://lms.example", "name": name } });
        encode(&agent.to_string())
    };
    assert_eq!(
        list(&format!("course={}", course["id"].as_str().expect("an id"))),
        4
    );
    assert_eq!(list(&format!("course={id}")), 0);
    assert_eq!(list(&format!("actor={}", learner("7"))), 4);
    assert_eq!(list(&format!("actor={}", learner("8"))), 0);
    assert_eq!(list("launchTenant=7"), 0);
}

#[test]
fn preferences_are_the_learners() {
    let bench = Bench::start();
    let course = import(&bench, &bench.lms);
    let path = format!("{}/preferences", register(&bench, &bench.lms, &course));
    let send = |method: &str, body: Value| bench.send(method, &path, &bench.lms, body);
    assert_eq!(send("GET", Value::Null).status, 404);
    let wanted = json!({ "languagePreference": "de-CH,en", "audioPreference": "off" });
    assert_eq!(send("PUT", wanted.clone()).status, 204);
    let read = send("GET", Value::Null);
    assert_eq!((read.status, read.body), (200, wanted));
    let wrong = send(
        "PUT",
        json!({ "languagePreference": "de", "audioPreference": "loud" }),
    );
    assert_eq!((wrong.status, wrong.rules()), (400, vec!["11.2/audio"]));
    assert_eq!(send("DELETE", Value::Null).status, 204);
    assert_eq!(send("GET", Value::Null).status, 404);
}

#[test]
fn what_is_wrong_is_named() {
    let bench = Bench::start();
    let course = import(&bench, &bench.lms);
    let path = register(&bench, &bench.lms, &course);
    let unknown = "6a2c1d0e-53a5-4a5c-9c55-0d1b8e8c2f10";
    let mbox = json!({ "mbox": "mailto:a@x.example" });
    for (path, body, status, pointer) in [
        (
            format!("{path}/aus/0/launch"),
            json!({ "actor": actor() }),
            400,
            "/actor",
        ),
        (
            format!("{path}/aus/0/launch"),
            json!({ "moveOn": "Never" }),
            400,
            "/moveOn",
        ),
        (
            format!("{path}/aus/0/launch"),
            json!({ "extra": 1 }),
            400,
            "",
        ),
        (format!("{path}/aus/x/launch"), json!({}), 400, "auIndex"),
        (format!("{path}/aus/2/launch"), json!({}), 404, ""),
        (
            format!("{path}/aus/0/waive"),
            json!({ "reason": "" }),
            400,
            "/reason",
        ),
        (
            format!("{path}/aus/2/waive"),
            json!({ "reason": "x" }),
            404,
            "",
        ),
        (
            format!("{REGISTRATIONS}/{unknown}/aus/0/launch"),
            json!({}),
            404,
            "",
        ),
        (
            format!("{REGISTRATIONS}/7/aus/0/launch"),
            json!({}),
            400,
            "registration",
        ),
        (
            REGISTRATIONS.to_owned(),
            json!({ "course": unknown, "actor": actor() }),
            404,
            "",
        ),
        (
            REGISTRATIONS.to_owned(),
            json!({ "course": 7, "actor": actor() }),
            400,
            "",
        ),
        (
            REGISTRATIONS.to_owned(),
            json!({ "course": course["id"], "actor": mbox }),
            400,
            "/actor",
        ),
    ] {
        let answer = bench.post(&path, body);
        assert_eq!(answer.status, status, "{path} {answer:?}");
        let named = answer.body["violations"][0]["pointer"].as_str();
        assert_eq!(named.unwrap_or_default(), pointer, "{path} {answer:?}");
        assert!(answer.body["request"].is_string(), "{answer:?}");
    }
    for path in [
        format!("{COURSES}/{unknown}"),
        format!("{COURSES}/{unknown}/cmi5.xml"),
        format!("{COURSES}/{unknown}/package"),
        format!("{REGISTRATIONS}/{unknown}"),
        format!("{REGISTRATIONS}/{unknown}/preferences"),
    ] {
        assert_eq!(bench.get(&path).status, 404, "{path}");
    }
    assert_eq!(bench.get(&format!("{COURSES}/7")).status, 400);
    assert_eq!(bench.get(&format!("{COURSES}?extra=1")).status, 400);
}

#[test]
fn keys_need_their_scopes_and_tokens_see_their_own() {
    let bench = Bench::start();
    let course = import(&bench, &bench.writer);
    let path = register(&bench, &bench.writer, &course);
    let status =
        |who: &str, method: &str, path: &str| bench.send(method, path, who, Value::Null).status;
    // It may not read statements, and so not what they add up to either.
    for path in [COURSES, REGISTRATIONS, &path] {
        assert_eq!(status(&bench.writer, "GET", path), 403, "{path}");
    }
    let [own, other] = ["a", "b"].map(|code| bench.bearer(bench.launch_tenant(code)));
    let of_own = import(&bench, &own);
    let registered = register(&bench, &own, &of_own);
    for (who, expected) in [(&own, 200), (&bench.lms, 200), (&other, 404)] {
        assert_eq!(status(who, "GET", &registered), expected);
        let launched = bench.send(
            "POST",
            &format!("{registered}/aus/0/launch"),
            who,
            json!({}),
        );
        assert_eq!(launched.status, expected, "{launched:?}");
    }
    assert_eq!(status(&own, "GET", &path), 404);
    for path in ["/cmi5/v1/sessions", "/cmi5/v1/events", "/cmi5/v1/policies"] {
        assert_eq!(status(&own, "GET", path), 401, "{path}");
    }
    assert_eq!(status("Bearer x.y.z", "GET", COURSES), 401);
    assert_eq!(status(&own, "PUT", COURSES), 405);
}

#[test]
fn an_id_that_an_lms_uses_is_no_launch_tenants() {
    let bench = Bench::start();
    let launch = Launch::new("victim", 7, "ada");
    bench.launch(&launch);
    let token = bench.token(&launch);
    bench.accepts(&token, launch.statement("initialized", Value::Null));
    let bearer = bench.bearer(bench.launch_tenant("a"));
    let course = import(&bench, &bearer);
    let path = format!("/api/v1/course/{}/launch-url/0", course["number"]);
    let body = json!({ "actor": actor(), "reg": launch.registration });
    let refused = bench.send("POST", &path, &bearer, body);
    assert_eq!(refused.status, 409, "{refused:?}");
    let registration = format!("{REGISTRATIONS}/{}", launch.registration);
    for method in ["DELETE", "GET"] {
        let answer = bench.send(method, &registration, &bearer, Value::Null);
        assert!([204, 404].contains(&answer.status), "{answer:?}");
    }
    assert_eq!(bench.get(&launch.path()).body["state"], "Initialized");
    assert_eq!(bench.get(&registration).status, 200);
}

#[test]
fn what_a_key_does_in_a_launch_tenants_course_is_the_launch_tenants() {
    let bench = Bench::start();
    let bearer = bench.bearer(bench.launch_tenant("a"));
    let course = import(&bench, &bearer);
    let path = register(&bench, &bench.lms, &course);
    let seen = bench.send("GET", &path, &bearer, Value::Null);
    assert_eq!(seen.status, 200, "{seen:?}");
    let launched = bench.post(&format!("{path}/aus/0/launch"), json!({}));
    let session = launched.body["session"].as_str().expect("an id");
    let read = bench.send(
        "GET",
        &format!("/api/v1/session/{session}"),
        &bearer,
        Value::Null,
    );
    assert_eq!(read.status, 200, "{read:?}");
}

#[test]
fn lists_are_no_objects() {
    let bench = Bench::start();
    let course = import(&bench, &bench.lms);
    let path = register(&bench, &bench.lms, &course);
    for (method, path, who, body) in [
        (
            "POST",
            "/api/v1/tenant",
            &bench.admin,
            json!(["code", "return"]),
        ),
        ("PUT", "/cmi5/v1/policies", &bench.admin, json!([])),
        (
            "POST",
            "/cmi5/v1/launch-tenants",
            &bench.admin,
            json!(["code"]),
        ),
        (
            "POST",
            &format!("{path}/aus/0/launch"),
            &bench.lms,
            json!([]),
        ),
        (
            "POST",
            &format!("{path}/aus/0/waive"),
            &bench.lms,
            json!(["because"]),
        ),
        (
            "POST",
            REGISTRATIONS,
            &bench.lms,
            json!([course["id"], actor()]),
        ),
    ] {
        let answer = bench.send(method, path, who, body);
        assert_eq!(answer.status, 400, "{path} {answer:?}");
    }
}

#[test]
fn a_course_that_could_not_be_launched_is_not_imported() {
    let bench = Bench::start();
    let xml = |score: &str| {
        let text = r#"<title><langstring>T</langstring></title><description><langstring>D</langstring></description>"#;
        format!(
            r#"<courseStructure xmlns="https://w3id.org/xapi/profiles/cmi5/v1/CourseStructure.xsd"><course id="x:c">{text}</course>
               <au id="x:a" masteryScore="{score}">{text}<url>https://x.example/</url></au></courseStructure>"#
        )
    };
    let send = |score: &str| {
        let bytes = xml(score).into_bytes();
        bench.send_bytes(COURSES, &bench.lms, "text/xml", bytes, &[])
    };
    let refused = send("0.33333");
    assert_eq!((refused.status, refused.rules()), (400, vec!["10.2.4.0-1"]));
    let course = send("0.33330");
    assert_eq!(course.status, 200, "{course:?}");
    let path = register(&bench, &bench.lms, &course.body);
    assert_eq!(
        bench
            .post(&format!("{path}/aus/0/launch"), json!({}))
            .status,
        200
    );
}

#[test]
fn what_refuses_a_package_names_an_id_of_adls() {
    let bench = Bench::start();
    let bearer = bench.bearer(bench.launch_tenant("a"));
    let text = r#"<title><langstring>T</langstring></title><description><langstring>D</langstring></description>"#;
    let xml = format!(
        r#"<courseStructure xmlns="https://w3id.org/xapi/profiles/cmi5/v1/CourseStructure.xsd"><course id="x:c">{text}</course>
           <au id="x:a">{text}<objectives><objective idref="x:o"/></objectives><url>https://x.example/</url></au></courseStructure>"#
    );
    let bytes = xml.into_bytes();
    let refused = bench.send_bytes("/api/v1/course", &bearer, "text/xml", bytes, &[]);
    assert_eq!(
        (refused.status, refused.rules()),
        (400, vec!["13.1.3/idref"])
    );
    assert_eq!(refused.body["violatedReqId"], "13.1.3.0-1");
}

#[test]
fn an_answer_says_what_the_lists_have() {
    let bench = Bench::start();
    let course = import(&bench, &bench.lms);
    let read: Answer = bench.get(&format!(
        "{COURSES}/{}",
        course["id"].as_str().expect("an id")
    ));
    let listed = bench.get(COURSES).body["courses"][0].clone();
    for (name, value) in listed.as_object().expect("an object") {
        assert_eq!(&read.body[name], value, "{name}");
        assert_eq!(&course[name], value, "{name}");
    }
}
