//! Shapes of SVG, written by hand: bars, lines and texts are all that is needed, and a library for charts would bring fonts.

use std::fmt::Write;

/// A picture that is being drawn.
pub(super) struct Svg {
    width: f64,
    height: f64,
    body: String,
}

/// How a line looks.
#[derive(Clone, Copy)]
pub(super) struct Stroke<'a> {
    pub(super) colour: &'a str,
    pub(super) width: f64,
    pub(super) dashes: bool,
}

impl<'a> Stroke<'a> {
    pub(super) const fn thin(colour: &'a str) -> Self {
        Self { colour, width: 1.0, dashes: false }
    }
}

impl Svg {
    pub(super) fn new(width: f64, height: f64) -> Self {
        Self { width, height, body: String::new() }
    }

    pub(super) fn bar(&mut self, [x, y, width, height]: [f64; 4], colour: &str) {
        self.add(&format!(
            "<rect x='{x:.1}' y='{y:.1}' width='{width:.1}' height='{height:.1}' fill='{colour}'/>"
        ));
    }

    /// Draws a line through points.
    pub(super) fn line(&mut self, points: &[[f64; 2]], stroke: Stroke<'_>) {
        let Stroke { colour, width, dashes } = stroke;
        let points: Vec<_> = points.iter().map(|[x, y]| format!("{x:.1},{y:.1}")).collect();
        let (points, dashes) = (points.join(" "), if dashes { " stroke-dasharray='5 3'" } else { "" });
        self.add(&format!(
            "<polyline points='{points}' fill='none' stroke='{colour}' stroke-width='{width}'{dashes}/>"
        ));
    }

    pub(super) fn dot(&mut self, [x, y]: [f64; 2], colour: &str) {
        self.add(&format!("<circle cx='{x:.1}' cy='{y:.1}' r='3' fill='{colour}'/>"));
    }

    /// Writes a text that begins, has its middle or ends (`start`, `middle`, `end`) at a point.
    pub(super) fn text(&mut self, [x, y]: [f64; 2], anchor: &str, text: &str) {
        let text = text.replace('&', "&amp;").replace('<', "&lt;");
        self.add(&format!("<text x='{x:.1}' y='{y:.1}' text-anchor='{anchor}'>{text}</text>"));
    }

    fn add(&mut self, shape: &str) {
        self.body.push_str(shape);
        self.body.push('\n');
    }

    pub(super) fn finish(self) -> String {
        let Self { width, height, body } = self;
        let mut svg = String::new();
        let _ = writeln!(
            svg,
            "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width:.0} {height:.0}' width='{width:.0}' height='{height:.0}' \
             font-family='sans-serif' font-size='11' fill='#222'>\n<rect width='100%' height='100%' fill='#fff'/>\n{body}</svg>"
        );
        svg
    }
}
