//! Which levels a store claims, and what came of each.

use conformance_tests::{Capabilities, Durability, Level, Report, Tally, Verdict};

use crate::Certified;

/// What came of a level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// All of its cases that the store's claims call for passed.
    Kept,
    /// A case failed.
    Missed,
    /// None failed, but some were not run, or the store does not fit them: what was not tried is not shown.
    NotShown,
}

impl Standing {
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Missed => "MISSED",
            Self::NotShown => "NOT SHOWN",
        }
    }
}

/// Returns the levels that a store claims: the first two always, the others by what it says of itself.
pub(crate) fn claimed(caps: Capabilities) -> Vec<Level> {
    let mut levels = vec![Level::Core, Level::Concurrent];
    if caps.durability > Durability::Volatile {
        levels.push(Level::Durable);
    }
    if caps.medium {
        levels.push(Level::Hardened);
    }
    levels
}

/// Returns the claimed levels, each with what came of it.
pub(crate) fn standings(certified: &Certified) -> Vec<(Level, Standing)> {
    let standing = |level| (level, standing(&certified.report, level));
    claimed(certified.caps).into_iter().map(standing).collect()
}

fn standing(report: &Report, level: Level) -> Standing {
    let of_level = || report.cases.iter().filter(|case| case.case.level() == level);
    let has_exceptions = of_level().any(|case| matches!(case.verdict, Verdict::Excepted(_)));
    match Tally::of(of_level().map(|case| &case.verdict)) {
        Tally { failed: 1.., .. } => Standing::Missed,
        Tally { not_run: 1.., .. } => Standing::NotShown,
        _ if has_exceptions => Standing::NotShown,
        _ => Standing::Kept,
    }
}

/// Returns the claimed levels in words, each with what came of it.
pub(crate) fn words(certified: &Certified) -> String {
    let words = |(level, standing): (Level, Standing)| format!("{level:?} {}", standing.words());
    standings(certified).into_iter().map(words).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, time::Duration};

    use conformance_tests::{CaseReport, Finding};

    use super::*;

    fn certified(caps: Capabilities, verdicts: &[(&str, Verdict)]) -> Certified {
        let of_case = |(id, verdict): &(&str, Verdict)| CaseReport {
            case: conformance_tests::cases().find(|case| case.id == *id).unwrap(),
            verdict: verdict.clone(),
            checks: BTreeMap::new(),
            took: Duration::ZERO,
        };
        let report = Report { store: "store", seed: 0, cases: verdicts.iter().map(of_case).collect() };
        Certified { report, caps }
    }

    fn failed() -> Verdict {
        Verdict::Failed(vec![Finding { check: Some(1), message: "it does not hold".to_owned() }])
    }

    fn not_run() -> Verdict {
        Verdict::NotRun("this machine has no strace".to_owned())
    }

    #[test]
    fn a_level_with_a_case_that_was_not_run_is_not_shown_and_one_with_a_failed_case_is_missed() {
        let verdicts = [
            ("CRUD-001", Verdict::Passed),
            ("CAS-001", not_run()),
            ("RST-001", failed()),
            ("RST-002", not_run()),
        ];
        let certified = certified(Capabilities::PLAIN.durability(Durability::ProcessCrash), &verdicts);
        let expected = [
            (Level::Core, Standing::Kept),
            (Level::Concurrent, Standing::NotShown),
            (Level::Durable, Standing::Missed),
        ];
        assert_eq!(standings(&certified), expected);
        assert_eq!(words(&certified), "Core kept, Concurrent NOT SHOWN, Durable MISSED");
    }

    #[test]
    fn a_level_with_an_exception_is_not_shown() {
        let excepted = Verdict::Excepted("the store does not fit".to_owned());
        let certified =
            certified(Capabilities::PLAIN, &[("CRUD-001", excepted), ("CAS-001", Verdict::Passed)]);
        let expected = [(Level::Core, Standing::NotShown), (Level::Concurrent, Standing::Kept)];
        assert_eq!(standings(&certified), expected);
    }

    #[test]
    fn what_is_not_claimed_is_no_part_of_the_verdict() {
        let verdicts = [("CRUD-001", Verdict::Passed), ("RST-001", failed()), ("COR-001", not_run())];
        let certified = certified(Capabilities::PLAIN, &verdicts);
        assert_eq!(
            standings(&certified),
            [(Level::Core, Standing::Kept), (Level::Concurrent, Standing::Kept)]
        );
    }
}
