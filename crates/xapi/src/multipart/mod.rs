//! Statements with their attachments' data in one message (Communication 1.5): which parts a request must have, and
//! the frame of an answer. The bytes of parts are neither parsed nor hashed here.

mod answer;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::requirement::{
    ATTACHMENT_DATA, BODY_TYPE, BOUNDARY, EXCESS_PART, FIRST_PART, PART_ENCODING, PART_HASH,
};
use crate::statement::{Attachment, Object};
use crate::{Statement, Violation};

pub use answer::{Declared, content_type, declared_in, end, part_head, statements_head};

/// How a request carries its statements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    Json,
    Mixed { boundary: String },
}

impl Body {
    /// Reads the `Content-Type` of a request to `/statements`; `None` when it has none.
    ///
    /// # Errors
    /// It is neither `application/json` nor `multipart/mixed` (XAPI-00127), or has no boundary (XAPI-00131).
    pub fn parse(content_type: Option<&str>) -> Result<Self, Box<Violation>> {
        let text = content_type.unwrap_or_default();
        let (essence, parameters) = text.split_once(';').unwrap_or((text, ""));
        match essence.trim().to_ascii_lowercase().as_str() {
            "application/json" => Ok(Body::Json),
            "multipart/mixed" => match boundary(parameters) {
                Some(boundary) => Ok(Body::Mixed { boundary }),
                None => Err(Box::new(Violation::new(
                    BOUNDARY,
                    "Content-Type",
                    "`multipart/mixed` with a boundary of 1 to 70 characters",
                    text,
                ))),
            },
            _ => Err(Box::new(Violation::new(
                BODY_TYPE,
                "Content-Type",
                "`application/json` or `multipart/mixed`",
                text,
            ))),
        }
    }
}

/// The headers of a part that matter, as sent.
#[derive(Debug, Clone, Copy, Default)]
pub struct Part<'a> {
    pub content_type: Option<&'a str>,
    /// `X-Experience-API-Hash`
    pub hash: Option<&'a str>,
    /// `Content-Transfer-Encoding`
    pub transfer_encoding: Option<&'a str>,
}

/// Checks the first part, before its statements are parsed.
///
/// # Errors
/// It is not `application/json` (XAPI-00134).
pub fn check_first(part: Part<'_>) -> Result<(), Box<Violation>> {
    let content_type = part.content_type.unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default();
    if essence.trim().eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    Err(Box::new(Violation::new(
        FIRST_PART,
        "part 0: Content-Type",
        "`application/json`",
        content_type,
    )))
}

/// The data that the statements of a request call for, checked off part by part.
#[derive(Debug)]
pub struct Expected {
    /// By hash in lower case.
    attachments: BTreeMap<String, Wanted>,
    parts: usize,
}

#[derive(Debug)]
struct Wanted {
    /// Where the attachment stands that has no `fileUrl`, and so needs data in this very request.
    needed_at: Option<(usize, String)>,
    received: bool,
}

