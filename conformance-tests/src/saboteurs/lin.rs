//! Flaws that show in a history of concurrent calls.

use super::saboteurs;

saboteurs! {}
