//! Whole cmi5 sessions by token beside plain statements by a key, for growing numbers of connections: whether AUs wait for
//! one another, and what the rules cost in the server. Starts the server itself on a fresh directory.

use std::error::Error;
use std::path::PathBuf;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use benches::client::{Body, Client, Endpoint};
use benches::process::{self, Server, Setup};
use clap::Parser;
use serde_json::{Value, json};
use uuid::Uuid;

#[derive(Parser)]
struct Args {
    /// Learners at one time, one run for each number.
    #[arg(long, value_delimiter = ',', default_value = "1,4,16,64")]
    connections: Vec<usize>,
    /// Sessions of one run, all learners together.
    #[arg(long, default_value_t = 640)]
    sessions: usize,
    /// The `tessera` program; else the one beside this program, or TESSERA_BINARY.
    #[arg(long)]
    binary: Option<PathBuf>,
}

const CATEGORY_CMI5: &str = "https://w3id.org/xapi/cmi5/context/categories/cmi5";
const CATEGORY_MOVE_ON: &str = "https://w3id.org/xapi/cmi5/context/categories/moveon";
const SESSION_ID: &str = "https://w3id.org/xapi/cmi5/context/extensions/sessionid";
const MASTERY_SCORE: &str = "https://w3id.org/xapi/cmi5/context/extensions/masteryscore";
const PUBLISHER: &str = "https://publisher.example/courses/geology/au/quiz";
const ACTIVITY: &str = "https://lms.example/activities/0f1c/au/7";
/// Statements of a session, in order.
const VERBS: [&str; 5] = [
    "initialized",
    "experienced",
    "passed",
    "completed",
    "terminated",
];
/// Requests of a session by its AU: preferences, launch data, and a statement each.
const REQUESTS: usize = VERBS.len() + 2;

struct Learner {
    /// With the token of the session.
    au: Client,
    /// With the key.
    lms: Client,
    number: usize,
    session: Uuid,
    registration: Uuid,
}

/// What one run came to.
struct Run {
    requests: usize,
    time: Duration,
    processor: Duration,
}

fn main() -> Result<(), Box<dyn Error>> {
    let args = Args::parse();
    let directory = tempfile::tempdir()?;
    let setup = Setup {
        binary: match args.binary {
            Some(binary) => binary,
            None => process::binary()?,
        },
        data: directory.path().join("data"),
        log: directory.path().join("log"),
        environment: vec![("TESSERA__LOG__FILTER", "warn".into())],
    };
    let server = setup.start()?;
    println!("connections   plain/s   session/s   ratio   plain us   session us");
    for connections in args.connections {
        let each = args.sessions.div_ceil(connections);
        let plain = run(&server, connections, each, plain_statements)?;
        let sessions = run(&server, connections, each, whole_session)?;
        println!(
            "{connections:>11} {:>9.0} {:>11.0} {:>7.2} {:>10.0} {:>12.0}",
            plain.rate(),
            sessions.rate(),
            sessions.rate() / plain.rate(),
            plain.cost(),
            sessions.cost(),
        );
    }
    Ok(())
}

impl Run {
    /// Requests a second.
    fn rate(&self) -> f64 {
        self.requests as f64 / self.time.as_secs_f64()
    }

    /// Microseconds of the server's processor time a request.
    fn cost(&self) -> f64 {
        self.processor.as_secs_f64() * 1e6 / self.requests as f64
    }
}

/// Every connection has its sessions launched first; then all begin at once.
fn run(
    server: &Server,
    connections: usize,
    each: usize,
    work: fn(&Learner) -> Result<usize, String>,
) -> Result<Run, Box<dyn Error>> {
    let endpoint = server.endpoint();
    let begin = Barrier::new(connections + 1);
    let outcome: Result<(usize, Duration, Duration), Box<dyn Error>> = thread::scope(|scope| {
        let threads: Vec<_> = (0..connections)
            .map(|number| {
                let (endpoint, begin) = (&endpoint, &begin);
                scope.spawn(move || {
                    let lms = Client::new(endpoint);
                    let learners: Result<Vec<Learner>, String> =
                        (0..each).map(|_| launch(&lms, endpoint, number)).collect();
                    begin.wait();
                    learners?.iter().map(work).sum::<Result<usize, String>>()
                })
            })
            .collect();
        begin.wait();
        let (start, before) = (Instant::now(), process::cpu_time(server.pid())?);
        let mut requests = 0;
        for thread in threads {
            requests += thread.join().map_err(|_| "a connection panicked")??;
        }
        let processor = process::cpu_time(server.pid())? - before;
        Ok((requests, start.elapsed(), processor))
    });
    let (requests, time, processor) = outcome?;
    Ok(Run {
        requests,
        time,
        processor,
    })
}

