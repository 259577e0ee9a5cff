//! State documents as an AU keeps them: a bookmark and what was answered so far, some 600 bytes.

use super::post::Posts;
use super::read::Turns;
use crate::client::Body;
use crate::generate::Rng;
use crate::wire::Target;

const ACTIVITY: &str = "https://lms.example/activities/0f1c/au/9";

/// Writes a connection's own documents in turn, each time with other content.
pub fn writes(target: &Target, connection: usize, documents: usize) -> Posts {
    Posts::of_bodies(
        (0..documents).map(|number| written(target, connection, number)),
        204,
    )
}

/// Reads them.
pub fn reads(target: &Target, connection: usize, documents: usize) -> Turns {
    let requests = (0..documents).map(|number| address(target, "GET", connection, number, None));
    Turns::new(requests.collect())
}

/// A write and the text in it that changes each time.
fn written(target: &Target, connection: usize, number: usize) -> (Vec<u8>, String) {
    let mark = Rng::new(number as u64).uuid().to_string();
    let answers: Vec<String> = (0..12)
        .map(|n| format!(r#"{{"question":{n},"response":"choice-{}"}}"#, n % 4))
        .collect();
    let text = format!(
        r#"{{"bookmark":"page-{number}","attempt":"{mark}","answers":[{}]}}"#,
        answers.join(",")
    );
    let body = Some(Body::json(&text));
    (address(target, "PUT", connection, number, body), mark)
}

fn address(
    target: &Target,
    method: &str,
    connection: usize,
    number: usize,
    body: Option<Body<'_>>,
) -> Vec<u8> {
    let agent = format!(
        r#"{{"account":{{"homePage":"https://lms.example","name":"learner-{connection}"}}}}"#
    );
    let state = format!("bookmark-{number}");
    let query = [
        ("activityId", ACTIVITY),
        ("agent", &*agent),
        ("stateId", &*state),
    ];
    target.request(method, "/activities/state", &query, body)
}
