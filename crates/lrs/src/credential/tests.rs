//! Credentials on a store of their own, with a clock that the tests set.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use storage::{Clock, Options, Store, Tenant};
use tempfile::TempDir;
use xapi::Version;

use super::secret::SecretHash;
use super::{
    Credential, Credentials, Generated, KeyError, New, Permission, Refused, Role, Scope, Scopes,
    Settings, record,
};

const START: u64 = 1_800_000_000_000_000;
const SECOND: u64 = 1_000_000;

struct Fixture {
    credentials: Credentials,
    /// The same store as another node sees it.
    elsewhere: Credentials,
    now: Arc<AtomicU64>,
    _directory: TempDir,
}

fn fixture() -> Fixture {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let now = Arc::new(AtomicU64::new(START));
    let clock = Clock::Manual(Arc::clone(&now));
    let options = Options {
        block_cache_bytes: 1 << 20,
        memtable_bytes: 4 << 20,
        ..Options::default()
    };
    let store = Arc::new(Store::open(directory.path(), options).expect("a store is opened"));
    let node = |clock| Credentials::new(Arc::clone(&store), Settings::default(), clock);
    Fixture {
        credentials: node(clock.clone()),
        elsewhere: node(clock),
        now,
        _directory: directory,
    }
}

fn new(name: &str) -> New {
    New {
        name: name.to_owned(),
        tenant: Tenant::DEFAULT,
        role: Role::Lms,
        scopes: Scopes::of(&[Scope::StatementsWrite, Scope::StatementsReadMine]),
        assume_version: Some(Version::V1_0_3),
        authority_home_page: "https://lrs.example".to_owned(),
    }
}

impl Fixture {
    fn pass(&self, seconds: u64) {
        self.now.fetch_add(seconds * SECOND, Ordering::SeqCst);
    }

    fn authenticate(&self, made: &Generated) -> Result<Arc<Credential>, Refused> {
        authenticate(&self.credentials, &made.key, &made.secret)
    }
}

fn authenticate(node: &Credentials, key: &str, secret: &str) -> Result<Arc<Credential>, Refused> {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime is built")
        .block_on(node.authenticate(key, secret))
}

#[track_caller]
fn check_refused(outcome: Result<Arc<Credential>, Refused>) {
    assert!(matches!(outcome, Err(Refused::Unknown)), "{outcome:?}");
}

#[test]
fn a_key_is_known_with_its_secret_alone() {
    let at = fixture();
    let made = at.credentials.add(&new("moodle")).expect("it is made");
    assert_eq!((made.key.len(), made.secret.len()), (24, 43));
    let found = at.authenticate(&made).expect("key and secret are right");
    assert_eq!(
        (found.key.as_str(), found.name.as_str()),
        (made.key.as_str(), "moodle")
    );
    assert_eq!((found.role, found.tenant), (Role::Lms, Tenant::DEFAULT));
    assert_eq!(found.assume_version, Some(Version::V1_0_3));
    assert_eq!(found.created, START);
    assert_eq!(
        found.authority,
        r#"{"objectType":"Agent","name":"moodle","account":{"homePage":"https://lrs.example","name":"moodle"}}"#
    );
    for (key, secret) in [
        (made.key.as_str(), "wrong"),
        (made.key.as_str(), ""),
        ("nobody", made.secret.as_str()),
        ("", ""),
        (&made.secret, &made.key),
        ("moodle", &made.secret),
        (&made.key, &format!("{}x", made.secret)),
        (&"k".repeat(100_000), &made.secret),
        (&made.key, &"s".repeat(100_000)),
        ("\0", "\u{10FFFF}"),
    ] {
        check_refused(authenticate(&at.credentials, key, secret));
    }
    assert!(
        at.credentials
            .accepts(&made.key, &made.secret)
            .expect("it is read")
    );
    assert!(
        !at.credentials
            .accepts(&made.key, "wrong")
            .expect("it is read")
    );
}

