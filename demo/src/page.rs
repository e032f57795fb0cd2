//! What all pages look like. `html!` escapes every value.

use axum::{http::header, response::IntoResponse};
use maud::{DOCTYPE, Markup, html};

/// Returns a whole page.
pub(crate) fn page(title: &str, body: &Markup) -> Markup {
    let body = html! {
        header {
            nav aria-label="Applications" {
                a href="/" { "Login" }
                a href="/count" { "Counter" }
                a href="/form" { "Form" }
                a href="/frames" { "Frames" }
                a href="/slow?ms=2000" { "Slow" }
            }
        }
        main { h1 { (title) } (body) }
    };
    document(title, None, &html! { body { (body) } })
}

/// Returns what is shown in a frame; with `reload`, the browser asks again after that many seconds.
pub(crate) fn frame(title: &str, reload: Option<u32>, body: &Markup) -> Markup {
    document(title, reload, &html! { body.frame { (body) } })
}

/// Answers `/style.css`.
pub(crate) async fn style() -> impl IntoResponse {
    let headers =
        [(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "max-age=3600")];
    (headers, include_str!("style.css"))
}

fn document(title: &str, reload: Option<u32>, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                @if let Some(seconds) = reload { meta http-equiv="refresh" content=(seconds); }
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
