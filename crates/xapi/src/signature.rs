//! Signed statements (Data 2.6): an attachment that is a JSON Web Signature over the statement.
//!
//! The check catches mistakes in signatures. Whether a signer is to be trusted is not asked here.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey};
use x509_cert::Certificate;
use x509_cert::der::Decode;
use x509_cert::der::asn1::ObjectIdentifier;

use crate::equivalence::differences_of;
use crate::json::Node;
use crate::requirement::{
    SIGNATURE as MALFORMED, SIGNATURE_ALGORITHM as ALGORITHM, SIGNATURE_PAYLOAD as PAYLOAD,
};
use crate::statement::Attachment;
use crate::{Statement, Violation};

#[cfg(test)]
mod tests;

/// The `usageType` of a signature.
pub const USAGE_TYPE: &str = "http://adlnet.gov/expapi/attachments/signature";
/// The `contentType` that a signature must have.
pub const CONTENT_TYPE: &str = "application/octet-stream";

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

/// What is known of a signature that breaks no rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signature {
    /// It fits the certificate that came with it.
    Verified,
    /// It came without a certificate (or, by `fileUrl`, without its data), so that nobody can tell here.
    Unverified,
}

#[must_use]
pub fn is_signature(attachment: &Attachment<'_>) -> bool {
    attachment.usage_type == USAGE_TYPE
}

/// Checks one signature of a statement. `index` is its place in `attachments`; `data` is its part of the request,
/// `None` when it has a `fileUrl` and no part.
///
/// # Errors
/// The content type is wrong or the data are no compact JWS (XAPI-00115), the payload is no JSON or another statement
/// (XAPI-00116), the algorithm is not RS256, RS384 or RS512, or the signature does not fit its certificate (XAPI-00117).
pub fn check(
    statement: &Statement<'_>,
    index: usize,
    data: Option<&[u8]>,
) -> Result<Signature, Vec<Violation>> {
    let at = format!("/attachments/{index}");
    if let Some(attachment) = statement.attachments.get(index)
        && attachment.content_type != CONTENT_TYPE
    {
        return Err(vec![Violation::new(
            MALFORMED,
            format!("{at}/contentType"),
            format!("`{CONTENT_TYPE}`"),
            &*attachment.content_type,
        )]);
    }
    let Some(data) = data else {
        return Ok(Signature::Unverified);
    };
    check_data(statement.text, index, data, &at)
}

fn check_data(
    statement: &str,
    index: usize,
    data: &[u8],
    at: &str,
) -> Result<Signature, Vec<Violation>> {
    let jws = Jws::parse(data, at).map_err(|violation| vec![*violation])?;
    let mut violations = Vec::new();
    let algorithm = jws.algorithm(at).map_err(|v| violations.push(*v)).ok();
    let certificate = jws.certificate(at).map_err(|v| violations.push(*v)).ok();
    violations.extend(jws.compare(statement, index, at));
    let mut signature = Signature::Unverified;
    if let (Some(algorithm), Some(Some(certificate))) = (algorithm, certificate) {
        match jws.verify(algorithm, &certificate, at) {
            Ok(()) => signature = Signature::Verified,
            Err(violation) => violations.push(*violation),
        }
    }
    if violations.is_empty() {
        Ok(signature)
    } else {
        Err(violations)
    }
}

/// A compact JWS (RFC 7515 section 3.1), taken apart.
struct Jws<'a> {
    /// `header.payload`, as signed.
    signed: &'a str,
    /// Still in base64url.
    signature: &'a str,
    header: String,
    payload: Vec<u8>,
}

