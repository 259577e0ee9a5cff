//! A session, statements that keep every rule, and how to change one thing about either.

use std::slice;

use uuid::Uuid;
use xapi::json::{Node, pointer};
use xapi::lexical::timestamp;
use xapi::statement::parse_batch;
use xapi::{Limits, Version, Violation};

use crate::finding::Finding;
use crate::judge::{Facts, Incoming, Judged, Writer, judge, outside};
use crate::launch::{Launch, LaunchMode, MoveOn, Template};
use crate::policy::{Policies, Policy};
use crate::registration::{AuRegistration, Mark};
use crate::seen::Seen;
use crate::session::{Session, State};
use crate::vocabulary::Verb;

pub(super) const REGISTRATION: &str = "5c1d2f3e-0a4b-4c6d-8e7f-901234567890";
pub(super) const ACTIVITY: &str = "https://lms.example/activity/7";
const CONTEXT_EXTENSIONS: &str = "https://w3id.org/xapi/cmi5/context/extensions/";
const RESULT_EXTENSIONS: &str = "https://w3id.org/xapi/cmi5/result/extensions/";

/// Something about the session, the launch, the policies or the writer that is other than usual.
pub(super) type Given = fn(&mut World);
/// Where in the statement, and what stands there instead; an empty text takes it out. `{name}` in a pointer is a
/// context extension of cmi5, `<name>` one of the result.
pub(super) type Change = (&'static str, &'static str);

/// One statement and what is wrong with it.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) given: &'static [Given],
    /// One of cmi5's verbs, or `allowed`: a statement without the cmi5 category.
    pub(super) verb: &'static str,
    pub(super) changes: &'static [Change],
    /// Ids and pointers, in the order in which they are found.
    pub(super) broken: &'static [&'static str],
}

pub(super) const fn row(
    given: &'static [Given],
    verb: &'static str,
    changes: &'static [Change],
    broken: &'static [&'static str],
) -> Row {
    Row {
        given,
        verb,
        changes,
        broken,
    }
}

pub(super) struct World {
    pub(super) launch: Launch,
    pub(super) session: Session,
    pub(super) registration: AuRegistration,
    pub(super) latest: Option<i64>,
    pub(super) policies: Policies,
    pub(super) now: i64,
    pub(super) writer: Writer,
    pub(super) is_known: bool,
}

/// A session that was launched as Normal with a mastery score of 0.8, a token whose AU has read the preferences.
pub(super) fn world(given: &[Given]) -> World {
    let mut session = Session::new(at("10:00:00"), 1);
    session.state = State::Launched;
    session.launched = Some(Uuid::from_u128(1));
    session.preferences_read = true;
    let mut world = World {
        launch: launch(),
        session,
        registration: AuRegistration::default(),
        latest: None,
        policies: Policies::default(),
        now: at("10:30:00"),
        writer: Writer::Token,
        is_known: true,
    };
    for change in given {
        change(&mut world);
    }
    world
}

