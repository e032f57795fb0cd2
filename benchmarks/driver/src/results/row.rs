//! One line of the results, as it is in JSON.

use serde::{Deserialize, Serialize};

use crate::turns::{Turns, median};

/// One comparison.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Row {
    /// The name of the row, which stays the same from run to run.
    pub(crate) work: String,
    pub(crate) ours: String,
    pub(crate) peer: Option<String>,
    pub(crate) unit: Unit,
    pub(crate) ours_median: f64,
    pub(crate) peer_median: Option<f64>,
    /// The median of the rounds' ratios, ours to the peer's; none where the peer has no figure, or zero.
    pub(crate) ratio: Option<f64>,
    /// How far the greatest ratio of a round is from the least, in parts of the median.
    pub(crate) spread: Option<f64>,
    /// What the ratio is to be at least, or at most for a cost; for bytes and losses, what ours is to be at most.
    pub(crate) goal: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) held: Option<bool>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Unit {
    #[serde(rename = "1/s")]
    PerSecond,
    #[serde(rename = "B")]
    Bytes,
    #[serde(rename = "us")]
    Micros,
    #[serde(rename = "s")]
    Seconds,
    /// Increments that are not there, of 1,280 that were answered.
    #[serde(rename = "lost of 1280")]
    Lost,
}

impl Row {
    /// Returns the row of two that took turns.
    pub(crate) fn of(
        work: &str,
        (ours, peer): (&str, &str),
        unit: Unit,
        turns: &Turns,
        goal: Option<f64>,
    ) -> Self {
        let row = Self {
            peer: Some(peer.into()),
            peer_median: Some(median(&turns.peer)),
            ratio: Some(turns.ratio()),
            spread: Some(turns.spread()),
            goal,
            ..Self::alone(work, ours, unit, &turns.ours)
        };
        Self { held: row.holds(), ..row }
    }

    /// Returns the row of what has no peer.
    pub(crate) fn alone(work: &str, ours: &str, unit: Unit, values: &[f64]) -> Self {
        Self {
            work: work.into(),
            ours: ours.into(),
            peer: None,
            unit,
            ours_median: median(values),
            peer_median: None,
            ratio: None,
            spread: None,
            goal: None,
            held: None,
        }
    }

    /// Returns the row of increments that were lost in all rounds together: none of ours may be.
    pub(crate) fn lost(
        work: &str,
        (ours, lost): (&str, usize),
        peer: Option<(&str, usize)>,
        of: usize,
    ) -> Self {
        debug_assert_eq!(of, 1_280, "the unit says so");
        let peer_lost = peer.map(|(_, lost)| lost as f64);
        let row = Self {
            peer: peer.map(|(peer, _)| peer.into()),
            peer_median: peer_lost,
            ratio: peer_lost.filter(|lost| *lost > 0.0).map(|peer| lost as f64 / peer),
            goal: Some(0.0),
            ..Self::alone(work, ours, Unit::Lost, &[lost as f64])
        };
        Self { held: row.holds(), ..row }
    }

    fn holds(&self) -> Option<bool> {
        let goal = self.goal?;
        Some(match self.unit {
            Unit::PerSecond => self.ratio? >= goal,
            Unit::Micros | Unit::Seconds => self.ratio? <= goal,
            Unit::Bytes | Unit::Lost => self.ours_median <= goal,
        })
    }

    /// Returns how much better ours is: below 1 it is worse.
    pub(crate) fn advantage(&self) -> Option<f64> {
        self.ratio.map(|ratio| if self.unit == Unit::PerSecond { ratio } else { 1.0 / ratio })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(unit: Unit, ours: f64, peer: f64, goal: f64) -> Row {
        let turns = Turns { ours: vec![ours; 5], peer: vec![peer; 5] };
        Row::of("work", ("ours", "peer"), unit, &turns, Some(goal))
    }

    #[test]
    fn a_rate_is_to_be_high_and_a_cost_low() {
        assert_eq!(row(Unit::PerSecond, 20.0, 10.0, 2.0).held, Some(true));
        assert_eq!(row(Unit::PerSecond, 19.0, 10.0, 2.0).held, Some(false));
        assert_eq!(row(Unit::Micros, 11.0, 10.0, 1.15).held, Some(true));
        assert_eq!(row(Unit::Micros, 12.0, 10.0, 1.15).held, Some(false));
        assert_eq!(row(Unit::Bytes, 351.0, 1_000.0, 350.0).held, Some(false));
    }

    #[test]
    fn one_lost_increment_is_too_many() {
        assert_eq!(Row::lost("work", ("ours", 0), None, 1_280).held, Some(true));
        assert_eq!(Row::lost("work", ("ours", 1), Some(("peer", 1_200)), 1_280).held, Some(false));
    }

    #[test]
    fn json_has_a_null_goal_and_no_held_where_there_is_none() {
        let json = serde_json::to_value(Row::alone("work", "ours", Unit::Seconds, &[1.0])).unwrap();
        assert!(json["goal"].is_null() && json.get("held").is_none());
        let json = serde_json::to_value(row(Unit::PerSecond, 20.0, 10.0, 2.0)).unwrap();
        let keys: Vec<_> = json.as_object().unwrap().keys().map(String::as_str).collect();
        let mut expected =
            ["work", "ours", "peer", "unit", "ours_median", "peer_median", "ratio", "spread", "goal", "held"];
        expected.sort_unstable();
        assert_eq!(keys, expected);
    }
}
