//! What the rules of cmi5 cost a statement, facts at hand: `rules [ROUNDS]` prints nanoseconds for each step, the best of
//! five runs.

use std::hint::black_box;
use std::time::Instant;

use cmi5::judge::Writer;
use cmi5::launch_data::{self, Address};
use cmi5::{AuRegistration, Facts, Incoming, Launch, Policies, Seen, Session, State, judge};
use uuid::Uuid;
use xapi::statement::parse_one;
use xapi::{Limits, Version};

const SESSION: &str = "0d3c1b9c-2d6b-4d1f-9a54-6f2f0c1c8f11";
const REGISTRATION: &str = "760e3480-ba55-4991-94b0-01820dbd23a2";
const ACTIVITY: &str = "https://lms.example/activities/0f1c/au/7";
const PUBLISHER: &str = "https://publisher.example/courses/geology/au/quiz";

fn main() {
    let rounds = std::env::args()
        .nth(1)
        .and_then(|text| text.parse().ok())
        .unwrap_or(200_000);
    println!(
        "{:<14} {:>8} {:>8} {:>8} {:>8}",
        "statement", "bytes", "parse", "see", "judge"
    );
    for verb in [
        "initialized",
        "experienced",
        "passed",
        "completed",
        "terminated",
    ] {
        measure(verb, rounds);
    }
}

fn measure(verb: &str, rounds: u32) {
    let text = statement(verb);
    let limits = Limits::default();
    let parse = || parse_one(&text, Version::V1_0_3, &limits).expect("it is a right statement");
    let parsed = parse();
    let launch = launch();
    let session = session(verb);
    let (registration, policies) = (AuRegistration::default(), Policies::default());
    let facts = Facts {
        launch: &launch,
        session: &session,
        registration: &registration,
        latest: session.initialized,
        policies: &policies,
        now: 1_795_262_400_000_000,
    };
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
    println!(
        "{verb:<14} {:>8} {:>8} {:>8} {:>8}",
        text.len(),
        best(rounds, || drop(black_box(parse()))),
        best(rounds, || drop(black_box(Seen::of(&parsed)))),
        best(rounds, || drop(black_box(judge::judge(&facts, &incoming)))),
    );
}

/// Nanoseconds of one call, in the best of five runs: others use the machine too.
fn best(rounds: u32, mut work: impl FnMut()) -> u128 {
    (0..5)
        .map(|_| {
            let began = Instant::now();
            for _ in 0..rounds {
                work();
            }
            began.elapsed().as_nanos() / u128::from(rounds)
        })
        .min()
        .unwrap_or_default()
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
