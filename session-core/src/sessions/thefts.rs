//! Tickets in use that were replaced.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use crate::{Key, Timestamp, event::Event};

/// How long one warning stands for all later ones of its session.
const QUIET: Duration = Duration::from_secs(10 * 60);

/// How many sessions are remembered. When more are stolen at once, some are warned about again.
const SESSIONS_MAX: usize = 1_024;

/// The sessions whose replaced ticket was seen in use, and when that was warned about.
///
/// A browser that missed its new cookie, or a thief, shows an old ticket with every request, and would fill the log.
#[derive(Debug, Default)]
pub(crate) struct Thefts(Mutex<HashMap<Key, Timestamp>>);

impl Thefts {
    /// Reports the use of a replaced ticket: a warning for the first one in a while, and for the others an event that
    /// only `debug` shows.
    pub(crate) fn report(&self, key: Key, now: Timestamp) {
        Event::Replaced { key: &key, news: self.is_news(key, now) }.say();
    }

    fn is_news(&self, key: Key, now: Timestamp) -> bool {
        let mut warned = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if warned.get(&key).is_some_and(|when| now.distance(*when) < QUIET) {
            return false;
        }
        if warned.len() >= SESSIONS_MAX {
            warned.retain(|_, when| now.distance(*when) < QUIET);
        }
        if warned.len() >= SESSIONS_MAX {
            warned.clear();
        }
        warned.insert(key, now);
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
        let (thefts, now) = (Thefts::default(), Timestamp::from_millis(1_000_000));
        let asked = [
            (1, Duration::ZERO, true),
            (1, QUIET / 2, false),
            (2, QUIET / 2, true),
            (1, QUIET, true),
            (1, QUIET + QUIET / 2, false),
        ];
        for (session, after, news) in asked {
            assert_eq!(thefts.is_news(key(session), now + after), news, "{session} {after:?}");
        }
    }

    #[test]
    fn a_flood_takes_no_more_than_its_room() {
        let (thefts, now) = (Thefts::default(), Timestamp::EPOCH);
        assert!((0..10 * SESSIONS_MAX).all(|session| thefts.is_news(key(session), now)));
        assert!(thefts.0.lock().unwrap().len() <= SESSIONS_MAX);
    }
}
