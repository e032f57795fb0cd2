//! All ratios as bars, on a scale where each step is ten times the last.

use super::{
    Row, Unit,
    svg::{Stroke, Svg},
};

const LABELS: f64 = 430.0;
const BARS: f64 = 460.0;
const LINE: f64 = 18.0;
const TOP: f64 = 40.0;

/// Returns a chart of how much better ours is than its peer, with a tick where the goal is.
pub(crate) fn bars(rows: &[Row]) -> String {
    let rows: Vec<_> = rows
        .iter()
        .filter(|row| row.unit != Unit::Lost)
        .filter_map(|row| Some((row, row.advantage()?)))
        .collect();
    let mut svg = Svg::new(LABELS + BARS + 60.0, TOP + LINE * rows.len() as f64 + 10.0);
    svg.text([LABELS, 16.0], "middle", "ours is … times better than its peer; left of 1 it is worse");
    for scale in [0.1, 1.0, 10.0, 100.0, 1_000.0] {
        let bottom = TOP + LINE * rows.len() as f64;
        let colour = if scale == 1.0 { "#222" } else { "#ddd" };
        svg.line(&[[x(scale), TOP - 8.0], [x(scale), bottom]], Stroke::thin(colour));
        svg.text([x(scale), TOP - 12.0], "middle", &scale.to_string());
    }
    for (n, (row, advantage)) in rows.iter().enumerate() {
        let y = TOP + LINE * n as f64;
        svg.text([LABELS - 6.0, y + 12.0], "end", &row.work);
        // What is off the scale ends where the scale ends.
        let (from, to) = (x(advantage.min(1.0)), x(advantage.max(1.0)));
        svg.bar([from, y + 3.0, (to - from).max(1.0), LINE - 6.0], colour(row, *advantage));
        if let Some(goal) = goal(row) {
            svg.bar([x(goal) - 1.0, y, 2.0, LINE], "#000");
        }
    }
    svg.finish()
}

const LEAST: f64 = 0.05;
const GREATEST: f64 = 3_000.0;

fn x(advantage: f64) -> f64 {
    let part = (advantage.clamp(LEAST, GREATEST) / LEAST).log10() / (GREATEST / LEAST).log10();
    LABELS + BARS * part
}

fn colour(row: &Row, advantage: f64) -> &'static str {
    match row.held {
        Some(false) => "#c0392b",
        _ if advantage < 1.0 => "#d9822b",
        _ => "#2c7a4b",
    }
}

/// Returns the goal as an advantage, where it is one.
fn goal(row: &Row) -> Option<f64> {
    match row.unit {
        Unit::PerSecond => row.goal,
        Unit::Micros => row.goal.map(|goal| 1.0 / goal),
        Unit::Seconds | Unit::Bytes | Unit::Lost => None,
    }
}
