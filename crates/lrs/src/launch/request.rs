//! What a client sends to launch an AU or to register a learner, read from JSON.

use cmi5::{LaunchMode, MoveOn};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use xapi::Violation;
use xapi::lexical::{decimal, identifier};

use super::learner::Learner;
use super::start::Wanted;
use crate::{Error, requirement};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Body<'b> {
    #[serde(borrow)]
    actor: &'b RawValue,
    #[serde(default)]
    reg: Option<String>,
    #[serde(default)]
    context_template_additions: Option<Map<String, Value>>,
    #[serde(default)]
    launch_mode: Option<String>,
    #[serde(default)]
    launch_parameters: Option<String>,
    #[serde(borrow, default)]
    mastery_score: Option<&'b RawValue>,
    #[serde(default)]
    move_on: Option<String>,
    #[serde(default)]
    alternate_entitlement_key: Option<String>,
    #[serde(default)]
    return_url: Option<String>,
}

/// A launch, as JSON: `actor`, and what else is wanted.
///
/// # Errors
/// Everything that is wrong with the values at once; a wrong shape alone.
pub fn launch(text: &str) -> Result<Wanted, Error> {
    let body: Body<'_> = read(text, "a launch: `actor`, and what else the API knows")?;
    let mut violations = Vec::new();
    let mut wrong = |at: &str, expected: String, got: &str| {
        violations.push(Violation::new(requirement::LAUNCH, at, expected, got));
    };
    let learner = Learner::parse(body.actor.get(), "/actor");
    let registration = body.reg.as_deref().and_then(|text| {
        let id = identifier::uuid(text);
        if id.is_none() {
            wrong("/reg", "a UUID".to_owned(), text);
        }
        id
    });
    let mode = body.launch_mode.as_deref().and_then(|text| {
        let mode = LaunchMode::parse(text);
        if mode.is_none() {
            let names = LaunchMode::ALL.map(LaunchMode::as_str);
            wrong("/launchMode", names.join(", "), text);
        }
        mode
    });
    let move_on = body.move_on.as_deref().and_then(|text| {
        let move_on = MoveOn::parse(text);
        if move_on.is_none() {
            wrong("/moveOn", MoveOn::ALL.map(MoveOn::as_str).join(", "), text);
        }
        move_on
    });
    let mastery_score = body.mastery_score.map(RawValue::get);
    if let Some(text) = mastery_score.filter(|text| !is_score(text)) {
        wrong("/masteryScore", "a number from 0 to 1".to_owned(), text);
    }
    if body.return_url.as_deref() == Some("") {
        wrong("/returnUrl", "a URL".to_owned(), "an empty text");
    }
    let learner = match learner {
        Ok(learner) if violations.is_empty() => learner,
        Ok(_) => return Err(Error::Violations(violations)),
        Err(Error::Violations(found)) => {
            violations.splice(0..0, found);
            return Err(Error::Violations(violations));
        }
        Err(error) => return Err(error),
    };
    Ok(Wanted {
        learner,
        registration,
        template_additions: body.context_template_additions,
        mode,
        launch_parameters: body.launch_parameters,
        mastery_score: mastery_score.map(str::to_owned),
        move_on,
        alternate_entitlement_key: body.alternate_entitlement_key,
        return_url: body.return_url,
    })
}

fn is_score(text: &str) -> bool {
    let is_number = text.starts_with(|c: char| c == '-' || c.is_ascii_digit());
    is_number && decimal::compare(text, "0").is_ge() && decimal::compare(text, "1").is_le()
}

/// A body of the launch service.
///
/// # Errors
/// [`Error::Violations`] when it is not of the shape.
pub fn read<'t, T: Deserialize<'t>>(text: &'t str, expected: &str) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|error| {
        Violation::new(requirement::LAUNCH, "", expected, error.to_string()).into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACTOR: &str = r#""actor":{"account":{"homePage":"https://x.org","name":"n"}}"#;

    fn pointers(text: &str) -> Vec<String> {
        match launch(text) {
            Err(Error::Violations(found)) => found.into_iter().map(|one| one.pointer).collect(),
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once() {
        let wrong = format!(
            r#"{{{ACTOR},"reg":"x","launchMode":"normal","moveOn":"Bogus","masteryScore":1.01,"returnUrl":""}}"#
        );
        let expected = [
            "/reg",
            "/launchMode",
            "/moveOn",
            "/masteryScore",
            "/returnUrl",
        ];
        assert_eq!(pointers(&wrong), expected);
        let mailed = r#"{"actor":{"mbox":"mailto:a@x.org"},"reg":"x"}"#;
        assert_eq!(pointers(mailed), ["/actor", "/reg"]);
        for shape in ["{}", "[]", "{", &format!(r#"{{{ACTOR},"extra":1}}"#)] {
            assert_eq!(pointers(shape), [""], "{shape}");
        }
    }

    #[test]
    fn what_is_right_is_taken_with_its_own_digits() {
        for score in ["0", "1", "0.10", "1e-1", "0.3333"] {
            let body = format!(r#"{{{ACTOR},"masteryScore":{score},"moveOn":"Passed"}}"#);
            let wanted = launch(&body).expect("it is right");
            assert_eq!(wanted.mastery_score.as_deref(), Some(score));
            assert_eq!(wanted.move_on, Some(MoveOn::Passed));
        }
        let least = launch(&format!("{{{ACTOR}}}")).expect("it is right");
        assert_eq!((least.mode, least.registration), (None, None));
    }
}
