//! How a figure grows: with the tasks, with the bytes of a session, or with the sessions.

use std::collections::BTreeMap;

use super::{
    Row, Unit,
    case::Case,
    svg::{Stroke, Svg},
};

/// What is along the horizontal axis.
#[derive(Clone, Copy)]
pub(crate) enum Along {
    Tasks,
    Bytes,
    Sessions,
}

type Lines = BTreeMap<Name, Vec<(f64, f64)>>;

/// Whose line it is. Ours come first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Name {
    Ours(String),
    Peer(String),
}

const SIDE: f64 = 300.0;
const LEFT: f64 = 70.0;
const TOP: f64 = 40.0;
const COLOURS: [&str; 8] =
    ["#1b6ca8", "#d9822b", "#2c7a4b", "#8e44ad", "#c0392b", "#16a085", "#7f8c8d", "#b7950b"];

/// Returns a plot of loads and one of saves, a line for each store, a dashed one for each peer, or nothing where no two points were measured.
pub(crate) fn growth(rows: &[Row], along: Along) -> Option<String> {
    let mut svg = Svg::new(2.0 * (SIDE + LEFT) + 240.0, SIDE + TOP + 40.0);
    let plots = ["load", "save"].map(|work| lines(rows, work, along));
    let names: Vec<_> = plots.iter().flat_map(Lines::keys).cloned().collect();
    let mut names: Vec<_> = names.into_iter().collect();
    names.sort();
    names.dedup();
    if names.is_empty() {
        return None;
    }
    for (n, (work, lines)) in ["load", "save"].into_iter().zip(&plots).enumerate() {
        draw(&mut svg, n as f64 * (SIDE + LEFT) + LEFT, work, along, lines, &names);
    }
    for (n, name) in names.iter().enumerate() {
        let (x, y) = (2.0 * (SIDE + LEFT) + 20.0, TOP + 18.0 * n as f64);
        svg.line(&[[x, y], [x + 20.0, y]], stroke(&names, name));
        svg.text([x + 26.0, y + 4.0], "start", name.text());
    }
    Some(svg.finish())
}

/// Returns the points of each store, of all that were measured with 1 KiB, or with 64 tasks.
fn lines(rows: &[Row], work: &str, along: Along) -> Lines {
    let mut lines = Lines::new();
    for row in rows.iter().filter(|row| row.unit == Unit::PerSecond) {
        let Some(case) = Case::read(&row.work).filter(|case| case.work == work && is_store(case)) else {
            continue;
        };
        let at = match (along, case) {
            (Along::Tasks, Case { bytes: 1_024, tasks, sessions: None, .. }) => tasks,
            (Along::Bytes, Case { bytes, tasks: 64, sessions: None, .. }) => bytes,
            (Along::Sessions, Case { sessions: Some(sessions), .. }) => sessions,
            _ => continue,
        };
        let at = f64::from(at);
        lines.entry(Name::Ours(row.ours.clone())).or_default().push((at, row.ours_median));
        if let (Some(peer), Some(median)) = (&row.peer, row.peer_median) {
            lines.entry(Name::Peer(peer.clone())).or_default().push((at, median));
        }
    }
    lines.retain(|_, points| {
        points.sort_by(|left, right| left.0.total_cmp(&right.0));
        points.dedup_by_key(|(at, _)| *at);
        points.len() > 1
    });
    lines
}

/// What is compared with itself, or with what it is built on, is no store's own row.
fn is_store(case: &Case<'_>) -> bool {
    !["limit", "price", "together"].iter().any(|start| case.label.starts_with(start))
}

fn draw(svg: &mut Svg, left: f64, work: &str, along: Along, lines: &Lines, names: &[Name]) {
    let (title, ticks) = match along {
        Along::Tasks => {
            (format!("{work}s of 1 KiB in a second, by tasks"), [1.0, 16.0, 64.0, 256.0].as_slice())
        }
        Along::Bytes => {
            (format!("{work}s by 64 tasks in a second, by bytes"), [100.0, 1_024.0, 8_192.0].as_slice())
        }
        Along::Sessions => (format!("{work}s of 1 KiB in a second, by sessions"), [1e3, 1e4, 1e5].as_slice()),
    };
    let (first, last) = (ticks[0], ticks[ticks.len() - 1]);
    let x = |at: f64| left + SIDE * (at / first).log10() / (last / first).log10();
    let y = |value: f64| TOP + SIDE * (1.0 - (value.clamp(100.0, 1e8) / 100.0).log10() / 6.0);
    svg.text([left + SIDE / 2.0, 20.0], "middle", &title);
    for value in [1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8] {
        svg.line(&[[left, y(value)], [left + SIDE, y(value)]], Stroke::thin("#ddd"));
        svg.text([left - 6.0, y(value) + 4.0], "end", &value.to_string());
    }
    for tick in ticks {
        svg.text([x(*tick), TOP + SIDE + 18.0], "middle", &tick.to_string());
    }
    for (name, points) in lines {
        let points: Vec<_> = points.iter().map(|(at, value)| [x(*at), y(*value)]).collect();
        let stroke = stroke(names, name);
        svg.line(&points, stroke);
        points.iter().for_each(|point| svg.dot(*point, stroke.colour));
    }
}

/// Returns how the line of a store looks: no two of ours have a colour in common, and no two peers.
fn stroke(names: &[Name], name: &Name) -> Stroke<'static> {
    let alike = names.iter().filter(|other| other.is_peer() == name.is_peer());
    let place = alike.take_while(|other| *other != name).count();
    Stroke { colour: COLOURS[place % COLOURS.len()], width: 2.0, dashes: name.is_peer() }
}

impl Name {
    fn text(&self) -> &str {
        let (Self::Ours(text) | Self::Peer(text)) = self;
        text
    }

    fn is_peer(&self) -> bool {
        matches!(self, Self::Peer(_))
    }
}
