//! Flaws that show when a process is killed.

use super::saboteurs;

saboteurs! {}
