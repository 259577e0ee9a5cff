//! `/cmi5/v1` as an LMS meets it, over HTTP: who may call, what is answered, and what a session's report says.

mod bench;
mod courses;
mod document;
mod launch_tenants;
mod player;
mod plugin;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use bench::{ACTIVITY, Bench, Launch, encode};

const COMPLETED: &str = r#"{"completion":true,"duration":"PT1M"}"#;

fn completed() -> Value {
    serde_json::from_str(COMPLETED).expect("it is JSON")
}

/// Methods and paths of the served document, with something in their braces.
fn operations(bench: &Bench) -> Vec<(String, String)> {
    let document = bench.send("GET", "/cmi5/v1/openapi.json", "", Value::Null);
    assert_eq!(document.status, 200);
    assert_eq!(document.body["openapi"], "3.1.0");
    let paths = document.body["paths"].as_object().expect("paths");
    let mut found = Vec::new();
    for (path, methods) in paths {
        let filled: Vec<&str> = path
            .split('/')
            .map(|part| if part.starts_with('{') { "x" } else { part })
            .collect();
        for method in methods.as_object().expect("methods").keys() {
            found.push((method.to_ascii_uppercase(), filled.join("/")));
        }
    }
    assert!(found.len() > 10);
    found
}

/// What is answered to nobody, to the key of an AU, and to a session's token.
fn answers_to_strangers(path: &str) -> [u16; 3] {
    let is_open = path.ends_with("/openapi.json") || path.starts_with("/cmi5/v1/fetch/");
    let is_management = path.starts_with("/api/v1/tenant") || path == "/api/v1/auth";
    let takes_bearer_alone = path.starts_with("/api/v1/") && !is_management;
    match (is_open, takes_bearer_alone) {
        (true, _) => [200, 200, 200],
        (false, true) => [401, 401, 401],
        (false, false) => [401, 403, 403],
    }
}

#[test]
fn every_operation_of_the_document_is_there_and_asks_who_calls() {
    let bench = Bench::start();
    let launch = Launch::new("s", 1, "ada");
    bench.launch(&launch);
    let token = bench.token(&launch);
    for (method, path) in operations(&bench) {
        let expected = answers_to_strangers(&path);
        let got =
            ["", &bench.au, &token].map(|who| bench.send(&method, &path, who, Value::Null).status);
        assert_eq!(got, expected, "{method} {path}");
    }
}

#[test]
fn reports_need_the_scope_to_read_and_policies_that_to_administer() {
    let bench = Bench::start();
    for (path, lms, writer, admin) in [
        ("/cmi5/v1/sessions", 200, 403, 200),
        ("/cmi5/v1/violations", 200, 403, 200),
        ("/cmi5/v1/violations/counts", 200, 403, 200),
        ("/cmi5/v1/sessions/none", 404, 403, 404),
        (
            "/cmi5/v1/registrations/00000000-0000-4000-8000-000000000001",
            404,
            403,
            404,
        ),
        ("/cmi5/v1/registrations/none", 400, 403, 400),
        ("/cmi5/v1/rules", 200, 200, 200),
        ("/cmi5/v1/policies", 200, 200, 200),
    ] {
        let got = [&bench.lms, &bench.writer, &bench.admin]
            .map(|who| bench.send("GET", path, who, Value::Null).status);
        assert_eq!(got, [lms, writer, admin], "{path}");
    }
    let set = |who: &str| bench.send("PUT", "/cmi5/v1/policies", who, json!({ "au": "flag" }));
    assert_eq!(set(&bench.lms).status, 403);
    assert_eq!(set(&bench.admin).status, 200);
}

