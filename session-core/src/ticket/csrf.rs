//! The token that a page of ours carries and a page of another site does not.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::{Choice, ConstantTimeEq};

use super::{Digest, Key};
use crate::{Error, Result, SecretKey};

/// Tells our tags from every other use of the same secret key, and stands in for one where there is none.
const LABEL: &[u8] = b"session-core csrf token v1";

/// What all tokens of one session and one secret have in common: `HMAC-SHA-256(secret_key, label || key || digest)`, its
/// first 24 bytes.
#[derive(Clone, Copy)]
pub(crate) struct CsrfTag([u8; Self::BYTES]);

impl CsrfTag {
    const BYTES: usize = 24;

    /// Returns the tag that new tokens carry.
    pub(crate) fn new(session: &Key, secret: &Digest, keys: &[SecretKey]) -> Self {
        Self::keyed(session, secret, keys.first().map_or(LABEL, SecretKey::as_bytes))
    }

    /// Returns the tags that tokens may carry, one for every secret key in force.
    pub(crate) fn accepted(session: &Key, secret: &Digest, keys: &[SecretKey]) -> Vec<Self> {
        match keys {
            [] => vec![Self::keyed(session, secret, LABEL)],
            keys => keys.iter().map(|key| Self::keyed(session, secret, key.as_bytes())).collect(),
        }
    }

    fn keyed(session: &Key, secret: &Digest, key: &[u8]) -> Self {
        let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
        mac.update(LABEL);
        mac.update(session.as_bytes());
        mac.update(secret.as_bytes());
        let hash: [u8; 32] = mac.finalize().into_bytes().into();
        let (tag, _) = hash.split_first_chunk().expect("a hash is longer than a tag");
        Self(*tag)
    }
}

impl fmt::Debug for CsrfTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CsrfTag(..)")
    }
}

/// A tag as it travels in a page: a random mask, and the tag under it.
///
/// No two tokens are alike, so that a compressed page gives nothing away by its length (BREACH).
pub(crate) struct CsrfToken {
    mask: [u8; CsrfTag::BYTES],
    masked: [u8; CsrfTag::BYTES],
}

impl CsrfToken {
    /// How many characters a token has; 48 bytes fill them to the last bit.
    const CHARS: usize = 64;

    /// Hides `tag` under a new mask.
    ///
    /// # Errors
    ///
    /// [`Error::Randomness`] when the operating system gives no random bytes.
    pub(crate) fn new(tag: &CsrfTag) -> Result<Self> {
        let mut mask = [0; CsrfTag::BYTES];
        getrandom::fill(&mut mask).map_err(Error::randomness)?;
        Ok(Self { mask, masked: xor(&tag.0, &mask) })
    }

    /// Reads what a form brought, or `None` for what is no token.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text.len() != Self::CHARS {
            return None;
        }
        let mut bytes = [0; 2 * CsrfTag::BYTES];
        URL_SAFE_NO_PAD.decode_slice(text, &mut bytes).ok()?;
        let (mask, masked) = bytes.split_first_chunk()?;
        Some(Self { mask: *mask, masked: masked.try_into().ok()? })
    }

    /// Returns the 64 characters of base64url.
    pub(crate) fn reveal(&self) -> String {
        URL_SAFE_NO_PAD.encode([self.mask, self.masked].as_flattened())
    }

    /// Returns whether one of `tags` is under the mask, in constant time.
    pub(crate) fn carries_one_of(&self, tags: &[CsrfTag]) -> bool {
        let carried = xor(&self.masked, &self.mask);
        let found = tags.iter().fold(Choice::from(0), |found, tag| found | tag.0.ct_eq(&carried));
        found.into()
    }
}

