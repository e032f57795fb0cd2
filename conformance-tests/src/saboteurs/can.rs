//! Flaws that show when a future is dropped.

use super::saboteurs;

saboteurs! {}