#[test]
fn other_methods_are_refused_and_use_nothing_up() {
    let bench = Bench::start();
    let launch = Launch::new("s", 1, "ada");
    bench.launch(&launch);
    let fetch = bench.path_of(&bench.fetch_url(&launch).body["fetch"]);
    for (method, path, allow) in [
        ("DELETE", "/cmi5/v1/sessions", "GET, HEAD, OPTIONS"),
        ("GET", "/cmi5/v1/check", "POST, OPTIONS"),
        ("POST", "/cmi5/v1/policies", "GET, HEAD, PUT, OPTIONS"),
        ("GET", &fetch, "POST, OPTIONS"),
        ("PUT", &fetch, "POST, OPTIONS"),
        ("HEAD", &fetch, "POST, OPTIONS"),
        ("PATCH", &fetch, "POST, OPTIONS"),
    ] {
        let answer = bench.send(method, path, &bench.lms, Value::Null);
        assert_eq!(answer.status, 405, "{method} {path}");
        assert_eq!(answer.header("allow"), Some(allow), "{method} {path}");
    }
    let alternate = format!("{fetch}?method=GET");
    let fetched = bench.send("POST", &alternate, "", Value::Null);
    assert!(fetched.body["auth-token"].is_string(), "{fetched:?}");
}

#[test]
fn a_fetch_url_works_once() {
    let bench =
        Bench::with(|config| config.http.cors_origins = vec!["https://lms.example".to_owned()]);
    let launch = Launch::new("https://lms.example/sessions/1?x=%2F", 1, "ada");
    assert_eq!(bench.fetch_url(&launch).status, 404);
    bench.launch(&launch);
    let (replaced, asked) = (bench.fetch_url(&launch), bench.fetch_url(&launch));
    assert_eq!(bench.path_of(&asked.body["endpoint"]), "/xapi/");
    assert_eq!(asked.header("cache-control"), Some("no-store"));
    let post = |path: &str| {
        let page = [("Origin", "https://anywhere.example")];
        let answer = bench.send_with("POST", path, "", Value::Null, &page);
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(
            answer.header("access-control-allow-origin"),
            Some(page[0].1)
        );
        assert_eq!(answer.header("set-cookie"), None);
        answer.body
    };
    let code = |body: Value| body["error-code"].as_str().map(str::to_owned);
    assert_eq!(
        code(post(&bench.path_of(&replaced.body["fetch"]))),
        Some("1".to_owned())
    );
    let fetch = bench.path_of(&asked.body["fetch"]);
    assert!(post(&fetch)["auth-token"].is_string());
    let again = post(&fetch);
    assert!(
        again["error-text"].is_string() && again["auth-token"].is_null(),
        "{again}"
    );
    assert_eq!(code(again), Some("1".to_owned()));
    for unknown in [
        "/cmi5/v1/fetch/x",
        "/cmi5/v1/fetch/1.x",
        "/cmi5/v1/fetch/9.x",
    ] {
        assert_eq!(code(post(unknown)), Some("2".to_owned()), "{unknown}");
    }
    assert_eq!(bench.fetch_url(&launch).status, 409);

    let ended = Launch::new("ended", 2, "ada");
    bench.launch(&ended);
    let fetch = bench.path_of(&bench.fetch_url(&ended).body["fetch"]);
    let abandon = format!("{}/abandon", ended.path());
    let first = bench.post(&abandon, Value::Null);
    assert_eq!(first.status, 200, "{first:?}");
    assert_eq!(bench.post(&abandon, Value::Null).body, first.body, "once");
    assert_eq!(code(post(&fetch)), Some("1".to_owned()));
    assert_eq!(bench.fetch_url(&ended).status, 409);
}

#[test]
fn sixteen_posts_to_a_fetch_url_get_one_token() {
    let bench = Bench::start();
    let launch = Launch::new("s", 1, "ada");
    bench.launch(&launch);
    let fetch = bench.path_of(&bench.fetch_url(&launch).body["fetch"]);
    let tokens = std::thread::scope(|scope| {
        let posts: Vec<_> = (0..16)
            .map(|_| scope.spawn(|| bench.send("POST", &fetch, "", Value::Null).body))
            .collect();
        let answers = posts
            .into_iter()
            .map(|post| post.join().expect("an answer"));
        answers
            .filter(|body| body["auth-token"].is_string())
            .count()
    });
    assert_eq!(tokens, 1);
}

