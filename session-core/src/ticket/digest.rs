//! What a session keeps of its secret.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq;

use super::SessionId;
use crate::SecretKey;

/// Tells our hash from every other use of SHA-256, where there is no secret key to do so.
const LABEL: &[u8] = b"session-core ticket secret v1";

/// What a session keeps of its secret: `HMAC-SHA-256(secret_key, key || secret)`, or SHA-256 with a label in place of the
/// secret key.
///
/// The session's key is in it, so that whoever writes to the store cannot open one session with another one's ticket.
///
/// One plain hash is enough because the secret is random (OWASP asks slow hashes for what people choose).
#[derive(Clone, Copy)]
#[cfg_attr(test, derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Digest([u8; 32]);

impl Digest {
    /// Hashes with the newest of `keys`.
    pub(crate) fn new(ticket: &SessionId, keys: &[SecretKey]) -> Self {
        keys.first().map_or_else(|| Self::plain(ticket), |key| Self::keyed(ticket, key))
    }

    /// Returns what no secret hashes to.
    pub(crate) const fn none() -> Self {
        Self([0; 32])
    }

    /// Returns the bytes, for deriving what must change with the secret.
    pub(crate) const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub(crate) const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    fn words(&self) -> [u64; 4] {
        let (words, _) = self.0.as_chunks();
        std::array::from_fn(|index| words.get(index).map_or(0, |word| u64::from_ne_bytes(*word)))
    }

    fn plain(ticket: &SessionId) -> Self {
        let hash = Sha256::new().chain_update(LABEL).chain_update(ticket.key().as_bytes());
        Self(hash.chain_update(ticket.secret().as_bytes()).finalize().into())
    }

    fn keyed(ticket: &SessionId, key: &SecretKey) -> Self {
        let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("HMAC takes keys of any length");
        mac.update(ticket.key().as_bytes());
        mac.update(ticket.secret().as_bytes());
        Self(mac.finalize().into_bytes().into())
    }
}

impl PartialEq for Digest {
    /// Compares in constant time, eight bytes at once: a request compares often, and byte by byte that shows.
    fn eq(&self, other: &Self) -> bool {
        self.words().ct_eq(&other.words()).into()
    }
}

impl Eq for Digest {}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digest(..)")
    }
}

/// What a visitor can prove with a secret: its digest under every secret key in force.
#[derive(Clone, Debug)]
pub(crate) struct Proofs {
    newest: Option<Digest>,
    /// Those under older secret keys, of which there are seldom any.
    older: Vec<Digest>,
}

impl Proofs {
    pub(crate) fn new(ticket: &SessionId, keys: &[SecretKey]) -> Self {
        let older = keys.iter().skip(1).map(|key| Digest::keyed(ticket, key)).collect();
        Self { newest: Some(Digest::new(ticket, keys)), older }
    }

    /// Returns what proves nothing.
    pub(crate) const fn none() -> Self {
        Self { newest: None, older: Vec::new() }
    }

    /// Returns whether one of them is `digest`.
    pub(crate) fn prove(&self, digest: &Digest) -> bool {
        self.newest.as_ref() == Some(digest) || self.older.contains(digest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticket(text: &str) -> SessionId {
        text.repeat(48).parse().unwrap()
    }

    /// Computed with Python's `hashlib` and `hmac`: a change here shuts every visitor out.
    #[test]
    fn digests_are_these_bytes() {
        let hex = |digest: Digest| digest.0.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let key = SecretKey::new("k".repeat(32)).unwrap();
        assert_eq!(
            hex(Digest::new(&ticket("A"), &[])),
            "808904790d2ce2bbbed7d88d679d41629c939cf19371cc153b8184cd94db719b"
        );
        assert_eq!(
            hex(Digest::new(&ticket("A"), &[key])),
            "8f35db5a249c5205032e7093aa0db37517c47fd36256ab22624af109ca5116c5"
        );
    }

    #[test]
    fn a_digest_is_of_the_key_and_the_secret() {
        let (a, b) = (ticket("A"), ticket("B"));
        let mixed: SessionId = format!("{}AA{}", "B".repeat(20), "A".repeat(26)).parse().unwrap();
        let keys = [SecretKey::new("k".repeat(32)).unwrap()];
        for keys in [&keys[..], &[]] {
            let proofs = Proofs::new(&a, keys);
            assert!(proofs.prove(&Digest::new(&a, keys)));
            assert!(!proofs.prove(&Digest::new(&b, keys)));
            assert!(!proofs.prove(&Digest::new(&mixed, keys)));
        }
    }

    #[test]
    fn every_secret_key_in_force_proves_and_the_newest_hashes() {
        let [old, new] = ["o", "n"].map(|letter| SecretKey::new(letter.repeat(32)).unwrap());
        let ticket = ticket("A");
        let both = Proofs::new(&ticket, &[new.clone(), old.clone()]);
        assert!(both.prove(&Digest::new(&ticket, std::slice::from_ref(&old))));
        assert!(both.prove(&Digest::new(&ticket, &[new.clone(), old.clone()])));
        assert!(!Proofs::new(&ticket, &[old]).prove(&Digest::new(&ticket, &[new])));
    }

    #[test]
    fn debug_shows_no_bytes() {
        assert_eq!(format!("{:?}", Digest::new(&ticket("A"), &[])), "Digest(..)");
    }
}
