//! Lets two processes come to the same place at the same time, so that a race is lost whenever it can be.

use std::{
    fs::File,
    io::{Seek, Write},
    path::Path,
    thread,
    time::Duration,
};

/// For how many milliseconds somebody waits for another one.
const PATIENCE: usize = 20;

/// Waits until somebody else has come here too, or for a moment when nobody does.
///
/// Whoever comes leaves a byte in a file beside the store, outside of its folder.
pub(super) fn meet(root: &Path) {
    let place = root.with_extension("meeting");
    let Some(arrived) = arrive(&place) else { return };
    for _ in 0..PATIENCE {
        if place.metadata().is_ok_and(|there| there.len() >= arrived.next_multiple_of(2)) {
            return;
        }
        thread::sleep(Duration::from_millis(1));
    }
}

/// Leaves a byte, and returns which one it is.
fn arrive(place: &Path) -> Option<u64> {
    let mut file = File::options().append(true).create(true).open(place).ok()?;
    file.write_all(b".").ok()?;
    file.stream_position().ok()
}
