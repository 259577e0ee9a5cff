//! The URL that launches an AU: its content's URL with the launch parameters (section 8.1).

use std::fmt::Write;

use super::any_uri::escape;
use super::package::Place;
use super::url::split_fragment;

/// The names of the launch parameters, in the order in which they are written.
pub(super) const PARAMETERS: [&str; 5] =
    ["endpoint", "fetch", "actor", "activityId", "registration"];

/// The values of the launch parameters, not encoded.
#[derive(Debug, Clone, Copy)]
pub struct LaunchParameters<'a> {
    pub endpoint: &'a str,
    pub fetch: &'a str,
    /// The Agent as JSON.
    pub actor: &'a str,
    pub activity_id: &'a str,
    pub registration: &'a str,
}

/// A launch URL that is longer than it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLong {
    /// Characters, which are all ASCII.
    pub length: usize,
    pub length_max: usize,
}

/// The URL of an AU's content: its own where it has a scheme, else its entry below `root`, which is the URL of the
/// package without a slash at its end. Query and fragment are the AU's own; what a URL cannot hold is escaped.
///
/// A directory is written with its index file, so that whoever serves the entries needs no rule for directories.
#[must_use]
pub fn content_url(root: &str, place: &Place, au_url: &str) -> String {
    match place {
        Place::Elsewhere => escape(au_url),
        Place::Entry(name) => {
            let path_end = au_url.find(['?', '#']).unwrap_or(au_url.len());
            let rest = escape(au_url.get(path_end..).unwrap_or_default());
            format!("{root}/{}{rest}", encode_path(name))
        }
    }
}

/// The content's URL with the launch parameters behind its own query and before its fragment (8.1.0.0-5, 13.1.4.0-3).
///
/// # Errors
///
/// The URL has more than `length_max` characters.
pub fn launch_url(
    content_url: &str,
    parameters: &LaunchParameters<'_>,
    length_max: usize,
) -> Result<String, TooLong> {
    let (before, fragment) = split_fragment(content_url);
    let mut url = before.to_owned();
    let values = [
        parameters.endpoint,
        parameters.fetch,
        parameters.actor,
        parameters.activity_id,
        parameters.registration,
    ];
    for (name, value) in PARAMETERS.iter().zip(values) {
        match url.split_once('?') {
            None => url.push('?'),
            Some((_, query)) if query.is_empty() || query.ends_with('&') => {}
            Some(_) => url.push('&'),
        }
        url.push_str(name);
        url.push('=');
        url.push_str(&form_urlencoded(value));
    }
    url.push_str(fragment);
    let length = url.len();
    if length > length_max {
        return Err(TooLong { length, length_max });
    }
    Ok(url)
}

/// As a form has it, but for the space: content that does not read `+` as one reads `%20` all the same.
fn form_urlencoded(value: &str) -> String {
    encode(value, |byte| matches!(byte, b'*' | b'-' | b'.' | b'_'))
}

fn encode_path(name: &str) -> String {
    encode(name, |byte| b"-._~!$&'()*+,;=@/".contains(&byte))
}

/// Percent-encodes all but ASCII letters, digits and what is plain besides.
fn encode(text: &str, is_plain: fn(u8) -> bool) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || is_plain(byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}