fn launch() -> Launch {
    let text = str::to_owned;
    Launch {
        session: text("s-1"),
        registration: REGISTRATION.parse().unwrap(),
        actor: text("account:https://lms.example|maria"),
        activity: text(ACTIVITY),
        publisher: vec![text("https://publisher.example/au/1")],
        mode: LaunchMode::Normal,
        mastery_score: Some(text("0.8")),
        move_on: Some(MoveOn::CompletedAndPassed),
        launch_parameters: Some(text("a=\"1\"")),
        template: Template {
            parent: vec![],
            grouping: vec![text("https://publisher.example/au/1")],
            category: vec![],
            other: vec![text("https://lms.example/course/3")],
            extensions: vec![(
                text("https://lms.example/tenant"),
                text(r#"{"a":1,"b":[true,null]}"#),
            )],
            members: vec![(text("platform"), text("\"Example LMS\""))],
        },
        has_document: true,
    }
}

/// A time of the day of the tests.
pub(super) fn at(time: &str) -> i64 {
    timestamp::parse(&format!("2026-11-21T{time}Z"))
        .unwrap()
        .micros
}

pub(super) fn created(w: &mut World) {
    w.session.state = State::Created;
    w.session.launched = None;
}

pub(super) fn initialized(w: &mut World) {
    w.session.state = State::Initialized;
    w.session.initialized = Some(at("10:00:00"));
    w.session.initialized_at = Some(at("10:00:01"));
    w.latest = Some(at("10:00:05"));
}

/// At 10:20:00, received 10 seconds later.
pub(super) fn terminated(w: &mut World) {
    initialized(w);
    w.session.state = State::Terminated;
    w.session.terminated = Some(at("10:20:00"));
    w.session.ended_at = Some(at("10:20:10"));
    w.latest = w.session.terminated;
}

pub(super) fn abandoned(w: &mut World) {
    initialized(w);
    w.session.state = State::Abandoned;
    w.session.abandoned = Some(Uuid::from_u128(2));
    w.session.ended_at = Some(at("10:20:10"));
}

/// Statements with an earlier timestamp than terminated's are taken for an hour.
pub(super) fn grace(w: &mut World) {
    w.policies.terminated_grace_seconds = 3600;
}

pub(super) fn by_lms(w: &mut World) {
    w.writer = Writer::LmsKey;
    w.policies.lms = Policy::Reject;
}

pub(super) fn by_au_key(w: &mut World) {
    w.writer = Writer::AuKey;
}

pub(super) fn unknown(w: &mut World) {
    w.is_known = false;
    w.policies.unknown_session.lms = Policy::Reject;
}

pub(super) fn mark() -> Mark {
    Mark {
        statement: Uuid::from_u128(3),
        session: "s-0".to_owned(),
        timestamp: at("09:00:00"),
        scaled: None,
    }
}

/// Text of a statement that keeps every rule, but for these changes. `number` tells its id.
pub(super) fn statement(number: usize, verb: &str, changes: &[(&str, &str)]) -> String {
    let base = base(number, verb);
    let changes: Vec<(String, &str)> = changes
        .iter()
        .map(|(pointer, value)| (expand(pointer), *value))
        .collect();
    let mut node = Node::parse(&base, 64).unwrap();
    for (pointer, value) in &changes {
        let path: Vec<String> = pointer
            .split('/')
            .skip(1)
            .map(|name| name.replace("~1", "/").replace("~0", "~"))
            .collect();
        set(&mut node, &path, value);
    }
    node.to_text()
}

/// Takes the member out, or puts it in, with the objects around it where they are missing.
fn set<'a>(node: &mut Node<'a>, path: &[String], value: &'a str) {
    let (name, rest) = path.split_first().unwrap();
    if rest.is_empty() {
        node.remove(name);
    } else if node.get(name).is_none() {
        push(node, name, Node::Object(Vec::new()));
    }
    match (rest, value) {
        ([], "") => {}
        ([], value) => push(node, name, Node::parse(value, 64).unwrap()),
        (rest, value) => set(node.get_mut(name).unwrap(), rest, value),
    }
}

fn push<'a>(node: &mut Node<'a>, name: &str, value: Node<'a>) {
    match node {
        Node::Object(members) => members.push((name.to_owned().into(), value)),
        other => panic!("{name} has no place in {other:?}"),
    }
}

