//! What can go wrong with a call.

use crate::{faulty::Gate, rng::Rng};

/// What a [`FaultyStore`](crate::FaultyStore) does with one call.
///
/// For a call that only reads, what is said of writing does not apply: it fails or it does not.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum Fault {
    /// Nothing: it is an ordinary call.
    #[default]
    None,
    /// It is not carried out, and answered as [`Outcome::NotApplied`](session_core::Outcome).
    NotApplied,
    /// It is carried out, and answered as [`Outcome::Unknown`](session_core::Outcome).
    UnknownLanded,
    /// It is never carried out, and answered as [`Outcome::Unknown`](session_core::Outcome).
    UnknownLost,
    /// It is answered as [`Outcome::Unknown`](session_core::Outcome), and carried out right before the call that comes
    /// so many calls later: 0 is the next one.
    LandsLate(usize),
    /// It is pending for so many polls, then it is carried out.
    DelayBefore(usize),
    /// It is carried out, then pending for so many polls.
    DelayAfter(usize),
    /// It waits at the gate, then it is carried out.
    HoldBefore(Gate),
    /// It is carried out, then waits at the gate with its answer.
    HoldAfter(Gate),
    /// It waits at the gate, then it is lost, and answered as [`Outcome::Unknown`](session_core::Outcome).
    HoldAndLose(Gate),
    /// It is answered as a conflict.
    Conflict,
    /// It is answered as if the key were taken.
    Exists,
    /// It panics.
    Panic,
}

impl Fault {
    /// Returns a fault of those that need no gate and keep the process going.
    pub(crate) fn random(rng: &mut Rng) -> Self {
        match rng.below(6) {
            0 => Self::NotApplied,
            1 => Self::UnknownLanded,
            2 => Self::UnknownLost,
            3 => Self::LandsLate(rng.index(4)),
            4 => Self::DelayBefore(1 + rng.index(3)),
            _ => Self::DelayAfter(1 + rng.index(3)),
        }
    }
}

/// Which call of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verb {
    /// `load`
    Load,
    /// `save`
    Save,
    /// `touch`
    Touch,
    /// `delete`
    Delete,
    /// `delete_expired`
    DeleteExpired,
    /// Any call of the directory.
    Directory,
}
