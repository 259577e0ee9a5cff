//! Bodies of requests, from what a step says: changes of the minimal statement, texts, forms and parts.

use std::collections::BTreeMap;

use crate::names::Names;
use crate::patch::Json;
use crate::vector::{Bases, Part, Step};

const BOUNDARY: &str = "tessera0conformance";

/// A body and the `Content-Type` that goes with it unless the step names another.
pub struct Body {
    pub content_type: String,
    pub bytes: Vec<u8>,
}

/// # Errors
/// A change that does not fit, or a name that nothing is bound to.
pub fn of(step: &Step, bases: &Bases, names: &mut Names) -> Result<Option<Body>, String> {
    let json = |text: String| Body {
        content_type: "application/json".to_owned(),
        bytes: text.into_bytes(),
    };
    if let Some(changes) = &step.statement {
        return Ok(Some(json(statement(changes, bases, names)?)));
    }
    if let Some(statements) = &step.statements {
        let texts: Vec<String> = statements
            .iter()
            .map(|changes| statement(changes, bases, names))
            .collect::<Result<_, _>>()?;
        return Ok(Some(json(format!("[{}]", texts.join(",")))));
    }
    if let Some(text) = &step.body {
        return Ok(Some(json(names.fill(text)?)));
    }
    if let Some(hex) = &step.octets {
        return Ok(Some(Body {
            content_type: "application/json".to_owned(),
            bytes: octets(hex).ok_or_else(|| format!("`{hex}` is no hex"))?,
        }));
    }
    if let Some(fields) = &step.form {
        return Ok(Some(Body {
            content_type: "application/x-www-form-urlencoded".to_owned(),
            bytes: pairs(fields, names)?.into_bytes(),
        }));
    }
    if let Some(parts) = &step.parts {
        return Ok(Some(Body {
            content_type: format!("multipart/mixed; boundary={BOUNDARY}"),
            bytes: multipart(parts, bases, names)?.into_bytes(),
        }));
    }
    Ok(None)
}

/// The minimal statement with these changes.
///
/// # Errors
/// As [`of`].
pub fn statement(changes: &[String], bases: &Bases, names: &mut Names) -> Result<String, String> {
    let minimal = bases
        .statements
        .get("minimal")
        .ok_or("there is no minimal statement")?;
    let mut statement = Json::parse(minimal)?;
    for line in changes {
        statement.apply(line)?;
    }
    names.fill(&statement.to_text())
}

/// `name=value&…`, percent-encoded.
///
/// # Errors
/// A name that nothing is bound to.
pub fn pairs(fields: &BTreeMap<String, String>, names: &mut Names) -> Result<String, String> {
    let pairs: Vec<String> = fields
        .iter()
        .filter(|(_, value)| *value != "-")
        .map(|(name, value)| {
            Ok(format!(
                "{}={}",
                encoded(name),
                encoded(&names.fill(value)?)
            ))
        })
        .collect::<Result<_, String>>()?;
    Ok(pairs.join("&"))
}

pub(crate) fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

pub(crate) fn octets(hex: &str) -> Option<Vec<u8>> {
    let pairs = (0..hex.len()).step_by(2);
    pairs
        .map(|at| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok())
        .collect()
}

fn multipart(parts: &[Part], bases: &Bases, names: &mut Names) -> Result<String, String> {
    let mut body = String::new();
    for part in parts {
        body.push_str(&format!("--{BOUNDARY}\r\n"));
        for (name, value) in &part.headers {
            body.push_str(&format!("{name}: {}\r\n", names.fill(value)?));
        }
        body.push_str("\r\n");
        body.push_str(&match (&part.statement, &part.body) {
            (Some(changes), _) => statement(changes, bases, names)?,
            (None, Some(text)) => names.fill(text)?,
            (None, None) => String::new(),
        });
        body.push_str("\r\n");
    }
    body.push_str(&format!("--{BOUNDARY}--\r\n"));
    Ok(body)
}
