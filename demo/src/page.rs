//! What all pages look like. `html!` escapes every value.

use axum::{http::header, response::IntoResponse};
use maud::{DOCTYPE, Markup, html};

/// Where the browser goes by itself, and when.
#[derive(Debug)]
pub(crate) struct Reload {
    pub(crate) seconds: u32,
    pub(crate) target: String,
}

/// Returns a whole page.
pub(crate) fn page(title: &str, body: &Markup) -> Markup {
    document(title, None, &with_navigation(title, body))
}

/// Returns a whole page that the browser leaves by itself.
pub(crate) fn page_that_reloads(title: &str, reload: &Reload, body: &Markup) -> Markup {
    document(title, Some(reload), &with_navigation(title, body))
}

/// Returns what is shown in a frame.
pub(crate) fn small_page(title: &str, body: &Markup) -> Markup {
    document(title, None, &html! { body.frame { (body) } })
}

/// Returns a field that a form brings along.
pub(crate) fn hidden(name: &str, value: &str) -> Markup {
    html! { input type="hidden" name=(name) value=(value); }
}

/// Answers `/style.css`.
pub(crate) async fn style() -> impl IntoResponse {
    let headers =
        [(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "max-age=3600")];
    (headers, include_str!("style.css"))
}

fn with_navigation(title: &str, body: &Markup) -> Markup {
    html! {
        body {
            header {
                nav aria-label="Applications" {
                    a href="/" { "Login" }
                    a href="/count" { "Counter" }
                    a href="/form" { "Form" }
                    a href="/frames" { "Frames" }
                    a href="/live" { "Live" }
                    a href="/devices" { "Devices" }
                    a href="/slow?ms=2000" { "Slow" }
                }
            }
            main { h1 { (title) } (body) }
        }
    }
}

fn document(title: &str, reload: Option<&Reload>, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                @if let Some(Reload { seconds, target }) = reload {
                    meta http-equiv="refresh" content=(format!("{seconds}; url={target}"));
                }
                title { (title) }
                // A browser asks for /favicon.ico unless it is told that there is none.
                link rel="icon" href="data:,";
                link rel="stylesheet" href="/style.css";
            }
            (body)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_escaped() {
        let hostile = r#"<script>alert('1')</script>" onload="x"#;
        let shown = page(hostile, &html! { a href=(hostile) { (hostile) } }).into_string();
        assert!(!shown.contains("<script") && !shown.contains(r#"" onload="#), "{shown}");
        assert!(shown.contains("&lt;script&gt;"), "{shown}");
    }
}
