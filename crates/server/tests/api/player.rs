//! The player API as its clients meet it: what administers launch tenants, how a token is asked for and read, and what
//! a refusal looks like.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::bench::{Answer, Bench, Launch};

impl Bench {
    fn manage(&self, method: &str, path: &str, body: Value) -> Answer {
        self.send(method, &format!("/api/v1/{path}"), &self.admin, body)
    }

    pub fn launch_tenant(&self, code: &str) -> u64 {
        let made = self.manage("POST", "tenant", json!({ "code": code }));
        assert_eq!(made.status, 200, "{made:?}");
        made.body["id"].as_u64().expect("a number")
    }

    pub fn bearer(&self, tenant: u64) -> String {
        let asked = json!({ "tenantId": tenant, "audience": "test" });
        let issued = self.manage("POST", "auth", asked);
        assert_eq!(issued.status, 200, "{issued:?}");
        let token = issued.body["token"].as_str().expect("a token");
        format!("Bearer {token}")
    }

    fn ping(&self, bearer: &str) -> Answer {
        self.send("GET", "/api/v1/ping", bearer, Value::Null)
    }
}

/// The body of a refusal has these members and no others but what is named in `also`.
#[track_caller]
fn check_refused(answer: &Answer, status: u16, reason: &str, message: &str, also: &[&str]) {
    assert_eq!(answer.status, status, "{answer:?}");
    let body = answer.body.as_object().expect("an object");
    assert_eq!(body["statusCode"], status, "{answer:?}");
    assert_eq!(body["error"], reason, "{answer:?}");
    let said = body["message"].as_str().expect("a message");
    assert!(said.contains(message), "`{said}` lacks `{message}`");
    assert_eq!(
        body["request"].as_str(),
        answer.header("x-request-id"),
        "{answer:?}"
    );
    let mut expected = vec!["error", "message", "request", "statusCode"];
    expected.extend(also);
    expected.sort_unstable();
    let mut names: Vec<&str> = body.keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, expected, "{answer:?}");
}

const PAYLOAD: &str = "Invalid request payload input";

#[track_caller]
fn check_payload(answer: &Answer) {
    check_refused(answer, 400, "Bad Request", PAYLOAD, &["violations"]);
    assert_eq!(answer.body["message"], PAYLOAD);
    assert_eq!(answer.rules(), ["xapi/launch"]);
}

fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).expect("a payload");
    let payload = URL_SAFE_NO_PAD.decode(payload).expect("base64url");
    serde_json::from_slice(&payload).expect("JSON")
}

/// As the settings page of mod_cmi5launch calls: form and headers are those of PHP's streams.
#[test]
fn a_plugins_settings_get_a_tenant_and_a_token() {
    let bench = Bench::start();
    let headers = [("Accept", "application/json"), ("Connection", "close")];
    let send =
        |path: &str, body: Value| bench.send_with("POST", path, &bench.admin, body, &headers);
    let made = send("/api/v1/tenant", json!({ "code": "moodle" }));
    assert_eq!(made.status, 200, "{made:?}");
    let id = made.body["id"].as_u64().expect("a number");
    assert_eq!(made.body, json!({ "code": "moodle", "id": id }));
    assert_eq!(made.header("content-type"), Some("application/json"));
    let asked = json!({ "tenantId": id.to_string(), "audience": "cmi5launch-moodle" });
    let issued = send("/api/v1/auth", asked);
    assert_eq!(issued.status, 200, "{issued:?}");
    assert_eq!(issued.header("cache-control"), Some("no-store"));
    assert_eq!(issued.body.as_object().map(|body| body.len()), Some(1));
    let token = issued.body["token"].as_str().expect("a token");
    let claims = claims(token);
    assert_eq!(claims["iss"], "urn:catapult:player");
    assert_eq!(claims["aud"], "urn:catapult:cmi5launch-moodle");
    assert_eq!(claims["sub"], id);
    assert!(claims["jti"].is_string() && claims["iat"].is_u64());
    assert_eq!(claims["exp"], Value::Null);
    // What it does with the token: a GET with a content type and no body, an Accept that fits nothing.
    let bearer = format!("Bearer {token}");
    let odd = [("Accept", "application/zip")];
    let get = |path: &str| bench.send_with("GET", path, &bearer, Value::Null, &odd);
    let (ping, about) = (get("/api/v1/ping"), get("/api/v1/about"));
    assert_eq!((ping.status, ping.body), (200, json!({ "ok": true })));
    assert_eq!(about.status, 200);
    assert_eq!(
        about.body,
        json!({ "tenantId": id, "description": "catapult-player-service" })
    );
}

