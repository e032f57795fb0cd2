//! Flaws that show when two processes share a store.

use super::saboteurs;

saboteurs! {}
