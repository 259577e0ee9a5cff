//! Launch tenants and their tokens on a store of their own, with a clock that the tests set.

use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use storage::{Clock, Options, Store};
use tempfile::TempDir;

use super::*;
use crate::credential::Credentials;
use crate::launch::tenants::{IfExists, create, delete};

/// 2026-11-21T12:00:00.5Z.
const BEGAN: u64 = 1_795_262_400_500_000;
const AUTHORITY: &str =
    r#"{"objectType":"Agent","account":{"homePage":"https://lms.example","name":"admin"}}"#;

struct World {
    lrs: Arc<Lrs>,
    admin: Caller,
    clock: Arc<AtomicU64>,
    _directory: TempDir,
}

fn world(lifetime_seconds: u32) -> World {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let clock = Arc::new(AtomicU64::new(BEGAN));
    let options = Options {
        clock: Clock::Manual(Arc::clone(&clock)),
        durability: storage::Durability::Unsynced,
        ..Options::default()
    };
    let store = Arc::new(Store::open(directory.path(), options).expect("the store opens"));
    let credentials = Credentials::new(
        Arc::clone(&store),
        crate::credential::Settings::default(),
        Clock::Manual(Arc::clone(&clock)),
    );
    let settings = crate::Settings {
        launch_tokens: Settings {
            lifetime_seconds: NonZeroU32::new(lifetime_seconds),
        },
        ..crate::Settings::default()
    };
    // Its first commit blocks, which a thread that drives tasks must not.
    let lrs = std::thread::spawn(move || Lrs::new(store, settings, credentials))
        .join()
        .expect("no thread panics")
        .expect("the signing key is made");
    World {
        lrs: Arc::new(lrs),
        admin: caller(Tenant::DEFAULT, Scope::Admin),
        clock,
        _directory: directory,
    }
}

fn caller(tenant: Tenant, scope: Scope) -> Caller {
    Caller {
        credential: Arc::new(Credential {
            key: "k".to_owned(),
            name: "the admin".to_owned(),
            tenant,
            role: Role::Au,
            scopes: Scopes::of(&[scope]),
            assume_version: None,
            authority: AUTHORITY.to_owned(),
            secrets: Vec::new(),
            created: 0,
            revoked: None,
        }),
        version: Version::V1_0_3,
        session: None,
    }
}

impl World {
    async fn tenant(&self, code: &str) -> u64 {
        let made = create(&self.lrs, &self.admin, code, IfExists::Refuse).await;
        made.expect("it is made").number
    }

    async fn issue(&self, number: u64, seconds: u32) -> Issued {
        let seconds = NonZeroU32::new(seconds);
        let issued = issue(&self.lrs, &self.admin, number, "moodle", seconds).await;
        issued.expect("a token")
    }

    fn opens(&self, jwt: &str) -> bool {
        let owner = authenticate(&self.lrs, jwt).expect("the store is read");
        owner.is_some()
    }

    fn pass(&self, seconds: u64) {
        self.clock.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }

    fn listed(&self, number: u64) -> Vec<Uuid> {
        let page = list(&self.lrs, &self.admin, number, &Part::default());
        let tokens = page.expect("a list").entries;
        tokens.into_iter().map(|token| token.id).collect()
    }
}

fn claims(jwt: &str) -> Value {
    let payload = jwt.split('.').nth(1).expect("a payload");
    let payload = URL_SAFE_NO_PAD.decode(payload).expect("base64url");
    serde_json::from_slice(&payload).expect("JSON")
}

fn unsigned(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.", part(header), part(claims))
}

