//! What a store with a cap has to say.

use crate::{Key, event::Event};

/// Tells whoever listens that the cap of a store ended the live session under `key`: the event `evicted`.
///
/// Nobody but the store knows of it, so the store says it: once the session is gone, also where the call that evicted it was
/// dropped meanwhile, and outside its locks, because whoever listens may take his time and may wait for other calls of the
/// store. A dead session that makes room is no eviction: it is deleted a little sooner than by a sweep. A store without a cap
/// never calls this.
///
/// ```
/// use session_core::{Key, tell_evicted};
///
/// tell_evicted(&Key::from_bytes([7; 16]));
/// ```
pub fn tell_evicted(key: &Key) {
    Event::Evicted { key }.say();
}
