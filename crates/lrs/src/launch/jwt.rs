//! A launch tenant's token on the wire: a JSON Web Token, HS256 and no other algorithm, with the claims that clients of
//! the player API know. Whether a token still counts is asked elsewhere (`tokens`).

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::cursor;

const ISSUER: &str = "urn:catapult:player";
/// The audience that a client names stands behind it.
const AUDIENCE: &str = "urn:catapult:";
/// The longest that is made has about 2 300.
const TOKEN_BYTES_MAX: usize = 4_096;

/// Signs tokens and knows its own again.
pub struct Signer {
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
}

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Claims {
    iss: String,
    aud: String,
    /// Number of the launch tenant.
    pub(super) sub: u64,
    pub(super) jti: Uuid,
    /// Seconds since 1970, as is `exp`.
    iat: i64,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    exp: Option<i64>,
}

impl Claims {
    pub(super) fn new(
        launch_tenant: u64,
        id: Uuid,
        audience: &str,
        issued: i64,
        expires: Option<i64>,
    ) -> Self {
        Self {
            iss: ISSUER.to_owned(),
            aud: format!("{AUDIENCE}{audience}"),
            sub: launch_tenant,
            jti: id,
            iat: issued,
            exp: expires,
        }
    }
}

impl Signer {
    /// With a key derived from the store's.
    #[must_use]
    pub fn new(keys: &cursor::Signer) -> Self {
        let key = keys.derive("launch tokens");
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_required_spec_claims(&["iss", "aud"]);
        // Audiences are compared by how they begin, and times by the server's clock with the token's record.
        validation.validate_aud = false;
        validation.validate_exp = false;
        Self {
            encoding: EncodingKey::from_secret(&key),
            decoding: DecodingKey::from_secret(&key),
            validation,
        }
    }

    pub(super) fn sign(&self, claims: &Claims) -> String {
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &self.encoding)
            .expect("HMAC takes keys of any length, and claims are text and numbers")
    }

    /// What a token says that this server has signed.
    pub(super) fn open(&self, token: &str) -> Option<Claims> {
        if token.len() > TOKEN_BYTES_MAX {
            return None;
        }
        let opened = jsonwebtoken::decode::<Claims>(token, &self.decoding, &self.validation);
        let claims = opened.ok()?.claims;
        claims.aud.starts_with(AUDIENCE).then_some(claims)
    }
}