#[test]
fn a_checked_secret_is_not_hashed_again() {
    let at = fixture();
    let made = at.credentials.add(&new("a")).expect("it is made");
    at.authenticate(&made).expect("it is right");
    let once = Instant::now();
    SecretHash::nobodys().matches("x");
    let once = once.elapsed();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime");
    let many = Instant::now();
    runtime.block_on(async {
        for _ in 0..1_000 {
            at.credentials
                .authenticate(&made.key, &made.secret)
                .await
                .expect("it is right");
        }
    });
    // A thousand hashes would take 20 s; a thousand look-ups take less than one hash.
    assert!(
        many.elapsed() < once,
        "{:?}, and one hash {once:?}",
        many.elapsed()
    );
    check_refused(authenticate(&at.credentials, &made.key, "wrong"));
    let many = Instant::now();
    for _ in 0..100 {
        check_refused(runtime.block_on(at.credentials.authenticate(&made.key, "wrong")));
    }
    assert!(
        many.elapsed() < once,
        "{:?} for wrong secrets",
        many.elapsed()
    );
}

#[test]
fn an_unknown_key_costs_as_much_as_a_wrong_secret() {
    let at = fixture();
    let made = at.credentials.add(&new("a")).expect("it is made");
    let time = |key: &str, round: u32| {
        let begun = Instant::now();
        check_refused(authenticate(
            &at.credentials,
            key,
            &format!("wrong {round}"),
        ));
        begun.elapsed()
    };
    let known = (0..5).map(|round| time(&made.key, round)).min();
    let unknown = (0..5).map(|round| time("nobody", round)).min();
    let (known, unknown) = (known.unwrap_or_default(), unknown.unwrap_or_default());
    assert!(
        unknown * 8 > known && known * 8 > unknown,
        "{known:?} and {unknown:?}"
    );
}

#[test]
fn a_revoked_key_is_refused_at_once_here_and_soon_elsewhere() {
    let at = fixture();
    let made = at.credentials.add(&new("a")).expect("it is made");
    let other = at.credentials.add(&new("b")).expect("it is made");
    at.authenticate(&made).expect("it is right");
    authenticate(&at.elsewhere, &made.key, &made.secret).expect("it is right there too");
    at.pass(1);
    let revoked = at.credentials.revoke(&made.key).expect("it is revoked");
    assert_eq!(revoked.revoked, Some(START + SECOND));
    assert!(revoked.secrets.is_empty());
    check_refused(at.authenticate(&made));
    at.authenticate(&other).expect("the other is as before");
    at.pass(30);
    check_refused(authenticate(&at.elsewhere, &made.key, &made.secret));
    let again = at
        .credentials
        .revoke(&made.key)
        .expect("once more changes nothing");
    assert_eq!(again.revoked, revoked.revoked);
    let rotated = at.credentials.rotate(&made.key, Duration::ZERO);
    assert!(matches!(rotated, Err(KeyError::Revoked(_))), "{rotated:?}");
}

#[test]
fn a_rotated_secret_overlaps_with_the_one_before_and_no_longer() {
    let at = fixture();
    let first = at.credentials.add(&new("a")).expect("it is made");
    at.authenticate(&first).expect("it is right");
    let second = at
        .credentials
        .rotate("a", Duration::from_secs(10))
        .expect("it is rotated");
    assert_eq!(first.key, second.key);
    assert_ne!(first.secret, second.secret);
    at.authenticate(&second).expect("the new one is right");
    at.authenticate(&first).expect("the old one still is");
    at.pass(9);
    at.authenticate(&first).expect("for ten seconds");
    at.pass(1);
    check_refused(at.authenticate(&first));
    at.authenticate(&second).expect("the new one stays");

    let third = at
        .credentials
        .rotate(&first.key, Duration::from_secs(100))
        .expect("rotated");
    let fourth = at
        .credentials
        .rotate(&first.key, Duration::from_secs(100))
        .expect("rotated");
    check_refused(at.authenticate(&second));
    at.authenticate(&third).expect("the last two overlap");
    at.authenticate(&fourth).expect("the last two overlap");
    let fifth = at
        .credentials
        .rotate(&first.key, Duration::ZERO)
        .expect("rotated");
    check_refused(at.authenticate(&fourth));
    at.authenticate(&fifth)
        .expect("without overlap it is alone");
}

