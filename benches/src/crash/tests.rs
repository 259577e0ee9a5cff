//! What the harness takes for right, lost and half there, without a server.

use cmi5::vocabulary::Verb;
use serde_json::{Value, json};
use uuid::Uuid;

use super::document::{Document, DocumentKind, DocumentWrite, Resource};
use super::ledger::Known;
use super::session::{Step, View};

fn document(kind: DocumentKind, acknowledged: u64) -> Document {
    Document {
        id: "d".to_owned(),
        resource: Resource::State,
        kind,
        acknowledged,
        sent: acknowledged + 1,
    }
}

#[test]
fn a_document_tells_how_many_writes_it_has_seen() {
    for kind in [DocumentKind::Put, DocumentKind::Merge] {
        for n in 1..80 {
            let document = document(kind, n);
            let after = |writes| document.writes_in(document.content(writes).as_ref());
            assert_eq!(after(n), Some(n));
            assert_eq!(after(n + 1), Some(n + 1));
            // An older one is seen as older, unless it looked the same.
            if n > 1 && document.content(n - 1).is_some() {
                assert_eq!(after(n - 1), Some(n - 1), "{kind:?} {n}");
            }
            assert_eq!(
                document.write(n) == DocumentWrite::Delete,
                document.content(n).is_none()
            );
        }
        let garbled = json!({ "n": 4, "k4": 4 });
        assert_eq!(document(kind, 4).writes_in(Some(&garbled)), None);
    }
}

fn known(n: u128) -> Known {
    Known {
        id: Uuid::from_u128(n),
        digest: 0,
    }
}

/// Launched, fetched, initialized, and ended by the LMS.
fn steps() -> Vec<Step> {
    vec![
        Step::LaunchData,
        Step::Launched(known(1)),
        Step::Asked,
        Step::Fetched,
        Step::LaunchDataRead,
        Step::PreferencesRead,
        Step::Said(vec![(Some(Verb::Initialized), known(2)), (None, known(3))]),
        Step::Abandoned(Some(Uuid::from_u128(4))),
    ]
}

/// As the server answers after these steps.
fn story() -> Value {
    let id = |n: u128| Uuid::from_u128(n).to_string();
    json!({
        "state": "Abandoned",
        "flags": { "fetchUrl": "used", "preferencesRead": true, "launchDataRead": true },
        "launchData": { "hasDocument": true },
        "history": [
            { "what": "created" },
            { "what": "launched", "statement": id(1) },
            { "what": "fetched" },
            { "what": "initialized", "statement": id(2) },
            { "what": "abandoned", "statement": id(4) },
        ],
        "statements": [
            { "id": id(1), "verb": Verb::Launched.iri() },
            { "id": id(2), "verb": Verb::Initialized.iri() },
            { "id": id(3), "verb": "http://adlnet.gov/expapi/verbs/experienced" },
            { "id": id(4), "verb": Verb::Abandoned.iri() },
        ],
        "registrationFacts": { "completed": [], "passed": [], "failed": [] },
    })
}

#[test]
fn a_session_is_as_its_steps_made_it() {
    let (view, abandoned) = View::read(&story());
    assert_eq!(Some(view), View::after(&steps()));
    assert_eq!(abandoned, Some(Uuid::from_u128(4)));
    assert_eq!(View::after(&[]), None);
}

/// Each part of a transition that went without the others is seen: statement, event, state, flag.
#[test]
fn a_session_that_contradicts_itself_is_after_none_of_its_steps() {
    let steps = steps();
    let without: [fn(&mut Value); 7] = [
        |story| story["state"] = "Initialized".into(),
        |story| story["flags"]["fetchUrl"] = "open".into(),
        |story| story["flags"]["preferencesRead"] = false.into(),
        |story| story["launchData"]["hasDocument"] = false.into(),
        |story| drop(story["history"].as_array_mut().map(Vec::pop)),
        |story| drop(story["statements"].as_array_mut().map(Vec::pop)),
        |story| story["registrationFacts"]["passed"] = json!([{ "statement": "x" }]),
    ];
    for (number, take) in without.into_iter().enumerate() {
        let mut half = story();
        take(&mut half);
        let (view, _) = View::read(&half);
        for count in 0..=steps.len() {
            assert_ne!(
                View::after(&steps[..count]).as_ref(),
                Some(&view),
                "part {number}"
            );
        }
    }
}
