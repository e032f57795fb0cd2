//! The page with the results: what lies between its markers is written by this program.

use std::{fs, path::Path};

use super::{
    Row, chart, grid,
    plot::{self, Along},
    table,
};
use crate::Result;

/// A part of the page: its marker, which rows are in it, and how they are shown.
struct Part {
    marker: &'static str,
    has: fn(&Row) -> bool,
    show: fn(&[&Row]) -> String,
}

const PARTS: [Part; 8] = [
    Part { marker: "goals", has: |row| row.goal.is_some(), show: table::markdown },
    Part { marker: "stores", has: is_store, show: grid::markdown },
    Part { marker: "values", has: |row| row.goal.is_none() && is_value(row), show: table::markdown },
    Part { marker: "counter", has: is_counter, show: grid::markdown },
    Part { marker: "limits", has: |row| row.work.starts_with("limit"), show: grid::markdown },
    Part { marker: "together", has: |row| row.work.starts_with("together"), show: grid::markdown },
    Part { marker: "durability", has: |row| row.work.starts_with("price"), show: grid::markdown },
    Part {
        marker: "million",
        has: |row| row.goal.is_none() && row.work.starts_with("million"),
        show: table::markdown,
    },
];

const PLOTS: [(Along, &str); 3] =
    [(Along::Tasks, "tasks"), (Along::Bytes, "bytes"), (Along::Sessions, "sessions")];

/// Writes the tables into the page between `<!-- NAME -->` and `<!-- /NAME -->`, and the pictures beside it.
pub(crate) fn write(path: &Path, rows: &[Row]) -> Result<()> {
    let mut page = fs::read_to_string(path)?;
    for part in &PARTS {
        let rows: Vec<_> = rows.iter().filter(|row| (part.has)(row)).collect();
        let none = || "Not measured in this run.".to_owned();
        let table = if rows.is_empty() { none() } else { (part.show)(&rows) };
        page = replace(&page, part.marker, &table)?;
    }
    page = replace(&page, "plots", &plots(path, rows)?)?;
    fs::write(path, page)?;
    let goals: Vec<_> = rows.iter().filter(|row| row.goal.is_some()).cloned().collect();
    fs::write(path.with_file_name("performance-goals.svg"), chart::bars(&goals))?;
    Ok(())
}

/// Writes the plots for which there are points, and returns the lines that show them.
fn plots(path: &Path, rows: &[Row]) -> Result<String> {
    let mut lines = Vec::new();
    for (along, name) in PLOTS {
        if let Some(plot) = plot::growth(rows, along) {
            let file = format!("performance-{name}.svg");
            fs::write(path.with_file_name(&file), plot)?;
            lines.push(format!("![Loads and saves in a second, by {name}]({file})"));
        }
    }
    Ok(lines.join("\n\n"))
}

fn is_value(row: &Row) -> bool {
    row.work.starts_with("values") || row.work.contains(": open and")
}

fn is_counter(row: &Row) -> bool {
    row.work.starts_with("counter")
}

fn is_store(row: &Row) -> bool {
    let is_other = ["limit", "price", "together", "million", "increments"]
        .iter()
        .any(|start| row.work.starts_with(start));
    !is_other && !is_value(row) && !is_counter(row)
}

/// Replaces what is between two markers.
fn replace(page: &str, marker: &str, text: &str) -> Result<String> {
    let (open, close) = (format!("<!-- {marker} -->"), format!("<!-- /{marker} -->"));
    let parts = page.split_once(&open).and_then(|(before, rest)| Some((before, rest.split_once(&close)?.1)));
    let (before, after) = parts.ok_or_else(|| format!("the page has no place for `{marker}`"))?;
    Ok(format!("{before}{open}\n\n{text}\n\n{close}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_between_the_markers_is_replaced_and_nothing_else() {
        let page = "a\n<!-- goals -->\nold\n<!-- /goals -->\nb";
        assert_eq!(replace(page, "goals", "new").unwrap(), "a\n<!-- goals -->\n\nnew\n\n<!-- /goals -->\nb");
        assert!(replace(page, "limits", "new").is_err());
    }
}