#[test]
fn a_code_that_exists_is_409_with_its_id_or_the_answer() {
    let bench = Bench::start();
    let id = bench.launch_tenant("moodle");
    let again = bench.manage("POST", "tenant", json!({ "code": "moodle" }));
    check_refused(&again, 409, "Conflict", "`moodle`", &["id"]);
    assert_eq!(again.body["id"], id);
    let asked = json!({ "code": "moodle", "ifExists": "return" });
    let returned = bench.manage("POST", "tenant", asked);
    assert_eq!(returned.status, 200);
    assert_eq!(returned.body, json!({ "code": "moodle", "id": id }));
    assert_ne!(bench.launch_tenant("another"), id);
}

#[test]
fn bodies_of_another_form_are_refused() {
    let bench = Bench::start();
    let id = bench.launch_tenant("moodle");
    for (path, body) in [
        ("tenant", Value::Null),
        ("tenant", json!({})),
        ("tenant", json!("code")),
        ("tenant", json!({ "code": 7 })),
        ("tenant", json!({ "code": "" })),
        ("tenant", json!({ "code": "c".repeat(256) })),
        ("tenant", json!({ "code": "a", "name": "b" })),
        ("tenant", json!({ "code": "a", "ifExists": "replace" })),
        ("auth", json!({ "tenantId": id })),
        ("auth", json!({ "audience": "a" })),
        ("auth", json!({ "tenantId": id, "audience": "" })),
        (
            "auth",
            json!({ "tenantId": id, "audience": "a", "more": 1 }),
        ),
        ("auth", json!({ "tenantId": "x", "audience": "a" })),
        ("auth", json!({ "tenantId": -1, "audience": "a" })),
        (
            "auth",
            json!({ "tenantId": id, "audience": "a", "expiresIn": 0 }),
        ),
    ] {
        check_payload(&bench.manage("POST", path, body));
    }
    let bench = Bench::with(|config| config.http.request_body_bytes_max = 1_024);
    let large = json!({ "code": "c".repeat(2_000) });
    let answer = bench.manage("POST", "tenant", large);
    check_refused(&answer, 413, "Payload Too Large", "1024", &[]);
}

#[test]
fn a_tokens_time_can_be_bounded() {
    let bench = Bench::with(|config| config.launch.token_lifetime_seconds = 1_000);
    let id = bench.launch_tenant("moodle");
    for (asked, lives) in [(Value::Null, 1_000), (json!(60), 60), (json!(5_000), 1_000)] {
        let body = json!({ "tenantId": id, "audience": "a", "expiresIn": asked });
        let issued = bench.manage("POST", "auth", body);
        let claims = claims(issued.body["token"].as_str().expect("a token"));
        let issued_at = claims["iat"].as_u64().expect("seconds");
        assert_eq!(claims["exp"], issued_at + lives, "{asked}");
    }
}

#[test]
fn unknown_tenants_are_404_and_deleting_them_is_204() {
    let bench = Bench::start();
    let asked = json!({ "tenantId": 4711, "audience": "a" });
    let answer = bench.manage("POST", "auth", asked);
    check_refused(&answer, 404, "Not Found", "Unknown tenant: 4711", &[]);
    let id = bench.launch_tenant("moodle");
    let (bearer, other) = (bench.bearer(id), bench.bearer(bench.launch_tenant("b")));
    assert_eq!(bench.ping(&bearer).status, 200);
    for path in [
        "tenant/4711",
        &format!("tenant/{id}"),
        &format!("tenant/{id}"),
    ] {
        let deleted = bench.manage("DELETE", path, Value::Null);
        assert_eq!((deleted.status, deleted.body), (204, Value::Null), "{path}");
    }
    let answer = bench.ping(&bearer);
    check_refused(&answer, 401, "Unauthorized", "token", &[]);
    assert_eq!(bench.ping(&other).status, 200);
    let answer = bench.manage("DELETE", "tenant/x", Value::Null);
    check_refused(&answer, 400, "Bad Request", "a number", &["violations"]);
}

