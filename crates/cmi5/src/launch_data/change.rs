//! What a later document changes of the launch that a session has.

use std::collections::BTreeSet;

use xapi::Violation;
use xapi::equivalence;
use xapi::json::{pointer, write_string};
use xapi::lexical::decimal;

use super::schema;
use crate::launch::{Launch, MoveOn, Template};
use crate::rule::{self, Rule};

/// Whether both are of the same session, learner, registration and activity. Otherwise the later document uses the
/// session's id for another launch.
#[must_use]
pub fn is_same_launch(stored: &Launch, new: &Launch) -> bool {
    stored.session == new.session
        && stored.actor == new.actor
        && stored.registration == new.registration
        && stored.activity == new.activity
}

/// JSON pointers into the document to what the new one changes of a launch that is otherwise the same.
#[must_use]
pub fn differs(stored: &Launch, new: &Launch) -> Vec<String> {
    let mut found = Vec::new();
    let mut compare = |pointer: &str, is_same: bool| {
        if !is_same {
            found.push(pointer.to_owned());
        }
    };
    compare("/launchMode", stored.mode == new.mode);
    compare(
        "/masteryScore",
        is_same_score(
            stored.mastery_score.as_deref(),
            new.mastery_score.as_deref(),
        ),
    );
    compare("/moveOn", stored.move_on == new.move_on);
    compare(
        "/launchParameters",
        stored.launch_parameters == new.launch_parameters,
    );
    let lists = |template| lists(template).into_iter();
    for ((name, stored), (_, new)) in lists(&stored.template).zip(lists(&new.template)) {
        let is_same = stored.iter().collect::<BTreeSet<_>>() == new.iter().collect();
        compare(
            &pointer("/contextTemplate/contextActivities", name),
            is_same,
        );
    }
    found.extend(differences_of_contexts(&stored.template, &new.template));
    found
}

/// The same as broken rules: a session id that is used for another launch (9.6.3.1-1, with 10.1.0.0-3 to -5 saying
/// wherein), or launch data that change once the session has begun (10.1.0.0-1).
#[must_use]
pub fn changes(stored: &Launch, new: &Launch) -> Vec<(&'static Rule, Violation)> {
    if is_same_launch(stored, new) {
        let rule = &rule::LAUNCH_DATA_FIRST;
        return differs(stored, new)
            .into_iter()
            .map(|pointer| {
                let (expected, got) = values(&pointer, stored, new);
                (rule, Violation::new(rule.id, pointer, expected, got))
            })
            .collect();
    }
    let own = &rule::LAUNCH_SESSION_IS_OWN;
    let id = Violation::new(
        own.id,
        schema::session_id_pointer(),
        "a new session id",
        &*new.session,
    );
    let registration = |launch: &Launch| launch.registration.to_string();
    let parameters = [
        (
            &rule::LAUNCH_DATA_ACTIVITY,
            "activityId",
            [stored.activity.clone(), new.activity.clone()],
        ),
        (
            &rule::LAUNCH_DATA_AGENT,
            "agent",
            [stored.actor.clone(), new.actor.clone()],
        ),
        (
            &rule::LAUNCH_DATA_REGISTRATION,
            "registration",
            [registration(stored), registration(new)],
        ),
    ];
    let parameters = parameters
        .into_iter()
        .filter(|(_, _, [stored, new])| stored != new)
        .map(|(rule, parameter, [stored, new])| {
            let expected = format!("`{stored}`, with which this session id was launched");
            (rule, Violation::new(rule.id, parameter, expected, new))
        });
    std::iter::once((own, id)).chain(parameters).collect()
}

fn is_same_score(stored: Option<&str>, new: Option<&str>) -> bool {
    match (stored, new) {
        (None, None) => true,
        (Some(stored), Some(new)) => decimal::compare(stored, new).is_eq(),
        (None, Some(_)) | (Some(_), None) => false,
    }
}

fn lists(template: &Template) -> [(&'static str, &[String]); 4] {
    [
        ("parent", &template.parent),
        ("grouping", &template.grouping),
        ("category", &template.category),
        ("other", &template.other),
    ]
}

/// Extensions and other members mean what they mean in a statement, and are compared as a statement's.
fn differences_of_contexts(stored: &Template, new: &Template) -> Vec<String> {
    equivalence::differences(&statement(stored), &statement(new))
        .unwrap_or_else(|_| vec!["/context".to_owned()])
        .into_iter()
        .map(|pointer| pointer.replacen("/context", "/contextTemplate", 1))
        .collect()
}

fn statement(template: &Template) -> String {
    let mut text = String::from("{\"context\":{");
    for (name, value) in &template.members {
        write_member(name, value, &mut text);
        text.push(',');
    }
    text.push_str("\"extensions\":{");
    for (index, (iri, value)) in template.extensions.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        write_member(iri, value, &mut text);
    }
    text.push_str("}}}");
    text
}

fn write_member(name: &str, value: &str, out: &mut String) {
    write_string(name, out);
    out.push(':');
    out.push_str(value);
}

/// What was and what would be, where that is short.
fn values(pointer: &str, stored: &Launch, new: &Launch) -> (String, String) {
    let of = |launch: &Launch| match pointer {
        "/launchMode" => Some(launch.mode.as_str().to_owned()),
        "/masteryScore" => Some(or_nothing(launch.mastery_score.as_deref())),
        "/moveOn" => Some(or_nothing(launch.move_on.map(MoveOn::as_str))),
        "/launchParameters" => Some(or_nothing(launch.launch_parameters.as_deref())),
        _ => None,
    };
    match (of(stored), of(new)) {
        (Some(stored), Some(new)) => (format!("`{stored}`, with which the session began"), new),
        (_, _) => (
            "what the session began with".to_owned(),
            "something else".to_owned(),
        ),
    }
}

fn or_nothing(text: Option<&str>) -> String {
    text.unwrap_or("nothing").to_owned()
}
