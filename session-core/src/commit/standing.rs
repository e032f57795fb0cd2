//! What a secret is worth, decided in one place.

use std::net::IpAddr;

use crate::{
    Config, Timestamp,
    frame::{Facts, SecretChange},
    session::Shut,
    ticket::Proofs,
};

/// What a secret is worth against the session as it is now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It is the session's secret.
    Live,
    /// A rotation replaced it: its holder reads and adds, and gets no cookie.
    Late,
    /// Its holder sees nothing and keeps nothing.
    Shut(Shut),
    /// It opens nothing: its holder is a visitor without a session.
    Stranger,
}

/// Who asks.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Asker {
    /// A request that arrives from this address.
    Arrival { address: Option<IpAddr> },
    /// A handle that was opened, or last saved, when this many logins were counted.
    Handle { logins: u32 },
}

/// Decides what the secret behind `proofs` is worth, alike when a request arrives, at every reload after a conflict,
/// and between the lists of one round.
pub(crate) fn standing(
    facts: &Facts,
    proofs: &Proofs,
    asker: Asker,
    now: Timestamp,
    config: &Config,
) -> Standing {
    match asker {
        Asker::Handle { .. } if facts.is_current(proofs) => Standing::Live,
        Asker::Handle { logins } if logins == facts.logins => Standing::Late,
        Asker::Handle { .. } => Standing::Shut(Shut::Login),
        Asker::Arrival { address } => match arrival(facts, proofs, now, config) {
            Standing::Live | Standing::Late if moved(facts, address, config) => Standing::Shut(Shut::Address),
            standing => standing,
        },
    }
}

fn arrival(facts: &Facts, proofs: &Proofs, now: Timestamp, config: &Config) -> Standing {
    if facts.is_current(proofs) {
        return Standing::Live;
    }
    let Some(previous) = &facts.previous else { return Standing::Stranger };
    let within_grace = |when| now.distance(when) < config.rotation_grace;
    let replaced = proofs.prove(&previous.secret);
    match previous.change {
        SecretChange::Rotation if replaced && previous.successor_seen_at.is_none_or(within_grace) => {
            Standing::Late
        }
        SecretChange::Login if replaced && within_grace(previous.changed_at) => Standing::Shut(Shut::Login),
        _ if within_grace(previous.changed_at) => Standing::Shut(Shut::Secret),
        _ => Standing::Stranger,
    }
}

/// Returns whether the visitor comes from another address than the session knows, where that counts.
fn moved(facts: &Facts, address: Option<IpAddr>, config: &Config) -> bool {
    !config.ignore_change_ip && facts.address != address
}