#[test]
fn a_refusal_does_not_outlive_what_it_was_about() {
    let at = fixture();
    let given = Generated {
        key: "k".to_owned(),
        secret: "a-given-secret".to_owned(),
    };
    check_refused(at.authenticate(&given));
    check_refused(authenticate(&at.elsewhere, &given.key, &given.secret));
    at.credentials
        .bootstrap(Some(given.clone()), "https://h")
        .expect("it is made");
    at.authenticate(&given).expect("at once, where it was made");
    check_refused(authenticate(&at.elsewhere, &given.key, &given.secret));
    at.pass(5);
    authenticate(&at.elsewhere, &given.key, &given.secret).expect("soon elsewhere");
}

#[test]
fn a_clock_that_is_set_back_does_not_prolong_belief() {
    let at = fixture();
    let made = at.credentials.add(&new("a")).expect("it is made");
    at.pass(3_600);
    at.authenticate(&made).expect("it is right");
    at.elsewhere
        .revoke(&made.key)
        .expect("it is revoked elsewhere");
    at.now.store(START, Ordering::SeqCst);
    check_refused(at.authenticate(&made));
}

#[test]
fn the_first_key_is_made_once() {
    let at = fixture();
    let made = at
        .credentials
        .bootstrap(None, "https://h")
        .expect("it can be")
        .expect("none is there");
    let found = at.authenticate(&made).expect("it is right");
    assert_eq!(found.role, Role::LmsAu);
    assert!(found.scopes.permits(Permission::Administer));
    assert!(found.scopes.permits(Permission::WriteStatements));
    let given = Generated::random();
    let again = at
        .credentials
        .bootstrap(Some(given.clone()), "https://h")
        .expect("it can be");
    assert_eq!(again, None);
    check_refused(at.authenticate(&given));
    at.credentials.revoke(&made.key).expect("it is revoked");
    let again = at
        .credentials
        .bootstrap(None, "https://h")
        .expect("it can be");
    assert_eq!(
        again, None,
        "a store whose keys are all revoked stays closed"
    );
}

#[test]
fn names_are_unique_among_those_in_use() {
    let at = fixture();
    let made = at.credentials.add(&new("a")).expect("it is made");
    let second = at.credentials.add(&new("a"));
    assert!(matches!(second, Err(KeyError::NameTaken(_))), "{second:?}");
    at.credentials.revoke("a").expect("by its name");
    let second = at
        .credentials
        .add(&new("a"))
        .expect("the name is free again");
    let listed: Vec<String> = at
        .credentials
        .list()
        .expect("they are read")
        .into_iter()
        .map(|c| c.key)
        .collect();
    assert_eq!(listed.len(), 2);
    assert!(listed.contains(&made.key) && listed.contains(&second.key));
    for bad in ["", "line\nbreak", " blank", &"n".repeat(129)] {
        assert!(
            matches!(at.credentials.add(&new(bad)), Err(KeyError::BadName)),
            "{bad:?}"
        );
    }
    let mut without = new("b");
    without.scopes = Scopes::default();
    assert!(matches!(
        at.credentials.add(&without),
        Err(KeyError::NoScopes)
    ));
    let none = at.credentials.revoke("nobody");
    assert!(matches!(none, Err(KeyError::NoSuchKey(_))), "{none:?}");
}

