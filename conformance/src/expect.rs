//! Whether an answer is what a step expects.

use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::names::Names;
use crate::transport::Answer;
use crate::vector::Step;

/// Judges one answer. The first difference is enough: what follows it is mostly its consequence.
///
/// # Errors
/// What was expected and what came instead.
pub fn judge(step: &Step, answer: &Answer, names: &mut Names) -> Result<(), String> {
    let body = String::from_utf8_lossy(&answer.body);
    if let Some(status) = step.status
        && status != answer.status
    {
        return Err(format!(
            "expected status {status}, got {}: {}",
            answer.status,
            shortened(&body)
        ));
    }
    if step.refused && !(400..500).contains(&answer.status) {
        return Err(format!(
            "expected a refusal, got {}: {}",
            answer.status,
            shortened(&body)
        ));
    }
    for (name, expected) in &step.has {
        header(name, &names.fill(expected)?, answer)?;
    }
    if let Some(content) = &step.content {
        let expected = names.fill(content)?;
        if body != expected {
            return Err(format!(
                "expected the body `{expected}`, got `{}`",
                shortened(&body)
            ));
        }
    }
    for text in &step.contains {
        let text = names.fill(text)?;
        if !body.contains(&text) {
            return Err(format!(
                "expected `{text}` in the body, got {}",
                shortened(&body)
            ));
        }
    }
    for text in &step.lacks {
        let text = names.fill(text)?;
        if body.contains(&text) {
            return Err(format!(
                "expected no `{text}` in the body, got {}",
                shortened(&body)
            ));
        }
    }
    if let Some(expected) = &step.json {
        let expected = names.fill(expected)?;
        let expected: Value = serde_json::from_str(&expected)
            .map_err(|error| format!("the vector's `{expected}` is no JSON: {error}"))?;
        within(&expected, &read(&body)?, "")?;
    }
    if let Some(ids) = &step.found {
        found(ids, &body, names)?;
    }
    bind(step, answer, &body, names)
}

/// Judges the violations of a refusal, which are Tessera's own form.
///
/// # Errors
/// What was expected and what came instead.
pub fn violations(step: &Step, answer: &Answer, names: &mut Names) -> Result<(), String> {
    let body = String::from_utf8_lossy(&answer.body);
    for expected in &step.violations {
        let expected = names.fill(expected)?;
        match expected.split_once(' ') {
            Some((requirement, pointer)) => violation(&body, requirement, Some(pointer))?,
            None => violation(&body, &expected, None)?,
        }
    }
    Ok(())
}

/// Whether the body of a refusal names this violation.
///
/// # Errors
/// What it names instead.
pub fn violation(body: &str, requirement: &str, pointer: Option<&str>) -> Result<(), String> {
    let json = read(body)?;
    let empty = Vec::new();
    let named = json["violations"].as_array().unwrap_or(&empty);
    let is_it = |violation: &Value| {
        violation["requirement"] == requirement
            && pointer.is_none_or(|pointer| violation["pointer"] == pointer)
    };
    if named.iter().any(is_it) {
        return Ok(());
    }
    let at = pointer.unwrap_or("somewhere");
    Err(format!(
        "expected the violation {requirement} at `{at}`, got {}",
        shortened(body)
    ))
}

fn header(name: &str, expected: &str, answer: &Answer) -> Result<(), String> {
    let got = answer.header(name);
    let holds = match (expected, got) {
        ("!", got) => got.is_none(),
        (_, None) => false,
        ("*", Some(got)) => !got.is_empty(),
        (expected, Some(got)) => match expected.strip_suffix('*') {
            Some(beginning) => got.starts_with(beginning),
            None => got == expected,
        },
    };
    if holds {
        return Ok(());
    }
    let got = got.unwrap_or("none");
    Err(format!("expected the header {name}: {expected}, got {got}"))
}

/// Members that are named are there, and arrays have the same length. `"$$any"` is any value, `"$$absent"` none.
fn within(expected: &Value, got: &Value, at: &str) -> Result<(), String> {
    match (expected, got) {
        (Value::String(any), _) if any == "$any" => Ok(()),
        (Value::Object(members), Value::Object(found)) => {
            for (key, value) in members {
                let at = format!("{at}/{key}");
                match found.get(key) {
                    None if *value == "$absent" => {}
                    Some(_) if *value == "$absent" => {
                        return Err(format!("expected nothing at {at}, got {}", found[key]));
                    }
                    None => return Err(format!("expected {value} at {at}, got nothing")),
                    Some(found) => within(value, found, &at)?,
                }
            }
            Ok(())
        }
        (Value::Array(items), Value::Array(found)) if items.len() == found.len() => {
            for (index, (item, found)) in items.iter().zip(found).enumerate() {
                within(item, found, &format!("{at}/{index}"))?;
            }
            Ok(())
        }
        (expected, got) if expected == got => Ok(()),
        (expected, got) => Err(format!("expected {expected} at `{at}`, got {got}")),
    }
}

fn found(ids: &[String], body: &str, names: &mut Names) -> Result<(), String> {
    let expected: Vec<String> = ids
        .iter()
        .map(|id| names.fill(id))
        .collect::<Result<_, _>>()?;
    let json = read(body)?;
    let statements = json["statements"]
        .as_array()
        .ok_or_else(|| format!("expected a list of statements, got {}", shortened(body)))?;
    let got: Vec<&str> = statements
        .iter()
        .map(|statement| statement["id"].as_str().unwrap_or_default())
        .collect();
    if got == expected {
        return Ok(());
    }
    Err(format!(
        "expected the statements [{}], got [{}]",
        expected.join(", "),
        got.join(", ")
    ))
}

fn bind(step: &Step, answer: &Answer, body: &str, names: &mut Names) -> Result<(), String> {
    for (name, from) in &step.bind {
        let value = if from.starts_with('/') {
            let json = read(body)?;
            let (pointer, parameter) = from.split_once('?').unwrap_or((from, ""));
            match json.pointer(pointer) {
                Some(Value::String(url)) if !parameter.is_empty() => parameter_of(url, parameter),
                Some(Value::String(text)) => Some(text.clone()),
                Some(other) => Some(other.to_string()),
                None => None,
            }
        } else {
            answer.header(from).map(str::to_owned)
        };
        let value = value
            .ok_or_else(|| format!("expected something at {from}, got {}", shortened(body)))?;
        names.bind(name, value);
    }
    Ok(())
}

/// A parameter of a URL, decoded.
pub(crate) fn parameter_of(url: &str, name: &str) -> Option<String> {
    let (_, query) = url.split_once('?')?;
    let query = query.split('#').next().unwrap_or_default();
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.into_iter().find(|(known, _)| *known == name)?;
    let decoded = percent_decode_str(value).decode_utf8().ok()?;
    Some(decoded.into_owned())
}

pub(crate) fn read(body: &str) -> Result<Value, String> {
    serde_json::from_str(body).map_err(|_| format!("expected JSON, got `{}`", shortened(body)))
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(600) {
        Some((cut, _)) => format!("{}…", &text[..cut]),
        None => text.to_owned(),
    }
}