#[test]
fn the_public_address_is_that_of_the_configuration() {
    let bench = Bench::with(|config| {
        config.http.public_url = Some("https://lrs.example/tessera".to_owned());
    });
    let launch = Launch::new("s", 1, "ada");
    bench.launch(&launch);
    let asked = bench.fetch_url(&launch);
    assert_eq!(asked.body["endpoint"], "https://lrs.example/tessera/xapi/");
    let fetch = asked.body["fetch"].as_str().expect("a URL");
    assert!(
        fetch.starts_with("https://lrs.example/tessera/cmi5/v1/fetch/1."),
        "{fetch}"
    );
}

#[test]
fn wrong_parameters_are_all_named() {
    let bench = Bench::start();
    for (query, pointers) in [
        ("sessions?limits=1&method=GET", &["limits", "method"][..]),
        ("sessions?limit=0&state=terminated", &["limit", "state"]),
        ("sessions?limit=1&limit=2", &["limit"]),
        (
            "sessions?registration=x&since=yesterday&activity=x",
            &["registration", "since", "activity"],
        ),
        ("sessions?actor=%7B%7D", &["actor"]),
        ("sessions?cursor=AAAA", &["cursor"]),
        ("violations?decision=refused", &["decision"]),
        ("violations/counts?activity=x", &["activity"]),
        ("rules?x=1", &["x"]),
    ] {
        let answer = bench.get(&format!("/cmi5/v1/{query}"));
        assert_eq!(answer.status, 400, "{query}");
        let listed = answer.body["violations"].as_array().expect("violations");
        let got: BTreeSet<&str> = listed
            .iter()
            .filter_map(|one| one["pointer"].as_str())
            .collect();
        assert_eq!(got, pointers.iter().copied().collect(), "{query}");
    }
}