#[test]
fn parallel_changes_lose_nothing() {
    let at = fixture();
    let made: Vec<Result<Generated, KeyError>> = std::thread::scope(|scope| {
        let at = &at;
        let threads: Vec<_> = (0..8)
            .map(|n| {
                let node = if n % 2 == 0 {
                    &at.credentials
                } else {
                    &at.elsewhere
                };
                scope.spawn(move || node.add(&new(&format!("{}", n / 2))))
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("no panic"))
            .collect()
    });
    let (good, refused): (Vec<_>, Vec<_>) = made.into_iter().partition(Result::is_ok);
    assert_eq!(
        (good.len(), refused.len()),
        (4, 4),
        "each name once: {refused:?}"
    );
    assert_eq!(at.credentials.list().expect("they are read").len(), 4);
}

#[test]
fn secrets_are_argon2id_at_rest_and_never_shown() {
    let hash = SecretHash::of("hush", 1);
    assert!(
        hash.phc().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
        "{}",
        hash.phc()
    );
    assert!(hash.matches("hush"));
    assert!(!hash.matches("hush "));
    let begun = Instant::now();
    assert!(!SecretHash::nobodys().matches("hush"));
    assert!(
        begun.elapsed() > Duration::from_millis(2),
        "nobody's is hashed like any other"
    );
    assert!(!format!("{hash:?}").contains("argon2"));
    let made = Generated::random();
    assert!(!format!("{made:?}").contains(&made.secret));
}

#[test]
fn a_record_is_read_as_it_was_written() {
    let credential = Credential {
        key: "k".to_owned(),
        name: "n".to_owned(),
        tenant: Tenant(7),
        role: Role::LmsAu,
        scopes: Scopes::of(&Scope::ALL),
        assume_version: Some(Version::V2_0_0),
        authority: "{}".to_owned(),
        secrets: vec![SecretHash::from_phc("p".to_owned(), 1, Some(2))],
        created: 3,
        revoked: Some(4),
    };
    let bytes = record::encode(&credential);
    assert_eq!(record::decode(&bytes).as_ref(), Ok(&credential));
    assert_eq!(
        String::from_utf8_lossy(&bytes),
        concat!(
            r#"{"shape":1,"key":"k","name":"n","tenant":7,"role":"lms+au","scopes":["all","all/read","#,
            r#""statements/write","statements/read","statements/read/mine","state","profile","define","admin"],"#,
            r#""assume_version":"2.0.0","authority":"{}","secrets":[{"phc":"p","created":1,"expires":2}],"#,
            r#""created":3,"revoked":4}"#
        ),
        "what is on disk does not change by accident"
    );
    let text = String::from_utf8_lossy(&bytes).into_owned();
    for (from, to) in [
        ("\"shape\":1", "\"shape\":2"),
        ("lms+au", "boss"),
        ("\"define\"", "\"undefine\""),
        ("2.0.0", "3.0.0"),
        ("\"key\"", "\"kye\""),
        ("{\"shape\"", "[\"shape\""),
    ] {
        assert!(
            record::decode(text.replace(from, to).as_bytes()).is_err(),
            "{to}"
        );
    }
}

#[test]
fn scopes_permit_what_the_specification_says() {
    use Permission::{
        Administer, Define, ReadDefinitions, ReadOwnStatements, ReadProfile, ReadState,
        ReadStatements, WriteProfile, WriteState, WriteStatements,
    };
    let all = [
        WriteStatements,
        ReadStatements,
        ReadOwnStatements,
        ReadState,
        WriteState,
        ReadProfile,
        WriteProfile,
        ReadDefinitions,
        Define,
        Administer,
    ];
    let table: [(Scope, &[Permission]); 9] = [
        (Scope::All, &all[..9]),
        (
            Scope::AllRead,
            &[
                ReadStatements,
                ReadOwnStatements,
                ReadState,
                ReadProfile,
                ReadDefinitions,
            ],
        ),
        (Scope::StatementsWrite, &[WriteStatements]),
        (
            Scope::StatementsRead,
            &[ReadStatements, ReadOwnStatements, ReadDefinitions],
        ),
        (
            Scope::StatementsReadMine,
            &[ReadOwnStatements, ReadDefinitions],
        ),
        (Scope::State, &[ReadState, WriteState, ReadDefinitions]),
        (
            Scope::Profile,
            &[ReadProfile, WriteProfile, ReadDefinitions],
        ),
        (Scope::Define, &[Define, ReadDefinitions]),
        (Scope::Admin, &[Administer]),
    ];
    for (scope, permitted) in table {
        for permission in all {
            assert_eq!(
                Scopes::of(&[scope]).permits(permission),
                permitted.contains(&permission),
                "{scope} and {permission:?}"
            );
        }
        assert_eq!(Scope::parse(scope.as_str()), Some(scope));
    }
    assert_eq!(Scope::parse("ALL"), None);
    assert_eq!(
        Scopes::of(&[Scope::Admin, Scope::All]).to_string(),
        "all admin"
    );
}
