//! Judging an example as the server would: launch, earlier statements, then the statement itself.

use cmi5::{
    AuRegistration, Facts, Incoming, Judged, Launch, Mark, Policies, Seen, Session, Verb, Writer,
    judge, launch_data, outside, preferences,
};
use serde_json::Value;
use uuid::{Uuid, uuid};
use xapi::{Limits, Version, Violation};

use crate::example::{Example, Examples, LAUNCH_DATA, PREFERENCES, Variant, merge};

/// 2026-11-21T10:30:00Z in microseconds since 1970.
const NOW: i64 = 1_795_257_000_000_000;
const ADDRESS: launch_data::Address<'static> = launch_data::Address {
    activity: "https://lms.example/activities/7b2e",
    actor: "account:https://lms.example|learner-7",
    registration: Some(uuid!("5c8c1f0e-6a3b-4a58-9a0c-2f1f6f0d9a11")),
};

/// Every rule that it breaks, in the order of the answer.
pub fn violations(examples: &Examples, example: &Example, variant: &Variant) -> Vec<Violation> {
    let text = example.json(examples, variant).to_string();
    let of_rules = |found: Vec<(_, Violation)>| found.into_iter().map(|(_, found)| found).collect();
    match example.base(variant) {
        LAUNCH_DATA => of_rules(launch_data::check(text.as_bytes(), &ADDRESS).violations),
        PREFERENCES => of_rules(preferences::check(text.as_bytes(), "application/json")),
        base => Scene::new(examples, example, variant)
            .judge(base, &text)
            .into_iter()
            .map(|finding| finding.violation)
            .collect(),
    }
}

/// Whether a statement is one by the rules of xAPI 1.0.3.
pub fn as_xapi(
    examples: &Examples,
    example: &Example,
    variant: &Variant,
) -> Result<(), Vec<Violation>> {
    match example.base(variant) {
        LAUNCH_DATA | PREFERENCES => Ok(()),
        _ => {
            let text = example.json(examples, variant).to_string();
            xapi::statement::parse_one(&text, Version::V1_0_3, &Limits::default()).map(|_| ())
        }
    }
}

/// A session, and what happened in it.
struct Scene {
    launch: Launch,
    session: Session,
    registration: AuRegistration,
    latest: Option<i64>,
    policies: Policies,
}

impl Scene {
    fn new(examples: &Examples, example: &Example, variant: &Variant) -> Self {
        let mut document = examples.base(LAUNCH_DATA);
        if example.launch != Value::Null {
            merge(&mut document, &example.launch);
        }
        let checked = launch_data::check(document.to_string().as_bytes(), &ADDRESS);
        assert!(checked.violations.is_empty(), "{:?}", checked.violations);
        let mut scene = Scene {
            launch: checked.launch.expect("launch data without violations"),
            session: Session::new(NOW - 3_600_000_000, 1),
            registration: AuRegistration::default(),
            latest: None,
            policies: Policies::default(),
        };
        scene.session.preferences_read = variant.preferences_read.unwrap_or(true);
        let after = example.after(variant);
        if example.base(variant) != "launched" {
            scene.happen(examples, "launched");
        }
        for name in after {
            scene.happen(examples, name);
        }
        for name in example.earlier(variant) {
            scene.reach(name);
        }
        scene
    }

    fn happen(&mut self, examples: &Examples, name: &str) {
        let text = examples.base(name).to_string();
        let judged = self.judged(name, &text);
        assert!(!judged.is_rejected(), "{name}: {:?}", judged.findings);
        self.session = judged.session;
        self.registration = judged.registration;
        self.latest = judged.latest;
    }

    /// Something of an earlier session.
    fn reach(&mut self, name: &str) {
        let marks = match name {
            "completed" => &mut self.registration.completed,
            "passed" => &mut self.registration.passed,
            "waived" => &mut self.registration.waived,
            other => panic!("`{other}` is nothing that is reached"),
        };
        marks.push(Mark {
            statement: Uuid::from_u128(0x0e),
            session: "s-0".to_owned(),
            timestamp: NOW - 86_400_000_000,
            scaled: None,
        });
    }

    fn judge(&self, name: &str, text: &str) -> Vec<cmi5::Finding> {
        let seen = Seen::lenient(text).expect("examples are statements, if wrong ones");
        let is_of_session = seen.session().as_deref() == Some(&*self.launch.session);
        match writer(name) {
            Writer::LmsKey if !is_of_session => {
                let incoming = incoming(name, &seen);
                outside(&self.policies, Some(&self.registration), &incoming, NOW).findings
            }
            Writer::LmsKey | Writer::Token | Writer::AuKey => self.judged(name, text).findings,
        }
    }

    fn judged(&self, name: &str, text: &str) -> Judged {
        let seen = Seen::lenient(text).expect("examples are statements, if wrong ones");
        let facts = Facts {
            launch: &self.launch,
            session: &self.session,
            registration: &self.registration,
            latest: self.latest,
            policies: &self.policies,
            now: NOW,
        };
        judge(&facts, &[incoming(name, &seen)])
    }
}

fn incoming<'i>(name: &str, seen: &'i Seen<'i>) -> Incoming<'i> {
    Incoming {
        seen,
        index: 0,
        id: seen.id.unwrap_or(Uuid::from_u128(0x0d)),
        id_given: seen.id.is_some(),
        writer: writer(name),
        voided: false,
    }
}

fn writer(name: &str) -> Writer {
    let verb = Verb::ALL
        .into_iter()
        .find(|verb| verb.iri().rsplit('/').next() == Some(name));
    match verb {
        Some(Verb::Launched | Verb::Abandoned | Verb::Waived | Verb::Satisfied) => Writer::LmsKey,
        Some(
            Verb::Initialized | Verb::Completed | Verb::Passed | Verb::Failed | Verb::Terminated,
        )
        | None => Writer::Token,
    }
}
