//! Names in vectors: `$name`, or `${name}` before letters, stands for a value that an earlier answer of the case has
//! bound, or that is made afresh for each run by the first letters of the name: `$id…` a UUID, `$iri…` an IRI,
//! `$mail…` an mbox, `$token…` a word. `$x…` is that many letters x; `$now`, `$past` and `$future` are timestamps; `$$`
//! is a dollar sign.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

const YEAR_MICROS: i64 = 365 * 86_400 * 1_000_000;

/// The names of one run of one case.
#[derive(Debug, Default)]
pub struct Names {
    values: BTreeMap<String, String>,
}

impl Names {
    pub fn bind(&mut self, name: &str, value: String) {
        self.values.insert(name.to_owned(), value);
    }

    /// The text with all names replaced.
    ///
    /// # Errors
    /// A name that is neither bound nor made.
    pub fn fill(&mut self, text: &str) -> Result<String, String> {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('$') {
            filled.push_str(before);
            if let Some(after) = after.strip_prefix('$') {
                filled.push('$');
                rest = after;
                continue;
            }
            let (name, after) = split_name(after);
            filled.push_str(self.value(name)?);
            rest = after;
        }
        filled.push_str(rest);
        Ok(filled)
    }

    fn value(&mut self, name: &str) -> Result<&str, String> {
        if !self.values.contains_key(name) {
            let value = make(name).ok_or_else(|| format!("`${name}` is bound to nothing"))?;
            self.values.insert(name.to_owned(), value);
        }
        Ok(self.values.get(name).map_or("", String::as_str))
    }

    /// Binds `$name` to the SHA-256 of the content in hex.
    pub fn bind_hash(&mut self, name: &str, content: &str) {
        self.bind(name, hex(&Sha256::digest(content.as_bytes())));
    }

    /// Binds `$name` to a compact JWS of this payload and `$name_sha2` to its hash. Without a certificate in its head
    /// nobody can verify it, so that its signature is any octets.
    pub fn bind_jws(&mut self, name: &str, algorithm: &str, payload: &str) {
        let head = format!(r#"{{"alg":"{algorithm}"}}"#);
        let parts = [head.as_bytes(), payload.as_bytes(), b"any octets at all"];
        let jws = parts.map(|part| URL_SAFE_NO_PAD.encode(part)).join(".");
        self.bind_hash(&format!("{name}_sha2"), &jws);
        self.bind(name, jws);
    }
}

/// `name` or `{name}` at the beginning of a text, and what follows it.
fn split_name(text: &str) -> (&str, &str) {
    let braced = text.strip_prefix('{').and_then(|rest| rest.split_once('}'));
    let end = || {
        let is_other = |c: char| !c.is_ascii_lowercase() && !c.is_ascii_digit() && c != '_';
        text.find(is_other).unwrap_or(text.len())
    };
    braced.unwrap_or_else(|| text.split_at(end()))
}

fn make(name: &str) -> Option<String> {
    let number = name
        .strip_prefix('x')
        .and_then(|digits| digits.parse().ok());
    let kind = |prefix: &str| name.starts_with(prefix);
    Some(match (name, number) {
        (_, Some(count)) => "x".repeat(count),
        ("now", _) => timestamp(0),
        ("past", _) => timestamp(-YEAR_MICROS),
        ("future", _) => timestamp(5 * YEAR_MICROS),
        _ if kind("id") => uuid(),
        _ if kind("iri") => format!("http://example.com/conformance/{}/{name}", token()),
        _ if kind("mail") => format!("mailto:{name}-{}@example.com", token()),
        _ if kind("token") => token(),
        _ => return None,
    })
}

fn timestamp(micros_from_now: i64) -> String {
    xapi::lexical::timestamp::render(now() + micros_from_now)
}

/// Microseconds since 1970.
#[must_use]
pub fn now() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|since| i64::try_from(since.as_micros()).ok())
        .unwrap_or_default()
}

fn token() -> String {
    hex(&random()[..6])
}

fn uuid() -> String {
    uuid::Builder::from_random_bytes(random())
        .into_uuid()
        .to_string()
}

/// Each `RandomState` is keyed afresh; no more is needed to keep the data of runs apart.
fn random() -> [u8; 16] {
    let half = || RandomState::new().build_hasher().finish();
    let number = (u128::from(half()) << 64) | u128::from(half());
    number.to_be_bytes()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
