//! What a visitor comes with, in words for a list of devices.

use axum::http::{HeaderMap, header};

/// Marks of programs; whoever pretends to be several comes before those.
const PROGRAMS: [(&str, &str); 7] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrom", "Chromium"),
    ("CriOS/", "Chromium"),
    ("Safari/", "Safari"),
];

/// Marks of systems; Android says that it is Linux, and an iPhone that it is like a Mac.
const SYSTEMS: [(&str, &str); 7] = [
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
];

/// Returns a label such as `Firefox on Linux` for the program that sent these headers, always one of a few words of ours:
/// the header itself is anybody's text.
pub(crate) fn label(headers: &HeaderMap) -> String {
    let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    let find = |marks: &[(&str, &'static str)]| {
        marks.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name)
    };
    match (find(&PROGRAMS), find(&SYSTEMS)) {
        (Some(program), Some(system)) => format!("{program} on {system}"),
        (Some(program), None) => program.into(),
        (None, Some(system)) => format!("A program on {system}"),
        (None, None) => "A program".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn well_known_browsers_are_recognized_and_others_are_a_program() {
        const CHROME: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";
        const EDGE: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
                            Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0";
        const IPHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like \
                              Gecko) Version/26.0 Mobile/15E148 Safari/604.1";
        const ANDROID: &str = "Mozilla/5.0 (Android 16; Mobile; rv:143.0) Gecko/143.0 Firefox/143.0";
        for (agent, expected) in [
            (CHROME, "Chromium on Linux"),
            (EDGE, "Edge on Windows"),
            (IPHONE, "Safari on iPhone"),
            (ANDROID, "Firefox on Android"),
            ("curl/8.14.1", "A program"),
            ("<script> Linux", "A program on Linux"),
            ("Firefox/1", "Firefox"),
            ("", "A program"),
        ] {
            let headers = HeaderMap::from_iter([(header::USER_AGENT, agent.parse().unwrap())]);
            assert_eq!(label(&headers), expected);
        }
        assert_eq!(label(&HeaderMap::new()), "A program");
    }
}
