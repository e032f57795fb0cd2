//! Warnings that one visitor could cause with every request.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use crate::{Key, Timestamp};

/// How long one warning stands for all later ones of its kind about its session.
const QUIET: Duration = Duration::from_secs(10 * 60);

/// How many warnings are remembered. When there are more at once, some are given again.
const WARNINGS_MAX: usize = 1_024;

/// What a warning is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Suspicion {
    /// A ticket is in use that was replaced.
    Replaced,
    /// A ticket comes from another address.
    Address,
    /// A request carries the tickets of two live sessions.
    Ambiguous,
    /// A form brought no token of its session.
    Forged,
}

/// What was warned about of which sessions, and when.
///
/// A browser that missed its new cookie, or a thief, shows an old ticket with every request, and would fill the log.
#[derive(Debug, Default)]
pub(crate) struct Suspicions(Mutex<HashMap<(Key, Suspicion), Timestamp>>);

impl Suspicions {
    /// Returns whether this is to be a warning: nobody was given the same one about this session in a while.
    pub(crate) fn is_news(&self, suspicion: Suspicion, key: Key, now: Timestamp) -> bool {
        let mut warned = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let about = (key, suspicion);
        if warned.get(&about).is_some_and(|when| now.distance(*when) < QUIET) {
            return false;
        }
        if warned.len() >= WARNINGS_MAX {
            warned.retain(|_, when| now.distance(*when) < QUIET);
        }
        if warned.len() >= WARNINGS_MAX {
            warned.clear();
        }
        warned.insert(about, now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: usize) -> Key {
        let mut bytes = [0; Key::BYTES];
        bytes[..8].copy_from_slice(&number.to_le_bytes());
        Key::from_bytes(bytes)
    }

    #[test]
    fn a_session_is_news_once_in_a_while() {
        let (suspicions, now) = (Suspicions::default(), Timestamp::from_millis(1_000_000));
        let asked = [
            (1, Duration::ZERO, true),
            (1, QUIET / 2, false),
            (2, QUIET / 2, true),
            (1, QUIET, true),
            (1, QUIET + QUIET / 2, false),
        ];
        for (session, after, news) in asked {
            assert_eq!(
                suspicions.is_news(Suspicion::Replaced, key(session), now + after),
                news,
                "{session} {after:?}"
            );
        }
    }

    #[test]
    fn a_flood_takes_no_more_than_its_room() {
        let (suspicions, now) = (Suspicions::default(), Timestamp::EPOCH);
        assert!((0..10 * WARNINGS_MAX).all(|session| suspicions.is_news(
            Suspicion::Replaced,
            key(session),
            now
        )));
        assert!(suspicions.0.lock().unwrap().len() <= WARNINGS_MAX);
    }
}
