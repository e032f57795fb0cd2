//! The whole ticket, as it travels in the cookie.

use std::{fmt, str::FromStr};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::{Key, Secret};
use crate::{Error, Result};

/// The ticket that a visitor shows: 48 characters of base64url, made of a [`Key`] and a secret.
///
/// It comes from the operating system's random bytes or from a cookie, never from anything else. `Debug` shows the
/// key alone, and there is no `Display`: a ticket belongs in a `Set-Cookie` header and nowhere else.
///
/// ```
/// use session_core::SessionId;
///
/// let shown = "AAECAwQFBgcICQoLDA0ODwAAAAAAAAAAAAAAAAAAAAAAAAAA";
/// let id: SessionId = shown.parse()?;
/// assert_eq!(id.key().to_string(), "000102030405060708090a0b0c0d0e0f");
/// assert!("/etc/passwd".parse::<SessionId>().is_err());
/// # Ok::<(), session_core::Error>(())
/// ```
#[derive(Clone)]
pub struct SessionId {
    key: Key,
    secret: Secret,
}

impl SessionId {
    /// How many characters a ticket has.
    pub const CHARS: usize = 48;

    const BYTES: usize = Key::BYTES + Secret::BYTES;

    /// Returns a new ticket: 128 random bits of key and 160 of secret.
    ///
    /// # Errors
    ///
    /// [`Error::Randomness`] when the operating system gives no random bytes.
    pub fn generate() -> Result<Self> {
        let mut key = [0; Key::BYTES];
        getrandom::fill(&mut key).map_err(Error::randomness)?;
        Ok(Self { key: Key::from_bytes(key), secret: Secret::generate()? })
    }

    /// Returns another ticket for the session called `key`.
    pub(crate) fn renew(key: Key) -> Result<Self> {
        Ok(Self { key, secret: Secret::generate()? })
    }

    /// Returns the half that is no secret.
    #[must_use]
    pub const fn key(&self) -> Key {
        self.key
    }

    pub(crate) const fn secret(&self) -> &Secret {
        &self.secret
    }

    /// Returns whether `other` is the same ticket, in constant time.
    pub(crate) fn same(&self, other: &Self) -> bool {
        self.key == other.key && bool::from(self.secret.as_bytes().ct_eq(other.secret.as_bytes()))
    }

    /// Returns the 48 characters for the cookie.
    pub(crate) fn reveal(&self) -> Zeroizing<String> {
        let mut bytes = Zeroizing::new([0; Self::BYTES]);
        let (key, secret) = bytes.split_at_mut(Key::BYTES);
        key.copy_from_slice(self.key.as_bytes());
        secret.copy_from_slice(self.secret.as_bytes());
        Zeroizing::new(URL_SAFE_NO_PAD.encode(bytes.as_slice()))
    }
}

impl FromStr for SessionId {
    type Err = Error;

    /// Parses exactly 48 characters of base64url.
    ///
    /// 36 bytes fill 48 characters to the last bit, so that every ticket has one spelling only.
    fn from_str(text: &str) -> Result<Self> {
        let refused = Error::Invalid { what: "ticket", why: "it is not 48 characters of base64url" };
        if text.len() != Self::CHARS {
            return Err(refused);
        }
        let mut bytes = Zeroizing::new([0; Self::BYTES]);
        URL_SAFE_NO_PAD.decode_slice(text, bytes.as_mut_slice()).map_err(|_| refused.clone())?;
        let (key, secret) = bytes.split_first_chunk().ok_or_else(|| refused.clone())?;
        let secret = secret.try_into().map_err(|_| refused)?;
        Ok(Self { key: Key::from_bytes(*key), secret: Secret::from_bytes(secret) })
    }
}

impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionId").field("key", &self.key).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_ticket_reads_back_as_it_was_written() {
        let id = SessionId::generate().unwrap();
        let text = id.reveal();
        assert_eq!(text.len(), SessionId::CHARS);
        let again: SessionId = text.parse().unwrap();
        assert_eq!(again.key(), id.key());
        assert_eq!(again.secret().as_bytes(), id.secret().as_bytes());
    }

    #[test]
    fn no_two_tickets_are_alike() {
        let tickets: std::collections::HashSet<_> =
            (0..1_000).map(|_| SessionId::generate().unwrap().reveal().to_string()).collect();
        assert_eq!(tickets.len(), 1_000);
    }

    /// Twelve standard deviations around the mean of a fair coin: no honest run leaves them.
    #[test]
    fn every_bit_of_a_ticket_is_random_and_no_two_threads_draw_the_same() {
        const TICKETS: usize = 4 * 4_096;
        let draw = || (0..TICKETS / 4).map(|_| SessionId::generate().unwrap()).collect::<Vec<_>>();
        let threads: Vec<_> = (0..4).map(|_| std::thread::spawn(draw)).collect();
        let tickets: Vec<_> = threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
        let mut ones = [0_usize; SessionId::BYTES * 8];
        for ticket in &tickets {
            let key = ticket.key();
            for (at, byte) in key.as_bytes().iter().chain(ticket.secret().as_bytes()).enumerate() {
                (0..8).for_each(|bit| ones[at * 8 + bit] += usize::from(byte >> bit & 1));
            }
        }
        let margin = 12 * 64;
        assert!(ones.iter().all(|ones| ones.abs_diff(TICKETS / 2) < margin), "{ones:?}");
        let different: std::collections::HashSet<_> =
            tickets.iter().map(|ticket| ticket.reveal().to_string()).collect();
        assert_eq!(different.len(), TICKETS);
    }

    #[test]
    fn tickets_are_the_same_when_both_halves_are() {
        let [id, other] = [SessionId::generate().unwrap(), SessionId::generate().unwrap()];
        let with =
            |key: &SessionId, secret: &SessionId| SessionId { key: key.key, secret: secret.secret.clone() };
        assert!(id.same(&with(&id, &id)));
        assert!(!id.same(&with(&id, &other)));
        assert!(!id.same(&with(&other, &id)));
        assert!(!id.same(&other));
    }

    #[test]
    fn debug_shows_no_secret() {
        let id = SessionId::generate().unwrap();
        let shown = format!("{id:?} {:?}", id.secret());
        assert_eq!(shown, format!("SessionId {{ key: {:?}, .. }} Secret(..)", id.key()));
        let secret: String = id.reveal().chars().skip(24).collect();
        assert!(!shown.contains(&secret));
        assert!(!shown.contains(&format!("{:?}", id.secret().as_bytes())));
    }

    proptest! {
        #[test]
        fn only_48_characters_of_base64url_are_a_ticket(text in "\\PC{0,64}") {
            let fits = text.len() == 48
                && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
            prop_assert_eq!(text.parse::<SessionId>().is_ok(), fits);
        }

        #[test]
        fn every_36_bytes_are_a_ticket(text in "[A-Za-z0-9_-]{48}") {
            let id: SessionId = text.parse().unwrap();
            let revealed = id.reveal();
            prop_assert_eq!(revealed.as_str(), text);
        }

        #[test]
        fn a_ticket_with_one_foreign_character_is_refused(
            text in "[A-Za-z0-9_-]{48}", at in 0_usize..48, foreign in "[^A-Za-z0-9_-]",
        ) {
            let spoilt: String = text.char_indices()
                .map(|(index, kept)| if index == at { foreign.clone() } else { kept.to_string() })
                .collect();
            prop_assert!(spoilt.parse::<SessionId>().is_err());
        }
    }
}
