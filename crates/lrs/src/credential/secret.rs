//! Secrets: made from the operating system's randomness, kept as argon2id hashes, never shown again.

use std::fmt;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// One accepted secret of a credential.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretHash {
    /// PHC string: algorithm, parameters, salt and hash.
    phc: String,
    /// Microseconds since 1970.
    pub created: u64,
    /// Microseconds since 1970; from then on it is refused. `None`: until it is rotated or revoked.
    pub expires: Option<u64>,
}

/// A key's name at HTTP Basic and its secret, as made or as given. The secret exists in this form only until it is
/// handed to whoever asked for it.
#[derive(Clone, PartialEq, Eq)]
pub struct Generated {
    pub key: String,
    pub secret: String,
}

const KEY_BYTES: usize = 12;
const SECRET_BYTES: usize = 32;

impl Generated {
    /// 96 random bits as hexadecimal digits for the key, 256 as URL-safe base64 for the secret.
    #[must_use]
    pub fn random() -> Self {
        Self {
            key: hex::encode(random::<KEY_BYTES>()),
            secret: random_secret(),
        }
    }
}

#[must_use]
pub(super) fn random_secret() -> String {
    URL_SAFE_NO_PAD.encode(random::<SECRET_BYTES>())
}

pub(super) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

impl SecretHash {
    /// Hashes with argon2id (m = 19 MiB, t = 2, p = 1): 20 to 30 ms and 19 MiB for a moment.
    pub(super) fn of(secret: &str, created: u64) -> Self {
        // `Argon2::default` is argon2id, version 0x13, m = 19456 KiB, t = 2, p = 1; a test holds it.
        let phc = Argon2::default()
            .hash_password(secret.as_bytes())
            .expect("argon2id takes secrets of any length below 4 GiB")
            .to_string();
        Self {
            phc,
            created,
            expires: None,
        }
    }

    /// Matches no secret, and takes as long to find that out as any other.
    pub(super) fn nobodys() -> Self {
        const PHC: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$\
                           AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        Self::from_phc(PHC.to_owned(), 0, None)
    }

    pub(super) fn from_phc(phc: String, created: u64, expires: Option<u64>) -> Self {
        Self {
            phc,
            created,
            expires,
        }
    }

    pub(super) fn phc(&self) -> &str {
        &self.phc
    }

    /// Whether it may still be used at `now` (microseconds since 1970).
    #[must_use]
    pub fn is_valid(&self, now: u64) -> bool {
        self.expires.is_none_or(|expires| now < expires)
    }

    /// Takes as long as [`SecretHash::of`], whether it matches or not.
    pub(super) fn matches(&self, secret: &str) -> bool {
        PasswordHash::new(&self.phc).is_ok_and(|hash| {
            Argon2::default()
                .verify_password(secret.as_bytes(), &hash)
                .is_ok()
        })
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecretHash")
            .field("created", &self.created)
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Generated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Generated")
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}
