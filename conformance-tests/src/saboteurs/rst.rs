//! x.

use super::saboteurs;

saboteurs! {}
