//! Which saboteur shows that a check can fail.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
};

use conformance_tests::{CaseReport, Options, Report, saboteurs::Saboteur};

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
    /// The case must catch it every time.
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

pub(crate) fn run(saboteur: &Saboteur, options: Options) -> Report {
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
