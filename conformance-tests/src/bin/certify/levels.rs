//! Which levels a store claims, and which it misses.

use conformance_tests::{Durability, Level, Verdict};

use crate::Certified;

/// Returns the levels that a store claims: the first two always, the others by what it says of itself.
pub(crate) fn claimed(certified: &Certified) -> Vec<Level> {
    let mut levels = vec![Level::Core, Level::Concurrent];
    if certified.caps.durability > Durability::Volatile {
        levels.push(Level::Durable);
    }
    if certified.caps.medium {
        levels.push(Level::Hardened);
    }
    levels
}

/// Returns the claimed levels in which a case failed.
pub(crate) fn missed(certified: &Certified) -> Vec<Level> {
    let failed = |level: &Level| {
        let mut of_level = certified.report.cases.iter().filter(|case| case.case.level() == *level);
        of_level.any(|case| matches!(case.verdict, Verdict::Failed(_)))
    };
    claimed(certified).into_iter().filter(failed).collect()
}

/// Returns the claimed levels in words, each with what came of it.
pub(crate) fn words(certified: &Certified) -> String {
    let missed = missed(certified);
    let word =
        |level: &Level| format!("{level:?} {}", if missed.contains(level) { "MISSED" } else { "kept" });
    claimed(certified).iter().map(word).collect::<Vec<_>>().join(", ")
}