impl<'a> Jws<'a> {
    fn parse(data: &'a [u8], at: &str) -> Result<Self, Box<Violation>> {
        let malformed = |got: String| Box::new(Violation::new(MALFORMED, at, "a compact JWS", got));
        let text = std::str::from_utf8(data.trim_ascii())
            .map_err(|_| malformed(format!("{} bytes that are no text", data.len())))?;
        let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).ok();
        let parsed = || {
            let (signed, signature) = text.rsplit_once('.')?;
            let (header, payload) = signed.split_once('.')?;
            // One dot too many makes the payload no base64url; the signature must be some as well.
            decode(signature).filter(|signature| !signature.is_empty())?;
            Some(Jws {
                signed,
                signature,
                header: String::from_utf8(decode(header)?).ok()?,
                payload: decode(payload)?,
            })
        };
        parsed().ok_or_else(|| malformed(text.to_owned()))
    }

    fn header(&self, name: &str) -> Result<Option<Node<'_>>, String> {
        // A header is flat; what it holds of JSON keys and the like is of no interest here.
        let mut header = Node::parse(&self.header, 8).map_err(|error| error.to_string())?;
        Ok(header.remove(name))
    }

    fn algorithm(&self, at: &str) -> Result<Algorithm, Box<Violation>> {
        let expected = "a JWS header with `alg` RS256, RS384 or RS512";
        let refuse = |got: String| Box::new(Violation::new(ALGORITHM, at, expected, got));
        // RFC 7515 section 4.1.11: what `crit` names must be understood, and none of it is.
        if self.header("crit").map_err(refuse)?.is_some() {
            return Err(refuse(self.header.clone()));
        }
        let alg = self.header("alg").map_err(refuse)?;
        match alg.as_ref().and_then(Node::as_str) {
            Some("RS256") => Ok(Algorithm::RS256),
            Some("RS384") => Ok(Algorithm::RS384),
            Some("RS512") => Ok(Algorithm::RS512),
            Some(_) | None => Err(refuse(self.header.clone())),
        }
    }

    /// The signer's certificate in DER; `None` when none came with the signature.
    fn certificate(&self, at: &str) -> Result<Option<Vec<u8>>, Box<Violation>> {
        let expected = "`x5c` with certificates in base64, the signer's first";
        let refuse = |got: String| Box::new(Violation::new(MALFORMED, at, expected, got));
        let Some(chain) = self.header("x5c").map_err(refuse)? else {
            return Ok(None);
        };
        chain
            .as_array()
            .and_then(|chain| chain.first()?.as_str())
            .and_then(|first| STANDARD.decode(first).ok())
            .map(Some)
            .ok_or_else(|| refuse(chain.to_text()))
    }

    fn verify(
        &self,
        algorithm: Algorithm,
        certificate: &[u8],
        at: &str,
    ) -> Result<(), Box<Violation>> {
        let key = rsa_key(certificate).ok_or_else(|| {
            Violation::new(
                MALFORMED,
                at,
                "an X.509 certificate with an RSA key",
                "another",
            )
            .with_detail("first certificate of `x5c`")
        })?;
        let key = DecodingKey::from_rsa_der(&key);
        let fits =
            jsonwebtoken::crypto::verify(self.signature, self.signed.as_bytes(), &key, algorithm);
        if fits.unwrap_or(false) {
            Ok(())
        } else {
            let expected = "a signature by the key of the first certificate of `x5c`";
            Err(Violation::new(ALGORITHM, at, expected, "another").into())
        }
    }

    /// Where the payload is not the statement before this signature was attached.
    fn compare(&self, statement: &str, index: usize, at: &str) -> Vec<Violation> {
        let refuse = |got: String| {
            let expected = "a payload that is the statement as JSON";
            vec![Violation::new(PAYLOAD, at, expected, got)]
        };
        let Ok(payload) = std::str::from_utf8(&self.payload) else {
            return refuse(format!("{} bytes that are no text", self.payload.len()));
        };
        let mut payload = match Node::parse(payload, PAYLOAD_DEPTH_MAX) {
            Ok(payload) if payload.as_object().is_some() => payload,
            Ok(payload) => return refuse(payload.to_text()),
            Err(error) => return refuse(error.to_string()),
        };
        // The statement was parsed before; its depth is bounded.
        let mut statement = match Node::parse(statement, usize::MAX) {
            Ok(statement) => statement,
            Err(error) => return refuse(error.to_string()),
        };
        detach(&mut statement, &mut payload, index);
        differences_of(&statement, &payload)
            .into_iter()
            .map(|pointer| {
                Violation::new(
                    PAYLOAD,
                    pointer,
                    "the same as in the signature",
                    "another value",
                )
                .with_detail(format!("the signature is {at}"))
            })
            .collect()
    }
}

/// More than any statement has that a parser let through.
const PAYLOAD_DEPTH_MAX: usize = 1024;

/// Takes the signature off the statement. Signers commonly sign without any attachments, so that the others are
/// compared only when the payload has some.
fn detach<'a>(statement: &mut Node<'a>, payload: &mut Node<'a>, index: usize) {
    if payload.get("attachments").is_none() {
        statement.remove("attachments");
        return;
    }
    if let Some(Node::Array(attachments)) = statement.get_mut("attachments")
        && index < attachments.len()
    {
        attachments.remove(index);
    }
    // Nothing left is the same as none.
    for side in [statement, payload] {
        if side.get("attachments").and_then(Node::as_array) == Some(&[]) {
            side.remove("attachments");
        }
    }
}

/// The RSA public key (PKCS #1 in DER) of a certificate in DER.
fn rsa_key(certificate: &[u8]) -> Option<Vec<u8>> {
    let certificate = Certificate::from_der(certificate).ok()?;
    let key = certificate.tbs_certificate().subject_public_key_info();
    if key.algorithm.oid != RSA {
        return None;
    }
    key.subject_public_key.as_bytes().map(<[u8]>::to_vec)
}