fn base(number: usize, verb: &str) -> String {
    let iri = Verb::ALL
        .into_iter()
        .map(Verb::iri)
        .find(|iri| iri.ends_with(&format!("/{verb}")))
        .unwrap_or("http://adlnet.gov/expapi/verbs/interacted");
    let cmi5 = r#"{"id":"https://w3id.org/xapi/cmi5/context/categories/cmi5"}"#;
    let move_on = r#"{"id":"https://w3id.org/xapi/cmi5/context/categories/moveon"}"#;
    let (category, extensions, result) = match verb {
        "passed" => (
            format!("[{move_on},{cmi5}]"),
            format!(r#","{CONTEXT_EXTENSIONS}masteryscore":0.80"#),
            r#"{"success":true,"duration":"PT5M","score":{"scaled":0.9,"raw":9,"min":0,"max":10}}"#,
        ),
        "failed" => (
            format!("[{cmi5},{move_on}]"),
            format!(r#","{CONTEXT_EXTENSIONS}masteryscore":8e-1"#),
            r#"{"success":false,"duration":"PT5M","score":{"scaled":0.1}}"#,
        ),
        "completed" => (
            format!("[{cmi5},{move_on}]"),
            String::new(),
            r#"{"completion":true,"duration":"PT5M"}"#,
        ),
        "terminated" | "abandoned" => (cmi5.to_owned(), String::new(), r#"{"duration":"PT20M"}"#),
        "launched" => (
            format!("[{cmi5}]"),
            [
                ("masteryscore", "0.8"),
                ("launchmode", "\"Normal\""),
                (
                    "launchurl",
                    "\"https://content.example/start.html?lang=en\"",
                ),
                ("moveon", "\"CompletedAndPassed\""),
                ("launchparameters", "\"a=\\\"1\\\"\""),
            ]
            .map(|(name, value)| format!(r#","{CONTEXT_EXTENSIONS}{name}":{value}"#))
            .concat(),
            "{}",
        ),
        "waived" => (
            format!("[{cmi5},{move_on}]"),
            String::new(),
            r#"{"success":true,"completion":true,"extensions":{"https://w3id.org/xapi/cmi5/result/extensions/reason":"Tested Out"}}"#,
        ),
        "allowed" => ("[]".to_owned(), String::new(), "{}"),
        _ => (format!("[{cmi5}]"), String::new(), "{}"),
    };
    let object = match verb {
        "satisfied" => {
            r#"{"id":"https://lms.example/block/2","definition":{"type":"https://w3id.org/xapi/cmi5/activitytype/block"}}"#
        }
        _ => r#"{"objectType":"Activity","id":"https://lms.example/activity/7"}"#,
    };
    let time = if verb == "initialized" {
        "10:00:00"
    } else {
        "10:10:00"
    };
    let id = id(number);
    format!(
        r#"{{"id":"{id}",
        "actor":{{"account":{{"homePage":"https://lms.example","name":"maria"}},"name":"Maria"}},
        "verb":{{"id":"{iri}"}},"object":{object},"result":{result},"timestamp":"2026-11-21T{time}Z",
        "context":{{"registration":"{REGISTRATION}","platform":"Example LMS",
        "contextActivities":{{"category":{category},"other":{{"id":"https://lms.example/course/3"}},
        "grouping":[{{"id":"https://content.example/theme"}},{{"id":"https://publisher.example/au/1"}}]}},
        "extensions":{{"{CONTEXT_EXTENSIONS}sessionid":"s-1",
        "https://lms.example/tenant":{{"b":[true,null],"a":1.0}}{extensions}}}}}}}"#
    )
}

pub(super) fn id(number: usize) -> Uuid {
    Uuid::from_u128(0x4000_8000_0000_0000_0000 + number as u128)
}

/// What a row says is broken, with its pointers in full.
pub(super) fn expand_all(broken: &[&str]) -> Vec<String> {
    broken.iter().map(|broken| expand(broken)).collect()
}

fn expand(text: &str) -> String {
    for (open, close, parent, iri) in [
        ('{', '}', "/context/extensions", CONTEXT_EXTENSIONS),
        ('<', '>', "/result/extensions", RESULT_EXTENSIONS),
    ] {
        if let Some((before, rest)) = text.split_once(open)
            && let Some((name, after)) = rest.split_once(close)
        {
            let pointer = pointer(parent, &format!("{iri}{name}"));
            return format!("{before}{pointer}{after}");
        }
    }
    text.to_owned()
}

impl World {
    pub(super) fn incoming<'i>(&self, index: usize, seen: &'i Seen<'i>) -> Incoming<'i> {
        Incoming {
            seen,
            index,
            id: seen.id.unwrap_or(id(index)),
            id_given: seen.id.is_some(),
            writer: self.writer,
            voided: false,
        }
    }

    pub(super) fn facts(&self) -> Facts<'_> {
        Facts {
            launch: &self.launch,
            session: &self.session,
            registration: &self.registration,
            latest: self.latest,
            policies: &self.policies,
            now: self.now,
        }
    }

    /// What judging these says, whether they are read as valid statements or leniently.
    pub(super) fn judge(&self, texts: &[String]) -> Judged {
        let body = format!("[{}]", texts.join(","));
        let statements = parse_batch(&body, Version::V2_0_0, &Limits::default())
            .unwrap_or_else(|violations| panic!("{violations:?} in {body}"));
        let seen: Vec<Seen<'_>> = statements.iter().map(Seen::of).collect();
        let judged = self.judge_seen(&seen);
        let lenient = self.judge_seen(&Seen::lenient_batch(&body).unwrap());
        assert_eq!(told(&judged.findings), told(&lenient.findings));
        assert_eq!(judged.session, lenient.session);
        judged
    }

    pub(super) fn judge_seen(&self, seen: &[Seen<'_>]) -> Judged {
        let incoming: Vec<Incoming<'_>> = seen
            .iter()
            .enumerate()
            .map(|(index, seen)| self.incoming(index, seen))
            .collect();
        judge(&self.facts(), &incoming)
    }

    /// What is found wrong with one statement, within the session or outside any.
    pub(super) fn findings(&self, text: &str) -> Vec<Finding> {
        if self.is_known {
            return self.judge(slice::from_ref(&text.to_owned())).findings;
        }
        let statements = parse_batch(text, Version::V2_0_0, &Limits::default()).unwrap();
        let seen = Seen::of(&statements[0]);
        let registration = Some(&self.registration);
        let incoming = self.incoming(0, &seen);
        outside(&self.policies, registration, &incoming, self.now).findings
    }

    /// Takes what came of a judgement as the state of things.
    pub(super) fn accept(&mut self, judged: Judged) {
        self.session = judged.session;
        self.registration = judged.registration;
        self.latest = judged.latest;
    }
}

/// `id pointer` of each finding.
pub(super) fn told(findings: &[Finding]) -> Vec<String> {
    findings
        .iter()
        .map(|finding| {
            let Violation {
                requirement,
                pointer,
                ..
            } = &finding.violation;
            format!("{requirement} {pointer}")
        })
        .collect()
}

/// Each row's statement breaks exactly what the row says.
pub(super) fn check(rows: &[Row]) {
    for row in rows {
        let text = statement(0, row.verb, row.changes);
        let found = world(row.given).findings(&text);
        assert_eq!(
            told(&found),
            expand_all(row.broken),
            "{} {:?}",
            row.verb,
            row.changes
        );
    }
}
