//! Flaws that show when a future is dropped, or left alone.

pub(super) mod halves;
pub(super) mod idle;
pub(super) mod leaks;
pub(super) mod untold;
pub(super) mod wakers;
pub(super) mod zombies;
