//! What a session knows of itself, apart from the application's values.

use std::{net::IpAddr, time::Duration};

use crate::{
    Config, Timestamp,
    ticket::{Digest, Proofs},
};

/// What a session knows of itself, apart from the application's values.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Facts {
    pub(crate) created_at: Timestamp,
    /// What opens the session.
    pub(crate) secret: Digest,
    /// What opened it before.
    pub(crate) previous: Option<Previous>,
    /// How many logins there were.
    pub(crate) logins: u32,
    pub(crate) login_at: Option<Timestamp>,
    /// The session's own idle timeout in place of the configured one.
    pub(crate) timeout: Option<Duration>,
    /// From where it was created or last logged in.
    pub(crate) address: Option<IpAddr>,
    pub(crate) label: Option<String>,
}

/// The secret that a session had before its present one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Previous {
    pub(crate) secret: Digest,
    pub(crate) change: SecretChange,
    pub(crate) changed_at: Timestamp,
    /// When a visitor was first seen using the secret that came after it.
    pub(crate) successor_seen_at: Option<Timestamp>,
}

impl Previous {
    fn awaits_first_sight(&self) -> bool {
        self.change == SecretChange::Rotation && self.successor_seen_at.is_none()
    }
}

/// Why a session got a new secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize, serde::Deserialize))]
pub(crate) enum SecretChange {
    Rotation,
    Login,
}

impl Facts {
    pub(crate) fn new(secret: Digest, address: Option<IpAddr>, now: Timestamp) -> Self {
        Self {
            created_at: now,
            secret,
            previous: None,
            logins: 0,
            login_at: None,
            timeout: None,
            address,
            label: None,
        }
    }

    /// Puts `secret` in the place of the present one, which stays as the previous one.
    pub(crate) fn change_secret(&mut self, secret: Digest, change: SecretChange, now: Timestamp) {
        self.previous = Some(Previous {
            secret: std::mem::replace(&mut self.secret, secret),
            change,
            changed_at: now,
            successor_seen_at: None,
        });
    }

    /// Returns since when the present secret is in force.
    pub(crate) fn secret_since(&self) -> Timestamp {
        self.previous.as_ref().map_or(self.created_at, |previous| previous.changed_at)
    }

    /// Counts a login, from which the absolute lifetime begins anew.
    pub(crate) fn count_login(&mut self, address: Option<IpAddr>, now: Timestamp) {
        self.logins = self.logins.saturating_add(1);
        self.login_at = Some(now);
        self.address = address.or(self.address);
    }

    /// Returns whether nobody has been seen with the secret of the last rotation yet.
    pub(crate) fn awaits_first_sight(&self) -> bool {
        self.previous.as_ref().is_some_and(Previous::awaits_first_sight)
    }

    /// Notes that a visitor was seen with the secret of the last rotation, unless that was noted before.
    pub(crate) fn see(&mut self, now: Timestamp) {
        if let Some(previous) = self.previous.as_mut().filter(|previous| previous.awaits_first_sight()) {
            previous.successor_seen_at = Some(now);
        }
    }

    pub(crate) fn is_current(&self, proofs: &Proofs) -> bool {
        proofs.prove(&self.secret)
    }

    pub(crate) fn is_previous(&self, proofs: &Proofs) -> bool {
        self.previous.as_ref().is_some_and(|previous| proofs.prove(&previous.secret))
    }

    /// Returns the digests whose pages may still be open: of the present secret, and of the one that the last rotation
    /// replaced. What came before a login is not among them.
    pub(crate) fn secrets_of_pages(&self) -> impl Iterator<Item = &Digest> {
        let rotated = self.previous.as_ref().filter(|previous| previous.change == SecretChange::Rotation);
        std::iter::once(&self.secret).chain(rotated.map(|previous| &previous.secret))
    }

    /// Returns whether `secret` is the present one or the one before.
    pub(crate) fn has_had(&self, secret: &Digest) -> bool {
        self.secret == *secret || self.previous.as_ref().is_some_and(|previous| previous.secret == *secret)
    }

    /// Returns the idle timeout in force.
    pub(crate) fn timeout(&self, config: &Config) -> Duration {
        self.timeout.unwrap_or(config.timeout)
    }

    /// Returns when a session last used at `accessed_at` dies: of idleness or of age, whichever comes first.
    pub(crate) fn expires_at(&self, accessed_at: Timestamp, config: &Config) -> Timestamp {
        let born_at = self.login_at.unwrap_or(self.created_at);
        (accessed_at + self.timeout(config)).min(born_at + config.max_lifetime)
    }
}