#[test]
fn lists_are_filtered_and_go_on() {
    let bench = Bench::start();
    for n in 0..7 {
        let learner = if n % 2 == 0 { "ada" } else { "bob" };
        bench.launch(&Launch::new(&format!("s{n}"), 1 + n, learner));
    }
    let pages = |query: &str| {
        let mut ids = Vec::new();
        let mut path = format!("/cmi5/v1/sessions?{query}");
        loop {
            let page = bench.get(&path).body;
            let sessions = page["sessions"].as_array().expect("sessions");
            assert!(sessions.len() <= 2);
            ids.extend(
                sessions
                    .iter()
                    .map(|one| one["id"].as_str().expect("an id").to_owned()),
            );
            match page["more"].as_str() {
                Some(more) => path = more.to_owned(),
                None => return ids.join(" "),
            }
        }
    };
    let ada = encode(r#"{"account":{"homePage":"https://lms.example","name":"ada"},"name":"Ada"}"#);
    assert_eq!(pages("limit=2"), "s6 s5 s4 s3 s2 s1 s0");
    assert_eq!(pages(&format!("limit=2&actor={ada}")), "s6 s4 s2 s0");
    assert_eq!(
        pages(&format!("limit=2&actor={ada}&state=Launched")),
        "s6 s4 s2 s0"
    );
    assert_eq!(pages("limit=2&state=Terminated"), "");
    assert_eq!(
        pages("limit=2&registration=00000000-0000-0000-0000-000000000003"),
        "s2"
    );
    assert_eq!(
        pages(&format!("limit=1&activity={}", encode(ACTIVITY))),
        "s6 s5 s4 s3 s2 s1 s0"
    );
    assert_eq!(pages("limit=2&since=2126-01-01T00:00:00Z"), "");
    let more = bench.get("/cmi5/v1/sessions?limit=2").body["more"].clone();
    let foreign = more
        .as_str()
        .expect("there is more")
        .replace("limit=2", "state=Launched");
    assert_eq!(
        bench.get(&foreign).status,
        400,
        "a cursor belongs to its filters"
    );
}

/// The session of a learner whose completion is missing.
fn broken_session(bench: &Bench, launch: &Launch) -> String {
    bench.launch(launch);
    let token = bench.token(launch);
    bench.accepts(&token, launch.statement("initialized", Value::Null));
    let wrong = launch.statement("completed", json!({ "completion": true }));
    let id = wrong["id"].as_str().expect("an id").to_owned();
    let refused = bench.send("POST", "/xapi/statements", &token, wrong);
    assert_eq!(
        (refused.status, refused.rules()),
        (403, vec!["9.5.4.1-2"]),
        "{refused:?}"
    );
    bench.accepts(
        &token,
        launch.statement("terminated", json!({ "duration": "PT2M" })),
    );
    id
}

/// Refusals are written by and by.
fn story(bench: &Bench, launch: &Launch, violations: usize) -> Value {
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    loop {
        let story = bench.get(&launch.path());
        assert_eq!(story.status, 200, "{story:?}");
        let listed = story.body["violations"]
            .as_array()
            .expect("violations")
            .len();
        if listed >= violations || std::time::Instant::now() > deadline {
            return story.body;
        }
        std::thread::yield_now();
    }
}

#[test]
fn a_report_explains_a_missing_completion() {
    let bench = Bench::start();
    let launch = Launch::new("s/1", 1, "ada");
    let refused = broken_session(&bench, &launch);
    let story = story(&bench, &launch, 1);
    assert_eq!(story["id"], "s/1");
    assert_eq!(story["state"], "Terminated");
    assert_eq!(story["completed"], false);
    assert_eq!(story["actor"]["account"]["name"], "ada");
    assert_eq!(story["launchData"]["masteryScore"], 0.8);
    assert_eq!(story["launchData"]["moveOn"], "CompletedOrPassed");
    assert_eq!(
        story["flags"],
        json!({ "fetchUrl": "used", "preferencesRead": true, "launchDataRead": true })
    );
    let words = |list: &str, member: &str| -> Vec<String> {
        let entries = story[list].as_array().expect("a list").iter();
        entries
            .map(|one| {
                one[member]
                    .as_str()
                    .unwrap_or_default()
                    .rsplit('/')
                    .next()
                    .unwrap_or_default()
                    .to_owned()
            })
            .collect()
    };
    assert_eq!(
        words("history", "what"),
        [
            "created",
            "launched",
            "fetched",
            "initialized",
            "terminated"
        ]
    );
    assert_eq!(
        words("statements", "verb"),
        ["launched", "initialized", "terminated"]
    );
    let violation = &story["violations"][0];
    assert_eq!(violation["requirement"], "9.5.4.1-2");
    assert_eq!(violation["decision"], "rejected");
    assert_eq!(violation["pointer"], "/result/duration");
    assert_eq!(violation["statement"], refused.as_str());
    assert!(violation["hint"].is_string() && violation["at"].is_string());
    assert!(
        violation["text"]
            .as_str()
            .is_some_and(|text| text.contains(&refused))
    );
    let summary: Vec<&str> = story["summary"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    let says = |parts: &[&str]| {
        summary
            .iter()
            .any(|line| parts.iter().all(|part| line.contains(part)))
    };
    assert!(says(&["Terminated"]), "{summary:#?}");
    assert!(
        says(&["no `completed` was stored", "refused"]),
        "{summary:#?}"
    );
    assert!(says(&["9.5.4.1-2", "/result/duration"]), "{summary:#?}");
    assert!(says(&["moveOn", "not met"]), "{summary:#?}");

    let found =
        bench.get("/cmi5/v1/violations?requirement=9.5.4.1-2&decision=rejected&session=s%2F1");
    assert_eq!(
        found.body["violations"].as_array().map(Vec::len),
        Some(1),
        "{found:?}"
    );
    assert_eq!(found.body["violations"][0]["requirement"], "9.5.4.1-2");
    let none = bench.get("/cmi5/v1/violations?requirement=9.5.4.1-2&decision=flagged");
    assert_eq!(none.body, json!({ "violations": [] }));
    let counts = bench.get("/cmi5/v1/violations/counts").body;
    assert_eq!(counts["counts"][0]["requirement"], "9.5.4.1-2", "{counts}");
    assert_eq!(counts["counts"][0]["count"], 1);
    assert_eq!(
        counts["counts"][0]["activities"],
        json!([{ "activity": ACTIVITY, "count": 1 }])
    );
}

#[test]
fn counts_go_on_from_page_to_page() {
    let bench = Bench::start();
    let launch = Launch::new("s", 1, "ada");
    broken_session(&bench, &launch);
    story(&bench, &launch, 1);
    let mut path = "/cmi5/v1/violations/counts?limit=1".to_owned();
    let mut activities = Vec::new();
    loop {
        let page = bench.get(&path);
        assert_eq!(page.status, 200, "{page:?}");
        for count in page.body["counts"].as_array().expect("counts") {
            assert_eq!(
                (&count["requirement"], &count["count"]),
                (&json!("9.5.4.1-2"), &json!(1))
            );
            activities.extend(count["activities"].as_array().expect("a list").clone());
        }
        match page.body["more"].as_str() {
            Some(more) => path = more.to_owned(),
            None => break,
        }
    }
    assert_eq!(activities, [json!({ "activity": ACTIVITY, "count": 1 })]);
    let of_rule = bench
        .get("/cmi5/v1/violations/counts?requirement=9.5.4.1-2")
        .body;
    assert_eq!(of_rule["counts"][0]["count"], 1);
    let of_other = bench
        .get("/cmi5/v1/violations/counts?requirement=9.5.4.1")
        .body;
    assert_eq!(of_other, json!({ "counts": [] }));
    let foreign = path.replace("limit=1", "requirement=9.5.4.1-2");
    assert_eq!(
        bench.get(&foreign).status,
        400,
        "a cursor belongs to its filters"
    );
}

#[test]
fn flagged_and_voided_statements_are_told_as_such() {
    let bench = Bench::with(|config| config.cmi5.au = cmi5::Policy::Flag);
    let launch = Launch::new("s", 1, "ada");
    bench.launch(&launch);
    let token = bench.token(&launch);
    bench.accepts(&token, launch.statement("initialized", Value::Null));
    bench.accepts(
        &token,
        launch.statement("completed", json!({ "completion": true })),
    );
    let good = launch.statement("completed", completed());
    bench.accepts(&token, good.clone());
    let void = json!({
        "actor": launch.agent(),
        "verb": { "id": "http://adlnet.gov/expapi/verbs/voided" },
        "object": { "objectType": "StatementRef", "id": good["id"] },
    });
    let voided = bench.post("/xapi/statements", void);
    assert_eq!(voided.status, 200, "{voided:?}");
    let story = story(&bench, &launch, 1);
    let told: Vec<(&str, bool, usize)> = story["statements"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| {
            let verb = one["verb"]
                .as_str()
                .expect("a verb")
                .rsplit('/')
                .next()
                .unwrap_or_default();
            let flagged = one["flagged"].as_array().map_or(0, Vec::len);
            (verb, one["voided"] == true, flagged)
        })
        .collect();
    let expected = [
        ("launched", false, 0),
        ("initialized", false, 0),
        ("completed", false, 1),
        ("completed", true, 0),
    ];
    assert_eq!(told, expected, "{story:#}");
    assert_eq!(
        story["completed"], false,
        "a voided statement does not count"
    );
    let history = story["history"].to_string();
    assert!(
        history.contains("\"voided\"") && history.contains("\"completed\""),
        "{history}"
    );
}

#[test]
fn a_registration_tells_what_counts() {
    let bench = Bench::start();
    let first = Launch::new("first", 7, "ada");
    bench.launch(&first);
    let token = bench.token(&first);
    bench.accepts(&token, first.statement("initialized", Value::Null));
    bench.accepts(&token, first.statement("completed", completed()));
    let mut passed = first.statement(
        "passed",
        json!({ "success": true, "duration": "PT1M", "score": { "scaled": 0.95 } }),
    );
    passed["context"]["extensions"]["https://w3id.org/xapi/cmi5/context/extensions/masteryscore"] =
        json!(0.8);
    bench.accepts(&token, passed);
    bench.accepts(
        &token,
        first.statement("terminated", json!({ "duration": "PT2M" })),
    );
    bench.launch(&Launch::new("second", 7, "ada"));
    bench.launch(&Launch::new("third", 7, "bob"));
    let told = bench
        .get(&format!("/cmi5/v1/registrations/{}", first.registration))
        .body;
    let aus = told["aus"].as_array().expect("a list");
    assert_eq!(aus.len(), 2, "{told:#}");
    let ada = &aus[0];
    assert_eq!(ada["actor"]["account"]["name"], "ada");
    assert_eq!(ada["sessions"][0]["state"], "Terminated");
    assert_eq!(ada["sessions"][1]["id"], "second");
    assert_eq!(ada["completed"][0]["session"], "first");
    assert_eq!(ada["passed"].as_array().map(Vec::len), Some(1));
    assert_eq!(ada["score"], "0.95");
    assert_eq!(aus[1]["completed"], json!([]));
    let second = bench.get("/cmi5/v1/sessions/second").body;
    let summary = second["summary"].to_string();
    assert!(
        summary.contains("counts already from the session `first`"),
        "{summary}"
    );
}

#[test]
fn checking_stores_nothing() {
    let bench = Bench::start();
    let launch = Launch::new("s", 1, "ada");
    let question = json!({
        "launch": {
            "activityId": ACTIVITY,
            "agent": launch.agent(),
            "registration": launch.registration,
            "launchData": launch.data(),
        },
        "statements": [
            launch.statement("initialized", Value::Null),
            launch.statement("completed", json!({ "completion": true })),
        ],
    });
    let answer = bench.post("/cmi5/v1/check", question);
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.body["accepted"], false);
    assert_eq!(answer.rules(), ["9.5.4.1-2"]);
    assert_eq!(
        bench.get("/cmi5/v1/sessions").body,
        json!({ "sessions": [] })
    );
    assert_eq!(
        bench.get("/cmi5/v1/violations").body,
        json!({ "violations": [] })
    );
    let unknown = json!({ "session": "none", "statements": [] });
    assert_eq!(bench.post("/cmi5/v1/check", unknown).status, 404);
    assert_eq!(
        bench
            .post("/cmi5/v1/check", json!({ "statements": [] }))
            .status,
        400
    );
}

#[test]
fn policies_are_read_and_set() {
    let bench = Bench::with(|config| config.cmi5.terminated_grace_seconds = 5);
    let read = || bench.get("/cmi5/v1/policies").body;
    assert_eq!(read()["terminated_grace_seconds"], 5, "the configuration's");
    let set = |body: Value| bench.send("PUT", "/cmi5/v1/policies", &bench.admin, body);
    for (wrong, part) in [
        (json!({ "au": "refuse" }), "refuse"),
        (json!({ "rules": { "1.2.3": "flag" } }), "1.2.3"),
        (json!({ "more": 1 }), "more"),
    ] {
        let answer = set(wrong);
        assert_eq!(answer.status, 400);
        assert!(answer.body.to_string().contains(part), "{answer:?}");
    }
    assert_eq!(read()["terminated_grace_seconds"], 5, "nothing has changed");
    let mut wanted = read();
    wanted["rules"] = json!({ "9.5.4.1-2": "off" });
    assert_eq!(set(wanted.clone()).body, wanted);
    assert_eq!(read(), wanted);
    let rules = bench.get("/cmi5/v1/rules").body;
    let listed = rules["rules"].as_array().expect("rules");
    let rule = listed
        .iter()
        .find(|rule| rule["id"] == "9.5.4.1-2")
        .expect("it is listed");
    assert_eq!(rule["au"], "off");
    assert!(rule["lms"].is_null() && rule["summary"].is_string());
    let always = listed
        .iter()
        .find(|rule| rule["id"] == "6.3.0.0-1")
        .expect("it is listed");
    assert_eq!(
        (&always["always"], &always["au"]),
        (&json!(true), &json!("reject"))
    );
}

#[test]
fn paths_that_are_nearly_right_lead_nowhere() {
    let bench = Bench::start();
    let launch = Launch::new("s", 1, "ada");
    bench.launch(&launch);
    for path in [
        "/cmi5/v1/sessions/",
        "/cmi5/v1/sessions/s/",
        "/cmi5/v1//sessions",
        "/cmi5/v1/Sessions",
        "/cmi5%2Fv1%2Fsessions",
        "/cmi5/v1/sessions/s%2Ffetch",
        "/xapi/cmi5/v1/sessions",
        "/cmi5/v1/x/../sessions",
    ] {
        let answer = bench.get(path);
        assert_eq!(answer.status, 404, "{path}");
        assert!(answer.body["sessions"].is_null(), "{path}");
    }
    assert_eq!(bench.get("/cmi5/v1/sess%69ons/%73").status, 200);
}
