//! Flaws that show through the core.

use super::saboteurs;

saboteurs! {}
