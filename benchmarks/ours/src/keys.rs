//! The keys that places stand for.

use harness::mixed;
use session_core::Key;

pub(crate) fn key(place: usize) -> Key {
    Key::from_bytes(mixed(place))
}