impl Expected {
    #[must_use]
    pub fn of(statements: &[Statement<'_>]) -> Self {
        let mut attachments: BTreeMap<String, Wanted> = BTreeMap::new();
        for (index, statement) in statements.iter().enumerate() {
            for (pointer, attachment) in placed(statement) {
                let hash = attachment.sha2.to_ascii_lowercase();
                let wanted = attachments.entry(hash).or_insert(Wanted {
                    needed_at: None,
                    received: false,
                });
                if attachment.file_url.is_none() {
                    wanted.needed_at.get_or_insert((index, pointer));
                }
            }
        }
        Self {
            attachments,
            parts: 0,
        }
    }

    /// Checks the headers of the next part after the first, and gives the hash (lower-case hex) that its data must have.
    /// The same data may come twice.
    ///
    /// # Errors
    /// It has no hash or one that no statement names (XAPI-00132; XAPI-00128 when it is more statements), or another
    /// `Content-Transfer-Encoding` than `binary` (XAPI-00135); one that is missing counts as `binary`.
    pub fn part(&mut self, part: Part<'_>) -> Result<String, Vec<Violation>> {
        self.parts += 1;
        let at = format!("part {}", self.parts);
        let mut violations = Vec::new();
        if let Some(encoding) = part.transfer_encoding
            && !encoding.trim().eq_ignore_ascii_case("binary")
        {
            let pointer = format!("{at}: Content-Transfer-Encoding");
            violations.push(Violation::new(PART_ENCODING, pointer, "`binary`", encoding));
        }
        let hash = part.hash.map(|hash| hash.trim().to_ascii_lowercase());
        let wanted = hash
            .as_ref()
            .and_then(|hash| self.attachments.get_mut(hash));
        if let Some(wanted) = wanted {
            wanted.received = true;
        } else {
            let more_statements = hash.is_none() && check_first(part).is_ok();
            violations.push(Violation::new(
                if more_statements {
                    EXCESS_PART
                } else {
                    PART_HASH
                },
                format!("{at}: X-Experience-API-Hash"),
                "the `sha2` of an attachment in the first part",
                hash.as_deref().unwrap_or("nothing"),
            ));
        }
        match hash {
            Some(hash) if violations.is_empty() => Ok(hash),
            Some(_) | None => Err(violations),
        }
    }

    /// After the last part. For a request without parts (`application/json`) right away.
    ///
    /// # Errors
    /// An attachment has neither a `fileUrl` nor its data in this request (XAPI-00129). That the same data were stored
    /// earlier does not help: whoever knows a hash could claim what they never had.
    pub fn finish(self) -> Result<(), Vec<Violation>> {
        let violations: Vec<Violation> = self
            .attachments
            .into_iter()
            .filter(|(_, wanted)| !wanted.received)
            .filter_map(|(hash, wanted)| {
                let (statement, pointer) = wanted.needed_at?;
                let expected = "a `fileUrl`, or a part of this request with the data";
                Some(
                    Violation::new(ATTACHMENT_DATA, pointer, expected, "neither")
                        .in_statement(statement)
                        .with_detail(format!("sha2 is `{hash}`")),
                )
            })
            .collect();
        if violations.is_empty() {
            Ok(())
        } else {
            Err(violations)
        }
    }
}

/// Checks a whole request's parts: the statements' own first, then those of the attachments.
///
/// # Errors
/// All violations that [`check_first`], [`Expected::part`] and [`Expected::finish`] find.
pub fn check_parts(statements: &[Statement<'_>], parts: &[Part<'_>]) -> Result<(), Vec<Violation>> {
    let mut violations = Vec::new();
    let mut parts = parts.iter();
    if let Err(violation) = check_first(parts.next().copied().unwrap_or_default()) {
        violations.push(*violation);
    }
    let mut expected = Expected::of(statements);
    for part in parts {
        violations.extend(expected.part(*part).err().unwrap_or_default());
    }
    violations.extend(expected.finish().err().unwrap_or_default());
    if violations.is_empty() {
        Ok(())
    } else {
        Err(violations)
    }
}

/// The attachments of a statement and of its SubStatement, with JSON pointers.
fn placed<'s, 'a>(
    statement: &'s Statement<'a>,
) -> impl Iterator<Item = (String, &'s Attachment<'a>)> {
    let inner = match &statement.object {
        Object::SubStatement(sub) => sub.attachments.as_slice(),
        Object::Activity(_) | Object::Agent(_) | Object::Group(_) | Object::StatementRef(_) => &[],
    };
    let at = |prefix: &'static str, list: &'s [Attachment<'a>]| {
        list.iter()
            .enumerate()
            .map(move |(index, one)| (format!("{prefix}/attachments/{index}"), one))
    };
    at("", &statement.attachments).chain(at("/object", inner))
}

/// The boundary among the parameters of a content type (RFC 2046 section 5.1.1), quoted or not.
fn boundary(parameters: &str) -> Option<String> {
    let mut rest = parameters;
    loop {
        let (name, value) = rest.split_once('=')?;
        let value = value.trim_start();
        let (value, after) = match value.strip_prefix('"') {
            Some(quoted) => {
                let (value, after) = quoted.split_once('"')?;
                (value, after.split_once(';').map_or("", |(_, after)| after))
            }
            None => value.split_once(';').unwrap_or((value, "")),
        };
        if name.trim().eq_ignore_ascii_case("boundary") {
            let value = value.trim_end();
            let plain = value
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"'()+_,-./:=? ".contains(&b));
            return ((1..=70).contains(&value.len()) && plain).then(|| value.to_owned());
        }
        rest = after;
    }
}
