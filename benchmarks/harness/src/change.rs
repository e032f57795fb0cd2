//! What a write says, so that it is a write.

use std::{
    cell::Cell,
    sync::atomic::{AtomicU64, Ordering},
};

/// Returns a number that no write of this process had before.
///
/// Numbers are handed out by the block, because a counter that all tasks share would be what is measured.
pub(crate) fn change() -> u64 {
    static BLOCKS: AtomicU64 = AtomicU64::new(1);
    const BLOCK: u64 = 1 << 20;
    thread_local!(static NEXT: Cell<u64> = const { Cell::new(0) });
    NEXT.with(|next| {
        let mut number = next.get();
        if number.is_multiple_of(BLOCK) {
            number = BLOCKS.fetch_add(1, Ordering::Relaxed) * BLOCK;
        }
        next.set(number + 1);
        number
    })
}
