//! A turn that writes take one after the other, beside the lock that all calls take.

use std::sync::{Mutex, PoisonError};

use super::{Gone, World};
use crate::reference::Sessions;

/// Held by whoever writes, and by nobody who loads.
type Turn = Mutex<()>;

/// Does something in turn. In that turn `inside` sees to who is gone; what it leaves is told and dropped after it.
pub(crate) fn in_turn<T>(
    world: &World,
    work: impl FnOnce(&mut Sessions) -> T,
    inside: impl FnOnce(&mut Gone),
) -> T {
    let turn = world.part::<Turn>();
    let turn = turn.lock().unwrap_or_else(PoisonError::into_inner);
    let (done, mut gone) = world.write(work);
    inside(&mut gone);
    drop(turn);
    gone.leave();
    done
}
