//! The pure steps that every statement takes, one by one: parse, validate, terms, rules, render.
//! `cargo bench --workspace --bench hot_path`.

use std::hint::black_box;
use std::time::Duration;

use benches::generate::{Family, Generator, Ids};
use cmi5::judge::Writer;
use cmi5::launch_data::{self, Address};
use cmi5::{AuRegistration, Facts, Incoming, Launch, Policies, Seen, Session, State, judge};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use uuid::Uuid;
use xapi::format::{self, Additions, Stored};
use xapi::statement::{parse_actor, parse_one};
use xapi::{Limits, Version};

const SESSION: &str = "0d3c1b9c-2d6b-4d1f-9a54-6f2f0c1c8f11";
const REGISTRATION: &str = "760e3480-ba55-4991-94b0-01820dbd23a2";
const ACTIVITY: &str = "https://lms.example/activities/0f1c/au/7";
const PUBLISHER: &str = "https://publisher.example/courses/geology/au/quiz";
const AUTHORITY: &str =
    r#"{"objectType":"Agent","account":{"homePage":"https://lms.example","name":"key"}}"#;
const STORED: &str = "2026-11-21T12:00:01.123456Z";
const RIGHT: &str = "the generator writes right statements";
/// Different statements, so that no branch is foreseen that would not be.
const STATEMENTS: usize = 200;

criterion_group! {
    name = steps;
    config = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2));
    targets = statements, refusals, rules
}
criterion_main!(steps);

/// Each figure is for [`STATEMENTS`] statements.
fn statements(criterion: &mut Criterion) {
    let texts: Vec<String> = Generator::new(1, Family::Plain, Ids::Client)
        .take(STATEMENTS)
        .map(|sample| sample.text)
        .collect();
    let limits = Limits::default();
    let parse = |text| parse_one(text, Version::V1_0_3, &limits).expect(RIGHT);
    let authority = parse_actor(AUTHORITY, "").expect("it is an agent");
    let mut group = criterion.benchmark_group("200 statements");
    group.throughput(Throughput::Bytes(
        texts.iter().map(|text| text.len() as u64).sum(),
    ));
    group.bench_function("parse and validate", |bencher| {
        bencher.iter(|| {
            for text in &texts {
                black_box(parse(text));
            }
        });
    });
    let parsed: Vec<_> = texts.iter().map(|text| parse(text)).collect();
    group.bench_function("terms", |bencher| {
        bencher.iter(|| {
            for statement in &parsed {
                black_box(storage::term::terms(statement, &authority));
            }
        });
    });
    let shown: Vec<Stored<'_>> = parsed
        .iter()
        .zip(&texts)
        .map(|(statement, text)| Stored {
            id: statement.id.unwrap_or_default(),
            text,
            stored: STORED,
            authority: AUTHORITY,
            additions: Additions::of(statement, Version::V1_0_3),
        })
        .collect();
    group.bench_function("render, exact", |bencher| {
        let mut out = String::new();
        bencher.iter(|| {
            out.clear();
            for stored in &shown {
                format::exact(stored, &mut out);
            }
            black_box(&out);
        });
    });
    group.finish();
}

/// The walk that lists every violation.
fn refusals(criterion: &mut Criterion) {
    let limits = Limits::default();
    let wrong = statement("passed").replace("2026-11-21T12", "2026-13-21T25");
    criterion.bench_function("validate/two violations", |bencher| {
        bencher.iter(|| black_box(parse_one(&wrong, Version::V1_0_3, &limits).is_err()));
    });
}

