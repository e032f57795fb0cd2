//! Rows as a table, for the terminal or for a page.

use comfy_table::{Table, presets};

use super::{Row, Unit};

/// Returns the rows as a table for the terminal.
pub(crate) fn of(rows: &[Row]) -> String {
    let mut table = table(&rows.iter().collect::<Vec<_>>());
    table.load_style(presets::UTF8_HORIZONTAL_ONLY);
    table.to_string()
}

/// Returns the rows as a table in Markdown.
pub(super) fn markdown(rows: &[&Row]) -> String {
    let mut table = table(rows);
    table.load_style(presets::ASCII_MARKDOWN);
    table.to_string()
}

fn table(rows: &[&Row]) -> Table {
    let mut table = Table::new();
    table.set_header(["work", "ours", "peer", "ours", "peer", "ratio", "spread", "goal", ""]);
    for row in rows {
        let figure = |value: Option<f64>| value.map_or("".into(), |value| figure(value, row.unit));
        table.add_row([
            row.work.clone(),
            row.ours.clone(),
            row.peer.clone().unwrap_or_default(),
            figure(Some(row.ours_median)),
            figure(row.peer_median),
            row.ratio.map_or("".into(), ratio),
            row.spread.map_or("".into(), |spread| format!("{:.0} %", 100.0 * spread)),
            goal(row),
            verdict(row).into(),
        ]);
    }
    table
}

/// Returns a value with its unit.
pub(super) fn figure(value: f64, unit: Unit) -> String {
    match unit {
        Unit::PerSecond => format!("{}/s", short(value)),
        Unit::Bytes => format!("{value:.0} B"),
        Unit::Micros if value >= 1e3 => format!("{} ms", short(value / 1e3)),
        Unit::Micros => format!("{} µs", short(value)),
        Unit::Seconds if value < 1.0 => format!("{} ms", short(1e3 * value)),
        Unit::Seconds => format!("{} s", short(value)),
        Unit::Lost => format!("{value:.0} of 1280"),
    }
}

/// Returns a number with three digits that count.
fn short(value: f64) -> String {
    match value {
        value if value >= 1e6 => format!("{:.2}M", value / 1e6),
        value if value >= 1e5 => format!("{:.0}k", value / 1e3),
        value if value >= 1e4 => format!("{:.1}k", value / 1e3),
        value if value >= 100.0 => format!("{value:.0}"),
        value if value >= 10.0 => format!("{value:.1}"),
        value => format!("{value:.2}"),
    }
}

fn ratio(ratio: f64) -> String {
    if ratio >= 100.0 { format!("{ratio:.0}") } else { format!("{ratio:.2}") }
}

fn goal(row: &Row) -> String {
    let Some(goal) = row.goal else { return String::new() };
    match row.unit {
        Unit::PerSecond => format!("≥ {goal}"),
        Unit::Micros | Unit::Seconds => format!("≤ {goal}"),
        Unit::Bytes => format!("≤ {goal} B"),
        Unit::Lost => format!("{goal}"),
    }
}

/// Says whether the goal is held, and where there is none, whether ours is behind.
fn verdict(row: &Row) -> &'static str {
    match (row.held, row.advantage()) {
        (Some(true), _) => "held",
        (Some(false), Some(advantage)) if advantage < 1.0 => "MISSED, behind",
        (Some(false), _) => "MISSED",
        (None, Some(advantage)) if advantage < 1.0 => "behind",
        (None, _) => "",
    }
}
