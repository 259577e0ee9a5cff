//! The frame of an answer with attachments: heads of parts as text, between which the server sends the bytes.

use crate::json::{Error, Node};
use crate::lexical::media_type;

/// An attachment that a stored statement names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declared {
    /// As sent.
    pub sha2: String,
    pub content_type: String,
    /// It has a `fileUrl` as well, so that its data need not have come with it.
    pub linked: bool,
}

/// The `Content-Type` of the answer. `boundary` must be letters and digits, so that it needs no quotes.
#[must_use]
pub fn content_type(boundary: &str) -> String {
    format!("multipart/mixed; boundary={boundary}")
}

/// What comes before the statements' JSON, which is always the first part.
#[must_use]
pub fn statements_head(boundary: &str) -> String {
    format!("--{boundary}\r\nContent-Type: application/json\r\n\r\n")
}

/// What comes before the data of one attachment. The hash stands nowhere else in the part.
#[must_use]
pub fn part_head(boundary: &str, attachment: &Declared) -> String {
    let Declared {
        sha2, content_type, ..
    } = attachment;
    // It was checked when it came in; but a line end here would be another header.
    let content_type = if media_type::is_media_type(content_type) {
        content_type
    } else {
        "application/octet-stream"
    };
    format!(
        "\r\n--{boundary}\r\nContent-Type: {content_type}\r\nContent-Transfer-Encoding: binary\r\n\
         X-Experience-API-Hash: {sha2}\r\n\r\n"
    )
}

/// What comes after the last part.
#[must_use]
pub fn end(boundary: &str) -> String {
    format!("\r\n--{boundary}--\r\n")
}

/// Adds the attachments of a stored statement, and of its SubStatement, to those of the answer, each hash once.
/// Those with a `fileUrl` are among them: their data may have been sent as well.
///
/// # Errors
/// The stored text is no JSON, which means that the store is damaged.
pub fn declared_in(text: &str, declared: &mut Vec<Declared>) -> Result<(), Error> {
    // The depth was bounded when the statement came in.
    let statement = Node::parse(text, usize::MAX)?;
    let inner = statement
        .get("object")
        .filter(|object| object.get("objectType").and_then(Node::as_str) == Some("SubStatement"));
    for holder in [Some(&statement), inner].into_iter().flatten() {
        let list = holder.get("attachments").and_then(Node::as_array);
        for attachment in list.unwrap_or_default() {
            let text = |name| attachment.get(name).and_then(Node::as_str);
            if let (Some(sha2), Some(content_type)) = (text("sha2"), text("contentType"))
                && !declared
                    .iter()
                    .any(|known| known.sha2.eq_ignore_ascii_case(sha2))
            {
                declared.push(Declared {
                    sha2: sha2.to_owned(),
                    content_type: content_type.to_owned(),
                    linked: attachment.get("fileUrl").is_some(),
                });
            }
        }
    }
    Ok(())
}