#[test]
fn keys_manage_and_tokens_launch() {
    let bench = Bench::start();
    let bearer = bench.bearer(bench.launch_tenant("moodle"));
    let launch = Launch::new("s", 1, "ada");
    bench.launch(&launch);
    let session = bench.token(&launch);
    for (method, path) in [
        ("POST", "/api/v1/tenant"),
        ("DELETE", "/api/v1/tenant/7"),
        ("POST", "/api/v1/auth"),
    ] {
        for who in ["", "Basic eDp5", "Basic", &bearer] {
            let answer = bench.send(method, path, who, Value::Null);
            check_refused(&answer, 401, "Unauthorized", "", &[]);
            let challenge = answer.header("www-authenticate");
            let is_challenged = challenge.is_some_and(|text| text.starts_with("Basic "));
            assert_eq!(is_challenged, who.is_empty(), "{method} {path} {who}");
        }
        // What is asked for is of the right form, or there is nothing to refuse.
        let body = json!({ "tenantId": 7, "audience": "a" });
        let body = if path.ends_with("tenant") {
            json!({ "code": "x" })
        } else {
            body
        };
        for who in [&bench.lms, &bench.au, &session] {
            let answer = bench.send(method, path, who, body.clone());
            check_refused(&answer, 403, "Forbidden", "xapi/scope", &["violations"]);
        }
    }
    for (method, path) in [
        ("GET", "/api/v1/ping"),
        ("HEAD", "/api/v1/ping"),
        ("GET", "/api/v1/about"),
        ("GET", "/api/v1/session/7"),
        ("POST", "/api/v1/course/7/launch-url/0"),
    ] {
        for who in [
            "",
            &bench.admin,
            &session,
            "Bearer",
            "Bearer x.y.z",
            "Bearer ",
        ] {
            let answer = bench.send(method, path, who, Value::Null);
            assert_eq!(answer.status, 401, "{method} {path} {who}");
            let challenge = answer.header("www-authenticate");
            let is_challenged = challenge.is_some_and(|text| text.starts_with("Bearer"));
            assert_eq!(is_challenged, who.is_empty(), "{method} {path} {who}");
        }
        let page = [("Origin", "https://lms.example")];
        let answer = bench.send_with(method, path, "", Value::Null, &page);
        assert_eq!(answer.header("www-authenticate"), None);
    }
    let xapi = bench.send("GET", "/xapi/statements", &bearer, Value::Null);
    assert_eq!(xapi.status, 401, "a token opens the player API alone");
}

#[test]
fn other_methods_and_paths_are_refused_in_the_same_shape() {
    let bench = Bench::start();
    let bearer = bench.bearer(bench.launch_tenant("moodle"));
    for (method, path, allow) in [
        ("GET", "/api/v1/tenant", "POST, OPTIONS"),
        ("GET", "/api/v1/tenant/7", "DELETE, OPTIONS"),
        ("PUT", "/api/v1/auth", "POST, OPTIONS"),
        ("POST", "/api/v1/ping", "GET, HEAD, OPTIONS"),
        ("PATCH", "/api/v1/ping", "GET, HEAD, OPTIONS"),
    ] {
        let answer = bench.send(method, path, &bearer, Value::Null);
        check_refused(&answer, 405, "Method Not Allowed", allow, &[]);
        assert_eq!(answer.header("allow"), Some(allow), "{method} {path}");
    }
    for path in [
        "/api/v1/",
        "/api/v1/nothing",
        "/api/v1/ping/",
        "/api/v1//ping",
        "/api/v1/%2e%2e/v1/ping",
        "/api/v1/tenant%2F7",
        "/api/v1/pi%256Eg",
    ] {
        let answer = bench.ping(&bearer);
        assert_eq!(answer.status, 200);
        let answer = bench.send("GET", path, &bearer, Value::Null);
        check_refused(&answer, 404, "Not Found", "nothing at this path", &[]);
    }
    let elsewhere = bench.send("GET", "/api", &bearer, Value::Null);
    assert_eq!(elsewhere.body["statusCode"], Value::Null);
    let head = bench.send("HEAD", "/api/v1/ping", &bearer, Value::Null);
    assert_eq!((head.status, head.body), (200, Value::Null));
    let preflight = bench.send("OPTIONS", "/api/v1/auth", "", Value::Null);
    assert_eq!(preflight.status, 204);
    assert_eq!(
        preflight.header("access-control-allow-methods"),
        Some("POST, OPTIONS")
    );
}
