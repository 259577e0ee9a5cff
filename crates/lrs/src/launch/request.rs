//! What a client sends to launch an AU or to register a learner, read from JSON.

use cmi5::{LaunchMode, MoveOn};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use xapi::Violation;
use xapi::lexical::{decimal, identifier};

use super::learner::Learner;
use super::records::Registration;
use super::start::{How, Wanted};
use crate::{Error, requirement};

/// A launch, where it differs from what the course says.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LaunchBody<'b> {
    #[serde(borrow, default)]
    #[schemars(skip)]
    actor: Option<&'b RawValue>,
    #[serde(default)]
    #[schemars(skip)]
    reg: Option<String>,
    /// Merged into the context template of the launch data.
    #[serde(default)]
    context_template_additions: Option<Map<String, Value>>,
    /// `Normal`, `Browse` or `Review`. Without it `Normal` until the AU is satisfied, then `Review`.
    #[serde(default)]
    launch_mode: Option<String>,
    #[serde(default)]
    launch_parameters: Option<String>,
    /// From 0 to 1.
    #[serde(borrow, default)]
    #[schemars(with = "Option<f64>")]
    mastery_score: Option<&'b RawValue>,
    /// Holds in this registration from now on.
    #[serde(default)]
    move_on: Option<String>,
    #[serde(default)]
    alternate_entitlement_key: Option<String>,
    /// Where the AU sends the learner at its end.
    #[serde(default)]
    return_url: Option<String>,
}

const SHAPE: &str = "a launch: what the API knows of one";

/// A launch of the player API: `actor`, and what else is wanted.
///
/// # Errors
/// Everything that is wrong with the values at once; a wrong shape alone.
pub fn launch(text: &str) -> Result<Wanted, Error> {
    let body: LaunchBody<'_> = read(text, SHAPE)?;
    let mut violations = Vec::new();
    let Some(actor) = body.actor else {
        return Err(violation("", SHAPE, "no `actor`").into());
    };
    let learner = match Learner::parse(actor.get(), "/actor") {
        Ok(learner) => Some(learner),
        Err(Error::Violations(found)) => {
            violations = found;
            None
        }
        Err(error) => return Err(error),
    };
    let registration = body.reg.as_deref().and_then(|text| {
        let id = identifier::uuid(text);
        if id.is_none() {
            violations.push(violation("/reg", "a UUID", text));
        }
        id
    });
    let how = how(&body, &mut violations);
    match learner {
        Some(learner) if violations.is_empty() => Ok(Wanted {
            learner,
            registration,
            how,
        }),
        Some(_) | None => Err(Error::Violations(violations)),
    }
}

/// A launch in a registration, whose learner it has.
///
/// # Errors
/// As [`launch`].
pub fn launch_in(text: &str, registration: &Registration) -> Result<Wanted, Error> {
    let body: LaunchBody<'_> = read(text, SHAPE)?;
    let mut violations = Vec::new();
    let given = [
        ("/actor", body.actor.is_some()),
        ("/reg", body.reg.is_some()),
    ];
    for (pointer, _) in given.into_iter().filter(|(_, is_given)| *is_given) {
        let expected = "nothing: the path names the registration, and that has its learner";
        violations.push(violation(pointer, expected, "one"));
    }
    let how = how(&body, &mut violations);
    if !violations.is_empty() {
        return Err(Error::Violations(violations));
    }
    Ok(Wanted {
        learner: Learner {
            actor: registration.actor.clone(),
            id: registration.learner.clone(),
        },
        registration: Some(registration.id),
        how,
    })
}

fn violation(pointer: &str, expected: &str, got: &str) -> Violation {
    Violation::new(requirement::LAUNCH, pointer, expected, got)
}

fn how(body: &LaunchBody<'_>, violations: &mut Vec<Violation>) -> How {
    let mut wrong = |at: &str, expected: &str, got: &str| {
        violations.push(violation(at, expected, got));
    };
    let mode = body.launch_mode.as_deref().and_then(|text| {
        let mode = LaunchMode::parse(text);
        if mode.is_none() {
            let names = LaunchMode::ALL.map(LaunchMode::as_str);
            wrong("/launchMode", &names.join(", "), text);
        }
        mode
    });
    let move_on = body.move_on.as_deref().and_then(|text| {
        let move_on = MoveOn::parse(text);
        if move_on.is_none() {
            wrong("/moveOn", &MoveOn::ALL.map(MoveOn::as_str).join(", "), text);
        }
        move_on
    });
    let mastery_score = body.mastery_score.map(RawValue::get);
    if let Some(text) = mastery_score.filter(|text| !is_score(text)) {
        wrong("/masteryScore", "a number from 0 to 1", text);
    }
    if body.return_url.as_deref() == Some("") {
        wrong("/returnUrl", "a URL", "an empty text");
    }
    How {
        template_additions: body.context_template_additions.clone(),
        mode,
        launch_parameters: body.launch_parameters.clone(),
        mastery_score: mastery_score.map(str::to_owned),
        move_on,
        alternate_entitlement_key: body.alternate_entitlement_key.clone(),
        return_url: body.return_url.clone(),
    }
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
    // A list of the members' values would pass as well.
    if !text.trim_start().starts_with('{') {
        return Err(violation("", "a JSON object", text).into());
    }
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
    fn a_registration_has_its_learner() {
        let registration = Registration {
            id: uuid::Uuid::nil(),
            number: 1,
            launch_tenant: None,
            course: uuid::Uuid::nil(),
            actor: "{}".to_owned(),
            learner: "account:https://x.org|n".to_owned(),
            created_at: 0,
            updated_at: 0,
            satisfied_at: None,
            deleted: false,
        };
        let wanted = launch_in(r#"{"masteryScore":0.5}"#, &registration).expect("it is right");
        assert_eq!(wanted.learner.id, registration.learner);
        assert_eq!(wanted.registration, Some(registration.id));
        let both = format!(r#"{{{ACTOR},"reg":"x","moveOn":"x"}}"#);
        match launch_in(&both, &registration) {
            Err(Error::Violations(found)) => {
                let pointers: Vec<_> = found.into_iter().map(|one| one.pointer).collect();
                assert_eq!(pointers, ["/actor", "/reg", "/moveOn"]);
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_right_is_taken_with_its_own_digits() {
        for score in ["0", "1", "0.10", "1e-1", "0.3333"] {
            let body = format!(r#"{{{ACTOR},"masteryScore":{score},"moveOn":"Passed"}}"#);
            let wanted = launch(&body).expect("it is right");
            assert_eq!(wanted.how.mastery_score.as_deref(), Some(score));
            assert_eq!(wanted.how.move_on, Some(MoveOn::Passed));
        }
        let least = launch(&format!("{{{ACTOR}}}")).expect("it is right");
        assert_eq!((least.how.mode, least.registration), (None, None));
    }
}
