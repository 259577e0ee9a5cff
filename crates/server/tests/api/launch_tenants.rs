//! Launch tenants and their tokens below `/cmi5/v1`, beside what the player API does with them.

use serde_json::{Value, json};

use crate::bench::{Answer, Bench};

const PATH: &str = "/cmi5/v1/launch-tenants";

fn send(bench: &Bench, method: &str, path: &str, body: Value) -> Answer {
    bench.send(method, path, &bench.admin, body)
}

#[track_caller]
fn make(bench: &Bench, code: &str) -> String {
    let made = send(bench, "POST", PATH, json!({ "code": code }));
    assert_eq!(made.status, 200, "{made:?}");
    assert_eq!(
        (&made.body["code"], &made.body["madeBy"]),
        (&json!(code), &json!("admin"))
    );
    assert!(made.body["createdAt"].is_string());
    format!("{PATH}/{}", made.body["id"])
}

/// All entries of a list that is read in pages of two.
#[track_caller]
fn all(bench: &Bench, path: &str, of: &str, member: &str) -> Vec<String> {
    let mut next = Some(format!("{path}?limit=2"));
    let mut found = Vec::new();
    while let Some(path) = next {
        let page = send(bench, "GET", &path, Value::Null);
        assert_eq!(page.status, 200, "{path} {page:?}");
        let entries = page.body[of].as_array().expect("entries");
        assert!(entries.len() <= 2);
        let texts = entries.iter().filter_map(|one| one[member].as_str());
        found.extend(texts.map(str::to_owned));
        next = page.body["more"].as_str().map(str::to_owned);
    }
    found
}

#[test]
fn launch_tenants_are_made_listed_and_deleted() {
    let bench = Bench::start();
    let paths = ["c", "a", "b"].map(|code| make(&bench, code));
    let codes = || all(&bench, PATH, "launchTenants", "code");
    assert_eq!(codes(), ["a", "b", "c"]);
    let again = send(&bench, "POST", PATH, json!({ "code": "a" }));
    assert_eq!(again.status, 409);
    assert_eq!(format!("{PATH}/{}", again.body["existing"]), paths[1]);
    for _ in 0..2 {
        let deleted = send(&bench, "DELETE", &paths[1], Value::Null);
        assert_eq!((deleted.status, deleted.body), (204, Value::Null));
    }
    assert_eq!(codes(), ["b", "c"]);
    let refused = bench.get(PATH);
    assert_eq!((refused.status, refused.rules()), (403, vec!["xapi/scope"]));
    for (method, path, body) in [
        ("POST", PATH.to_owned(), json!({ "code": "x", "more": 1 })),
        ("POST", PATH.to_owned(), Value::Null),
        ("DELETE", format!("{PATH}/x"), Value::Null),
        ("GET", format!("{PATH}/x/tokens"), Value::Null),
        ("DELETE", format!("{}/tokens/x", paths[0]), Value::Null),
    ] {
        let answer = send(&bench, method, &path, body);
        assert_eq!(
            (answer.status, answer.rules()),
            (400, vec!["xapi/launch"]),
            "{path}"
        );
    }
}

#[test]
fn tokens_are_made_listed_and_revoked() {
    let bench = Bench::start();
    let tokens = format!("{}/tokens", make(&bench, "a"));
    let made = ["x", "y", "z"].map(|audience| {
        let asked = json!({ "audience": audience, "expiresIn": 60 });
        let made = send(&bench, "POST", &tokens, asked);
        assert_eq!(made.status, 200, "{made:?}");
        assert_eq!(made.header("cache-control"), Some("no-store"));
        assert!(made.body["expiresAt"].is_string(), "{made:?}");
        let text = |name: &str| made.body[name].as_str().expect("a text").to_owned();
        (text("id"), format!("Bearer {}", text("token")))
    });
    assert_eq!(all(&bench, &tokens, "tokens", "audience"), ["x", "y", "z"]);
    let works = |bearer: &str| {
        let ping = bench.send("GET", "/api/v1/ping", bearer, Value::Null);
        ping.status == 200
    };
    assert!(made.iter().all(|(_, bearer)| works(bearer)));
    let path = format!("{tokens}/{}", made[1].0);
    for _ in 0..2 {
        assert_eq!(send(&bench, "DELETE", &path, Value::Null).status, 204);
    }
    assert_eq!(
        made.each_ref().map(|(_, bearer)| works(bearer)),
        [true, false, true]
    );
    let ids = all(&bench, &tokens, "tokens", "id");
    assert_eq!(ids, [made[0].0.clone(), made[2].0.clone()]);
    let unknown = format!("{PATH}/4711/tokens");
    for (method, path) in [("GET", &unknown), ("POST", &unknown)] {
        let answer = send(&bench, method, path, json!({ "audience": "a" }));
        assert_eq!(answer.status, 404, "{answer:?}");
    }
}
