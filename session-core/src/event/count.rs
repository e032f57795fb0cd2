//! The same events as figures, through the `metrics` facade.
//!
//! No label is a key: a time series per session would fill whatever keeps them.

use metrics::{counter, histogram};

use super::Event;

impl Event<'_> {
    /// Counts the event. Literal labels cost no allocation.
    pub(super) fn count(self) {
        match self {
            Self::Created { .. } => counter!("sessions_created_total").increment(1),
            Self::Rotated { .. } => counter!("session_rotations_total").increment(1),
            Self::LoggedIn { .. } => counter!("session_logins_total").increment(1),
            Self::Killed { .. } => counter!("sessions_ended_total", "how" => "kill").increment(1),
            Self::Revoked { .. } => counter!("sessions_ended_total", "how" => "revoke").increment(1),
            Self::Swept { deleted } => {
                counter!("sessions_ended_total", "how" => "expiry").increment(to_u64(deleted));
            }
            Self::Evicted { .. } => counter!("sessions_ended_total", "how" => "eviction").increment(1),
            Self::Live => counter!("session_tickets_total", "found" => "live").increment(1),
            Self::Late { .. } => counter!("session_tickets_total", "found" => "late").increment(1),
            Self::Replaced { .. } => counter!("session_tickets_total", "found" => "replaced").increment(1),
            Self::WrongSecret { .. } => {
                counter!("session_tickets_total", "found" => "wrong_secret").increment(1);
            }
            Self::Gone { .. } => counter!("session_tickets_total", "found" => "gone").increment(1),
            Self::Malformed => counter!("session_tickets_total", "found" => "malformed").increment(1),
            Self::AddressMismatch { .. } => {
                counter!("session_tickets_total", "found" => "address_mismatch").increment(1);
            }
            Self::Corrupt { .. } => counter!("session_tickets_total", "found" => "corrupt").increment(1),
            Self::Ambiguous { .. } => counter!("session_ambiguous_total").increment(1),
            Self::Forged { .. } => counter!("session_forged_total").increment(1),
            Self::Conflict { .. } => counter!("session_conflicts_total").increment(1),
            Self::Kept { replays, .. } => histogram!("session_commit_replays").record(to_f64(replays)),
            Self::StoreFailed { verb, .. } => {
                counter!("session_failures_total", "verb" => verb.name()).increment(1);
            }
            Self::Unnoted { .. } => counter!("sessions_unnoted_total").increment(1),
            Self::Uncommitted { .. } => counter!("sessions_uncommitted_total").increment(1),
            Self::Uninitialized { .. } => counter!("sessions_uninitialized_total").increment(1),
        }
    }
}

fn to_u64(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

fn to_f64(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
