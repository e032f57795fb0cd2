//! The table of ratios.

use std::fmt::Write;

use crate::load::Measured;

/// One comparison, in all rounds.
pub(crate) struct Row {
    what: &'static str,
    tasks: usize,
    peer: &'static str,
    /// The least that the median of the ratios should be, if it is for us to reach.
    goal: Option<f64>,
    ratios: Vec<f64>,
    ours: Vec<f64>,
    theirs: Vec<f64>,
}

/// Returns the table, with a line for each row.
pub(crate) fn of(rows: &[Row]) -> String {
    let mut table = format!(
        "{:<6}{:>5}  {:<24}{:>10}{:>10}{:>8}{:>15}{:>7}\n",
        "what", "tasks", "peer", "ours /s", "peer's /s", "ratio", "least-most", "goal"
    );
    for row in rows {
        let Row { what, tasks, peer, goal, .. } = row;
        let (ours, theirs, ratio) = (median(&row.ours), median(&row.theirs), row.ratio());
        let [least, most] = [f64::min, f64::max].map(|of| row.ratios.iter().copied().reduce(of).unwrap());
        let goal = goal.map_or_else(String::new, |goal| format!("{goal:.2}"));
        let (spread, verdict) =
            (format!("{least:.2}-{most:.2}"), if row.is_held() { "" } else { "  MISSED" });
        writeln!(
            table,
            "{what:<6}{tasks:>5}  {peer:<24}{ours:>10.0}{theirs:>10.0}{ratio:>8.2}{spread:>15}{goal:>7}{verdict}"
        )
        .unwrap();
    }
    table
}

impl Row {
    pub(crate) fn new(what: &'static str, tasks: usize, peer: &'static str, goal: f64) -> Self {
        let [ratios, ours, theirs] = [const { Vec::new() }; 3];
        Self { what, tasks, peer, goal: Some(goal), ratios, ours, theirs }
    }

    /// Returns a row for what bounds us, where nobody is held to anything.
    pub(crate) fn limit(tasks: usize, peer: &'static str) -> Self {
        Self { goal: None, ..Self::new("limit", tasks, peer, 0.0) }
    }

    /// Adds a round.
    pub(crate) fn add(&mut self, Measured(ours): Measured, Measured(theirs): Measured) {
        self.ratios.push(ours / theirs);
        self.ours.push(ours);
        self.theirs.push(theirs);
    }

    pub(crate) fn is_held(&self) -> bool {
        self.goal.is_none_or(|goal| self.ratio() >= goal)
    }

    fn ratio(&self) -> f64 {
        median(&self.ratios)
    }
}

fn median(numbers: &[f64]) -> f64 {
    let mut sorted = numbers.to_vec();
    sorted.sort_by(f64::total_cmp);
    *sorted.get(sorted.len() / 2).unwrap()
}