/// Facts at hand.
fn rules(criterion: &mut Criterion) {
    let limits = Limits::default();
    let launch = launch();
    let (registration, policies) = (AuRegistration::default(), Policies::default());
    let mut group = criterion.benchmark_group("rules");
    for verb in [
        "initialized",
        "experienced",
        "passed",
        "completed",
        "terminated",
    ] {
        let text = statement(verb);
        let parsed = parse_one(&text, Version::V1_0_3, &limits).expect("it is a right statement");
        let session = session(verb);
        let facts = Facts {
            launch: &launch,
            session: &session,
            registration: &registration,
            latest: session.initialized,
            policies: &policies,
            now: 1_795_262_400_000_000,
        };
        group.bench_function(format!("see {verb}"), |bencher| {
            bencher.iter(|| drop(black_box(Seen::of(&parsed))));
        });
        let seen = Seen::of(&parsed);
        let incoming = [Incoming {
            seen: &seen,
            index: 0,
            id: seen.id.expect("it has an id"),
            id_given: true,
            writer: Writer::Token,
            voided: false,
        }];
        let judged = judge::judge(&facts, &incoming);
        assert!(judged.findings.is_empty(), "{:?}", judged.findings);
        group.bench_function(format!("judge {verb}"), |bencher| {
            bencher.iter(|| black_box(judge::judge(&facts, &incoming)));
        });
    }
    group.finish();
}

fn launch() -> Launch {
    let document = format!(
        r#"{{"contextTemplate":{{"contextActivities":{{"grouping":[{{"id":"{PUBLISHER}"}}]}},
            "extensions":{{"https://w3id.org/xapi/cmi5/context/extensions/sessionid":"{SESSION}"}}}},
            "launchMode":"Normal","moveOn":"CompletedAndPassed","masteryScore":0.8}}"#
    );
    let address = Address {
        activity: ACTIVITY,
        actor: "account:https://lms.example|1625378",
        registration: Uuid::parse_str(REGISTRATION).ok(),
    };
    let checked = launch_data::check(document.as_bytes(), &address);
    checked.launch.expect("the launch data are right")
}

fn session(verb: &str) -> Session {
    let began = 1_795_262_399_000_000;
    let mut session = Session::new(began, 1);
    session.launched = Some(Uuid::nil());
    session.preferences_read = true;
    session.state = State::Launched;
    if verb != "initialized" {
        session.state = State::Initialized;
        session.initialized = Some(began);
    }
    session
}

fn statement(verb: &str) -> String {
    let (result, categories) = match verb {
        "completed" => (r#""result":{"completion":true,"duration":"PT12M4S"},"#, 2),
        "passed" => (
            r#""result":{"success":true,"duration":"PT12M4S","score":{"scaled":0.85,"raw":17,"min":0,"max":20}},"#,
            2,
        ),
        "terminated" => (r#""result":{"duration":"PT12M4S"},"#, 1),
        "experienced" => ("", 0),
        _ => ("", 1),
    };
    let category: Vec<&str> = [
        r#"{"id":"https://w3id.org/xapi/cmi5/context/categories/cmi5"}"#,
        r#"{"id":"https://w3id.org/xapi/cmi5/context/categories/moveon"}"#,
    ]
    .into_iter()
    .take(categories)
    .collect();
    let mastery = if verb == "passed" {
        r#","https://w3id.org/xapi/cmi5/context/extensions/masteryscore":0.8"#
    } else {
        ""
    };
    format!(
        r#"{{"id":"7ccd3322-e1a5-411a-a67d-6a735c76f119",
            "actor":{{"objectType":"Agent","name":"A Learner","account":{{"homePage":"https://lms.example","name":"1625378"}}}},
            "verb":{{"id":"http://adlnet.gov/expapi/verbs/{verb}","display":{{"en-US":"{verb}"}}}},
            "object":{{"objectType":"Activity","id":"{ACTIVITY}","definition":{{"name":{{"en-US":"The quiz of the course"}},
                "description":{{"en-US":"Twenty questions about rocks and what they are made of"}},
                "type":"http://adlnet.gov/expapi/activities/assessment"}}}},{result}
            "context":{{"registration":"{REGISTRATION}","contextActivities":{{"category":[{}],"grouping":[{{"id":"{PUBLISHER}"}}]}},
                "extensions":{{"https://w3id.org/xapi/cmi5/context/extensions/sessionid":"{SESSION}"{mastery}}}}},
            "timestamp":"2026-11-21T12:00:00.123Z"}}"#,
        category.join(",")
    )
}
