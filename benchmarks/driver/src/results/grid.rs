//! Many rows in one table: a line for each work, and a column for each load.

use comfy_table::{Table, presets};

use super::{Row, place::Place, table::figure};

/// Returns a table in Markdown for each comparison of two stores.
pub(super) fn markdown(rows: &[&Row]) -> String {
    let placed: Vec<_> = rows.iter().filter_map(|row| Some((Place::read(&row.work)?, *row))).collect();
    let labels = distinct(placed.iter().map(|(place, _)| place.label));
    let grids: Vec<_> = labels.into_iter().map(|label| grid(label, &placed)).collect();
    grids.join("\n\n")
}

/// Returns the table of one comparison, below the names of the two.
fn grid(label: &str, placed: &[(Place<'_>, &Row)]) -> String {
    let of_label: Vec<_> = placed.iter().filter(|(place, _)| place.label == label).collect();
    let mut columns = distinct(of_label.iter().map(|(place, _)| place.column));
    // Some sizes are measured under fewer loads than others.
    columns.sort_unstable();
    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN);
    table.set_header([String::new()].into_iter().chain(columns.iter().map(ToString::to_string)));
    for line in distinct(of_label.iter().map(|(place, _)| place.line)) {
        let cell = |column| {
            let here = of_label.iter().find(|(place, _)| (place.line, place.column) == (line, column));
            here.map(|(_, row)| cell(row)).unwrap_or_default()
        };
        table.add_row([line.to_string()].into_iter().chain(columns.iter().copied().map(cell)));
    }
    let first = of_label.first().map(|(_, row)| (row.ours.as_str(), row.peer.as_deref().unwrap_or_default()));
    let (ours, peer) = first.unwrap_or_default();
    format!("**{label}**: {ours}, and its ratio to {peer}\n\n{table}")
}

/// Returns what is new, in its order.
fn distinct<T: PartialEq>(items: impl Iterator<Item = T>) -> Vec<T> {
    items.fold(Vec::new(), |mut seen, item| {
        if !seen.contains(&item) {
            seen.push(item);
        }
        seen
    })
}

/// Returns what ours reached, and the ratio, in bold where ours is behind.
fn cell(row: &Row) -> String {
    let ours = figure(row.ours_median, row.unit);
    match (row.ratio, row.advantage()) {
        (Some(ratio), Some(advantage)) if advantage < 1.0 => format!("{ours}, **{ratio:.2}**"),
        (Some(ratio), _) => format!("{ours}, {ratio:.2}"),
        (None, _) => ours,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{results::Unit, turns::Turns};

    fn row(work: &str, unit: Unit, ours: f64) -> Row {
        let turns = Turns { ours: vec![ours; 5], peer: vec![200.0; 5] };
        Row::of(work, ("store-disk", "files"), unit, &turns, None)
    }

    fn last_line(rows: &[Row]) -> Vec<String> {
        let text = markdown(&rows.iter().collect::<Vec<_>>());
        text.lines().last().unwrap().split('|').map(|cell| cell.trim().to_owned()).collect()
    }

    #[test]
    fn a_work_of_one_size_is_a_line_and_what_is_behind_is_bold() {
        let rows = [
            row("disk: save 100 B, 64 tasks", Unit::PerSecond, 100.0),
            row("disk: save 1 KiB, 1 task", Unit::PerSecond, 100.0),
            row("disk: save 1 KiB, 64 tasks", Unit::PerSecond, 300.0),
            row("disk: save 1 KiB, 64 tasks, 1000 sessions", Unit::PerSecond, 300.0),
        ];
        assert_eq!(last_line(&rows), ["", "save 1 KiB", "100/s, **0.50**", "300/s, 1.50", ""]);
    }

    #[test]
    fn of_times_the_longer_one_is_behind() {
        let row = |load, ours| row(&format!("counter, disk: p50, {load}"), Unit::Micros, ours);
        let rows = [
            row("one cookie, 64 connections", 300.0),
            row("one cookie, 64 connections, 2 ms awaited", 100.0),
        ];
        assert_eq!(last_line(&rows), ["", "p50", "300 µs, **1.50**", "100 µs, 0.50", ""]);
    }
}
