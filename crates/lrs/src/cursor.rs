//! `more` links: a place in the list and a digest of the filters, signed, so that any node can go on and nobody
//! can ask for another query's continuation.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use storage::batch::{Assert, Batch, Op, RecordKey, RecordKind};
use storage::{CommitError, Fact, FactKey, Seq, Store, Tenant};

use crate::Error;

/// Signs with a key that is kept in the store: links outlive restarts and hold on every node.
pub struct Signer {
    key: Vec<u8>,
}

const SIGNATURE_BYTES: usize = 16;

impl Signer {
    /// Reads the signing key, and makes it at the first start.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub fn open(store: &Store) -> Result<Self, Error> {
        let record = RecordKey {
            kind: RecordKind::Setting,
            key: b"cursor-key".to_vec(),
        };
        loop {
            let facts = store.facts(Tenant::DEFAULT, &[FactKey::Record(record.clone())])?;
            if let Some(Fact::Record(Some(found))) = facts.into_iter().next() {
                return Ok(Self { key: found.value });
            }
            let mut key = vec![0; 32];
            getrandom::fill(&mut key).expect("the operating system gives random bytes");
            let made = store.commit_blocking(Batch {
                tenant: Tenant::DEFAULT,
                asserts: vec![Assert::RecordVersion(record.clone(), 0)],
                ops: vec![Op::PutRecord(record.clone(), key)],
            });
            match made {
                Ok(_) | Err(CommitError::Stale(_)) => {}
                Err(CommitError::Failed(error)) => return Err(error.into()),
                Err(CommitError::Overloaded | CommitError::ReadOnly) => {
                    return Err(Error::Overloaded);
                }
            }
        }
    }

    /// The token for going on behind `seq` with the filters that `filters` spells out.
    #[must_use]
    pub fn sign(&self, seq: Seq, filters: &str) -> String {
        let mut token = seq.0.to_be_bytes().to_vec();
        token.extend_from_slice(&self.signature(seq, filters));
        URL_SAFE_NO_PAD.encode(token)
    }

    /// `None` when the token is not ours or belongs to other filters.
    #[must_use]
    pub fn open_token(&self, token: &str, filters: &str) -> Option<Seq> {
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (seq, signature) = bytes.split_first_chunk::<8>()?;
        let seq = Seq(u64::from_be_bytes(*seq));
        (self
            .mac(seq, filters)
            .verify_truncated_left(signature)
            .is_ok()
            && signature.len() == SIGNATURE_BYTES)
            .then_some(seq)
    }

    /// A key for another use, by the name of that use. No row has the place that stands before the name here, so that
    /// no link's signature is ever a part of such a key.
    #[must_use]
    pub fn derive(&self, usage: &str) -> [u8; 32] {
        self.mac(Seq(u64::MAX), usage)
            .finalize()
            .into_bytes()
            .into()
    }

    fn signature(&self, seq: Seq, filters: &str) -> Vec<u8> {
        let mut signature = self.mac(seq, filters).finalize().into_bytes().to_vec();
        signature.truncate(SIGNATURE_BYTES);
        signature
    }

    fn mac(&self, seq: Seq, filters: &str) -> Hmac<Sha256> {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes keys of any length");
        mac.update(&seq.0.to_be_bytes());
        mac.update(filters.as_bytes());
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_opens_for_its_own_filters_alone() {
        let signer = Signer { key: vec![7; 32] };
        let token = signer.sign(Seq(42), "verb=a");
        assert_eq!(signer.open_token(&token, "verb=a"), Some(Seq(42)));
        assert_eq!(signer.open_token(&token, "verb=b"), None);
        assert_eq!(signer.open_token(&token[1..], "verb=a"), None);
        assert_eq!(
            signer.open_token("AAAAAAAAACo", "verb=a"),
            None,
            "no signature at all"
        );
        let other = Signer { key: vec![8; 32] };
        assert_eq!(other.open_token(&token, "verb=a"), None);
    }

    #[test]
    fn each_use_has_a_key_of_its_own() {
        let signer = Signer { key: vec![7; 32] };
        let derived = signer.derive("a use");
        assert_eq!(derived, signer.derive("a use"));
        assert_ne!(derived, signer.derive("another use"));
        assert_ne!(derived[..], signer.key[..]);
        assert_ne!(derived, Signer { key: vec![8; 32] }.derive("a use"));
    }
}