/// The LMS's part: launch data and a fetch URL; the learner's client has the token.
fn launch(lms: &Client, endpoint: &Endpoint, number: usize) -> Result<Learner, String> {
    let (session, registration) = (random(), random());
    let data = json!({
        "contextTemplate": {
            "contextActivities": { "grouping": [{ "id": PUBLISHER }] },
            "extensions": { SESSION_ID: session },
        },
        "launchMode": "Normal",
        "moveOn": "CompletedAndPassed",
        "masteryScore": 0.8,
    });
    let query = state(number, registration);
    let query: Vec<(&str, &str)> = query
        .iter()
        .map(|(name, value)| (*name, &**value))
        .collect();
    let put = lms.put("/activities/state", &query, Body::json(&data.to_string()));
    expect(put, 204)?;
    // Beside the xAPI endpoint.
    let root = endpoint.url.trim_end_matches("/xapi");
    let api = Client::new(&Endpoint {
        url: root.to_owned(),
        ..endpoint.clone()
    });
    let asked = api.post(
        &format!("/cmi5/v1/sessions/{session}/fetch"),
        &[],
        Body::json(""),
    );
    let asked: Value = read(&expect(asked, 200)?)?;
    let path = asked["fetch"]
        .as_str()
        .and_then(|url| url.strip_prefix(root));
    let fetched = api.post(path.ok_or("no fetch URL")?, &[], Body::json(""));
    let fetched: Value = read(&expect(fetched, 200)?)?;
    let token = fetched["auth-token"].as_str().ok_or("no token")?;
    Ok(Learner {
        au: lms.with_authorization(&format!("Basic {token}")),
        lms: lms.clone(),
        number,
        session,
        registration,
    })
}

fn whole_session(learner: &Learner) -> Result<usize, String> {
    let agent = agent(learner.number).to_string();
    let preferences = [("profileId", "cmi5LearnerPreferences"), ("agent", &agent)];
    expect(learner.au.get("/agents/profile", &preferences), 404)?;
    let query = state(learner.number, learner.registration);
    let query: Vec<(&str, &str)> = query
        .iter()
        .map(|(name, value)| (*name, &**value))
        .collect();
    expect(learner.au.get("/activities/state", &query), 200)?;
    for verb in VERBS {
        let body = statement(learner, verb).to_string();
        expect(learner.au.post("/statements", &[], Body::json(&body)), 200)?;
    }
    Ok(REQUESTS)
}

/// As many requests as a session has, and the same statements but for what makes them cmi5's.
fn plain_statements(learner: &Learner) -> Result<usize, String> {
    for number in 0..REQUESTS {
        let verb = VERBS[number % VERBS.len()];
        let mut body = statement(learner, verb);
        body["context"]["contextActivities"]["category"] = json!([
            { "id": "https://example.org/categories/neither-cmi5-nor-moveon-but-as-long" }
        ]);
        body["context"]["extensions"] =
            json!({ "https://example.org/context/extensions/of-the-same-length": learner.session });
        let answer = learner
            .lms
            .post("/statements", &[], Body::json(&body.to_string()));
        expect(answer, 200)?;
    }
    Ok(REQUESTS)
}

fn statement(learner: &Learner, verb: &str) -> Value {
    let mut result = json!({ "duration": "PT12M4S" });
    let mut category = vec![json!({ "id": CATEGORY_CMI5 })];
    let mut extensions = json!({ SESSION_ID: learner.session });
    match verb {
        "completed" => result["completion"] = true.into(),
        "passed" => {
            result["success"] = true.into();
            result["score"] = json!({ "scaled": 0.85, "raw": 17, "min": 0, "max": 20 });
            extensions[MASTERY_SCORE] = json!(0.8);
        }
        _ => {}
    }
    match verb {
        "completed" | "passed" => category.push(json!({ "id": CATEGORY_MOVE_ON })),
        "experienced" => category.clear(),
        _ => {}
    }
    json!({
        "id": random(),
        "actor": agent(learner.number),
        "verb": { "id": format!("http://adlnet.gov/expapi/verbs/{verb}"), "display": { "en-US": verb } },
        "object": { "objectType": "Activity", "id": ACTIVITY, "definition": {
            "name": { "en-US": "The quiz of the course" },
            "type": "http://adlnet.gov/expapi/activities/assessment" } },
        "result": result,
        "context": {
            "registration": learner.registration,
            "contextActivities": { "category": category, "grouping": [{ "id": PUBLISHER }] },
            "extensions": extensions,
        },
        "timestamp": now(),
    })
}

fn agent(number: usize) -> Value {
    json!({ "objectType": "Agent", "account": {
        "homePage": "https://lms.example", "name": format!("learner-{number}") } })
}

fn state(number: usize, registration: Uuid) -> [(&'static str, String); 4] {
    [
        ("stateId", "LMS.LaunchData".to_owned()),
        ("activityId", ACTIVITY.to_owned()),
        ("agent", agent(number).to_string()),
        ("registration", registration.to_string()),
    ]
}

fn expect(
    answer: Result<benches::client::Answer, ureq::Error>,
    status: u16,
) -> Result<Vec<u8>, String> {
    match answer {
        Ok(answer) if answer.status == status => Ok(answer.body),
        Ok(answer) => Err(format!(
            "{} instead of {status}: {}",
            answer.status,
            String::from_utf8_lossy(&answer.body)
        )),
        Err(error) => Err(error.to_string()),
    }
}

fn read(body: &[u8]) -> Result<Value, String> {
    serde_json::from_slice(body).map_err(|error| error.to_string())
}

fn now() -> String {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    xapi::lexical::timestamp::render(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

fn random() -> Uuid {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}