#[tokio::test]
async fn a_code_is_taken_once_in_its_store_tenant() {
    let at = world(0);
    let number = at.tenant("moodle").await;
    assert!(number > 0);
    let again = |how| create(&at.lrs, &at.admin, "moodle", how);
    let refused = again(IfExists::Refuse).await;
    assert!(
        matches!(refused, Err(Error::Exists { number: known, .. }) if known == number),
        "{refused:?}"
    );
    let returned = again(IfExists::Return)
        .await
        .expect("the one that is there");
    assert_eq!((returned.number, returned.tenant), (number, 1));
    assert_eq!(returned.authority, AUTHORITY);
    let other = caller(Tenant(2), Scope::Admin);
    let elsewhere = create(&at.lrs, &other, "moodle", IfExists::Refuse).await;
    assert_ne!(elsewhere.expect("a code of its own").number, number);
    delete(&at.lrs, &at.admin, number).await.expect("deleted");
    assert_ne!(at.tenant("moodle").await, number, "the code is free again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixteen_at_once_make_one() {
    let at = world(0);
    // Else taking the first number would line them up.
    at.tenant("first").await;
    for code in 0..16 {
        let together = Arc::new(tokio::sync::Barrier::new(16));
        let mut all = tokio::task::JoinSet::new();
        for _ in 0..16 {
            let (lrs, admin) = (Arc::clone(&at.lrs), at.admin.clone());
            let together = Arc::clone(&together);
            all.spawn(async move {
                together.wait().await;
                create(&lrs, &admin, &code.to_string(), IfExists::Refuse).await
            });
        }
        let (mut made, mut refused) = (0, 0);
        for one in all.join_all().await {
            match one {
                Ok(_) => made += 1,
                Err(Error::Exists { .. }) => refused += 1,
                Err(error) => panic!("{error:?}"),
            }
        }
        assert_eq!((made, refused), (1, 15));
    }
}

#[test]
fn ids_lie_in_the_order_of_making() {
    let began = i64::try_from(BEGAN).expect("it is small");
    let ids: Vec<Uuid> = (0..3_000).map(|micros| new_id(began + micros)).collect();
    assert!(ids.is_sorted());
    assert!(ids.iter().all(|id| id.get_version_num() == 7));
    assert_ne!(new_id(began), new_id(began));
}

#[tokio::test]
async fn codes_and_audiences_are_text_of_some_length() {
    let at = world(0);
    for (code, is_one) in [
        ("", false),
        (&*"c".repeat(255), true),
        (&*"c".repeat(256), false),
        ("a\nb", false),
        ("a code: \u{1F600} %/", true),
    ] {
        let made = create(&at.lrs, &at.admin, code, IfExists::Refuse).await;
        assert_eq!(made.is_ok(), is_one, "{code:?} {made:?}");
    }
    let number = at.tenant("t").await;
    for (audience, is_one) in [
        ("", false),
        (&*"\u{1}".repeat(255), true),
        (&*"a".repeat(256), false),
    ] {
        let issued = issue(&at.lrs, &at.admin, number, audience, None).await.ok();
        assert_eq!(issued.is_some(), is_one, "{audience:?}");
        let opens = issued.map(|issued| at.opens(&issued.jwt));
        assert_eq!(opens, is_one.then_some(true));
    }
}

#[tokio::test]
async fn a_token_is_its_launch_tenants() {
    let at = world(0);
    let number = at.tenant("moodle").await;
    let issued = at.issue(number, 0).await;
    assert_eq!(
        claims(&issued.jwt),
        json!({
            "iss": "urn:catapult:player",
            "aud": "urn:catapult:moodle",
            "sub": number,
            "jti": issued.token.id.to_string(),
            "iat": BEGAN / 1_000_000,
        })
    );
    let owner = authenticate(&at.lrs, &issued.jwt).expect("the store is read");
    let owner = owner.expect("it counts");
    assert_eq!(owner.launch_tenant, Some(number));
    let credential = &owner.caller.credential;
    assert_eq!(credential.name, "launch tenant moodle");
    assert_eq!(credential.authority, AUTHORITY);
    assert_eq!(credential.tenant, Tenant::DEFAULT);
    assert!(owner.caller.needs_to_run_sessions().is_ok());
    assert!(owner.caller.needs(Permission::Administer).is_err());
    at.pass(100 * 365 * 86_400);
    assert!(at.opens(&issued.jwt), "it never ends");
}

#[tokio::test]
async fn a_revoked_token_and_those_of_a_deleted_tenant_count_no_more() {
    let at = world(0);
    let (number, other) = (at.tenant("a").await, at.tenant("b").await);
    let (first, second) = (at.issue(number, 0).await, at.issue(number, 0).await);
    let others = at.issue(other, 0).await;
    assert_eq!(at.listed(number).len(), 2);
    for _ in 0..2 {
        let revoked = revoke(&at.lrs, &at.admin, number, first.token.id).await;
        revoked.expect("it is revoked");
    }
    assert_eq!(
        [&first, &second].map(|issued| at.opens(&issued.jwt)),
        [false, true]
    );
    assert_eq!(at.listed(number), [second.token.id]);
    for _ in 0..2 {
        let deleted = delete(&at.lrs, &at.admin, number).await;
        deleted.expect("it is deleted");
    }
    assert_eq!(
        [&second, &others].map(|issued| at.opens(&issued.jwt)),
        [false, true]
    );
    let unknown = issue(&at.lrs, &at.admin, number, "x", None).await;
    assert!(matches!(unknown.err(), Some(Error::NotFound(_))));
    let left = page(&at.lrs, &keys::launch_tokens(number), None, 10);
    assert!(left.expect("a page").is_empty(), "nothing is left of it");
}

#[tokio::test]
async fn a_tenant_that_is_being_deleted_has_no_tokens() {
    let at = world(0);
    let number = at.tenant("a").await;
    let issued = at.issue(number, 0).await;
    let (_, tenant) = tenants::versioned(&at.lrs, &at.admin, number).expect("it is there");
    // As a deletion leaves it that was broken off after its first commit.
    let gone = LaunchTenant {
        deleted: true,
        ..tenant
    };
    decide_and_commit(&at.lrs, Vec::new(), || {
        Ok(Decision {
            batch: Some(Batch {
                tenant: SERVER,
                asserts: Vec::new(),
                ops: vec![put(keys::launch_tenant(number), &gone)],
            }),
            answer: (),
        })
    })
    .await
    .expect("it is written");
    assert!(!at.opens(&issued.jwt));
    let found = tenants::get(&at.lrs, &at.admin, number);
    assert!(matches!(found, Err(Error::NotFound(_))), "{found:?}");
    delete(&at.lrs, &at.admin, number)
        .await
        .expect("it goes on");
    let left = page(&at.lrs, &keys::launch_tokens(number), None, 10);
    assert!(left.expect("a page").is_empty());
}

#[tokio::test]
async fn a_token_ends_with_its_time() {
    let at = world(0);
    let number = at.tenant("a").await;
    let issued = at.issue(number, 60).await;
    let end = BEGAN / 1_000_000 + 60;
    assert_eq!(claims(&issued.jwt)["exp"], end);
    at.clock.store(end * 1_000_000 - 1, Ordering::SeqCst);
    assert!(at.opens(&issued.jwt));
    assert_eq!(sweep(&at.lrs).await.expect("swept"), 0);
    at.clock.store(end * 1_000_000, Ordering::SeqCst);
    assert!(!at.opens(&issued.jwt));
    let forever = at.issue(number, 0).await;
    assert_eq!(sweep(&at.lrs).await.expect("swept"), 1);
    assert_eq!(at.listed(number), [forever.token.id]);
}

#[tokio::test]
async fn the_configured_lifetime_bounds_what_is_asked_for() {
    let at = world(100);
    let number = at.tenant("a").await;
    for (asked, lives) in [(0, 100), (60, 60), (1_000, 100), (u32::MAX, 100)] {
        let issued = at.issue(number, asked).await;
        let expected = BEGAN / 1_000_000 + lives;
        assert_eq!(claims(&issued.jwt)["exp"], expected, "{asked}");
    }
}

#[tokio::test]
async fn nothing_else_passes_for_a_token() {
    let at = world(0);
    let number = at.tenant("a").await;
    let other = at.tenant("b").await;
    let jwt = at.issue(number, 0).await.jwt;
    assert!(at.opens(&jwt));
    let good = claims(&jwt);
    let with = |name: &str, value: Value| {
        let mut claims = good.clone();
        claims[name] = value;
        claims
    };
    let key = EncodingKey::from_secret(&at.lrs.cursors.derive("launch tokens"));
    let signed = |algorithm, claims: &Value, key: &EncodingKey| {
        jsonwebtoken::encode(&Header::new(algorithm), claims, key).expect("it is signed")
    };
    assert!(at.opens(&signed(Algorithm::HS256, &good, &key)));
    let (head, signature) = jwt.rsplit_once('.').expect("a signature");
    let (header, _) = head.split_once('.').expect("a payload");
    let forged = URL_SAFE_NO_PAD.encode(with("sub", json!(other)).to_string());
    let foreign = EncodingKey::from_secret(&at.lrs.cursors.derive("links"));
    for wrong in [
        String::new(),
        "a.b.c".to_owned(),
        format!("{head}."),
        format!("{header}.{forged}.{signature}"),
        format!("{jwt}A"),
        format!("{jwt}{}", "A".repeat(1 << 20)),
        unsigned(&json!({ "alg": "none" }), &good),
        unsigned(&json!({ "alg": "None", "typ": "JWT" }), &good),
        unsigned(&json!({ "alg": "HS256", "typ": "JWT" }), &good),
        format!("{}{signature}", unsigned(&json!({ "alg": "RS256" }), &good)),
        signed(Algorithm::HS512, &good, &key),
        signed(Algorithm::HS256, &good, &foreign),
        signed(Algorithm::HS256, &with("iss", json!("urn:other")), &key),
        signed(
            Algorithm::HS256,
            &with("aud", json!("urn:other:moodle")),
            &key,
        ),
        signed(Algorithm::HS256, &with("sub", json!(other)), &key),
        signed(Algorithm::HS256, &with("jti", json!(Uuid::nil())), &key),
    ] {
        assert!(!at.opens(&wrong), "{:.200}", wrong);
    }
}

#[tokio::test]
async fn a_deletion_that_was_broken_off_goes_on() {
    let at = world(0);
    let [gone, stays] = [at.tenant("a").await, at.tenant("b").await];
    let [of_gone, of_stays] = [at.issue(gone, 0).await, at.issue(stays, 0).await];
    // What the first commit of a deletion leaves.
    let found = tenants::get(&at.lrs, &at.admin, gone).expect("it is there");
    let deleted = LaunchTenant {
        deleted: true,
        ..found
    };
    let batch = Batch {
        tenant: SERVER,
        asserts: Vec::new(),
        ops: vec![put(keys::launch_tenant(gone), &deleted)],
    };
    at.lrs
        .store
        .commit(batch)
        .await
        .expect("nothing is asserted");
    assert!(!at.opens(&of_gone.jwt));
    tenants::resume(&at.lrs).await.expect("it goes on");
    let left = |number| page(&at.lrs, &keys::launch_tokens(number), None, 10).map(|all| all.len());
    assert_eq!((left(gone).ok(), left(stays).ok()), (Some(0), Some(1)));
    let key = FactKey::Record(keys::launch_tenant(gone));
    let record = records(&at.lrs, SERVER, &[key]).expect("it is read");
    assert_eq!(record, [None]);
    assert!(at.opens(&of_stays.jwt), "and the other one is as it was");
}

#[tokio::test]
async fn another_store_tenant_learns_nothing() {
    let at = world(0);
    let number = at.tenant("a").await;
    let issued = at.issue(number, 0).await;
    let other = caller(Tenant(2), Scope::Admin);
    let (lrs, part) = (&at.lrs, Part::default());
    let unseen = |error: Option<Error>| assert!(matches!(error, Some(Error::NotFound(_))));
    unseen(tenants::get(lrs, &other, number).err());
    unseen(issue(lrs, &other, number, "x", None).await.err());
    unseen(list(lrs, &other, number, &part).err());
    unseen(revoke(lrs, &other, number, issued.token.id).await.err());
    let listed = tenants::list(lrs, &other, &part).expect("a list");
    assert!(listed.entries.is_empty());
    delete(lrs, &other, number).await.expect("as if unknown");
    assert!(at.opens(&issued.jwt), "and nothing has happened");
}

#[tokio::test]
async fn only_administrators_are_let_in() {
    let at = world(0);
    let number = at.tenant("a").await;
    let lms = caller(Tenant::DEFAULT, Scope::All);
    let (lrs, part) = (&at.lrs, Part::default());
    let refused = |error: Option<Error>| assert!(matches!(error, Some(Error::Forbidden(_))));
    refused(create(lrs, &lms, "b", IfExists::Return).await.err());
    refused(delete(lrs, &lms, number).await.err());
    refused(tenants::get(lrs, &lms, number).err());
    refused(tenants::list(lrs, &lms, &part).err());
    refused(issue(lrs, &lms, number, "x", None).await.err());
    refused(list(lrs, &lms, number, &part).err());
    refused(revoke(lrs, &lms, number, Uuid::nil()).await.err());
}

#[tokio::test]
async fn lists_go_on() {
    let at = world(0);
    for code in ["c", "a", "b"] {
        at.tenant(code).await;
    }
    let mut part = Part {
        limit: Some(2),
        cursor: None,
    };
    let mut codes = Vec::new();
    loop {
        let page = tenants::list(&at.lrs, &at.admin, &part).expect("a page");
        codes.extend(page.entries.into_iter().map(|one| one.code));
        match page.more {
            Some(more) => part.cursor = Some(more),
            None => break,
        }
    }
    assert_eq!(codes, ["a", "b", "c"]);
    let number = at.tenant("d").await;
    let foreign = list(&at.lrs, &at.admin, number, &part);
    assert!(matches!(foreign, Err(Error::Violations(_))), "{foreign:?}");
}
