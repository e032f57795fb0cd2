//! Flaws that show in long runs of calls.

use super::saboteurs;

saboteurs! {}
