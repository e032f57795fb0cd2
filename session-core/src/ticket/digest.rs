//! What a session keeps of its secret.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq;

use super::Secret;
use crate::SecretKey;

/// Tells our hash from every other use of SHA-256, where there is no secret key to do so.
const LABEL: &[u8] = b"session-core ticket secret v1";

/// What a session keeps of its secret: `HMAC-SHA-256(secret_key, secret)`, or SHA-256 with a label without a key.
///
/// One plain hash is enough because the secret is random (OWASP asks slow hashes for what people choose).
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Digest([u8; 32]);

impl Digest {
    /// Hashes with the newest of `keys`.
    pub(crate) fn new(secret: &Secret, keys: &[SecretKey]) -> Self {
        keys.first().map_or_else(|| Self::plain(secret), |key| Self::keyed(secret, key))
    }

    /// Returns what no secret hashes to.
    pub(crate) const fn none() -> Self {
        Self([0; 32])
    }

    fn plain(secret: &Secret) -> Self {
        Self(Sha256::new().chain_update(LABEL).chain_update(secret.as_bytes()).finalize().into())
    }

    fn keyed(secret: &Secret, key: &SecretKey) -> Self {
        let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("HMAC takes keys of any length");
        mac.update(secret.as_bytes());
        Self(mac.finalize().into_bytes().into())
    }
}

impl PartialEq for Digest {
    /// Compares in constant time.
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
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
pub(crate) struct Proofs(Vec<Digest>);

impl Proofs {
    pub(crate) fn new(secret: &Secret, keys: &[SecretKey]) -> Self {
        match keys {
            [] => Self(vec![Digest::plain(secret)]),
            keys => Self(keys.iter().map(|key| Digest::keyed(secret, key)).collect()),
        }
    }

    /// Returns what proves nothing.
    pub(crate) const fn none() -> Self {
        Self(Vec::new())
    }

    /// Returns whether one of them is `digest`.
    pub(crate) fn prove(&self, digest: &Digest) -> bool {
        self.0.contains(digest)
    }
}