fn xor(one: &[u8; CsrfTag::BYTES], other: &[u8; CsrfTag::BYTES]) -> [u8; CsrfTag::BYTES] {
    let mut bytes = *one;
    for (byte, other) in bytes.iter_mut().zip(other) {
        *byte ^= other;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SessionId;

    fn parts() -> (Key, Digest) {
        let ticket: SessionId = "A".repeat(48).parse().unwrap();
        (ticket.key(), Digest::new(&ticket, &[]))
    }

    /// Computed with Python's `hmac`: a change here refuses every form that is open.
    #[test]
    fn tags_are_these_bytes() {
        let hex = |tag: CsrfTag| tag.0.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let (session, secret) = parts();
        let key = SecretKey::new("k".repeat(32)).unwrap();
        assert_eq!(
            hex(CsrfTag::new(&session, &secret, &[])),
            "a7bd5b4ea6d3b9333e49747ec759e62e97e929e1082f2fab"
        );
        assert_eq!(
            hex(CsrfTag::new(&session, &secret, &[key])),
            "c3c84e16295e0de1e74aab1769d1ef405cefe75d7f5d025f"
        );
    }

    #[test]
    fn a_token_is_read_back_and_no_two_are_alike() {
        let (session, secret) = parts();
        let tag = CsrfTag::new(&session, &secret, &[]);
        let tokens: std::collections::HashSet<_> =
            (0..1_000).map(|_| CsrfToken::new(&tag).unwrap().reveal()).collect();
        assert_eq!(tokens.len(), 1_000);
        for token in &tokens {
            assert_eq!(token.len(), CsrfToken::CHARS);
            assert!(CsrfToken::parse(token).unwrap().carries_one_of(&[tag]));
        }
        // Neither half tells two tokens of one session from those of two.
        let halves: std::collections::HashSet<_> = tokens.iter().map(|token| &token[32..]).collect();
        assert_eq!(halves.len(), 1_000);
    }

    #[test]
    fn a_token_with_any_bit_changed_carries_no_tag() {
        let (session, secret) = parts();
        let tag = CsrfTag::new(&session, &secret, &[]);
        let token = CsrfToken::new(&tag).unwrap();
        for bit in 0..CsrfTag::BYTES * 8 {
            let mut spoilt = CsrfToken { mask: token.mask, masked: token.masked };
            spoilt.masked[bit / 8] ^= 1 << (bit % 8);
            assert!(!spoilt.carries_one_of(&[tag]), "bit {bit}");
        }
    }

    #[test]
    fn what_is_no_token_is_refused() {
        for text in
            ["", "A", &"A".repeat(63), &"A".repeat(65), &"=".repeat(64), &format!("{}+/", "A".repeat(62))]
        {
            assert!(CsrfToken::parse(text).is_none(), "{text}");
        }
        assert!(CsrfToken::parse(&"A".repeat(64)).is_some());
    }

    #[test]
    fn every_secret_key_in_force_is_accepted_and_the_newest_is_used() {
        let (session, secret) = parts();
        let [old, new] = ["o", "n"].map(|letter| SecretKey::new(letter.repeat(32)).unwrap());
        let from = |keys: &[SecretKey]| CsrfToken::new(&CsrfTag::new(&session, &secret, keys)).unwrap();
        let both = [new.clone(), old.clone()];
        let accepted = CsrfTag::accepted(&session, &secret, &both);
        assert!(from(std::slice::from_ref(&old)).carries_one_of(&accepted));
        assert!(from(&both).carries_one_of(&CsrfTag::accepted(&session, &secret, &[new])));
        assert!(!from(&both).carries_one_of(&CsrfTag::accepted(&session, &secret, &[old])));
        assert!(!from(&[]).carries_one_of(&accepted));
    }

    #[test]
    fn a_token_carries_a_tag_that_is_listed_twice() {
        let (session, secret) = parts();
        let tag = CsrfTag::new(&session, &secret, &[]);
        assert!(CsrfToken::new(&tag).unwrap().carries_one_of(&[tag, tag]));
    }

    #[test]
    fn debug_shows_no_bytes() {
        let (session, secret) = parts();
        assert_eq!(format!("{:?}", CsrfTag::new(&session, &secret, &[])), "CsrfTag(..)");
    }
}
