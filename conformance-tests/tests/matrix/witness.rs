//! Which saboteur shows that a check can fail.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    panic,
    sync::Once,
};

use conformance_tests::{CaseReport, Finding, Options, Report, Verdict, saboteurs::Saboteur};

/// What is known of the checks that some saboteurs are there for.
pub(crate) struct Book {
    /// One line for each check: `CAS-001.2 blind_save`.
    pub(crate) witnesses: &'static str,
    /// Checks that no saboteur fails, each with the reason: `CAS-001.2: …`.
    pub(crate) unfailed: &'static str,
    /// Where the witnesses are kept.
    pub(crate) path: &'static str,
    pub(crate) saboteurs: fn() -> Vec<&'static Saboteur>,
}

/// A saboteur for which a check fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Witness {
    /// The name of the check, such as `CAS-001.2`.
    check: String,
    /// The name of the saboteur.
    saboteur: String,
}

/// The checks of which one saboteur is the witness.
pub(crate) struct Witnessing {
    saboteur: &'static Saboteur,
    witnesses: Vec<Witness>,
}

/// How often a race is run again, with other numbers, until the check has failed.
const SEEDS: u64 = 20;

/// How often a saboteur may meet its case until it is caught.
const RUNS: u64 = 3;

/// Saboteurs that wait for ever inside of `poll`: nothing but the watchdog sees them.
const HANGING: [&str; 3] = [
    "objects_are_dropped_under_the_lock",
    "the_evicted_drop_under_the_lock",
    "the_refused_are_dropped_under_the_lock",
];

impl Book {
    /// Puts together what one run of a saboteur can show.
    pub(crate) fn by_saboteur(&self) -> Vec<Witnessing> {
        let mut by_name: BTreeMap<String, Vec<Witness>> = BTreeMap::new();
        for witness in self.listed_witnesses() {
            by_name.entry(witness.saboteur.clone()).or_default().push(witness);
        }
        let witnessing = |(name, witnesses): (String, Vec<Witness>)| {
            let saboteur = self.find(&name);
            let saboteur =
                saboteur.expect("the saboteur of every witness is there: WRITE_MATRIX=all looks for others");
            Witnessing { saboteur, witnesses }
        };
        by_name.into_iter().map(witnessing).collect()
    }

    /// Asserts that each of these checks has a witness or a reason to have none. A witness may fail checks that come into
    /// play only when something went wrong.
    pub(crate) fn assert_names(&self, reached: &BTreeSet<String>) {
        let witnessed: BTreeSet<String> =
            self.listed_witnesses().into_iter().map(|witness| witness.check).collect();
        let unfailed = self.listed_unfailed();
        let named: BTreeSet<String> = witnessed.union(&unfailed).cloned().collect();
        let missing: Vec<_> = reached.difference(&named).collect();
        assert!(
            missing.is_empty(),
            "no saboteur is known to fail these checks, and no reason is given: {missing:#?}"
        );
        let unknown: Vec<_> = unfailed.difference(reached).collect();
        assert!(
            unknown.is_empty(),
            "reasons are given for these checks, and there are none of these names: {unknown:#?}"
        );
        let twice: Vec<_> = witnessed.intersection(&unfailed).collect();
        assert!(twice.is_empty(), "these checks have a witness and a reason to have none: {twice:#?}");
    }

    /// Chooses a witness for each check that failed, and writes them down. Those of other saboteurs stay where none of these is
    /// better.
    pub(crate) fn write(&self, reports: &[(&Saboteur, Report)]) {
        let mut best: BTreeMap<String, Candidate<'_>> = BTreeMap::new();
        for Witness { check, saboteur } in self.listed_witnesses() {
            let was_run = reports.iter().any(|(run, _)| run.name == saboteur);
            if let Some(saboteur) = self.find(&saboteur).filter(|_| !was_run) {
                let candidate = Candidate::new(saboteur, &check, usize::MAX, true);
                best.insert(check, candidate);
            }
        }
        for (saboteur, report) in reports {
            let failed = checks(report, |held| !held);
            let other_runs = reports.iter().filter(|(run, _)| run.name == saboteur.name);
            let every_time: Vec<_> = other_runs.map(|(_, report)| checks(report, |held| !held)).collect();
            for check in &failed {
                let always = every_time.iter().all(|failed| failed.contains(check));
                let checks = failed.iter().filter(|other| case(other) == case(check)).count();
                let candidate = Candidate::new(saboteur, check, checks, always);
                let chosen = best.entry(check.clone()).or_insert(candidate);
                *chosen = candidate.max(*chosen);
            }
        }
        let mut lines = String::new();
        for (check, Candidate { name: Reverse(saboteur), .. }) in best {
            writeln!(lines, "{check} {saboteur}").unwrap();
        }
        std::fs::write(self.path, lines).unwrap();
    }

    fn find(&self, name: &str) -> Option<&'static Saboteur> {
        (self.saboteurs)().into_iter().find(|saboteur| saboteur.name == name)
    }

    fn listed_witnesses(&self) -> Vec<Witness> {
        let lines = self.witnesses.lines().filter_map(|line| line.split_once(' '));
        lines
            .map(|(check, saboteur)| Witness { check: check.to_owned(), saboteur: saboteur.to_owned() })
            .collect()
    }

    fn listed_unfailed(&self) -> BTreeSet<String> {
        self.unfailed.lines().filter_map(|line| Some(line.split_once(':')?.0.to_owned())).collect()
    }
}

impl Witnessing {
    /// Returns the checks that held for the saboteur in every run.
    pub(crate) fn unseen(&self, options: &Options) -> Vec<Witness> {
        let mut unseen = self.witnesses.clone();
        for seed in 0..SEEDS {
            let cases: BTreeSet<String> =
                unseen.iter().map(|witness| case(&witness.check).to_owned()).collect();
            let options = options.clone().seed(seed).only(move |case| cases.contains(case.id));
            let failed = checks(&run(self.saboteur, options), |held| !held);
            unseen.retain(|witness| !failed.contains(&witness.check));
            if unseen.is_empty() {
                break;
            }
        }
        unseen
    }
}

/// How good a witness a saboteur would be, the best last.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Candidate<'a> {
    /// It is caught by the case of the check.
    must_fail: bool,
    /// It is wrong whatever the other threads do, as the saboteurs about races are not: the check failed in every run.
    is_steady: bool,
    /// Which of the calls it spoils does not hang on how threads meet, as it does for one that counts them.
    counts_no_calls: bool,
    /// How many checks of the case failed.
    checks: usize,
    name: Reverse<&'a str>,
}

impl<'a> Candidate<'a> {
    fn new(saboteur: &'a Saboteur, check: &str, checks: usize, always: bool) -> Self {
        let Saboteur { name, caught_by, .. } = saboteur;
        let is_steady = always && !["LIN-", "CAN-"].iter().any(|group| caught_by.starts_with(group));
        let (must_fail, counts_no_calls) = (*caught_by == case(check), !name.starts_with("every_"));
        Self { must_fail, is_steady, counts_no_calls, checks, name: Reverse(name) }
    }
}

/// Returns what the case that must catch a saboteur says of it where it passes. One that is wrong only where threads meet is run a
/// few times: on a machine that does other work they may not meet.
pub(crate) fn passes(saboteur: &'static Saboteur, options: &Options) -> Option<String> {
    let options = options.clone().only(|case| case.id == saboteur.caught_by);
    let passes = |again| {
        let options = options.clone();
        let report = run(saboteur, if again == 0 { options } else { options.seed(again) });
        // A case that could not be run has caught nothing.
        let is_caught = report.cases.iter().any(|case| is_found(case, saboteur));
        (!is_caught).then_some(report)
    };
    let last = (0..RUNS).map(passes).collect::<Option<Vec<_>>>()?.pop()?;
    Some(format!("{} passes {}: {last}", saboteur.name, saboteur.caught_by))
}

/// Returns whether a case has found what is wrong. That it took too long says nothing on a busy machine, except of whoever hangs.
fn is_found(case: &CaseReport, saboteur: &Saboteur) -> bool {
    let Verdict::Failed(findings) = &case.verdict else { return false };
    let is_late =
        |finding: &Finding| finding.check.is_none() && finding.message.contains("did not end within");
    HANGING.contains(&saboteur.name) || !findings.iter().all(is_late)
}

/// Runs these cases on a saboteur. Where it panics, that takes a line or two, also where backtraces are asked for: what the test says
/// is not lost among them.
#[expect(clippy::print_stderr, reason = "what panics says so")]
pub(crate) fn run(saboteur: &Saboteur, options: Options) -> Report {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| panic::set_hook(Box::new(|panicked| eprintln!("{panicked}"))));
    pollster::block_on(saboteur.check(options))
}

/// Returns the names of checks, `CAS-001.2`, that were reached with such a result.
pub(crate) fn checks(report: &Report, wanted: impl Fn(bool) -> bool) -> BTreeSet<String> {
    let of_case = |case: &CaseReport| {
        let reached = case.checks.iter().filter(|(_, held)| wanted(**held));
        reached.map(|(number, _)| format!("{}.{number}", case.case.id)).collect::<Vec<_>>()
    };
    report.cases.iter().flat_map(of_case).collect()
}

fn case(check: &str) -> &str {
    check.split('.').next().unwrap_or_default()
}
